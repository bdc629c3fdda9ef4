"""Which reports are versions of one another, and which version is current.

Belongs here: the series of a report and the choice among the reports of one series; pure functions over plain values.
Does not belong here: who the issuer is (``pipeline.issuers``) or what year it is (``pipeline.recognize.identity``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pipeline.report import Scope


@dataclass(frozen=True, slots=True)
class SeriesMember:
    """What decides between two reports of one series. ``unread_cells`` counts facts that are unreadable or missing."""

    report_id: str
    series_id: str
    file_id: str
    published_on: date | None
    signed_on: date | None
    unread_cells: int

    @property
    def printed_on(self) -> date | None:
        """Return the latest date that the report prints of itself, None where it prints none."""
        return max((day for day in (self.published_on, self.signed_on) if day is not None), default=None)


def series_identifier(
    issuer_id: str, year: int | None, scope: Scope, report_id: str, *, issuer_identified: bool = True
) -> str:
    """Return the series of a report, e.g. ``i3f2a90c41b7e:2019:own``.

    A report whose issuer, year or scope is unknown must never replace another (contract, "Identity"), so its series holds
    its own ``report_id`` and nothing else can fall into it.
    """
    series = f"{issuer_id}:{year or 'unknown'}:{scope}"
    if issuer_identified and year is not None and scope != "unknown":
        return series
    return f"{series}:{report_id}"


def choose_current(members: Iterable[SeriesMember]) -> frozenset[str]:
    """Return the report_id of the current report of every series.

    Current is the report with the latest printed date (a report without a date counts as older than any), then the one
    with the fewest unread cells, then the one with the smallest file_id; two reports of one file differ by report_id.
    """
    best: dict[str, SeriesMember] = {}
    for member in members:
        rival = best.get(member.series_id)
        if rival is None or _precedence(member) < _precedence(rival):
            best[member.series_id] = member
    return frozenset(member.report_id for member in best.values())


def _precedence(member: SeriesMember) -> tuple[int, int, str, str]:
    day = member.printed_on
    return (-day.toordinal() if day else 0, member.unread_cells, member.file_id, member.report_id)
