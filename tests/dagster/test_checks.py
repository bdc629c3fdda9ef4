"""Asset checks, both ways: what they pass, what they stop, and that publication stays behind them."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from checks.fact_tables import judge_slices, rows_result, schema_result, slices_of
from pipeline.asset_names import FACT_ASSETS, FACT_TABLES
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.year_facts import Frames
from tests.dagster.conftest import RunJob, evaluations
from warehouse.query import run_query
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import facts_inputs, judged_reports_path, part_path, read_check_results, read_facts

JINGYUAN_FAILURES = 4


def check_schema(name: str, frames: Frames) -> dg.AssetCheckResult:
    return schema_result(name, judge_slices([frames])[0][name])


def check_rows(name: str, frames: Frames) -> dg.AssetCheckResult:
    return rows_result(name, judge_slices([frames])[1][name])


def tamper(home: Home, year: int, table: str, change) -> None:
    """Change a stored fact table as no code of ours would: the types stay, the content does not."""
    frames = read_facts(home, year)
    write_facts(home, year, frames | {table: change(frames[table])}, facts_inputs(home, year))


def test_a_sound_year_passes_every_blocking_check_and_is_published(home: Home, run_job: RunJob) -> None:
    result = run_job("load_year", 2019)
    assert result.success
    found = evaluations(result)
    assert [name for name, e in found.items() if e.blocking and not e.passed] == []
    assert found["warehouse", "rows_as_in_lake"].passed


def test_findings_about_reports_warn_with_counts_and_the_worst(run_job: RunJob) -> None:
    result = run_job("judge_year", 2019)
    assert result.success, "a finding is a result, not a failure of the run"
    found = evaluations(result)
    equations = found["requests", "equations_hold"]
    assert not equations.passed
    assert equations.severity == dg.AssetCheckSeverity.WARN
    assert not equations.blocking
    assert equations.metadata["failed"].value == JINGYUAN_FAILURES
    assert equations.metadata["failed_requests.balance"].value == 2
    assert equations.metadata["failed_requests.nonnegative"].value == 0
    assert equations.metadata["reports_failed"].value == 1
    worst = equations.metadata["worst"].value
    assert "靖远" in worst
    assert "requests.processed_sum" in worst
    assert found["disputes", "equations_hold"].passed
    assert found["disputes", "equations_hold"].metadata["passed"].value > 0
    prose = found["claims", "prose_agrees"]
    assert prose.metadata["failed_narrative.parts"].value == 1


def test_reports_that_could_not_be_read_whole_warn(run_job: RunJob) -> None:
    found = evaluations(run_job("judge_year", 2021))
    whole = found["reports", "read_whole"]
    assert not whole.passed
    assert whole.severity == dg.AssetCheckSeverity.WARN
    assert "proactive, requests, disputes" in whole.metadata["samples"].value
    assert found["reports", "every_issuer_identified"].passed
    assert evaluations(run_job("judge_year", 2018))["reports", "read_whole"].passed


def test_a_fact_table_that_is_not_as_declared_fails_its_schema(home: Home) -> None:
    assert all(check_schema(name, read_facts(home, 2019)).passed for name in FACT_ASSETS)
    tamper(home, 2019, "requests", lambda frame: frame.with_columns(status=pl.lit("guessed")))
    frames = read_facts(home, 2019)
    schema = check_schema("requests", frames)
    assert not schema.passed
    assert schema.severity == dg.AssetCheckSeverity.ERROR
    assert "status is none of its codes (×483" in schema.metadata["failures"].value
    assert check_schema("disputes", frames).passed


@pytest.mark.parametrize("table", ["requests", "disputes", "proactive"])
def test_a_row_that_is_missing_breaks_what_tables_found_implies(home: Home, table: str) -> None:
    assert check_rows(table, read_facts(home, 2019)).passed
    tamper(home, 2019, table, lambda frame: frame.tail(-1))
    frames = read_facts(home, 2019)
    rows = check_rows(table, frames)
    assert not rows.passed
    assert rows.severity == dg.AssetCheckSeverity.ERROR
    assert rows.metadata["breaches"].value == 1
    assert check_schema(table, frames).passed, "only the number of rows is wrong"


def test_what_stands_is_judged_some_reports_at_a_time_every_row_once(home: Home, monkeypatch) -> None:
    monkeypatch.setitem(load_catalogue().limits["judging"], "reports_at_once", 1)
    slices = list(slices_of(home, 2019))
    assert len(slices) > 1 and all(frames["reports"].height == 1 for frames in slices)
    whole = read_facts(home, 2019)
    for name in FACT_ASSETS:
        assert pl.concat([frames[name] for frames in slices]).equals(whole[name])
    schemas, rows = judge_slices(slices_of(home, 2019))
    assert all(schema_result(name, schemas[name]).passed for name in FACT_ASSETS)
    assert all(rows_result(name, rows[name]).passed for name in FACT_TABLES)


def test_a_broken_fact_table_stops_the_judging_and_the_publication(home: Home, run_job: RunJob, monkeypatch) -> None:
    """The run computes the facts anew, so the fault is put into the computing."""
    from assets import facts as module

    def lossy(*arguments):
        some = facts_of_some(*arguments)
        return replace(some, tables=some.tables | {"requests": some.tables["requests"].tail(-1)})

    facts_of_some = module.facts_of_some
    published = home.warehouse.read_bytes()
    monkeypatch.setattr(module, "facts_of_some", lossy)
    result = run_job("load_year", 2019)
    assert not result.success
    assert not evaluations(result)["requests", "rows_as_tables_found"].passed
    made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}
    assert "requests" in made
    assert not made & {"check_results", "warehouse"}
    # A publication by itself is refused too: nobody has judged the facts that stand there now.
    refused = run_job("publish")
    assert not refused.success
    assert "2019" in str(refused.get_step_failure_events()[0].step_failure_data.error)
    assert home.warehouse.read_bytes() == published


def test_a_rule_that_was_asked_of_nothing_stops_the_publication(home: Home, run_job: RunJob, monkeypatch) -> None:
    from pipeline import year_checks as module

    def forgetful(*arguments):
        results = evaluate_rules(*arguments)
        return results.filter(pl.col("check_id") != "requests.balance")

    evaluate_rules = module.evaluate_rules
    published = home.warehouse.read_bytes()
    monkeypatch.setattr(module, "evaluate_rules", forgetful)
    # Reports that did not change are not asked again; here every one is.
    judged_reports_path(home, 2019).unlink()
    result = run_job("load_year", 2019)
    assert not result.success
    applied = evaluations(result)["check_results", "every_rule_applied"]
    assert not applied.passed
    assert applied.blocking
    assert "requests.balance" in applied.metadata["samples"].value
    assert not run_job("publish").success
    assert home.warehouse.read_bytes() == published


def test_frames_that_are_not_as_declared_never_reach_the_lake(home: Home, run_job: RunJob, monkeypatch) -> None:
    from assets import facts as module

    def wrong(*arguments):
        some = facts_of_some(*arguments)
        return replace(
            some,
            tables=some.tables
            | {"requests": some.tables["requests"].with_columns(value=pl.lit(Decimal(7)), status=pl.lit("blank"))},
        )

    facts_of_some = module.facts_of_some
    before = part_path(home, "requests", 2019).read_bytes()
    monkeypatch.setattr(module, "facts_of_some", wrong)
    result = run_job("judge_year", 2019)
    assert not result.success
    assert "a value stands exactly where the status says so" in str(result.get_step_failure_events()[0])
    assert part_path(home, "requests", 2019).read_bytes() == before


def test_stale_check_results_are_refused(home: Home, run_job: RunJob) -> None:
    results = read_check_results(home, 2018)
    write_check_results(home, 2018, results["check_results"], "of other facts", results["suggestions"])
    refused = run_job("publish")
    assert not refused.success
    assert "2018" in str(refused.get_step_failure_events()[0].step_failure_data.error)


def test_results_of_facts_that_are_not_those_read_are_not_computed(home: Home, run_job: RunJob) -> None:
    frames = read_facts(home, 2018)
    write_facts(home, 2018, frames, "made from something else")
    result = run_job("judge_year", 2018)
    assert result.success, "the facts come first, so the whole job mends it"
    write_facts(home, 2018, frames, "made from something else")
    from assets.check_results import judge_stored_year
    from warehouse.errors import StaleFacts

    with pytest.raises(StaleFacts, match="2018"):
        judge_stored_year(home, 2018)


def test_a_published_file_that_lost_rows_is_noticed(home: Home, tmp_path: Path) -> None:
    from checks.published import lake_rows, published_rows

    same = published_rows(home).join(lake_rows(home), on=["table", "year"], how="full", coalesce=True)
    assert same.filter(pl.col("published").ne_missing(pl.col("lake"))).is_empty()
    tamper(home, 2019, "requests", lambda frame: frame.tail(-1))
    other = published_rows(home).join(lake_rows(home), on=["table", "year"], how="full", coalesce=True)
    assert other.filter(pl.col("published").ne_missing(pl.col("lake"))).rows() == [("requests", 2019, 483, 482)]


def test_quarantined_files_warn_with_their_reasons(home: Home, run_job: RunJob, tmp_path: Path) -> None:
    from warehouse.raw_store import take_in

    assert evaluations(run_job("ingest"))["raw_files", "every_file_read"].passed
    (tmp_path / "novel.txt").write_text("很久很久以前，山上有座庙。" * 40, encoding="utf-8")
    take_in(home, [tmp_path / "novel.txt"])
    result = run_job("ingest")
    assert result.success
    check = evaluations(result)["raw_files", "every_file_read"]
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert check.metadata["quarantined"].value == 1
    assert "not a report" in check.metadata["reasons"].value
    assert "novel.txt" in check.metadata["samples"].value


def test_figures_of_a_year_are_metadata_that_the_ui_plots(home: Home, run_job: RunJob) -> None:
    result = run_job("load_year", 2019)
    events = {
        e.asset_key.to_user_string(): e.step_materialization_data.materialization
        for e in result.get_asset_materialization_events()
    }
    figures = {name: {k: v.value for k, v in made.metadata.items()} for name, made in events.items()}
    assert figures["reports"]["dagster/row_count"] == 3
    assert figures["reports"]["complete"] == 3
    assert figures["requests"]["dagster/row_count"] == 483
    assert figures["requests"]["reported"] + figures["requests"].get("blank", 0) == 483
    assert figures["check_results"]["failed_error"] == JINGYUAN_FAILURES
    assert figures["check_results"]["suggestions"] == 2
    rows = dict(run_query(home, "select 'requests', count(*) from requests").rows)
    assert figures["warehouse"]["rows_requests"] == rows["requests"]
    assert all(isinstance(value, int | float | str | bool) for made in figures.values() for value in made.values())
    assert json.dumps(figures, ensure_ascii=False)


def test_findings_of_other_facts_are_not_told_as_of_these(home: Home, instance, monkeypatch) -> None:
    """From the UI the facts of a year can be materialized without judging them."""
    from assets import facts as module
    from pipeline.definitions import build_definitions

    def other(*arguments):
        some = facts_of_some(*arguments)
        return replace(some, tables=some.tables | {"claims": some.tables["claims"].tail(-1)})

    facts_of_some = module.facts_of_some
    monkeypatch.setattr(module, "facts_of_some", other)
    job = build_definitions(str(home.root)).resolve_job_def("judge_year")
    result = job.execute_in_process(
        instance=instance,
        partition_key="2019",
        asset_selection=[dg.AssetKey(name) for name in FACT_ASSETS],
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    assert result.success
    found = evaluations(result)
    for key in (("requests", "equations_hold"), ("disputes", "equations_hold"), ("claims", "prose_agrees")):
        assert not found[key].passed
        assert "materialize check_results" in str(found[key].description)
    assert found["requests", "schema"].passed
