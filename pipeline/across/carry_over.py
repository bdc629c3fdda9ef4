"""A report against the report of the same body for the year before: what was carried over must be what came in.

Belongs here: judging the declared equations of ``across.yaml`` over both reports. Does not belong here: which they are.
"""

from typing import Any

import polars as pl

from pipeline.across.history import History, no_results, operand, plain, result_frame, sentence, with_labels
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words


def judge_carry_over(history: History, catalogue: Catalogue) -> pl.DataFrame:
    """Judge every ``carry_over.*`` rule over the reports of the judged year; return rows of ``check_results``.

    A row for each report and subject whose left cell the report's form has. Tolerance 0; a blank counts as 0 for the test
    alone and never makes a rule fail; no report before, or any other cell without value: not_assessable.
    """
    rules: dict[str, dict[str, Any]] = load_words("across")["carry_over"]
    applied = {
        check_id: rule
        for check_id, rule in rules.items()
        if rule["first_year"] <= history.year <= rule.get("last_year", history.year)
    }
    parts = [_judge(check_id, rule, history, catalogue) for check_id, rule in applied.items()]
    return pl.concat([no_results(), *parts])


def _judge(check_id: str, rule: dict[str, Any], history: History, catalogue: Catalogue) -> pl.DataFrame:
    report, table, row, column = rule["left"]
    rows = _operand(history.facts, table, row, column, "left", ("fact_table", "form", "row_code", "column_code"))
    rows = with_labels(rows.rename({"of": "report_id"}), catalogue)
    judged = history.judged.select("report_id", "year", "previous_id")
    rows = rows.join(judged, on="report_id").with_columns(this=pl.col("report_id"), previous=pl.col("previous_id"))
    names = ["left"]
    for number, (_sign, report, table, row, column) in enumerate(rule["right"]):
        term = _operand(history.facts, table, row, column, f"t{number}")
        rows = rows.join(term, left_on=[report, "subject"], right_on=["of", "subject"], how="left")
        names.append(f"t{number}")
    signed = [pl.col(f"t{n}") * pl.lit(term[0]).cast(pl.Decimal(38, 4)) for n, term in enumerate(rule["right"])]
    total = signed[0]
    for part in signed[1:]:
        total = total + part
    kinds = [pl.col(f"{name}_is").fill_null("none") for name in names]
    rows = rows.with_columns(
        right_value=total,
        left_value=pl.col("left"),
        check_id=pl.lit(check_id),
        has_none=pl.any_horizontal(kind == "none" for kind in kinds),
        has_blank=pl.any_horizontal(kind == "blank" for kind in kinds),
        has_value=pl.any_horizontal(kind == "value" for kind in kinds),
    )
    return result_frame(_told(rows), catalogue)


def _operand(
    facts: pl.DataFrame, table: str, row: str, column: str, name: str, kept: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Return an operand by report (``of``) and subject: the code in place of ``*``, else the column."""
    own = facts.filter(pl.col("fact_table") == table)
    own = own.filter(pl.col("row_code") == row) if row != "*" else own
    own = own.filter(pl.col("column_code") == column) if column != "*" else own
    subject = pl.col("row_code") if row == "*" else pl.lit("total") if column == "year" else pl.col("column_code")
    return operand(own, name).select(subject.alias("subject"), name, f"{name}_is", *kept, of="report_id")


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    breaks = pl.col("left_value") != pl.col("right_value")
    doubtful = pl.col("has_none") | ~pl.col("has_value") | (breaks & pl.col("has_blank"))
    outcome = pl.when(doubtful).then(pl.lit("not_assessable")).when(breaks).then(pl.lit("failed"))
    rows = rows.with_columns(outcome=outcome.otherwise(pl.lit("passed")))
    label = pl.col("label")
    sides = {name: plain(pl.col(f"{name}_value")) for name in ("left", "right")}
    difference = plain(pl.col("left_value") - pl.col("right_value"))
    return rows.with_columns(
        pl.when(pl.col("previous_id").is_null())
        .then(sentence("no_previous", language))
        .when(pl.col("outcome") == "not_assessable")
        .then(sentence("no_value", language, subject=label))
        .otherwise(sentence("carry_over", language, subject=label, difference=difference, **sides))
        .alias(f"message_{language}")
        for language in ("zh", "en")
    ).with_columns(
        # A side that holds a blank alone has no number of its own.
        left_value=pl.when(pl.col("left_is") == "value").then("left_value"),
        right_value=pl.when(~pl.col("has_none")).then("right_value"),
    )
