"""What the rules found, on the table that they judge: one asset check per table, its rules told apart in the metadata.

Belongs here: counting the rows of ``check_results``, and the ten worst. Does not belong here: judging (``pipeline.year_checks``).
A finding about a report is data and only warns; it never blocks publication.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import polars as pl

from checks.samples import as_table
from checks.year_check import asked_for, year_check
from pipeline.asset_names import CHECK_RESULTS
from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue, Rule
from pipeline.freshness import is_judged
from pipeline.resources import POOL, HomeFolder
from warehouse.load_history import failures_by_load
from warehouse.loads import read_loads
from warehouse.years import read_columns, scan_year

OUTCOMES = ("passed", "failed", "not_assessable")
SEVERITIES = ("error", "warning", "info")
TREND = 5
"""How many of the loads before are told beside the counts of now."""


def judged_asset(rule: Rule) -> str:
    """Return the asset that a rule judges: its fact table, the claims of the prose, else the reports as a whole."""
    if rule.fact_table:
        return rule.fact_table
    return "claims" if rule.kind == "narrative" else "reports"


def rules_by_asset(catalogue: Catalogue) -> dict[str, list[Rule]]:
    """Return the declared rules by the asset that they judge, in declared order."""
    rules: dict[str, list[Rule]] = {}
    for rule in catalogue.rules.values():
        rules.setdefault(judged_asset(rule), []).append(rule)
    return rules


def check_name(asset: str) -> str:
    """Return the name of the check that tells of an asset's rules."""
    return {"claims": "prose_agrees", "reports": "reports_agree"}.get(asset, "equations_hold")


def _specs() -> list[dg.AssetCheckSpec]:
    return [
        year_check(
            check_name(asset),
            asset,
            "; ".join(f"{rule.check_id}: {rule.meaning_en}" for rule in rules),
            additional_deps=[CHECK_RESULTS],
            metadata={rule.check_id: f"{rule.formula} — {rule.meaning_zh} ({rule.severity})" for rule in rules},
        )
        for asset, rules in rules_by_asset(load_catalogue()).items()
    ]


@dg.multi_asset_check(name="findings", specs=_specs(), pool=POOL, can_subset=True)
def findings(context: dg.AssetCheckExecutionContext, home_folder: HomeFolder) -> Iterator[dg.AssetCheckResult]:
    """Tell what the rules found in the reports of a year."""
    home, year = home_folder.home, int(context.partition_key)
    rules_of = rules_by_asset(load_catalogue())
    if not is_judged(home, year):
        yield from asked_for(context, map(_not_judged, rules_of))
        return
    results = scan_year(home, CHECK_RESULTS, year)
    counts = results.group_by("check_id", "outcome").agg(n=pl.len()).collect()
    failed = results.filter(pl.col("outcome") == "failed").collect()
    reports = read_columns(home, "reports", year, ["report_id", "issuer"])
    past = failures_by_load(read_loads(home), year, TREND)
    yield from asked_for(
        context, (check_rules(asset, rules, counts, failed, reports, past) for asset, rules in rules_of.items())
    )


def _not_judged(asset: str) -> dg.AssetCheckResult:
    """Warn that there are no results of the facts that stand there: yesterday's findings are not told as today's."""
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=check_name(asset),
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description="The check results of this year are not of its present facts: materialize check_results.",
    )


def check_rules(
    asset: str,
    rules: list[Rule],
    counts: pl.DataFrame,
    failed: pl.DataFrame,
    reports: pl.DataFrame,
    past: Sequence[tuple[int, Mapping[str, int]]] = (),
) -> dg.AssetCheckResult:
    """Warn where a rule failed: counts by outcome and rule, the ten worst findings, and the counts of the loads before.

    ``counts``: check_id, outcome, n of all results; ``failed``: the results that failed; ``past``: load_id and failures by
    check_id, as ``warehouse.load_history`` tells them.
    """
    own = pl.col("check_id").is_in([rule.check_id for rule in rules])
    failed = failed.filter(own)
    by_rule = dict(failed["check_id"].value_counts().iter_rows())
    by_outcome = dict(counts.filter(own).group_by("outcome").agg(pl.col("n").sum()).iter_rows())
    metadata: dict[str, Any] = {outcome: by_outcome.get(outcome, 0) for outcome in OUTCOMES}
    metadata["reports_failed"] = failed["report_id"].n_unique()
    metadata |= {f"failed_{rule.check_id}": by_rule.get(rule.check_id, 0) for rule in rules}
    metadata["worst"] = as_table(worst_first(failed, reports))
    metadata["trend"] = as_table(trend([rule.check_id for rule in rules], by_rule, past), most=len(rules))
    severity = dg.AssetCheckSeverity.WARN
    passed = failed.is_empty()
    return dg.AssetCheckResult(
        asset_key=asset, check_name=check_name(asset), passed=passed, severity=severity, metadata=metadata
    )


def trend(checks: Sequence[str], now: Mapping[str, int], past: Sequence[tuple[int, Mapping[str, int]]]) -> pl.DataFrame:
    """Return how often each check failed after the loads before and now; checks that never did are left out."""
    told = [check for check in checks if now.get(check) or any(failed.get(check) for _, failed in past)]
    columns = {f"load {load_id}": [failed.get(check, 0) for check in told] for load_id, failed in past}
    return pl.DataFrame({"check": told, **columns, "now": [now.get(check, 0) for check in told]})


def worst_first(failed: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return failed results worth reading first: errors before warnings, great differences before small ones.

    A rule on single cells also has one row per report, which names no cell; it is left out.
    """
    order = pl.col("severity").replace_strict(
        {name: place for place, name in enumerate(SEVERITIES)}, return_dtype=pl.Int8
    )
    named = failed.filter(pl.col("subject") != "all").join(
        reports.select("report_id", "issuer"), on="report_id", how="left"
    )
    ranked = named.sort(
        order, pl.col("difference").abs(), "report_id", "check_id", "subject",
        descending=[False, True, False, False, False], nulls_last=True,
    )  # fmt: skip
    return ranked.select(
        "report_id",
        "issuer",
        "check_id",
        "subject",
        "left_value",
        "right_value",
        "difference",
        "message_zh",
        "message_en",
    )
