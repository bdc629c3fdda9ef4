"""Reading the published warehouse: the one way in for the command line, and queries that can do nothing but read.

Belongs here: opening it read-only and shut off from everything else; the questions that the command line asks.
Does not belong here: what may be asked (``warehouse.guard``), how answers are printed (``pipeline.cli``).
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.home import Home
from warehouse.ducklake import open_ducklake
from warehouse.errors import NothingPublished, RefusedQuery, WarehouseError
from warehouse.guard import one_line, require_query

_REPORT_TABLES = (
    "report_files",
    "sections",
    "cells",
    "facts",
    "claims",
    "problems",
    "check_results",
    "suggestions",
    "compared_cells",
    "anomalies",
)


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows of a query: column names, their DuckDB types as text, and plain Python values."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def open_published(home: Home) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse read-only and locked down; the caller closes it.

    The connection goes on seeing the file that it opened when a new one is published. Raises NothingPublished,
    WarehouseError (one line) where DuckDB cannot open it or a stranger's WAL stands beside it.
    """
    if not home.warehouse.is_file():
        raise NothingPublished(f"no warehouse in {home.root} yet: load reports first (gongkai load PATH…)")
    wal = home.warehouse.with_name(home.warehouse.name + ".wal")
    if wal.exists():
        raise WarehouseError(
            f"{wal} was left by another program and would change what is read: move it away, or load again"
        )
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        # The folder of the file may be somebody else's: what does not fit into memory goes where temporary files go.
        "temp_directory": str(Path(tempfile.gettempdir()) / f"gongkai-query-{os.getpid()}"),
        "lock_configuration": True,
    }
    try:
        return duckdb.connect(str(home.warehouse), read_only=True, config=config)
    except duckdb.Error as error:
        raise WarehouseError(f"{home.warehouse} cannot be opened: {one_line(error)}") from error


def run_query(home: Home, sql: str, address: str | None = None) -> QueryResult:
    """Run one statement that only reads on the published warehouse, or on the DuckLake at ``address``.

    Raises RefusedQuery, NothingPublished, WarehouseError.
    """
    with contextlib.closing(open_ducklake(home, address) if address else open_published(home)) as connection:
        require_query(connection, sql)
        try:
            return _ask(connection, sql)
        except duckdb.Error as error:
            raise RefusedQuery(one_line(error)) from error


def anomalies(
    home: Home, *, year: int | None = None, issuer: str | None = None, kind: str | None = None
) -> QueryResult:
    """Return the view ``anomalies``, worst first, with what else a reader of it asks for.

    That is: title, scope, issuer_kind, source and file_id of the report; section_no and sentence of the claim, if any.

    ``issuer``: part of the printed issuer, of the body's name or of one of its aliases; ``kind``: a check_id or its first
    word. Raises NothingPublished, WarehouseError.
    """
    where: list[str] = ["true"]
    values: list[object] = []
    if year is not None:
        where.append("a.year = ?")
        values.append(year)
    if issuer is not None:
        where.append("contains(concat_ws(' ', a.issuer, i.name, array_to_string(i.aliases, ' ')), ?)")
        values.append(issuer)
    if kind is not None:
        where.append("(a.check_id = ? OR starts_with(a.check_id, ? || '.'))")
        values += [kind, kind]
    sql = f"""
        SELECT a.*, r.title, r.scope, r.issuer_kind, r.source, r.file_id, c.section_no, c.sentence
        FROM anomalies a
        JOIN reports r USING (report_id)
        LEFT JOIN issuers i ON i.issuer_id = a.issuer_id
        LEFT JOIN claims c ON c.report_id = a.report_id AND c.claim_no = a.claim_no
        WHERE {" AND ".join(where)}
        ORDER BY list_position(['error', 'warning', 'info'], a.severity), abs(a.difference) DESC NULLS LAST,
                 a.report_id, a.check_id, a.subject
    """
    with _published(home) as connection:
        return _ask(connection, sql, values)


def report(home: Home, report_id: str) -> dict[str, QueryResult]:
    """Return one report's rows by table or view: ``reports`` (one row) and everything that hangs on it.

    ``report_id`` may be a beginning that only one report has. Raises WarehouseError where none or several begin so.
    """
    with _published(home) as connection:
        found = _ask(
            connection, "SELECT * FROM reports WHERE starts_with(report_id, ?) ORDER BY report_id", [report_id]
        )
        if not found.rows:
            raise WarehouseError(f"there is no report {report_id}; the table reports and gongkai anomalies tell them")
        if len(found.rows) > 1:
            ids = ", ".join(str(row["report_id"]) for row in found.dicts()[:5])
            raise WarehouseError(
                f"{len(found.rows)} reports begin with {report_id}: {ids}{'…' if len(found.rows) > 5 else ''}"
            )
        whole = str(found.dicts()[0]["report_id"])
        parts = {
            name: _ask(connection, f"SELECT * FROM {name} WHERE report_id = ?", [whole]) for name in _REPORT_TABLES
        }
        file_id = str(found.dicts()[0]["file_id"])
        given = _ask(
            connection, 'SELECT * FROM corrections WHERE file_id = ? ORDER BY table_no, "row", col, cell', [file_id]
        )
    return {"reports": found, **parts, "corrections": given}


def status(home: Home) -> dict[str, QueryResult]:
    """Return what is loaded: ``years`` (reports, findings, whether stale), ``quarantined``, ``pending``, ``last_load``.

    And ``corrections``: those that are not applied, as published, with the places where their files were seen.

    A year is stale where its rows are not what the stored files, the code and the declared data would give now.
    """
    from pipeline.freshness import stale_years

    stale = stale_years(home)
    with _published(home) as connection:
        years = _ask(connection, _YEARS, [stale])
        quarantined = _ask(connection, _FILES, ["quarantined"])
        pending = _ask(connection, _FILES, ["pending"])
        # A file that an older version published knows no outcome; the next load publishes it anew.
        knows = _ask(
            connection, "SELECT 1 FROM duckdb_columns() WHERE table_name = 'corrections' AND column_name = 'outcome'"
        )
        corrections = _ask(connection, _NOT_APPLIED if knows.rows else "SELECT * FROM corrections WHERE false")
        last = _ask(connection, "SELECT load_id, published_at, code_version FROM loads ORDER BY load_id DESC LIMIT 1")
    return {
        "years": years, "quarantined": quarantined, "pending": pending, "corrections": corrections, "last_load": last
    }  # fmt: skip


_NOT_APPLIED = """
    SELECT c.*, min(s.source) AS source
    FROM corrections c LEFT JOIN file_sightings s USING (file_id)
    WHERE c.outcome <> 'applied'
    GROUP BY ALL
    ORDER BY c.file_id, c.table_no, c."row", c.col, c.cell
"""


_YEARS = """
    WITH findings AS (
        SELECT year, count(*) FILTER (severity = 'error') AS errors, count(*) FILTER (severity = 'warning') AS warnings
        FROM anomalies GROUP BY year
    ),
    loaded AS (
        SELECT year, count(*) AS reports, count(*) FILTER (is_current) AS current,
               count(*) FILTER (extraction = 'complete') AS complete, count(*) FILTER (extraction = 'partial') AS partial,
               count(*) FILTER (extraction = 'no_tables') AS no_tables
        FROM reports GROUP BY year
    ),
    attached AS (SELECT year, count(*) AS attachments FROM report_files WHERE role <> 'main' GROUP BY year),
    stale AS (SELECT unnest(CAST(? AS INTEGER[])) AS year, true AS stale)
    SELECT year, coalesce(reports, 0) AS reports, coalesce(current, 0) AS current, coalesce(complete, 0) AS complete,
           coalesce(partial, 0) AS partial, coalesce(no_tables, 0) AS no_tables,
           coalesce(attachments, 0) AS attachments, coalesce(errors, 0) AS errors,
           coalesce(warnings, 0) AS warnings, coalesce(stale, false) AS stale
    FROM loaded FULL JOIN stale USING (year) LEFT JOIN findings USING (year) LEFT JOIN attached USING (year)
    ORDER BY year
"""

_FILES = """
    SELECT f.file_id, min(s.source) AS source, f.error
    FROM files f LEFT JOIN file_sightings s USING (file_id)
    WHERE f.status = ?
    GROUP BY f.file_id, f.error
    ORDER BY source, f.file_id
"""


@contextlib.contextmanager
def _published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_published(home)
    try:
        yield connection
    finally:
        connection.close()


def _ask(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> QueryResult:
    cursor = connection.execute(sql, list(values)) if values else connection.execute(sql)
    rows = cursor.fetchall()
    described = cursor.description or []
    return QueryResult(tuple(str(d[0]) for d in described), tuple(str(d[1]) for d in described), rows)
