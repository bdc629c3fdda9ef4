"""Only what changed is done again, and it comes to what doing everything would."""

from collections.abc import Callable

import pytest

from assets import single_checks
from assets.check_results import judge_stored_year
from assets.facts import write_year
from pipeline.freshness import stale_years
from pipeline.home import Home
from pipeline.load import load_paths
from tests.dagster.test_load import table_hashes, write_report
from warehouse.query import run_query
from warehouse.years import checks_manifest, facts_manifest, judged_reports_path


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reports that were judged since."""
    seen: list[str] = []
    judge = single_checks.judge_year

    def watched(facts, readings, catalogue):
        seen.extend(facts["reports"]["report_id"])
        return judge(facts, readings, catalogue)

    monkeypatch.setattr(single_checks, "judge_year", watched)
    return seen


def reports_of(home: Home, year: int) -> set[str]:
    return {report_id for (report_id,) in run_query(home, f"select report_id from reports where year = {year}").rows}


def test_only_reports_that_changed_are_judged_again(home: Home, tmp_path, judged: list[str]) -> None:
    summary = load_paths(home, [write_report(tmp_path / "in", 1)], workers=1)
    (report,) = summary.reports
    assert len(reports_of(home, report.year)) > 1, "beside others of the year"
    assert judged == [report.report_id]
    judge_all_again(home)
    assert set(judged) > {report.report_id}


def judge_all_again(home: Home) -> None:
    """… finds the same rows."""
    before = {year: checks_manifest(home, year) for year in (2018, 2019, 2021)}
    for year in before:
        judged_reports_path(home, year).unlink()
        judge_stored_year(home, year)
    assert {year: checks_manifest(home, year).fingerprint for year in before} == {
        year: manifest.fingerprint for year, manifest in before.items()
    }


def test_results_that_are_not_those_remembered_are_made_anew(home: Home, judged: list[str]) -> None:
    judge_stored_year(home, 2019)
    assert judged == []
    file = judged_reports_path(home, 2019)
    file.write_bytes(judged_reports_path(home, 2018).read_bytes())  # Of other results: says nothing of these.
    judge_stored_year(home, 2019)
    assert set(judged) == reports_of(home, 2019)


def test_a_correction_or_another_reader_judges_again(
    home: Home, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_checks, "code_version", lambda: "another")
    judge_stored_year(home, 2019)
    assert set(judged) == reports_of(home, 2019)


def test_few_at_a_time_come_to_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = checks_manifest(home, 2019)
    judged_reports_path(home, 2019).unlink()
    limits = single_checks.load_catalogue().limits
    for step, name in (("computing", "reports_at_once"), ("judging", "reports_at_once"), ("judging", "bodies_at_once")):
        monkeypatch.setitem(limits[step], name, 1)
    facts = facts_manifest(home, 2019)
    write_year(home, 2019)
    assert facts_manifest(home, 2019) == facts
    judge_stored_year(home, 2019)
    assert checks_manifest(home, 2019) == before


def test_a_replaced_report_stays_as_not_current_with_both_files(home: Home, tmp_path) -> None:
    sql = "select series_id, file_id from reports where scope <> 'unknown' and issuer_kind <> 'unknown' order by all limit 1"
    ((series_id, file_id),) = run_query(home, sql).rows
    again = tmp_path / "again.txt"
    again.write_bytes((home.raw / file_id).read_bytes() + "\n更正后重新发布。\n".encode())
    load_paths(home, [again], workers=1)
    sql = f"""
        select r.is_current, f.status from reports r join report_files p using (report_id) join files f on f.file_id = p.file_id
        where r.series_id = '{series_id}' order by all
    """
    assert run_query(home, sql).rows == [(False, "superseded"), (True, "loaded")]


def test_publishing_an_unchanged_load_writes_nothing(home: Home, tmp_path, run_job: Callable[..., object]) -> None:
    files = {path: path.stat().st_mtime_ns for path in home.lake.rglob("*") if path.is_file()}
    published, hashes = home.warehouse.stat(), table_hashes(home)
    assert stale_years(home) == []
    for year in (2018, 2019, 2021):
        write_year(home, year)
        judge_stored_year(home, year)
    run_job("publish")
    changed = [path for path, at in files.items() if path.stat().st_mtime_ns != at and "judged" not in path.parts]
    assert changed == []
    assert home.warehouse.stat().st_ino == published.st_ino
    assert table_hashes(home) == hashes
