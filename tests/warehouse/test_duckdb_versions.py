"""Every DuckDB that people use: it opens the published file, and the WAL that it left beside never reaches a new one.

The installed DuckDB is always tried; others where ``GONGKAI_DUCKDB_VERSIONS`` (or ``build/duckdb``) holds a folder for each,
as ``tests/warehouse/fetch_duckdb_versions.sh`` makes them.
"""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.home import Home
from warehouse.publish import set_stray_wal_aside

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("GONGKAI_DUCKDB_VERSIONS", ROOT / "build" / "duckdb"))
VERSIONS = ("installed", "1.4.0", "1.4.4", "1.5.0", "2.0.0")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """A version of DuckDB; skips where it is not there."""
    wanted = str(request.param)
    if wanted != "installed" and not (FOLDER / wanted).is_dir():
        pytest.skip(f"DuckDB {wanted} is not there: tests/warehouse/fetch_duckdb_versions.sh fetches it")
    return wanted


def run_with(version: str, code: str, *arguments: object) -> str:
    """Run Python with one version of DuckDB; return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT if version == "installed" else FOLDER / version)}
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


LEAVE_A_WAL = """
    import os, sys, duckdb
    connection = duckdb.connect(sys.argv[1])
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    connection.execute("UPDATE requests SET value = 666")
    os._exit(0)  # As killed: nothing is written back.
"""

READ = """
    import sys, duckdb
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        values = connection.execute("SELECT value FROM requests WHERE item = 'new_received'").fetchall()
        wide = connection.execute("SELECT new_received FROM requests_wide").fetchall()
        assert values == wide, (values, wide)
        assert connection.execute("SELECT count(*) FROM facts").fetchone() == (2 * len(values),)
        assert connection.execute("SELECT count(*) FROM anomalies").fetchone() == (0,)
        comments = connection.execute("SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND comment IS NULL")
        assert comments.fetchone() == (0,)
    print(sorted(value for (value,) in values))
"""


def stray_wal(home: Home) -> Path:
    return home.root / "gongkai.duckdb.wal"


def plant(version: str, home: Home) -> None:
    """Let a DuckDB write to the published file and be killed: what a person with the rights for it might do."""
    home.warehouse.chmod(0o644)
    run_with(version, LEAVE_A_WAL, home.warehouse)
    assert stray_wal(home).stat().st_size > 0


def test_a_wal_left_beside_the_file_never_reaches_the_next_one(
    version: str, home: Home, load: Callable[..., str], publish_now: Callable[..., Any]
) -> None:
    load("a.txt", 2021, number=1)
    publish_now()
    plant(version, home)
    load("b.txt", 2022, number=2)
    publish_now()
    assert not stray_wal(home).exists()
    assert (home.root / "gongkai.duckdb.wal.set-aside-1").exists()
    assert run_with(version, READ, home.warehouse) == "[1, 2]"
    assert run_with("installed", READ, home.warehouse) == "[1, 2]"


def test_without_that_the_wal_would_spoil_the_new_file(
    version: str, home: Home, load: Callable[..., str], publish_now: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why it is moved: with it in place the new file either reads wrong or does not open. Remove the rule when this fails."""
    from warehouse import publish as module

    load("a.txt", 2021, number=1)
    publish_now()
    plant(version, home)
    load("b.txt", 2022, number=2)
    monkeypatch.setattr(module, "set_stray_wal_aside", lambda home: None)
    publish_now()
    assert stray_wal(home).exists()
    attempt = """
        import sys, duckdb
        try:
            with duckdb.connect(sys.argv[1], read_only=True) as connection:
                print(sorted(connection.execute("SELECT value FROM requests WHERE item = 'new_received'").fetchall()))
        except duckdb.Error as error:
            print("does not open:", error)
    """
    assert run_with(version, attempt, home.warehouse) != "[(1,), (2,)]"


def test_a_wal_beside_an_unchanged_file_is_set_aside_too(
    home: Home, load: Callable[..., str], publish_now: Callable[..., Any]
) -> None:
    load("a.txt", 2021, number=1)
    publish_now()
    plant("installed", home)
    publish_now()
    assert not stray_wal(home).exists()
    assert run_with("installed", READ, home.warehouse) == "[1]"


def test_nothing_set_aside_is_overwritten(home: Home) -> None:
    home.root.mkdir()
    for text in ("first", "second"):
        stray_wal(home).write_text(text, encoding="utf-8")
        set_stray_wal_aside(home)
    assert set_stray_wal_aside(home) is None
    aside = sorted(home.root.glob("gongkai.duckdb.wal.set-aside-*"))
    assert [path.read_text(encoding="utf-8") for path in aside] == ["first", "second"]


def test_the_published_file_opens(
    version: str, home: Home, load: Callable[..., str], publish_now: Callable[..., Any]
) -> None:
    load("a.txt", 2021, number=1)
    publish_now()
    assert run_with(version, READ, home.warehouse) == "[1]"
    assert sorted(path.name for path in home.root.iterdir()) == ["gongkai.duckdb", "lake", "publish.lock", "raw"]
