"""All rules across reports over the history of a year.

Belongs here: which judges there are. Does not belong here: a rule, storing anything.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.across.carry_over import judge_carry_over
from pipeline.across.compared import COMPARED, NONE_KNOWN, KnownRepairs, compare_cells, tell_suspects
from pipeline.across.drift import judge_drift, peer_levels
from pipeline.across.extraction_drift import judge_extraction
from pipeline.across.history import Background, make_history
from pipeline.across.past import shares_of_long, watched_of_long
from pipeline.across.rollup import ROSTER, judge_rollup
from pipeline.across.timeliness import judge_timeliness
from pipeline.catalogue.model import Catalogue


@dataclass(frozen=True, slots=True)
class AcrossChecks:
    """Rows of ``check_results``, and of ``compared_cells``: which cells the failed ones compare, and which to distrust."""

    check_results: pl.DataFrame
    compared_cells: pl.DataFrame


def judge_across(
    year: int,
    reports: pl.DataFrame,
    facts: pl.DataFrame,
    catalogue: Catalogue,
    rosters: pl.DataFrame | None = None,
    known: KnownRepairs = NONE_KNOWN,
    background: Background | None = None,
) -> AcrossChecks:
    """Judge every rule of kind ``across`` for the current reports of a year; rows sorted.

    ``reports`` and long ``facts`` (unit too) of the judged year and of every earlier one; later years are not looked at, so
    that a year depends on itself and its past alone. ``rosters``: columns of ``ROSTER``. ``known``: repairs found before.
    With ``background`` the facts of the judged reports, of those before them and of the members of their rosters are enough.
    A pure function: order of rows is of no matter.
    """
    history = make_history(year, reports, facts, background or background_of(year, reports, facts))
    if history.judged.is_empty():
        return AcrossChecks(judge_carry_over(history, catalogue), pl.DataFrame(schema=COMPARED))
    members = pl.DataFrame(schema=ROSTER) if rosters is None else rosters
    parts = [
        judge_carry_over(history, catalogue),
        judge_rollup(history, members, catalogue),
        judge_timeliness(history, catalogue),
        judge_drift(history, catalogue),
        judge_extraction(history, catalogue),
    ]
    results = pl.concat(parts).sort("report_id", "check_id", "subject")
    cells = compare_cells(results, history, members, catalogue, known)
    return AcrossChecks(tell_suspects(results, cells), cells)


def background_of(year: int, reports: pl.DataFrame, facts: pl.DataFrame) -> Background:
    """Return what there is to know beside the facts, from the long facts of all years, to judge every report of a year."""
    watched, shares = watched_of_long(facts), shares_of_long(facts)
    current = reports.filter(pl.col("is_current"), pl.col("year") == year)
    return Background(watched, shares, peer_levels(watched, reports, year), current.select("report_id"))
