"""The SQLite files of a run's records, kept open while the run goes on.

Belongs here: that alone. Does not belong here: which instance there is (``pipeline.dagster_instance``), which runs there are.

Dagster opens and closes a file of its storage for every event. SQLite folds its log into a file, and waits for the disk, whenever
the last connection to it closes: some thousand times in a load of four years, several seconds of nothing else. One more
connection that stays open does it once. Storage that is not SQLite is left alone.
"""

import contextlib
import sqlite3
from collections.abc import Iterator

from dagster import DagsterInstance
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage

_INDEX = "index"
_LOOK = "SELECT count(*) FROM sqlite_master"
"""Until a connection has read something, it does not hold its file."""


@contextlib.contextmanager
def held_storage(instance: DagsterInstance, run_id: str) -> Iterator[None]:
    """Keep the files open that a run writes to; no lock is held on them. Raises nothing of its own."""
    with contextlib.ExitStack() as held:
        # What cannot be held is only slower; what is wrong with a file, the run itself meets and tells.
        with contextlib.suppress(Exception):
            _hold(held, instance, run_id)
        yield


def _hold(held: contextlib.ExitStack, instance: DagsterInstance, run_id: str) -> None:
    events, runs = instance.event_log_storage, instance.run_storage
    if isinstance(runs, SqliteRunStorage):
        held.enter_context(runs.connect()).exec_driver_sql(_LOOK).close()
    if isinstance(events, SqliteEventLogStorage):
        for shard in (run_id, _INDEX):
            connection = held.enter_context(contextlib.closing(sqlite3.connect(events.path_for_shard(shard))))
            # Dagster says the same of a file, but behind its tables: each of them then waits for the disk three times.
            connection.execute("PRAGMA journal_mode=WAL").close()
            connection.execute(_LOOK).close()
