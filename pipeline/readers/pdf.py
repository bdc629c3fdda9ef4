"""Born-digital PDF to ``Document``: tables by their ruling lines, everything else as paragraphs in reading order.

Belongs here: limits, pages in order, characters into cells, paragraphs over page breaks. The first, fast reading;
``second_opinion`` asks pdfplumber where it is doubted. A page without text, or
under a picture, is read from how it looks (``scan``, the extra ``ocr``): text that lies invisible under a picture is some other
program's reading, and is not believed.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pypdfium2 as pdfium

from pipeline.document import Block, Document, Table, UnreadableFile
from pipeline.readers.page_order import PlacedBlock, join_page, place_in_order, without_running_heads
from pipeline.readers.pdf_bounds import require_bounded_streams
from pipeline.readers.pdf_overleaf import hanging_lines, with_row_overleaf
from pipeline.readers.pdf_page import SCAN_COVER, Char, PageContent, open_page, open_pdf
from pipeline.readers.pdf_tables import read_tables
from pipeline.readers.pdf_text import line_text, lines_of, without_furniture
from pipeline.readers.scan_extra import INSTALL, is_installed

MEDIA_TYPE = "application/pdf"
MAX_PAGES = 400
"""The longest real reports run to some 60 pages; yearbooks that hold one run to a few hundred."""
OVERPRINTED = "text over a picture"
PageTables = tuple[list[tuple[float, Table]], list[Char]]


class ScannedFile(UnreadableFile):
    """A PDF whose pages are pictures: the ``ocr`` extra reads it."""


def read_pdf(content: bytes, _name: str) -> Document:
    """Return the paragraphs and ruled tables of a PDF in reading order, cells with page and box.

    Raises UnreadableFile: password-protected, damaged, too many pages, packed to burst; ScannedFile: pages without text.
    """
    require_bounded_streams(content)
    document = _open(content)
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise UnreadableFile(f"PDF of {count} pages: more than {MAX_PAGES}, not one report")
        read: list[tuple[PageContent, PageTables]] = []
        for index in range(count):
            tables = read[-1][1][0] if read else []
            read.append(_page(document, index, tables[-1][1] if tables else None))
        scanned = [page.number for page, _ in read if is_scan(page)]
        if len(scanned) < count and not _names_its_characters([page for page, _ in read]):
            raise ScannedFile("PDF whose fonts do not say which characters they print: scan a printout of it")
        overprinted = {page.number for page, _ in read if any(char.seen for char in page.chars)}
        pictures = _read_pictures(document, scanned, overprinted, count)
        title = document.get_metadata_value("Title").strip()
    finally:
        document.close()
    pages = [page for page, _ in read]
    notes = [f"page {n} is a picture" + ("" if n in pictures else f": {INSTALL}") for n in scanned]
    notes += [f"page {page.number}: watermark left out: {page.slanted[:40]}" for page in pages if page.slanted.strip()]
    blocks: list[Block] = []
    lines = without_furniture(
        [
            ([line for line in lines_of(outside) if line_text(line)], page.width, page.height)
            for page, (_, outside) in read
        ]
    )
    hanging: list[list[Char]] = []
    for (page, (tables, _)), page_lines in zip(read, lines, strict=True):
        if page.number in pictures:
            join_page(blocks, pictures[page.number])
        elif page.number not in scanned:
            join_page(blocks, place_in_order(tables, page_lines, page), hanging)
        hanging = hanging_lines(tables[-1][1], page_lines) if tables and page.number not in scanned else []
    return Document(MEDIA_TYPE, tuple(blocks), {"title": title} if title else {}, tuple(notes))


def _names_its_characters(pages: list[PageContent]) -> bool:
    """Tell whether most characters are known; of the others only the look is told."""
    if all(page.all_known for page in pages):
        return True
    known = [char.known for page in pages for char in page.chars if char.text.strip()]
    return 2 * sum(known) >= len(known)


def is_scan(page: PageContent) -> bool:
    """Tell whether a page shows no text of its own: it holds drawings only, or a picture covers it."""
    return not any(char.seen for char in page.chars) or page.covered > SCAN_COVER


def _read_pictures(
    document: Any, scanned: list[int], overprinted: set[int], count: int
) -> dict[int, list[PlacedBlock]]:
    """Return the blocks of the pages that are pictures; none where the extra is not installed.

    Where text is printed over a picture the cells are not believed: a font that the file does not hold is drawn with
    stand-in shapes, which read as dashes.
    Raises ScannedFile where all pages are and it is not, or where they are too many.
    """
    if not scanned or not is_installed():
        if len(scanned) == count:
            raise ScannedFile(f"scanned PDF: {INSTALL}")
        return {}
    from pipeline.readers.scan import MOST_PAGES, read_pdf_page

    if len(scanned) > MOST_PAGES:
        raise ScannedFile(f"scanned PDF of {len(scanned)} pages: more than {MOST_PAGES}, not one report")
    pages = without_running_heads([read_pdf_page(document, number) for number in scanned])
    blocks = dict(zip(scanned, pages, strict=True))
    return {n: _doubted(page) if n in overprinted else page for n, page in blocks.items()}


def _doubted(page: list[PlacedBlock]) -> list[PlacedBlock]:
    """Return a page's blocks with no cell to be believed."""
    return [
        (
            Table(tuple(c._replace(route=OVERPRINTED) for c in b.cells), b.geometry, b.page)
            if isinstance(b, Table)
            else b,
            before,
            after,
        )
        for b, before, after in page
    ]


def _open(content: bytes) -> Any:
    try:
        return open_pdf(content)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("password-protected PDF") from error
        raise UnreadableFile("damaged PDF: it cannot be opened") from error


def _page(document: Any, index: int, before: Table | None) -> tuple[PageContent, PageTables]:
    """Return what a page shows and its tables; ``before`` is the last table of the page before."""
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise UnreadableFile(f"damaged PDF: page {index + 1} cannot be opened") from error
    try:
        # Places beyond all measure in a damaged file are in no table; they are nothing to be warned of.
        with np.errstate(all="ignore"), open_page(page, index + 1) as (content, text_within):
            rulings = with_row_overleaf(content.rulings, before)
            return content, read_tables(replace(content, rulings=rulings), text_within)
    finally:
        page.close()
