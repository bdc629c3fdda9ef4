"""Rows whose numbers a page break cut: put together, or marked; half a number is never read as one."""

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Block, Cell, Document, Table
from pipeline.recognize.tables import TablesReading, recognize_tables
from pipeline.report import Fact
from tests.documents.grids import Grid
from tests.documents.made import make_report

CATALOGUE = load_catalogue()
REPORT = make_report(random.Random(3), CATALOGUE, "2021", "plain")
WIDE = 40.0
Halves = tuple[str, str]
BROKEN = "row may be broken over the page"


def _cell(cell: Cell, page: int) -> Cell:
    left = cell.col * WIDE
    box = (left, cell.row * 20.0, left + cell.col_span * WIDE, (cell.row + cell.row_span) * 20.0)
    return cell._replace(page=page, bbox=box)


def _placed(grid: Grid) -> list[Cell]:
    return [
        _cell(Cell(c.row, c.col, c.text, c.row_span, c.col_span), 1)
        for c in sorted(grid.cells, key=lambda c: (c.row, c.col))
    ]


def _cut(grid: Grid, row: int, halve: Callable[[Cell], Halves], head: int = 0) -> list[Block]:
    """Return a grid as a break within a row leaves it: that row on both pages, under ``head`` rows printed again."""
    upper: list[Cell] = []
    lower: list[Cell] = []
    for cell in _placed(grid):
        last = cell.row + cell.row_span - 1
        here = cell.row <= row <= last
        first, second = halve(cell) if here and cell.row == row else (cell.text, "")
        if cell.row <= row:
            upper.append(cell._replace(text=first, row_span=min(last, row) - cell.row + 1))
        if cell.row <= head:
            lower.append(_cell(cell, 2))
        if here:
            lower.append(_cell(cell._replace(row=head + 1, text=second, row_span=last - row + 1), 2))
        elif cell.row > row:
            lower.append(_cell(cell._replace(row=cell.row - row + 1 + head), 2))
    lower.sort(key=lambda c: (c.row, c.col))
    return [Table(tuple(upper), page=1), Table(tuple(lower), page=2)]


def _read(blocks: list[Block]) -> TablesReading:
    return recognize_tables(Document("application/pdf", tuple(blocks)), CATALOGUE)


def _facts(reading: TablesReading, table: str) -> dict[str, Fact]:
    return {f"{f.row_code}/{f.column_code}": f for f in reading.facts if f.fact_table == table}


def _wrong(reading: TablesReading, table: str, cut: str = "") -> list[str]:
    facts = _facts(reading, table)
    wrong = []
    for (name, row, column), truth in REPORT.truth.items():
        fact = facts.get(f"{row}/{column}")
        if name == table and f"{row}/{column}" != cut and (fact is None or fact.value != truth.value):
            wrong.append(f"{row}/{column}")
    return wrong


def _last(table: str) -> int:
    return max(cell.row for cell in REPORT.grids[table].cells)


def _halved(column: int) -> Callable[[Cell], Halves]:
    return lambda cell: ("12", "87") if cell.col == column else (cell.text, "")


@pytest.mark.parametrize("head", [0, 3])
@pytest.mark.parametrize("table", ["requests", "disputes"])
def test_a_number_cut_by_the_break_is_two_lines_of_one_cell(table: str, head: int) -> None:
    reading = _read(_cut(REPORT.grids[table], _last(table), _halved(8), head))
    cut = [key for key, fact in _facts(reading, table).items() if fact.raw_text == "12\n87"]
    assert len(cut) == 1
    assert _facts(reading, table)[cut[0]].status == "unreadable"
    assert _wrong(reading, table, cut[0]) == []


def test_a_row_cut_inside_its_label_and_a_number() -> None:
    row = next(c.row for c in REPORT.grids["requests"].cells if "保护第三方" in c.text)

    def halve(cell: Cell) -> Halves:
        return (cell.text[:-3], cell.text[-3:]) if "保护第三方" in cell.text else _halved(6)(cell)

    reading = _read(_cut(REPORT.grids["requests"], row, halve))
    fact = _facts(reading, "requests")["denied_third_party_rights/research"]
    assert (fact.raw_text, fact.status) == ("12\n87", "unreadable")
    assert _wrong(reading, "requests", "denied_third_party_rights/research") == []


@pytest.mark.parametrize("label", ["（七）总计", "结转下年度"])
def test_numbers_that_stand_wholly_on_the_next_page_are_the_rows(label: str) -> None:
    row = next(c.row for c in REPORT.grids["requests"].cells if label in c.text)
    reading = _read(_cut(REPORT.grids["requests"], row, lambda c: ("", c.text) if c.col > 3 else (c.text, "")))
    assert _wrong(reading, "requests") == []
    assert all(f.status == "reported" for f in _facts(reading, "requests").values())


def test_a_rest_in_other_columns_marks_the_row() -> None:
    upper, lower = _cut(REPORT.grids["disputes"], _last("disputes"), _halved(8))
    assert isinstance(lower, Table)
    moved = tuple(
        c._replace(bbox=(c.bbox[0] + 15, c.bbox[1], c.bbox[2] + 15, c.bbox[3])) for c in lower.cells if c.bbox
    )
    facts = _facts(_read([upper, Table(moved, page=2)]), "disputes")
    assert {(fact.status, fact.reason) for fact in facts.values()} == {("unreadable", BROKEN)}


def test_an_unknown_row_overleaf_is_no_rest() -> None:
    grid = REPORT.grids["requests"]
    upper, lower = _cut(grid, _last("requests"), lambda c: (c.text, "5" if c.col > 3 else ""))
    assert isinstance(lower, Table)
    named = tuple(c._replace(text="五、另外办理") if c.col == 1 else c for c in lower.cells)
    reading = _read([upper, Table(named, page=2)])
    assert _wrong(reading, "requests") == []


def test_rows_of_documents_without_pages_are_left_apart() -> None:
    blocks = _cut(REPORT.grids["disputes"], _last("disputes"), _halved(8))
    bare = [Table(tuple(c._replace(page=None, bbox=None) for c in b.cells)) for b in blocks if isinstance(b, Table)]
    assert not any("\n" in (f.raw_text or "") for f in _read(list(bare)).facts)
    assert Decimal(12) in {f.value for f in _read(list(bare)).facts}


def test_a_header_printed_again_without_some_names_is_the_same_header() -> None:
    upper, lower = _cut(REPORT.grids["requests"], 8, lambda c: (c.text, ""), 3)
    assert isinstance(lower, Table)
    kept = tuple(c for c in lower.cells if c.row != 4)
    for name in ("自然人", "总计"):
        unnamed = tuple(c._replace(text="") if c.row <= 3 and c.text == name else c for c in kept)
        assert _wrong(_read([upper, Table(unnamed, page=2)]), "requests") == []
        elsewhere = tuple(c._replace(text="其它") if c.row <= 3 and c.text == name else c for c in kept)
        statuses = {f.status for f in _facts(_read([upper, Table(elsewhere, page=2)]), "requests").values()}
        assert statuses & {"unreadable", "missing"}


def test_the_first_sign_of_a_cut_group_name_is_no_number_of_the_row() -> None:
    row = next(c.row for c in REPORT.grids["requests"].cells if "予以公开" in c.text and "不予" not in c.text)
    upper, _ = _cut(REPORT.grids["requests"], row, lambda c: ("三" if c.row_span > 8 else c.text, ""))
    assert "granted/total" not in _wrong(_read([upper]), "requests")


def test_a_label_under_words_from_elsewhere_is_told_by_its_line() -> None:
    grid = REPORT.grids["requests"]
    cells = tuple(c._replace(text=c.text + "\n不予处") if "（七）总计" in c.text else c for c in _placed(grid))
    reading = _read([Table(cells, page=1)])
    assert _wrong(reading, "requests") == []
    assert [p.kind for p in reading.problems] == ["damaged_label"]
    unnumbered = tuple(c._replace(text="总计\n不予处理的") if "（七）总计" in c.text else c for c in _placed(grid))
    assert "processed_total/total" in _wrong(_read([Table(unnumbered, page=1)]), "requests")
