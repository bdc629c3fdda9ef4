"""Where a worker finds the bytes of the files that it is to read: in the raw store, or in what was sent to it.

Belongs here: the two places. Does not belong here: reading the bytes (``pipeline.reading_worker``), choosing workers
(``pipeline.reading_place``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from pipeline.home import Home
from warehouse.errors import DamagedContent
from warehouse.raw_store import content_path, read_content


class Contents(Protocol):
    """Gives the bytes of contents by their file_id; goes to the worker with its task."""

    def read(self, file_id: str) -> bytes:
        """Return the bytes. Raises DamagedContent."""

    def size(self, file_id: str) -> int:
        """Return how many bytes there are, 0 where they are gone."""


ContentsOf = Callable[[Home, Iterable[str]], Contents]
"""Makes the contents of a task, by the file_ids in it."""


@dataclass(frozen=True, slots=True)
class StoredContents:
    """Contents that the worker reads from the raw store itself."""

    home: Home

    def read(self, file_id: str) -> bytes:
        """Return the bytes. Raises DamagedContent."""
        return read_content(self.home, file_id)

    def size(self, file_id: str) -> int:
        """Return how many bytes there are, 0 where they are gone."""
        try:
            return content_path(self.home, file_id).stat().st_size
        except OSError:
            return 0


@dataclass(frozen=True, slots=True)
class SentContents:
    """Contents that travel with the task, for workers that do not see the raw store; ``damaged`` says which have no bytes."""

    contents: dict[str, bytes]
    damaged: dict[str, str]

    def read(self, file_id: str) -> bytes:
        """Return the bytes. Raises DamagedContent."""
        if file_id in self.damaged:
            raise DamagedContent(self.damaged[file_id])
        return self.contents[file_id]

    def size(self, file_id: str) -> int:
        """Return how many bytes there are, 0 where they are gone."""
        return len(self.contents.get(file_id, b""))


def stored_contents(home: Home, _file_ids: Iterable[str]) -> StoredContents:
    """Return contents for workers on a machine that has the raw store."""
    return StoredContents(home)


def sent_contents(home: Home, file_ids: Iterable[str]) -> SentContents:
    """Return contents for workers anywhere: the bytes themselves."""
    sent = SentContents({}, {})
    for file_id in file_ids:
        try:
            sent.contents[file_id] = read_content(home, file_id)
        except DamagedContent as error:
            sent.damaged[file_id] = str(error)
    return sent
