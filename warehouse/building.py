"""The DuckDB file while it is built, in a folder of its own: opened within limits, filled, closed whole.

Belongs here: what building it whole and building it on the one that stands have in common. Does not belong here: which rows
go into it (``warehouse.whole_build``, ``warehouse.changed_reports``), putting it in place (``warehouse.publish``).
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from pipeline.catalogue.model import Catalogue
from warehouse.ddl import BESIDE, WANTED, derivations, quoted
from warehouse.errors import PublicationFailed
from warehouse.publication import Contents

STORAGE_VERSION = "v1.4.0"
"""The file opens in DuckDB 1.4 and newer. Its WAL names the file that it belongs to, older storage versions' does not."""


@contextlib.contextmanager
def opened(file: Path, catalogue: Catalogue) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file to be written, within the declared limits; checkpoint and close it where nothing was raised."""
    limits = catalogue.limits["publishing"]
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "memory_limit": f"{limits['memory_bytes']}B",
        "threads": min(limits["threads"], os.cpu_count() or 1),
        "temp_directory": str(file.parent / "spilled"),
    }
    with contextlib.closing(duckdb.connect(str(file), config=config)) as con:
        yield con
        con.execute("CHECKPOINT")
    leftover = file.with_name(file.name + ".wal")
    if leftover.exists():
        raise PublicationFailed(f"DuckDB left {leftover.name} behind: the file is not whole")


def insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Append the rows of a frame."""
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def derive(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, reports: str) -> None:
    """Append the derived rows of those rows of ``reports`` that a query gives, so many at a time that memory does not grow.

    In order of years: what a report is compared with, of the year before, is then there already.
    """
    at_once = catalogue.limits["publishing"]["reports_at_once"]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE reports_in_order AS SELECT report_id FROM ({reports}) ORDER BY year, report_id"
    )
    for done in range(0, count(con, "reports_in_order"), at_once):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {WANTED} AS FROM reports_in_order LIMIT {at_once} OFFSET {done}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE {BESIDE} AS {_BESIDE}")
        for statement in derivations(catalogue, of_wanted=True).values():
            con.execute(statement)


_BESIDE = f"""
    WITH bodies AS (SELECT issuer_id, year FROM reports WHERE report_id IN (FROM {WANTED}))
    SELECT DISTINCT report_id FROM (
        FROM {WANTED}
        UNION ALL
        SELECT report_id FROM reports SEMI JOIN (SELECT issuer_id, year - 1 AS year FROM bodies) USING (issuer_id, year)
    )
"""


def count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table has."""
    row = con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
    assert row is not None
    return int(row[0])


def require_rows_of_parts(con: duckdb.DuckDBPyConnection, contents: Contents) -> None:
    """Raise PublicationFailed unless every partitioned table has as many rows of each year as the lake's part."""
    for table, parts in contents.parts.items():
        found = dict(con.execute(f"SELECT year, count(*) FROM {quoted(table)} GROUP BY year").fetchall())
        wanted = {year: part.rows for year, part in parts.items() if part.rows}
        if found != wanted:
            raise PublicationFailed(f"{table} would hold {found} rows by year, the lake has {wanted}")
