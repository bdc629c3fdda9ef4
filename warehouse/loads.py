"""The history of publications, and the stamp of the one that stands.

Belongs here: what ``loads`` is made from, kept apart from the published file so that it can be rebuilt at any time.
Does not belong here: building that file (``warehouse.publish``).
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pipeline.home import Home
from warehouse.durable import write_bytes


@dataclass(frozen=True, slots=True)
class Load:
    """A publication. ``rows`` counts the rows of every table but ``loads``; ``published_at`` is UTC without a zone."""

    load_id: int
    published_at: datetime
    code_version: str
    catalogue_version: str
    rows: dict[str, int]
    fingerprint: str

    def row(self) -> tuple[object, ...]:
        """Return the load as a row of the table ``loads``."""
        rows = json.dumps(self.rows, sort_keys=True)
        return (self.load_id, self.published_at, self.code_version, self.catalogue_version, rows, self.fingerprint)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which content the published file holds, and the size and time by which it is known to be the file that we wrote."""

    fingerprint: str
    load_id: int
    size: int
    mtime_ns: int


def read_loads(home: Home) -> list[Load]:
    """Return every publication so far, oldest first."""
    loads = []
    for path in sorted((home.lake / "loads").glob("*.json")):
        data = json.loads(path.read_bytes())
        loads.append(Load(**{**data, "published_at": datetime.fromisoformat(data["published_at"])}))
    return loads


def write_load(home: Home, load: Load) -> None:
    """Record a publication. Raises OSError."""
    data = {**asdict(load), "published_at": load.published_at.isoformat()}
    write_bytes(home.lake / "loads" / f"{load.load_id:08d}.json", json.dumps(data, indent=1, sort_keys=True).encode())


def write_stamp(home: Home, fingerprint: str, load_id: int, file: Path) -> None:
    """Record what a file that is about to be published holds. Raises OSError."""
    facts = file.stat()
    stamp = Stamp(fingerprint, load_id, facts.st_size, facts.st_mtime_ns)
    write_bytes(_stamp_path(home), json.dumps(asdict(stamp), indent=1).encode())


def standing_stamp(home: Home) -> Stamp | None:
    """Return the stamp of the published file; None where there is no such file or it is not the one that was stamped."""
    if not _stamp_path(home).exists() or not home.warehouse.is_file():
        return None
    stamp = Stamp(**json.loads(_stamp_path(home).read_bytes()))
    facts = home.warehouse.stat()
    return stamp if (facts.st_size, facts.st_mtime_ns) == (stamp.size, stamp.mtime_ns) else None


def _stamp_path(home: Home) -> Path:
    return home.lake / "published.json"
