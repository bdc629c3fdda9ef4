"""Whole loads of made reports: ``python -m benchmarks.bench_load [--sizes 1000,10000] [--folder DIR] [--minutes M]``.

For each size: the whole load beside reading alone (same workers, same run), the load again unchanged, the load with one report
changed, peak memory of the whole tree of processes, bytes on the disk, and every query of docs/queries.sql. Another process reads
the published file all the time.

What was measured stands in ``DIR/measured.json``: started again with the same folder, the benchmark goes on where it ended, also
when ``--minutes`` were over. ``--kinds html`` makes a corpus that is read quickly. ``--fresh`` measures anew.
"""

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bench_kills import LOAD, ROOT, Outcome, watching
from benchmarks.made_corpus import KINDS, write_corpus
from benchmarks.measured_run import Measured, TimeIsUp, median_of, run_measured
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home

READING_ALONE_UP_TO = 20_000
"""Beyond, reading a second time tells nothing new and takes as long again."""
SMALL = 40
"""Reports of a load that costs little but its start: ten of each year, so that every kind of rule has something to judge."""
QUERIES = ROOT / "docs" / "queries.sql"
PAUSE = 1.0
"""Seconds between two openings of the published file: more often, and the reader takes a good part of two cores."""

SHORT = 2_000
REPEATED = 5
"""Loads of up to ``SHORT`` reports, and those that show what a run costs by itself, are measured so often, the median is kept: what a
machine does besides moves half a minute by a tenth."""


@dataclass(slots=True)
class Bench:
    """Where the benchmark stands: its folder, its options, what was measured."""

    folder: Path
    kinds: tuple[str, ...]
    workers: int
    until: float
    measured: dict[str, Measured]

    def once(self, size: int, step: str, measure: Callable[[], Any]) -> Any:
        """Return a figure, measured now unless it was."""
        of_size = self.measured.setdefault(f"{size} {','.join(self.kinds)}", {})
        if step not in of_size:
            if time.monotonic() > self.until:
                raise TimeIsUp
            print(f"… {size:,}: {step}", file=sys.stderr, flush=True)
            of_size[step] = measure()
            (self.folder / "measured.json").write_text(json.dumps(self.measured, indent=1))
        return of_size[step]


def load_command(home: Home, workers: int, *paths: Path) -> list[str]:
    """Return the command line of a load."""
    return [sys.executable, "-c", LOAD, "load", "--workers", str(workers), "--home", str(home.root), *map(str, paths)]


def read_alone(workers: int, folders: list[str]) -> None:
    """Read every file of folders with worker processes as a load does, and keep nothing."""
    from pipeline.partitions import YEARS
    from pipeline.reading_place import reading_place
    from pipeline.reading_pool import PoolSize, read_contents
    from pipeline.reading_worker import FileTask, Limits, read_report
    from warehouse.raw_store import source_names
    from warehouse.sightings import read_sightings

    home = Home(Path(folders[0]))
    limits = load_catalogue().limits["reading"]
    per_file = Limits(limits["max_seconds"], limits["max_memory_bytes"])
    file_ids = read_sightings(home)["file_id"].unique().sort().to_list()
    names = source_names(home, file_ids)
    years = [int(key) for key in YEARS.get_partition_keys()]
    read = partial(read_report, first_year=years[0], last_year=years[-1])
    place = reading_place("local", workers, per_file)
    tasks = [FileTask(file_id, names[file_id]) for file_id in file_ids]
    size = PoolSize(place.workers, limits["files_per_task"])
    for _ in read_contents(home, tasks, read, per_file, size, place.open_executor, place.contents_of):
        pass


def measure_size(bench: Bench, size: int) -> None:
    """Measure everything of one size."""
    corpus = bench.folder / f"corpus-{'-'.join(dict.fromkeys(bench.kinds))}"
    parts = bench.once(size, "corpus", lambda: [str(p) for p in write_corpus(corpus, size, bench.kinds)])
    folders = [Path(part) for part in parts]
    home = Home(bench.folder / f"home-{size}")
    load = partial(load_command, home, bench.workers)

    def first() -> Measured:
        shutil.rmtree(home.root, ignore_errors=True)
        small = sorted(folders[0].iterdir())[:SMALL]
        run_measured(load(*small), _left(bench))  # So that there is something to read meanwhile.
        outcome = Outcome()
        with watching(home, outcome, PAUSE):
            measured = run_measured(load(*folders), _left(bench))
        return {**measured, "opened": outcome.opened, "reader_errors": outcome.reader_errors}

    bench.once(size, "whole load", lambda: median_of(REPEATED if size <= SHORT else 1, first))
    if size <= READING_ALONE_UP_TO:
        alone = f"from benchmarks.bench_load import read_alone; read_alone({bench.workers}, {[str(home.root)]!r})"
        bench.once(
            size, "reading alone", lambda: run_measured([sys.executable, "-c", _MAIN.format(alone)], _left(bench))
        )
    bench.once(size, "disk", lambda: _disk(home))
    bench.once(size, "queries", lambda: _queries(home))
    bench.once(size, "unchanged", lambda: run_measured(load(*folders), _left(bench)))
    bench.once(size, "one changed", lambda: run_measured(load(_changed(bench, folders[0])), _left(bench)))


_MAIN = "if __name__ == '__main__':\n    {}"


def measure_fixed(bench: Bench) -> None:
    """Measure what a run costs whatever there is to do: the same loads, of a few reports of the same years."""
    corpus = bench.folder / f"corpus-{'-'.join(dict.fromkeys(bench.kinds))}"
    first = write_corpus(corpus, 2 * SMALL, bench.kinds)[0]
    small, others = sorted(first.iterdir())[:SMALL], sorted(first.iterdir())[SMALL : 2 * SMALL]
    home = Home(bench.folder / "home-fixed")

    def prepare() -> Measured:
        shutil.rmtree(home.root, ignore_errors=True)
        run_measured(load_command(home, bench.workers, *small), _left(bench))
        return run_measured(load_command(home, bench.workers, *others), _left(bench))

    def unchanged() -> Measured:
        return run_measured(load_command(home, bench.workers, *small), _left(bench))

    def one_changed() -> Measured:
        return run_measured(load_command(home, bench.workers, _changed(bench, first)), _left(bench))

    for step, measure in (("whole load", prepare), ("unchanged", unchanged), ("one changed", one_changed)):
        bench.once(0, step, partial(median_of, REPEATED, measure))


def _left(bench: Bench) -> float:
    return bench.until - time.monotonic()


def _changed(bench: Bench, folder: Path) -> Path:
    """Return a file that is a report of the corpus with something added."""
    page = next(file for file in sorted(folder.iterdir()) if file.suffix in (".html", ".docx", ".doc"))
    changed = bench.folder / f"changed{page.suffix}"
    changed.write_bytes(page.read_bytes() + f"<!-- {time.time_ns()} -->".encode())
    return changed


def _disk(home: Home) -> dict[str, int]:
    sizes = {"published": home.warehouse.stat().st_size}
    for name in ("raw", "lake", "dagster"):
        sizes[name] = sum(path.stat().st_size for path in (home.root / name).rglob("*") if path.is_file())
    return sizes


def _queries(home: Home) -> dict[str, float]:
    """Return the seconds of each query of docs/queries.sql, each on a connection of its own."""
    times = {}
    for query in QUERIES.read_text(encoding="utf-8").split("\n\n")[1:]:
        title = query.splitlines()[0].removeprefix("-- ")
        began = time.perf_counter()
        with contextlib.closing(duckdb.connect(str(home.warehouse), read_only=True)) as con:
            con.execute(query).fetchall()
        times[title] = time.perf_counter() - began
    return times


def table(bench: Bench, sizes: list[int]) -> Iterator[str]:
    """Yield the tables as Markdown, as far as they were measured."""
    fixed = bench.measured.get(f"0 {','.join(bench.kinds)}", {})
    yield f"| reports ({', '.join(f'{k} {bench.kinds.count(k)}' for k in dict.fromkeys(bench.kinds))}; {bench.workers} workers) | {' | '.join(f'{size:,}' for size in sizes)} |"
    yield f"|---|{'---|' * len(sizes)}"
    of = [bench.measured.get(f"{size} {','.join(bench.kinds)}", {}) for size in sizes]
    for name, show in _LINES.items():
        cells = []
        for size, figures in zip(sizes, of, strict=True):
            try:
                cells.append(show(figures, fixed, size))
            except KeyError:
                cells.append("")
        yield f"| {name} | {' | '.join(cells)} |"
    for size, figures in zip(sizes, of, strict=True):
        if "queries" in figures:
            yield f"\n| query on {size:,} reports | seconds |\n|---|---|"
            yield from (f"| {title} | {seconds:.2f} |" for title, seconds in figures["queries"].items())


def _net(figures: Measured, fixed: Measured, step: str) -> str:
    over = figures[step]["seconds"] - fixed[step]["seconds"]
    share = over / figures["whole load"]["seconds"]
    return f"{figures[step]['seconds']:.1f} s = fixed {fixed[step]['seconds']:.1f} s + {share:.1%} of the first"


_LINES: dict[str, Callable[[Measured, Measured, int], str]] = {
    "whole load": lambda f, _, n: f"{f['whole load']['seconds']:.0f} s",
    "per report": lambda f, _, n: f"{f['whole load']['seconds'] / n * 1000:.1f} ms",
    "per report, less the fixed start": lambda f, x, n: (
        f"{(f['whole load']['seconds'] - x['whole load']['seconds']) / (n - SMALL) * 1000:.1f} ms"
        f" (a load of {SMALL}: {x['whole load']['seconds']:.1f} s)"
    ),
    "reading alone": lambda f, _, n: f"{f['reading alone']['seconds']:.0f} s",
    "whole load ÷ reading alone": lambda f, _, n: f"{f['whole load']['seconds'] / f['reading alone']['seconds']:.2f}",
    "the same again, unchanged": lambda f, x, n: _net(f, x, "unchanged"),
    "one report changed": lambda f, x, n: _net(f, x, "one changed"),
    "peak memory, all processes": lambda f, _, n: f"{f['whole load']['peak'] / 2**20:,.0f} MiB",
    "peak memory, one report changed": lambda f, _, n: f"{f['one changed']['peak'] / 2**20:,.0f} MiB",
    "published file": lambda f, _, n: f"{f['disk']['published'] / n / 1000:.1f} kB a report",
    "lake": lambda f, _, n: f"{f['disk']['lake'] / n / 1000:.1f} kB a report",
    "raw store": lambda f, _, n: f"{f['disk']['raw'] / n / 1000:.1f} kB a report",
    "slowest of the 20 queries": lambda f, _, n: f"{max(f['queries'].values()):.2f} s",
    "opened by a reader meanwhile": lambda f, _, n: (
        f"{f['whole load']['opened']:,} times, {len(f['whole load']['reader_errors'])} errors"
    ),
}


def main() -> int:
    """Measure as far as time goes, and print what is known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "gongkai-bench-load")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--fresh", action="store_true", help="measure anew what was measured")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    known = options.folder / "measured.json"
    measured = json.loads(known.read_text()) if known.exists() and not options.fresh else {}
    kinds = tuple(options.kinds.split(","))
    bench = Bench(options.folder, kinds, options.workers, time.monotonic() + options.minutes * 60, measured)
    sizes = [int(size) for size in options.sizes.split(",")]
    code = 0
    try:
        measure_fixed(bench)
        for size in sizes:
            measure_size(bench, size)
    except TimeIsUp:
        print("the time is up; start again with the same --folder to go on", file=sys.stderr)
        code = 1
    print("\n".join(table(bench, sizes)))
    return code


if __name__ == "__main__":
    sys.exit(main())
