"""``gongkai correct``: a person gives a cell the number that stands there, where we misread it or could not read it.

Belongs here: which cell is meant, and the line of ``corrections.csv`` that says so. Does not belong here: applying it
(``pipeline.corrections``).
"""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pipeline.cli.errors import DONE, CommandError, UsageError
from pipeline.cli.findings import cell_label
from pipeline.cli.options import Run, home_option, require_writable_home
from pipeline.cli.safe_text import one_line
from pipeline.cli.show_command import Report, find_report
from pipeline.cli.terminal import open_console, plain_number, styled

Fact = Mapping[str, Any]


@click.command("correct", short_help="Give a cell that was misread its value.")
@click.argument("report_id")
@click.argument("cell")
@click.argument("value")
@click.option("--reason", metavar="TEXT", required=True, help="Why: where you read it.")
@click.option("--by", metavar="NAME", required=True, help="Who says so.")
@home_option
@click.pass_obj
def command(run: Run, report_id: str, cell: str, value: str, reason: str, by: str) -> int:
    """Put VALUE in place of what was read in CELL of a report: for a cell that we misread or could not read.

    CELL is table/row/column in codes, as requests/new_received/total; amounts are in yuan. The printed text stays beside the
    value, the cell's status becomes "corrected", and the line stands in corrections.csv of the home folder, where it can be
    taken away again. It holds while the cell reads the same. What a report prints wrongly is no matter for this: the printed
    number stays, and "gongkai anomalies" tells of it.

    \b
    Example:
      gongkai correct 3f0c9a1be27d4455 requests/new_received/total 17 --reason "page 4 of the scan" --by Li
    """
    from warehouse.corrections import number_of

    number = number_of(value.strip())
    if number is None:
        raise UsageError(f"VALUE must be a number as 12 or 12.5, not {value}")
    if not reason.strip() or not by.strip():
        raise UsageError("--reason and --by must not be empty")
    report = find_report(run, report_id)
    fact = find_fact(report, cell)
    if fact["unit"] != "CNY" and number != number.to_integral_value():
        raise UsageError(f"{cell} counts: VALUE must be a whole number, not {value}")
    home = require_writable_home(run)
    line = correction_line(report, fact, value.strip(), reason.strip(), by.strip())
    _append(home.corrections, line)
    from pipeline.catalogue.load import load_catalogue
    from pipeline.edits.labels import printed_names
    from pipeline.load import load_paths

    load_paths(home, [])
    label = cell_label(printed_names(load_catalogue()), fact)
    said = f"{label} ‹{one_line(str(fact['raw_text'] or ''))}› counts as {plain_number(number)}"
    open_console().print(styled(f"{said}: written to {home.corrections}"))
    return DONE


def find_fact(report: Report, cell: str) -> Fact:
    """Return the fact of a report that a cell names. Raises UsageError where there is none, or the document has no such cell."""
    row = report["reports"][0]
    found = [f for f in report["facts"] if cell == f"{f['fact_table']}/{f['row_code']}/{f['column_code']}"]
    if not found:
        tables = sorted({fact["fact_table"] for fact in report["facts"]})
        has = (
            f"it has tables {', '.join(tables)}; cells are named as requests/new_received/total"
            if tables
            else "it has none"
        )
        raise UsageError(f"report {row['report_id']} has no cell {cell}: {has}")
    if found[0]["table_no"] is None:
        raise UsageError(
            f"the document of report {row['report_id']} has no place for {cell}: it is {found[0]['status']}"
        )
    return found[0]


def correction_line(report: Report, fact: Fact, value: str, reason: str, by: str) -> dict[str, str]:
    """Return the line of ``corrections.csv`` that gives a fact its value."""
    place = ("table_no", "row", "col")
    alike = [f for f in report["facts"] if all(f[name] == fact[name] for name in place)]
    codes = f"{fact['fact_table']}/{fact['row_code']}/{fact['column_code']}"
    return {
        "file_id": str(report["reports"][0]["file_id"]),
        **{name: str(fact[name]) for name in place},
        "read_as": str(fact["raw_text"] or ""),
        "value": value,
        "reason": reason,
        "by": by,
        "cell": codes if len(alike) > 1 else "",
    }


def _append(file: Path, line: Mapping[str, str]) -> None:
    """Add a line behind those that stand there, which keep their place and columns. Raises CommandError."""
    from warehouse.corrections import COLUMNS, OPTIONAL
    from warehouse.errors import SchemaMismatch
    from warehouse.home_csv import read_lines

    try:
        standing = [dict(given) for _, given in read_lines(file, COLUMNS, OPTIONAL)]
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, [*COLUMNS, *OPTIONAL], lineterminator="\n")
        writer.writeheader()
        writer.writerows([*standing, line])
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        temporary.write_text(buffer.getvalue(), encoding="utf-8")
        temporary.replace(file)
    except SchemaMismatch as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"the correction could not be written to {file}: {error.strerror}") from error
