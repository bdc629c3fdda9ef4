"""requirements/install.sh: what it does to a .venv that is there already. The interpreter is a stand-in; nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTERPRETER = """#!/usr/bin/env bash
case "$1 $2" in
  "-m venv") rm -rf .venv/* && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  -c*) echo 3.12.0 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout that pins nothing, with a stand-in interpreter beside it."""
    (tmp_path / "here" / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "requirements" / "install.sh", tmp_path / "here" / "requirements")
    for name in ("requirements/lock.txt", "pyproject.toml"):
        (tmp_path / "here" / name).write_text("a==1\n", encoding="utf-8")
    (tmp_path / "python").write_text(INTERPRETER, encoding="utf-8")
    (tmp_path / "python").chmod(0o755)
    return tmp_path / "here"


def install(checkout: Path) -> None:
    environment = {**os.environ, "PYTHON": str(checkout.parent / "python"), "EXTRAS": ""}
    command = ["bash", str(checkout / "requirements" / "install.sh")]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=checkout)


def test_an_environment_that_is_a_link_is_left_to_whom_it_belongs(checkout: Path) -> None:
    theirs = checkout.parent / "theirs"
    theirs.mkdir()
    (theirs / "kept").write_text("theirs", encoding="utf-8")
    (checkout / ".venv").symlink_to(theirs)
    install(checkout)
    assert [path.name for path in theirs.iterdir()] == ["kept"]
    assert not (checkout / ".venv").is_symlink()
    assert (checkout / ".venv" / "bin" / "python").exists()


def test_an_environment_of_this_checkout_is_kept(checkout: Path) -> None:
    install(checkout)
    (checkout / ".venv" / "kept").write_text("ours", encoding="utf-8")
    install(checkout)
    assert (checkout / ".venv" / "kept").exists()
