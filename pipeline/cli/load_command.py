"""``gongkai load``: take files in and publish, through the Dagster assets.

Belongs here: what is checked before any work, and progress. Does not belong here: the load (``pipeline.load``), the
summary (``load_summary``).
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import DONE, SOME_UNREAD, UsageError
from pipeline.cli.options import (
    Run,
    home_option,
    json_option,
    lake_option,
    require_address,
    require_writable_home,
    warehouse_option,
)
from pipeline.cli.terminal import fields_of, open_console, print_json, tell

if TYPE_CHECKING:
    from pipeline.load import Progress


@click.command("load", short_help="Take reports in: files, folders, .zip.")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--backfill", is_flag=True, help="Take nothing in: bring every stored year up to date, and publish once.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Reading processes; otherwise one per core.")
@click.option(
    "--executor", metavar="WHERE", envvar="GONGKAI_EXECUTOR", help="local, or dask://HOST:PORT for a cluster."
)
@warehouse_option
@click.option(
    "--log-json", is_flag=True, envvar="GONGKAI_LOG_JSON", help="Log every event to stderr as JSON, one a line."
)
@json_option
@lake_option
@home_option
@click.pass_obj
def command(
    run: Run,
    paths: tuple[str, ...],
    backfill: bool,
    workers: int | None,
    executor: str | None,
    warehouse: str | None,
    log_json: bool,
    as_json: bool,
) -> int:
    """Take in reports of any year: files, folders with all that lies below them, .zip archives; judge and publish them.

    A load adds to what is loaded; the same file is read once however often it is given. What cannot be read is
    quarantined with its reason while the others load (exit code 3).

    \b
    Example:
      gongkai load reports/2019 more.zip 靖远县.docx
      gongkai load s3://bucket/2019
    """
    if executor:
        _require_place(executor)
    if backfill == bool(paths):
        raise UsageError("give files or folders to load, or --backfill alone for all that is stored")
    checked = require_loadable(paths)
    if run.home_folder.resolve() in [path.resolve() for path in checked if isinstance(path, Path) and path.is_dir()]:
        raise UsageError(f"{run.home_folder} is the home folder itself, not a folder of reports")
    home = require_writable_home(run)
    require_address(home, warehouse)
    from pipeline.cli.load_summary import print_summary
    from pipeline.load import load_paths

    with shown_progress(run) as progress:
        summary = load_paths(
            home,
            checked,
            progress=progress,
            workers=workers,
            executor=executor,
            warehouse=warehouse,
            log_events=log_json,
        )
    if as_json:
        print_json({"home": str(home.root), **fields_of(summary)})
    else:
        print_summary(open_console(), summary, run)
    return SOME_UNREAD if summary.quarantined or summary.refused else DONE


def _require_place(executor: str) -> None:
    from pipeline.reading_place import UnknownPlace, require_place

    try:
        require_place(executor)
    except UnknownPlace as error:
        raise UsageError(f"--executor: {error}") from error


def require_loadable(paths: Sequence[str]) -> list[Path | str]:
    """Return the paths after making sure that each is a file, or a folder that holds one; fsspec addresses stay text.

    Raises UsageError that names the first that is not.
    """
    checked: list[Path | str] = []
    for given in paths:
        if "://" in given or "::" in given:
            checked.append(_require_address_of_files(given))
            continue
        path = Path(given)
        try:
            kind = "folder" if path.is_dir() else "file" if path.is_file() else "other" if path.exists() else None
        except OSError as error:
            raise UsageError(f"{given} cannot be reached: {error.strerror}") from error
        if kind is None:
            raise UsageError(
                f"{given} is a link that leads nowhere" if path.is_symlink() else f"{given} does not exist"
            )
        if kind == "other":
            raise UsageError(f"{given} is neither a file nor a folder")
        if kind == "folder" and not _holds_a_file(path):
            raise UsageError(f"{given} is an empty folder: there is no file in it or below it")
        checked.append(path)
    return checked


def _require_address_of_files(given: str) -> str:
    """Return an fsspec address after making sure that there is a file at it."""
    if given.lower().startswith(("http://", "https://")):
        raise UsageError(f"{given} is a web address: write it into sources.csv and run gongkai fetch")
    from warehouse.remote_files import RemoteFailed, remote_files

    try:
        next(iter(remote_files(given)))
    except RemoteFailed as error:
        raise UsageError(f"{given}: {error}") from error
    return given


def _holds_a_file(folder: Path) -> bool:
    """Return whether there is a file that a load would take: it passes over hidden ones and linked folders."""

    def refuse(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise UsageError(f"the folder {folder} cannot be listed: {error.strerror}") from error

    for _, subfolders, names in os.walk(folder, onerror=refuse):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        if any(not name.startswith((".", "~$")) for name in names):
            return True
    return False


@contextlib.contextmanager
def shown_progress(run: Run) -> Iterator["Progress"]:
    """Give somebody to tell the progress of a load to: a bar on stderr where that is a terminal.

    That another load runs, and this one waits for it, is told in one line everywhere.
    """

    def tell_waiting(stage: str) -> None:
        if stage == "waiting":
            tell(f"{run.command}: another load runs on {run.home_folder}; this one waits for it to end")

    if not sys.stderr.isatty():
        yield lambda stage, _done, _total: tell_waiting(stage)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    words = TextColumn("{task.description}")
    columns = (SpinnerColumn(), words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=open_console(stderr=True), transient=True) as bar:
        tasks = {}

        def show(stage: str, done: int, total: int) -> None:
            tell_waiting(stage)
            if stage not in tasks:
                for earlier in bar.tasks:
                    if earlier.total is None:  # Nobody knew its end beforehand; now it has reached it.
                        bar.update(earlier.id, total=max(earlier.completed, 1), completed=max(earlier.completed, 1))
                tasks[stage] = bar.add_task(stage, total=total or None)
            bar.update(tasks[stage], completed=done, total=total or None)

        yield show
