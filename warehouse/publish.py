"""Publication: the lake becomes one DuckDB file, built aside and put in place by an atomic rename."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.catalogue.model import Catalogue
from pipeline.home import Home


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published now: the load's number, rows per table, and whether this call changed anything."""

    load_id: int
    rows: dict[str, int]
    changed: bool


def publish(home: Home, code_version: str, catalogue: Catalogue, *, now: datetime | None = None) -> Publication:
    """Publish the lake as ``home.warehouse``; rewrite nothing where nothing changed.

    Raises StaleChecks, StaleFacts, TornFacts (the year and what to do), PublicationFailed; the published file then is as
    it was. Two publications at once queue.
    """
    raise NotImplementedError
