"""Headers that a page break cut: what stands on either page is put together, and only where it makes the form's header."""

import random
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Block, Cell, Document, Table
from pipeline.recognize.tables import TablesReading, recognize_tables
from tests.documents.grids import Grid
from tests.documents.made import MadeReport, make_report

CATALOGUE = load_catalogue()
REPORT = make_report(random.Random(3), CATALOGUE, "2021", "plain")


def _cut(grid: Grid, after: int) -> list[Block]:
    """Return a grid as the two tables that a page break after a row makes of it; each counts its own columns."""
    upper, lower = [], []
    for cell in sorted(grid.cells, key=lambda c: (c.row, c.col)):
        last = cell.row + cell.row_span - 1
        if cell.row <= after:
            upper.append(Cell(cell.row, cell.col, cell.text, min(last, after) - cell.row + 1, cell.col_span))
        if last > after:
            text = cell.text if cell.row > after else ""
            first = max(cell.row, after + 1)
            lower.append(Cell(first - after, cell.col, text, last - first + 1, cell.col_span))
    return [Table(_narrowed(upper)), Table(_narrowed(lower))]


def _narrowed(cells: list[Cell]) -> tuple[Cell, ...]:
    """Number columns anew by the edges that these cells have: a page knows no lines of another."""
    edges = sorted({edge for cell in cells for edge in (cell.col, cell.col + cell.col_span)})
    place = {edge: number for number, edge in enumerate(edges, start=1)}
    return tuple(
        Cell(c.row, place[c.col], c.text, c.row_span, place[c.col + c.col_span] - place[c.col])
        for c in sorted(cells, key=lambda c: (c.row, c.col))
    )


def _read(blocks: list[Block]) -> TablesReading:
    return recognize_tables(Document("application/pdf", tuple(blocks)), CATALOGUE)


def _differences(reading: TablesReading, report: MadeReport, table: str) -> list[str]:
    facts = {(f.fact_table, f.row_code, f.column_code): (f.value, f.status) for f in reading.facts}
    return [
        "/".join(key)
        for key, truth in report.truth.items()
        if key[0] == table and facts.get(key) != (truth.value, truth.status)
    ]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_applicants_named_on_two_pages(after: int) -> None:
    reading = _read(_cut(REPORT.grids["requests"], after))
    assert _differences(reading, REPORT, "requests") == []
    assert reading.problems == ()


@pytest.mark.parametrize("after", [1, 2, 3])
def test_outcomes_named_on_two_pages(after: int) -> None:
    assert _differences(_read(_cut(REPORT.grids["disputes"], after)), REPORT, "disputes") == []


def test_a_column_that_neither_page_names_is_not_guessed() -> None:
    upper, lower = _cut(REPORT.grids["requests"], 2)
    assert isinstance(upper, Table)
    unnamed = tuple(Cell(c.row, c.col, "" if c.text == "总计" else c.text, c.row_span, c.col_span) for c in upper.cells)
    reading = _read([Table(unnamed), lower])
    values = {f.column_code: f.value for f in reading.facts if f.row_code == "new_received"}
    assert values["total"] is None and Decimal(0) not in (values["total"], values["natural_person"])


def test_a_row_of_another_length_is_not_bound_by_counting() -> None:
    upper, lower = _cut(REPORT.grids["requests"], 2)
    assert isinstance(lower, Table)
    last = max(cell.col for cell in lower.cells)
    short = tuple(cell for cell in lower.cells if not (cell.row == 2 and cell.col == last))
    facts = [f for f in _read([upper, Table(short)]).facts if f.row_code == "new_received"]
    assert all(f.value is None for f in facts if f.column_code in ("natural_person", "total"))
