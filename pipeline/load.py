"""One load from beginning to end, through the Dagster assets: what ``gongkai load`` does.

Belongs here: the order of the runs, and what is said of a load afterwards. Does not belong here: what an asset does, or how a
summary is printed. Importing this module is cheap; the functions import Dagster when they run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.home import Home
from warehouse.raw_store import Refused

Progress = Callable[[str, int, int], None]
"""Told what goes on, how much of it is done, and how much there is: ``("reading", 3, 5)``.

The words are, in order: ``waiting`` (another load runs), ``taking in``, ``reading``, ``judging`` (years), ``publishing``.
"""


class LoadFailed(Exception):
    """A load that could not be finished: one line that says which step, why, and what to do. What was published stays."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A content that could not be read: one of the places where it was seen, and the one-line reason."""

    file_id: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class LoadedReport:
    """A report of the files of this load. ``failed`` counts failed checks by severity; ``failed_checks`` by check_id.

    ``attachments`` counts its files besides the main one, pictures too.
    """

    report_id: str
    year: int
    issuer: str | None
    issuer_is_identified: bool
    scope: str
    form: str | None
    title: str | None
    extraction: str
    tables_missing: tuple[str, ...]
    is_current: bool
    file_id: str
    problems: int
    failed: dict[str, int]
    failed_checks: dict[str, int]
    attachments: int = 0


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """What a load did.

    ``files`` are the contents met, ``new_files`` those never seen before; ``refused`` could not be taken in, ``skipped`` are
    hidden files. ``read`` counts contents read in this load (a content is read once per reader version). ``quarantined`` and
    ``reports`` are those of the files met, whenever they were read. ``years`` were computed again. ``rows`` are those of the
    published tables; ``published`` is False where nothing had changed.
    """

    files: int
    new_files: int
    refused: tuple[Refused, ...]
    skipped: tuple[Refused, ...]
    read: int
    quarantined: tuple[Quarantined, ...]
    reports: Sequence[LoadedReport]
    years: tuple[int, ...]
    load_id: int
    rows: dict[str, int]
    published: bool


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """A report judged by itself, as rows of the published tables (``facts`` as the view of that name)."""

    report: dict[str, Any]
    facts: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    check_results: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]
    corrections: list[dict[str, Any]] = field(default_factory=list)


def load_paths(
    home: Home,
    paths: Sequence[Path | str],
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    executor: str | None = None,
    warehouse: str | None = None,
    log_events: bool = False,
) -> LoadSummary:
    """Take files, folders and archives in, read what is new, judge the years it touches, and publish once.

    ``workers`` processes read; ``executor`` (``dask://host:port``) lets a cluster do it instead.
    ``warehouse`` (``ducklake:…``) is published beside the DuckDB file.
    ``log_events`` writes every event of the runs to stderr as JSON, one a line.
    A path given as text is an fsspec address. Without paths only what is stored is brought up to date: after ``forget``, a
    review, or a new version of the code.
    Waits while another load runs. Raises LoadFailed, StorageFailed.
    """
    from pipeline.home_address import remember_address
    from pipeline.home_lock import hold_home
    from pipeline.load_runs import run_load

    tell = progress or _tell_nobody
    with hold_home(home, on_wait=lambda: tell("waiting", 0, 1)):
        remember_address(home)  # Runs are told the folder alone.
        return run_load(home, paths, tell, workers or 0, executor, warehouse, log_events)


def check_file(path: Path, home: Home | None = None) -> tuple[CheckedReport, ...]:
    """Read and judge the reports of one file by themselves, without the warehouse.

    Of ``home`` only the corrections are looked at, if it has any. Raises UnreadableFile with its one line, OSError where the
    file cannot be opened, SchemaMismatch where the corrections do not fit.
    """
    from pipeline.draft import judge_file
    from warehouse.corrections import read_corrections

    corrections = read_corrections(home) if home else []
    return tuple(CheckedReport(**tables) for tables in judge_file(path.read_bytes(), path.name, corrections))


def prepare_instance(home: Home) -> None:
    """Make the home folder's Dagster instance ready for the web UI. Raises OSError, LoadFailed.

    ``dagster.yaml`` is put there unless there is one, and runs that were killed are ended: the queue would wait for them.
    """
    from pipeline.dagster_instance import InstanceUnavailable, open_instance
    from pipeline.dead_runs import end_dead_runs

    try:
        with open_instance(home) as instance:
            end_dead_runs(instance)
    except InstanceUnavailable as error:
        raise LoadFailed(str(error)) from error


def _tell_nobody(_stage: str, _done: int, _total: int) -> None:
    pass
