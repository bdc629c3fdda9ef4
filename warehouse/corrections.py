"""The corrections of the home folder: declared data of people, and what became of each line in the facts.

Belongs here: ``corrections.csv`` → values, rows of the published table. Does not belong here: applying them
(``pipeline.corrections``).
"""

from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.corrections import CORRECTED, REFUSED, Correction
from pipeline.home import Home
from warehouse.errors import SchemaMismatch
from warehouse.extracted_rows import is_storable
from warehouse.home_csv import read_lines
from warehouse.lake import scan_part
from warehouse.raw_store import FILE_ID
from warehouse.schemas import conform, table_schema
from warehouse.years import facts_years, part_path

COLUMNS = ("file_id", "table_no", "row", "col", "read_as", "value", "reason", "by")
OPTIONAL = ("cell",)

Row = dict[str, Any]


def read_corrections(home: Home) -> list[Correction]:
    """Return the corrections in the order in which they stand; no file, no corrections. Of the same cell the last line holds.

    Raises SchemaMismatch with the line that does not fit.
    """
    found: dict[tuple[object, ...], Correction] = {}
    for where, line in read_lines(home.corrections, COLUMNS, OPTIONAL):
        correction = _correction(line, where)
        key = (correction.file_id, *correction.place, correction.cell)
        found.pop(key, None)
        found[key] = correction
    return list(found.values())


def _correction(line: dict[str, str], where: str) -> Correction:
    text = {name: cell.strip() for name, cell in line.items()}
    if not FILE_ID.fullmatch(text["file_id"]):
        raise SchemaMismatch(f"{where}: file_id must be the 64 digits of a file, as the table files has them")
    for name in ("table_no", "row", "col"):
        if not (text[name].isascii() and text[name].isdigit() and 0 < int(text[name]) < 1 << 31):
            raise SchemaMismatch(f"{where}: {name} must be a whole number from 1, not {text[name] or 'empty'}")
    for name in ("reason", "by"):
        if not text[name]:
            raise SchemaMismatch(f"{where}: {name} must not be empty")
    value = number_of(text["value"])
    if value is None:
        raise SchemaMismatch(f"{where}: value must be a number as 12 or 12.5, not {text['value'] or 'empty'}")
    table_no, row, col = (int(text[name]) for name in ("table_no", "row", "col"))
    rest = (line["read_as"], value, text["reason"], text["by"], text["cell"])
    return Correction(text["file_id"], table_no, row, col, *rest)


def number_of(text: str) -> Decimal | None:
    """Return a number as a person gives it, None where it is none or has more digits than are kept."""
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() and is_storable(value) else None


def published_corrections(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Return the rows of ``corrections``: every line of the file, and what became of it in the facts that stand.

    Raises SchemaMismatch, TornFacts.
    """
    table = catalogue.tables["corrections"]
    corrections = read_corrections(home)
    files = {correction.file_id for correction in corrections}
    facts, problems, loaded = _standing(home, files, catalogue) if files else ({}, {}, set())
    rows = []
    for number, correction in enumerate(corrections):
        values = [row for row in facts.get((correction.file_id, *correction.place), []) if _is_cell(correction, row)]
        why = next(
            (d for d in problems.get((correction.file_id, *correction.place), []) if _names(d, correction)), None
        )
        if any(row["value"] == correction.value for row in values):
            outcome = "applied"
        elif why is not None:
            outcome = "refused"
        elif correction.file_id not in loaded:
            outcome = "not_loaded"
        else:
            later = corrections[number + 1 :]
            outcome = "superseded" if any(_same_place(correction, other) for other in later) else "pending"
        given = {name: getattr(correction, name) for name in (*COLUMNS, *OPTIONAL)}
        rows.append({**given, "outcome": outcome, "detail": why})
    schema = table_schema(table)
    return conform(pl.DataFrame([[row[name] for name in schema] for row in rows], schema=schema, orient="row"), table)


def _names(detail: str, correction: Correction) -> bool:
    return detail.startswith(f"the correction to {correction.value} by {correction.by} ")


def _is_cell(correction: Correction, fact: Row) -> bool:
    return correction.cell in ("", f"{fact['fact_table']}/{fact['row_code']}/{fact['column_code']}")


def _same_place(one: Correction, other: Correction) -> bool:
    return (one.file_id, one.place) == (other.file_id, other.place)


def _standing(
    home: Home, files: set[str], catalogue: Catalogue
) -> tuple[dict[Any, list[Row]], dict[Any, list[str]], set[str]]:
    """Return, of some files, the corrected facts and the refusals by place, and which of the files have reports."""
    facts: dict[Any, list[Row]] = {}
    problems: dict[Any, list[str]] = {}
    loaded: set[str] = set()
    for year in facts_years(home):
        reports = _scan(home, "report_files", year).filter(pl.col("file_id").is_in(files))
        reports = reports.select("report_id", "file_id").collect().lazy()
        loaded.update(reports.collect()["file_id"])
        for table in sorted({name for form in catalogue.forms.values() for name in form.tables}):
            form = catalogue.table_forms(table)[0]
            corrected = _scan(home, table, year).filter(pl.col("status") == CORRECTED).join(reports, on="report_id")
            corrected = corrected.rename({form.row_axis: "row_code", form.column_axis: "column_code"})
            for row in corrected.with_columns(fact_table=pl.lit(table)).collect().to_dicts():
                facts.setdefault((row["file_id"], row["table_no"], row["row"], row["col"]), []).append(row)
        refused = _scan(home, "problems", year).filter(pl.col("kind") == REFUSED).join(reports, on="report_id")
        for row in refused.collect().to_dicts():
            problems.setdefault((row["file_id"], row["table_no"], row["row"], row["col"]), []).append(row["detail"])
    return facts, problems, loaded


def _scan(home: Home, table: str, year: int) -> pl.LazyFrame:
    return scan_part(part_path(home, table, year))
