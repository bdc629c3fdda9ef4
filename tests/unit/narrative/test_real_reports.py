"""The prose of real reports: every contradiction that careful reading found is found, and nothing else.

The reports are not part of the project; ``GONGKAI_REAL_REPORTS`` names their folder.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.narrative.judge import Cell, FactValue, judge_prose
from pipeline.narrative.prose import read_prose
from pipeline.reading import read_file
from pipeline.report import Section

pytestmark = pytest.mark.real_reports

CONTRADICTIONS = {
    "000_13bef6623b3fdcd8.txt": ["parts 9550 against 9517"],
    "001_94af791356542937.txt": [],
    "002_ff554e661f6eb7ef.txt": [],
    "003_01ab33d891669608.txt": [],
    "004_76fa68a0bf83e9c6.txt": ["disputes 1 against 0"],
    "html/shanghai_office_2019.html": [
        "outcomes 258 against 275",
        "outcomes 265 against 337",
        "percent 33.9 against 32.050",
    ],
    "pdf/hongze_2023.pdf": [],
    "text/pingtan_2012.txt": ["parts 1913 against 1931", "scope 1913 against 1931"],
    "text/pingtan_2013.txt": ["disputes 1 against 0"],
    "text/pingtan_2016.txt": [],
    "text/pingtan_2018.txt": [],
    "text/pingtan_2019.txt": ["parts 2599 against 2533"],
    "text/pingtan_2020.txt": [],
    "text/pingtan_2021.txt": [],
    "text/pingtan_xian_2013.txt": ["requests 3 against 4", "requests 4 against 0"],
}
# What holds there, and has to be recognised as holding.
HOLDING = {
    "001_94af791356542937.txt": {"parts 2502", "parts 25", "parts 45"},
    "002_ff554e661f6eb7ef.txt": {"parts 43", "percent 53.4", "percent 4.7", "requests 0"},
    "003_01ab33d891669608.txt": {"scope 428", "parts 113", "parts 19256"},
    "004_76fa68a0bf83e9c6.txt": {"requests 25"},
    "html/shanghai_office_2019.html": {"requests 859", "requests 805", "requests 18", "requests 72", "percent 4.34"},
    "text/pingtan_2013.txt": {"parts 4970", "requests 0", "percent 79"},
}


def judged(file: Path, failed: frozenset[Cell] = frozenset()) -> tuple[list[str], set[str]]:
    """Return the contradictions and what holds, of the first report in a file."""
    catalogue = load_catalogue()
    reading = read_file(file.read_bytes(), file.name, catalogue)
    facts = {(f.fact_table, f.row_code, f.column_code): FactValue(f.value, f.status) for f in reading.reports[0].facts}
    prose = reading.prose[0]
    results = judge_prose(prose.assertions, facts, failed, catalogue)
    said = {r: f"{r.check_id.removeprefix('narrative.')} {r.left_value}" for r in results}
    wrong = sorted(f"{name} against {r.right_value}" for r, name in said.items() if r.outcome == "failed")
    return wrong, {name for r, name in said.items() if r.outcome == "passed"}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_every_contradiction_is_found_and_nothing_else(real_reports: Path, name: str) -> None:
    failed: set[Cell] = set()
    if name.startswith(
        "001"
    ):  # Two printed totals that the equations refute: no prose is judged against what they bind.
        codes = [row.code for row in load_catalogue().forms["2019"].tables["requests"].rows]
        failed = {("requests", code, column) for code in codes for column in ("natural_person", "total")}
    wrong, holding = judged(real_reports / name, frozenset(failed))
    assert wrong == CONTRADICTIONS[name]
    assert holding >= HOLDING.get(name, set())


def test_fragments_and_beginnings_of_pages_contradict_themselves_once(real_reports: Path) -> None:
    wrong = {}
    for file in sorted((real_reports / "fragments").glob("*.txt")):
        text = file.read_text(encoding="utf-8").partition("第二十条")[0]
        facts: dict[Cell, FactValue] = {}
        if file.name.startswith("p11"):
            facts = {
                ("requests", row, "total"): FactValue(Decimal(v), "reported")
                for row, v in (("new_received", 3), ("carried_over_in", 0))
            }
        catalogue = load_catalogue()
        prose = read_prose((Section(0, "", text),), scope="own", form=None, catalogue=catalogue)
        results = judge_prose(prose.assertions, facts, frozenset(), catalogue)
        wrong |= {file.name[:3]: (r.check_id, r.left_value, r.right_value) for r in results if r.outcome == "failed"}
    assert wrong == {"p11": ("narrative.requests", 2, 3)}
