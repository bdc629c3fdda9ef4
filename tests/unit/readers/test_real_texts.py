"""The real texts, where they are given: every cell of their tables, and nothing that they do not print."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.readers.text import read_text
from pipeline.recognize.tables import TablesReading, recognize_tables

pytestmark = pytest.mark.real_reports
CATALOGUE = load_catalogue()
FACT_TABLES = ("proactive", "requests", "disputes", "statistics")


def _read(file: Path) -> TablesReading:
    return recognize_tables(read_text(file.read_bytes(), file.name, CATALOGUE), CATALOGUE)


def test_every_cell_that_is_known_by_hand_is_read(real_reports: Path) -> None:
    truth = json.loads((real_reports / "truth.json").read_text(encoding="utf-8"))
    for name, report in truth.items():
        if not name.endswith(".txt"):
            continue
        facts = {(f.fact_table, f.row_code, f.column_code): f.value for f in _read(real_reports / name).facts}
        for table in FACT_TABLES:
            for row, columns in report.get(table, {}).items():
                cells = columns if isinstance(columns, dict) else {"year": columns}
                for column, value in cells.items():
                    expected = None if value is None else Decimal(str(value))
                    assert facts[table, row, column] == expected, (name, table, row, column)


def test_no_value_is_read_that_the_file_does_not_print(real_reports: Path) -> None:
    files = [*real_reports.glob("*.txt"), *real_reports.glob("text/*.txt"), *real_reports.glob("fragments/*.txt")]
    assert files
    for file in files:
        squeezed = "".join(file.read_text(encoding="utf-8").split())
        for fact in _read(file).facts:
            if fact.value is not None and fact.raw_text is not None:
                assert "".join(fact.raw_text.split()) in squeezed, (file.name, fact)


@pytest.mark.parametrize(
    ("name", "found", "unread"),
    [
        ("003_*.txt", (), 0),
        ("text/pingtan_2012.txt", ("statistics",), 0),
        ("text/pingtan_2013.txt", ("statistics",), 2),
        ("fragments/p04_*.txt", ("disputes",), 0),
        ("fragments/p09_*.txt", ("proactive",), 0),
        ("fragments/p13_*.txt", ("proactive", "requests"), 0),
        ("fragments/p21_*.txt", ("proactive",), 0),
        ("fragments/p26_*.txt", ("proactive",), 0),
        ("fragments/p28_*.txt", (), 0),
    ],
)
def test_what_is_found_and_how_much_of_it_is_unread(
    real_reports: Path, name: str, found: tuple[str, ...], unread: int
) -> None:
    reading = _read(next(real_reports.glob(name)))
    assert reading.tables_found == found
    assert sum(fact.status == "unreadable" for fact in reading.facts) == unread
