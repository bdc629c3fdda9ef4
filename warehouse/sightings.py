"""Where each content was seen, and when first: history, appended to and never computed again."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import polars as pl

from pipeline.home import Home, Place
from warehouse.durable import storing, write_parquet
from warehouse.lake import FolderStamp, folder_stamp, next_part_name, part_files, read_parts
from warehouse.schemas import SIGHTINGS

_KEY = ("file_id", "source", "belongs_to")


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """A place where a content was seen: ``source`` as given; members of an archive as ``archive.zip!/member``.

    ``belongs_to`` is the source of the page that it came with, as whoever fetched both declares it; "" where nobody did.
    A place may belong to several pages: one sighting each. What folders and links say of it is not declared but worked out
    (``pipeline.companions``).
    """

    file_id: str
    source: str
    belongs_to: str = ""


def add_sightings(home: Home, sightings: Iterable[Sighting], now: datetime) -> None:
    """Append the sightings that are not known yet, with ``now`` (UTC) as the time first seen. Raises StorageFailed."""
    known = {
        (i, source, page) for i, source, pages in read_sightings(home).select(_KEY).iter_rows() for page in ("", *pages)
    }
    fresh = sorted({(sighting.file_id, sighting.source, sighting.belongs_to) for sighting in sightings} - known)
    if not fresh:
        return
    stamp = now.astimezone(UTC).replace(tzinfo=None)
    rows = [(file_id, source, stamp, belongs_to or None) for file_id, source, belongs_to in fresh]
    frame = pl.DataFrame(rows, schema=SIGHTINGS, orient="row")
    digest = hashlib.sha256(repr(fresh).encode()).hexdigest()
    with storing(str(sightings_folder(home))):
        write_parquet(sightings_folder(home) / f"{next_part_name(sightings_folder(home), digest)}.parquet", frame)


def read_sightings(home: Home) -> pl.DataFrame:
    """Return file_id, source, first_seen, belongs_to (sorted list), sorted by content and source.

    A place counts from its earliest sighting, and belongs to every page that any sighting declares.
    """
    return _sightings(home, folder_stamp(sightings_folder(home)))


@lru_cache(maxsize=1)  # A load asks dozens of times; nobody changes a frame.
def _sightings(home: Home, _stamp: FolderStamp) -> pl.DataFrame:
    frame = read_parts(part_files(sightings_folder(home)), SIGHTINGS)
    pages = pl.col("belongs_to").drop_nulls().unique().sort()
    return frame.group_by("file_id", "source").agg(pl.col("first_seen").min(), pages).sort("file_id", "source")


def forget_sightings(home: Home, file_id: str) -> None:
    """Remove every sighting of a content. Raises StorageFailed."""
    with storing(str(sightings_folder(home))):
        for part in part_files(sightings_folder(home)):
            frame = read_parts([part], SIGHTINGS)
            kept = frame.filter(pl.col("file_id") != file_id)
            if kept.is_empty():
                part.unlink()
            elif kept.height < frame.height:
                write_parquet(part, kept)


def sightings_folder(home: Home) -> Place:
    """Return where the parts of the sightings stand."""
    return home.lake / "sightings"
