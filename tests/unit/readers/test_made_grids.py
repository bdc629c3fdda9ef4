"""Every reader gives back the grid that a made document printed: same places, same spans, same text."""

import random

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Paragraph, Table
from pipeline.readers.docx import read_docx
from pipeline.readers.html import read_html
from tests.documents import docx, html
from tests.documents.made import MadeReport, make_report

KINDS = ("2019", "2021", "hybrid", "2014", "fujian")
CATALOGUE = load_catalogue()


def _made(seed: int) -> tuple[MadeReport, random.Random]:
    rng = random.Random(seed)
    return make_report(rng, CATALOGUE, KINDS[seed % len(KINDS)]), rng


def _squeezed(text: str) -> str:
    return "".join(text.replace("\xa0", " ").split())


def _placed(document: Document, wide: int = 3) -> list[list[tuple[int, int, int, int, str]]]:
    """Return (row, col, row_span, col_span, text) of every table of at least so many rows."""
    return [
        [(c.row, c.col, c.row_span, c.col_span, _squeezed(c.text)) for c in block.cells]
        for block in document.blocks
        if isinstance(block, Table) and block.row_count >= wide
    ]


def _printed(report: MadeReport) -> list[list[tuple[int, int, int, int, str]]]:
    return [
        sorted((c.row, c.col, c.row_span, c.col_span, _squeezed(c.text)) for c in grid.cells)
        for grid in report.grids.values()
    ]


@pytest.mark.parametrize("style", html.STYLES)
@pytest.mark.parametrize("seed", range(10))
def test_html_grid_is_the_printed_one(seed: int, style: str) -> None:
    report, rng = _made(seed)
    document = read_html(html.render(report, style, rng), "page.html")
    assert [sorted(table) for table in _placed(document)] == _printed(report)
    assert document.meta["title"] == report.title
    assert document.meta["issuer"] == report.issuer
    assert document.meta["published_on"] == report.published_on
    prose = "".join(block.text for block in document.blocks if isinstance(block, Paragraph))
    assert all(_squeezed(line) in _squeezed(prose) for _, lines in report.sections for line in lines)
    assert "var n" not in prose


@pytest.mark.parametrize("seed", range(10))
def test_docx_grid_is_the_printed_one(seed: int) -> None:
    report, rng = _made(seed)
    document = read_docx(docx.render(report, rng), "report.docx")
    assert [sorted(table) for table in _placed(document)] == _printed(report)
    prose = "".join(block.text for block in document.blocks if isinstance(block, Paragraph))
    assert "999" not in prose, "deleted text is not in the final text"
