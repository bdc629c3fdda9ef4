"""The published warehouse in a DuckLake: tables as Parquet under a catalogue in SQLite or PostgreSQL.

For many writers and readers. Belongs here: what an address means, and bringing a DuckLake to what the published file holds.
Does not belong here: building that file (``warehouse.publish``): it is checked and whole, so the DuckLake takes its rows from
it and can never hold others.

One publication is one transaction, so a reader sees one whole load. Only years whose rows differ are written. The extensions are
DuckDB's own, from the wheels of the extra ``ducklake``: nothing is downloaded.
"""

import contextlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.catalogue.model import Catalogue
from pipeline.home import Home
from warehouse.ddl import definitions, definitions_fingerprint, literal, quoted
from warehouse.durable import first_line
from warehouse.errors import PublicationFailed, UnknownAddress, WarehouseError

SCHEME = "ducklake:"
_EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner")
_PARTS = "_gongkai_parts"
"""Table of ours in every DuckLake that we write: rows and hash of each table and year, and the hash of all definitions."""
_BUSY_MILLISECONDS = 10_000
_SEVERAL_WRITERS = 3
"""How often a transaction is tried that another writer came before."""


@dataclass(frozen=True, slots=True)
class DuckLake:
    """An address: ``catalogue`` as DuckLake takes it (``sqlite:/srv/gongkai.sqlite``, ``postgres:dbname=gongkai``).

    ``data`` is where its Parquet files go when it is made.
    """

    catalogue: str
    data: str


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What was written: the parts (table, year) that differed, and how many rows they have now."""

    parts: tuple[tuple[str, int | None], ...]
    rows: int


_Parts = dict[tuple[str, int | None], tuple[int, str]]


def parse_address(address: str, home: Home) -> DuckLake:
    """Return what ``ducklake:CATALOGUE[?data=FOLDER]`` means; without a folder the data goes below the home.

    CATALOGUE is ``sqlite:FILE``, ``postgres:CONNECTION`` or the path of a DuckDB file. Raises UnknownAddress.
    """
    catalogue, _, query = address.removeprefix(SCHEME).partition("?")
    key, _, data = query.partition("=")
    known = catalogue.startswith(("sqlite:", "postgres:", "/", "./", "../"))
    if not address.startswith(SCHEME) or not known or (query and (key != "data" or not data)):
        raise UnknownAddress(
            f"{address!r} is no warehouse: give {SCHEME}sqlite:FILE or {SCHEME}postgres:CONNECTION, with ?data=FOLDER at its end"
        )
    if "://" in data:
        raise UnknownAddress(f"the data of a DuckLake goes into a folder; {data} is none (a mounted one will do)")
    return DuckLake(catalogue, data or str(home.root / "ducklake"))


def mirror(home: Home, address: str, catalogue: Catalogue) -> Mirrored:
    """Bring a DuckLake to what the published file holds, in one transaction; write nothing where nothing differs.

    Raises UnknownAddress, PublicationFailed (one line): the DuckLake then is as it was.
    """
    lake = parse_address(address, home)
    for attempt in range(_SEVERAL_WRITERS):
        try:
            with _connected(lake) as con:
                con.execute(f"ATTACH {literal(str(home.warehouse))} AS published (READ_ONLY)")
                return _brought_up_to_date(con, catalogue)
        except duckdb.TransactionException as error:
            if attempt == _SEVERAL_WRITERS - 1:
                raise PublicationFailed(f"{address}: others write it at the same time: {first_line(error)}") from error
        except (duckdb.Error, OSError) as error:
            raise PublicationFailed(f"{address} cannot be brought up to date: {first_line(error)}") from error
    raise AssertionError("the last attempt returns or raises")


def open_ducklake(home: Home, address: str) -> duckdb.DuckDBPyConnection:
    """Open a DuckLake read-only and shut off from all files but its own; the caller closes it.

    Raises UnknownAddress, WarehouseError (one line).
    """
    lake = parse_address(address, home)
    con = duckdb.connect(config={"python_enable_replacements": False})
    try:
        _attach(con, lake, read_only=True)
        data = con.execute("SELECT data_path FROM ducklake_settings('gongkai')").fetchone()
        con.execute(f"SET allowed_directories = [{literal(str(data[0] if data else lake.data))}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        con.close()
        raise WarehouseError(f"{address} cannot be opened: {first_line(error)}") from error
    except BaseException:
        con.close()
        raise
    return con


@contextlib.contextmanager
def _connected(lake: DuckLake) -> Iterator[duckdb.DuckDBPyConnection]:
    with contextlib.closing(duckdb.connect()) as con:
        _attach(con, lake, read_only=False)
        yield con


def _attach(con: duckdb.DuckDBPyConnection, lake: DuckLake, *, read_only: bool) -> None:
    con.execute("SET autoinstall_known_extensions = false")
    for name in _EXTENSIONS:
        con.execute(f"LOAD {literal(str(_extension(name)))}")
    options = ["READ_ONLY"] if read_only else [f"DATA_PATH {literal(lake.data.rstrip('/') + '/')}"]
    if lake.catalogue.startswith("sqlite:"):
        # Without these a reader meets "database is locked" while a load is written, and the load too (1.5.5, tried).
        options += [f"META_BUSY_TIMEOUT {_BUSY_MILLISECONDS}", *([] if read_only else ["META_JOURNAL_MODE 'WAL'"])]
    if not read_only:
        Path(lake.data).mkdir(parents=True, exist_ok=True)
    con.execute(f"ATTACH {literal(SCHEME + lake.catalogue)} AS gongkai ({', '.join(options)})")
    con.execute("USE gongkai")


def _extension(name: str) -> Path:
    """Return the file of an extension of this DuckDB, from its wheel."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    if found is None or found.submodule_search_locations is None:
        raise WarehouseError(
            "a DuckLake needs DuckDB's extensions: install gongkai[ducklake] (make setup EXTRAS=ducklake)"
        )
    for folder in found.submodule_search_locations:
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if file.exists():
            return file
    raise WarehouseError(f"the installed extension {name} is not for DuckDB {duckdb.__version__}")


def _brought_up_to_date(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> Mirrored:
    con.execute("BEGIN")
    try:
        _define(con, catalogue)
        wanted = _published_parts(con, catalogue)
        standing = _standing_parts(con)
        differing = [part for part in wanted if standing.get(part) != wanted[part]]
        gone = [part for part in standing if part not in wanted]
        for part in (*differing, *gone):
            _replace(con, part, wanted.get(part))
        con.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(duckdb.Error):
            con.execute("ROLLBACK")
        raise
    parts = tuple(sorted((*differing, *gone), key=lambda part: (part[0], part[1] or 0)))
    return Mirrored(parts, sum(wanted[part][0] for part in differing))


def _define(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Make the tables and views; make them anew where their definitions changed. Refuse a DuckLake of somebody else."""
    present = dict(con.execute(_PRESENT).fetchall())
    fingerprint = definitions_fingerprint(catalogue)
    if _PARTS in present:
        row = con.execute(f"SELECT hash FROM {_PARTS} WHERE table_name = ''").fetchone()
        if row and row[0] == fingerprint:
            return
    elif present:
        raise PublicationFailed(f"the DuckLake holds {min(present)}, which is not ours: give gongkai one of its own")
    for name, kind in sorted(present.items(), key=lambda item: item[1] != "VIEW"):
        con.execute(f"DROP {kind} {quoted(name)}")
    con.execute(f"CREATE TABLE {_PARTS} (table_name VARCHAR, year INTEGER, rows BIGINT, hash VARCHAR)")
    con.execute(f"COMMENT ON TABLE {_PARTS} IS 'What gongkai wrote, by table and year; its own, for publications'")
    con.execute(f"INSERT INTO {_PARTS} VALUES ('', NULL, 0, {literal(fingerprint)})")
    views = {f"COMMENT ON COLUMN {quoted(name)}." for name in catalogue.views}
    for statement in definitions(catalogue):
        if not any(statement.startswith(view) for view in views):  # DuckLake keeps no comments on columns of views.
            con.execute(statement)
    for table in catalogue.tables.values():
        if _has_year(catalogue, table.name):
            con.execute(f"ALTER TABLE {quoted(table.name)} SET PARTITIONED BY (year)")


_PRESENT = """
    SELECT table_name, 'TABLE' FROM duckdb_tables() WHERE database_name = 'gongkai' AND NOT internal
    UNION ALL SELECT view_name, 'VIEW' FROM duckdb_views() WHERE database_name = 'gongkai' AND NOT internal
"""


def _has_year(catalogue: Catalogue, name: str) -> bool:
    return any(column.name == "year" for column in catalogue.tables[name].columns)


def _published_parts(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> _Parts:
    parts: _Parts = {}
    for name in catalogue.tables:
        year = "year" if _has_year(catalogue, name) else "NULL"
        # The sum, and not an exclusive or, for a row may stand twice in a table without a key.
        sql = f"SELECT {year} AS part, count(*), sum(hash(t)::HUGEINT)::VARCHAR FROM published.{quoted(name)} t GROUP BY part"
        parts.update({(name, part): (rows, digest) for part, rows, digest in con.execute(sql).fetchall()})
    return parts


def _standing_parts(con: duckdb.DuckDBPyConnection) -> _Parts:
    rows = con.execute(f"SELECT table_name, year, rows, hash FROM {_PARTS} WHERE table_name <> ''").fetchall()
    return {(name, year): (count, digest) for name, year, count, digest in rows}


def _replace(con: duckdb.DuckDBPyConnection, part: tuple[str, int | None], wanted: tuple[int, str] | None) -> None:
    name, year = part
    where = "" if year is None else f" WHERE year = {year}"
    con.execute(f"DELETE FROM {quoted(name)}{where}")
    con.execute(
        f"DELETE FROM {_PARTS} WHERE table_name = {literal(name)} AND year {'IS NULL' if year is None else f'= {year}'}"
    )
    if wanted is not None:
        con.execute(f"INSERT INTO {quoted(name)} BY NAME SELECT * FROM published.{quoted(name)}{where}")
        con.execute(f"INSERT INTO {_PARTS} VALUES (?, ?, ?, ?)", [name, year, *wanted])
