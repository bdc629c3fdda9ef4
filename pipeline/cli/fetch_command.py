"""``gongkai fetch``: ask the web for what the table of sources names, and load what came.

Belongs here: what is checked before any work, and the summary. Does not belong here: fetching (``pipeline.fetching``).
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import DONE, SOME_UNREAD, UsageError
from pipeline.cli.load_command import shown_progress
from pipeline.cli.options import Run, home_option, json_option, require_writable_home
from pipeline.cli.safe_text import one_line
from pipeline.cli.terminal import open_console, print_json, styled

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.fetch_runs import FetchedSources

_LINES_SHOWN = 20


@click.command("fetch", short_help="Fetch the sources of sources.csv, and load what came.")
@click.option(
    "--sources", metavar="FILE", help="Table of sources, CSV or Parquet; otherwise sources.csv in the home folder."
)
@click.option(
    "--year",
    type=click.IntRange(2003, 9999),
    metavar="Y",
    help="Only sources of this report year, or of none.",
)
@click.option("--all", "ask_all", is_flag=True, help="Also ask for what was fetched in the last hours.")
@click.option("--no-load", is_flag=True, help="Only fetch; the next load reads what came.")
@click.option("--allow-private", is_flag=True, help="Also ask addresses of this machine and of private networks.")
@click.option(
    "--proxy", metavar="URL", default="", help="Ask through this proxy; those of the environment are not used."
)
@json_option
@home_option
@click.pass_obj
def command(
    run: Run,
    sources: str | None,
    year: int | None,
    ask_all: bool,
    no_load: bool,
    allow_private: bool,
    proxy: str,
    as_json: bool,
) -> int:
    """Fetch the pages, attachments and folders that the table of sources names, politely, and load what is new.

    What a site has not changed is not sent again; a fetch that broke off goes on where it was. Its columns: issuer,
    region, year, address (docs/fetching.md). A source that gives nothing does not stop the others (exit code 3).

    \b
    Example:
      gongkai fetch --year 2025
    """
    from pipeline.fetch.sources import UnusableTable
    from pipeline.fetch_runs import fetch_and_load
    from pipeline.fetching import FetchOrder, sources_of

    order = FetchOrder(Path(sources) if sources else None, year, allow_private, ask_all, proxy)
    try:
        chosen, unusable = sources_of(run.home, order)
    except UnusableTable as error:
        raise UsageError(str(error)) from error
    if not chosen and unusable:
        raise UsageError(f"no row of the table of sources can be used; the first: {unusable[0]}")
    home = require_writable_home(run)
    with shown_progress(run) as progress:
        done = fetch_and_load(home, order, progress, load=not no_load)
    if as_json:
        print_json({"home": str(home.root), **asdict(done)})
    else:
        _print(open_console(), done, run)
    unread = done.load is not None and bool(done.load.quarantined or done.load.refused)
    return SOME_UNREAD if done.failed or done.unusable_rows or unread else DONE


def _print(console: "Console", done: "FetchedSources", run: Run) -> None:
    said = ", ".join(f"{count} {name}" for name, count in sorted(done.outcomes.items()) if count)
    fresh = f"; {done.left_out_as_fresh} fetched just now and not asked again" if done.left_out_as_fresh else ""
    console.print(styled(f"{done.sources} sources: {said or 'nothing asked'}{fresh}", "bold"))
    for line in done.unusable_rows[:_LINES_SHOWN]:
        console.print(styled(f"  not used: {one_line(line)}", "yellow"))
    for row in done.failed[:_LINES_SHOWN]:
        console.print(
            styled(f"  {row['outcome']}: {one_line(str(row['address']))}: {one_line(str(row['reason']))}", "yellow")
        )
    more = len(done.failed) - _LINES_SHOWN
    if more > 0:
        console.print(styled(f"  and {more} more: gongkai status tells them", "yellow"))
    if done.load is not None:
        console.print(
            styled(f"{done.new_files} new files loaded into {run.home_folder}; `{run.hint('status')}` says more")
        )
    else:
        console.print(styled(f"{done.new_files} new files are stored; `{run.hint('fetch')}` or any load reads them"))
