"""What the README shows is what happens: its commands are run on the samples and must print what stands there.

A ``console`` block holds commands after ``$ `` and what they print; ``make demo`` stands for samples/demo.sh, which it runs.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def steps(block: str) -> list[tuple[str, str]]:
    """Return the commands of a block, each with what it prints; a command goes on while a quote is open."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = next(count for count in range(1, len(lines) + 1) if is_whole("\n".join(lines[:count])))
        found.append(("\n".join(lines[:length]), "\n".join(lines[length:])))
    return found


def is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


STEPS = [step for block in BLOCKS for step in steps(block)]


def tidy(text: str, home: Path) -> list[str]:
    """Return the printed lines without what differs from run to run: times, and where the home folder lies."""
    text = text.replace(str(home), "build/demo")
    text = re.sub(r"\d+(\.\d+)? s\b", "N s", text)
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("command", "printed"), STEPS, ids=[command[:60] for command, _ in STEPS])
def test_a_command_prints_what_stands_there(command: str, printed: str, demo: Path) -> None:
    home = demo / "home"
    if command == "make demo":
        output = (demo / "output").read_text(encoding="utf-8")
    else:
        words = shlex.split(command)
        assert words[0] == "gongkai", f"this test runs gongkai only, not: {command}"
        paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {**os.environ, "GONGKAI_HOME": str(home), "PATH": os.pathsep.join(paths)}
        run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        output = run.stdout
    assert tidy(output, home) == tidy(printed, home)


def test_three_queries_and_the_demo_are_shown() -> None:
    commands = [command for command, _ in STEPS]
    assert "make demo" in commands
    assert sum(command.startswith("gongkai sql") for command in commands) >= 3


def test_every_command_of_the_command_line_is_told() -> None:
    listed = subprocess.run(
        [Path(sys.executable).parent / "gongkai", "--help"], capture_output=True, text=True, check=True
    )
    commands = re.findall(r"^  ([a-z]+)  ", listed.stdout.split("Commands:", 1)[1], re.MULTILINE)
    assert commands
    assert [name for name in commands if f"gongkai {name}" not in README] == []


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
