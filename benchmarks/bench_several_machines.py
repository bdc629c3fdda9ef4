"""What more than one machine costs, on one: ``python -m benchmarks.bench_several_machines [COUNT]``, 1,000 reports unless told.

Reading by local processes and by a Dask cluster of as many workers on loopback, taking turns; publishing into a DuckLake (catalogue in
SQLite) beside the publication of the file; a query on either. Made HTML reports; wall-clock seconds.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.made_corpus import write_corpus
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.load import load_paths
from pipeline.reading_place import ReadingPlace, reading_place
from pipeline.reading_pool import PoolSize, read_contents
from pipeline.reading_worker import FileTask, Limits, read_report
from warehouse.ducklake import mirror
from warehouse.query import run_query

ROOT = Path(__file__).parents[1]
WORKERS = 2
QUERY = "SELECT item, sum(value) FROM requests WHERE applicant = 'total' GROUP BY item ORDER BY item"


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Run a scheduler and WORKERS workers of one thread each on loopback; give its address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}

    def start(program: str, *arguments: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.{program}",
            "--host",
            "127.0.0.1",
            "--no-dashboard",
            *arguments,
        ]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)

    running = [start("dask_scheduler", "--port", "0")]
    try:
        assert running[0].stderr
        found = next(filter(None, (re.search(r"tcp://(127\.0\.0\.1:\d+)", line) for line in running[0].stderr)))
        options = ("--nthreads", "1", "--memory-limit", "0", "--local-directory", str(folder))
        running += [start("dask_worker", f"tcp://{found[1]}", *options) for _ in range(WORKERS)]
        yield f"dask://{found[1]}"
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


def read(home: Home, tasks: list[FileTask], place: ReadingPlace, limits: Limits) -> int:
    one = partial(read_report, first_year=2003, last_year=2026)
    size = PoolSize(WORKERS, 8)
    outcomes = read_contents(home, tasks, one, limits, size, place.open_executor, place.contents_of)
    return sum(outcome.rows.tables["facts"].height for outcome in outcomes)


def main(count: int) -> int:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "corpus", count, ("html",))
        home = Home(folder / "home")
        load_seconds, _ = timed(lambda: load_paths(home, [folder / "corpus"], workers=WORKERS))
        tasks = [FileTask(path.name, "report.html") for path in sorted(Path(str(home.raw)).iterdir())]
        limits = Limits(60, 2**30)
        with cluster(folder) as address:
            seconds: dict[str, list[float]] = {"local": [], address: []}
            for place_name in ("local", address) * 3:
                place = reading_place(place_name, WORKERS, limits)
                spent, facts = timed(partial(read, home, tasks, place, limits))
                seconds[place_name].append(spent)
        local, remote = (sorted(measured)[1] for measured in seconds.values())
        print(f"{count} made HTML reports, {facts} facts, {WORKERS} workers; medians of 3, taking turns\n")
        print("| read by | seconds | ratio |\n|---|---|---|")
        print(
            f"| local processes | {local:.1f} | 1.00 |\n| Dask on loopback, bytes sent along | {remote:.1f} | {remote / local:.2f} |"
        )
        _ducklake(home, f"ducklake:sqlite:{folder}/catalogue.sqlite?data={folder}/lake", load_seconds)
    return 0


def _ducklake(home: Home, address: str, load_seconds: float) -> None:
    first, mirrored = timed(lambda: mirror(home, address, load_catalogue()))
    again, _ = timed(lambda: mirror(home, address, load_catalogue()))
    on_file = sorted(timed(lambda: run_query(home, QUERY))[0] for _ in range(3))[1]
    on_lake = sorted(timed(lambda: run_query(home, QUERY, address))[0] for _ in range(3))[1]
    print(f"\nThe whole load took {load_seconds:.1f} s.\n")
    print("| DuckLake, catalogue in SQLite | seconds |\n|---|---|")
    print(f"| first publication, {mirrored.rows} rows | {first:.1f} |\n| again, nothing changed | {again:.1f} |")
    print(
        f"| a query on the file, opening it | {on_file:.2f} |\n| the same on the DuckLake, attaching it | {on_lake:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1_000))
