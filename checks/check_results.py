"""Whether the check results can be trusted: the errors that block publication.

Belongs here: their schema, and that no rule silently checked nothing; as Dagster asset checks. Does not belong here: what the
results say (``checks.findings``), and whether they are of the current facts, which publication itself refuses.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
import polars as pl

from checks.fact_tables import MOST_FAILURES
from checks.samples import as_table
from checks.schemas import TableSchemaError, validate
from checks.year_check import asked_for, year_check
from pipeline.applied_rules import unapplied_rules
from pipeline.asset_names import CHECK_RESULTS, FACT_TABLES
from pipeline.catalogue.load import load_catalogue
from pipeline.resources import POOL, HomeFolder
from warehouse.years import rows_by_reports

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
    home, year = home_folder.home, int(context.partition_key)
    at_once = load_catalogue().limits["judging"]["reports_at_once"]
    failures, unapplied, rows = [], [], 0
    for frames in rows_by_reports(home, year, (CHECK_RESULTS, *FACT_TABLES), at_once):
        results = frames[CHECK_RESULTS]
        rows += results.height
        failures += schema_failures(results)
        unapplied.append(unapplied_rules(frames, results, load_catalogue()))
    yield from asked_for(context, [schema_result(rows, failures), applied_result(pl.concat(unapplied))])


def schema_failures(results: pl.DataFrame) -> list[str]:
    """Return what is wrong with some stored check results by their declared schema: one line, or none."""
    catalogue = load_catalogue()
    try:
        validate(results, catalogue.tables[CHECK_RESULTS], catalogue)
    except TableSchemaError as error:
        return [str(error)]
    return []


def schema_result(rows: int, failures: Sequence[str]) -> dg.AssetCheckResult:
    """Tell whether the stored check results are as declared; a report stands whole in one slice, so no key is divided."""
    told = {"failures": dg.MetadataValue.text("; ".join(failures[:MOST_FAILURES]))} if failures else {}
    return _result(SCHEMA, not failures, {"rows": rows, **told})


def applied_result(unapplied: pl.DataFrame) -> dg.AssetCheckResult:
    """Tell whether every rule was asked of every table that it is about; ``unapplied``: columns as ``UNAPPLIED``."""
    counted = unapplied.group_by("check_id", "form").agg(pl.col("reports").sum(), pl.col("example").min())
    counted = counted.sort("check_id", "form")
    return _result(APPLIED, counted.is_empty(), {"unapplied": counted.height, "samples": as_table(counted)})


def _result(name: str, passed: bool, metadata: dict[str, Any]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(asset_key=CHECK_RESULTS, check_name=name, passed=passed, metadata=metadata)
