"""Every file of ``tests.documents.bombs`` through a worker within the declared limits: what came of it, and what it cost.

``python -m benchmarks.bombs [part of a name …]``. Exits 1 where one left a traceback. Belongs here: running and telling.
"""

import hashlib
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.reading_pool import PoolSize, local_processes, read_contents
from pipeline.reading_worker import FileTask, Limits, read_report
from tests.documents.bombs import BOMBS


def main(names: list[str]) -> int:
    """Print a row per bomb; return 1 where a reader failed instead of refusing."""
    declared = load_catalogue().limits["reading"]
    limits = Limits(declared["max_seconds"], declared["max_memory_bytes"])
    read = partial(read_report, first_year=2003, last_year=2026)
    failed = 0
    print("| bomb | bytes | seconds | outcome |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.raw.mkdir()
        for name, (file, make) in BOMBS.items():
            if names and not any(part in name for part in names):
                continue
            content = make()
            file_id = hashlib.sha256(content).hexdigest()
            (home.raw / file_id).write_bytes(content)
            began = time.monotonic()
            tasks = [FileTask(file_id, file)]
            open_executor = partial(local_processes, limits=limits)
            (outcome,) = read_contents(home, tasks, read, limits, PoolSize(1, 1), open_executor)
            (row,) = outcome.rows.outcomes.to_dicts()
            failed += len(outcome.tracebacks)
            told = row["error"] or row["status"]
            print(f"| {name} | {len(content)} | {time.monotonic() - began:.1f} | {told} |", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
