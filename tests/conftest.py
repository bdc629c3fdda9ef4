"""What every test can ask for: where things lie, and what is installed.

Belongs here: folders, environment, skips with their reasons. Does not belong here: fixtures of one package (they stand
in a conftest of its own).
"""

import importlib.metadata
import logging
import os
import platform
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.docs.readme_blocks import run_demo

ROOT = Path(__file__).parents[1]

# The same examples every time: a failure seen once is seen again. `HYPOTHESIS_PROFILE=explore` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("explore", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_report_header() -> str:
    names = ("dagster", "duckdb", "polars", "pandera", "pdfplumber", "pypdfium2")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    real = os.environ.get("GONGKAI_REAL_REPORTS") or "not given"
    return f"python {platform.python_version()}, {versions}; real reports: {real}"


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def samples() -> Path:
    """The five sample reports, and truth.json about them."""
    return ROOT / "samples"


@pytest.fixture(scope="session")
def real_reports() -> Path:
    """The folder of real reports that are not part of the project; skips where it is not given."""
    folder = os.environ.get("GONGKAI_REAL_REPORTS")
    if not folder:
        pytest.skip("GONGKAI_REAL_REPORTS names no folder of real reports")
    return Path(folder)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A developer's own home, colours and terminal width must not change what a test sees."""
    for name in (
        "GONGKAI_HOME",
        "GONGKAI_LAKE",
        "GONGKAI_EXECUTOR",
        "GONGKAI_WAREHOUSE",
        "DAGSTER_HOME",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLUMNS",
    ):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make demo` leaves, made once for all test processes: ``home`` (never write to it) and ``output``."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    folder = folder / "demo"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "output").exists():
            run_demo(folder)
    return folder


@pytest.fixture(scope="session")
def loaded_samples(demo: Path) -> Path:
    """A home folder into which `gongkai load` took the five samples: read it, never write to it."""
    return demo / "home"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket of an S3 server on loopback, as an address; skips where the extras ``s3`` and ``servers`` are absent."""
    s3fs = pytest.importorskip("s3fs", reason="needs the extra gongkai[s3]")
    server = pytest.importorskip("moto.server", reason="needs the extra gongkai[servers]")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()  # One of an earlier test talks to its server.
    name = f"gongkai-{uuid.uuid4().hex[:8]}"
    s3fs.S3FileSystem().mkdir(name)
    yield f"s3://{name}"
    running.stop()
    s3fs.S3FileSystem.clear_instance_cache()
