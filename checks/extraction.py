"""How well the reports of a year could be read: warnings about us as much as about them.

Belongs here: unread cells, missing tables, issuers that are not identified, what no form knows, files that could not be read;
as Dagster asset checks with counts and samples. Does not belong here: whether the numbers agree (``checks.findings``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from checks.samples import as_table
from checks.year_check import asked_for, year_check
from pipeline.asset_names import EXTRACTED_ASSETS, FACT_TABLES, RAW_FILES
from pipeline.resources import POOL, HomeFolder
from pipeline.year_facts import ISSUER_NOT_IDENTIFIED, UNREAD, Frames
from warehouse.ledger import QUARANTINED, active_ledger
from warehouse.raw_store import source_names
from warehouse.years import read_facts, scan_year

WHOLE, ISSUERS, LABELS, FILES = "read_whole", "every_issuer_identified", "nothing_unknown", "every_file_read"


def _specs() -> list[dg.AssetCheckSpec]:
    return [
        year_check(
            WHOLE, "reports", "Every report has the tables that it ought to have, and every cell of them could be read."
        ),
        year_check(ISSUERS, "reports", "Every issuer is a known public body."),
        year_check(LABELS, "reports", "No label, column or number of a report is unknown to its form."),
    ]


@dg.multi_asset_check(name="what_was_read", specs=_specs(), pool=POOL, can_subset=True)
def what_was_read(context: dg.AssetCheckExecutionContext, home_folder: HomeFolder) -> Iterator[dg.AssetCheckResult]:
    """Count what could not be read in the reports of a year."""
    home, year = home_folder.home, int(context.partition_key)
    frames = read_facts(home, year, ("reports", "problems"))
    cells = pl.concat([scan_year(home, name, year).select("report_id", "status", "reason") for name in FACT_TABLES])
    yield from asked_for(context, [check_whole(frames["reports"], cells), check_issuers(frames), check_labels(frames)])


def check_whole(reports: pl.DataFrame, cells: pl.LazyFrame) -> dg.AssetCheckResult:
    """Warn of reports that lack a table, or cells that could not be read; ``cells``: report_id, status, reason."""
    is_unread = pl.col("status").is_in(UNREAD)
    every, unread = cells.select(pl.len(), is_unread.sum().alias("unread")).collect().row(0)
    unread_cells = cells.filter(is_unread).group_by("report_id").agg(
        unread_cells=pl.len(), why=pl.col("reason").drop_nulls().value_counts(sort=True).struct.field("reason").first()
    ).collect()  # fmt: skip
    shown = (
        reports.filter(pl.col("extraction") != "complete")
        .join(unread_cells, on="report_id", how="left")
        .select("report_id", "issuer", "extraction", pl.col("tables_missing").list.join(", "), "unread_cells", "why")
        .sort("unread_cells", "report_id", descending=[True, False], nulls_last=True)
    )
    figures = {"cells": every, "unread_cells": unread, "unread_share": unread / every if every else 0.0}
    return _warning("reports", WHOLE, shown.is_empty(), {**_counted(reports, shown), **figures})


def check_issuers(frames: Frames) -> dg.AssetCheckResult:
    """Warn of reports whose issuer is no known body."""
    nobody = frames["problems"].filter(pl.col("kind") == ISSUER_NOT_IDENTIFIED)
    shown = nobody.join(frames["reports"].select("report_id", "issuer", "title"), on="report_id", how="left")
    return _warning(
        "reports",
        ISSUERS,
        shown.is_empty(),
        _counted(frames["reports"], shown.select("report_id", "issuer", "title", "detail")),
    )


def check_labels(frames: Frames) -> dg.AssetCheckResult:
    """Warn of what no form knows."""
    unknown = frames["problems"].filter(pl.col("kind") != ISSUER_NOT_IDENTIFIED)
    kinds = unknown["kind"].value_counts(sort=True).iter_rows()
    shown = unknown.select("report_id", "kind", "detail", "table_no", "row", "col")
    metadata = {**_counted(frames["reports"], shown), **{f"kind_{kind}": count for kind, count in kinds}}
    return _warning("reports", LABELS, shown.is_empty(), metadata)


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
    shown = quarantined.select("file_id", "error").with_columns(
        name=pl.col("file_id").replace_strict(names, default=None)
    )
    reasons = quarantined.group_by("error").len("files").sort("files", "error", descending=[True, False])
    metadata = {"files": ledger.height, "quarantined": quarantined.height, "reasons": as_table(reasons)}
    return _warning(RAW_FILES, FILES, quarantined.is_empty(), metadata | {"samples": as_table(shown)})


def _counted(reports: pl.DataFrame, shown: pl.DataFrame) -> dict[str, Any]:
    concerned = shown["report_id"].n_unique()
    return {
        "reports": reports.height,
        "reports_concerned": concerned,
        "cases": shown.height,
        "samples": as_table(shown),
    }


def _warning(asset: str, check: str, passed: bool, metadata: dict[str, Any]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=asset, check_name=check, passed=passed, severity=dg.AssetCheckSeverity.WARN, metadata=metadata
    )
