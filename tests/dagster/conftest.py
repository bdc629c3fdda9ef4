"""Home folders to work on, and jobs run on them. Every test starts from a copy of the loaded samples, which costs nothing."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance

from pipeline.definitions import build_definitions
from pipeline.home import Home

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def home(tmp_path: Path, loaded_samples: Path) -> Home:
    """A home folder of one's own into which the samples were loaded (report years 2018, 2019, 2021)."""
    shutil.copytree(loaded_samples, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    """An instance in memory."""
    with DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def run_job(home: Home, instance: DagsterInstance) -> RunJob:
    """Run a job on the home folder; a failure of the run is returned, not raised."""
    definitions = build_definitions(str(home.root), workers=1)

    def run(job: str, partition: int | None = None) -> dg.ExecuteInProcessResult:
        return definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=str(partition) if partition else None,
            raise_on_error=False,
            run_config=QUIET,
        )

    return run


def evaluations(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    """Return the check evaluations of a run by asset and check."""
    return {
        (evaluation.asset_key.to_user_string(), evaluation.check_name): evaluation
        for evaluation in result.get_asset_check_evaluations()
    }
