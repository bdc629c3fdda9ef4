"""The log of fetching: what every address was asked, what it answered, and which content that gave.

Belongs here: writing it batch by batch with the contents, and asking it what is known of an address. Does not belong here:
fetching (``pipeline.fetch``). The bytes stand in the raw store; here are the headers that they came with.
"""

import contextlib
import fcntl
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from pipeline.fetch.records import FAILED, PAGE, REFUSED, Fetched, Known
from pipeline.home import Home, Place
from warehouse.durable import storing, write_parquet
from warehouse.errors import DamagedContent
from warehouse.lake import next_part_name, part_files, read_parts
from warehouse.raw_store import Collected, Intake, Refused, begin, finish, read_content, take_content
from warehouse.schemas import Schema

_TEXT, _INT = pl.String(), pl.Int32()
FETCHES: Schema = {
    "url": _TEXT,
    "role": _TEXT,
    "belongs_to": _TEXT,
    "address": _TEXT,
    "issuer": _TEXT,
    "region": _TEXT,
    "year": _INT,
    "asked_at": pl.Datetime("us"),
    "outcome": _TEXT,
    "reason": _TEXT,
    "status": _INT,
    "final_url": _TEXT,
    "media_type": _TEXT,
    "headers": _TEXT,
    "etag": _TEXT,
    "last_modified": _TEXT,
    "attempts": _INT,
    "bytes": pl.Int64(),
    "file_id": _TEXT,
}


@dataclass(slots=True)
class FetchLog:
    """Keeps what one fetch brings: contents at once, sightings and log together now and then. Threads share one."""

    home: Home
    known: Mapping[str, Known]
    records_per_write: int
    rows: list[tuple[object, ...]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    file_ids: set[str] = field(default_factory=set)
    new_file_ids: set[str] = field(default_factory=set)
    _intake: Collected | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, fetched: Fetched) -> None:
        """Keep what became of one address. Raises StorageFailed."""
        with self._lock:
            self._intake = self._intake or begin(self.home)
            if fetched.content is not None and fetched.file_id:
                take_content(fetched.content, fetched.url, self._intake, fetched.belongs_to)
            self.rows.append(_row(fetched, self.known.get(fetched.url)))
            self.counts[fetched.outcome] = self.counts.get(fetched.outcome, 0) + 1
            if fetched.outcome in (FAILED, REFUSED):
                self.refused.append(Refused(fetched.url, fetched.reason))
            if len(self.rows) >= self.records_per_write:
                self._write()

    def close(self) -> None:
        """Write what has not been written. Raises StorageFailed."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        """Write contents and sightings before the log: what the log calls fetched is there."""
        if not self.rows:
            return
        assert self._intake is not None
        intake: Intake = finish(self._intake)
        self.file_ids.update(intake.file_ids)
        self.new_file_ids.update(intake.new_file_ids)
        with storing(str(_folder(self.home))):
            _write_part(self.home, pl.DataFrame(self.rows, schema=FETCHES, orient="row"))
        self.rows, self._intake = [], None


@contextlib.contextmanager
def one_fetch(home: Home) -> Iterator[None]:
    """Let one fetch at a time run on a home: a second one waits. Loads go on meanwhile. Raises StorageFailed."""
    with storing(str(home.root)):
        home.root.mkdir(parents=True, exist_ok=True)
        lock = home.fetch_lock.open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Given back by the system when the process ends, however it ends.
        yield


def read_fetches(home: Home) -> pl.DataFrame:
    """Return every row of the log, oldest first; columns as ``FETCHES``, times in UTC."""
    return (
        read_parts(part_files(_folder(home)), FETCHES).unique(maintain_order=True).sort("asked_at", maintain_order=True)
    )


def latest_fetches(home: Home) -> pl.DataFrame:
    """Return the last row of every address, by url."""
    return read_fetches(home).unique("url", keep="last", maintain_order=True).sort("url")


def known_fetches(home: Home) -> dict[str, Known]:
    """Return what is known of every address that was ever asked: its last outcome, and the last content that it gave."""
    rows = read_fetches(home)
    last = rows.unique("url", keep="last").select("url", "outcome", "asked_at")
    content = (
        rows.filter(pl.col("file_id") != "")
        .unique("url", keep="last")
        .select("url", "file_id", "etag", "last_modified")
    )
    joined = last.join(content, on="url", how="left").with_columns(pl.col(pl.String).fill_null(""))
    return {
        url: Known(file_id, etag, modified, outcome, asked_at.replace(tzinfo=UTC))
        for url, outcome, asked_at, file_id, etag, modified in joined.iter_rows()
    }


def failed_sources(home: Home) -> pl.DataFrame:
    """Return address, issuer, year, outcome, reason, asked_at of the pages whose last fetch did not give all, by address."""
    latest = latest_fetches(home).filter(pl.col("role") == PAGE, pl.col("reason") != "")
    return latest.select("address", "issuer", "year", "outcome", "reason", "asked_at").sort("address")


def stored_content(home: Home, file_id: str) -> bytes | None:
    """Return a stored content, None where it is gone or damaged: it is then to be fetched again."""
    try:
        return read_content(home, file_id)
    except DamagedContent:
        return None


def gather_log(home: Home) -> None:
    """Put the parts of the log together into one: a fetch writes many small ones. Raises StorageFailed.

    A kill in between leaves rows that stand twice and are read once.
    """
    parts = part_files(_folder(home))
    if len(parts) < 2:
        return
    with storing(str(_folder(home))):
        _write_part(home, read_fetches(home))
        for part in parts:
            part.unlink(missing_ok=True)


def _row(fetched: Fetched, known: Known | None) -> tuple[object, ...]:
    headers = dict(reversed(fetched.headers))
    same = known is not None and fetched.file_id == known.file_id
    return (
        fetched.url,
        fetched.role,
        fetched.belongs_to,
        fetched.source.address,
        fetched.source.issuer,
        fetched.source.region,
        fetched.source.year,
        fetched.asked_at.astimezone(UTC).replace(tzinfo=None),
        fetched.outcome,
        fetched.reason,
        fetched.status,
        fetched.final_url,
        fetched.media_type,
        json.dumps(fetched.headers, ensure_ascii=False),
        headers.get("etag") or (known.etag if known and same else ""),  # An answer 304 need not repeat them.
        headers.get("last-modified") or (known.last_modified if known and same else ""),
        fetched.attempts,
        len(fetched.content) if fetched.content is not None else None,
        fetched.file_id,
    )


def _write_part(home: Home, frame: pl.DataFrame) -> None:
    folder = _folder(home)
    digest = hashlib.sha256(f"{frame.height}{datetime.now(UTC).isoformat()}".encode()).hexdigest()
    write_parquet(folder / f"{next_part_name(folder, digest)}.parquet", frame)


def _folder(home: Home) -> Place:
    return home.lake / "fetches"
