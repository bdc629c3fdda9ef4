"""One fetch from the table of sources to the raw store.

Belongs here: putting the client, the log and the raw store together. Does not belong here: asking (``pipeline.fetch``),
keeping (``warehouse``), when it is done (``assets``).
"""

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from pipeline.fetch.client import Client
from pipeline.fetch.crawl import Crawl
from pipeline.fetch.pace import Clock
from pipeline.fetch.records import CHANGED, FAILED, NEW, PAGE, UNCHANGED, Fetched
from pipeline.fetch.settings import Settings, load_settings
from pipeline.fetch.sources import Source, UnusableTable, read_sources
from pipeline.home import Home
from warehouse.fetches import FetchLog, gather_log, known_fetches, one_fetch, stored_content
from warehouse.raw_store import Refused, take_in
from warehouse.remote_files import is_address

CONTACT_VARIABLE = "GONGKAI_CONTACT"
_BEIJING = timezone(timedelta(hours=8))
Tell = Callable[[str, int, int], None]


class FetchStopped(Exception):
    """Raised in the threads of a fetch that was ended from outside."""


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """What one fetch is told. ``table``: a CSV or Parquet file, None for the home's own; ``year``: only its sources, and
    those without a year; ``ask_all``: also what was fetched just now; ``proxy``: its URL, "" for none."""

    table: Path | None = None
    year: int | None = None
    allow_private: bool = False
    ask_all: bool = False
    proxy: str = ""


@dataclass(slots=True)
class FetchSummary:
    """What a fetch did. ``outcomes`` counts addresses (pages, attachments, folders) by outcome; ``fresh`` were left out
    because they were fetched just now; ``unusable`` are rows of the table, one line each; ``refused`` what did not come."""

    sources: int = 0
    fresh: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    unusable: tuple[str, ...] = ()
    refused: list[Refused] = field(default_factory=list)
    new_files: int = 0


def sources_of(home: Home, order: FetchOrder) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Return the sources that an order chooses, and one line for each row of the table that cannot be used.

    Raises UnusableTable, also where the home has no table.
    """
    table = order.table or next((file for file in home.sources if file.is_file()), None)
    if table is None:
        raise UnusableTable(f"there is no table of sources: {home.sources[0]} is not there, and no other was named")
    sources, unusable = read_sources(table, datetime.now(_BEIJING).year)
    if order.year is not None:
        sources = tuple(source for source in sources if source.year in (None, order.year))
    return tuple(_absolute(source, table) for source in sources), unusable


def fetch_sources(
    home: Home, order: FetchOrder, tell: Tell, *, client: Client | None = None, stop: threading.Event | None = None
) -> FetchSummary:
    """Fetch what the table of sources names into the raw store. Raises UnusableTable, StorageFailed.

    ``client`` is given by tests. Setting ``stop`` ends it: what came until then is kept, and the next one goes on from there.
    """
    sources, unusable = sources_of(home, order)
    summary = FetchSummary(sources=len(sources), unusable=unusable)
    with one_fetch(home):
        _fetch_pages(home, [source for source in sources if source.is_web], order, summary, tell, client, stop)
        _take_folders(home, [source for source in sources if not source.is_web], summary)
        gather_log(home)
    return summary


def _fetch_pages(
    home: Home,
    sources: Sequence[Source],
    order: FetchOrder,
    summary: FetchSummary,
    tell: Tell,
    client: Client | None,
    stop: threading.Event | None,
) -> None:
    stop = stop or threading.Event()
    client = client or Client(_settings(order), Clock(sleep=_sleep_until(stop)))
    known = known_fetches(home)
    log = FetchLog(home, known, client.settings.resume["records_per_write"])
    done = 0

    def keep(fetched: Fetched) -> None:
        nonlocal done
        log.keep(fetched)
        if fetched.role == PAGE:
            done += 1
            tell("fetching", done, len(sources))

    crawl = Crawl(client, known, lambda file_id: stored_content(home, file_id), _digest, keep, stop, order.ask_all)
    try:
        summary.fresh = crawl.run(sources)
    finally:
        log.close()
        client.close()
        summary.outcomes.update(log.counts)
        summary.refused += log.refused
        summary.new_files += len(log.new_file_ids)


def _take_folders(home: Home, sources: Sequence[Source], summary: FetchSummary) -> None:
    """Take in the folders among the sources; what is there already is met again, and costs its reading."""
    for source in sources:
        intake = take_in(home, [source.address if is_address(source.address) else Path(source.address)])
        summary.refused += intake.refused
        summary.new_files += len(intake.new_file_ids)
        new, met, failed = len(intake.new_file_ids), len(intake.file_ids), len(intake.refused)
        summary.outcomes.update({name: n for name, n in ((NEW, new), (UNCHANGED, met - new), (FAILED, failed)) if n})


def _absolute(source: Source, table: Path) -> Source:
    """Return a source whose folder, if it is a path, begins where the table stands."""
    if source.is_web or is_address(source.address):
        return source
    return replace(source, address=str(table.parent / Path(source.address).expanduser()))


def _settings(order: FetchOrder) -> Settings:
    contact = os.environ.get(CONTACT_VARIABLE, "")
    return load_settings().told(allow_private=order.allow_private, proxy=order.proxy, contact=contact)


def _sleep_until(stop: threading.Event) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise FetchStopped

    return sleep


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


CAME = (NEW, CHANGED)
"""Outcomes that give the next load something to read."""
