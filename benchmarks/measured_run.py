"""A command that is measured: its seconds, and the peak memory of all its processes.

Belongs here: running it and looking at its processes. Does not belong here: which command.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.bench_kills import ROOT

SAMPLE_SECONDS = 0.5
Measured = dict[str, Any]


class TimeIsUp(Exception):
    """The time that was given is over; what was measured is kept."""


def run_measured(command: list[str], timeout: float) -> Measured:
    """Run a command in a session of its own; return seconds and the peak memory of all its processes. Raises RuntimeError."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=said)
        peak, done = [0], threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, peak, done))
        sampler.start()
        try:
            code = process.wait(timeout=max(timeout, 1))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
            raise TimeIsUp from None
        finally:
            done.set()
            sampler.join()
        said.seek(0)
        if code not in (0, 3):
            raise RuntimeError(f"{command[-1]} ended with {code}: {said.read().decode(errors='replace')[-2000:]}")
    return {"seconds": time.monotonic() - began, "peak": peak[0]}


def median_of(times: int, measure: Callable[[], Measured]) -> Measured:
    """Return the measurement with the median of the seconds, and the seconds of all."""
    found = sorted((measure() for _ in range(times)), key=lambda one: float(one["seconds"]))
    return {**found[times // 2], "all_seconds": [one["seconds"] for one in found]}


def _sample(session: int, peak: list[int], done: threading.Event) -> None:
    while not done.wait(SAMPLE_SECONDS):
        peak[0] = max(peak[0], _memory_of(session))


def _memory_of(session: int) -> int:
    """Return the bytes of memory of all processes of a session, what they share counted once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) != session:
                continue
            for line in (folder / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except (OSError, ValueError, IndexError):  # It ended meanwhile.
            continue
    return total
