"""A page's tables and lines of text as blocks in reading order, and pages one after the other.

Belongs here: paragraphs out of lines, over page breaks too; for born-digital pages and for scans alike. Does not belong here:
where lines and tables come from (``pdf``, ``scan``).
"""

import re
from collections.abc import Sequence

from pipeline.document import Block, Paragraph, Table
from pipeline.readers.pdf_joins import join_cut_header
from pipeline.readers.pdf_overleaf import with_hanging_words
from pipeline.readers.pdf_page import Char, PageContent
from pipeline.readers.pdf_text import SENTENCE_END, ends_paragraph, line_text, starts_paragraph

LONGEST_HEAD = 30
"""Characters of a running head."""

PlacedBlock = tuple[Block, bool, bool]
"""A block, whether it may go on from the page before, whether it may go on overleaf."""


def place_in_order(tables: list[tuple[float, Table]], lines: list[list[Char]], page: PageContent) -> list[PlacedBlock]:
    """Return the tables (with their tops) and lines of a page as blocks from the top down, lines joined to paragraphs."""
    if not lines:
        return [(table, False, False) for _, table in tables]
    left = min(line[0].x0 for line in lines)
    right = max(line[-1].x1 for line in lines)
    blocks: list[PlacedBlock] = []
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


def without_running_heads(pages: Sequence[list[PlacedBlock]]) -> list[list[PlacedBlock]]:
    """Return the pages without a short line that begins or ends several of them, numbers apart; the first keeps it.

    A table that is cut by a page's end goes on below such a line.
    """
    seen: set[tuple[int, str]] = set()
    result = []
    for page in pages:
        kept = list(page)
        for side in (0, -1):
            block = kept[side][0] if kept else None
            if not isinstance(block, Paragraph) or len(block.text) > LONGEST_HEAD:
                continue
            key = side, re.sub(r"[\d\s]", "", block.text)
            if key in seen and key[1]:
                kept.pop(side)
            seen.add(key)
        result.append(kept)
    return result


def join_page(blocks: list[Block], page: list[PlacedBlock], hanging: Sequence[list[Char]] = ()) -> None:
    """Append a page's blocks; a sentence and a table header that run over the page break stay one.

    ``hanging`` are the last lines before the break if they may be what the last row of a table holds: they are where they make a
    header whole.
    """
    if hanging and page and _join_hanging(blocks, page[0][0], hanging):
        page = page[1:]
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


def _join_hanging(blocks: list[Block], first: Block, hanging: Sequence[list[Char]]) -> bool:
    """Join the header that ends before a break, its hanging words taken in, with the table that begins after it."""
    if len(blocks) < 2 or not isinstance(first, Table):
        return False
    table, text = blocks[-2:]
    if not isinstance(table, Table) or not isinstance(text, Paragraph):
        return False
    if text.text != "".join(map(line_text, hanging)):
        return False
    whole = with_hanging_words(table, hanging)
    joined = join_cut_header(whole, first) if whole else None
    if joined is None:
        return False
    blocks[-2:] = [joined]
    return True
