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
from warehouse.ddl import definitions, derivations, quoted
from warehouse.durable import explain, first_line, flush_file, flush_folder, local_copy
from warehouse.errors import PublicationFailed, StorageFailed
from warehouse.loads import Load, changed_findings, read_loads, standing_stamp, write_load, write_stamp
from warehouse.publication import Contents, look_over
from warehouse.schemas import table_schema

STORAGE_VERSION = "v1.4.0"
"""The file opens in DuckDB 1.4 and newer. Its WAL names the file that it belongs to, older storage versions' does not."""

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
            load = _build(file, contents, loads, load, catalogue)
            write_load(home, load)
            write_stamp(home, contents.fingerprint, load.load_id, file)
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
    stamp = standing_stamp(home)
    if stamp is None or stamp.fingerprint != contents.fingerprint or home.warehouse.stat().st_mode & 0o777 != 0o444:
        return None
    return next((load for load in loads if load.load_id == stamp.load_id), None)


def _build(file: Path, contents: Contents, loads: list[Load], load: Load, catalogue: Catalogue) -> Load:
    """Make the file: definitions, rows in order, history; closed and flushed. Return the load that it holds."""
    with contextlib.closing(
        duckdb.connect(str(file), config={"storage_compatibility_version": STORAGE_VERSION})
    ) as con:
        _define(con, catalogue)
        for table in catalogue.tables:
            for part in contents.parts.get(table, ()):
                # A part was sorted when it was written, and rows are stored in the order in which they are read.
                with local_copy(part, file.parent) as local:
                    con.execute(
                        f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM read_parquet(?, hive_partitioning = false)",
                        [str(local)],
                    )
            if table in contents.frames:
                _insert(con, table, contents.frames[table])
        for statement in derivations(catalogue):
            con.execute(statement)
        counted = [name for name in catalogue.tables if name != "loads"]
        findings = changed_findings(con.execute(_FINDINGS).fetchall(), loads)
        load = _numbered(replace(load, rows={name: _count(con, name) for name in counted}, findings=findings), loads)
        history = [old.row() for old in loads if old.load_id != load.load_id] + [load.row()]
        _insert(con, "loads", pl.DataFrame(history, schema=table_schema(catalogue.tables["loads"]), orient="row"))
        con.execute("CHECKPOINT")
    leftover = file.with_name(file.name + ".wal")
    if leftover.exists():
        raise PublicationFailed(f"DuckDB left {leftover.name} behind: the file is not whole")
    file.chmod(0o444)
    flush_file(file)
    return load


def _define(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    con.execute("BEGIN")  # Hundreds of definitions, one by one, would each wait for the disk.
    for statement in definitions(catalogue):
        con.execute(statement)
    con.execute("COMMIT")


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


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
    assert row is not None
    return int(row[0])


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
