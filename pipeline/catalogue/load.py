"""Load the declared data from the YAML files of this folder, and refuse what does not hang together."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.catalogue.model import (
    Axis,
    BlockSpec,
    Catalogue,
    CatalogueError,
    CellWords,
    CheckMessages,
    Form,
    PublishedColumn,
    PublishedTable,
    Rule,
    Sentence,
    Subject,
    TableForm,
)

FOLDER = Path(__file__).parent
FACT_TABLES = ("requests", "proactive", "disputes", "statistics")


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Return the declared data of a folder.

    Raises CatalogueError: a code twice, an unknown parent, a rule over a code or role that its form does not have.
    """
    files = sorted((*folder.rglob("*.yaml"), *folder.rglob("*.csv")))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    forms = {
        form.code: form for form in (_form(_read(file), file.name) for file in files if file.parent.name == "forms")
    }
    forms = dict(sorted(forms.items(), key=lambda item: (item[1].first_year, item[0])))
    rules = {rule.check_id: rule for rule in map(_rule, _read(folder / "rules.yaml")["rules"])}
    for rule in rules.values():
        _check_rule(rule, forms)
    units = _read(folder / "units.yaml")
    tables_file = folder / "tables.yaml"
    published = _read(tables_file) if tables_file.exists() else {"tables": {}, "views": {}}
    tables = _tables(published, forms)
    problems_file = folder / "problems.yaml"
    return Catalogue(
        forms=forms,
        rules=rules,
        tables=tables,
        views=_views(published, forms, tables),
        limits=_read(folder / "limits.yaml") if (folder / "limits.yaml").exists() else {},
        money_units={str(unit): int(factor) for unit, factor in units["money"].items()},
        counters=tuple(units["counters"]),
        messages=_messages(_read(folder / "messages.yaml"), rules.values()),
        version=digest.hexdigest()[:12],
        cell_words=_cell_words(_read(folder / "cells.yaml")),
        problems=_read(problems_file)["problems"] if problems_file.exists() else {},
    )


def _cell_words(data: dict[str, Any]) -> CellWords:
    try:
        junk = re.compile("|".join(data["junk"]), re.DOTALL)
    except re.error as error:
        raise CatalogueError(f"cells.yaml: junk: {error}") from error
    return CellWords(
        zero=tuple(data["zero"]),
        not_applicable=tuple(data["not_applicable"]),
        plus=tuple(data["plus"]),
        minus=tuple(data["minus"]),
        money_marks=dict(data["money_marks"]),
        junk=junk,
        dash_like_numerals=tuple(data["dash_like_numerals"]),
        most_digits=int(data["most_digits"]),
    )


def operand_codes(rule: Rule, side: Iterable[str], table: TableForm) -> tuple[str, ...]:
    """Return the codes that one side of a rule sums over in one form; ``role:x`` becomes every code with that role."""
    across: Subject = "row" if rule.subject == "column" else "column"
    codes: list[str] = []
    for operand in side:
        codes += table.codes(across, operand[5:]) if operand.startswith("role:") else [operand]
    return tuple(codes)


def _read(file: Path) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file.name} is not valid YAML: {error}") from error


def _form(data: dict[str, Any], name: str) -> Form:
    tables = {}
    for fact_table, table in data["tables"].items():
        if fact_table not in FACT_TABLES:
            raise CatalogueError(f"{name}: unknown fact table {fact_table}")
        tables[fact_table] = _table_form(data, fact_table, table, name)
    return Form(str(data["form"]), data["name"], data["source"], data["first_year"], data["last_year"], tables)


def _table_form(form: dict[str, Any], fact_table: Any, table: dict[str, Any], name: str) -> TableForm:
    rows = _axes(table["rows"], f"{name} {fact_table} rows")
    columns = _axes(table["columns"], f"{name} {fact_table} columns")
    blocks = tuple(BlockSpec(b["title"], tuple(b["columns"]), tuple(b["rows"])) for b in table.get("blocks", ()))
    row_codes = [axis.code for axis in rows if not axis.is_group]
    column_codes = [axis.code for axis in columns if not axis.is_group]
    if blocks:
        cells = tuple((row, column) for block in blocks for row in block.rows for column in block.columns)
        unknown = {row for row, _ in cells} - set(row_codes) | {column for _, column in cells} - set(column_codes)
        if unknown:
            raise CatalogueError(f"{name} {fact_table}: blocks name unknown codes {sorted(unknown)}")
    else:
        cells = tuple((row, column) for row in row_codes for column in column_codes)
    return TableForm(
        form=str(form["form"]),
        fact_table=fact_table,
        heading=table["heading"],
        row_axis=table["row_axis"],
        column_axis=table["column_axis"],
        rows=rows,
        columns=columns,
        blocks=blocks,
        furniture=tuple(table.get("furniture", ())),
        layout=table.get("layout", "rows"),
        rows_vary=bool(form.get("rows_vary", False)),
        cells=cells,
        unit=table.get("unit"),
    )


def _axes(entries: list[dict[str, Any]], where: str) -> tuple[Axis, ...]:
    axes = []
    seen: set[str] = set()
    for position, entry in enumerate(entries, start=1):
        code = entry.get("code") or entry["group"]
        if code in seen:
            raise CatalogueError(f"{where}: {code} stands twice")
        parent = entry.get("parent")
        if parent is not None and parent not in seen:
            raise CatalogueError(f"{where}: {code} has the unknown parent {parent}")
        seen.add(code)
        axes.append(
            Axis(
                code=code,
                label=entry["label"],
                variants=tuple(entry.get("variants", ())),
                position=position,
                is_group="group" in entry,
                parent=parent,
                role=entry.get("role"),
                unit=entry.get("unit"),
                printed_unit=entry.get("printed_unit"),
                signed=bool(entry.get("signed", False)),
                definition=entry.get("definition", entry["label"]),
            )
        )
    return tuple(axes)


def _operand(entry: Any) -> str:
    return f"role:{entry['role']}" if isinstance(entry, dict) else str(entry)


def _rule(entry: dict[str, Any]) -> Rule:
    low, high = entry.get("low"), entry.get("high")
    return Rule(
        check_id=entry["check_id"],
        kind=entry["kind"],
        severity=entry["severity"],
        formula=entry["formula"],
        meaning_zh=entry["meaning_zh"],
        meaning_en=entry["meaning_en"],
        source=entry["source"],
        forms=tuple(str(form) for form in entry.get("forms", ())),
        fact_table=entry.get("fact_table"),
        subject=entry.get("subject"),
        relation=entry.get("relation", "="),
        left=tuple(map(_operand, entry.get("left", ()))),
        right=tuple(map(_operand, entry.get("right", ()))),
        low=_operand(low["max"]) if low else None,
        middle=entry.get("middle"),
        high=_operand(high["sum"]) if high else None,
        pairs=tuple((part, whole) for part, whole in entry.get("pairs", ())),
    )


def _check_rule(rule: Rule, forms: dict[str, Form]) -> None:
    """Refuse a rule that would silently check nothing: an unknown form or code, a side that is empty in every form."""
    if rule.kind not in ("linear", "bound", "subset", "cell"):
        return
    bound_somewhere = False
    for code in rule.forms:
        table = forms[code].tables.get(str(rule.fact_table)) if code in forms else None
        if table is None:
            raise CatalogueError(f"{rule.check_id}: form {code} has no table {rule.fact_table}")
        known = {axis.code for axis in (*table.rows, *table.columns) if not axis.is_group}
        named = [c for c in (*rule.left, *rule.right, rule.middle or "") if c and not c.startswith("role:")]
        missing = [c for c in named if c not in known]
        pairs = [pair for pair in rule.pairs if set(pair) <= known]
        if missing and not table.rows_vary:
            raise CatalogueError(f"{rule.check_id}: form {code} has no {', '.join(missing)}")
        if rule.kind == "linear":
            sides = [operand_codes(rule, side, table) for side in (rule.left, rule.right) if side]
            bound_somewhere |= bool(sides) and all(sides)
        elif rule.kind == "bound":
            bound_somewhere |= bool(operand_codes(rule, (rule.low or "", rule.high or ""), table))
        else:
            bound_somewhere |= bool(pairs) or rule.kind == "cell"
    if not bound_somewhere:
        raise CatalogueError(f"{rule.check_id}: its operand set is empty in every form that it names")


def _messages(data: dict[str, Any], rules: Iterable[Rule]) -> CheckMessages:
    """Load the sentences; refuse a rule over facts that would fail without one."""
    parts = ("failed", "not_assessable")
    failed, causes = ({key: Sentence(**text) for key, text in data[part].items()} for part in parts)
    for rule in rules:
        if rule.fact_table and rule.check_id not in failed and rule.kind not in failed:
            raise CatalogueError(
                f"messages.yaml has no sentence for {rule.check_id}, nor for rules of {rule.kind} kind"
            )
    return CheckMessages(tuple(data["need_their_heading"]), failed, causes)


def _tables(data: dict[str, Any], forms: dict[str, Form]) -> dict[str, PublishedTable]:
    return {
        name: _with_items(_table(name, entry, entry["layer"]), entry, forms) for name, entry in data["tables"].items()
    }


def _views(
    data: dict[str, Any], forms: dict[str, Form], tables: dict[str, PublishedTable]
) -> dict[str, PublishedTable]:
    """Return the declared views; ``columns_of`` begins with the columns of a table."""
    views = {}
    for name, entry in data["views"].items():
        inherited = tables[entry["columns_of"]].columns if "columns_of" in entry else ()
        views[name] = _with_items(_table(name, entry, "view", inherited), entry, forms)
    return views


def _with_items(table: PublishedTable, entry: dict[str, Any], forms: dict[str, Form]) -> PublishedTable:
    """Add a column per row code of the fact table that ``each_item_of`` names, forms in order."""
    of = entry.get("each_item_of")
    items: dict[str, Axis] = {}
    for form in forms.values():
        for row in form.tables[of].rows if of in form.tables else ():
            if not row.is_group:
                items.setdefault(row.code, row)
    added = tuple(PublishedColumn(row.code, "BIGINT", True, row.label) for row in items.values())
    return replace(table, columns=table.columns + added)


def _table(name: str, entry: dict[str, Any], layer: str, inherited: tuple[PublishedColumn, ...] = ()) -> PublishedTable:
    columns = inherited + tuple(
        PublishedColumn(
            name=column["name"],
            type=column["type"],
            nullable=bool(column.get("nullable", False)),
            comment=column["comment"],
            codes=tuple(map(str, column.get("codes", ()))),
        )
        for column in entry.get("columns", ())
    )
    names = [column.name for column in columns]
    if len(set(names)) < len(names) or not set(entry["key"]) <= set(names):
        raise CatalogueError(f"tables.yaml: {name} has a column twice, or a key that is no column")
    partitioned = bool(entry.get("partitioned", False))
    return PublishedTable(name, entry["grain"], entry["comment"], tuple(entry["key"]), columns, partitioned, layer)
