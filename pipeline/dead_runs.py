"""Runs whose process is gone: Dagster believes that they go on, and its run queue waits for them for ever.

Belongs here: telling that a run is dead, and saying so to the instance. Does not belong here: starting runs.

A run says in its first engine event which process executes it. That process being gone (or younger than the event, so
another one with the same number) means that the run was killed: power cut, out of memory, kill -9.
"""

import os
import re
from pathlib import Path

import dagster as dg
from dagster import DagsterInstance

_PROCESS = re.compile(r"\(pid: (\d+)\)")
_IN_PROGRESS = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


def end_dead_runs(instance: DagsterInstance) -> list[str]:
    """Mark every run as failed whose process on this machine is gone; return their ids."""
    ended = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(_IN_PROGRESS))):
        run = record.dagster_run
        if _is_dead(instance, run.run_id):
            instance.report_run_failed(
                run, "The process of this run is gone: it was killed. The next load does its work again."
            )
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            ended.append(run.run_id)
    return ended


def _is_dead(instance: DagsterInstance, run_id: str) -> bool:
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT).records
    for record in records:
        found = _PROCESS.search(record.event_log_entry.message or record.event_log_entry.user_message or "")
        if found:
            started = _process_start(int(found[1]))
            return started is None or started > record.event_log_entry.timestamp + 1
    return False  # Not begun yet, or executed elsewhere: nothing can be told.


def _process_start(pid: int) -> float | None:
    """Return when a process started (seconds since the epoch), None where there is no such process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        ticks = int(
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
        )
        boot = next(
            line for line in Path("/proc/stat").read_text(encoding="ascii").splitlines() if line.startswith("btime")
        )
    except (OSError, StopIteration):
        return 0.0  # No /proc here: the process exists, and that is all that can be told.
    return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
