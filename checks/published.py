"""Whether the published file is what the lake says, and whether we read as well as before.

Belongs here: opening it as an analyst would, and counting. Does not belong here: building it (``warehouse.publish``).
"""

from dataclasses import asdict

import dagster as dg
import polars as pl

from checks.samples import as_table
from pipeline.asset_names import PUBLISHED
from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.words import load_words
from pipeline.home import Home
from pipeline.resources import POOL, HomeFolder
from warehouse.load_history import read_worse
from warehouse.loads import Load, distributions, read_loads
from warehouse.query import run_query
from warehouse.years import checks_manifest, facts_manifest, facts_years


@dg.asset_check(
    asset=PUBLISHED,
    name="rows_as_in_lake",
    pool=POOL,
    description="The published file opens read-only and holds as many rows of every year as the lake.",
)
def published_file_holds(home_folder: HomeFolder) -> dg.AssetCheckResult:
    """Count the rows of every partitioned table, file against lake."""
    home = home_folder.home
    compared = published_rows(home).join(lake_rows(home), on=["table", "year"], how="full", coalesce=True)
    compared = compared.with_columns(pl.col("published", "lake").fill_null(0)).sort("table", "year")
    wrong = compared.filter(pl.col("published") != pl.col("lake"))
    return dg.AssetCheckResult(
        passed=wrong.is_empty(),
        metadata={
            "rows": int(compared["published"].sum()),
            "years": compared["year"].n_unique(),
            "differing": as_table(wrong),
        },
    )


@dg.asset_check(
    asset=PUBLISHED,
    name="read_no_worse_than_before",
    pool=POOL,
    description="No table of a year has a larger share of unread cells than after the load before: else our reader got worse.",
)
def published_reading_holds(home_folder: HomeFolder) -> dg.AssetCheckResult:
    """Warn where the share of blank, unreadable and missing cells rose from the last load to this one."""
    loads = read_loads(home_folder.home)
    limits = load_words("drift")["extraction"]
    worse = read_worse(distributions(loads[:-1]), distributions(loads), limits)
    shown = pl.DataFrame([asdict(reading) for reading in worse])
    return dg.AssetCheckResult(
        passed=not worse,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"tables": len(worse), "worse": as_table(shown), "code_versions": _code_versions(loads)},
    )


def _code_versions(loads: list[Load]) -> str:
    """Return by which code the last two loads were published: what a change may come from."""
    return " → ".join(load.code_version for load in loads[-2:])


def lake_rows(home: Home) -> pl.DataFrame:
    """Return the rows of each partitioned table and year in the lake: table, year, lake."""
    rows = []
    for year in facts_years(home):
        for manifest in (facts_manifest(home, year), checks_manifest(home, year)):
            rows += [(table, year, part.rows) for table, part in (manifest.parts if manifest else {}).items()]
    frame = pl.DataFrame(rows, schema={"table": pl.String, "year": pl.Int64, "lake": pl.Int64}, orient="row")
    return frame.filter(pl.col("table").is_in(_counted()), pl.col("lake") > 0)


def published_rows(home: Home) -> pl.DataFrame:
    """Return the rows of each partitioned table and year in the published file: table, year, published."""
    counts = " union all ".join(f"select '{name}', year, count(*) from {name} group by year" for name in _counted())
    schema = {"table": pl.String, "year": pl.Int64, "published": pl.Int64}
    return pl.DataFrame(run_query(home, counts).rows, schema=schema, orient="row")


def _counted() -> list[str]:
    tables = load_catalogue().tables.values()
    return [table.name for table in tables if table.partitioned and "year" in {column.name for column in table.columns}]
