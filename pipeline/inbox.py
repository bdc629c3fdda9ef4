"""The inbox folder: which of its files have not been taken in, and in what order.

Belongs here: the cursor. Does not belong here: taking files in (``warehouse.raw_store``), the sensor (``assets.sensors``).

The cursor is the change time and the name of the last file taken. A change time is set by the kernel whenever a file is written,
renamed or moved in, so a new or changed file is always later than the cursor, however old its content says it is.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """A file in the inbox; arrivals are ordered by change time, then by name. ``size`` is in bytes."""

    changed_ns: int
    path: str
    size: int = 0

    @property
    def cursor(self) -> str:
        """What is remembered of it."""
        return f"{self.changed_ns} {self.path}"


def arrivals(inbox: Path, cursor: str | None, settled_before_ns: int) -> list[Arrival]:
    """Return the files that came or changed after the cursor, oldest first; "" and None stand before everything.

    Files that changed at or after ``settled_before_ns`` are left for later: they may still be being copied. Hidden files and
    folders are passed over. Raises OSError where the inbox itself cannot be listed; no inbox holds no files.
    """
    last = _parse(cursor)
    if not inbox.is_dir():
        return []
    found = (arrival for arrival in _files(inbox) if arrival.changed_ns < settled_before_ns)
    return sorted(arrival for arrival in found if (arrival.changed_ns, arrival.path) > last)


def _files(inbox: Path) -> Iterator[Arrival]:
    for folder, subfolders, names in os.walk(inbox, onerror=_raise_for(inbox)):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if name.startswith("."):
                continue
            path = Path(folder, name)
            try:
                status = path.stat()
            except FileNotFoundError:  # Taken away between listing and looking, or a link that leads nowhere.
                continue
            yield Arrival(status.st_ctime_ns, path.relative_to(inbox).as_posix(), status.st_size)


def _raise_for(inbox: Path):  # type: ignore[no-untyped-def]
    def onerror(error: OSError) -> None:
        if Path(error.filename) == inbox:
            raise error

    return onerror


def _parse(cursor: str | None) -> tuple[int, str]:
    if not cursor:
        return (0, "")
    changed, _, path = cursor.partition(" ")
    return (int(changed), path)
