"""The history of publications, and the stamp of the one that stands.

Belongs here: what ``loads`` is made from, kept apart from the published file so that it can be rebuilt at any time.
Does not belong here: building that file (``warehouse.publish``).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from pipeline.home import Home, Place
from warehouse.durable import write_bytes

FINDING = ("year", "measure", "code", "outcome", "n")
"""``measure``: check (code check_id, by outcome), cell (fact table, by status), report (by extraction), problem (kind)."""

Counted = tuple[int, str, str, str, int]
Distribution = dict[tuple[str, str, str], int]
"""n by measure, code, outcome"""


@dataclass(frozen=True, slots=True)
class Load:
    """A publication. ``rows`` counts the rows of every table but ``loads``; ``published_at`` is UTC without a zone.

    ``findings``: how the results, cells, reports and problems of each year are distributed, of the years that differ from the
    load before. They outlive the published file, so that a reader that got worse shows.
    """

    load_id: int
    published_at: datetime
    code_version: str
    catalogue_version: str
    rows: dict[str, int]
    fingerprint: str
    findings: tuple[Counted, ...] = ()

    def row(self) -> tuple[object, ...]:
        """Return the load as a row of the table ``loads``."""
        rows = json.dumps(self.rows, sort_keys=True)
        findings = [dict(zip(FINDING, counted, strict=True)) for counted in self.findings]
        return (
            self.load_id, self.published_at, self.code_version, self.catalogue_version, rows, self.fingerprint, findings
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which content the published file holds, and the size and time by which it is known to be the file that we wrote.

    ``code``, ``parts`` (hash by table and year) and ``frames`` (hash by table) are what the contents were
    (``publication.Contents``), so that the next publication may replace what differs. ``whole_size``, ``whole_rows``: when the
    file was last built whole; ``moved``: how many reports were replaced since.
    """

    fingerprint: str
    load_id: int
    size: int
    mtime_ns: int
    code: str = ""
    parts: dict[str, dict[int, str]] = field(default_factory=dict)
    frames: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    whole_size: int = 0
    whole_rows: int = 0
    moved: int = 0


def read_loads(home: Home) -> list[Load]:
    """Return every publication so far, oldest first."""
    loads = []
    parts: list[Place] = sorted((home.lake / "loads").glob("*.json"))
    for path in parts:
        data = json.loads(path.read_bytes())
        findings = tuple(map(tuple, data.pop("findings", ())))
        loads.append(Load(**{**data, "published_at": datetime.fromisoformat(data["published_at"])}, findings=findings))
    return loads


def distributions(loads: Sequence[Load]) -> dict[int, Distribution]:
    """Return, after the last of ``loads``, the distribution of each year."""
    years: dict[int, Distribution] = {}
    for load in loads:
        years |= _by_year(load.findings)
    return years


def _by_year(findings: Sequence[Counted]) -> dict[int, Distribution]:
    years: dict[int, Distribution] = {}
    for year, measure, code, outcome, n in findings:
        years.setdefault(year, {})[measure, code, outcome] = n
    return years


def changed_findings(counted: Sequence[Counted], loads: Sequence[Load]) -> tuple[Counted, ...]:
    """Return the rows of the years whose distribution is not that of the last load."""
    before, now = distributions(loads), _by_year(counted)
    return tuple(row for row in counted if before.get(row[0]) != now[row[0]])


def write_load(home: Home, load: Load) -> None:
    """Record a publication. Raises OSError."""
    data = {**asdict(load), "published_at": load.published_at.isoformat()}
    write_bytes(home.lake / "loads" / f"{load.load_id:08d}.json", json.dumps(data, indent=1, sort_keys=True).encode())


def write_stamp(home: Home, stamp: Stamp) -> None:
    """Record what a file that is about to be published holds. Raises OSError."""
    write_bytes(_stamp_path(home), json.dumps(asdict(stamp), indent=1).encode())


def standing_stamp(home: Home) -> Stamp | None:
    """Return the stamp of the published file; None where there is no such file or it is not the one that was stamped."""
    if not _stamp_path(home).exists() or not home.warehouse.is_file():
        return None
    data = json.loads(_stamp_path(home).read_bytes())
    parts = {
        table: {int(year): digest for year, digest in years.items()} for table, years in data.pop("parts", {}).items()
    }
    stamp = Stamp(**data, parts=parts)
    facts = home.warehouse.stat()
    return stamp if (facts.st_size, facts.st_mtime_ns) == (stamp.size, stamp.mtime_ns) else None


def _stamp_path(home: Home) -> Place:
    return home.lake / "published.json"
