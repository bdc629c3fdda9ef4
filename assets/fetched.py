"""Fetching as an asset: what the table of sources names, taken into the raw store.

Belongs here: the settings that a run can be given, and what is told of a fetch. Does not belong here: fetching
(``pipeline.fetching``). It stands before ``raw_files``, and only job ``fetch`` materializes it: a load of files asks no web
server anything.
"""

from pathlib import Path

import dagster as dg

from pipeline.asset_names import FETCHED_SOURCES, RAW
from pipeline.fetch.sources import UnusableTable
from pipeline.fetching import FetchOrder, FetchSummary, fetch_sources
from pipeline.resources import HomeFolder, ProgressReporter

_SHOWN = 50


class FetchConfig(dg.Config):
    """What one fetch is told; see docs/fetching.md."""

    sources: str = ""
    year: int = 0
    allow_private: bool = False
    ask_all: bool = False
    proxy: str = ""


@dg.asset(name=FETCHED_SOURCES, group_name=RAW, kinds={"http"})
def fetched_sources(
    context: dg.AssetExecutionContext,
    config: FetchConfig,
    home_folder: HomeFolder,
    progress: dg.ResourceParam[ProgressReporter],
) -> dg.MaterializeResult[None]:
    """Pages, attachments and folders that the table of sources names; their bytes go to the raw store, headers to the log."""
    order = FetchOrder(
        Path(config.sources) if config.sources else None,
        config.year or None,
        config.allow_private,
        config.ask_all,
        config.proxy,
    )
    try:
        summary = fetch_sources(home_folder.home, order, progress.tell)
    except UnusableTable as error:
        raise dg.Failure(str(error)) from error
    for line in summary.unusable:
        context.log.warning(line)
    for refused in summary.refused:
        context.log.warning("%s was not fetched: %s", refused.source, refused.reason)
    return dg.MaterializeResult(metadata=_metadata(summary))


def _metadata(summary: FetchSummary) -> dict[str, dg.MetadataValue]:
    rows = [dg.TableRecord({"address": r.source, "reason": r.reason}) for r in summary.refused[:_SHOWN]]
    schema = dg.TableSchema([dg.TableColumn("address", "string"), dg.TableColumn("reason", "string")])
    return {
        "sources": dg.MetadataValue.int(summary.sources),
        "left_out_as_fresh": dg.MetadataValue.int(summary.fresh),
        "new_files": dg.MetadataValue.int(summary.new_files),
        "rows_not_used": dg.MetadataValue.int(len(summary.unusable)),
        **{f"outcome_{name}": dg.MetadataValue.int(count) for name, count in sorted(summary.outcomes.items())},
        "not_fetched": dg.MetadataValue.table(rows, schema=schema),
    }
