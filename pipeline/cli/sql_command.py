"""``gongkai sql``: a query on the published warehouse, read-only and shut off from files.

Belongs here: how a result is printed. Does not belong here: what may be asked (``warehouse.query``).
"""

import csv
import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import click

from pipeline.cli.errors import DONE, UsageError
from pipeline.cli.options import (
    Run,
    home_option,
    json_option,
    require_address,
    require_warehouse,
    warehouse_option,
)
from pipeline.cli.safe_text import spreadsheet_text
from pipeline.cli.terminal import open_console, plain_number, print_json, print_rows, styled, tell

# Enough to look at; a person who wants more wants a file.
ROWS_SHOWN = 1000


@click.command("sql", short_help="Ask the warehouse with SQL.")
@click.argument("query")
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print CSV, all rows; text that begins like a formula gets a leading '."
)
@warehouse_option
@json_option
@home_option
@click.pass_obj
def command(run: Run, query: str, as_csv: bool, warehouse: str | None, as_json: bool) -> int:
    """Run QUERY on the published warehouse and print its rows.

    Only queries: nothing is written, no file is read, no extension is loaded. Tables and columns are described by
    "from duckdb_columns()" and by docs/dictionary.md.

    \b
    Example:
      gongkai sql "select issuer, year, new_received from requests_wide order by all" --csv
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other")
    home = run.home if warehouse else require_warehouse(run)
    require_address(home, warehouse)
    from warehouse.query import run_query

    result = run_query(home, query, warehouse)
    names, rows = result.columns, result.rows
    if as_json:
        keys = distinct_names(names)
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    elif as_csv:
        write_csv(names, rows)
    else:
        show_rows(names, rows)
    return DONE


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return the column names, each once: a second ``a`` becomes ``a_1``, so that no column is lost from an object."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        candidate, number = name, 0
        while candidate in taken or (number and candidate in names):
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate)
        distinct.append(candidate)
    return distinct


def write_csv(names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write CSV to stdout: NULL as an empty cell, text that a spreadsheet would run with a leading apostrophe."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([spreadsheet_text(name) for name in names])
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])


def _csv_cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return spreadsheet_text(value)
    return spreadsheet_text(_as_text(value)) if isinstance(value, list | tuple | dict) else _as_text(value)


def show_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as an aligned table, numbers to the right, the first thousand of them."""
    console = open_console()
    headers = [(name, bool(rows) and all(_is_number(row[at]) for row in rows)) for at, name in enumerate(names)]
    print_rows(console, headers, ([_shown_cell(value) for value in row] for row in rows[:ROWS_SHOWN]))
    if len(rows) > ROWS_SHOWN:
        tell(f"the first {ROWS_SHOWN:,} of {len(rows):,} rows are shown; --csv or --json gives all of them")


def _shown_cell(value: object) -> object:
    return styled("NULL", "dim") if value is None else _as_text(value)


def _as_text(value: object) -> str:
    """Return a value as SQL would write it: lists and structs as JSON, true and false in small letters."""
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=lambda v: str(plain_number(v)))
    return str(value).lower() if isinstance(value, bool) else str(plain_number(value))


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))
