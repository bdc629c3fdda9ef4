"""The file of human decisions in the home folder: appended to, never rewritten.

Belongs here: its format, a row at a time. Does not belong here: what a decision does (the view ``anomalies``).
"""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Review:
    """A person's decision on a finding: a row of the published table ``reviews``; the latest one on a finding holds.

    ``decision`` is ``confirm`` or ``dismiss``. ``evidence`` is the hash of what the finding is about
    (``anomalies.evidence``): the decision holds while that stays the same, over every reload.
    """

    series_id: str
    check_id: str
    subject: str
    decision: str
    note: str
    decided_at: str
    evidence: str


COLUMNS = tuple(field.name for field in fields(Review))


def append_reviews(file: Path, reviews: Sequence[Review]) -> None:
    """Append decisions to the file, its header first where it is new, in one write that is on disk when this returns.

    Raises OSError.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    ending = _last_byte(file)
    if ending is None:
        writer.writerow(COLUMNS)
    elif ending != b"\n":  # Somebody's editor left the last line open.
        buffer.write("\n")
    writer.writerows(map(astuple, reviews))
    with file.open("ab") as handle:
        handle.write(buffer.getvalue().encode("utf-8"))
        handle.flush()
        os.fsync(handle.fileno())


def read_reviews(file: Path) -> list[Review]:
    """Return every decision in the order in which they were taken; none where the file is absent.

    Raises ValueError that names the line where the file does not have the columns.
    """
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{file}: its first line must be {','.join(COLUMNS)}")
        reviews = []
        for row in rows:
            if None in row or None in row.values():
                raise ValueError(f"{file}: line {rows.line_num} does not have {len(COLUMNS)} columns")
            reviews.append(Review(**row))
        return reviews


def now_utc() -> str:
    """Return this moment as the file writes it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _last_byte(file: Path) -> bytes | None:
    if not file.exists() or file.stat().st_size == 0:
        return None
    with file.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1)
