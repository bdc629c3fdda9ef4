"""The rules on single reports, asked again only of the reports that changed, a few at a time.

Belongs here: what a report is judged from, and putting new results beside those that stand. Does not belong here: judging
(``pipeline.year_checks``), rules across reports (``assets.check_results``).
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from assets.facts import joined_readings
from pipeline.applied_rules import UNAPPLIED, unapplied_rules
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.versions import code_version
from pipeline.year_checks import judge_year
from pipeline.year_facts import axes
from warehouse.extracted import batches_of_year, reader_versions
from warehouse.judged_reports import read_judged_reports
from warehouse.years import read_facts, read_rows_of


def report_inputs(home: Home, year: int) -> dict[str, str]:
    """Return by report_id a hash of everything that the results of rules on that report alone are a function of.

    Of all its files, so that a report whose attachment arrived, went or is read anew has changed.
    """
    corrections = home.corrections.read_bytes() if home.corrections.exists() else b""
    common = (code_version(), load_catalogue().version, hashlib.sha256(corrections).hexdigest())
    versions = reader_versions(home, year)
    files = read_facts(home, year, ("report_files",))["report_files"].sort("report_id", "role", "file_id")
    of_report: dict[str, list[tuple[str, str, str | None]]] = {}
    for report_id, role, file_id in files.select("report_id", "role", "file_id").iter_rows():
        of_report.setdefault(report_id, []).append((role, file_id, versions.get(file_id)))
    return {
        report_id: hashlib.sha256(repr((own, *common)).encode()).hexdigest() for report_id, own in of_report.items()
    }


@dataclass(frozen=True, slots=True)
class SingleChecks:
    """What the rules on single reports find in some reports of a year, and which rules were not asked of them though they are
    about them (columns as ``applied_rules.UNAPPLIED``)."""

    check_results: pl.DataFrame
    suggestions: pl.DataFrame
    unapplied: pl.DataFrame


def single_checks(home: Home, year: int, inputs: dict[str, str]) -> Iterator[SingleChecks]:
    """Yield what the rules on single reports find in a year, judging only reports whose ``inputs`` are not the standing ones."""
    judged = read_judged_reports(home, year)
    unchanged = {report_id for report_id, made_from in inputs.items() if judged.get(report_id) == made_from}
    yield from standing_single_checks(home, year, unchanged)
    at_once = load_catalogue().limits["judging"]["reports_at_once"]
    changed = _by_batch(home, year, inputs.keys() - unchanged)
    for first in range(0, len(changed), at_once):
        yield _judged(home, year, changed[first : first + at_once])


def standing_single_checks(home: Home, year: int, report_ids: Collection[str]) -> Iterator[SingleChecks]:
    """Yield what the rules on single reports found in these reports when the year was judged last: every rule was asked then."""
    across = [rule.check_id for rule in load_catalogue().rules.values() if rule.kind == "across"]
    at_once = load_catalogue().limits["judging"]["reports_at_once"]
    ordered = sorted(report_ids)
    for first in range(0, len(ordered), at_once):
        some = read_rows_of(home, year, ordered[first : first + at_once], ("check_results", "suggestions"))
        results = some["check_results"].filter(~pl.col("check_id").is_in(across))
        yield SingleChecks(results, some["suggestions"], pl.DataFrame(schema=UNAPPLIED))


def _by_batch(home: Home, year: int, report_ids: Collection[str]) -> list[str]:
    """Return reports as they were read, batch by batch: some of them stand in few parts, whatever the size of the year."""
    batches = batches_of_year(home, year)
    files = read_facts(home, year, ("report_files",))["report_files"].filter(pl.col("role") == "main")
    of_report = {
        report_id: batches.get(file_id, "") for report_id, file_id in files.select("report_id", "file_id").iter_rows()
    }
    return sorted(report_ids, key=lambda report_id: (of_report.get(report_id, ""), report_id))


def _judged(home: Home, year: int, report_ids: list[str]) -> SingleChecks:
    catalogue = load_catalogue()
    facts = read_rows_of(home, year, report_ids, ("reports", "report_files", *axes(catalogue)))
    readings = joined_readings(home, year, facts["report_files"]["file_id"].unique())
    own = pl.col("report_id").is_in(report_ids)
    checks = judge_year(facts, {name: frame.filter(own) for name, frame in readings.items()}, catalogue)
    return SingleChecks(
        checks.check_results, checks.suggestions, unapplied_rules(facts, checks.check_results, catalogue)
    )
