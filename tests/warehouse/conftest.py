"""Fixtures over ``made_lake``: a home folder that is loaded, computed and published step by step."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue
from pipeline.home import Home
from tests.warehouse.made_lake import NOON, VERSION, Row, facts_from_extracted, fill, made_reading
from warehouse.extracted import ReadContent, extracted_fingerprint, write_extracted_batch
from warehouse.publish import Publication, publish
from warehouse.raw_store import read_content, take_in
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import checks_years, judged_fingerprint, read_check_results


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def compute_year(home: Home) -> Callable[..., None]:
    """Facts and check results of a year from its extracted rows; ``results`` are rows of check_results."""

    def compute(year: int, *results: Row, suggestions: tuple[Row, ...] = ()) -> None:
        frames = facts_from_extracted(home, year)
        write_facts(home, year, frames, extracted_fingerprint(home, year))
        rows = [{"year": year, "outcome": "passed", "severity": "error", **row} for row in results]
        repairs = [{"year": year, **row} for row in suggestions]
        judged = judged_fingerprint(home, year)
        write_check_results(home, year, fill("check_results", *rows), judged, fill("suggestions", *repairs))
        for later in (other for other in checks_years(home) if other > year):  # They look back at this year.
            stands = read_check_results(home, later)
            write_check_results(
                home, later, stands["check_results"], judged_fingerprint(home, later), stands["suggestions"]
            )

    return compute


@pytest.fixture
def load(home: Home, tmp_path: Path, compute_year: Callable[..., None]) -> Callable[..., str]:
    """Take one made file in, read it and compute its years; return its file_id."""

    def load_one(name: str, *years: int, number: int = 7, results: tuple[Row, ...] = ()) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{years} {number}", encoding="utf-8")
        (file_id,) = take_in(home, [path], now=NOON).file_ids
        size = len(read_content(home, file_id))
        reading = made_reading(*years, number=number)
        write_extracted_batch(home, [ReadContent(file_id, size, "text/plain", reading)], VERSION)
        for year in years:
            compute_year(year, *results)
        return file_id

    return load_one


@pytest.fixture
def publish_now(home: Home, catalogue: Catalogue) -> Callable[..., Publication]:
    def publish_home(code_version: str = "0.1") -> Publication:
        return publish(home, code_version, catalogue, now=NOON)

    return publish_home


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    """A published warehouse of one report, for tests that only read."""
    folder = tmp_path_factory.mktemp("published")
    home = Home(folder / "home")
    (folder / "a.txt").write_text("a", encoding="utf-8")
    (file_id,) = take_in(home, [folder / "a.txt"], now=NOON).file_ids
    write_extracted_batch(home, [ReadContent(file_id, 1, "text/plain", made_reading(2021))], VERSION)
    fingerprint = write_facts(home, 2021, facts_from_extracted(home, 2021))
    write_check_results(home, 2021, fill("check_results"), fingerprint)
    publish(home, "0.1", catalogue, now=NOON)
    return home
