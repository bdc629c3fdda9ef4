"""Whether the published file is what the lake says.

Belongs here: opening it as an analyst would, and counting. Does not belong here: building it (``warehouse.publish``).
"""

import dagster as dg
import polars as pl

from checks.samples import as_table
from pipeline.asset_names import PUBLISHED
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.resources import POOL, HomeFolder
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
