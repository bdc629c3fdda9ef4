"""The jobs: which assets go together.

Belongs here: selections of assets. Does not belong here: when a job runs (``assets.schedules``, ``assets.sensors``).
"""

import dagster as dg

from pipeline.asset_names import CHECKS, EXTRACTED, FACTS, FETCHED_SOURCES, RAW, WAREHOUSE

FETCH = dg.define_asset_job(
    "fetch",
    selection=dg.AssetSelection.assets(FETCHED_SOURCES),
    description="Fetch what the table of sources names; what is new is then read, judged and published by the sensors.",
)
INGEST = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.groups(RAW, EXTRACTED) - dg.AssetSelection.assets(FETCHED_SOURCES),
    description="Read every stored file that this version of the reader has not read.",
)
JUDGE_YEAR = dg.define_asset_job(
    "judge_year",
    selection=dg.AssetSelection.groups(FACTS, CHECKS),
    description="Compute and judge the facts of one report year, without publishing: for loads of several years.",
)
LOAD_YEAR = dg.define_asset_job(
    "load_year",
    selection=dg.AssetSelection.groups(FACTS, CHECKS, WAREHOUSE),
    description="Compute and judge the facts of one report year from everything stored of it, and publish.",
)
PUBLISH = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.groups(WAREHOUSE),
    description="Publish the lake as one DuckDB file; a year that is not judged as it stands is refused.",
)
JOBS = (FETCH, INGEST, JUDGE_YEAR, LOAD_YEAR, PUBLISH)
