"""The runs of one load, in this process, on the home folder's Dagster instance, so that the UI shows them.

Belongs here: which job runs when, what its failure says, and counting up what was loaded. Does not belong here: the lock
(``pipeline.load``), what an asset does.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg
import polars as pl
from dagster import DagsterInstance
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.utils import make_new_run_id

from assets.sensors import BY_LOAD, STARTED_BY
from pipeline.dagster_instance import InstanceUnavailable, open_instance
from pipeline.dead_runs import end_dead_runs
from pipeline.definitions import build_definitions
from pipeline.freshness import stale_years
from pipeline.held_storage import held_storage
from pipeline.home import Home
from pipeline.load import LoadFailed, LoadSummary, Quarantined
from pipeline.loaded_reports import loaded_reports
from warehouse.corrections import read_corrections
from warehouse.ledger import QUARANTINED, active_ledger
from warehouse.raw_store import Intake, take_in
from warehouse.sweep import sweep

Tell = Callable[[str, int, int], None]
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOGGED = {"loggers": {"console": {"config": {"log_level": "DEBUG"}}}}


def run_load(
    home: Home,
    paths: Sequence[Path | str],
    tell: Tell,
    workers: int,
    executor: str | None = None,
    warehouse: str | None = None,
    log_events: bool = False,
) -> LoadSummary:
    """Do a load from beginning to end; the caller holds the home. Raises LoadFailed, StorageFailed."""
    taken = 0
    read_corrections(home)  # A line that does not fit is told before any work.

    def on_file(_source: str) -> None:
        nonlocal taken
        taken += 1
        tell("taking in", taken, 0)

    intake = take_in(home, paths, on_file=on_file)
    with _instance(home) as instance:
        end_dead_runs(instance)
        definitions = build_definitions(
            str(home.root),
            workers=workers,
            executor=executor,
            warehouse=warehouse,
            progress=tell,
            json_logs=log_events,
        )
        runs = _Runs(instance, definitions, _LOGGED if log_events else _QUIET)
        ingested = runs.run("ingest", "reading")
        years = stale_years(home)
        for number, year in enumerate(years):
            tell("judging", number, len(years))
            runs.run("judge_year", f"judging {year}", str(year))
        tell("publishing", 0, 1)
        published = runs.run("publish", "publishing")
        sweep(home)
        tell("publishing", 1, 1)
    return _summary(home, intake, years, ingested["sections"], published["warehouse"])


@contextlib.contextmanager
def _instance(home: Home) -> Iterator[DagsterInstance]:
    try:
        opened = contextlib.ExitStack()
        instance = opened.enter_context(open_instance(home))
    except InstanceUnavailable as error:
        raise LoadFailed(str(error)) from error
    with opened:
        yield instance


class _Runs:
    """Runs of the jobs of one load."""

    def __init__(self, instance: DagsterInstance, definitions: dg.Definitions, config: Mapping[str, object]) -> None:
        self.instance, self.definitions, self.config = instance, definitions, config

    def run(self, job: str, step: str, partition: str | None = None) -> dict[str, Mapping[str, dg.MetadataValue]]:
        """Run a job; return the metadata of each asset that it materialized. Raises LoadFailed, KeyboardInterrupt."""
        run_id = make_new_run_id()
        with held_storage(self.instance, run_id):
            result = self.definitions.resolve_job_def(job).execute_in_process(
                run_config=self.config,
                instance=self.instance,
                partition_key=partition,
                raise_on_error=False,
                tags={STARTED_BY: BY_LOAD},
                run_id=run_id,
            )
        if _was_interrupted(result):
            raise KeyboardInterrupt
        if not result.success:
            raise LoadFailed(f"{step} failed: {_reason(result)} (run {result.run_id[:8]} in the UI tells more)")
        materialized = (
            event.step_materialization_data.materialization for event in result.get_asset_materialization_events()
        )
        return {made.asset_key.to_user_string(): made.metadata for made in materialized}


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Return whether Ctrl-C ended the run: inside a step Dagster makes it a failure like any other."""
    errors = [event.step_failure_data.error for event in result.get_step_failure_events()]
    ends = (event for event in result.all_events if event.event_type is dg.DagsterEventType.PIPELINE_FAILURE)
    errors += [event.job_failure_data.error for event in ends]
    return any(error is not None and error.cls_name == DagsterExecutionInterruptedError.__name__ for error in errors)


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """Return in one line why a run failed: what its first failed step raised, or the error checks that did not pass."""
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed and check.blocking]
    if failed:
        return "; ".join(
            f"check {check.check_name} of {check.asset_key.to_user_string()} did not pass" for check in failed
        )
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            return " ".join(error.message.split())
    return "no step says why"


def _summary(
    home: Home,
    intake: Intake,
    years: list[int],
    ingested: Mapping[str, dg.MetadataValue],
    published: Mapping[str, dg.MetadataValue],
) -> LoadSummary:
    ledger = active_ledger(home).filter(pl.col("file_id").is_in(list(intake.file_ids)))
    quarantined = ledger.filter(pl.col("status") == QUARANTINED)
    names = {sighting.file_id: sighting.source for sighting in reversed(intake.sightings)}
    return LoadSummary(
        files=len(intake.file_ids),
        new_files=len(intake.new_file_ids),
        refused=intake.refused,
        skipped=intake.skipped,
        read=_number(ingested["files_read"]) + _number(ingested["files_quarantined"]),
        quarantined=tuple(Quarantined(i, names.get(i, i), e) for i, e in quarantined.select("file_id", "error").rows()),
        reports=loaded_reports(
            home, pl.Series(intake.file_ids, dtype=pl.String), set(ledger["years"].explode().drop_nulls())
        ),
        years=tuple(years),
        load_id=_number(published["load_id"]),
        rows={name[5:]: _number(value) for name, value in published.items() if name.startswith("rows_")},
        published=bool(published["changed"].value),
    )


def _number(value: dg.MetadataValue) -> int:
    return int(str(value.value))
