"""Whether an equation holds: pandera schemas made from the declared rules, and the rows that break them.

Belongs here: rule → schema, schema × frame → which rows fail. Does not belong here: how a row came about, what it is
called. Frames are eager: pandera checks no value of a LazyFrame.
"""

import pandera.polars as pa
import polars as pl

from pipeline.catalogue.model import Catalogue, Rule
from pipeline.edits.frames import Sum, Value

EQUATION_COLUMNS = ("check_id", "left", "right", "low", "is_assessable")


def equation_schema(rule: Rule) -> pa.DataFrameSchema:
    """Return the schema of a rule's equations: its relation holds in every row that is assessable.

    Columns: check_id, left, right, low (NULL but for bound rules), is_assessable. A NULL side in an assessable
    row fails: nothing passes for want of a number.
    """
    left, right, low = pl.col("left"), pl.col("right"), pl.col("low")
    if rule.kind == "bound":
        holds = (low <= left) & (left <= right)
    elif rule.kind == "subset" or rule.relation == "<=":
        holds = left <= right
    elif rule.relation == ">=":
        holds = left >= right
    else:
        holds = left == right
    condition = ~pl.col("is_assessable") | holds.fill_null(False)
    return pa.DataFrameSchema(
        {
            "check_id": pa.Column(pl.String, pa.Check.eq(rule.check_id)),
            "left": pa.Column(Sum, nullable=True),
            "right": pa.Column(Sum, nullable=True),
            "low": pa.Column(Sum, nullable=True),
            "is_assessable": pa.Column(pl.Boolean),
        },
        checks=[pa.Check(lambda data: data.lazyframe.select(condition), name=rule.check_id, description=rule.formula)],
        strict=True,
        ordered=True,
    )


def cell_schema(rule: Rule) -> pa.DataFrameSchema:
    """Return the schema of the values that a rule on single cells is asked of: integers of at least 0."""
    value = pl.col("value")
    condition = (value >= 0) & (value == value.cast(pl.Decimal(20, 0)))
    return pa.DataFrameSchema(
        {"value": pa.Column(Value)},
        checks=[pa.Check(lambda data: data.lazyframe.select(condition), name=rule.check_id, description=rule.formula)],
        strict=True,
    )


def breaks(equations: pl.DataFrame, catalogue: Catalogue) -> pl.Series:
    """Return, for each row of ``equations``, whether it breaks its rule. Rows that are not assessable break nothing.

    Each rule's rows are validated against the rule's own schema; pandera's failing cases are the answer.
    """
    numbered = equations.select(EQUATION_COLUMNS).with_row_index("place")
    broken: list[int] = []
    for part in numbered.partition_by("check_id"):
        rule = catalogue.rules[str(part["check_id"][0])]
        broken += part["place"].gather(failing_rows(equation_schema(rule), part.drop("place"), rule)).to_list()
    return numbered["place"].is_in(broken).alias("breaks")


def failing_rows(schema: pa.DataFrameSchema, frame: pl.DataFrame, rule: Rule) -> list[int]:
    """Return the places of the rows that fail the rule's own check, ascending.

    Raises pandera's SchemaErrors for every other failure: a frame that is not what the schema says is a fault of
    ours, not a finding.
    """
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        ours = cases.filter(pl.col("check") == rule.check_id)
        if ours.height != cases.height or ours["index"].null_count():
            raise
        return sorted(ours["index"].to_list())
    return []
