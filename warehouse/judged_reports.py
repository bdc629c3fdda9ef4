"""From what each report of a year was judged, so that only reports that changed are judged again.

Belongs here: remembering it beside the check results, and forgetting it where they are others. Does not belong here: what a
report is judged from (``assets.single_checks``).
"""

from collections.abc import Mapping

import polars as pl

from pipeline.home import Home
from warehouse.durable import storing, write_parquet
from warehouse.errors import TornFacts
from warehouse.lake import read_part
from warehouse.years import checks_manifest, judged_reports_path

_SCHEMA = {"report_id": pl.String(), "inputs": pl.String(), "results": pl.String()}


def write_judged_reports(home: Home, year: int, inputs: Mapping[str, str]) -> None:
    """Remember for each report what the check results that stand now were made from. Raises StorageFailed."""
    standing = checks_manifest(home, year)
    results = standing.fingerprint if standing else ""
    frame = pl.DataFrame([(i, made_from, results) for i, made_from in sorted(inputs.items())], _SCHEMA, orient="row")
    with storing(str(home.lake)):
        write_parquet(judged_reports_path(home, year), frame)


def read_judged_reports(home: Home, year: int) -> dict[str, str]:
    """Return for each report what its standing check results were made from; nothing where others stand than were told of."""
    file = judged_reports_path(home, year)
    try:
        standing = checks_manifest(home, year)
    except TornFacts:
        return {}
    if standing is None or not file.exists():
        return {}
    frame = read_part(file).filter(pl.col("results") == standing.fingerprint)
    return dict(frame.select("report_id", "inputs").iter_rows())
