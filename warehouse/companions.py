"""Which stored files may belong to one report, for each report year.

Belongs here: the ledger and the sightings as ``pipeline.companions`` takes them. Does not belong here: what makes a companion.
"""

import hashlib
from functools import lru_cache

import polars as pl

from pipeline.companions import Place, SeenFile, find_companions
from pipeline.home import Home
from warehouse.lake import FolderStamp, folder_stamp
from warehouse.ledger import active_ledger, ledger_folder
from warehouse.sightings import read_sightings, sightings_folder

COMPANIONS = {
    "file_id": pl.String(),
    "page_id": pl.String(),
    "ground": pl.String(),
    "media_type": pl.String(),
    "is_read": pl.Boolean(),
}
"""One row per file, page and ground; ``media_type`` and ``is_read`` are the file's."""


def companions_of_year(home: Home, year: int) -> pl.DataFrame:
    """Return the companions of the pages that have a report of this year, sorted; columns as ``COMPANIONS``."""
    every = _companions(home, folder_stamp(ledger_folder(home)), folder_stamp(sightings_folder(home)))
    return every.filter(pl.col("page_years").list.contains(year)).select(list(COMPANIONS))


def companions_fingerprint(home: Home, year: int) -> str:
    """Return a hash of the companions of a year: equal hashes mean equal rows; "" where there are none."""
    rows = companions_of_year(home, year).rows()
    return hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""


@lru_cache(maxsize=2)
def _companions(home: Home, _ledger: FolderStamp, _sightings: FolderStamp) -> pl.DataFrame:
    """Return the companions of all years; the stamps tell when to work them out anew."""
    ledger = active_ledger(home).select("file_id", "media_type", "years", "links")
    files = {i: SeenFile(i, kind, tuple(years), tuple(links or ())) for i, kind, years, links in ledger.iter_rows()}
    seen = read_sightings(home).select("file_id", "source", "belongs_to")
    places = [Place(file_id, source, tuple(pages)) for file_id, source, pages in seen.iter_rows()]
    rows = [
        (pair.file_id, pair.page_id, pair.ground, file.media_type, bool(file.years), list(files[pair.page_id].years))
        for pair in find_companions(files, places)
        for file in (files[pair.file_id],)
    ]
    schema = {**COMPANIONS, "page_years": pl.List(pl.Int32())}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("file_id", "page_id", "ground")
