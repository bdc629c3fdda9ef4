"""An aggregate against the sum of the bodies under it, where a roster says who they are.

Belongs here: ``rollup.*`` over reports, facts and rosters. Does not belong here: reading a roster file.
"""

import polars as pl

from pipeline.across.history import History, no_results, operand, plain, result_frame, sentence, with_labels
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words

ROSTER = {"year": pl.Int32, "parent_id": pl.String, "member_id": pl.String}
"""A complete roster: every body whose report an aggregate adds up. Who declares it declares it complete."""


def judge_rollup(history: History, rosters: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Judge ``rollup.*`` for the aggregates of the judged year that have a roster; return rows of ``check_results``.

    Without a roster no row. A member that is not loaded, or has no such table: one row ``all``, not_assessable. Else a row for
    each row code; a blank counts as 0 for the test alone, any other cell without value makes it not_assessable.
    """
    members = roster_members(history, rosters)
    if members.is_empty():
        return no_results()
    rules: dict[str, dict[str, str]] = load_words("across")["rollup"]
    return pl.concat([_judge(check_id, rule, members, history, catalogue) for check_id, rule in rules.items()])


def roster_members(history: History, rosters: pl.DataFrame) -> pl.DataFrame:
    """Return the members of each aggregate of the judged year: issuer_id, aggregate_id, member_id, report_id.

    ``report_id`` is the member's report that stands in the aggregate, None where it is not loaded.
    """
    own = rosters.filter(pl.col("year") == history.year).unique(["parent_id", "member_id"])
    aggregates = history.judged.filter(pl.col("scope") == "aggregate").select("issuer_id", aggregate_id="report_id")
    members = aggregates.join(own, left_on="issuer_id", right_on="parent_id")
    kinds: list[str] = load_words("across")["members_with_aggregates"]
    stands = pl.col("issuer_kind").is_in(kinds) == (pl.col("scope") == "aggregate")
    reports = history.of_year.filter(stands, pl.col("scope") != "unknown")
    reports = reports.select(member_id="issuer_id", report_id="report_id").unique("member_id", keep="first")
    return members.join(reports, on="member_id", how="left")


def _judge(
    check_id: str, rule: dict[str, str], members: pl.DataFrame, history: History, catalogue: Catalogue
) -> pl.DataFrame:
    table, column = rule["table"], rule["column"]
    cells = history.facts.filter((pl.col("fact_table") == table) & (pl.col("column_code") == column))
    has_table = cells.select("report_id").unique().with_columns(loaded=pl.lit(1))
    rosters = members.join(has_table, on="report_id", how="left").group_by("aggregate_id").agg(
        expected=pl.len(), loaded=pl.col("loaded").fill_null(0).sum()
    )  # fmt: skip
    short = rosters.filter(pl.col("loaded") < pl.col("expected")).select(
        pl.lit("all").alias("subject"), report_id="aggregate_id", left_value="loaded", right_value="expected"
    )
    short = short.with_columns(
        sentence("members_missing", lang, left=pl.col("left_value"), right=pl.col("right_value")).alias(f"message_{lang}")
        for lang in ("zh", "en")
    ).with_columns(outcome=pl.lit("not_assessable"), left_value=pl.lit(None), right_value=pl.lit(None))  # fmt: skip
    whole = members.join(short.select(aggregate_id="report_id"), on="aggregate_id", how="anti")
    sums = operand(cells, "right_value").join(whole.select("report_id", "aggregate_id"), on="report_id")
    sums = sums.group_by("aggregate_id", "row_code").agg(
        pl.col("right_value").sum(),
        right_none=(pl.col("right_value_is") == "none").any(),
        right_blank=(pl.col("right_value_is") == "blank").any(),
        right_known=(pl.col("right_value_is") == "value").any(),
        summed=pl.len(),
    )
    # A member whose form does not print the row leaves the sum short.
    sums = sums.join(whole.group_by("aggregate_id").agg(members=pl.len()), on="aggregate_id")
    sums = sums.with_columns(right_none=pl.col("right_none") | (pl.col("summed") < pl.col("members")))
    printed = operand(cells, "left_value").select(
        "report_id", "fact_table", "form", "row_code", "column_code", "left_value", "left_value_is"
    )
    rows = printed.join(sums, left_on=["report_id", "row_code"], right_on=["aggregate_id", "row_code"])
    told = _told(with_labels(rows, catalogue))
    common = ["report_id", "subject", "left_value", "right_value", "outcome", "message_zh", "message_en"]
    value = [pl.col("left_value").cast(pl.Decimal(38, 4)), pl.col("right_value").cast(pl.Decimal(38, 4))]
    both = pl.concat([frame.select(common).with_columns(value) for frame in (told, short)])
    both = both.with_columns(check_id=pl.lit(check_id), year=pl.lit(history.year))
    return result_frame(both, catalogue)


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    breaks = pl.col("left_value") != pl.col("right_value")
    has_blank = pl.col("right_blank") | (pl.col("left_value_is") == "blank")
    is_empty = ~pl.col("right_known") & (pl.col("left_value_is") != "value")
    doubtful = pl.col("right_none") | (pl.col("left_value_is") == "none") | is_empty | (breaks & has_blank)
    outcome = pl.when(doubtful).then(pl.lit("not_assessable")).when(breaks).then(pl.lit("failed"))
    rows = rows.with_columns(outcome=outcome.otherwise(pl.lit("passed")), subject=pl.col("row_code"))
    sides = {name: plain(pl.col(f"{name}_value")) for name in ("left", "right")}
    sides["difference"] = plain(pl.col("left_value") - pl.col("right_value"))
    label = pl.col("label")
    return rows.with_columns(
        pl.when(pl.col("outcome") == "not_assessable")
        .then(sentence("no_value", language, subject=label))
        .otherwise(sentence("rollup", language, subject=label, **sides))
        .alias(f"message_{language}")
        for language in ("zh", "en")
    ).with_columns(
        left_value=pl.when(pl.col("left_value_is") == "value").then("left_value"),
        right_value=pl.when(~pl.col("right_none")).then("right_value"),
    )
