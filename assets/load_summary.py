"""One page about a load: what was loaded, what is wrong, how that moved, what is quarantined.

Belongs here: the page as Markdown, for the metadata of the published warehouse. Does not belong here: counting
(``warehouse.query``, ``warehouse.load_history``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.catalogue.words import load_words
from pipeline.home import Home
from warehouse.load_history import failures, read_worse, reports
from warehouse.loads import Distribution, Load, distributions, read_loads
from warehouse.query import run_query

MOST = 10
"""Of each list what a person reads; the rest is counted and stands in the warehouse."""
LONGEST = 160

Row = Mapping[str, Any]


def load_summary(home: Home) -> str:
    """Return the page about the load that stands published, as Markdown."""
    loads = read_loads(home)
    if not loads:
        return "Nothing is published."
    now, before = distributions(loads), distributions(loads[:-1])
    severities = dict(run_query(home, "SELECT severity, count(*) FROM anomalies GROUP BY severity").rows)
    worst = run_query(home, _WORST).dicts()
    quarantined = run_query(home, _QUARANTINED).dicts()
    corrections = run_query(home, "SELECT outcome, count(*) AS n FROM corrections GROUP BY ALL ORDER BY ALL").dicts()
    parts = [
        f"## Load {loads[-1].load_id}, {loads[-1].published_at:%Y-%m-%d %H:%M} UTC",
        *_loaded(now, before),
        *_wrong(severities, worst),
        *_trend(loads),
        *_worse(before, now),
        *_quarantined(quarantined),
        *_corrections(corrections),
    ]
    return "\n\n".join(parts)


def _loaded(now: Mapping[int, Distribution], before: Mapping[int, Distribution]) -> list[str]:
    rows = []
    for year in sorted(now):
        extraction = {outcome: n for (measure, _, outcome), n in now[year].items() if measure == "report"}
        moved = reports(now[year]) - reports(before.get(year, {}))
        counts = [extraction.get(kind, 0) for kind in ("complete", "partial", "no_tables")]
        rows.append(
            [year, reports(now[year]), f"{moved:+d}" if moved else "", *counts, sum(failures(now[year]).values())]
        )
    head = ["year", "reports", "since the last load", "complete", "partial", "no tables", "failed checks"]
    return ["### Loaded", _table(head, rows)]


def _wrong(severities: Mapping[str, int], worst: Sequence[Row]) -> list[str]:
    if not worst:
        return ["### Wrong", "Nothing wrong found."]
    counts = ", ".join(f"{severities[s]} {s}" for s in ("error", "warning", "info") if s in severities)
    head = ["report", "issuer", "year", "check", "subject", "what"]
    keys = ("report_id", "issuer", "year", "check_id", "subject", "message_en")
    rows = [[row[key] for key in keys] for row in worst]
    return [f"### Wrong: {counts}", f"The {len(rows)} worst:", _table(head, rows)]


def _trend(loads: Sequence[Load]) -> list[str]:
    """Return how many results failed by check, after each of the last loads."""
    after = [distributions(loads[: n + 1]) for n in range(len(loads))]
    # Loads of a version that did not record them say nothing, which is not 0.
    told = [load for load, years in zip(loads, after, strict=True) if years][-5:]
    after = [years for years in after if years][-5:]
    counts = [_summed(failures(distribution) for distribution in years.values()) for years in after]
    checks = sorted({check for count in counts for check, n in count.items() if n})
    rows = [[check, *(count.get(check, 0) for count in counts)] for check in checks]
    return ["### Failed checks after each load", _table(["check", *(f"load {load.load_id}" for load in told)], rows)]


def _summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for key, n in part.items():
            total[key] = total.get(key, 0) + n
    return total


def _worse(before: Mapping[int, Distribution], now: Mapping[int, Distribution]) -> list[str]:
    found = read_worse(before, now, load_words("drift")["extraction"])
    if not found:
        return []
    rows = [[w.year, w.fact_table, f"{w.before:.1%}", f"{w.now:.1%}", w.reports_before, w.reports_now] for w in found]
    head = ["year", "table", "unread before", "unread now", "reports before", "reports now"]
    return ["### Read worse than in the last load: probably our fault", _table(head, rows)]


def _quarantined(files: Sequence[Row]) -> list[str]:
    if not files:
        return ["### Quarantined", "No file is quarantined."]
    rows = [[row["source"], row["error"]] for row in files[:MOST]]
    more = [f"… and {len(files) - MOST} more"] if len(files) > MOST else []
    return [f"### Quarantined: {len(files)}", _table(["file", "why"], rows), *more]


def _corrections(counts: Sequence[Row]) -> list[str]:
    told = ", ".join(f"{row['n']} {row['outcome']}" for row in counts)
    return ["### Corrections", told] if counts else []


# A country has a million findings: only those that are shown are fetched.
_WORST = f"""
    SELECT report_id, issuer, year, check_id, subject, message_en
    FROM anomalies
    ORDER BY list_position(['error', 'warning', 'info'], severity), abs(difference) DESC NULLS LAST,
             report_id, check_id, subject
    LIMIT {MOST}
"""

_QUARANTINED = """
    SELECT coalesce(min(s.source), f.file_id) AS source, f.error
    FROM files f LEFT JOIN file_sightings s USING (file_id)
    WHERE f.status = 'quarantined'
    GROUP BY f.file_id, f.error
    ORDER BY f.error, source
"""


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    if not rows:
        return "none"
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)])


def _cell(value: object) -> str:
    text = " ".join(("" if value is None else str(value)).split()).replace("|", "\\|")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
