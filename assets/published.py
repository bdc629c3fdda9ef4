"""The published DuckDB file: what analysts open.

Belongs here: publishing the lake, once per load or backfill. Does not belong here: how the file is built (``warehouse.publish``).
"""

import dagster as dg

from assets.load_summary import load_summary
from pipeline.asset_names import CHECK_RESULTS, PUBLISHED, WAREHOUSE
from pipeline.catalogue.load import load_catalogue
from pipeline.home_lock import hold_home
from pipeline.resources import POOL, FurtherWarehouse, HomeFolder
from pipeline.versions import code_version
from warehouse.ducklake import mirror
from warehouse.publish import publish


@dg.asset(name=PUBLISHED, deps=[CHECK_RESULTS], group_name=WAREHOUSE, pool=POOL, kinds={"duckdb"})
def warehouse(
    context: dg.AssetExecutionContext, home_folder: HomeFolder, further_warehouse: FurtherWarehouse
) -> dg.MaterializeResult[None]:
    """All years as one DuckDB file, put in place by one rename; nothing is rewritten where nothing changed.

    A year whose check results were not computed from its current facts is refused, and the published file stays as it was.
    Where a DuckLake is named it is brought to the same rows, in one transaction.
    """
    home, further = home_folder.home, further_warehouse.address
    with hold_home(home):
        publication = publish(home, code_version(), load_catalogue())
        mirrored = mirror(home, further, load_catalogue()) if further else None
    context.log.info(
        "load %s %s", publication.load_id, "published" if publication.changed else "stands: nothing changed"
    )
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(publication.rows.values()),
            "load_id": publication.load_id,
            "changed": publication.changed,
            **({"ducklake_parts_written": len(mirrored.parts)} if mirrored else {}),
            "path": dg.MetadataValue.path(str(home.warehouse)),
            "summary": dg.MetadataValue.md(load_summary(home)),
            **{f"rows_{name}": rows for name, rows in publication.rows.items()},
        }
    )
