"""Render docs/dictionary.md from the declared data: ``python -m pipeline.catalogue.render_docs`` writes it.

Belongs here: how the declared data reads as a page. Does not belong here: any fact about forms, rules or tables.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Axis, Catalogue, Form, PublishedTable, Rule, TableForm

PAGE = Path(__file__).parents[2] / "docs" / "dictionary.md"
INTRODUCTION = """\
# Dictionary

What stands in the published warehouse, which forms the reports use, and which rules they are held against. This page
is written from `pipeline/catalogue/*.yaml` by `make docs`; edit those. The same texts stand in the warehouse itself: as
COMMENT on every table and column, and as the tables `dictionary` and `rules`.
"""


def render_dictionary(catalogue: Catalogue) -> str:
    """Return the page as Markdown: tables and views, forms with their codes and labels, rules, kinds of problems."""
    parts = [INTRODUCTION, "## Tables\n"]
    parts += [_published(table) for table in catalogue.tables.values()]
    parts.append("## Views\n")
    parts += [_published(view) for view in catalogue.views.values()]
    parts.append("## Forms\n")
    parts += [_form(form) for form in catalogue.forms.values()]
    parts.append("## Rules\n")
    parts.append(_rules(catalogue.rules.values()))
    if catalogue.problems:
        parts.append("## Kinds of problems\n")
        kinds = [(_code(kind), meaning) for kind, meaning in catalogue.problems.items()]
        parts.append(_grid(("kind", "meaning"), kinds))
    return "\n".join(parts)


def _published(table: PublishedTable) -> str:
    columns = [
        (_code(column.name), column.type, "yes" if column.nullable else "", column.comment, _code(*column.codes))
        for column in table.columns
    ]
    head = f"### `{table.name}`\n\n{table.comment}. Key: {_code(*table.key)}.\n"
    return f"{head}\n{_grid(('column', 'type', 'NULL', 'meaning', 'codes'), columns)}"


def _form(form: Form) -> str:
    years = f"{form.first_year}–{form.last_year or ''}"
    vary = " Its rows vary from year to year; a row that is not printed gives no fact." if _rows_vary(form) else ""
    head = f"### Form `{form.code}`: {form.name}\n\n{form.source}; report years {years}.{vary}\n"
    return "\n".join([head, *(_table_form(table) for table in form.tables.values())])


def _rows_vary(form: Form) -> bool:
    return any(table.rows_vary for table in form.tables.values())


def _table_form(table: TableForm) -> str:
    head = f"#### `{table.fact_table}`: {table.heading}\n"
    rows = _grid((table.row_axis, "label", "definition", "unit", "columns"), _rows(table))
    columns = _grid((table.column_axis, "label", "definition"), map(_axis, table.columns))
    return f"{head}\n{rows}\n{columns}"


def _rows(table: TableForm) -> Iterator[tuple[str, ...]]:
    every_column = [axis.code for axis in table.columns if not axis.is_group]
    for axis in table.rows:
        columns = [column for row, column in table.cells if row == axis.code]
        told = "" if axis.is_group else "all" if columns == every_column else _code(*columns)
        units = dict.fromkeys(table.cell_unit(axis.code, column) for column in columns)
        yield (*_axis(axis), " ".join(units), told)


def _axis(axis: Axis) -> tuple[str, str, str]:
    code = f"*{axis.code}*" if axis.is_group else f"`{axis.code}`"
    return code, "; ".join(axis.labels), axis.definition if axis.definition != axis.label else ""


def _rules(rules: Iterable[Rule]) -> str:
    header = ("check_id", "severity", "formula", "meaning", "意义", "forms", "source")
    lines = [
        (
            _code(rule.check_id),
            rule.severity,
            rule.formula,
            rule.meaning_en,
            rule.meaning_zh,
            _code(*rule.forms),
            rule.source,
        )
        for rule in rules
    ]
    return _grid(header, lines)


def _code(*names: str) -> str:
    return " ".join(f"`{name}`" for name in names)


def _grid(header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    rows = [header, ("---",) * len(header), *lines]
    return "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(render_dictionary(load_catalogue()), encoding="utf-8")
