"""What a load says when it is done: what was loaded, what is quarantined and why, what is wrong, how to look further.

Belongs here: the words. Does not belong here: the load.
"""

from collections import Counter
from collections.abc import Sequence
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
    headers = [("year", False), *((name, True) for name in ("reports", "current", "errors", "warnings", "infos"))]
    rows = []
    for year in sorted({report.year for report in reports}):
        of_year = [report for report in reports if report.year == year]
        failed = [sum(report.failed.get(severity, 0) for report in of_year) for severity in SEVERITIES]
        rows.append([year, len(of_year), sum(report.is_current for report in of_year), *failed])
    print_rows(console, headers, rows)
    attached = [report.attachments for report in reports if report.attachments]
    if attached:
        with_them = f"{_count(len(attached), 'report')} of several files"
        console.print(styled(f"{with_them}: {_count(sum(attached), 'attachment')} beside the main file"))


def _quarantined(summary: "LoadSummary") -> list[str]:
    return [f"{_name(file.source)}: {file.reason}" for file in summary.quarantined]


def _print_unread(console: "Console", reports: Sequence["LoadedReport"]) -> None:
    """Say of which reports a part is missing: what is not there cannot be wrong, and must not look right."""
    lines = []
    for report in reports:
        parts = []
        if report.tables_missing:
            parts.append(f"tables missing: {', '.join(report.tables_missing)}")
        elif report.extraction != "complete":
            parts.append("some cells missing or unread")
        if report.problems:
            parts.append(f"{_count(report.problems, 'thing')} that the form does not know")
        if not report.issuer_is_identified:
            parts.append("issuer not identified")
        if parts:
            lines.append(f"{_who(report)}: {'; '.join(parts)}   {report.report_id}")
    _print_list(console, "Read in part", lines, "")


def _print_wrong(console: "Console", reports: Sequence["LoadedReport"]) -> "LoadedReport | None":
    """Print which check fails in which report, the worst first; return that one."""
    wrong = sorted((r for r in reports if any(r.failed.values()) and r.is_current), key=_rank)
    lines = []
    for report in wrong:
        checks = Counter(report.failed_checks).most_common()
        named = ", ".join(f"{check} ×{number}" if number > 1 else check for check, number in sorted(checks))
        lines.append(f"{_who(report)}: {named}   {report.report_id}")
    _print_list(console, "Wrong", lines, "red")
    sound = sum(report.is_current for report in reports) - len(wrong)
    if sound:
        console.print(styled(f"Nothing wrong found in {_count(sound, 'report')}.", "green"))
    return wrong[0] if wrong else None


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


def _print_list(console: "Console", title: str, lines: Sequence[str], style: str) -> None:
    if not lines:
        return
    console.print(styled(f"{title}: {len(lines)}", "bold"))
    for line in lines[:_LINES_SHOWN]:
        console.print(styled(f"  {line}", style))
    if len(lines) > _LINES_SHOWN:
        console.print(styled(f"  … and {len(lines) - _LINES_SHOWN} more (--json lists all)"))


def _who(report: "LoadedReport") -> str:
    return f"{one_line(report.issuer or report.title or 'issuer unknown')} {report.year}"


def _name(source: str) -> str:
    return one_line(source)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
