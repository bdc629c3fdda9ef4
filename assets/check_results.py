"""The check results of a report year: every rule on every report, one row each.

Belongs here: reading a year's facts, refusing facts that are not up to date, writing the results with the fingerprint of the
facts that were judged. Does not belong here: how a rule is judged (``pipeline.year_checks``), what a finding means for an
asset (``checks``).
"""

import hashlib

import dagster as dg
import polars as pl

from assets.single_checks import report_inputs, single_checks, standing_single_checks
from assets.table_metadata import check_figures, definition_metadata
from checks.schemas import validate
from pipeline.across.compared import CELL, KnownRepairs
from pipeline.across.drift import watched_facts
from pipeline.across.history import unread_shares
from pipeline.across.judge import AcrossChecks, judge_across
from pipeline.applied_rules import unapplied_rules
from pipeline.asset_names import CHECK_RESULTS, CHECKS, FACT_ASSETS
from pipeline.catalogue.load import load_catalogue
from pipeline.freshness import year_inputs
from pipeline.home import Home
from pipeline.home_lock import hold_home
from pipeline.partitions import YEARS
from pipeline.resources import POOL, HomeFolder
from pipeline.year_checks import YearChecks
from pipeline.year_facts import Frames, axes, long_facts
from warehouse.errors import StaleFacts, TornFacts
from warehouse.judged_reports import write_judged_reports
from warehouse.rosters import read_rosters
from warehouse.schemas import conform
from warehouse.years import (
    checks_manifest,
    facts_fingerprint,
    facts_inputs,
    facts_years,
    judged_fingerprint,
    read_check_results,
    read_facts,
    write_check_results,
)

BLOCKED = "blocked"
"""In place of the fingerprint of the facts judged: the results are kept to be looked at, and publication refuses the year."""


@dg.asset(
    name=CHECK_RESULTS,
    deps=FACT_ASSETS,
    group_name=CHECKS,
    partitions_def=YEARS,
    pool=POOL,
    description=f"{load_catalogue().tables[CHECK_RESULTS].comment}; suggestions beside them",
    metadata=definition_metadata(load_catalogue().tables[CHECK_RESULTS]),
    kinds={"parquet"},
)
def check_results(context: dg.AssetExecutionContext, home_folder: HomeFolder) -> dg.MaterializeResult[None]:
    """Judge the facts of a report year and write the results."""
    checks = judge_stored_year(home_folder.home, int(context.partition_key))
    return dg.MaterializeResult(metadata=check_figures(checks.check_results, checks.suggestions))


def judge_stored_year(home: Home, year: int) -> YearChecks:
    """Judge the stored facts of a year and write the results.

    Every later year that stands is judged anew across reports, so that the order of loads is of no matter. Raises StaleFacts
    where the facts are not those of the stored readings: judging them would publish yesterday's numbers; TableSchemaError,
    SchemaMismatch, StorageFailed.
    """
    with hold_home(home):
        if facts_inputs(home, year) != year_inputs(home, year):
            raise StaleFacts(
                f"the facts of {year} are older than what was read of it; materialize the facts of {year} first"
            )
        inputs = report_inputs(home, year)
        checks = _judge_and_write(home, year, single_checks(home, year, inputs), inputs)
        # Later years look back at this one. One whose own facts are stale is judged in its own turn.
        for later in facts_years(home):
            if later > year and _only_past_changed(home, later):
                _judge_and_write(home, later, standing_single_checks(home, later), report_inputs(home, later))
        return checks


def _judge_and_write(home: Home, year: int, single: YearChecks, inputs: dict[str, str]) -> YearChecks:
    """Judge a year across reports and write that with what the rules on ``single`` reports found, made from ``inputs``."""
    catalogue = load_catalogue()
    across = _across(home, year, single)
    results = _declared("check_results", pl.concat([single.check_results, across.check_results]))
    suggestions = _declared("suggestions", single.suggestions)
    compared = _declared("compared_cells", across.compared_cells)
    facts: Frames = read_facts(home, year, tuple(axes(catalogue)))
    unapplied = unapplied_rules(facts, results, catalogue)
    judged = judged_fingerprint(home, year) if unapplied.is_empty() else BLOCKED
    write_check_results(home, year, results, f"{judged}#{_single_inputs(home, year)}", suggestions, compared)
    write_judged_reports(home, year, inputs if unapplied.is_empty() else {})
    return YearChecks(results, suggestions, compared)


def _across(home: Home, year: int, single: YearChecks) -> AcrossChecks:
    reports, facts, shares = _history(home, year)
    known = _known_repairs(home, year, single)
    return judge_across(year, reports, facts, load_catalogue(), read_rosters(home, year), known, shares)


def _known_repairs(home: Home, year: int, single: YearChecks) -> KnownRepairs:
    """Return the repairs of a year, and of each earlier one whose check results stand for the facts that it has now."""
    standing = [past for past in facts_years(home) if past < year and _single_stands(home, past)]
    frames = [single.suggestions, *(read_check_results(home, past)["suggestions"] for past in standing)]
    return KnownRepairs(frozenset([year, *standing]), pl.concat(frame.select("report_id", *CELL) for frame in frames))


def _single_inputs(home: Home, year: int) -> str:
    return hashlib.sha256(f"{year_inputs(home, year)} {facts_fingerprint(home, year)}".encode()).hexdigest()


def _only_past_changed(home: Home, year: int) -> bool:
    """Return whether the check results of a year are of its own facts, but of other facts of the years before."""
    try:
        standing = checks_manifest(home, year)
        if standing is None or facts_inputs(home, year) != year_inputs(home, year):
            return False
        return _single_stands(home, year) and standing.judged not in (BLOCKED, judged_fingerprint(home, year))
    except TornFacts:
        return False


def _single_stands(home: Home, year: int) -> bool:
    """Return whether what the rules on single reports found in a year was found in its facts as they are."""
    try:
        standing = checks_manifest(home, year)
        return standing is not None and standing.inputs.partition("#")[2] == _single_inputs(home, year)
    except TornFacts:
        return False


def _history(home: Home, year: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the reports, the long facts and the shares of unread cells of a year and of all before it.

    Of facts older than the year before only what drift watches: a country's past does not fit into memory otherwise.
    """
    catalogue = load_catalogue()
    tables = ("reports", *axes(catalogue))
    reports, facts, shares = [], [], []
    for past in [past for past in facts_years(home) if past < year] + [year]:
        frames = read_facts(home, past, tables)
        reports.append(frames["reports"])
        current = reports[-1].filter("is_current").select("report_id")
        long = long_facts(frames, catalogue).join(current, on="report_id", how="semi")
        long = long.drop("table_no", "row", "col", "reason", "note")  # Most of what the past would cost to hold.
        shares.append(unread_shares(long))
        facts.append(long if past >= year - 1 else watched_facts(long).drop("number"))
    return pl.concat(reports), pl.concat(facts), pl.concat(shares)


def _declared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    table = load_catalogue().tables[name]
    return validate(conform(frame, table), table, load_catalogue())
