"""The check results of a report year: every rule on every report, one row each.

Belongs here: reading a year's facts, refusing facts that are not up to date, writing the results with the fingerprint of the
facts that were judged. Does not belong here: how a rule is judged (``pipeline.year_checks``), what a finding means for an
asset (``checks``).
"""

import dagster as dg
import polars as pl

from assets.table_metadata import check_figures, definition_metadata
from checks.schemas import validate
from pipeline.applied_rules import unapplied_rules
from pipeline.asset_names import CHECK_RESULTS, CHECKS, FACT_ASSETS
from pipeline.catalogue.load import load_catalogue
from pipeline.freshness import year_inputs
from pipeline.home import Home
from pipeline.home_lock import hold_home
from pipeline.partitions import YEARS
from pipeline.resources import POOL, HomeFolder
from pipeline.year_checks import YearChecks, judge_year
from pipeline.year_facts import Frames
from warehouse.errors import StaleFacts
from warehouse.extracted import read_extracted
from warehouse.schemas import conform
from warehouse.years import facts_fingerprint, facts_inputs, read_facts, write_check_results

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

    Raises StaleFacts where the facts are not those of the stored readings: judging them would publish yesterday's numbers;
    TableSchemaError, SchemaMismatch, StorageFailed.
    """
    catalogue = load_catalogue()
    with hold_home(home):
        if facts_inputs(home, year) != year_inputs(home, year):
            raise StaleFacts(
                f"the facts of {year} are older than what was read of it; materialize the facts of {year} first"
            )
        facts: Frames = read_facts(home, year)
        checks = judge_year(facts, read_extracted(home, year), catalogue)
        results = _declared("check_results", checks.check_results)
        suggestions = _declared("suggestions", checks.suggestions)
        unapplied = unapplied_rules(facts, results, catalogue)
        judged = facts_fingerprint(home, year) if unapplied.is_empty() else BLOCKED
        write_check_results(home, year, results, judged, suggestions)
        return checks


def _declared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    table = load_catalogue().tables[name]
    return validate(conform(frame, table), table, load_catalogue())
