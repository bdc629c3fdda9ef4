"""What was read from each content: parts of the lake written batch by batch, and the ledger that makes a batch exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pipeline.home import Home

if TYPE_CHECKING:
    from pipeline.reading import FileReading


@dataclass(frozen=True, slots=True)
class ReadContent:
    """The outcome of reading one content: ``reading``, or the one-line ``error`` that quarantines it; never both."""

    file_id: str
    size: int
    media_type: str | None
    reading: "FileReading | None"
    error: str | None = None


def unread_file_ids(home: Home, reader_version: str) -> list[str]:
    """Return the contents seen whose active reading is not of this reader version, sorted."""
    raise NotImplementedError


def write_extracted_batch(home: Home, contents: Sequence[ReadContent], reader_version: str) -> str:
    """Write what was read from a batch of contents, the ledger last; return the batch's name.

    A crash before the ledger is written leaves a batch that does not exist. A value that the warehouse cannot hold
    quarantines its content with that reason. Raises StorageFailed.
    """
    raise NotImplementedError


def extracted_years(home: Home) -> list[int]:
    """Return the report years of all active readings, ascending."""
    raise NotImplementedError


def read_extracted(home: Home, year: int) -> dict[str, pl.DataFrame]:
    """Return the active rows of a report year, sorted: ``reports``, ``sections``, ``cells``, ``facts`` (long: fact_table,
    row_code, column_code, …), ``claims``, ``assertions`` (``body``: JSON of the assertion), ``problems``.

    ``reports`` holds what ``ReportReading`` says of itself, with file_id, media_type, place and evidence (JSON).
    """
    raise NotImplementedError


def extracted_fingerprint(home: Home, year: int) -> str:
    """Return a hash of the active readings of a report year: equal hashes mean equal ``read_extracted`` rows."""
    raise NotImplementedError
