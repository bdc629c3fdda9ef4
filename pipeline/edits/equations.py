"""From facts to equations: per rule, subject and report, what stands on either side and whether it can be judged.

Belongs here: binding cells to rule instances, sums, what makes an equation not assessable. Does not belong here:
whether the equation holds (``pipeline.edits.enforce``), words (``pipeline.edits.wording``).
"""

from collections.abc import Sequence

import polars as pl

from pipeline.edits.frames import CELL_KEY, Sum, operand_frame
from pipeline.edits.operands import EQUATION_KINDS, RuleInstance

ZERO = pl.lit(0).cast(Sum)
MORE_THAN_INSTANCES = 1 << 16


def equation_frame(facts: pl.DataFrame, instances: Sequence[RuleInstance]) -> pl.DataFrame:
    """Return one row per equation, subject and report in which at least one of its cells stands.

    Columns: report_id, year, instance (its place in ``instances``), check_id, subject; left, right, low: the sums of
    the test, blank counted as 0 (bound rules: low is the greatest right cell, else NULL); left_is_known,
    right_is_known: every cell of the side has a value; left_has_value, right_has_value, has_value, has_blank,
    has_void (a cell without value that is not blank), is_complete (no cell that the rule needs is absent),
    is_circular (used to reconstruct one of its cells); is_assessable. Raises ValueError when a cell stands twice in a
    report, or a report has two years or two forms of one table.
    """
    reports = _reports(facts)
    operands = operand_frame(instances, EQUATION_KINDS)
    keys = operands.select(CELL_KEY).unique(maintain_order=True).with_row_index("cell")
    operands = operands.join(keys, on=CELL_KEY).select("cell", "instance", "is_left")
    cells = (
        facts.lazy()
        .join(reports.lazy().select("report_id", "report"), on="report_id")
        .join(keys.lazy(), on=CELL_KEY)
        .select("report", "cell", "value", "status", "rules_used")
        .collect()
    )
    sums = _sums(cells, operands).join(_declared(instances), on="instance")
    circular = _circular(cells, operands, instances)
    equations = (
        sums.join(reports, on="report")
        .join(circular, on=["report", "instance"], how="left")
        .with_columns(pl.col("is_circular").fill_null(False))
    )
    _refuse_doubled(equations)
    return _with_assessability(equations)


def _reports(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the reports, numbered in the order of their ids; refuse one of two years, and a table of two forms."""
    tables = facts.select("report_id", "year", "fact_table", "form").unique()
    doubled = tables.filter(pl.struct("report_id", "fact_table").is_duplicated())
    if doubled.height:
        raise ValueError(
            f"a table of one report has two forms or two years: {doubled.sort(doubled.columns).rows()[:5]}"
        )
    reports = tables.select("report_id", "year").unique().sort("report_id", "year")
    two_years = reports.filter(pl.col("report_id").is_duplicated())
    if two_years.height:
        raise ValueError(f"one report has two years: {two_years.rows()[:5]}")
    return reports.with_row_index("report")


def _sums(cells: pl.DataFrame, operands: pl.DataFrame) -> pl.DataFrame:
    value, is_left, has_value = (
        pl.col("value").cast(Sum).fill_null(ZERO),
        pl.col("is_left"),
        pl.col("value").is_not_null(),
    )
    return (
        cells.lazy()
        .select("report", "cell", "value", "status")
        .join(operands.lazy(), on="cell")
        # One number for the pair: grouping by a single integer is several times faster than by two columns.
        .with_columns(pair=pl.col("report").cast(pl.UInt64) * MORE_THAN_INSTANCES + pl.col("instance"))
        .group_by("pair")
        .agg(
            left=pl.when(is_left).then(value).otherwise(ZERO).sum(),
            right=pl.when(is_left).then(ZERO).otherwise(value).sum(),
            greatest_right=pl.when(~is_left).then(value).max(),
            n_left=is_left.sum(),
            n_right=(~is_left).sum(),
            valued_left=(is_left & has_value).sum(),
            valued_right=(~is_left & has_value).sum(),
            has_blank=(pl.col("status") == "blank").any(),
            has_void=(~has_value & (pl.col("status") != "blank")).any(),
        )
        .with_columns(
            report=(pl.col("pair") // MORE_THAN_INSTANCES).cast(pl.UInt32),
            instance=(pl.col("pair") % MORE_THAN_INSTANCES).cast(pl.UInt32),
        )
        .drop("pair")
        .collect()
    )


def _declared(instances: Sequence[RuleInstance]) -> pl.DataFrame:
    rows = [
        (n, i.rule.check_id, i.subject, i.rule.kind, len(i.left), len(i.right), i.needs_left, i.needs_right)
        for n, i in enumerate(instances)
    ]
    schema = {
        "instance": pl.UInt32, "check_id": pl.String, "subject": pl.String, "kind": pl.String, "most_left": pl.UInt32,
        "most_right": pl.UInt32, "needs_left": pl.UInt32, "needs_right": pl.UInt32,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _circular(cells: pl.DataFrame, operands: pl.DataFrame, instances: Sequence[RuleInstance]) -> pl.DataFrame:
    """Return (report, instance) of the equations that were themselves used to reconstruct one of their cells."""
    used = (
        cells.filter(pl.col("rules_used").list.len() > 0)
        .select("report", "cell", check_id="rules_used")
        .explode("check_id")
    )
    bound = used.join(operands, on="cell").join(_declared(instances), on=["instance", "check_id"])
    return bound.select("report", "instance").unique().with_columns(is_circular=pl.lit(True))


def _refuse_doubled(equations: pl.DataFrame) -> None:
    doubled = equations.filter((pl.col("n_left") > pl.col("most_left")) | (pl.col("n_right") > pl.col("most_right")))
    if doubled.height:
        named = doubled.select("report_id", "check_id", "subject").sort(pl.all())
        raise ValueError(f"a cell stands twice in a report: {named.rows()[:5]}")


def _with_assessability(equations: pl.DataFrame) -> pl.DataFrame:
    has_value = (pl.col("valued_left") + pl.col("valued_right")) > 0
    is_complete = (pl.col("n_left") >= pl.col("needs_left")) & (pl.col("n_right") >= pl.col("needs_right"))
    return equations.with_columns(
        low=pl.when(pl.col("kind") == "bound").then("greatest_right"),
        has_value=has_value,
        left_has_value=pl.col("valued_left") > 0,
        # A side without declared cells (stock_floor's right) is the number 0, not a side without value.
        right_has_value=(pl.col("valued_right") > 0) | (pl.col("most_right") == 0),
        left_is_known=(pl.col("valued_left") == pl.col("n_left")) & (pl.col("n_left") >= pl.col("needs_left")),
        right_is_known=(pl.col("valued_right") == pl.col("n_right")) & (pl.col("n_right") >= pl.col("needs_right")),
        is_complete=is_complete,
        is_assessable=is_complete & has_value & ~pl.col("has_void") & ~pl.col("is_circular"),
    ).drop("report", "kind", "greatest_right", r"^(n|valued|most|needs)_(left|right)$")
