"""The raw store: every content once, under the hash of its bytes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.home import Home


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place where a content was seen: ``source`` as given; members of an archive as ``archive.zip!/member``."""

    file_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A source that could not be taken in, with its one-line reason."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What was taken in: every content met (sorted), which of them are new, where they were seen, what was not taken."""

    file_ids: tuple[str, ...]
    new_file_ids: tuple[str, ...]
    sightings: tuple[Sighting, ...]
    refused: tuple[Refused, ...]
    skipped: tuple[Refused, ...]


def take_in(
    home: Home, paths: Iterable[Path], *, now: datetime | None = None, on_file: Callable[[str], None] | None = None
) -> Intake:
    """Store the files of paths, folders (recursive) and archives (.zip), and where they were seen.

    What cannot be read is ``refused`` and the rest goes on; hidden files are ``skipped``. ``on_file`` is told each source.
    Raises StorageFailed where the home folder cannot be written.
    """
    raise NotImplementedError


def read_content(home: Home, file_id: str) -> bytes:
    """Return a stored content. Raises DamagedContent where it is missing or its bytes do not have this hash."""
    raise NotImplementedError


def source_names(home: Home, file_ids: Iterable[str]) -> dict[str, str]:
    """Return for each content the file name of its smallest source: the hint for what its bytes do not tell."""
    raise NotImplementedError
