"""Every single-report rule over the facts of many reports: facts in, rows of ``check_results`` out.

Belongs here: the order of the steps and the outcome of a result. Does not belong here: how sums are made
(``pipeline.edits.equations``), when an equation holds (``pipeline.edits.enforce``), words (``pipeline.edits.wording``).
"""

from collections.abc import Sequence

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.edits.enforce import breaks
from pipeline.edits.equations import equation_frame
from pipeline.edits.frames import RESULT_SCHEMA, judged_facts
from pipeline.edits.operands import RuleInstance, rule_instances
from pipeline.edits.single_cells import judge_cells
from pipeline.edits.wording import add_messages


def evaluate_rules(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Judge every rule of the kinds linear, cell, bound and subset over facts in long form.

    ``facts``: report_id, year, fact_table, row_code, column_code, value DECIMAL(20,4), status, form, and optionally
    rules_used (the rules by which a cell was reconstructed). Rows of any number of reports, in any order; further
    columns are ignored.

    Returns rows of ``check_results``, sorted by report_id, check_id, subject. Tolerance is 0; a blank counts as 0 for
    the test alone; a rule with any other cell without value, with no value at all, or used to reconstruct one of its
    cells, is ``not_assessable``. left_value is the printed side and NULL, like right_value and difference, where a
    cell of the side is missing or unread. Raises ValueError for facts that cannot be judged (see ``judged_facts``).
    """
    instances = rule_instances(catalogue)
    frame = judged_facts(facts, catalogue)
    results = pl.concat([judged_equations(frame, instances, catalogue), judge_cells(frame, instances)], how="diagonal")
    rules = pl.DataFrame(
        [(number, instance.rule.check_id, instance.rule.severity) for number, instance in enumerate(instances)],
        schema={"instance": pl.UInt32, "check_id": pl.String, "severity": pl.String},
        orient="row",
    )
    results = add_messages(results.drop("check_id").join(rules, on="instance"), frame, instances, catalogue)
    results = results.with_columns(
        difference=pl.col("left_value") - pl.col("right_value"),
        # Whose fault a failure is can be told only by a second reading of the file, which this module does not have.
        verdict=pl.when(pl.col("outcome") == "failed").then(pl.lit("unknown")),
    )
    return results.select(pl.col(name).cast(dtype) for name, dtype in RESULT_SCHEMA.items()).sort(
        "report_id", "check_id", "subject"
    )


def judged_equations(facts: pl.DataFrame, instances: Sequence[RuleInstance], catalogue: Catalogue) -> pl.DataFrame:
    """Return ``equation_frame`` of judged facts with outcome, left_value, right_value, breaks and blank_breaks."""
    equations = equation_frame(facts, instances)
    equations = equations.with_columns(breaks(equations, catalogue))
    blank_breaks = pl.col("breaks") & pl.col("has_blank")
    outcome = (
        pl.when(~pl.col("is_assessable") | blank_breaks)
        .then(pl.lit("not_assessable"))
        .when("breaks")
        .then(pl.lit("failed"))
        .otherwise(pl.lit("passed"))
    )
    equations = equations.with_columns(outcome=outcome, blank_breaks=blank_breaks)
    passed = pl.col("outcome") == "passed"
    # Of a bound rule the bound that is broken, else the upper one.
    right = pl.when(pl.col("left") < pl.col("low")).then("low").otherwise("right")
    return equations.with_columns(
        left_value=pl.when(pl.col("left_is_known") | (passed & pl.col("left_has_value"))).then("left"),
        right_value=pl.when(pl.col("right_is_known") | (passed & pl.col("right_has_value"))).then(right),
    )
