"""The DuckDB file built on a copy of the one that stands: only the reports whose rows differ are replaced.

Belongs here: which reports differ, what hangs on them, when building whole is better. Does not belong here: what it has in
common with building whole (``warehouse.building``).
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipeline.catalogue.model import Catalogue
from warehouse.building import count, derive, insert
from warehouse.ddl import derivations, literal, quoted
from warehouse.durable import local_copy
from warehouse.loads import Stamp
from warehouse.publication import Contents


def may_be_changed(stamp: Stamp, contents: Contents, catalogue: Catalogue) -> bool:
    """Tell whether the stamped file may be changed to ``contents``: the same code made it, and it has not grown too much."""
    if stamp.code != contents.code or not stamp.rows or not stamp.whole_rows:
        return False
    most = 100 + catalogue.limits["publishing"]["most_grown_percent"]
    return stamp.size * stamp.whole_rows * 100 <= stamp.whole_size * stamp.rows * most


def replace_changed(
    con: duckdb.DuckDBPyConnection, stamp: Stamp, contents: Contents, catalogue: Catalogue, folder: Path
) -> int | None:
    """Bring a copy of the stamped file to ``contents``, all but ``loads``; return how many reports now stand behind others.

    None where so many differ that the file had better be built whole: the copy is then to be thrown away.
    """
    allowed = count(con, "reports") * catalogue.limits["publishing"]["most_moved_percent"] // 100 - stamp.moved
    con.execute("CREATE TEMP TABLE differing (table_name VARCHAR, year INTEGER, report_id VARCHAR)")
    changed = _changed_parts(stamp, contents)
    for table, year in changed:
        _note_differing(con, table, year, contents, catalogue, folder)
        if _number(con, "SELECT count(DISTINCT report_id) FROM differing") > allowed:
            return None
    con.execute(f"CREATE TEMP TABLE bodies AS {_BODIES}")
    for table, year in changed:
        _replace(con, table, year, contents, folder)
    con.execute(f"INSERT INTO bodies {_BODIES}")
    con.execute(f"CREATE TEMP TABLE touched AS {_TOUCHED}")
    touched = _number(con, "SELECT count(*) FROM touched")
    if touched > allowed:
        return None
    for table in derivations(catalogue):
        con.execute(f"DELETE FROM {quoted(table)} WHERE report_id IN (FROM touched)")
    derive(con, catalogue, "FROM reports WHERE report_id IN (FROM touched)")
    for name, digest in contents.frame_hashes.items():
        if stamp.frames.get(name) != digest:
            con.execute(f"DELETE FROM {quoted(name)}")
            insert(con, name, contents.frames[name])
    return touched


_BODIES = "SELECT issuer_id, year FROM reports WHERE report_id IN (SELECT report_id FROM differing)"
"""Taken before and after: the body of a report may change, and both are concerned."""

_TOUCHED = """
    SELECT report_id FROM differing
    UNION
    SELECT report_id FROM reports SEMI JOIN (SELECT issuer_id, year + 1 AS year FROM bodies) USING (issuer_id, year)
"""
"""What derived rows are to be made anew for: the reports that differ, and those that are compared with them a year later."""


def _changed_parts(stamp: Stamp, contents: Contents) -> list[tuple[str, int]]:
    """Return the tables and years whose part is not the one that is published, or is there no more."""
    changed = []
    for table, parts in contents.parts.items():
        published = stamp.parts.get(table, {})
        years = sorted({*parts, *published})
        changed += [(table, year) for year in years if year not in parts or parts[year].sha256 != published.get(year)]
    return changed


def _note_differing(
    con: duckdb.DuckDBPyConnection, table: str, year: int, contents: Contents, catalogue: Catalogue, folder: Path
) -> None:
    """Add to ``differing`` the reports of a table and year whose rows in the file and in the lake are not the same.

    Rows of a report are the same where their hashes (64 bits, of all columns) have the same sum: DuckDB compares them so in
    a thirtieth of the time that comparing them all would take.
    """
    digest = (
        f"hash({', '.join(f'CAST({quoted(c.name)} AS {c.type})' for c in catalogue.tables[table].columns)})::HUGEINT"
    )
    with _rows(table, year, contents, folder) as given:
        con.execute(f"""
            INSERT INTO differing
            SELECT {literal(table)}, {year}, report_id
            FROM (
                SELECT report_id, {digest} AS digest, 1 AS row FROM {quoted(table)} WHERE year = {year}
                UNION ALL
                SELECT report_id, -{digest}, -1 FROM {given}
            )
            GROUP BY report_id
            HAVING sum(digest) <> 0 OR sum(row) <> 0
        """)


def _replace(con: duckdb.DuckDBPyConnection, table: str, year: int, contents: Contents, folder: Path) -> None:
    """Replace the rows of the reports that differ."""
    those = f"report_id IN (SELECT report_id FROM differing WHERE table_name = {literal(table)} AND year = {year})"
    con.execute(f"DELETE FROM {quoted(table)} WHERE year = {year} AND {those}")
    with _rows(table, year, contents, folder) as given:
        con.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM {given} WHERE {those}")


@contextlib.contextmanager
def _rows(table: str, year: int, contents: Contents, folder: Path) -> Iterator[str]:
    """Give the rows of a table and year in the lake as SQL; none where the year is there no more."""
    part = contents.parts[table].get(year)
    if part is None:
        yield f"(FROM {quoted(table)} LIMIT 0)"
        return
    with local_copy(part.place, folder) as local:
        yield f"read_parquet({literal(str(local))}, hive_partitioning = false)"


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
