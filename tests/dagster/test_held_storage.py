"""The files of a run's records are held open for the run, and for nobody else."""

import contextlib
import sqlite3
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.utils import make_new_run_id

from pipeline.dagster_instance import open_instance
from pipeline.held_storage import held_storage
from pipeline.home import Home


def _logs(home: Home) -> set[str]:
    """Return the files whose log SQLite has not folded in: the last connection that closes does it."""
    return {file.name.removesuffix(".db-wal") for file in home.dagster.rglob("*.db-wal")}


def test_logs_are_folded_in_once_at_the_end_of_a_run(tmp_path: Path) -> None:
    home, run_id = Home(tmp_path), make_new_run_id()
    with open_instance(home) as instance:
        assert _logs(home) == set()
        with held_storage(instance, run_id):
            _write(instance, run_id)
            assert _logs(home) == {run_id, "index", "runs"}
        assert _logs(home) == set()


def test_others_may_write_to_a_held_file(tmp_path: Path) -> None:
    home, run_id = Home(tmp_path), make_new_run_id()
    with open_instance(home) as instance, held_storage(instance, run_id):
        for file in home.dagster.rglob("*.db"):
            with contextlib.closing(sqlite3.connect(file, timeout=0)) as other, other:
                other.execute("CREATE TABLE written_by_another (n INTEGER)")


def test_what_cannot_be_held_is_left_to_the_run_to_tell(tmp_path: Path) -> None:
    home, run_id = Home(tmp_path), make_new_run_id()
    with open_instance(home) as instance:
        events = instance.event_log_storage
        assert isinstance(events, SqliteEventLogStorage)
        Path(events.path_for_shard(run_id)).mkdir()
        assert _entered(instance, run_id) == ["entered"]


def test_other_storage_is_left_alone() -> None:
    with DagsterInstance.ephemeral() as instance:
        assert _entered(instance, make_new_run_id()) == ["entered"]


def _entered(instance: DagsterInstance, run_id: str) -> list[str]:
    with held_storage(instance, run_id):
        return ["entered"]


def _write(instance: DagsterInstance, run_id: str) -> None:
    events = instance.event_log_storage
    assert isinstance(events, SqliteEventLogStorage)
    with events.run_connection(run_id):
        pass
    with events.index_connection():
        pass
    instance.run_storage.get_runs_count()
