"""The ledger: which contents were read, by which version of the reader, with what outcome.

Belongs here: what makes an extracted batch exist, and which reading of a content is the active one. Does not belong here:
the rows that were read (``warehouse.extracted``).
"""

from functools import lru_cache

import polars as pl

from pipeline.home import Home, Place
from warehouse.durable import write_parquet
from warehouse.lake import FolderStamp, folder_stamp, next_part_name, part_files, read_parts
from warehouse.schemas import LEDGER
from warehouse.sightings import read_sightings, sightings_folder

READ, QUARANTINED = "read", "quarantined"


def active_ledger(home: Home) -> pl.DataFrame:
    """Return one row per content that was read: its latest reading, with the batch that holds its rows; by file_id.

    A content is active only while it is sighted somewhere.
    """
    return _active_ledger(home, folder_stamp(ledger_folder(home)), folder_stamp(sightings_folder(home)))


@lru_cache(maxsize=1)  # A load asks dozens of times; nobody changes a frame.
def _active_ledger(home: Home, _ledger: FolderStamp, _sightings: FolderStamp) -> pl.DataFrame:
    ledger = read_parts(part_files(ledger_folder(home)), LEDGER)
    latest = ledger.sort("batch").unique("file_id", keep="last")
    return latest.join(read_sightings(home).select("file_id").unique(), on="file_id", how="semi").sort("file_id")


def unread_file_ids(home: Home, reader_version: str) -> list[str]:
    """Return the contents seen whose active reading is not of this reader version, sorted.

    So a content is read once per reader version, and a quarantined one is tried again only when the reader has changed.
    """
    read = active_ledger(home).filter(pl.col("reader_version") == reader_version)
    seen = read_sightings(home).select("file_id").unique()
    return seen.join(read, on="file_id", how="anti")["file_id"].sort().to_list()


def next_batch_name(home: Home, digest: str) -> str:
    """Return the name of a new batch: later batches sort behind earlier ones."""
    return next_part_name(ledger_folder(home), digest)


def write_ledger_part(home: Home, batch: str, frame: pl.DataFrame) -> None:
    """Write the rows that make a batch exist. Raises OSError, polars' ComputeError."""
    write_parquet(ledger_folder(home) / f"{batch}.parquet", frame)


def forget_in_ledger(home: Home, file_id: str) -> list[int]:
    """Remove every reading of a content; return the report years that any of them had. Raises OSError."""
    years: set[int] = set()
    for part in part_files(ledger_folder(home)):
        frame = read_parts([part], LEDGER)
        gone = frame.filter(pl.col("file_id") == file_id)
        if gone.is_empty():
            continue
        years.update(gone["years"].explode().drop_nulls().to_list())
        if gone.height == frame.height:
            part.unlink()
        else:
            write_parquet(part, frame.filter(pl.col("file_id") != file_id))
    return sorted(years)


def ledger_folder(home: Home) -> Place:
    """Return where the ledger's parts stand."""
    return home.lake / "extracted" / "ledger"
