"""The frames that the equations read and write: their columns, and what a frame of facts must hold to be judged.

Belongs here: column names, types, the guard at the entrance, the declared operands as frames. Does not belong here:
sums and outcomes.
"""

from collections.abc import Collection, Iterable

import pandera.polars as pa
import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.edits.operands import FORMLESS, SINGLE_REPORT_KINDS, RuleInstance

Value = pl.Decimal(20, 4)
Sum = pl.Decimal(38, 4)
"""What polars makes of a sum of values; it cannot overflow before a published column does."""

CELL_KEY = ["fact_table", "form", "row_code", "column_code"]
STATUSES_WITH_VALUE = ("reported", "reconstructed", "corrected")
STATUSES_WITHOUT_VALUE = ("blank", "not_applicable", "unreadable", "missing")

RESULT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String,
    "year": pl.Int32,
    "check_id": pl.String,
    "subject": pl.String,
    "left_value": Value,
    "right_value": Value,
    "difference": Value,
    "outcome": pl.String,
    "severity": pl.String,
    "verdict": pl.String,
    "message_zh": pl.String,
    "message_en": pl.String,
}


def fact_schema(catalogue: Catalogue) -> pa.DataFrameSchema:
    """Return the schema of a frame of facts that can be judged."""
    forms = [*catalogue.forms, FORMLESS]
    statuses = [*STATUSES_WITH_VALUE, *STATUSES_WITHOUT_VALUE]
    value_fits_status = pa.Check(
        lambda data: data.lazyframe.select(
            pl.col("value").is_not_null() == pl.col("status").is_in(STATUSES_WITH_VALUE)
        ),
        name="a value stands exactly where the status says so",
    )
    return pa.DataFrameSchema(
        {
            "report_id": pa.Column(pl.String),
            "year": pa.Column(pl.Int32),
            "fact_table": pa.Column(pl.String),
            "row_code": pa.Column(pl.String),
            "column_code": pa.Column(pl.String),
            "value": pa.Column(Value, nullable=True),
            "status": pa.Column(pl.String, pa.Check.isin(statuses)),
            "form": pa.Column(pl.String, pa.Check.isin(forms)),
            "rules_used": pa.Column(pl.List(pl.String), nullable=True),
        },
        checks=[value_fits_status],
        strict=True,
    )


def judged_facts(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the columns of ``facts`` that rules need, in one order, ``form`` never NULL (``FORMLESS`` where it is
    not known).

    Raises ValueError: a column is missing or has another type, a value beside a status without value (or the
    reverse), a form that the catalogue does not know, a rule in ``rules_used`` that it does not know. Doubled cells
    are found by the sums.
    """
    if not isinstance(facts, pl.DataFrame):
        raise TypeError("facts must be an eager frame: of a lazy one pandera checks no value")
    if "rules_used" not in facts.columns:
        facts = facts.with_columns(rules_used=pl.lit(None, dtype=pl.List(pl.String)))
    names = ["report_id", "year", "fact_table", "row_code", "column_code", "value", "status", "form", "rules_used"]
    absent = [name for name in names if name not in facts.columns]
    if absent:
        raise ValueError(f"facts lack the columns {', '.join(absent)}")
    frame = facts.select(names).with_columns(pl.col("year").cast(pl.Int32), pl.col("form").fill_null(FORMLESS))
    try:
        # Eager on purpose: pandera checks the schema only, never the values, of a LazyFrame.
        fact_schema(catalogue).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        counts = error.failure_cases.group_by("column", "check").len().rows()
        told = "; ".join(
            f"{check} ({column or 'frame'}, {count} times)" for column, check, count in sorted(counts, key=str)
        )
        raise ValueError(f"facts that cannot be judged: {told}") from error
    used = frame.filter(pl.col("rules_used").is_not_null())["rules_used"].explode().drop_nulls()
    unknown = sorted(set(used.unique().to_list()) - set(catalogue.rules))
    if unknown:
        raise ValueError(f"facts were reconstructed by rules that the catalogue does not know: {', '.join(unknown)}")
    return frame


def operand_frame(instances: Iterable[RuleInstance], kinds: Collection[str] = SINGLE_REPORT_KINDS) -> pl.DataFrame:
    """Return one row per cell of each instance of some kinds: the cell's key, ``instance`` (its place in the list),
    ``is_left``, ``position``."""
    rows = [
        (str(i.rule.fact_table), i.form, row_code, column_code, number, is_left, position)
        for number, i in enumerate(instances)
        if i.rule.kind in kinds
        for is_left, cells in ((True, i.left), (False, i.right))
        for position, (row_code, column_code) in enumerate(cells)
    ]
    schema = dict.fromkeys(CELL_KEY, pl.String) | {"instance": pl.UInt32, "is_left": pl.Boolean, "position": pl.UInt16}
    return pl.DataFrame(rows, schema=schema, orient="row")
