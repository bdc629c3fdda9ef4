"""The check results of a report year: every rule on every report, one row each.

Belongs here: reading a year's facts, refusing facts that are not up to date, writing the results with the fingerprint of the
facts that were judged. Does not belong here: how a rule is judged (``pipeline.year_checks``), what a finding means for an
asset (``checks``).
"""

import hashlib
from collections.abc import Iterable
from functools import partial

import dagster as dg
import polars as pl

from assets.across_checks import across_checks
from assets.single_checks import SingleChecks, report_inputs, single_checks, standing_single_checks
from assets.table_metadata import check_figures, definition_metadata
from checks.schemas import validate
from pipeline.across.compared import CELL, NONE_KNOWN, KnownRepairs
from pipeline.asset_names import CHECK_RESULTS, CHECKS, FACT_ASSETS
from pipeline.catalogue.load import load_catalogue
from pipeline.freshness import year_inputs
from pipeline.home import Home
from pipeline.home_lock import hold_home
from pipeline.partitions import YEARS
from pipeline.resources import POOL, HomeFolder
from warehouse.errors import StaleFacts, TornFacts
from warehouse.judged_reports import write_judged_reports
from warehouse.year_writer import writing_year
from warehouse.years import (
    checks_manifest,
    facts_fingerprint,
    facts_inputs,
    facts_years,
    judged_fingerprint,
    read_columns,
    scan_year,
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
    home, year = home_folder.home, int(context.partition_key)
    judge_stored_year(home, year)
    return dg.MaterializeResult(
        metadata=check_figures(scan_year(home, CHECK_RESULTS, year), scan_year(home, "suggestions", year))
    )


def judge_stored_year(home: Home, year: int) -> None:
    """Judge the stored facts of a year and write the results.

    Every later year that looks at what changed is judged anew across reports, so that the order of loads is of no matter.
    Raises StaleFacts where the facts are not those of the stored readings: judging them would publish yesterday's numbers;
    TableSchemaError, SchemaMismatch, StorageFailed.
    """
    with hold_home(home):
        if facts_inputs(home, year) != year_inputs(home, year):
            raise StaleFacts(
                f"the facts of {year} are older than what was read of it; materialize the facts of {year} first"
            )
        inputs = report_inputs(home, year)
        _judge_and_write(home, year, single_checks(home, year, inputs), inputs)
        # Later years look back at this one. One whose own facts are stale is judged in its own turn.
        for later in facts_years(home):
            if later > year and _only_past_changed(home, later):
                inputs = report_inputs(home, later)
                _judge_and_write(home, later, standing_single_checks(home, later, inputs), inputs)


def _judge_and_write(home: Home, year: int, single: Iterable[SingleChecks], inputs: dict[str, str]) -> None:
    """Judge a year across reports and write that with what the rules on ``single`` reports found, made from ``inputs``."""
    repaired: list[pl.DataFrame] = []
    is_applied = True
    with writing_year(home, "checks", year, partial(validate, catalogue=load_catalogue())) as writer:
        for some in single:
            writer.add({"check_results": some.check_results, "suggestions": some.suggestions})
            repaired.append(some.suggestions.select("report_id", *CELL))
            is_applied = is_applied and some.unapplied.is_empty()
        for part in across_checks(home, year, _known_repairs(home, year, repaired)):
            writer.add({"check_results": part.check_results, "compared_cells": part.compared_cells})
        judged = judged_fingerprint(home, year) if is_applied else BLOCKED
        writer.write(f"{judged}#{_single_inputs(home, year)}")
    write_judged_reports(home, year, inputs if is_applied else {})


def _known_repairs(home: Home, year: int, repaired: list[pl.DataFrame]) -> KnownRepairs:
    """Return the repairs of a year, and of the one before where its check results stand for the facts that it has now."""
    before = year - 1
    standing = [before] if before in facts_years(home) and _single_stands(home, before) else []
    earlier = [read_columns(home, "suggestions", past, ["report_id", *CELL]) for past in standing]
    return KnownRepairs(frozenset([year, *standing]), pl.concat([NONE_KNOWN.cells, *repaired, *earlier]))


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
