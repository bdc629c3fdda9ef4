"""Loads that end at any moment, by SIGKILL or for want of room: what is published stays whole, and the next load finishes the work.

The same at scale, two hundred times: ``benchmarks/bench_kills.py``.
"""

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import bench_kills
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from tests.documents import docx, html
from tests.documents.dump import render as render_dump
from tests.documents.made import make_report


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of thirty made reports of three kinds, all of one form, so of two years."""
    folder = tmp_path_factory.mktemp("reports")
    for seed in range(30):
        rng = random.Random(seed)
        report = make_report(rng, load_catalogue(), "2019", "plain")
        kind = seed % 3
        content = (html.render(report, "plain", rng), docx.render(report, rng), render_dump(report, "tab_rows", rng))[
            kind
        ]
        (folder / f"{seed}.{('html', 'docx', 'txt')[kind]}").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, loaded_samples: Path, reports: Path) -> Home:
    """A home into which the reports were loaded beside the samples, undisturbed."""
    home = Home(tmp_path_factory.mktemp("unbroken") / "home")
    shutil.copytree(loaded_samples, home.root)
    bench_kills.finish_load(home, reports)
    return home


def test_killed_again_and_again_it_ends_where_an_unbroken_load_does(
    tmp_path: Path, loaded_samples: Path, unbroken: Home, reports: Path
) -> None:
    plan = bench_kills.Plan(kills=6, soon=2)
    outcome = bench_kills.kill_loads(
        Home(loaded_samples), unbroken, tmp_path / "killed", [reports], plan, random.Random(1)
    )
    assert outcome.kills.total() == plan.kills
    assert outcome.differences == []
    assert outcome.leftovers == []
    assert outcome.reader_errors == []
    assert outcome.opened > 0


def load(home: Home, *paths: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*bench_kills.load_command(home), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300,
                          env={**os.environ, **environment})  # fmt: skip


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk takes the right to mount one")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_one_line_and_the_next_load_goes_on(
    small_disk: Path, home: Home, unbroken: Home, reports: Path
) -> None:
    on_disk = Home(small_disk / "home")
    shutil.copytree(home.root, on_disk.root)
    before = bench_kills.table_hashes(on_disk)
    filler = small_disk / "filler"
    room = shutil.disk_usage(small_disk).free
    for left in (0, 300_000):
        filler.write_bytes(b"x" * (room - left))
        run = load(on_disk, reports)
        filler.unlink()
        assert run.returncode in (1, 2), f"{run.stdout}\n{run.stderr}"
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr
        assert "Traceback" not in run.stderr
        assert bench_kills.table_hashes(on_disk) == before, "what was published stays"
    assert load(on_disk, reports).returncode == 0
    assert bench_kills.table_hashes(on_disk) == bench_kills.table_hashes(unbroken)
    assert bench_kills.leftovers(on_disk) == []


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path, home: Home, reports: Path) -> None:
    place = tmp_path / "read-only"
    shutil.copytree(home.root, place)
    mounted = subprocess.run(["mount", "--bind", "-o", "ro", place, place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a folder that root cannot write takes the right to mount one")
    try:
        run = load(Home(place), reports)
    finally:
        subprocess.run(["umount", place], check=True)
    assert run.returncode == 2
    assert len(run.stderr.strip().splitlines()) == 1, run.stderr
    assert str(place) in run.stderr
