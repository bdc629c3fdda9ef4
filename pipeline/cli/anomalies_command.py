"""``gongkai anomalies``: what is wrong in the loaded reports, worst first.

Belongs here: which findings are asked for, and their listing. Does not belong here: how one reads (``findings``).
"""

from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.errors import DONE, UsageError
from pipeline.cli.findings import SEVERITIES, count_by_severity, finding_lines, group_by_report, report_heading
from pipeline.cli.options import Run, home_option, json_option, require_warehouse
from pipeline.cli.terminal import open_console, print_json, styled

if TYPE_CHECKING:
    from pipeline.catalogue.model import Catalogue
    from pipeline.home import Home

# The sentence that a finding about prose is about.
_SENTENCES = """
    select a.report_id, a.check_id, a.subject, c.section_no, c.sentence
    from anomalies a join claims c on c.report_id = a.report_id and c.claim_no::varchar = a.subject
    where a.check_id like 'narrative.%'
"""
_REPORTS = """
    select report_id, title, issuer, year, scope, issuer_kind, source, file_id
    from reports where report_id in (select report_id from anomalies)
"""


@click.command("anomalies", short_help="List what is wrong, worst first.")
@click.option("--year", type=click.IntRange(1900, 2100), metavar="YEAR", help="Only reports of this report year.")
@click.option("--issuer", metavar="TEXT", help="Only issuers whose name holds this text.")
@click.option(
    "--kind",
    metavar="KIND",
    help="Only one kind: of check (narrative, requests.balance), of severity (error), of issuer (county, township).",
)
@json_option
@home_option
@click.pass_obj
def command(run: Run, year: int | None, issuer: str | None, kind: str | None, as_json: bool) -> int:
    """List the failed checks of the loaded reports: grouped by report, the worst report first.

    Each finding says in words what is wrong, which cells to distrust (with the number that would repair them, where one
    is found), and what it rests on. What a person dismissed with "gongkai review" is left out.

    \b
    Example:
      gongkai anomalies --year 2019 --kind error
    """
    from pipeline.catalogue.load import load_catalogue

    home = require_warehouse(run)
    catalogue = load_catalogue()
    findings = find(home, catalogue, year=year, issuer=issuer, kind=kind)
    groups = group_by_report(findings)
    if as_json:
        print_json([finding for group in groups for finding in group])
    else:
        _list(groups, catalogue)
    return DONE


def find(
    home: "Home", catalogue: "Catalogue", *, year: int | None, issuer: str | None, kind: str | None
) -> list[dict[str, Any]]:
    """Return the findings asked for: rows of the view ``anomalies`` with title, scope and sentence added.

    Raises UsageError where ``kind`` names no kind of check, severity or issuer.
    """
    from warehouse.query import anomalies, run_query

    check_kind, severity, issuer_kind = _which_kind(kind, catalogue)
    rows = anomalies(home, year=year, issuer=issuer, kind=check_kind).dicts()
    reports = {row["report_id"]: row for row in run_query(home, _REPORTS).dicts()}
    sentences = {(s["report_id"], s["check_id"], s["subject"]): s for s in run_query(home, _SENTENCES).dicts()}
    found = []
    for row in rows:
        report = reports[row["report_id"]]
        if severity not in (None, row["severity"]) or issuer_kind not in (None, report["issuer_kind"]):
            continue
        sentence = sentences.get((row["report_id"], row["check_id"], row["subject"]), {})
        extra = {key: report[key] for key in ("title", "scope", "issuer_kind", "source", "file_id")}
        extra |= {key: sentence.get(key) for key in ("section_no", "sentence")}
        found.append({**row, **extra})
    return found


def _which_kind(kind: str | None, catalogue: "Catalogue") -> tuple[str | None, str | None, str | None]:
    """Return ``kind`` as a kind of check, a severity, or a kind of issuer: no word is in two of the three sets."""
    if kind is None:
        return None, None, None
    families = sorted({rule.partition(".")[0] for rule in catalogue.rules})
    issuer_kinds = next(c.codes for c in catalogue.tables["reports"].columns if c.name == "issuer_kind")
    if kind in families or kind in catalogue.rules:
        return kind, None, None
    if kind in SEVERITIES:
        return None, kind, None
    if kind in issuer_kinds:
        return None, None, kind
    raise UsageError(
        f"--kind {kind} is unknown; it takes a check ({', '.join(families)}, or one as {next(iter(catalogue.rules))}), "
        f"a severity ({', '.join(SEVERITIES)}), or a kind of issuer ({', '.join(issuer_kinds)})"
    )


def _list(groups: list[list[Any]], catalogue: "Catalogue") -> None:
    from pipeline.edits.labels import printed_names

    console = open_console()
    if not groups:
        console.print(styled("Nothing is wrong in what was asked for."))
        return
    names = printed_names(catalogue)
    for group in groups:
        console.print(styled(report_heading(group[0], group), "bold"))
        for finding in group:
            for line in finding_lines(finding, names):
                console.print(line)
        console.print()
    everything = [finding for group in groups for finding in group]
    console.print(styled(f"{count_by_severity(everything)} in {len(groups)} report{'s' if len(groups) != 1 else ''}."))
    console.print(styled(f"Look at one: gongkai show {groups[0][0]['report_id']}"))
