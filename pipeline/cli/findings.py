"""Findings as people read them: grouped by report, worst first, each with explanation, suspects and evidence.

Belongs here: order and wording of rows of the view ``anomalies`` (or of the same keys from ``check``). Does not belong
here: where they come from, and rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.cli.safe_text import one_line
from pipeline.cli.terminal import plain_number, styled

if TYPE_CHECKING:
    from rich.text import Text

    from pipeline.edits.labels import PrintedNames

Finding = Mapping[str, Any]

SEVERITIES = ("error", "warning", "info")
_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_VERDICTS = {
    "source": "the document itself is wrong: two readings agree",
    "extraction": "our reading is in doubt: two readings differ",
    "unknown": "not known whether the document or our reading is wrong",
}
# Enough to find the place; all of them stand in --json.
_SUSPECTS_SHOWN = 6


def group_by_report(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return the findings of each report together, the worst report and in it the worst finding first.

    Worse: more errors, then more warnings, then more infos, then the greater difference, then the smaller report_id.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(str(finding["report_id"]), []).append(finding)
    for group in groups.values():
        group.sort(key=lambda f: (SEVERITIES.index(f["severity"]), -_size(f), f["check_id"], str(f["subject"])))
    return sorted(groups.values(), key=_report_rank)


def _report_rank(group: list[Finding]) -> tuple[object, ...]:
    counts = [-sum(finding["severity"] == severity for finding in group) for severity in SEVERITIES]
    return (*counts, -max(map(_size, group)), group[0]["report_id"])


def _size(finding: Finding) -> Decimal:
    return abs(Decimal(finding["difference"] or 0))


def count_by_severity(findings: Iterable[Finding]) -> str:
    """Return ``2 errors, 1 warning``."""
    severities = [finding["severity"] for finding in findings]
    counts = ((severities.count(severity), severity) for severity in SEVERITIES)
    return ", ".join(f"{n} {name}{'s' if n != 1 and name != 'info' else ''}" for n, name in counts if n)


def finding_lines(finding: Finding, names: "PrintedNames") -> Iterator["Text"]:
    """Yield the lines of one finding: what is wrong (Chinese, English), which cells to distrust, what it rests on."""
    severity = str(finding["severity"])
    head = styled("  ")
    head.append_text(styled(f"✗ {severity:<8}", _STYLES[severity]))
    head.append_text(styled(f"{finding['check_id']} / {finding['subject']}", "bold"))
    if finding.get("decision"):
        head.append_text(styled(f"  (reviewed: {finding['decision']})", "dim"))
    yield head
    for message in (finding.get("message_zh"), finding.get("message_en")):
        if message:
            yield styled(f"      {one_line(message)}")
    suspects = suspect_texts(finding.get("suspects") or (), names, str(finding["report_id"]))
    if suspects:
        more = f" and {len(suspects) - _SUSPECTS_SHOWN} more" if len(suspects) > _SUSPECTS_SHOWN else ""
        yield styled(f"      suspects: {'; '.join(suspects[:_SUSPECTS_SHOWN])}{more}", "magenta")
    yield styled(f"      evidence: {evidence_text(finding)}", "dim")


def evidence_text(finding: Finding) -> str:
    """Return what a finding rests on: the numbers of both sides, the sentence for prose, whose fault it is."""
    parts = []
    if finding.get("left_value") is not None:
        parts.append(f"printed {plain_number(finding['left_value'])}")
    if finding.get("right_value") is not None:
        parts.append(f"against {plain_number(finding['right_value'])}")
    if finding.get("difference") is not None:
        parts.append(f"difference {plain_number(finding['difference'])}")
    text = ", ".join(parts)
    if finding.get("sentence"):
        section = f"section {finding['section_no']}: " if finding.get("section_no") is not None else ""
        text += f"; {section}“{one_line(finding['sentence'])}”"
    verdict = _VERDICTS.get(str(finding.get("verdict")))
    return "; ".join(filter(None, (text, verdict)))


def suspect_texts(suspects: Iterable[Mapping[str, Any]], names: "PrintedNames", report_id: str) -> list[str]:
    """Return each suspect as ``row / column ‹printed› → suggested``: repairs first, then numbers, then zeros and blanks.

    A cell that stands in another report than ``report_id`` is told with that report.
    """
    texts = []
    for suspect in sorted(suspects, key=lambda s: (s.get("suggested") is None, not s.get("value"))):
        printed = suspect.get("raw_text")
        if suspect.get("status") == "reconstructed":
            printed = None  # The text is that of the whole line of numbers run together.
        if printed is None and suspect.get("value") is not None:
            printed = plain_number(suspect["value"])
        text = f"{cell_label(names, suspect)} ‹{one_line(str(printed if printed is not None else ''))}›"
        if suspect.get("suggested") is not None:
            text += f" → {plain_number(suspect['suggested'])}"
        if suspect.get("report_id") not in (None, report_id):
            text += f" (report {suspect['report_id']})"
        texts.append(text)
    return texts


def cell_label(names: "PrintedNames", cell: Mapping[str, Any]) -> str:
    """Return the printed name of a cell; its codes where no form knows it."""
    from pipeline.edits.labels import cell_name

    codes = (str(cell["row_code"]), str(cell["column_code"]))
    for form in dict.fromkeys((str(cell.get("form") or ""), "")):
        try:
            return cell_name(names, str(cell["fact_table"]), form, codes)
        except KeyError:
            continue
    return "/".join(codes)


def report_heading(report: Mapping[str, Any], findings: Iterable[Finding]) -> str:
    """Return a report's first line: whose, of which year, how bad, and the id that the other commands take."""
    who = report.get("issuer") or report.get("title") or "unknown issuer"
    scope = {"aggregate": " (aggregate)", "own": " (own)"}.get(str(report.get("scope")), "")
    whose = f"{one_line(str(who))} {report.get('year')}{scope}"
    return f"{whose}: {count_by_severity(findings)}   report {report['report_id']}"
