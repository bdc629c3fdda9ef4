"""Reading on a Dask cluster: the same outcomes as on one machine, and a worker that is killed costs nothing."""

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from pipeline import reading_cluster
from pipeline.home import Home
from pipeline.reading_contents import sent_contents
from pipeline.reading_place import UnknownPlace, reading_place, require_place
from pipeline.reading_pool import PoolSize, WorkersUnavailable, local_processes, read_contents
from pipeline.reading_worker import FileTask, Limits, read_report

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LIMITS = Limits(seconds=2, memory_bytes=2**29, seconds_to_answer=1)

pytestmark = pytest.mark.dask
pytest.importorskip("distributed", reason="the extra gongkai[dask] is not installed")


@dataclass
class Cluster:
    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(ROOT), str(HERE), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr:
        process.stderr.close()


def start_worker(address: str, folder: Path, *, daemon: bool = False) -> subprocess.Popen[str]:
    return start(
        "dask_worker", address, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--memory-limit", "0",
        "--local-directory", str(folder), "--death-timeout", "60", DASK_DISTRIBUTED__WORKER__DAEMON=str(daemon),
    )  # fmt: skip


@contextlib.contextmanager
def cluster_of(workers: int, folder: Path, *, daemon: bool = False) -> Iterator[Cluster]:
    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    assert scheduler.stderr
    cluster = Cluster("", scheduler, [])
    try:
        found = next(filter(None, (re.search(r"tcp://(127\.0\.0\.1:\d+)", line) for line in scheduler.stderr)))
        cluster.address = f"dask://{found[1]}"
        cluster.workers = [start_worker(f"tcp://{found[1]}", folder, daemon=daemon) for _ in range(workers)]
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            end(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_of(2, tmp_path_factory.mktemp("dask")) as running:
        yield running


@pytest.fixture
def faulty(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import faulty_reader

    return faulty_reader


def store(home: Home, contents: list[bytes], name: str = "a.txt") -> list[FileTask]:
    home.raw.mkdir(parents=True, exist_ok=True)
    tasks = []
    for content in contents:
        file_id = hashlib.sha256(content).hexdigest()
        (home.raw / file_id).write_bytes(content)
        tasks.append(FileTask(file_id, name))
    return tasks


def on_cluster(cluster: Cluster, home: Home, tasks: list[FileTask], read, *, files_per_task: int = 2):
    place = reading_place(cluster.address, 1, LIMITS)
    size = PoolSize(place.workers, files_per_task)
    return read_contents(home, tasks, read, LIMITS, size, place.open_executor, place.contents_of)


def errors(outcomes) -> dict[str, str | None]:
    return {r["file_id"]: r["error"] for outcome in outcomes for r in outcome.rows.outcomes.to_dicts()}


def rows(outcomes, table: str) -> pl.DataFrame:
    frame = pl.concat([outcome.rows.tables[table] for outcome in outcomes])
    return frame.sort([name for name, kind in frame.schema.items() if not kind.is_nested()])


def test_a_cluster_reads_the_same_as_this_machine(cluster, tmp_path):
    home = Home(tmp_path)
    tasks = store(home, [path.read_bytes() for path in sorted((ROOT / "samples").glob("*.txt"))])
    read = partial(read_report, first_year=2003, last_year=2026)
    far = list(on_cluster(cluster, home, tasks, read))
    near = list(read_contents(home, tasks, read, LIMITS, PoolSize(1, 8), partial(local_processes, limits=LIMITS)))
    assert rows(near, "facts").height > 500
    for table in near[0].rows.tables:
        assert rows(far, table).equals(rows(near, table)), table


def test_bad_files_cost_themselves_and_nothing_else(cluster, tmp_path, faulty):
    orders = ["good 0", "exit 1", "good 2", "loop 3", "bomb 4", "good 5", "unreadable 6", "good 7"]
    home = Home(tmp_path)
    tasks = store(home, [order.encode() for order in orders])
    found = errors(on_cluster(cluster, home, tasks, faulty.read))
    by_order = {order: found[task.file_id] for order, task in zip(orders, tasks, strict=True)}
    assert by_order == {
        **dict.fromkeys(["good 0", "good 2", "good 5", "good 7"]),
        "exit 1": "reader crashed",
        "loop 3": "took longer than 2 s",
        "bomb 4": "needs more than 0.5 GiB of memory",
        "unreadable 6": "password-protected PDF",
    }


def test_a_content_that_is_damaged_here_is_quarantined(cluster, tmp_path, faulty):
    home = Home(tmp_path)
    (task,) = store(home, [b"good 1"])
    (home.raw / task.file_id).write_bytes(b"something else")
    found = errors(on_cluster(cluster, home, [task], faulty.read))
    assert "damaged" in str(found[task.file_id])


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(tmp_path, faulty):
    home = Home(tmp_path / "home")
    tasks = store(home, [f"slow {number}".encode() for number in range(12)])
    with cluster_of(2, tmp_path / "dask") as cluster:
        outcomes = on_cluster(cluster, home, tasks, faulty.read, files_per_task=1)
        found = errors([next(outcomes)])
        end(cluster.workers[0])
        found |= errors(outcomes)
    assert found == {task.file_id: None for task in tasks}


@pytest.mark.slow
def test_without_any_worker_left_the_load_ends_with_a_line_and_no_file_is_blamed(tmp_path, faulty, monkeypatch):
    monkeypatch.setattr(reading_cluster, "_SECONDS_WITHOUT_WORKERS", 2)
    home = Home(tmp_path / "home")
    tasks = store(home, [f"slow {number}".encode() for number in range(6)])
    with cluster_of(1, tmp_path / "dask") as cluster:
        outcomes = on_cluster(cluster, home, tasks, faulty.read, files_per_task=1)
        found = errors([next(outcomes)])
        end(cluster.workers[0])
        with pytest.raises(WorkersUnavailable, match="workers"):
            for outcome in outcomes:
                found |= errors([outcome])
    assert set(found.values()) == {None}


def test_workers_that_may_not_start_processes_are_refused(tmp_path, faulty):
    home = Home(tmp_path / "home")
    tasks = store(home, [b"good 1"])
    with (
        cluster_of(1, tmp_path / "dask", daemon=True) as cluster,
        pytest.raises(WorkersUnavailable, match="DASK_DISTRIBUTED__WORKER__DAEMON=False"),
    ):
        list(on_cluster(cluster, home, tasks, faulty.read))


def test_workers_of_another_version_are_refused(cluster, tmp_path, faulty, monkeypatch):
    monkeypatch.setattr(reading_cluster, "reader_version", lambda: "another")
    with pytest.raises(WorkersUnavailable, match="another version of gongkai"):
        list(on_cluster(cluster, Home(tmp_path), store(Home(tmp_path), [b"good 1"]), faulty.read))


def test_no_scheduler_is_one_line(monkeypatch):
    monkeypatch.setattr(reading_cluster, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(WorkersUnavailable, match=r"no Dask scheduler answers at 127\.0\.0\.1:1"):
        reading_place("dask://127.0.0.1:1", 1, LIMITS)


@pytest.mark.parametrize("name", ["", "dask", "dask://", "dask://host", "dask://host:port", "tcp://host:1", "Local"])
def test_a_name_that_is_no_place_is_refused(name):
    with pytest.raises(UnknownPlace):
        require_place(name)


def test_bytes_travel_with_the_task(tmp_path):
    home = Home(tmp_path)
    tasks = store(home, [b"good 1"])
    sent = sent_contents(home, [tasks[0].file_id, "0" * 64])
    (home.raw / tasks[0].file_id).unlink()
    assert sent.read(tasks[0].file_id) == b"good 1"
    assert sent.size("0" * 64) == 0
