"""Declared columns as polars types, and frames made to fit them without losing anything.

Belongs here: the types of the lake's Parquet files, published (from the catalogue) and extracted (declared here, for they
are nobody's API). Does not belong here: what values may be (``checks.schemas``), or where parts stand.
"""

import re
from collections.abc import Mapping

import polars as pl

from pipeline.catalogue.model import PublishedTable
from warehouse.errors import SchemaMismatch

Schema = dict[str, pl.DataType]

VALUE = pl.Decimal(20, 4)
"""Every value column that is not a plain count: 16 digits before the point, 4 after it."""

_PLAIN: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "BOOLEAN": pl.Boolean(),
    "DOUBLE": pl.Float64(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
}

_TEXT, _INT = pl.String(), pl.Int32()
_REPORT: Schema = {"report_id": _TEXT, "file_id": _TEXT, "year": _INT}

EXTRACTED: dict[str, Schema] = {
    "reports": {
        **_REPORT,
        "place": _INT,
        "title": _TEXT,
        "issuer": _TEXT,
        "published_on": pl.Date(),
        "signed_on": pl.Date(),
        "source": _TEXT,
        "scope": _TEXT,
        "form": _TEXT,
        "tables_found": pl.List(_TEXT),
        "tables_missing": pl.List(_TEXT),
        "media_type": _TEXT,
        "evidence": _TEXT,
    },
    "sections": {**_REPORT, "section_no": _INT, "heading": _TEXT, "text": _TEXT},
    "cells": {
        **_REPORT,
        **dict.fromkeys(("table_no", "row", "col", "row_span", "col_span"), _INT),
        "text": _TEXT,
        "page": _INT,
        "bbox": pl.List(pl.Float64()),
        "confidence": pl.Float64(),
        "route": _TEXT,
        "picture": _TEXT,
    },
    "facts": {
        **_REPORT,
        **dict.fromkeys(("fact_table", "row_code", "column_code"), _TEXT),
        "value": VALUE,
        **dict.fromkeys(("unit", "status", "form", "raw_text"), _TEXT),
        **dict.fromkeys(("table_no", "row", "col"), _INT),
        **dict.fromkeys(("reason", "note"), _TEXT),
        "confidence": pl.Float64(),
        "rules_used": pl.List(_TEXT),
        "agreement": _TEXT,
    },
    "claims": {
        **_REPORT,
        **dict.fromkeys(("claim_no", "section_no"), _INT),
        "subject": _TEXT,
        "value": VALUE,
        "unit": _TEXT,
        "is_approximate": pl.Boolean(),
        "sentence": _TEXT,
        **dict.fromkeys(("char_start", "char_end"), _INT),
    },
    "assertions": {**_REPORT, "assertion_no": _INT, "check_id": _TEXT, "claim_no": _INT, "body": _TEXT},
    "problems": {
        **_REPORT,
        "problem_no": _INT,
        **dict.fromkeys(("kind", "detail"), _TEXT),
        **dict.fromkeys(("table_no", "row", "col"), _INT),
    },
}
"""Columns of ``lake/extracted/<table>``; one row per report, section, cell, fact, claim, assertion, problem."""

EXTRACTED_ORDER: dict[str, tuple[str, ...]] = {
    "reports": ("report_id",),
    "sections": ("report_id", "section_no"),
    "cells": ("report_id", "table_no", "row", "col"),
    "facts": ("report_id", "fact_table", "row_code", "column_code"),
    "claims": ("report_id", "claim_no"),
    "assertions": ("report_id", "assertion_no"),
    "problems": ("report_id", "problem_no"),
}

LEDGER: Schema = {
    **dict.fromkeys(("file_id", "reader_version", "status", "error", "media_type"), _TEXT),
    "bytes": pl.Int64(),
    "years": pl.List(_INT),
    "links": pl.List(_TEXT),
    "batch": _TEXT,
}
"""``status``: read or quarantined; ``links``: addresses of the attachments and pictures that its reports name."""

SIDE_LAYER = "facts"
SIDE: dict[str, Schema] = {
    "watched_cells": {
        **dict.fromkeys(("report_id", "fact_table", "row_code", "column_code", "unit"), _TEXT),
        "value": VALUE,
    },
    "unread_shares": {"report_id": _TEXT, "own": pl.Float64()},
}
"""Tables beside the facts of a year that are not published: what rules across reports look at of older years."""
SIDE_ORDER: dict[str, tuple[str, ...]] = {
    "watched_cells": ("report_id", "fact_table", "row_code", "column_code"),
    "unread_shares": ("report_id",),
}

SIGHTINGS: Schema = {"file_id": _TEXT, "source": _TEXT, "first_seen": pl.Datetime("us"), "belongs_to": _TEXT}


def polars_type(duckdb_type: str) -> pl.DataType:
    """Return the polars type of a declared DuckDB type. Raises ValueError for one that the lake does not use."""
    if duckdb_type.endswith("[]"):
        return pl.List(polars_type(duckdb_type[:-2]))
    if duckdb_type.startswith("STRUCT("):
        fields = (field.split(" ", 1) for field in duckdb_type[7:-1].split(", "))
        return pl.Struct({name: polars_type(kind) for name, kind in fields})
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", duckdb_type)
    if decimal:
        return pl.Decimal(int(decimal[1]), int(decimal[2]))
    if duckdb_type not in _PLAIN:
        raise ValueError(f"no polars type for {duckdb_type}")
    return _PLAIN[duckdb_type]


def table_schema(table: PublishedTable) -> Schema:
    """Return the polars schema of a published table, columns in published order."""
    return {column.name: polars_type(column.type) for column in table.columns}


def empty_frame(table: PublishedTable) -> pl.DataFrame:
    """Return a frame of a published table without rows."""
    return pl.DataFrame(schema=table_schema(table))


def conform(frame: pl.DataFrame, table: PublishedTable) -> pl.DataFrame:
    """Return the frame with the declared columns in order and type, sorted by year and key.

    Raises SchemaMismatch: a column missing or surplus, a NULL where none may be, a value that the type cannot hold whole
    (polars itself would cut 1.5 to 1 and round 1.23456 to 1.2346 without a word).
    """
    declared = table_schema(table)
    missing = [name for name in declared if name not in frame.columns]
    surplus = [name for name in frame.columns if name not in declared]
    if missing or surplus:
        raise SchemaMismatch(f"{table.name}: missing columns {missing}, surplus columns {surplus}")
    fitted = pl.DataFrame([_fit(frame[name], dtype, table.name) for name, dtype in declared.items()])
    for column in table.columns:
        if not column.nullable and fitted[column.name].null_count():
            raise SchemaMismatch(f"{table.name}.{column.name}: {fitted[column.name].null_count()} rows are NULL")
    return fitted.sort([*(["year"] if "year" in declared else []), *row_order(table)], maintain_order=True)


def row_order(table: PublishedTable) -> list[str]:
    """Return the columns by which the rows of a year are sorted."""
    return [key for key in table.key if key != "year"]


def conform_side(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return rows of a table of ``SIDE``, columns in order and type, sorted."""
    fitted = frame.select(pl.col(column).cast(kind) for column, kind in SIDE[name].items())
    return fitted.sort(SIDE_ORDER[name], maintain_order=True)


def _fit(series: pl.Series, dtype: pl.DataType, table: str) -> pl.Series:
    """Cast a column; refuse what does not come back the same."""
    if series.dtype == dtype:
        return series
    try:
        fitted = series.cast(dtype, strict=True)
        same = series.dtype == pl.Null or fitted.cast(series.dtype).eq_missing(series).all()
    except pl.exceptions.PolarsError as error:
        message = str(error).splitlines()[0]
        raise SchemaMismatch(f"{table}.{series.name}: {series.dtype} does not fit {dtype}: {message}") from error
    if not same:
        raise SchemaMismatch(f"{table}.{series.name}: values of {series.dtype} would be cut to fit {dtype}")
    return fitted


def require_tables(frames: Mapping[str, pl.DataFrame], names: tuple[str, ...], what: str) -> None:
    """Raise SchemaMismatch unless exactly these tables are given."""
    missing, surplus = [n for n in names if n not in frames], [n for n in frames if n not in names]
    if missing or surplus:
        raise SchemaMismatch(f"{what}: missing tables {missing}, surplus tables {surplus}")
