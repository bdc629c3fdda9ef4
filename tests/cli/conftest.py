"""Running the command line inside the test's own process, and rows as the warehouse gives them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.cli.dispatch import run


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def gongkai(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """Run one command line in an empty folder; stdout and stderr are no terminals."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*arguments: object) -> Ended:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    return call


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A home folder in which something that passes for a published warehouse stands; what reads it is faked."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "gongkai.duckdb").touch()
    return home
