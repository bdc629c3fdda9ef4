"""The rules across reports over a stored year, some bodies at a time.

Belongs here: what of the lake each group of bodies needs (its reports, those of the year before, what is watched of older
ones, the members of its rosters). Does not belong here: a rule (``pipeline.across``), rules on single reports.
"""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from pipeline.across.compared import KnownRepairs
from pipeline.across.drift import peer_levels
from pipeline.across.history import Background, History, current_reports
from pipeline.across.judge import AcrossChecks, judge_across
from pipeline.across.rollup import roster_members
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.year_facts import axes, long_facts
from warehouse.gathered_rows import gathering
from warehouse.rosters import read_rosters
from warehouse.schemas import SIDE
from warehouse.years import facts_years, read_columns, rows_by_reports

_REPORT = [
    "report_id", "year", "issuer_id", "issuer_kind", "scope", "form", "source", "media_type", "published_on", "is_current",
]  # fmt: skip
"""What rules across reports look at of the table ``reports``."""
_BODY = ["issuer_id", "scope"]


def across_checks(home: Home, year: int, known: KnownRepairs) -> Iterator[AcrossChecks]:
    """Yield what the rules across reports find in the current reports of a year, each report in one part. Raises TornFacts.

    Memory holds a row for each report of the past, but the cells of one group of bodies alone.
    """
    catalogue = load_catalogue()
    years = [past for past in facts_years(home) if past <= year]
    reports = pl.concat([read_columns(home, "reports", past, _REPORT) for past in years])
    shares = pl.concat([read_columns(home, "unread_shares", past, list(SIDE["unread_shares"])) for past in years])
    watched = read_columns(home, "watched_cells", year, list(SIDE["watched_cells"]))
    current = current_reports(year, reports)
    own = _in_groups(current.filter(pl.col("year") == year))
    background = Background(watched.clear(), shares, peer_levels(watched, reports, year), own.select("report_id"))
    rosters = read_rosters(home, year)
    members = roster_members(History(year, current, pl.DataFrame(), background), rosters)
    with (
        gathering(home, _with_the_past(own, current)) as past_cells,
        gathering(home, _with_what_is_compared(own, members)) as facts,
    ):
        for past in years:
            past_cells.add(read_columns(home, "watched_cells", past, list(SIDE["watched_cells"])))
        for past in (past for past in years if past >= year - 1):
            for frames in rows_by_reports(home, past, tuple(axes(catalogue)), _limit("reports_at_once")):
                # The place of a cell in its file is most of what the past would cost to hold.
                facts.add(long_facts(frames, catalogue).drop("table_no", "row", "col", "reason", "note"))
        for group, judged in _by_group(own):
            given = replace(background, watched=past_cells.of_group(group), judged=judged)
            yield judge_across(year, reports, facts.of_group(group), catalogue, rosters, known, given)


def _in_groups(own: pl.DataFrame) -> pl.DataFrame:
    """Return the reports to judge with ``group``: bodies stand together."""
    ordered = own.sort(*_BODY, "report_id")
    return ordered.with_columns(group=(pl.int_range(pl.len()) // _limit("bodies_at_once")).cast(pl.Int32))


def _by_group(own: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the groups with their reports; one without any where no report is current."""
    for group in range(int(own.select(pl.col("group").max().fill_null(0)).item()) + 1):
        yield group, own.filter(pl.col("group") == group).select("report_id")


def _with_the_past(own: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Return which groups look at which reports' watched cells: those of the same body and scope, of any year."""
    same_body = current.join(own.select(*_BODY, "group").unique(), on=_BODY).select("report_id", "group")
    return pl.concat([own.select("report_id", "group"), same_body]).unique()


def _with_what_is_compared(own: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return which groups look at all facts of which reports: those to judge, the ones before them, members of aggregates."""
    before = own.select(pl.col("previous_id").alias("report_id"), "group").drop_nulls()
    under = members.join(own.select(aggregate_id="report_id", group="group"), on="aggregate_id").drop_nulls("report_id")
    return pl.concat([own.select("report_id", "group"), before, under.select("report_id", "group")]).unique()


def _limit(name: str) -> int:
    return int(load_catalogue().limits["judging"][name])
