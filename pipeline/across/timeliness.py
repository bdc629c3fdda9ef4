"""Whether a report was published by the day that was due for its body and scope.

Belongs here: the page's date against the declared dates of ``across.yaml``. Does not belong here: finding the date.
"""

from datetime import date
from typing import Any

import polars as pl

from pipeline.across.history import History, result_frame, sentence
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words

FIRST_YEAR_OF_SCOPES = 2019


def judge_timeliness(history: History, catalogue: Catalogue) -> pl.DataFrame:
    """Judge ``timeliness.deadline``: one row a report, subject ``all``; sides are days after the end of the report year.

    Not assessable: no date on the page, no declared due date for the kind of body and scope, a date before the report year
    ended, a re-publication more than a year after it.
    """
    rules: dict[str, Any] = load_words("across")["deadlines"]
    end = date(history.year, 12, 31)
    rows = history.judged.with_columns(
        due=_due(rules, history.year).cast(pl.Date), days=(pl.col("published_on") - pl.lit(end)).dt.total_days()
    )
    rows = rows.with_columns(allowed=(pl.col("due") - pl.lit(end)).dt.total_days())
    cause = (
        pl.when(pl.col("days").is_null()).then(pl.lit("no_date"))
        .when(pl.col("days") < 0).then(pl.lit("too_early"))
        .when(pl.col("days") > int(rules["republished_after_days"])).then(pl.lit("republished"))
        .when(pl.col("allowed").is_null()).then(pl.lit("no_deadline"))
    )  # fmt: skip
    late = pl.when(pl.col("days") > pl.col("allowed")).then(pl.lit("failed")).otherwise(pl.lit("passed"))
    rows = rows.with_columns(cause=cause)
    rows = rows.with_columns(outcome=pl.when(pl.col("cause").is_null()).then(late).otherwise(pl.lit("not_assessable")))
    shown = {
        "published": pl.col("published_on"),
        "due": pl.col("due"),
        "difference": pl.col("days") - pl.col("allowed"),
    }
    rows = rows.with_columns(_message(language, shown) for language in ("zh", "en"))
    rows = rows.with_columns(
        check_id=pl.lit("timeliness.deadline"), subject=pl.lit("all"), left_value="days", right_value="allowed"
    )
    return result_frame(rows, catalogue)


def _due(rules: dict[str, Any], year: int) -> pl.Expr:
    """Return the due date of a report by kind of body and scope, NULL where none is declared."""
    if year < FIRST_YEAR_OF_SCOPES:
        return pl.lit(date.fromisoformat(f"{year + 1}-{rules['before_2019']}"))
    due = pl.lit(None, pl.Date)
    for scope in ("own", "aggregate"):
        for kind, day in rules[scope].items():
            fits = (pl.col("scope") == scope) & (pl.col("issuer_kind") == kind)
            due = pl.when(fits).then(pl.lit(date.fromisoformat(f"{year + 1}-{day}"))).otherwise(due)
    return due


def _message(language: str, shown: dict[str, pl.Expr]) -> pl.Expr:
    text = sentence("late", language, **shown)
    for cause in ("no_date", "no_deadline", "republished", "too_early"):
        text = pl.when(pl.col("cause") == cause).then(sentence(cause, language, **shown)).otherwise(text)
    return text.alias(f"message_{language}")
