"""The raw store as an asset: every content that was ever taken in, keyed by its hash.

Belongs here: what the store holds, told to Dagster. Does not belong here: taking files in (``warehouse.raw_store``), which the
command line and the inbox sensor do before a run begins: an asset reads the store, never a path.
"""

import dagster as dg

from pipeline.asset_names import FETCHED_SOURCES, RAW, RAW_FILES
from pipeline.resources import POOL, HomeFolder
from pipeline.versions import reader_version
from warehouse.ledger import active_ledger, unread_file_ids
from warehouse.sightings import read_sightings


@dg.asset(name=RAW_FILES, deps=[FETCHED_SOURCES], group_name=RAW, pool=POOL, kinds={"file"})
def raw_files(home_folder: HomeFolder) -> dg.MaterializeResult[None]:
    """Contents by hash, with the places where they were seen; the bytes stand in ``raw/<sha256>`` of the home folder."""
    home = home_folder.home
    sightings = read_sightings(home)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sightings["file_id"].n_unique(),
            "sightings": sightings.height,
            "to_read": len(unread_file_ids(home, reader_version())),
            "bytes_read_so_far": int(active_ledger(home)["bytes"].sum()),
            "path": dg.MetadataValue.path(str(home.raw)),
        }
    )
