"""How well the reports of a year could be read: warnings about us as much as about them.

Belongs here: unread cells, missing tables, issuers that are not identified, what no form knows, files that could not be read;
as Dagster asset checks with counts and samples. Does not belong here: whether the numbers agree (``checks.findings``).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from checks.samples import as_table
from checks.year_check import year_check
from pipeline.asset_names import EXTRACTED_ASSETS, FACT_TABLES, RAW_FILES
from pipeline.resources import POOL, HomeFolder
from pipeline.year_facts import UNREAD, Frames
from warehouse.ledger import QUARANTINED, active_ledger
from warehouse.raw_store import source_names
from warehouse.years import read_facts

CELLS, TABLES, ISSUERS, LABELS, FILES = (
    "every_cell_read", "every_table_found", "every_issuer_identified", "nothing_unknown", "every_file_read",
)  # fmt: skip


def _specs() -> list[dg.AssetCheckSpec]:
    declared = [(name, CELLS, "No cell of a table that was found is missing or unreadable.") for name in FACT_TABLES]
    declared += [
        ("reports", TABLES, "Every report has the tables that its form prints."),
        ("reports", ISSUERS, "Every issuer is a known public body."),
        ("reports", LABELS, "No label, column or number of a report is unknown to its form."),
    ]
    return [year_check(check, name, description) for name, check, description in declared]


@dg.multi_asset_check(name="what_was_read", specs=_specs(), pool=POOL)
def what_was_read(context: dg.AssetCheckExecutionContext, home_folder: HomeFolder) -> Iterator[dg.AssetCheckResult]:
    """Count what could not be read in the reports of a year."""
    frames = read_facts(home_folder.home, int(context.partition_key))
    for name in FACT_TABLES:
        yield check_cells(name, frames)
    yield from check_reports(frames)


def check_cells(name: str, frames: Frames) -> dg.AssetCheckResult:
    """Warn of cells that could not be read."""
    unread = frames[name].filter(pl.col("status").is_in(UNREAD))
    rows = frames[name].height
    shown = unread.sort("report_id").select(pl.exclude("year", "value", "note", "unit"))
    metadata = {"cells": rows, "unread": unread.height, "unread_share": unread.height / rows if rows else 0.0}
    return _warning(name, CELLS, unread.is_empty(), metadata | {"samples": as_table(shown)})


def check_reports(frames: Frames) -> Iterator[dg.AssetCheckResult]:
    """Warn of missing tables, issuers without identity, and what no form knows."""
    reports = frames["reports"]
    lacking = reports.filter(pl.col("tables_missing").list.len() > 0).select(
        "report_id", "issuer", "title", pl.col("tables_missing").list.join(", ")
    )
    yield _warning("reports", TABLES, lacking.is_empty(), _counted(reports, lacking))
    nobody = reports.filter(pl.col("issuer_kind") == "unknown").select("report_id", "issuer", "title", "issuer_id")
    yield _warning("reports", ISSUERS, nobody.is_empty(), _counted(reports, nobody))
    kinds = dict(frames["problems"]["kind"].value_counts(sort=True).iter_rows())
    shown = frames["problems"].select("report_id", "kind", "detail", "table_no", "row", "col")
    metadata = {**_counted(reports, shown), **{f"kind_{kind}": count for kind, count in kinds.items()}}
    yield _warning("reports", LABELS, shown.is_empty(), metadata)


@dg.asset_check(
    asset=RAW_FILES,
    name=FILES,
    additional_deps=EXTRACTED_ASSETS,
    pool=POOL,
    description="Every content of the raw store could be read as a report.",
)
def every_file_read(home_folder: HomeFolder) -> dg.AssetCheckResult:
    """Warn of contents that are quarantined, with their reasons."""
    home = home_folder.home
    ledger = active_ledger(home)
    quarantined = ledger.filter(pl.col("status") == QUARANTINED)
    names = source_names(home, quarantined["file_id"])
    shown = quarantined.select("file_id", "error").with_columns(name=pl.col("file_id").replace_strict(names, default=None))
    reasons = quarantined.group_by("error").len("files").sort("files", "error", descending=[True, False])
    metadata = {"files": ledger.height, "quarantined": quarantined.height, "reasons": as_table(reasons)}
    return _warning(RAW_FILES, FILES, quarantined.is_empty(), metadata | {"samples": as_table(shown)})


def _counted(reports: pl.DataFrame, shown: pl.DataFrame) -> dict[str, object]:
    concerned = shown["report_id"].n_unique()
    return {"reports": reports.height, "reports_concerned": concerned, "cases": shown.height, "samples": as_table(shown)}


def _warning(asset: str, check: str, passed: bool, metadata: dict[str, object]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=asset, check_name=check, passed=passed, severity=dg.AssetCheckSeverity.WARN, metadata=metadata
    )
