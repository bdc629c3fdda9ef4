"""Whether our own reading of a source got worse: the share of unread cells by source and form against its past.

Belongs here: ``drift.extraction``. Does not belong here: drift of what bodies report (``pipeline.across.drift``).
"""

import polars as pl

from pipeline.across.history import History, no_results, result_frame, sentence
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words


def judge_extraction(history: History, catalogue: Catalogue) -> pl.DataFrame:
    """Judge ``drift.extraction``: a row for each judged report with facts; sides are shares of cells, 0 to 1.

    The source is the site that the page states for itself, else the kind of its file. A report fails where its source's share
    rose and its own is above the source's past; a source with too few reports, now or before, is not assessable.
    """
    limits = load_words("drift")["extraction"]
    reports = history.reports.join(history.background.shares, on="report_id").filter(pl.col("form").is_not_null())
    reports = reports.with_columns(site_of())
    key = ["site", "form"]
    now = reports.filter(pl.col("year") == history.year)
    if now.is_empty():
        return no_results()
    groups = now.group_by(key).agg(left=pl.col("own").mean().round(4), reports=pl.len())
    past = reports.filter(pl.col("year") < history.year)
    past = past.group_by(key).agg(right=pl.col("own").mean().round(4), earlier=pl.len())
    judged = now.join(history.judged.select("report_id"), on="report_id", how="semi")
    rows = judged.join(groups, on=key).join(past, on=key, how="left")
    least = limits["least_reports"]
    enough = (pl.col("reports") >= least) & (pl.col("earlier").fill_null(0) >= least)
    rose = (pl.col("left") - pl.col("right") > limits["least_rise"]) & (pl.col("own") > pl.col("right"))
    rise = pl.when(rose).then(pl.lit("failed")).otherwise(pl.lit("passed"))
    rows = rows.with_columns(enough=enough, outcome=pl.when(enough).then(rise).otherwise(pl.lit("not_assessable")))
    shown = {"source": pl.col("site"), "form": pl.col("form"), "left": pl.col("left"), "right": pl.col("right")}
    rows = rows.with_columns(
        pl.when("enough")
        .then(sentence("extraction", language, **shown))
        .otherwise(sentence("too_few", language))
        .alias(f"message_{language}")
        for language in ("zh", "en")
    )
    rows = rows.with_columns(left_value=pl.when("enough").then("left"), right_value=pl.when("enough").then("right"))
    results = result_frame(rows.with_columns(check_id=pl.lit("drift.extraction"), subject=pl.lit("all")), catalogue)
    # Of all rules this one alone is about ourselves: nothing else can be at fault.
    verdict = pl.when(pl.col("outcome") == "failed").then(pl.lit("extraction"))
    return results.with_columns(verdict=verdict.cast(pl.String))


def site_of() -> pl.Expr:
    """Return the source of a report as an expression ``site``: the host that its page states, else the kind of its file."""
    host = pl.col("source").str.extract(r"^https?://([^/:]+)").str.to_lowercase()
    return pl.coalesce(host, "media_type").fill_null("").alias("site")
