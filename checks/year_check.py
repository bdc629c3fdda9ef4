"""The spec of an asset check that is evaluated per report year.

Belongs here: the one place where ``partitions_def`` of a check is used, a preview feature of Dagster (pinned by a test). Without
it a partitioned asset's check has a single history in which the year that ran last hides all others.
"""

import warnings
from collections.abc import Iterable

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
