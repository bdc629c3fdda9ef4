"""Whether the check results can be trusted: the errors that block publication.

Belongs here: their schema, and that no rule silently checked nothing; as Dagster asset checks. Does not belong here: what the
results say (``checks.findings``), and whether they are of the current facts, which publication itself refuses.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from checks.samples import as_table
from checks.schemas import TableSchemaError, validate
from checks.year_check import asked_for, year_check
from pipeline.applied_rules import unapplied_rules
from pipeline.asset_names import CHECK_RESULTS, FACT_TABLES
from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue
from pipeline.resources import POOL, HomeFolder
from pipeline.year_facts import Frames
from warehouse.years import read_check_results, read_facts

SCHEMA, APPLIED = "schema", "every_rule_applied"


def _specs() -> list[dg.AssetCheckSpec]:
    declared = [
        (SCHEMA, "Columns, types, NULLs, codes and keys are as declared."),
        (APPLIED, "Every declared rule gave a result for every table that it is about: none checked nothing."),
    ]
    return [year_check(name, CHECK_RESULTS, description, blocking=True) for name, description in declared]


@dg.multi_asset_check(name="check_results_hold", specs=_specs(), pool=POOL, can_subset=True)
def check_results_hold(
    context: dg.AssetCheckExecutionContext, home_folder: HomeFolder
) -> Iterator[dg.AssetCheckResult]:
    """Validate the stored check results of a year."""
    home, year, catalogue = home_folder.home, int(context.partition_key), load_catalogue()
    results = read_check_results(home, year)["check_results"]
    yield from asked_for(
        context,
        [check_schema(results, catalogue), check_applied(read_facts(home, year, FACT_TABLES), results, catalogue)],
    )


def check_schema(results: pl.DataFrame, catalogue: Catalogue) -> dg.AssetCheckResult:
    """Judge the stored check results by their declared schema."""
    try:
        validate(results, catalogue.tables[CHECK_RESULTS], catalogue)
    except TableSchemaError as error:
        return _result(SCHEMA, False, {"rows": results.height, "failures": dg.MetadataValue.text(str(error))})
    return _result(SCHEMA, True, {"rows": results.height})


def check_applied(facts: Frames, results: pl.DataFrame, catalogue: Catalogue) -> dg.AssetCheckResult:
    """Judge whether every rule was asked of every table that it is about."""
    unapplied = unapplied_rules(facts, results, catalogue)
    return _result(APPLIED, unapplied.is_empty(), {"unapplied": unapplied.height, "samples": as_table(unapplied)})


def _result(name: str, passed: bool, metadata: dict[str, Any]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(asset_key=CHECK_RESULTS, check_name=name, passed=passed, metadata=metadata)
