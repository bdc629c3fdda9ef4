"""Documents kept in the repository, of kinds that not every machine can make: every cell as its truth has it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.reading import read_file
from tests.documents.made import MadeReport, Truth
from tests.documents.scoring import score_reading

FOLDER = Path(__file__).parents[2] / "fixtures"
FILES = sorted(file for file in FOLDER.iterdir() if file.with_suffix(".json").exists() and file.suffix != ".json")


def _truth(file: Path) -> MadeReport:
    kept = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    truth = {
        tuple(key.split("/")): Truth(None if value is None else Decimal(value), status)
        for key, (value, status) in kept["cells"].items()
    }
    return MadeReport(kept["issuer"], kept["year"], "", {}, {}, truth, (), {})  # type: ignore[arg-type]


def test_one_of_each_kind_is_kept() -> None:
    assert {file.suffix for file in FILES} == {".doc", ".xls", ".pdf"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_cell_is_right(file: Path) -> None:
    score = score_reading(_truth(file), read_file(file.read_bytes(), file.name, load_catalogue()), file.name)
    assert (score.right, score.marked, score.wrong) == (score.cells, 0, [])
    assert score.identity["right"] == 2
