"""Who may import whom, as tests/imports.yaml declares it."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DECLARED: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests/imports.yaml").read_text(encoding="utf-8"))
CONTRACT = {name.strip(): (group, rule) for group, rule in DECLARED.items() for name in group.split(",")}
OURS = ("pipeline", "warehouse", "assets", "checks")
FILES = sorted(file for package in OURS for file in (ROOT / package).rglob("*.py"))
# The root packages hold a docstring only; everything may import a parent package by importing what lies in it.
BARE = {"pipeline", "assets", "checks"}


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_below(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + ".")


def owner(name: str) -> str | None:
    """Return the entry of the contract that a module belongs to: all the names that stand in one line."""
    longest = max((entry for entry in CONTRACT if is_below(name, entry)), key=len, default=None)
    return longest and CONTRACT[longest][0]


def imported_names(source: str, module: str) -> set[str]:
    """Return every dotted name that a module imports, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write absolute imports"
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                place = ROOT / below.replace(".", "/")
                names.add(below if place.is_dir() or place.with_suffix(".py").exists() else str(node.module))
    return names


def breaches(module: str, names: set[str]) -> list[str]:
    entry = owner(module)
    if entry is None:
        return [f"{module} stands in no package of tests/imports.yaml"]
    rule = DECLARED[entry]
    found = []
    for name in sorted(names):
        top = name.split(".")[0]
        if top in OURS:
            if owner(name) == entry or name in BARE:
                continue
            allowed = any(is_below(name, other) for other in rule["ours"])
            if not allowed or any(is_below(name, other) for other in rule.get("never", ())):
                found.append(f"{module} imports {name}")
        elif top not in sys.stdlib_module_names and top not in rule["outside"]:
            found.append(f"{module} imports {name}")
    return found


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_a_module_imports_only_what_its_package_may(file: Path) -> None:
    module = module_name(file)
    source = file.read_text(encoding="utf-8")
    if module in BARE:
        assert not imported_names(source, module), "a root package holds a docstring only"
        return
    assert breaches(module, imported_names(source, module)) == []


FOR_USERS = ["ocr", "dask", "s3", "postgres", "ducklake"]


@pytest.mark.parametrize(
    ("folders", "extras"), [(OURS, FOR_USERS), (("tests", "benchmarks"), [*FOR_USERS, "dev", "bench", "servers"])]
)
def test_every_package_that_is_imported_is_declared(folders: tuple[str, ...], extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = [
        *project["dependencies"],
        *(bound for extra in extras for bound in project["optional-dependencies"][extra]),
    ]
    declared = {normal(re.split(r"[^A-Za-z0-9._-]", bound, maxsplit=1)[0]) for bound in bounds}
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    names = {name for file in files for name in imported_names(file.read_text(encoding="utf-8"), module_name(file))}
    ours = {*OURS, "tests", "benchmarks", *(file.stem for file in files)}
    outside = {name.split(".")[0] for name in names} - ours - set(sys.stdlib_module_names)
    owners = importlib.metadata.packages_distributions()
    assert {top for top in outside if not declared & {normal(owner) for owner in owners.get(top, [top])}} == set()


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_a_breach_is_seen() -> None:
    reader = "import duckdb\ndef read():\n    from warehouse import query\n    from pipeline.document import Cell\n"
    assert breaches("pipeline.readers.x", imported_names(reader, "pipeline.readers.x")) == [
        "pipeline.readers.x imports duckdb",
        "pipeline.readers.x imports warehouse.query",
    ]
    assert breaches("pipeline.unheard_of", set()) == ["pipeline.unheard_of stands in no package of tests/imports.yaml"]


def test_the_architecture_page_lists_the_same_packages() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.split("## Packages", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {name for cell in rows for name in cell.replace("`", "").replace(" ", "").split(",")}
    assert told == set(CONTRACT)
