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

# Nobody reads ten thousand of them from a screen.
REPORTS_SHOWN = 100


@click.command("anomalies", short_help="List what is wrong, worst first.")
@click.option("--year", type=click.IntRange(1900, 2100), metavar="YEAR", help="Only reports of this report year.")
@click.option("--issuer", metavar="TEXT", help="Only issuers whose name holds this text.")
@click.option(
    "--kind",
    metavar="KIND",
    help="Only one kind: of check (narrative, requests.balance), of severity (error), of issuer (county, township).",
)
@click.option("--all", "all_reports", is_flag=True, help=f"List every report, not only the {REPORTS_SHOWN} worst.")
@json_option
@home_option
@click.pass_obj
def command(run: Run, year: int | None, issuer: str | None, kind: str | None, all_reports: bool, as_json: bool) -> int:
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
        if groups:
            _list(groups, catalogue, run, len(groups) if all_reports else REPORTS_SHOWN)
        else:
            open_console().print(styled(_nothing(home, year)))
    return DONE


def find(
    home: "Home", catalogue: "Catalogue", *, year: int | None, issuer: str | None, kind: str | None
) -> list[dict[str, Any]]:
    """Return the findings asked for: rows of the view ``anomalies`` with title, scope, issuer_kind, sentence and the like.

    Raises UsageError where ``kind`` names no kind of check, severity or issuer.
    """
    from warehouse.query import anomalies

    check_kind, severity, issuer_kind = _which_kind(kind, catalogue)
    rows = anomalies(home, year=year, issuer=issuer, kind=check_kind).dicts()
    return [row for row in rows if severity in (None, row["severity"]) and issuer_kind in (None, row["issuer_kind"])]


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


def _nothing(home: "Home", year: int | None) -> str:
    """Return the line for an empty list; nothing found in nothing is not said to be right."""
    from warehouse.query import run_query

    where = "is_current" if year is None else f"is_current and year = {year:d}"
    ((loaded,),) = run_query(home, f"select count(*) from reports where {where}").rows
    of_year = "" if year is None else f" of {year}"
    if not loaded:
        return f"No report{of_year} is loaded."
    return f"Nothing like that is wrong in the {loaded:,} loaded report{'s' if loaded != 1 else ''}{of_year}."


def _list(groups: list[list[Any]], catalogue: "Catalogue", run: Run, most: int) -> None:
    from pipeline.edits.labels import printed_names

    console = open_console()
    names = printed_names(catalogue)
    for group in groups[:most]:
        console.print(styled(report_heading(group[0], group), "bold"))
        for finding in group:
            for line in finding_lines(finding, names):
                console.print(line)
        console.print()
    if len(groups) > most:
        more = f"… and {len(groups) - most:,} more reports"
        console.print(styled(f"{more} (--all lists them; --year, --issuer and --kind narrow)", "bold"))
    everything = [finding for group in groups for finding in group]
    console.print(styled(f"{count_by_severity(everything)} in {len(groups)} report{'s' if len(groups) != 1 else ''}."))
    worst = groups[0][0]["report_id"]
    console.print(styled(f"Look at the worst: {run.hint(f'show {worst}')}"))
