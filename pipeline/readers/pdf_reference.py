"""The reference reading of a PDF, by pdfplumber: slower, and independent of ``pdf`` in how it finds lines, cells and text.

Belongs here: pages that the first reading put in doubt, read again into the same ``Document``. What to do where the two
differ is decided in ``pipeline.second_opinion``.
"""

import io
import logging
from typing import Any

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdftypes import resolve1
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from pipeline.document import Block, Cell, Document, Table, UnreadableFile

MEDIA_TYPE = "application/pdf"
FAILURES = (
    PDFException,
    PdfminerException,
    MalformedPDFException,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What both libraries raise over a damaged file: their own errors, and whatever the wrong kind of object leads them to."""
LARGEST_CONTENT = 4_000_000
"""Bytes of drawing, over all pages asked for, that are read in some ten seconds; more would cost the file its first reading."""


def read_pdf_reference(content: bytes, pages: frozenset[int] | None = None) -> Document:
    """Return the tables of the named pages (from 1; all where None).

    Raises UnreadableFile where pdfplumber cannot open or read the file, or would take too long over it.
    """
    # It remarks on every operator of a damaged page; what it could not read shows in the cells.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    blocks: list[Block] = []
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            left = LARGEST_CONTENT
            for page in document.pages:
                if pages is None or page.page_number in pages:
                    left -= _content_size(page)
                    if left < 0:
                        raise UnreadableFile("pages too crowded for a second reading")
                    blocks += _page_tables(page)
                # Without this pdfplumber keeps every page's objects until the file is closed.
                page.close()
    except FAILURES as error:
        raise UnreadableFile("damaged PDF: the second reading cannot open it") from error
    return Document(MEDIA_TYPE, tuple(blocks))


def _content_size(page: Any) -> int:
    return sum(len(resolve1(stream).get_data()) for stream in page.page_obj.contents)


def _page_tables(page: Any) -> list[Block]:
    tables = sorted((table for table in page.find_tables() if len(table.cells) >= 2), key=lambda table: table.bbox[1])
    return [_table(table, page.page_number) for table in tables]


def _table(table: Any, page: int) -> Table:
    texts = {
        cell: text
        for row, line in zip(table.rows, table.extract(), strict=True)
        for cell, text in zip(row.cells, line, strict=True)
        if cell
    }
    xs = _edges(edge for cell in texts for edge in (cell[0], cell[2]))
    ys = _edges(edge for cell in texts for edge in (cell[1], cell[3]))
    cells = []
    for box, text in texts.items():
        left, right = _place(xs, box[0]), _place(xs, box[2])
        top, bottom = _place(ys, box[1]), _place(ys, box[3])
        place = (round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1))
        cells.append(Cell(top, left, text or "", max(bottom - top, 1), max(right - left, 1), page, place))
    return Table(tuple(sorted(cells, key=lambda cell: (cell.row, cell.col))), "grid", page)


def _edges(values: Any) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 2.0:
            edges.append(value)
    return edges


def _place(edges: list[float], value: float) -> int:
    """Return the number, from 1, of the edge that a value belongs to."""
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value)) + 1
