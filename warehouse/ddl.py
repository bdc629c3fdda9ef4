"""The published file's definitions, as SQL: from the declared tables, ``views/*.sql`` and ``derived/*.sql`` beside this module.

Belongs here: CREATE TABLE, CREATE VIEW, COMMENT ON, and how derived tables are filled. Does not belong here: rows, files.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from string import Template

from pipeline.catalogue.model import Catalogue, PublishedTable
from warehouse.terms import least_sample

WANTED, BESIDE = "wanted_reports", "reports_beside"
"""Temporary tables, report_id alone: reports whose derived rows are made, and those with the same body's of the year before."""

_VIEWS = Path(__file__).parent / "views"
_DERIVED = Path(__file__).parent / "derived"


def definitions(catalogue: Catalogue) -> list[str]:
    """Return the statements that make an empty warehouse: tables, then views, each with the COMMENTs of all its columns."""
    return [statement for part in (_tables(catalogue), _views(catalogue)) for statement in part]


def derivations(catalogue: Catalogue, *, of_wanted: bool = False) -> dict[str, str]:
    """Return the statement that fills each table of layer ``derived`` from the others, in declared order.

    ``of_wanted``: only the rows of the reports in ``WANTED``, for which nothing is looked at but the reports in ``BESIDE``. A
    row of a derived table is a function of its own report and of those of the same body the year before.
    """
    derived = [table.name for table in catalogue.tables.values() if table.layer == "derived"]
    return {
        name: f"INSERT INTO {quoted(name)} BY NAME {_filled(_DERIVED / f'{name}.sql', catalogue, of_wanted)}"
        for name in derived
    }


def definitions_fingerprint(catalogue: Catalogue) -> str:
    """Return a hash of all definitions and derivations."""
    return hashlib.sha256("\n".join([*definitions(catalogue), *derivations(catalogue).values()]).encode()).hexdigest()


def quoted(name: str) -> str:
    """Return a declared name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _tables(catalogue: Catalogue) -> Iterator[str]:
    for table in catalogue.tables.values():
        columns = (f"{quoted(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in table.columns)
        yield f"CREATE TABLE {quoted(table.name)} ({', '.join(columns)})"
        yield from _comments("TABLE", table)


def _views(catalogue: Catalogue) -> Iterator[str]:
    for view in catalogue.views.values():
        yield f"CREATE VIEW {quoted(view.name)} AS {_filled(_VIEWS / f'{view.name}.sql', catalogue)}"
        yield from _comments("VIEW", view)


def _comments(kind: str, table: PublishedTable) -> Iterator[str]:
    grain = f"{table.comment}. One row per {table.grain}." if table.grain else table.comment
    yield f"COMMENT ON {kind} {quoted(table.name)} IS {literal(grain)}"
    for column in table.columns:
        yield f"COMMENT ON COLUMN {quoted(table.name)}.{quoted(column.name)} IS {literal(column.comment)}"


def _filled(file: Path, catalogue: Catalogue, of_wanted: bool = False) -> str:
    """Return the SQL of a file with what the declared data says put in."""
    items = _request_items(catalogue)
    values = {
        "items": ", ".join(f"t.{quoted(item)}" for item in items),
        "total_by_item": ",\n       ".join(
            f"max(value) FILTER (item = {literal(item)}) AS {quoted(item)}" for item in items
        ),
        "least_sample": str(least_sample()),
        "wanted": f"report_id IN (FROM {WANTED})" if of_wanted else "true",
        "beside": f"report_id IN (FROM {BESIDE})" if of_wanted else "true",
    }
    return Template(file.read_text(encoding="utf-8")).substitute(values)


def _request_items(catalogue: Catalogue) -> list[str]:
    """Return every item of section 三 over all forms: the columns that the catalogue adds to ``request_totals``."""
    codes = dict.fromkeys(
        row.code for form in catalogue.table_forms("requests") for row in form.rows if not row.is_group
    )
    return list(codes)
