"""One file to all that can be known of it alone.

Belongs here: the order of the steps, and which reader reads which kind of file. Does not belong here: what a step does, and
anything that needs a second report (issuers, series, equations over frames).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.catalogue.model import Catalogue
from pipeline.document import Document, UnreadableFile
from pipeline.narrative.prose import Prose
from pipeline.report import ReportReading

Reader = Callable[[bytes, str, Catalogue], Document]


@dataclass(frozen=True, slots=True)
class FileReading:
    """A file as read: its reports in the order in which they stand, and the prose of each, in the same order."""

    media_type: str
    reports: tuple[ReportReading, ...]
    prose: tuple[Prose, ...]


def read_file(content: bytes, name: str, catalogue: Catalogue) -> FileReading:
    """Return every report in a file.

    A function of the bytes, of the suffix of ``name`` where the bytes alone do not tell the kind, and of declared data.
    Raises UnreadableFile with the one line that becomes ``files.error``.
    """
    raise UnreadableFile("not yet")


def report_identifier(file_id: str, place: int) -> str:
    """Return the report_id: 16 hexadecimal digits of the hash of the main file's id and the report's place in it (from 1)."""
    return hashlib.sha256(f"{file_id}/{place}".encode()).hexdigest()[:16]
