"""Kill loads at random moments and see what is left: ``python -m benchmarks.bench_kills [--kills 200] [--reports 2000]``.

A load of made documents is started and ended by SIGKILL, the whole group of processes or its main one alone, again and again;
now and then one is let run to its end, and the next begins with an empty home. All the time another process opens the published
file and looks whether it is whole. The last load ends by itself; every published table but ``loads`` and ``file_sightings`` is
then compared with that of a load which nobody disturbed.

``--minutes`` bounds the time; the table says how many kills there were.
"""

import argparse
import contextlib
import fcntl
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from benchmarks.made_corpus import KINDS, write_corpus
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from warehouse.extracted import unused_parts
from warehouse.query import run_query

HISTORY = ("loads", "file_sightings")
ROOT = Path(__file__).parents[1]
LOAD = "import sys; from pipeline.cli.main import main; sys.exit(main())"


@dataclass(slots=True)
class Outcome:
    """What became of all the kills."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    opened: int = 0
    reader_errors: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)


def load_command(home: Home) -> list[str]:
    """Return the beginning of the command line of a load."""
    return [sys.executable, "-c", LOAD, "load", "--home", str(home.root)]


def start_load(home: Home, *paths: Path) -> subprocess.Popen[bytes]:
    """Start ``gongkai load`` in a group of its own."""
    return subprocess.Popen(
        [*load_command(home), *map(str, paths)],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish_load(home: Home, *paths: Path) -> float:
    """Load to the end; return the seconds. Raises RuntimeError with what the load said."""
    began = time.monotonic()
    load = start_load(home, *paths)
    _, said = load.communicate(timeout=3600)
    if load.returncode:
        raise RuntimeError(f"the load ended with {load.returncode}: {said.decode(errors='replace')[-2000:]}")
    return time.monotonic() - began


def kill_load(load: subprocess.Popen[bytes], home: Home, after: float, whole_group: bool) -> bool:
    """End a load by SIGKILL some seconds after it has the home's lock; return whether it still ran."""
    while load.poll() is None and not is_held(home.lock):
        time.sleep(0.02)
    try:
        load.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(load.pid, signal.SIGKILL)
        else:
            load.kill()
        load.communicate()
        return True
    return False


def is_held(lock: Path) -> bool:
    """Tell whether a process holds a lock file."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def table_hashes(home: Home) -> dict[str, tuple[object, ...]]:
    """Return the number of rows and a hash of every published table that does not only tell history."""
    tables = [name for name in load_catalogue().tables if name not in HISTORY]
    return {n: run_query(home, f"SELECT count(*), sum(hash(t))::VARCHAR FROM {n} t").rows[0] for n in tables}


def leftovers(home: Home) -> list[str]:
    """Return what no finished load leaves: half-written files, parts that nothing uses, folders of broken-off builds, a lock."""
    left = [str(path.relative_to(home.root)) for path in home.root.rglob(".*.tmp")]
    left += [path.name for pattern in (".building-*", ".pieces-*") for path in home.root.glob(pattern)]
    left += [path.name for path in home.root.glob("*.wal*")]
    left += [os.path.relpath(str(part), str(home.root)) for part in unused_parts(home)]
    return left + [f"{lock.name} is held" for lock in (home.lock, home.publish_lock) if is_held(lock)]


def _watch(file: Path, pause: float, stop: Event, told: "multiprocessing.Queue[tuple[int, list[str]]]") -> None:
    """Open the published file over and over, ``pause`` seconds apart; it must always be whole: the rows that its last load counted."""
    opened, errors = 0, []
    while not stop.is_set():
        try:
            with contextlib.closing(duckdb.connect(str(file), read_only=True)) as con:
                counted = con.execute(_CONSISTENT).fetchone()
            opened += 1
            if counted != (True,):
                errors.append(f"counts differ: {counted}")
        except duckdb.Error as error:
            errors.append(str(error).splitlines()[0])
        stop.wait(pause)
    told.put((opened, errors))


_CONSISTENT = """
    SELECT (SELECT count(*) FROM reports) = (rows_per_table ->> 'reports')::BIGINT
       AND (SELECT count(*) FROM requests) = (rows_per_table ->> 'requests')::BIGINT
       AND (SELECT count(*) FROM check_results) = (rows_per_table ->> 'check_results')::BIGINT
       AND (SELECT count(*) FROM findings) = (rows_per_table ->> 'findings')::BIGINT
    FROM loads ORDER BY load_id DESC LIMIT 1
"""


@contextlib.contextmanager
def watching(home: Home, outcome: Outcome, pause: float = 0.05) -> Iterator[None]:
    """Let another process read the published file for as long as the block runs."""
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.Queue()
    reader = context.Process(target=_watch, args=(home.warehouse, pause, stop, told), daemon=True)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        opened, errors = told.get(timeout=120)
        reader.join()
        outcome.opened += opened
        outcome.reader_errors += errors


@dataclass(frozen=True, slots=True)
class Plan:
    """How loads are killed: how many, how soon (seconds after they have the lock), until when."""

    kills: int
    soon: float = 6
    late: float = 0
    until: float = float("inf")

    def goes_on(self, outcome: Outcome) -> bool:
        """Tell whether there is time, and loads to be killed."""
        return outcome.kills.total() < self.kills and time.monotonic() < self.until


def kill_loads(
    start: Home, unbroken: Home, killed: Path, everything: list[Path], plan: Plan, rng: random.Random
) -> Outcome:
    """Kill loads of ``everything`` on copies of a published home, finish, and compare with the home of an unbroken load."""
    outcome = Outcome()
    expected = table_hashes(unbroken)
    home = Home(killed)
    while plan.goes_on(outcome):
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(start.root, home.root)
        with watching(home, outcome):
            while plan.goes_on(outcome):
                whole_group = rng.random() < 0.5
                # Mostly soon, so that many moments are met; sometimes late, so that loads come to their end.
                after = rng.uniform(0, plan.soon if rng.random() < 0.85 else max(plan.soon, plan.late))
                if not kill_load(start_load(home, *everything), home, after, whole_group):
                    break  # It came to its end by itself.
                outcome.kills["the whole group" if whole_group else "the main process"] += 1
            finish_load(home, *everything)
        _compare(home, expected, outcome)
    return outcome


def _compare(home: Home, expected: dict[str, tuple[object, ...]], outcome: Outcome) -> None:
    outcome.finished += 1
    found = table_hashes(home)
    outcome.differences += [f"{n}: {found[n]} instead of {expected[n]}" for n in expected if found[n] != expected[n]]
    outcome.leftovers += leftovers(home)


def main() -> int:
    """Kill, compare, print the table; return 1 where anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gongkai-kills-") as name:
        folder = Path(name)
        parts = write_corpus(folder / "corpus", options.reports, tuple(options.kinds.split(",")))
        first = folder / "first"
        first.mkdir()
        for file in sorted(parts[0].iterdir())[:40]:
            shutil.copy(file, first)
        start, unbroken = Home(folder / "start"), Home(folder / "unbroken")
        finish_load(start, first)
        shutil.copytree(start.root, unbroken.root)
        seconds = finish_load(unbroken, *parts)
        plan = Plan(options.kills, late=1.1 * seconds, until=began + options.minutes * 60)
        outcome = kill_loads(start, unbroken, folder / "killed", parts, plan, random.Random(options.seed))
    kinds = ", ".join(f"{count} of {what}" for what, count in sorted(outcome.kills.items()))
    print(f"| {options.reports:,} reports, seed {options.seed} | |\n|---|---|")
    print(f"| SIGKILLs | {outcome.kills.total()}: {kinds} |")
    print(f"| loads that came to their end, each compared with an unbroken one | {outcome.finished} |")
    print(f"| tables that differ | {len(outcome.differences)} |")
    print(f"| left behind | {len(outcome.leftovers)} |")
    print(
        f"| published file opened by a reader meanwhile | {outcome.opened:,} times, {len(outcome.reader_errors)} errors |"
    )
    print(f"| whole time | {(time.monotonic() - began) / 60:.1f} min |")
    wrong = [*outcome.differences, *outcome.leftovers, *outcome.reader_errors]
    for line in wrong[:20]:
        print(f"    {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
