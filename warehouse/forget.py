"""Forgetting: the only way to remove a content."""

from pipeline.home import Home
from warehouse.durable import storing
from warehouse.errors import UnknownFile
from warehouse.extracted import extracted_years, forget_extracted
from warehouse.raw_store import FILE_ID, content_path
from warehouse.sightings import forget_sightings
from warehouse.years import drop_year, facts_years


def forget(home: Home, file_id: str) -> list[int]:
    """Remove a content's bytes, sightings and everything read from it; return the report years to compute again.

    Years that are left without any report lose their facts here. The bytes go last: a call that broke off can be
    repeated. Nothing of the content is recorded; the published file holds it until the next publication.
    Raises UnknownFile, StorageFailed.
    """
    if not FILE_ID.fullmatch(file_id) or not content_path(home, file_id).exists():
        raise UnknownFile(f"no file {file_id} was loaded")
    forget_sightings(home, file_id)
    years = forget_extracted(home, file_id)
    left = extracted_years(home)
    for year in years:
        if year not in left and year in facts_years(home):
            drop_year(home, year)
    with storing(str(home.raw)):
        content_path(home, file_id).unlink()
    return years
