"""Rules on single cells: one result a report, and one per cell that breaks the rule.

Belongs here: judging every cell of a table by itself. Does not belong here: equations between cells, words.
"""

from collections.abc import Sequence

import polars as pl

from pipeline.edits.enforce import cell_schema, failing_rows
from pipeline.edits.frames import Sum
from pipeline.edits.operands import FORMLESS, RuleInstance

COLUMNS = (
    "report_id", "year", "instance", "subject", "left_value", "right_value", "left", "right", "outcome", "row_code",
    "column_code", "has_value", "is_complete", "blank_breaks",
)  # fmt: skip


def judge_cells(facts: pl.DataFrame, instances: Sequence[RuleInstance]) -> pl.DataFrame:
    """Return the results of every rule of kind ``cell``: the columns of ``COLUMNS``.

    One row per report (subject ``all``, left: how many cells break the rule, right 0): failed if any does, else not
    assessable if no cell has a value, or one has none and is not blank, or one is absent; else passed. One row per
    breaking cell (subject ``row_code/column_code``, left: its value, right 0). Raises ValueError when a cell stands
    twice in a report.
    """
    parts = [
        part
        for number, instance in enumerate(instances)
        if instance.rule.kind == "cell"
        for part in _judge_instance(facts, number, instance)
    ]
    return pl.concat(parts)


def _judge_instance(facts: pl.DataFrame, number: int, instance: RuleInstance) -> tuple[pl.DataFrame, pl.DataFrame]:
    rule = instance.rule
    table = facts.filter((pl.col("fact_table") == rule.fact_table) & (pl.col("form") == instance.form))
    valued = table.filter(pl.col("value").is_not_null())
    broken = valued[failing_rows(cell_schema(rule), valued.select("value"), rule)]
    per_report = _count_per_report(table, broken)
    if per_report.filter(pl.col("cells") > len(instance.cells)).height:
        raise ValueError(
            f"{rule.check_id}: a report has more cells than its form {instance.form or '(unknown)'}: one stands twice"
        )
    # A table of unknown form cannot be held to the cells of any one form.
    needed = 0 if instance.form == FORMLESS or instance.table.rows_vary else len(instance.cells)
    is_complete = pl.col("cells") >= needed
    judgeable = pl.col("has_value") & ~pl.col("has_void") & is_complete
    outcome = (
        pl.when(pl.col("bad") > 0)
        .then(pl.lit("failed"))
        .when(judgeable)
        .then(pl.lit("passed"))
        .otherwise(pl.lit("not_assessable"))
    )
    no_code = pl.lit(None, pl.String)
    whole = per_report.with_columns(
        subject=pl.lit("all"),
        left=pl.col("bad"),
        outcome=outcome,
        row_code=no_code,
        column_code=no_code,
        is_complete=is_complete,
    )
    cells = broken.with_columns(
        subject=pl.format("{}/{}", "row_code", "column_code"),
        left=pl.col("value"),
        outcome=pl.lit("failed"),
        has_value=pl.lit(True),
        is_complete=pl.lit(True),
    )
    return _shaped(whole, number), _shaped(cells, number)


def _count_per_report(table: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    is_valueless = pl.col("value").is_null()
    counted = table.group_by("report_id", "year").agg(
        cells=pl.len(),
        has_value=(~is_valueless).any(),
        has_void=(is_valueless & (pl.col("status") != "blank")).any(),
    )
    bad = broken.group_by("report_id").agg(bad=pl.len())
    return counted.join(bad, on="report_id", how="left").with_columns(pl.col("bad").fill_null(0))


def _shaped(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    sides = frame.with_columns(pl.col("left").cast(Sum), right=pl.lit(0).cast(Sum))
    return sides.with_columns(
        instance=pl.lit(number, pl.UInt32), left_value="left", right_value="right", blank_breaks=pl.lit(False)
    ).select(COLUMNS)
