"""The rules on single reports, asked again only of the reports that changed, a few at a time.

Belongs here: what a report is judged from, and putting new results beside those that stand. Does not belong here: judging
(``pipeline.year_checks``), rules across reports (``assets.check_results``).
"""

import hashlib
from collections.abc import Collection, Iterable

import polars as pl

from assets.facts import joined_readings
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.versions import code_version
from pipeline.year_checks import YearChecks, judge_year
from pipeline.year_facts import axes
from warehouse.extracted import batches_of_year, reader_versions
from warehouse.judged_reports import read_judged_reports
from warehouse.schemas import empty_frame
from warehouse.years import read_check_results, read_facts, read_facts_of


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


def single_checks(home: Home, year: int, inputs: dict[str, str]) -> YearChecks:
    """Return what the rules on single reports find in a year, judging only reports whose ``inputs`` are not the standing ones."""
    judged = read_judged_reports(home, year)
    unchanged = {report_id for report_id, made_from in inputs.items() if judged.get(report_id) == made_from}
    parts = [_standing(home, year, unchanged)] if unchanged else []
    size = load_catalogue().limits["judging"]["reports_at_once"]
    changed = _by_batch(home, year, inputs.keys() - unchanged)
    parts += [_judged(home, year, changed[first : first + size]) for first in range(0, len(changed), size)]
    return _together(parts)


def standing_single_checks(home: Home, year: int) -> YearChecks:
    """Return what the rules on single reports found when the year was judged last."""
    across = [rule.check_id for rule in load_catalogue().rules.values() if rule.kind == "across"]
    standing = read_check_results(home, year)
    return YearChecks(standing["check_results"].filter(~pl.col("check_id").is_in(across)), standing["suggestions"])


def _standing(home: Home, year: int, report_ids: set[str]) -> YearChecks:
    standing = standing_single_checks(home, year)
    own = pl.col("report_id").is_in(list(report_ids))
    return YearChecks(standing.check_results.filter(own), standing.suggestions.filter(own))


def _by_batch(home: Home, year: int, report_ids: Collection[str]) -> list[str]:
    """Return reports as they were read, batch by batch: some of them stand in few parts, whatever the size of the year."""
    batches = batches_of_year(home, year)
    files = read_facts(home, year, ("report_files",))["report_files"].filter(pl.col("role") == "main")
    of_report = {
        report_id: batches.get(file_id, "") for report_id, file_id in files.select("report_id", "file_id").iter_rows()
    }
    return sorted(report_ids, key=lambda report_id: (of_report.get(report_id, ""), report_id))


def _judged(home: Home, year: int, report_ids: list[str]) -> YearChecks:
    facts = read_facts_of(home, year, report_ids, ("reports", "report_files", *axes(load_catalogue())))
    readings = joined_readings(home, year, facts["report_files"]["file_id"].unique())
    own = pl.col("report_id").is_in(report_ids)
    return judge_year(facts, {name: frame.filter(own) for name, frame in readings.items()}, load_catalogue())


def _together(parts: Iterable[YearChecks]) -> YearChecks:
    tables = load_catalogue().tables
    made = list(parts)
    results = [part.check_results for part in made] or [empty_frame(tables["check_results"])]
    suggestions = [part.suggestions for part in made] or [empty_frame(tables["suggestions"])]
    return YearChecks(pl.concat(results).sort("report_id", "check_id", "subject"), pl.concat(suggestions))
