"""A reader that opens the published file in a loop while ten loads are published: no error, never a mixture."""

import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.home import Home
from warehouse.forget import forget

PUBLICATIONS = 10

YEARS = (2019, 2023)

# Publication n holds a report for each year, each of which says n: whoever sees two numbers, or another n, saw a mixture.
READER = """
    import json, sys, time
    from pathlib import Path
    import duckdb
    file, stop, ready = map(Path, sys.argv[1:])
    reads, errors, seen = 0, [], set()
    done = False
    while not done:
        done = stop.exists()  # Once more after the last publication.
        try:
            with duckdb.connect(str(file), read_only=True) as connection:
                (load_id, rows), = connection.execute(
                    "SELECT load_id, rows_per_table FROM loads ORDER BY load_id DESC LIMIT 1"
                ).fetchall()
                numbers = connection.execute(
                    "SELECT value FROM requests WHERE item = 'new_received' UNION ALL SELECT value FROM claims"
                ).fetchall()
                (reports,), = connection.execute("SELECT count(*) FROM reports").fetchall()
            what = {int(number) for number, in numbers}
            if what != {load_id} or reports != 2 or json.loads(rows)["reports"] != 2:
                errors.append(f"mixture: load {load_id}, {reports} reports, numbers {sorted(what)}")
            seen.add(load_id)
        except Exception as error:
            errors.append(repr(error))
        reads += 1
        time.sleep(0.005)
        ready.touch()
    print(json.dumps({"reads": reads, "errors": errors, "seen": sorted(seen)}))
"""


def test_readers_see_one_whole_load_each_time(
    home: Home, tmp_path: Path, load: Callable[..., str], publish_now: Callable[..., Any]
) -> None:
    loaded: list[str] = []

    def publish_number(number: int) -> None:
        for file_id in loaded:
            forget(home, file_id)
        loaded[:] = [load(f"{number}.txt", *YEARS, number=number)]
        publish_now()

    publish_number(1)
    stop, ready = tmp_path / "stop", tmp_path / "ready"
    arguments = [str(home.warehouse), str(stop), str(ready)]
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(READER), *arguments], stdout=subprocess.PIPE, text=True
    ) as reader:
        while not ready.exists():
            assert reader.poll() is None
            time.sleep(0.02)
        for number in range(2, PUBLICATIONS + 1):
            publish_number(number)
        stop.touch()
        output, _ = reader.communicate()
    told = json.loads(output)
    assert told["errors"] == []
    assert told["seen"][0] == 1
    assert told["seen"][-1] == PUBLICATIONS
    assert told["reads"] > PUBLICATIONS
    print(told)
