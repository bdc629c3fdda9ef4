"""Where two files of one report say different numbers: told cell by cell, as problems and as results of a rule.

Belongs here: comparing readings of one report. Does not belong here: which readings are of one report (``report_files``).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.edits.frames import RESULT_SCHEMA
from pipeline.edits.labels import PrintedNames, cell_name, printed_names
from pipeline.edits.operands import FORMLESS
from pipeline.values import record

FILES_DIFFER, TABLE_ELSEWHERE = "files_differ", "table_elsewhere"
"""Kinds of problem: a cell that two files print differently; a table that only another file of the report has."""
CHECK = "files.same_numbers"
READ = ("reported", "blank", "not_applicable", "reconstructed", "corrected")

DIFFERENCES: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String,
    "year": pl.Int32,
    "file_id": pl.String,
    "fact_table": pl.String,
    "row_code": pl.String,
    "column_code": pl.String,
    "value": pl.Decimal(20, 4),
    "other_value": pl.Decimal(20, 4),
    "raw_text": pl.String,
    "other_text": pl.String,
    "form": pl.String,
    "table_no": pl.Int32,
    "row": pl.Int32,
    "col": pl.Int32,
    "compared": pl.Int32,
}
"""One row per cell that the file ``file_id`` reads otherwise than the main one; one row with codes "" per file and table.

That row tells in ``compared`` how many cells both have read, and NULL where the main file lacks the table."""


@record
class ReadCell:
    """What a reading says of a cell of its form."""

    value: Decimal | None
    status: str
    raw_text: str | None
    form: str | None
    place: tuple[int | None, int | None, int | None]


Cells = dict[tuple[str, str, str], ReadCell]


def cells_by_report(facts: pl.DataFrame, report_ids: set[str]) -> dict[str, Cells]:
    """Return the cells of each of these reports by (fact_table, row_code, column_code)."""
    cells: dict[str, Cells] = {report_id: {} for report_id in report_ids}
    columns = (
        "report_id",
        "fact_table",
        "row_code",
        "column_code",
        "value",
        "status",
        "raw_text",
        "form",
        "table_no",
        "row",
        "col",
    )
    own = facts.filter(pl.col("report_id").is_in(sorted(report_ids))).select(columns)
    for report_id, table, row, column, value, status, text, form, *place in own.iter_rows():
        cells[report_id][table, row, column] = ReadCell(value, status, text, form, (place[0], place[1], place[2]))
    return cells


def have_same_numbers(first: Cells, second: Cells, words: Mapping[str, Any]) -> bool:
    """Tell whether two readings print the same table: nearly all numbers that both have are equal, and some are not 0."""
    both = [(first[key].value, second[key].value) for key in first.keys() & second.keys()]
    both = [(mine, other) for mine, other in both if mine is not None and other is not None]
    same = [mine for mine, other in both if mine == other]
    enough = sum(bool(value) for value in same) >= words["same_numbers_not_zero"]
    return enough and bool(len(same) >= words["same_numbers_share"] * len(both))


def difference_rows(
    groups: Iterable[tuple[str, tuple[str, ...]]], readings: Mapping[str, Mapping[str, Any]], cells: Mapping[str, Cells]
) -> pl.DataFrame:
    """Return what the other files of each report say otherwise than its main one; columns as ``DIFFERENCES``."""
    rows: list[tuple[Any, ...]] = []
    for main, members in groups:
        for other in members:
            if other != main:
                head = (main, readings[main]["year"], readings[other]["file_id"])
                rows += [(*head, *row) for row in _differences(cells[main], cells[other])]
    return pl.DataFrame(rows, schema=DIFFERENCES, orient="row").sort(list(DIFFERENCES)[:6])


def _differences(main: Cells, other: Cells) -> Iterable[tuple[Any, ...]]:
    for table in sorted({key[0] for key in other}):
        mine = {key: cell for key, cell in main.items() if key[0] == table}
        both = [key for key in sorted(mine.keys() & other.keys()) if _read(mine[key]) and _read(other[key])]
        yield (table, "", "", *[None] * 8, len(both) if mine else None)
        for key in both:
            one, two = mine[key], other[key]
            if one.value != two.value:
                yield (*key, one.value, two.value, one.raw_text, two.raw_text, one.form, *one.place, None)


def _read(cell: ReadCell) -> bool:
    return cell.status in READ


def with_difference_problems(problems: pl.DataFrame, differences: pl.DataFrame) -> pl.DataFrame:
    """Return the problems of a year, and behind those of each report what its files do not agree on."""
    if differences.is_empty():
        return problems
    last = dict(problems.group_by("report_id").agg(pl.col("problem_no").max()).iter_rows())
    rows = []
    for row in differences.filter((pl.col("row_code") != "") | pl.col("compared").is_null()).to_dicts():
        number = last[row["report_id"]] = last.get(row["report_id"], 0) + 1
        kind, detail = (
            (FILES_DIFFER, _told(row))
            if row["row_code"]
            else (TABLE_ELSEWHERE, f"{row['fact_table']}: in file {row['file_id']}")
        )
        place = (row["table_no"], row["row"], row["col"])
        rows.append((row["report_id"], row["file_id"], row["year"], number, kind, detail, *place))
    return pl.concat([problems, pl.DataFrame(rows, schema=problems.schema, orient="row")]).sort(
        "report_id", "problem_no"
    )


def _told(row: Mapping[str, Any]) -> str:
    cell = f"{row['fact_table']} {row['row_code']}/{row['column_code']}"
    return f"{cell}: {row['raw_text'] or ''!r} here, {row['other_text'] or ''!r} in file {row['file_id']}"


def judge_files(differences: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the results of the rule that all files of a report print the same numbers; columns as ``RESULT_SCHEMA``.

    One row per report of several read files (subject ``all``, left: cells that differ, right 0; not assessable where no cell
    was read in two) and one per cell that differs (left: the main file's number, right: the other's).
    """
    rule, names = catalogue.rules[CHECK], printed_names(catalogue)
    rows: list[tuple[Any, ...]] = []
    for (report_id, year), own in differences.group_by(["report_id", "year"], maintain_order=True):
        cells = own.filter(pl.col("row_code") != "").unique(
            ["fact_table", "row_code", "column_code"], keep="first", maintain_order=True
        )
        compared = int(own["compared"].sum() or 0)
        outcome = "failed" if cells.height else "passed" if compared else "not_assessable"
        sentence = rule_sentence(catalogue, outcome)
        count = Decimal(cells.height)
        said = [text.format(left=cells.height, compared=compared) for text in sentence] if sentence else [None, None]
        head = (report_id, year, CHECK)
        verdict = "unknown" if cells.height else None
        rows.append((*head, "all", count, Decimal(0), count, outcome, rule.severity, verdict, *said))
        rows += [(*head, *_cell_result(cell, rule.severity, names, catalogue)) for cell in cells.to_dicts()]
    return pl.DataFrame(rows, schema=RESULT_SCHEMA, orient="row")


def rule_sentence(catalogue: Catalogue, outcome: str) -> tuple[str, str] | None:
    """Return the sentences of the rule's outcome for a report as a whole, None where it passed."""
    if outcome == "passed":
        return None
    said = (
        catalogue.messages.failed["files"]
        if outcome == "failed"
        else catalogue.messages.not_assessable["no_second_reading"]
    )
    return (said.zh, said.en)


def _cell_result(cell: Mapping[str, Any], severity: str, names: PrintedNames, catalogue: Catalogue) -> tuple[Any, ...]:
    left, right = cell["value"], cell["other_value"]
    apart = left - right if left is not None and right is not None else None
    said = catalogue.messages.failed["differing_cell"]
    shown = {
        "cell": cell_name(names, cell["fact_table"], cell["form"] or FORMLESS, (cell["row_code"], cell["column_code"])),
        "left": cell["raw_text"] or "",
        "right": cell["other_text"] or "",
        "file": cell["file_id"][:12],
    }
    subject = f"{cell['row_code']}/{cell['column_code']}"
    messages = (said.zh.format(**shown), said.en.format(**shown))
    return (subject, left, right, apart, "failed", severity, "unknown", *messages)
