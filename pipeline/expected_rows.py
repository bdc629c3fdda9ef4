"""Whether the fact tables hold the rows that ``tables_found`` implies.

Belongs here: the rule "a table that is found gives every cell of its form, one that is not found gives no rows"; pure
functions over frames. Does not belong here: what becomes of a breach (``checks.fact_tables``).
"""

import polars as pl

from pipeline.catalogue.model import Catalogue, TableForm

BREACH = {"report_id": pl.String, "form": pl.String, "rows": pl.UInt32, "expected": pl.String}


def row_breaches(reports: pl.DataFrame, facts: pl.DataFrame, fact_table: str, catalogue: Catalogue) -> pl.DataFrame:
    """Return the reports whose rows of a fact table are not those of its form: report_id, form, rows, expected.

    ``facts`` is the fact table. Where the form is not known, or its rows vary, every cell must be one that such a form has, and
    there must be at least one. An empty frame means that all is well.
    """
    tables = catalogue.table_forms(fact_table)
    axes = [tables[0].row_axis, tables[0].column_axis]
    rows = (
        facts.join(_known_cells(tables, axes), on=["form", *axes], how="left", nulls_equal=True)
        .group_by("report_id")
        .agg(
            form=pl.col("form").first(),
            forms=pl.col("form").n_unique(),
            rows=pl.len(),
            cells=pl.struct(axes).n_unique(),
            known=pl.col("is_known").sum(),
        )
    )
    whole = pl.DataFrame(
        [(table.form, len(table.cells)) for table in tables if not table.rows_vary],
        schema={"form": pl.String, "whole": pl.UInt32},
        orient="row",
    )
    found = reports.select("report_id", is_found=pl.col("tables_found").list.contains(fact_table))
    joined = found.join(rows, on="report_id", how="full", coalesce=True).join(whole, on="form", how="left")
    expected = (
        pl.when(pl.col("is_found").fill_null(False) & pl.col("rows").is_null())
        .then(pl.lit("rows: the table was found"))
        .when(pl.col("rows").is_null())
        .then(None)
        .when(~pl.col("is_found").fill_null(False))
        .then(pl.lit("no rows: the table is not among those found"))
        .when(pl.col("forms") > 1)
        .then(pl.lit("rows of one form"))
        .when((pl.col("known") < pl.col("rows")) | (pl.col("cells") < pl.col("rows")))
        .then(pl.lit("every row a cell of its form, once"))
        .when(pl.col("rows") != pl.col("whole"))
        .then(pl.format("{} rows, one for each cell of the form", pl.col("whole")))
    )
    breaches = joined.with_columns(expected=expected, rows=pl.col("rows").fill_null(0)).filter(
        pl.col("expected").is_not_null()
    )
    return breaches.select(pl.col(name).cast(dtype) for name, dtype in BREACH.items()).sort("report_id")


def _known_cells(tables: tuple[TableForm, ...], axes: list[str]) -> pl.DataFrame:
    """Return every cell of every form, and of the form that is not known the cells of all of them."""
    cells = {(form, *cell) for table in tables for cell in table.cells for form in (table.form, None)}
    frame = pl.DataFrame(list(cells), schema=["form", *axes], orient="row", schema_overrides={"form": pl.String})
    return frame.with_columns(is_known=pl.lit(True))
