"""Schedules and sensors: what asks for which run, and what does not ask twice."""

import datetime as dt
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster import DagsterInstance

from assets.schedules import DEADLINES, SCHEDULES
from assets.sensors import BY_LOAD, STARTED_BY, all_years_judged, inbox, years_found
from pipeline.catalogue.load import load_catalogue
from pipeline.definitions import defs
from pipeline.freshness import stale_years
from pipeline.home import Home
from pipeline.resources import HomeFolder
from pipeline.versions import reader_version
from tests.dagster.conftest import RunJob
from warehouse.ledger import unread_file_ids
from warehouse.years import drop_year


@pytest.mark.parametrize(
    ("name", "month", "day"),
    [("departments", 2, 1), ("counties", 2, 21), ("prefectures", 3, 11), ("provinces", 4, 1)],
)
def test_the_day_after_each_deadline_the_year_before_is_loaded(name: str, month: int, day: int) -> None:
    schedule = next(s for s in SCHEDULES if s.name == f"load_after_{name}_deadline")
    due = dt.datetime(2026, month, day, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
    (tick,) = _first(
        schedule.get_cron_schedule() if hasattr(schedule, "get_cron_schedule") else schedule.cron_schedule, due
    )
    assert tick == due
    with dg.build_schedule_context(scheduled_execution_time=due, repository_def=defs.get_repository_def()) as context:
        data = schedule.evaluate_tick(context)
    (request,) = data.run_requests or ()
    assert request.partition_key == "2025"
    assert request.tags["gongkai/report_year"] == "2025"
    assert request.tags["gongkai/deadline"] == name
    assert request.run_key == f"{name}-2025"
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED, "a person starts it"


def test_each_deadline_can_fetch_its_year_before_the_load() -> None:
    names = {schedule.name for schedule in SCHEDULES}
    for deadline in DEADLINES:
        schedule = next(s for s in SCHEDULES if s.name == f"fetch_after_{deadline.name}_deadline")
        when = dt.datetime(2026, 4, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
        with dg.build_schedule_context(
            scheduled_execution_time=when, repository_def=defs.get_repository_def()
        ) as context:
            (request,) = schedule.evaluate_tick(context).run_requests or ()
        assert request.run_config == {"ops": {"fetched_sources": {"config": {"year": 2025}}}}
        assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
        assert f"load_after_{deadline.name}_deadline" in names


def _first(cron: str, due: dt.datetime) -> Iterator[dt.datetime]:
    from dagster._utils.schedules import cron_string_iterator

    day_before = (due - dt.timedelta(days=1)).timestamp()
    yield next(cron_string_iterator(day_before, cron, "Asia/Shanghai"))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files count as settled at once: the clock of the sensor goes a minute ahead."""
    ahead = time.time_ns
    monkeypatch.setattr("assets.sensors.time.time_ns", lambda: ahead() + 60 * 10**9)


def test_files_in_the_inbox_are_taken_in_once_and_read(home: Home, instance: DagsterInstance, samples, settled) -> None:
    home.inbox.mkdir(exist_ok=True)
    for year in ("2019", "2016"):
        text = (samples / "jingyuan_2019.txt").read_text(encoding="utf-8").replace("2019", year)
        (home.inbox / f"靖远 {year}.txt").write_text(text + "。\n", encoding="utf-8")
    before = len(unread_file_ids(home, reader_version()))
    resources = {"home_folder": HomeFolder(root=str(home.root))}
    context = dg.build_sensor_context(instance, resources=resources, repository_def=defs.get_repository_def())
    (request,) = (tick := inbox.evaluate_tick(context)).run_requests or ()
    assert request.tags["gongkai/files"] == "2"
    assert len(unread_file_ids(home, reader_version())) == before + 2
    again = dg.build_sensor_context(
        instance, cursor=tick.cursor, resources=resources, repository_def=defs.get_repository_def()
    )
    second = inbox.evaluate_tick(again)
    assert not second.run_requests
    assert "nothing new" in str(second.skip_message)


def test_a_full_inbox_is_taken_in_batches(home: Home, instance: DagsterInstance, settled, monkeypatch) -> None:
    monkeypatch.setitem(load_catalogue().limits["inbox"], "files_per_tick", 2)
    home.inbox.mkdir(exist_ok=True)
    for number in range(3):
        (home.inbox / f"{number}.txt").write_text(str(number))
    resources = {"home_folder": HomeFolder(root=str(home.root))}
    taken, cursor = [], None
    for _ in range(2):
        context = dg.build_sensor_context(
            instance, cursor=cursor, resources=resources, repository_def=defs.get_repository_def()
        )
        tick = inbox.evaluate_tick(context)
        taken.append((tick.run_requests or ())[0].tags["gongkai/files"])
        cursor = tick.cursor
    assert taken == ["2", "1"]


def status_context(
    instance: DagsterInstance, sensor_name: str, run: dg.DagsterRun, home: Home
) -> dg.RunStatusSensorContext:
    (event,) = [
        record.event_log_entry.get_dagster_event()
        for record in instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_SUCCESS).records
    ]
    return dg.build_run_status_sensor_context(
        sensor_name=sensor_name,
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=run,
        resources={"home_folder": HomeFolder(root=str(home.root))},
    )


def test_after_an_ingest_exactly_the_years_that_changed_are_asked_for_and_then_one_publication(
    home: Home, instance: DagsterInstance, run_job: RunJob
) -> None:
    drop_year(home, 2018)
    drop_year(home, 2021)
    touched = stale_years(home)
    assert {2018, 2021} <= set(touched)
    ingest = run_job("ingest").dagster_run
    requests = list(years_found(status_context(instance, "years_found", ingest, home)))
    assert [request.partition_key for request in requests] == [str(year) for year in touched]
    assert [request.tags["gongkai/report_year"] for request in requests] == [str(year) for year in touched]
    first = run_job("judge_year", 2018).dagster_run
    skip = all_years_judged(status_context(instance, "all_years_judged", first, home))
    assert isinstance(skip, dg.SkipReason)
    assert "2021" in str(skip.skip_message)
    last = run_job("judge_year", 2021).dagster_run
    request = all_years_judged(status_context(instance, "all_years_judged", last, home))
    assert isinstance(request, dg.RunRequest)
    of_ingest = [run.with_tags({**run.tags, **requests[0].tags}) for run in (first, last)]
    again = [all_years_judged(status_context(instance, "all_years_judged", run, home)) for run in of_ingest]
    assert {r.run_key for r in again if isinstance(r, dg.RunRequest)} == {ingest.run_id}, (
        "one publication for an ingest"
    )
    of_backfill = [run.with_tags({**run.tags, "dagster/backfill": "all"}) for run in (first, last)]
    again = [all_years_judged(status_context(instance, "all_years_judged", run, home)) for run in of_backfill]
    assert {r.run_key for r in again if isinstance(r, dg.RunRequest)} == {"all"}, "one publication for a backfill"
    assert run_job("publish").success


def test_runs_of_a_load_ask_for_nothing(home: Home, instance: DagsterInstance, run_job: RunJob) -> None:
    drop_year(home, 2018)
    run = run_job("ingest").dagster_run.with_tags({STARTED_BY: BY_LOAD})
    (skip,) = years_found(status_context(instance, "years_found", run, home))
    assert isinstance(skip, dg.SkipReason)


def test_sensors_ask_for_the_jobs_that_they_should() -> None:
    assert inbox.job_name == "ingest"
    assert {t.job_name for t in years_found.targets} == {"judge_year"}
    assert {t.job_name for t in all_years_judged.targets} == {"publish"}
