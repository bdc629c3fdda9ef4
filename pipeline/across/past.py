"""What rules across reports look at of reports older than the year before: little, so that a country's past fits.

Belongs here: taking it from the facts of a year, and what of it makes later years be judged anew; pure functions over frames.
Does not belong here: storing it (``warehouse.year_writer``), judging it (``pipeline.across.drift`` and its neighbours).
"""

import hashlib
from collections.abc import Mapping

import polars as pl

from pipeline.across.extraction_drift import site_of
from pipeline.catalogue.words import load_words

UNREAD = ("blank", "unreadable", "missing")
Axes = Mapping[str, tuple[str, str]]
"""The code columns of each fact table: rows, columns (``year_facts.axes``)."""
CELL = ["fact_table", "row_code", "column_code"]


def watched_cells(frames: Mapping[str, pl.DataFrame], axes: Axes) -> pl.DataFrame:
    """Return the cells with a value that drift watches (totals, not their splits): report_id, CELL, unit, value."""
    return pl.concat([watched_of_long(_long(name, frames[name], *codes)) for name, codes in axes.items()])


def watched_of_long(facts: pl.DataFrame) -> pl.DataFrame:
    """Return what ``watched_cells`` does, of long facts."""
    watched = [(table, column) for table, columns in load_words("drift")["watched"].items() for column in columns]
    frame = pl.DataFrame(watched, schema=["fact_table", "column_code"], orient="row")
    valued = facts.filter(pl.col("value").is_not_null()).join(frame, on=["fact_table", "column_code"], how="semi")
    return valued.select("report_id", *CELL, "unit", pl.col("value").cast(pl.Decimal(20, 4)))


def unread_shares(frames: Mapping[str, pl.DataFrame], axes: Axes) -> pl.DataFrame:
    """Return which share of its cells each report has without a number: report_id, own (0 to 1)."""
    return shares_of_long(pl.concat([frames[name].select("report_id", "status") for name in axes]))


def shares_of_long(facts: pl.DataFrame) -> pl.DataFrame:
    """Return what ``unread_shares`` does, of long facts."""
    return facts.group_by("report_id").agg(own=pl.col("status").is_in(UNREAD).mean())


def _long(name: str, frame: pl.DataFrame, row_axis: str, column_axis: str) -> pl.DataFrame:
    unit = pl.col("unit") if "unit" in frame.columns else pl.lit("count")
    return frame.select(
        "report_id", pl.lit(name).alias("fact_table"), pl.col(row_axis).alias("row_code"),
        pl.col(column_axis).alias("column_code"), unit.alias("unit"), "value",
    ).cast({"value": pl.Decimal(20, 4)})  # fmt: skip


def seen_by_report(watched: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """Return for each report a hash of what is looked at of its cells: report_id, seen."""
    texts = watched.sort("report_id", *CELL).select(
        "report_id",
        text=pl.concat_str(*CELL, "unit", pl.col("value").cast(pl.String), separator="|", ignore_nulls=True),
    )
    joined = texts.group_by("report_id", maintain_order=True).agg(pl.col("text").str.join("\n"))
    told = shares.join(joined, on="report_id", how="left").select("report_id", "own", pl.col("text").fill_null(""))
    hashed = [(i, hashlib.sha256(f"{own!r} {text}".encode()).hexdigest()) for i, own, text in told.iter_rows()]
    return pl.DataFrame(hashed, schema={"report_id": pl.String, "seen": pl.String}, orient="row")


def seen_later(reports: pl.DataFrame, seen: pl.DataFrame) -> str:
    """Return a hash of what years after the next look at of a year: its current ``reports``, ``seen`` as of ``seen_by_report``.

    No report_id: a page that was edited and says the same makes nobody judge anything anew.
    """
    current = reports.filter("is_current").join(seen, on="report_id", how="left")
    rows = current.select("issuer_id", "issuer_kind", "scope", "form", site_of(), "seen").rows()
    return hashlib.sha256(repr(sorted(rows, key=repr)).encode()).hexdigest()
