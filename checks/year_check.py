"""Asset checks that are evaluated per report year.

Belongs here: their spec, and which of a step's checks are asked for. It is the one place where ``partitions_def`` of a check
is used, a preview feature of Dagster (pinned by a test): without it a partitioned asset's check has a single history, in which
the year that ran last hides all others.
"""

import warnings
from collections.abc import Iterable, Iterator

import dagster as dg

from pipeline.partitions import YEARS


def year_check(
    name: str,
    asset: str,
    description: str,
    *,
    blocking: bool = False,
    additional_deps: Iterable[str] = (),
    metadata: dict[str, str] | None = None,
) -> dg.AssetCheckSpec:
    """Return the spec of a check with one history per report year."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name,
            asset=asset,
            description=description,
            blocking=blocking,
            additional_deps=list(additional_deps),
            metadata=metadata,
            partitions_def=YEARS,
        )


def asked_for(
    context: dg.AssetCheckExecutionContext, results: Iterable[dg.AssetCheckResult]
) -> Iterator[dg.AssetCheckResult]:
    """Yield the results of the checks that the run asks for: in the UI a check can be executed by itself."""
    for result in results:
        if result.asset_key is None or result.check_name is None:
            raise ValueError("a check among several names its asset and itself")
        if dg.AssetCheckKey(result.asset_key, result.check_name) in context.selected_asset_check_keys:
            yield result
