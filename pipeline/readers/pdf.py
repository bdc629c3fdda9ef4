"""Born-digital PDF to ``Document``: tables by their ruling lines, everything else as paragraphs in reading order.

Belongs here: limits, pages in order, characters into cells, paragraphs over page breaks. The first, fast reading;
``second_opinion`` asks pdfplumber where it is doubted. Pages without text are for the ``ocr`` extra.
"""

from typing import Any

import pypdfium2 as pdfium

from pipeline.document import Block, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.pdf_joins import join_cut_header
from pipeline.readers.pdf_page import SCAN_COVER, Char, PageContent, open_page, open_pdf
from pipeline.readers.pdf_tables import read_tables
from pipeline.readers.pdf_text import (
    SENTENCE_END,
    ends_paragraph,
    line_text,
    lines_of,
    starts_paragraph,
    without_furniture,
)

MEDIA_TYPE = "application/pdf"
MAX_PAGES = 400
"""The longest real reports run to some 60 pages; yearbooks that hold one run to a few hundred."""
PageTables = tuple[list[tuple[float, Table]], list[Char]]


class ScannedFile(UnreadableFile):
    """A PDF whose pages are pictures: the ``ocr`` extra reads it."""


def read_pdf(content: bytes, _name: str) -> Document:
    """Return the paragraphs and ruled tables of a PDF in reading order, cells with page and box.

    Raises UnreadableFile: password-protected, damaged, too many pages; ScannedFile: pages without text.
    """
    document = _open(content)
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise UnreadableFile(f"PDF of {count} pages: more than {MAX_PAGES}, not one report")
        read = [_page(document, index) for index in range(count)]
        meta = {key.lower(): value.strip() for key, value in document.get_metadata_dict().items() if value.strip()}
    finally:
        document.close()
    pages = [page for page, _ in read]
    scanned = [page.number for page in pages if not any(char.seen for char in page.chars) or page.covered > SCAN_COVER]
    if len(scanned) == len(pages):
        raise ScannedFile("scanned PDF: install gongkai[ocr] to read it")
    if not _names_its_characters(pages):
        raise ScannedFile("PDF whose fonts do not say which characters they print: install gongkai[ocr] to read it")
    notes = [f"page {number} is a picture" for number in scanned]
    notes += [f"page {page.number}: watermark left out: {page.slanted[:40]}" for page in pages if page.slanted.strip()]
    blocks: list[Block] = []
    lines = without_furniture(
        [
            ([line for line in lines_of(outside) if line_text(line)], page.width, page.height)
            for page, (_, outside) in read
        ]
    )
    for (page, (tables, _)), page_lines in zip(read, lines, strict=True):
        _join_page(blocks, _in_order(tables, page_lines, page))
    kept = {"title": meta["title"]} if meta.get("title") else {}
    return Document(MEDIA_TYPE, tuple(blocks), kept, tuple(notes))


def _names_its_characters(pages: list[PageContent]) -> bool:
    """Tell whether most characters are known; of the others only the look is told."""
    known = [char.known for page in pages for char in page.chars if char.text.strip()]
    return 2 * sum(known) >= len(known)


def _open(content: bytes) -> Any:
    try:
        return open_pdf(content)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("password-protected PDF") from error
        raise UnreadableFile("damaged PDF: it cannot be opened") from error


def _page(document: Any, index: int) -> tuple[PageContent, PageTables]:
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise UnreadableFile(f"damaged PDF: page {index + 1} cannot be opened") from error
    try:
        with open_page(page, index + 1) as (content, text_within):
            return content, read_tables(content, text_within)
    finally:
        page.close()


def _in_order(
    tables: list[tuple[float, Table]], lines: list[list[Char]], page: PageContent
) -> list[tuple[Block, bool, bool]]:
    if not lines:
        return [(table, False, False) for _, table in tables]
    left = min(line[0].x0 for line in lines)
    right = max(line[-1].x1 for line in lines)
    blocks: list[tuple[Block, bool, bool]] = []
    waiting = list(tables)
    text: list[str] = []
    goes_on = from_before = False

    def close() -> None:
        nonlocal text
        if text:
            blocks.append((Paragraph("".join(text), page.number), from_before, goes_on))
            text = []

    for line in lines:
        while waiting and waiting[0][0] < line[0].top:
            goes_on = False
            close()
            blocks.append((waiting.pop(0)[1], False, False))
        indented = starts_paragraph(line, left)
        if text and (indented or not goes_on):
            close()
        if not text:
            from_before = not indented
        text.append(line_text(line))
        goes_on = not ends_paragraph(line, right)
    close()
    blocks += [(table, False, False) for _, table in waiting]
    return blocks


def _join_page(blocks: list[Block], page: list[tuple[Block, bool, bool]]) -> None:
    """Append a page's blocks; a sentence and a table header that run over the page break stay one."""
    for index, (block, from_before, _) in enumerate(page):
        last = blocks[-1] if blocks and index == 0 else None
        joined: Block | None = None
        if isinstance(block, Table) and isinstance(last, Table):
            joined = join_cut_header(last, block)
        elif isinstance(block, Paragraph) and isinstance(last, Paragraph) and from_before:
            joined = Paragraph(last.text + block.text, last.page) if last.text[-1] not in SENTENCE_END else None
        if joined is None:
            blocks.append(block)
        else:
            blocks[-1] = joined
