"""What the hashes over our own code cover: nothing that a row depends on may be left out."""

import ast
import importlib.metadata
from pathlib import Path

import pytest

from pipeline import versions
from pipeline.versions import ROOT, code_version, reader_version


def imported_sources(*entries: str) -> set[Path]:
    """Return every source file of ours that modules import, at their top or inside functions, and theirs in turn."""
    found: set[Path] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        file = (ROOT / name.replace(".", "/")).with_suffix(".py")
        if not file.exists():
            file = ROOT / name.replace(".", "/") / "__init__.py"
        if not file.exists() or file in found:
            continue
        found.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                waiting += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return {file for file in found if file.name != "__init__.py" and file.relative_to(ROOT).parts[0] != "tests"}


def test_every_module_that_reads_a_file_is_in_the_readers_version() -> None:
    covered = {file for part in versions._READING for file in versions._sources(ROOT / "pipeline" / part)}
    missing = imported_sources("pipeline.reading", "pipeline.plausible_year") - covered
    assert not missing, "readings would go stale when these change"


def test_every_module_that_makes_a_row_is_in_the_code_version() -> None:
    covered = {
        file
        for package in versions._LATER
        for file in versions._sources(ROOT / package)
        if file.relative_to(ROOT / package).parts[0] not in versions._NOT_FOR_ROWS
    }
    entries = ("assets.facts", "assets.check_results", "assets.published", "warehouse.publish")
    assert not imported_sources(*entries) - covered


def test_every_part_that_is_named_exists() -> None:
    for part in versions._READING:
        assert (ROOT / "pipeline" / part).exists(), part
    for name in versions._NOT_FOR_READING:
        assert (versions.CATALOGUE / name).exists(), name
    for name in versions._NOT_FOR_ROWS:
        assert (ROOT / "pipeline" / name).exists(), name


def test_every_library_that_is_named_is_one_that_can_be_asked_for() -> None:
    requirements = importlib.metadata.requires("gongkai") or []
    declared = {
        requirement.split(";")[0].split("[")[0].split("=")[0].split(">")[0].split("<")[0].strip()
        for requirement in requirements
    }
    assert {*versions._PARSERS, *versions._LIBRARIES} <= declared


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our source whose versions are asked for."""
    import shutil

    for package in ("pipeline", "checks", "warehouse", "assets"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    return tmp_path


def both() -> tuple[str, str]:
    reader_version.cache_clear()
    code_version.cache_clear()
    try:
        return reader_version(), code_version()
    finally:
        reader_version.cache_clear()
        code_version.cache_clear()


@pytest.mark.parametrize(
    ("changed", "reads_anew", "computes_anew"),
    [
        ("pipeline/readers/html.py", True, True),
        ("pipeline/catalogue/forms/2019.yaml", True, True),
        ("pipeline/catalogue/tables.yaml", False, True),
        ("pipeline/catalogue/issuers.yaml", False, True),
        ("pipeline/year_facts.py", False, True),
        ("warehouse/views/anomalies.sql", False, True),
        ("assets/check_results.py", False, True),
        ("pipeline/cli/main.py", False, False),
    ],
)
def test_a_change_does_again_what_depends_on_it_and_no_more(
    copied: Path, changed: str, reads_anew: bool, computes_anew: bool
) -> None:
    before = both()
    with (copied / changed).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    after = both()
    assert (before[0] != after[0], before[1] != after[1]) == (reads_anew, computes_anew)
