"""What the README shows is what happens: its commands are run on the samples and must print what stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.readme_blocks import BLOCK, README, ROOT, output_of, steps, tidy

TEXT = README.read_text(encoding="utf-8")
STEPS = [step for block in BLOCK.findall(TEXT) for step in steps(block)]


@pytest.mark.parametrize(("command", "printed"), STEPS, ids=[command[:60] for command, _ in STEPS])
def test_a_command_prints_what_stands_there(command: str, printed: str, demo: Path) -> None:
    assert output_of(command, demo).splitlines() == tidy(printed).splitlines(), (
        "run `make docs` and look at what changed"
    )


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
    assert [name for name in commands if f"gongkai {name}" not in TEXT] == []


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
