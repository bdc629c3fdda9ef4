"""Reading the published warehouse: the one way in for the command line, and queries that can do nothing but read."""

from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.home import Home


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

    Raises NothingPublished, WarehouseError (one line) where DuckDB cannot open it.
    """
    raise NotImplementedError


def run_query(home: Home, sql: str) -> QueryResult:
    """Run one SELECT-like statement on the published warehouse. Raises RefusedQuery, NothingPublished."""
    raise NotImplementedError


def anomalies(home: Home, *, year: int | None = None, issuer: str | None = None, kind: str | None = None) -> QueryResult:
    """Return the view ``anomalies``, worst first. ``issuer``: part of a name; ``kind``: a check_id or its first word."""
    raise NotImplementedError


def report(home: Home, report_id: str) -> dict[str, QueryResult]:
    """Return one report by table name: reports, cells, facts, check_results, anomalies, suggestions, problems, …

    ``report_id`` may be a unique beginning. Raises WarehouseError where none or several reports match.
    """
    raise NotImplementedError


def status(home: Home) -> dict[str, QueryResult]:
    """Return ``years`` (per year: reports, current, partial, failed checks …) and ``quarantined`` (file, sources, why)."""
    raise NotImplementedError
