"""Sound tables with a row or column lost, doubled, shifted or swapped: right or marked, never silently wrong.

What nothing in a document can tell is not tried here. Two whole columns or rows changed over together with their labels are another
print of the same table, and are read right. Under labels that stay, the numbers of two outcomes, of two applicants, of 新收 and 上年结转, or
of two rows or columns of section 二 may be changed over without any equation noticing: their sums are the same, or no equation binds them.
A row of zeros that is shifted reads as it is printed: one cell blank, the others 0.
"""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell, Document, Paragraph, Table
from pipeline.edits.one_report import by_key, holds, linear_instances
from pipeline.recognize.tables import recognize_tables
from pipeline.report import Fact
from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks, make_report

CATALOGUE = load_catalogue()
Mutate = Callable[[list[list[GridCell]], random.Random], list[list[GridCell]] | None]


def _first_value(row: list[GridCell]) -> int:
    return next((at for at, cell in enumerate(row) if not cell.is_label), len(row))


def _value_rows(rows: list[list[GridCell]]) -> list[int]:
    return [at for at, row in enumerate(rows) if len(row) - _first_value(row) > 1 and all(c.row_span == 1 for c in row)]


def _shift(rows: list[list[GridCell]], rng: random.Random, by: int) -> list[list[GridCell]] | None:
    """Move the numbers of a row by one column: the last one falls off, or the first."""
    busy = [at for at in _value_rows(rows) if any(cell.text not in ("", "0") for cell in rows[at] if not cell.is_label)]
    if not busy:
        return None
    at = rng.choice(busy)
    first = _first_value(rows[at])
    texts = [cell.text for cell in rows[at][first:]]
    texts = ["", *texts[:-1]] if by > 0 else [*texts[1:], ""]
    rows[at][first:] = [replace(cell, text=text) for cell, text in zip(rows[at][first:], texts, strict=True)]
    return rows


def _cell_lost(rows: list[list[GridCell]], rng: random.Random) -> list[list[GridCell]]:
    """Lose one cell of a row: those behind it stand one column further left."""
    at = rng.choice(_value_rows(rows))
    lost = rng.randrange(_first_value(rows[at]), len(rows[at]))
    rows[at] = rows[at][:lost] + [replace(cell, col=cell.col - 1) for cell in rows[at][lost + 1 :]]
    return rows


def _cell_doubled(rows: list[list[GridCell]], rng: random.Random) -> list[list[GridCell]]:
    at = rng.choice(_value_rows(rows))
    twice = rng.randrange(_first_value(rows[at]), len(rows[at]))
    rows[at] = rows[at][: twice + 1] + [replace(cell, col=cell.col + 1) for cell in rows[at][twice:]]
    return rows


def _numbers_swapped(rows: list[list[GridCell]], rng: random.Random) -> list[list[GridCell]] | None:
    """Change over the numbers of the row （七）总计 and of an outcome."""
    total = next((at for at, row in enumerate(rows) if any(cell.text == "（七）总计" for cell in row)), None)
    if total is None:
        return None
    other = rng.choice(_value_rows(rows)[2:-2])
    upper, lower = rows[other][_first_value(rows[other]) :], rows[total][_first_value(rows[total]) :]
    if [cell.text for cell in upper] == [cell.text for cell in lower]:
        return None
    for row, numbers in ((rows[other], lower), (rows[total], upper)):
        first = _first_value(row)
        row[first:] = [replace(cell, text=number.text) for cell, number in zip(row[first:], numbers, strict=True)]
    return rows


def _row_lost(rows: list[list[GridCell]], rng: random.Random) -> list[list[GridCell]]:
    at = rng.choice(_value_rows(rows))
    rows[at] = []
    return rows


def _row_doubled(rows: list[list[GridCell]], rng: random.Random) -> list[list[GridCell]]:
    at = rng.choice(_value_rows(rows))
    below = [[replace(cell, row=cell.row + 1) for cell in row] for row in rows[at:]]
    return rows[: at + 1] + below


def _columns_swapped(rows: list[list[GridCell]], rng: random.Random) -> list[list[GridCell]] | None:
    """Change over the numbers of 总计 and of another column in every row, the headers staying."""
    changed = False
    back = rng.randrange(2, 6)
    for at in _value_rows(rows):
        if len(rows[at]) - _first_value(rows[at]) > back:
            left, right = rows[at][-back], rows[at][-1]
            changed |= left.text != right.text
            rows[at][-back], rows[at][-1] = replace(left, text=right.text), replace(right, text=left.text)
    return rows if changed else None


MUTATIONS: dict[str, Mutate] = {
    "shifted right": lambda rows, rng: _shift(rows, rng, 1),
    "shifted left": lambda rows, rng: _shift(rows, rng, -1),
    "cell lost": _cell_lost,
    "cell doubled": _cell_doubled,
    "numbers of two rows swapped": _numbers_swapped,
    "row lost": _row_lost,
    "row doubled": _row_doubled,
    "numbers of two columns swapped": _columns_swapped,
}


def _document(report: MadeReport, fact_table: str, rows: list[list[GridCell]]) -> Document:
    made = []
    for block in blocks(report):
        if not isinstance(block, Grid):
            made.append(Paragraph(block))
        else:
            cells = [cell for row in rows for cell in row] if block is report.grids[fact_table] else block.cells
            placed = (Cell(c.row, c.col, c.text, c.row_span, c.col_span) for c in cells)
            made.append(Table(tuple(sorted(placed, key=lambda c: (c.row, c.col)))))
    return Document("text/html", tuple(made))


def _is_noticed(facts: tuple[Fact, ...], problems: object) -> bool:
    """Tell whether something says that the table is not sound: a problem, or an equation that fails or cannot be judged."""
    known = by_key(facts)
    return bool(problems) or any(holds(i, known) is not True for i in linear_instances(facts, CATALOGUE))


UNPROVED = ("cell lost", "cell doubled", "row lost", "row doubled")
"""What section 二 shows by the count of its cells alone; it has no sums."""


@pytest.mark.parametrize(
    ("fact_table", "name"),
    [
        *((table, name) for table in ("requests", "disputes") for name in MUTATIONS),
        *(("proactive", n) for n in UNPROVED),
    ],
)
def test_a_mutated_table_is_read_right_or_noticed(fact_table: str, name: str) -> None:
    rng = random.Random(f"{fact_table}/{name}")
    for number in range(40):
        report = make_report(rng, CATALOGUE, rng.choice(("2019", "2021", "hybrid")), style="plain")
        rows = MUTATIONS[name]([list(row) for row in report.grids[fact_table].rows], rng)
        if rows is None:
            continue
        reading = recognize_tables(_document(report, fact_table, rows), CATALOGUE)
        wrong = [
            fact
            for fact in reading.facts
            if fact.fact_table == fact_table
            and fact.status not in ("missing", "unreadable")
            and fact.value != report.truth[fact_table, fact.row_code, fact.column_code].value
        ]
        marked = [fact for fact in reading.facts if fact.status in ("missing", "unreadable")]
        found = fact_table in reading.tables_found
        assert not wrong or marked or not found or _is_noticed(reading.facts, reading.problems), (number, wrong[:3])
