"""Behaviours of Dagster that the design rests on: when an upgrade changes one, a test here names the decision that it breaks."""

import inspect
import warnings

import dagster as dg
import pytest
from dagster import AssetCheckKey, AssetKey, DagsterInstance
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
YEARS = dg.StaticPartitionsDefinition(["2019", "2020"])


def test_partitioned_checks_are_a_preview_and_warn() -> None:
    """``checks.year_check`` silences this one warning in one place."""
    with pytest.warns(dg.PreviewWarning, match="partitions_def"):
        dg.AssetCheckSpec("schema", asset="facts", partitions_def=YEARS)


def partitioned_graph(bad: set[str]) -> dg.Definitions:
    @dg.asset(partitions_def=YEARS)
    def facts() -> None: ...

    @dg.asset(deps=[facts], partitions_def=YEARS)
    def judged() -> None: ...

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        spec = dg.AssetCheckSpec("schema", asset="facts", blocking=True, partitions_def=YEARS)

    @dg.multi_asset_check(specs=[spec])
    def hold(context: dg.AssetCheckExecutionContext):
        yield dg.AssetCheckResult(asset_key="facts", check_name="schema", passed=context.partition_key not in bad)

    job = dg.define_asset_job("year", selection=dg.AssetSelection.all())
    return dg.Definitions(assets=[facts, judged], asset_checks=[hold], jobs=[job], executor=dg.in_process_executor)


def test_a_check_with_partitions_has_a_history_of_its_own_for_each() -> None:
    """Without partitions_def the year that ran last would hide the other's failure."""
    with DagsterInstance.ephemeral() as instance:
        job = partitioned_graph({"2019"}).resolve_job_def("year")
        for year in ("2019", "2020"):
            job.execute_in_process(instance=instance, partition_key=year, raise_on_error=False, run_config=QUIET)
        key = AssetCheckKey(AssetKey("facts"), "schema")
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
        found = {record.partition: record.status.value for record in records}
    assert found == {"2019": "FAILED", "2020": "SUCCEEDED"}


def test_a_blocking_error_stops_what_comes_after_and_fails_the_run() -> None:
    with DagsterInstance.ephemeral() as instance:
        job = partitioned_graph({"2019"}).resolve_job_def("year")
        bad = job.execute_in_process(instance=instance, partition_key="2019", raise_on_error=False, run_config=QUIET)
        good = job.execute_in_process(instance=instance, partition_key="2020", raise_on_error=False, run_config=QUIET)
    made = [{e.asset_key.to_user_string() for e in run.get_asset_materialization_events()} for run in (bad, good)]
    assert (bad.success, good.success) == (False, True)
    assert made == [{"facts"}, {"facts", "judged"}]


def test_pool_slots_by_step_would_spin_while_waiting() -> None:
    """Why deploy/dagster.yaml says ``granularity: run`` and steps take the home's own lock: the wait is never longer than 0 s.

    When this fails, upstream has mended it, and the reason in deploy/dagster.yaml can be looked at again.
    """
    source = inspect.getsource(InstanceConcurrencyContext.interval_to_next_pending_claim_check)
    assert "min([0," in source


def test_a_run_in_process_says_which_process_it_is() -> None:
    """``pipeline.dead_runs`` finds runs that were killed by it."""
    from pipeline.dead_runs import _PROCESS

    with DagsterInstance.ephemeral() as instance:
        run = (
            partitioned_graph(set())
            .resolve_job_def("year")
            .execute_in_process(instance=instance, partition_key="2020", run_config=QUIET)
        )
        records = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT).records
        assert any(_PROCESS.search(r.event_log_entry.get_dagster_event().message or "") for r in records)


def test_importing_from_future_annotations_would_break_assets() -> None:
    """Why no module with Dagster objects has that import."""
    code = "from __future__ import annotations\nimport dagster as dg\n@dg.asset\ndef a(context: dg.AssetExecutionContext): ...\n"
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="Cannot annotate `context`"):
        exec(compile(code, "module", "exec"), {"__name__": "module"})
