"""All rules across reports over the history of a year.

Belongs here: which judges there are. Does not belong here: a rule, storing anything.
"""

import polars as pl

from pipeline.across.carry_over import judge_carry_over
from pipeline.across.drift import judge_drift
from pipeline.across.extraction_drift import judge_extraction
from pipeline.across.history import make_history
from pipeline.across.rollup import ROSTER, judge_rollup
from pipeline.across.timeliness import judge_timeliness
from pipeline.catalogue.model import Catalogue


def judge_across(
    year: int, reports: pl.DataFrame, facts: pl.DataFrame, catalogue: Catalogue, rosters: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Judge every rule of kind ``across`` for the current reports of a year; return rows of ``check_results``, sorted.

    ``reports`` and long ``facts`` (unit too) of the judged year and of every earlier one; later years are not looked at, so
    that a year depends on itself and its past alone. ``rosters``: columns of ``ROSTER``. A pure function: order of rows is
    of no matter.
    """
    history = make_history(year, reports, facts)
    if history.judged.is_empty():
        return judge_carry_over(history, catalogue)
    parts = [
        judge_carry_over(history, catalogue),
        judge_rollup(history, pl.DataFrame(schema=ROSTER) if rosters is None else rosters, catalogue),
        judge_timeliness(history, catalogue),
        judge_drift(history, catalogue),
        judge_extraction(history, catalogue),
    ]
    return pl.concat(parts).sort("report_id", "check_id", "subject")
