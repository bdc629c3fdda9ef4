"""``gongkai status``: what is loaded, by year; what is quarantined, and why.

Belongs here: its printing. Does not belong here: the counting (``warehouse.query``).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.errors import DONE
from pipeline.cli.options import Run, home_option, json_option, require_warehouse
from pipeline.cli.safe_text import one_line
from pipeline.cli.terminal import open_console, print_json, print_rows, styled

if TYPE_CHECKING:
    from rich.console import Console

_WHY_NOT = {
    "refused": "it does not fit its cell",
    "superseded": "a later line is about the same cell",
    "not_loaded": "the file is not loaded",
    "pending": "the year has not been computed since: load again",
}


@click.command("status", short_help="Say what is loaded, stale, quarantined, and why.")
@json_option
@home_option
@click.pass_obj
def command(run: Run, as_json: bool) -> int:
    """Say what is loaded for each report year, what is stale, and which files are quarantined for which reason.

    A year is stale when its rows are not what the stored files and this version of gongkai would give: any load
    computes it again.

    \b
    Example:
      gongkai status
    """
    home = require_warehouse(run)
    from warehouse.fetches import failed_sources
    from warehouse.query import status

    parts = {name: result.dicts() for name, result in status(home).items()}
    parts["sources"] = failed_sources(home).to_dicts()
    if as_json:
        print_json(parts)
        return DONE
    console = open_console()
    _print_years(console, parts["years"])
    _print_files(console, "Quarantined", parts["quarantined"])
    _print_files(console, "Waiting to be read", parts["pending"])
    _print_corrections(console, parts["corrections"])
    _print_sources(console, parts["sources"])
    for load in parts["last_load"]:
        published = f"{load['published_at']:%Y-%m-%d %H:%M} UTC"
        console.print(styled(f"Published as load {load['load_id']} at {published} by gongkai {load['code_version']}"))
    return DONE


def _print_years(console: "Console", years: Sequence[Mapping[str, Any]]) -> None:
    if not years:
        console.print(styled("No report is loaded."))
        return
    names = [name for name in years[0] if name != "stale"]
    headers = [(name.replace("_", " "), name != "year") for name in names]
    rows = [[year[name] for name in names] + [styled("stale" if year["stale"] else "", "yellow")] for year in years]
    print_rows(console, [*headers, ("", False)], rows)


def _print_corrections(console: "Console", corrections: Sequence[Mapping[str, Any]]) -> None:
    if corrections:
        console.print(styled(f"Corrections that are not applied: {len(corrections)}", "bold"))
    for row in corrections:
        where = f"table {row['table_no']}, row {row['row']}, column {row['col']}"
        source = one_line(str(row["source"] or row["file_id"]))
        why = one_line(row["detail"]) if row["detail"] else _WHY_NOT[row["outcome"]]
        console.print(styled(f"  {source}: {where}: {why}", "yellow"))


def _print_sources(console: "Console", sources: Sequence[Mapping[str, Any]]) -> None:
    if sources:
        console.print(styled(f"Sources that did not give all: {len(sources)}", "bold"))
    for source in sources:
        line = f"{source['outcome']}: {source['issuer']} {source['address']}: {source['reason']}"
        console.print(styled(f"  {one_line(line)}", "yellow"))


def _print_files(console: "Console", title: str, files: Sequence[Mapping[str, Any]]) -> None:
    if files:
        console.print(styled(f"{title}: {len(files)}", "bold"))
    for file in files:
        reason = f": {one_line(file['error'])}" if file["error"] else ""
        console.print(styled(f"  {one_line(str(file['source'] or 'unknown source'))}{reason}", "yellow"))
        console.print(styled(f"    {file['file_id']}", "dim"))
