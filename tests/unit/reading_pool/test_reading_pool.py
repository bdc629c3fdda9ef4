"""One bad file costs itself: whatever it does to its worker, every other file is read."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from pipeline.home import Home
from pipeline.reading_pool import PoolSize, WorkersUnavailable, local_processes, read_contents
from pipeline.reading_worker import FileTask, Limits, TaskOutcome

HERE = Path(__file__).parent
LIMITS = Limits(seconds=1.5, memory_bytes=2**28, seconds_to_answer=0.5)


@pytest.fixture
def faulty(monkeypatch):
    """Worker processes start with our sys.path, so the module must be importable by name."""
    monkeypatch.syspath_prepend(str(HERE))
    import faulty_reader

    return faulty_reader


def stored(home: Home, text: str) -> FileTask:
    content = text.encode()
    file_id = hashlib.sha256(content).hexdigest()
    home.raw.mkdir(parents=True, exist_ok=True)
    (home.raw / file_id).write_bytes(content)
    return FileTask(file_id, "a.txt")


def outcomes(
    home: Home, orders: list[str], reader, *, files_per_task: int = 3, workers: int = 2
) -> dict[str, str | None]:
    tasks = {stored(home, f"{order} {number}").file_id: f"{order} {number}" for number, order in enumerate(orders)}
    files = [FileTask(file_id, "a.txt") for file_id in tasks]
    open_executor = partial(local_processes, limits=LIMITS)
    results = list(read_contents(home, files, reader.read, LIMITS, PoolSize(workers, files_per_task), open_executor))
    found = [row for outcome in results for row in outcome.rows.outcomes.to_dicts()]
    assert sorted(row["file_id"] for row in found) == sorted(tasks), "every file comes out exactly once"
    for row in found:
        assert row["bytes"] == len(tasks[row["file_id"]])
        assert (row["status"] == "read") == (row["error"] is None)
    return {tasks[row["file_id"]]: row["error"] for row in found}


def test_files_are_read_or_quarantined_with_one_line(tmp_path, faulty):
    orders = ["good"] * 9 + ["unreadable", "bug"]
    found = outcomes(Home(tmp_path), orders, faulty)
    assert found.pop("unreadable 9") == "password-protected PDF"
    assert found.pop("bug 10") == "reader failed: KeyError: 'row\\n7'"
    assert set(found.values()) == {None}


@pytest.mark.parametrize("order", ["crash", "exit"])
def test_a_worker_that_dies_costs_only_the_file_that_it_had(tmp_path, faulty, order):
    orders = ["good"] * 4 + [order] + ["good"] * 9
    found = outcomes(Home(tmp_path), orders, faulty)
    assert found.pop(f"{order} 4") == "reader crashed"
    assert set(found.values()) == {None}


def test_every_file_that_crashes_is_found(tmp_path, faulty):
    orders = ["exit", "good", "exit", "good", "good", "exit", "good"]
    found = outcomes(Home(tmp_path), orders, faulty, files_per_task=7)
    assert {name for name, error in found.items() if error == "reader crashed"} == {"exit 0", "exit 2", "exit 5"}


@pytest.mark.slow
@pytest.mark.parametrize("order", ["loop", "hang"])
def test_a_file_that_takes_too_long_is_given_up(tmp_path, faulty, order):
    found = outcomes(Home(tmp_path), ["good", order, "good", "good"], faulty, files_per_task=4)
    assert found.pop(f"{order} 1") == "took longer than 1.5 s"
    assert set(found.values()) == {None}


def test_a_file_that_wants_too_much_memory_is_given_up(tmp_path, faulty):
    found = outcomes(Home(tmp_path), ["good", "bomb", "good", "deep"], faulty, files_per_task=4, workers=1)
    assert found.pop("bomb 1") == "needs more than 0.25 GiB of memory"
    assert found.pop("deep 3") == "reader failed: RecursionError: maximum recursion depth exceeded"
    assert set(found.values()) == {None}


def test_a_content_whose_bytes_changed_is_quarantined(tmp_path, faulty):
    home = Home(tmp_path)
    task = stored(home, "good 1")
    (home.raw / task.file_id).write_bytes(b"something else")
    open_executor = partial(local_processes, limits=LIMITS)
    (outcome,) = read_contents(home, [task], faulty.read, LIMITS, PoolSize(1, 1), open_executor)
    assert outcome.rows.outcomes["status"].to_list() == ["quarantined"]
    assert "\n" not in outcome.rows.outcomes["error"][0]


def test_workers_that_cannot_start_quarantine_nothing(tmp_path, faulty):
    task = stored(Home(tmp_path), "good 1")
    broken = partial(local_processes, limits=Limits(seconds=1, memory_bytes="much"))  # type: ignore[arg-type]
    with pytest.raises(WorkersUnavailable, match="cannot start"):
        list(read_contents(Home(tmp_path), [task], faulty.read, LIMITS, PoolSize(1, 1), broken))


def test_no_file_starts_no_worker(tmp_path):
    def unused(workers: int):
        raise AssertionError("opened")

    assert list(read_contents(Home(tmp_path), [], None, LIMITS, PoolSize(2, 2), unused)) == []  # type: ignore[arg-type]


def test_leaving_early_ends_the_workers(tmp_path, faulty):
    home = Home(tmp_path)
    tasks = [stored(home, f"good {n}") for n in range(3)] + [stored(home, "hang 1")]
    results = read_contents(
        home, tasks, faulty.read, Limits(60, 2**28), PoolSize(2, 1), partial(local_processes, limits=LIMITS)
    )
    first = next(results)
    assert isinstance(first, TaskOutcome)
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 30, "the hanging worker was waited for"


ORPHANS = """
import sys, hashlib
sys.path[:0] = [{here!r}]
from functools import partial
from pathlib import Path
import faulty_reader
from pipeline.home import Home
from pipeline.reading_pool import PoolSize, local_processes, read_contents
from pipeline.reading_worker import FileTask, Limits, report_ready
if __name__ == "__main__":
    with local_processes(2, Limits(60, 2**28)) as executor:
        print(*[executor.submit(report_ready).result() for _ in range(8)], flush=True)
        executor.submit(faulty_reader.read, b"loop", "").result()
"""


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS.format(here=str(HERE)))
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert parent.stdout is not None
    workers = {int(pid) for pid in parent.stdout.readline().split()}
    assert workers
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while workers and time.monotonic() < deadline:
        time.sleep(0.1)
        workers = {pid for pid in workers if is_running(pid)}
    for pid in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not workers, "workers outlived their parent"


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
