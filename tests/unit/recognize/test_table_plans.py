"""Recognition remembered says what recognition says, whatever the numbers: planned and unplanned readings are compared."""

import random

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell, Document, Paragraph, Table
from pipeline.recognize import table_plans, tables
from pipeline.recognize.tables import TablesReading, recognize_tables
from tests.documents.grids import Grid
from tests.documents.made import blocks, make_report

CATALOGUE = load_catalogue()


def _document(rng: random.Random, kind: str) -> Document:
    made = []
    for block in blocks(make_report(rng, CATALOGUE, kind)):
        if isinstance(block, Grid):
            cells = tuple(Cell(c.row, c.col, c.text, c.row_span, c.col_span) for c in block.cells)
            made.append(Table(tuple(sorted(cells, key=lambda c: (c.row, c.col)))))
        else:
            made.append(Paragraph(block))
    return Document("text/html", tuple(made))


def _spoilt(document: Document, rng: random.Random) -> Document:
    """Return the document with some cells of its tables holding something else."""
    made = []
    for block in document.blocks:
        if isinstance(block, Table):
            cells = list(block.cells)
            for _ in range(rng.randint(0, 4)):
                at = rng.randrange(len(cells))
                cells[at] = cells[at]._replace(
                    text=rng.choice(("", "12", "1 2", "/", "件", "万元", "某某", "0", "无", "总计"))
                )
            made.append(Table(tuple(cells)))
        else:
            made.append(block)
    return Document(document.media_type, tuple(made))


def _anew(document: Document, monkeypatch: pytest.MonkeyPatch) -> TablesReading:
    with monkeypatch.context() as patch:
        patch.setattr(tables, "planned_tables", lambda *_: None)
        return recognize_tables(document, CATALOGUE)


@pytest.mark.parametrize("kind", ["2019", "2021", "hybrid", "2014", "fujian"])
def test_a_planned_reading_is_the_reading(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(kind)
    for number in range(24):
        document = _document(rng, kind)
        document = _spoilt(document, rng) if number % 3 == 2 else document
        assert recognize_tables(document, CATALOGUE) == _anew(document, monkeypatch), number


def test_layouts_that_come_again_are_planned() -> None:
    rng = random.Random("again")
    documents = [_document(rng, "2021") for _ in range(4)]
    found = [
        table_plans.planned_tables(document, CATALOGUE, lambda d: tables._find_by_itself(d, CATALOGUE))
        for document in documents
    ]
    assert found[-1] is not None
    assert {plan.fact_table for plan in found[-1].values()} == {"proactive", "requests", "disputes"}
