"""What a load says when it is done: what was loaded, what is quarantined and why, what is wrong, how to look further.

Belongs here: the words. Does not belong here: the load.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import TYPE_CHECKING

from pipeline.cli.findings import SEVERITIES
from pipeline.cli.options import Run
from pipeline.cli.safe_text import one_line
from pipeline.cli.terminal import print_rows, styled

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.load import LoadedReport, LoadSummary

# Enough to see what goes on; the rest is counted, and stands in `gongkai status` and `gongkai anomalies`.
_LINES_SHOWN = 20


def print_summary(console: "Console", summary: "LoadSummary", run: Run) -> None:
    """Print the summary of a load for a person."""
    new = f"{summary.new_files} of them new" if summary.new_files else "none of them new"
    came = f"{_count(len(summary.reports), 'report')}, {len(summary.quarantined)} quarantined"
    console.print(styled(f"{_count(summary.files, 'file')} met, {new}: {came}; into {run.home_folder}", "bold"))
    _print_years(console, summary.reports)
    _print_list(console, "Quarantined (kept, tried again when the reader has changed)", _quarantined(summary), "yellow")
    _print_list(console, "Not taken in", [f"{_name(r.source)}: {r.reason}" for r in summary.refused], "yellow")
    _print_list(console, "Passed over", [f"{_name(s.source)}: {s.reason}" for s in summary.skipped], "dim")
    _print_unread(console, summary.reports)
    worst = _print_wrong(console, summary.reports)
    _print_further(console, summary, worst, run)


def _print_years(console: "Console", reports: Sequence["LoadedReport"]) -> None:
    if not reports:
        return
    years: dict[int, Counter[str]] = {}
    attached = Counter[str]()
    for report in reports:
        of_year = years.setdefault(report.year, Counter())
        of_year.update({"reports": 1, "current": int(report.is_current), **report.failed})
        if report.attachments:
            attached.update({"reports": 1, "attachments": report.attachments})
    counted = ("reports", "current", *SEVERITIES)
    headers = [("year", False), *((name, True) for name in ("reports", "current", "errors", "warnings", "infos"))]
    print_rows(console, headers, [[year, *(years[year][name] for name in counted)] for year in sorted(years)])
    if attached:
        with_them = f"{_count(attached['reports'], 'report')} of several files"
        beside = _count(attached["attachments"], "attachment")
        console.print(styled(f"{with_them}: {beside} beside the main file"))


def _quarantined(summary: "LoadSummary") -> list[str]:
    return [f"{_name(file.source)}: {file.reason}" for file in summary.quarantined]


def _print_unread(console: "Console", reports: Iterable["LoadedReport"]) -> None:
    """Say of which reports a part is missing: what is not there cannot be wrong, and must not look right."""
    lines, number = [], 0
    for report in reports:
        parts = _unread(report)
        number += bool(parts)
        if parts and number <= _LINES_SHOWN:
            lines.append(f"{_who(report)}: {'; '.join(parts)}   {report.report_id}")
    _print_list(console, "Read in part", lines, "", number)


def _unread(report: "LoadedReport") -> list[str]:
    parts = []
    if report.tables_missing:
        parts.append(f"tables missing: {', '.join(report.tables_missing)}")
    elif report.extraction != "complete":
        parts.append("some cells missing or unread")
    if report.problems:
        parts.append(f"{_count(report.problems, 'thing')} that the form does not know")
    if not report.issuer_is_identified:
        parts.append("issuer not identified")
    return parts


def _print_wrong(console: "Console", reports: Sequence["LoadedReport"]) -> "LoadedReport | None":
    """Print which check fails in which report, the worst first; return that one."""
    worst = nsmallest(_LINES_SHOWN, filter(_is_wrong, reports), key=_rank)
    lines = []
    for report in worst:
        checks = Counter(report.failed_checks).most_common()
        named = ", ".join(f"{check} ×{number}" if number > 1 else check for check, number in sorted(checks))
        lines.append(f"{_who(report)}: {named}   {report.report_id}")
    number = sum(map(_is_wrong, reports))
    _print_list(console, "Wrong", lines, "red", number)
    sound = sum(report.is_current for report in reports) - number
    if sound:
        console.print(styled(f"Nothing wrong found in {_count(sound, 'report')}.", "green"))
    return worst[0] if worst else None


def _is_wrong(report: "LoadedReport") -> bool:
    return report.is_current and any(report.failed.values())


def _rank(report: "LoadedReport") -> tuple[object, ...]:
    return (*(-report.failed.get(severity, 0) for severity in SEVERITIES), report.year, report.report_id)


def _print_further(console: "Console", summary: "LoadSummary", worst: "LoadedReport | None", run: Run) -> None:
    state = "published as" if summary.published else "nothing changed since"
    console.print(styled(f"Warehouse: {run.home_folder / 'gongkai.duckdb'} ({state} load {summary.load_id})"))
    console.print(styled("Look further:", "bold"))
    hints = [("anomalies", "what is wrong, with explanations")]
    if worst is not None:
        hints.append((f"show {worst.report_id}", "the worst report, its wrong numbers marked"))
    hints.append(('sql "from requests_wide"', "ask the warehouse yourself"))
    width = max(len(run.hint(arguments)) for arguments, _ in hints)
    for arguments, what in hints:
        console.print(styled(f"  {run.hint(arguments):<{width}}   {what}"))


def _print_list(console: "Console", title: str, lines: Sequence[str], style: str, number: int | None = None) -> None:
    """Print the first lines of a list; ``number`` says how many there are where not all were made."""
    if not lines:
        return
    number = len(lines) if number is None else number
    console.print(styled(f"{title}: {number}", "bold"))
    for line in lines[:_LINES_SHOWN]:
        console.print(styled(f"  {line}", style))
    if number > _LINES_SHOWN:
        console.print(styled(f"  … and {number - _LINES_SHOWN} more (--json lists all)"))


def _who(report: "LoadedReport") -> str:
    return f"{one_line(report.issuer or report.title or 'issuer unknown')} {report.year}"


def _name(source: str) -> str:
    return one_line(source)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
