"""What is said of an address that was fetched, or was to be.

Belongs here: plain values. Does not belong here: making them (``crawl``), keeping them (``warehouse.fetches``).
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.fetch.sources import Source

Headers = tuple[tuple[str, str], ...]
"""Names in lower case and values, in the order in which they came."""

PAGE = "page"
NEW, CHANGED, UNCHANGED, PARTIAL, FAILED, REFUSED = "new", "changed", "unchanged", "partial", "failed", "refused"
WHOLE = (NEW, CHANGED, UNCHANGED)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier fetch said of an address; ``file_id`` is the content that it gave last, "" where it gave none."""

    file_id: str
    etag: str
    last_modified: str
    outcome: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one address. ``content`` is None where none came, or where it is the one that is stored already.

    ``belongs_to`` is the URL of the page that this was found on, "" for the page itself.
    """

    source: Source
    url: str
    role: str
    belongs_to: str
    outcome: str
    asked_at: datetime
    reason: str = ""
    status: int | None = None
    final_url: str = ""
    media_type: str = ""
    headers: Headers = ()
    attempts: int = 0
    file_id: str = ""
    content: bytes | None = None
