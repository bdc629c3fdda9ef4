"""pandera schemas of the published tables, made from the declared ones: the guard before one is written.

Belongs here: declared table → schema, frame × schema → one clear error. Does not belong here: Dagster (``checks``'
other modules), fitting a frame to its types (``warehouse.schemas.conform``), rules about reports
(``pipeline.edits``).
"""

import pandera.polars as pa
import polars as pl

from pipeline.catalogue.model import Catalogue, PublishedColumn, PublishedTable
from pipeline.edits.frames import STATUSES_WITH_VALUE
from warehouse.schemas import polars_type

SAMPLES = 5
LONGEST_SAMPLE = 60
VALUE_FITS_STATUS = "a value stands exactly where the status says so"

PANDERA_WORDS = {
    "multiple_fields_uniqueness": "a key stands several times",
    "not_nullable": "is NULL",
    "isin": "is none of its codes",
    "column_in_dataframe": "a column is missing",
    "column_in_schema": "a column is not declared",
    "column_ordered": "the columns are out of order",
    "dtype": "has the wrong type",
}
"""How pandera's names of failures begin, and what they mean."""


class TableSchemaError(ValueError):
    """A frame that is not what its published table declares; the message counts the failures and shows samples."""


def schema_for(table: PublishedTable, catalogue: Catalogue | None = None) -> pa.DataFrameSchema:
    """Return the schema of a published table: strict, columns in order, types, NULLs, codes, one row per key.

    Of a fact table also: a value stands exactly where the status says so, and, given the catalogue, the row and column
    codes are ones that some form of the table has. Nothing is coerced.
    """
    axes = _axis_codes(table, catalogue) if catalogue else {}
    names = {column.name for column in table.columns}
    return pa.DataFrameSchema(
        {column.name: _column(column, axes.get(column.name, column.codes)) for column in table.columns},
        checks=[_value_fits_status()] if {"value", "status"} <= names else None,
        unique=list(table.key),
        strict=True,
        ordered=True,
        coerce=False,
        name=table.name,
    )


def validate(frame: pl.DataFrame, table: PublishedTable, catalogue: Catalogue | None = None) -> pl.DataFrame:
    """Return ``frame`` if it is what the table declares, else raise TableSchemaError with counts and the first samples.

    The frame must be eager: of a LazyFrame pandera checks the names and types only (TypeError).
    """
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(f"{table.name}: only an eager frame can be validated, not {type(frame).__name__}")
    try:
        schema_for(table, catalogue).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise TableSchemaError(_told(error.failure_cases, frame, table)) from None
    return frame


def _column(column: PublishedColumn, codes: tuple[str, ...]) -> pa.Column:
    checks = [pa.Check.isin(list(codes))] if codes else None
    return pa.Column(polars_type(column.type), checks, nullable=column.nullable, description=column.comment)


def _axis_codes(table: PublishedTable, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the codes that the two axes of a fact table may hold in any form; {} for other tables."""
    forms = catalogue.table_forms(table.name)
    if not forms:
        return {}
    rows = {axis.code: None for form in forms for axis in form.rows if not axis.is_group}
    columns = {axis.code: None for form in forms for axis in form.columns if not axis.is_group}
    return {forms[0].row_axis: tuple(rows), forms[0].column_axis: tuple(columns)}


def _value_fits_status() -> pa.Check:
    has_value = pl.col("status").is_in(STATUSES_WITH_VALUE).fill_null(False)
    return pa.Check(
        lambda data: data.lazyframe.select(pl.col("value").is_not_null() == has_value), name=VALUE_FITS_STATUS
    )


def _told(cases: pl.DataFrame, frame: pl.DataFrame, table: PublishedTable) -> str:
    """Return, in one line, each kind of failure: the column, what is wrong, how often, and the first samples with
    their keys."""
    told = []
    for kind in cases.partition_by("schema_context", "column", "check", maintain_order=True):
        context, column, check = kind.row(0)[1:4]
        what = next((words for start, words in PANDERA_WORDS.items() if str(check).startswith(start)), str(check))
        # Of a failure of the whole frame pandera names the schema instead of a column.
        where = "" if context == "DataFrameSchema" else f"{column} "
        samples = [
            _sample(case, index, frame, table, context)
            for case, index in kind.select("failure_case", "index").head(SAMPLES).rows()
        ]
        told.append(f"{where}{what} (×{kind.height}: {', '.join(samples)})")
    return f"{table.name} is not what it is declared to be: {'; '.join(told)}"


def _sample(case: str, index: int | None, frame: pl.DataFrame, table: PublishedTable, context: str) -> str:
    if index is None or not set(table.key) <= set(frame.columns):
        return str(case)
    key = "/".join(str(frame[index, name])[:LONGEST_SAMPLE] for name in table.key)
    return key if context == "DataFrameSchema" else f"{key} holds {str(case)[:LONGEST_SAMPLE]!r}"
