"""The commands that the README shows, and what they print on the samples.

``python -m tests.docs.readme_blocks`` (part of ``make docs``) runs them and writes what they print into the README;
``test_readme`` runs them and compares. A ``console`` block holds commands after ``$ ``; ``make demo`` stands for
samples/demo.sh, which it runs.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run_demo(folder: Path) -> None:
    """Leave in a folder what ``make demo`` leaves: ``home``, and ``output``, which says what it printed."""
    run = subprocess.run([ROOT / "samples/demo.sh", folder / "home"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"the demo ended with {run.returncode}\n{run.stdout}\n{run.stderr}"
    (folder / "output").write_text(run.stdout, encoding="utf-8")


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


def output_of(command: str, demo: Path) -> str:
    """Return what a command prints, tidied: without trailing spaces, durations, and where the home folder lies."""
    home = demo / "home"
    if command == "make demo":
        output = (demo / "output").read_text(encoding="utf-8")
    else:
        words = shlex.split(command)
        assert words[0] == "gongkai", f"only gongkai is run, not: {command}"
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, "GONGKAI_HOME": str(home), "PATH": path}
        run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        output = run.stdout
    return tidy(output.replace(str(home), "build/demo"))


def tidy(text: str) -> str:
    text = re.sub(r"\d+(\.\d+)? s\b", "N s", text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def rewritten(readme: str, demo: Path) -> str:
    """Return the README with what its commands print now."""

    def block(match: re.Match[str]) -> str:
        told = [f"$ {command}\n{output_of(command, demo)}\n" for command, _ in steps(match[1])]
        return "```console\n" + "\n".join(told) + "```"

    return BLOCK.sub(block, readme)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        run_demo(Path(folder))
        README.write_text(rewritten(README.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")
