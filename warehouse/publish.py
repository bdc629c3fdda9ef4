"""Publication: the lake becomes one DuckDB file, built aside and put in place by an atomic rename.

Belongs here: building, closing, replacing, and what may stand in the way. Does not belong here: what is published
(``warehouse.publication``), its definitions (``warehouse.ddl``).
"""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.home import Home
from warehouse.building import count, insert, opened, require_rows_of_parts
from warehouse.changed_reports import may_be_changed, replace_changed
from warehouse.durable import copy_file, explain, first_line, flush_file, flush_folder
from warehouse.errors import PublicationFailed, StorageFailed
from warehouse.loads import Load, Stamp, changed_findings, read_loads, standing_stamp, write_load, write_stamp
from warehouse.publication import Contents, look_over
from warehouse.schemas import table_schema
from warehouse.whole_build import fill_whole

_BUILDING = ".building-"


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published now: the load's number, rows per table, and whether this call changed anything."""

    load_id: int
    rows: dict[str, int]
    changed: bool


def publish(home: Home, code_version: str, catalogue: Catalogue, *, now: datetime | None = None) -> Publication:
    """Publish the lake as ``home.warehouse``; rewrite nothing where nothing changed.

    ``now`` is the time of publication (UTC). Two publications at once queue. Raises StaleChecks, StaleFacts, TornFacts (the
    year and what to do), PublicationFailed; the published file then is as it was.
    """
    with _explained(home), _one_at_a_time(home):
        contents = look_over(home, code_version, catalogue)
        loads = read_loads(home)
        standing = _standing(home, loads, contents)
        if standing:
            set_stray_wal_aside(home)
            return Publication(standing.load_id, standing.rows, changed=False)
        published_at = (now or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
        load = Load(0, published_at, code_version, catalogue.version, {}, contents.fingerprint)
        with _building_folder(home) as folder:
            file = folder / home.warehouse.name
            built = _build(file, home, contents, loads, load, catalogue)
            load = built.load
            write_load(home, load)
            write_stamp(home, _stamp(built, contents, file))
            _put_in_place(home, file)
    return Publication(load.load_id, load.rows, changed=True)


def set_stray_wal_aside(home: Home) -> Path | None:
    """Move a ``gongkai.duckdb.wal`` away from the published file; return where it is now, None where there was none.

    We never leave one. A stranger's would be replayed into the file by the next reader, or keep it from opening.
    """
    stray = home.warehouse.with_name(home.warehouse.name + ".wal")
    if not stray.exists():
        return None
    number = 1
    while (aside := stray.with_name(f"{stray.name}.set-aside-{number}")).exists():
        number += 1
    return stray.rename(aside)


def _standing(home: Home, loads: list[Load], contents: Contents) -> Load | None:
    """Return the load that stands published where it is these contents, untouched since; None where it must be built."""
    stamp = _untouched(home)
    if stamp is None or stamp.fingerprint != contents.fingerprint:
        return None
    return next((load for load in loads if load.load_id == stamp.load_id), None)


def _untouched(home: Home) -> Stamp | None:
    """Return the stamp of the published file where it is as we left it."""
    stamp = standing_stamp(home)
    return stamp if stamp and home.warehouse.stat().st_mode & 0o777 == 0o444 else None


@dataclass(frozen=True, slots=True)
class _Built:
    """The load that a finished file holds, and what the next publication must know of how it was made (``loads.Stamp``)."""

    load: Load
    moved: int
    whole_size: int
    whole_rows: int


def _stamp(built: _Built, contents: Contents, file: Path) -> Stamp:
    facts = file.stat()
    return Stamp(
        contents.fingerprint,
        built.load.load_id,
        facts.st_size,
        facts.st_mtime_ns,
        code=contents.code,
        parts={table: {year: part.sha256 for year, part in parts.items()} for table, parts in contents.parts.items()},
        frames=contents.frame_hashes,
        rows=sum(built.load.rows.values()),
        whole_size=built.whole_size,
        whole_rows=built.whole_rows,
        moved=built.moved,
    )


def _build(file: Path, home: Home, contents: Contents, loads: list[Load], load: Load, catalogue: Catalogue) -> _Built:
    """Make the file, on a copy of the one that stands where that may be; closed, read-only and flushed."""
    basis = _untouched(home)
    built = None
    if basis and may_be_changed(basis, contents, catalogue):
        # What is wrong with the copy need not be wrong with the lake.
        with contextlib.suppress(duckdb.Error, PublicationFailed):
            built = _build_on(basis, file, home, contents, loads, load, catalogue)
    if built is None:
        for left in (file, file.with_name(file.name + ".wal")):
            left.unlink(missing_ok=True)
        built = _build_whole(file, contents, loads, load, catalogue)
    file.chmod(0o444)
    flush_file(file)
    return built


def _build_on(
    basis: Stamp, file: Path, home: Home, contents: Contents, loads: list[Load], load: Load, catalogue: Catalogue
) -> _Built | None:
    """Make the file from a copy of the one that stands; None where so much differs that it had better be built whole."""
    copy_file(home.warehouse, file)
    with opened(file, catalogue) as con:
        moved = replace_changed(con, basis, contents, catalogue, file.parent)
        if moved is None:
            return None
        con.execute("DELETE FROM loads")
        load = _complete(con, contents, loads, load, catalogue)
    return _Built(load, basis.moved + moved, basis.whole_size, basis.whole_rows)


def _build_whole(file: Path, contents: Contents, loads: list[Load], load: Load, catalogue: Catalogue) -> _Built:
    with opened(file, catalogue) as con:
        fill_whole(con, contents, catalogue, file.parent)
        load = _complete(con, contents, loads, load, catalogue)
    return _Built(load, 0, file.stat().st_size, sum(load.rows.values()))


def _complete(
    con: duckdb.DuckDBPyConnection, contents: Contents, loads: list[Load], load: Load, catalogue: Catalogue
) -> Load:
    """Hold the rows against the lake and write the history of publications; return the load that the file holds."""
    require_rows_of_parts(con, contents)
    findings = changed_findings(con.execute(_FINDINGS).fetchall(), loads)
    rows = {name: count(con, name) for name in catalogue.tables if name != "loads"}
    load = _numbered(replace(load, rows=rows, findings=findings), loads)
    history = [old.row() for old in loads if old.load_id != load.load_id] + [load.row()]
    insert(con, "loads", pl.DataFrame(history, schema=table_schema(catalogue.tables["loads"]), orient="row"))
    return load


_FINDINGS = """
    SELECT year, 'check', check_id, outcome, count(*) AS n FROM check_results GROUP BY ALL
    UNION ALL SELECT year, 'cell', fact_table, status, count(*) FROM facts GROUP BY ALL
    UNION ALL SELECT year, 'report', 'extraction', extraction, count(*) FROM reports GROUP BY ALL
    UNION ALL SELECT year, 'problem', kind, '', count(*) FROM problems GROUP BY ALL
    ORDER BY ALL
"""


def _numbered(load: Load, loads: list[Load]) -> Load:
    """Return the load under its number: that of the last one where it is the same content and only has to be built again."""
    if loads and loads[-1].fingerprint == load.fingerprint:
        return loads[-1]
    number = loads[-1].load_id + 1 if loads else 1
    return replace(load, load_id=number)


def _put_in_place(home: Home, file: Path) -> None:
    """Replace the published file. Readers that have the old one open keep it; whoever opens from now on sees the new one."""
    set_stray_wal_aside(home)
    file.replace(home.warehouse)
    flush_folder(home.root)
    set_stray_wal_aside(home)  # One that came in between would belong to the old file.


@contextlib.contextmanager
def _building_folder(home: Home) -> Iterator[Path]:
    """Give a folder beside the published file, on the same disk; take away what crashed publications left."""
    for left in home.root.glob(f"{_BUILDING}*"):
        shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=home.root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # What stays is taken away by the next publication.


@contextlib.contextmanager
def _one_at_a_time(home: Home) -> Iterator[None]:
    home.root.mkdir(parents=True, exist_ok=True)
    with home.publish_lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Given back by the system when the process ends, however it ends.
        yield


@contextlib.contextmanager
def _explained(home: Home) -> Iterator[None]:
    """Turn what DuckDB and the disk raise into one line."""
    try:
        yield
    except OSError as error:
        raise PublicationFailed(f"{home.warehouse} cannot be published: {explain(error)}") from error
    except (duckdb.Error, StorageFailed, pl.exceptions.PolarsError) as error:
        raise PublicationFailed(f"{home.warehouse} cannot be published: {first_line(error)}") from error
