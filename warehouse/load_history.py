"""What the loads so far say of a year: how its findings moved, and whether we read it worse than before.

Belongs here: questions over the recorded distributions. Does not belong here: recording them (``warehouse.publish``), how
answers are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warehouse.loads import Distribution, Load, distributions

UNREAD = ("blank", "unreadable", "missing")


@dataclass(frozen=True, slots=True)
class WorseReading:
    """A fact table of a year of which a larger share of cells is unread than one load before."""

    year: int
    fact_table: str
    before: float
    now: float
    reports_before: int
    reports_now: int


def failures(distribution: Distribution) -> dict[str, int]:
    """Return how often each check failed, by check_id."""
    return {
        code: n for (measure, code, outcome), n in distribution.items() if (measure, outcome) == ("check", "failed")
    }


def reports(distribution: Distribution) -> int:
    """Return how many reports there are."""
    return sum(n for (measure, _, _), n in distribution.items() if measure == "report")


def failures_by_load(loads: Sequence[Load], year: int, most: int) -> list[tuple[int, dict[str, int]]]:
    """Return load_id and failures of a year by check_id, of the last ``most`` loads in which the year had changed."""
    told = [load for load in loads if any(row[0] == year for row in load.findings)][-most:]
    return [(load.load_id, failures(distributions([load])[year])) for load in told]


def read_worse(
    before: Mapping[int, Distribution], now: Mapping[int, Distribution], limits: Mapping[str, float]
) -> list[WorseReading]:
    """Return where the share of unread cells rose by more than ``limits["least_rise"]`` from one load to the next.

    Years that had fewer reports than ``limits["least_reports"]`` before tell nothing: a share over few reports is one odd
    report.
    """
    found = []
    for year in sorted(before.keys() & now.keys()):
        if reports(before[year]) < limits["least_reports"]:
            continue
        for table in sorted({code for measure, code, _ in before[year] if measure == "cell"}):
            then, since = (_unread(days[year], table) for days in (before, now))
            if since - then > limits["least_rise"]:
                found.append(WorseReading(year, table, then, since, reports(before[year]), reports(now[year])))
    return sorted(found, key=lambda worse: (worse.before - worse.now, worse.year, worse.fact_table))


def _unread(distribution: Distribution, table: str) -> float:
    cells = {status: n for (measure, code, status), n in distribution.items() if (measure, code) == ("cell", table)}
    whole = sum(cells.values())
    return round(sum(cells.get(status, 0) for status in UNREAD) / whole, 4) if whole else 0.0
