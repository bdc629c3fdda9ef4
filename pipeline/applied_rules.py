"""Whether every declared rule was really asked of every table that it is about.

Belongs here: the guard against a rule that silently checks nothing; pure functions over frames. Does not belong here: the
judging itself (``pipeline.edits``).
"""

from collections.abc import Mapping

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.edits.operands import single_report_rules, table_instances

UNAPPLIED = {"check_id": pl.String, "form": pl.String, "reports": pl.UInt32, "example": pl.String}


def unapplied_rules(facts: Mapping[str, pl.DataFrame], results: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the single-report rules without a result in a report whose table they are about: check_id, form, reports, example.

    A rule is about every table of the forms that it names; a form whose rows vary may print none of its cells, so there it
    is not expected. An empty frame means that all is well.
    """
    expected = _rules_by_form(catalogue)
    tables = [
        frame.filter(pl.col("form").is_not_null())
        .select("report_id", "form")
        .unique()
        .with_columns(fact_table=pl.lit(name))
        for name, frame in facts.items()
        if "form" in frame.columns and "status" in frame.columns
    ]
    given = results.select("report_id", "check_id").unique()
    missing = (
        pl.concat(tables)
        .join(expected, on=["fact_table", "form"])
        .join(given, on=["report_id", "check_id"], how="anti")
    )
    counted = missing.group_by("check_id", "form").agg(reports=pl.len(), example=pl.col("report_id").min())
    return counted.select(pl.col(name).cast(dtype) for name, dtype in UNAPPLIED.items()).sort("check_id", "form")


def _rules_by_form(catalogue: Catalogue) -> pl.DataFrame:
    rows = []
    for rule in single_report_rules(catalogue):
        for code in rule.forms:
            table = catalogue.forms[code].tables[str(rule.fact_table)]
            if not table.rows_vary and table_instances(rule, table):
                rows.append((rule.check_id, table.fact_table, code))
    return pl.DataFrame(rows, schema=["check_id", "fact_table", "form"], orient="row")
