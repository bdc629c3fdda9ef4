"""``gongkai check``: judge a report before it is published, without touching the warehouse.

Belongs here: which files, how their judgement is listed, the exit code. Does not belong here: the judging
(``pipeline.load``).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.errors import DONE, FINDINGS, SOME_UNREAD, UsageError
from pipeline.cli.findings import cell_label, count_by_severity, finding_lines, group_by_report
from pipeline.cli.options import Run, home_option, json_option
from pipeline.cli.report_findings import findings_of
from pipeline.cli.safe_text import one_line
from pipeline.cli.show_command import print_corrections, print_problems, print_suggestions
from pipeline.cli.terminal import open_console, print_json, styled

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.edits.labels import PrintedNames
    from pipeline.home import Home
    from pipeline.load import CheckedReport


_PARTS = ("facts", "claims", "suggestions", "check_results")


@click.command("check", short_help="Judge a report before you publish it.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--strict", is_flag=True, help="Exit with code 4 when any check fails, be it error, warning or info.")
@json_option
@home_option
@click.pass_obj
def command(run: Run, files: tuple[str, ...], strict: bool, as_json: bool) -> int:
    """Read and judge reports without loading them: which number is wrong, and what it should be.

    Corrections of the same file that stand in the home folder are applied.

    Findings are results: the exit code is 0, with --strict it is 4. A file that cannot be read makes it 3
    (unless --strict finds something in another).

    \b
    Example:
      gongkai check 2024年度报告.docx --strict
    """
    paths = require_files(files)
    judged = [_judge(path, run.home) for path in paths]
    if as_json:
        print_json([_as_json(path, reports, error) for path, (reports, error) in zip(paths, judged, strict=True)])
    else:
        _print(paths, judged)
    findings = [finding for reports, _ in judged for report in reports for finding in _findings(report)]
    if strict and findings:
        return FINDINGS
    return SOME_UNREAD if any(error for _, error in judged) else DONE


def require_files(files: Sequence[str]) -> list[Path]:
    """Return the files after making sure that each is one. Raises UsageError that names the first that is not."""
    paths = []
    for given in files:
        path = Path(given)
        try:
            if path.is_dir():
                raise UsageError(f"{given} is a folder: check takes files, load takes folders")
            if not path.is_file():
                raise UsageError(f"{given} is no file" if path.exists() else f"{given} does not exist")
        except OSError as error:
            raise UsageError(f"{given} cannot be reached: {error.strerror}") from error
        paths.append(path)
    return paths


def _judge(path: Path, home: "Home") -> tuple[tuple["CheckedReport", ...], str | None]:
    """Return the judged reports of a file, or the line that says why it cannot be read."""
    from pipeline.document import UnreadableFile
    from pipeline.load import check_file

    try:
        return check_file(path, home), None
    except UnreadableFile as error:
        return (), str(error)
    except OSError as error:
        return (), error.strerror or str(error)


def _findings(report: "CheckedReport") -> list[dict[str, Any]]:
    return findings_of(report.report, {name: getattr(report, name) for name in _PARTS})


def _as_json(path: Path, reports: Sequence["CheckedReport"], error: str | None) -> dict[str, Any]:
    return {
        "file": str(path),
        "error": error,
        "reports": [
            {
                "report": report.report,
                "findings": [finding for group in group_by_report(_findings(report)) for finding in group],
                "suggestions": report.suggestions,
                "problems": report.problems,
                "corrections": report.corrections,
                "check_results": report.check_results,
                "facts": report.facts,
            }
            for report in reports
        ],
    }


def _print(paths: Sequence[Path], judged: Sequence[tuple[Sequence["CheckedReport"], str | None]]) -> None:
    from pipeline.catalogue.load import load_catalogue
    from pipeline.edits.labels import printed_names

    console = open_console()
    names = printed_names(load_catalogue())
    for path, (reports, error) in zip(paths, judged, strict=True):
        if error is not None:
            console.print(styled(f"{one_line(str(path))}: cannot be read: {one_line(error)}", "yellow"))
        for report in reports:
            _print_report(console, path, report, names)


def _print_report(console: "Console", path: Path, report: "CheckedReport", names: "PrintedNames") -> None:
    row = report.report
    findings = _findings(report)
    limits = _limits(report, names)
    sound = "nothing wrong found in what could be read" if limits else "nothing wrong found"
    verdict = count_by_severity(findings) if findings else sound
    who = " ".join(str(part) for part in (row.get("issuer") or row.get("title"), row.get("year")) if part)
    console.print(styled(f"{one_line(str(path))}: {one_line(who)}: {verdict}", "bold"))
    for group in group_by_report(findings):
        for finding in group:
            for line in finding_lines(finding, names):
                console.print(line)
    print_suggestions(console, report.suggestions, names)
    for limit in limits:
        console.print(styled(f"  {limit}", "yellow"))
    print_corrections(console, report.corrections, report.facts, names)
    print_problems(console, report.problems)
    outcomes = [result["outcome"] for result in report.check_results]
    console.print(
        styled(f"  {outcomes.count('passed')} checks passed, {outcomes.count('failed')} failed, "
               f"{outcomes.count('not_assessable')} could not be judged")
    )  # fmt: skip
    console.print()


def _limits(report: "CheckedReport", names: "PrintedNames") -> list[str]:
    """Return what was not judged because it is not there or could not be read: it must not look right."""
    lines = []
    if report.report.get("tables_missing"):
        lines.append(f"tables missing: {', '.join(report.report['tables_missing'])}")
    for status, words in (("unreadable", "could not be read"), ("missing", "are missing from the table")):
        cells = [fact for fact in report.facts if fact["status"] == status]
        if cells:
            shown = "; ".join(f"{cell_label(names, c)} ‹{one_line(str(c['raw_text'] or ''))}›" for c in cells[:6])
            more = f" and {len(cells) - 6} more" if len(cells) > 6 else ""
            lines.append(f"{len(cells)} cells {words}: {shown}{more}")
    return lines
