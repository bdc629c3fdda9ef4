"""Several reports in one file: where each of them begins.

Belongs here: cutting a document at the titles that begin a report of their own. Does not belong here: what a title is
(``titles``), a heading (``headings``), reading a report.

A title begins a report where the chapters begin anew behind it, and only where it is another title than the last: page headers,
lists of related reports and pages that print themselves twice are none. Where chapters and tables begin anew without a title
the reports cannot be told apart, and that is reported (``undivided``).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from pipeline.document import Block, Document, Paragraph, Table
from pipeline.plain_text import to_plain
from pipeline.recognize.headings import Heading, find_headings
from pipeline.recognize.titles import LONGEST_LINE, is_body_name, read_title
from pipeline.values import record

SEVERAL_REPORTS = "several_reports"
"""Kind of problem: more than one report in a file, not all of which could be told apart or read."""
FEW_BLOCKS = 3
ROWS_OF_A_TABLE = 3
HEADING_WEIGHT = 2.5
TOPIC, TRADITIONAL_TOPIC = "公开", "公開"
FIRST = re.compile(r"[\s\u3000*#|第(（]*[一1]")
FIRST_WORDS = ("总体情况", "總體情況")
"""Seen before anything dear is tried: no other line is the heading of a first chapter."""


@record
class _Part:
    """What stands between two titles: ``title`` is None before the first; ``start`` counts blocks from 0."""

    start: int
    title: str | None
    blocks: tuple[Block, ...]


def split_reports(document: Document) -> tuple[Document, ...]:
    """Return the document cut where a further report begins, in order; the document itself where it holds one."""
    parts = _parts(document.blocks)
    if sum(part.title is not None for part in parts) <= 1:
        return (document,)
    starts: list[int] = []
    last: str | None = None
    pending: int | None = None
    for part in parts:
        begins = pending if pending is not None else part.start
        pending = None
        if not _is_whole(part.blocks):
            pending = begins if part.title is not None and len(part.blocks) <= FEW_BLOCKS else None
        elif last is None or part.title != last:
            starts.append(begins if starts else 0)
            last = part.title
    if len(starts) <= 1:
        return (document,)
    meta = {key: value for key, value in document.meta.items() if key not in ("title", "issuer")}
    ends = [*starts[1:], len(document.blocks)]
    return tuple(
        replace(document, blocks=document.blocks[start:end], meta=meta) for start, end in zip(starts, ends, strict=True)
    )


def undivided(document: Document) -> int:
    """Return how many reports seem to stand in a document that no title divides: as often as its chapters begin, with tables."""
    begun, tables = 0, 0
    for block in document.blocks:
        if isinstance(block, Table):
            tables += _is_large(block)
        elif isinstance(block, Paragraph) and (tables or not begun) and _begins(block.text):
            begun, tables = begun + 1, 0
    return begun if begun > 1 and tables else max(begun - 1, 1)


def _parts(blocks: tuple[Block, ...]) -> list[_Part]:
    """Return the blocks cut before every title; the name of a body on the line above belongs to it."""
    marks: list[tuple[int, str | None]] = [(0, None)]
    for at, block in enumerate(blocks):
        title = _title(block)
        if title is not None:
            above = blocks[at - 1] if at else None
            named = isinstance(above, Paragraph) and is_body_name(above.text)
            start = at - 1 if named and at - 1 > marks[-1][0] else at
            name = "".join(above.text.split()) if named and isinstance(above, Paragraph) else ""
            marks.append((start, name + title))
    if len(marks) > 1 and marks[1][0] == 0:
        marks = marks[1:]
    ends = [*(start for start, _ in marks[1:]), len(blocks)]
    return [_Part(start, title, blocks[start:end]) for (start, title), end in zip(marks, ends, strict=True)]


def _title(block: Block) -> str | None:
    if not isinstance(block, Paragraph) or len(block.text) > LONGEST_LINE:
        return None
    if TOPIC not in block.text and TRADITIONAL_TOPIC not in block.text:
        return None
    title = read_title(block.text)
    return to_plain(title.text) if title is not None and (title.years or title.issuer) else None


def _is_whole(blocks: tuple[Block, ...]) -> bool:
    """Tell whether blocks hold a report of their own: its first chapter, and another one or a table behind it."""
    paragraphs = ((at, block) for at, block in enumerate(blocks) if isinstance(block, Paragraph))
    first = next((at for at, block in paragraphs if _begins(block.text)), None)
    if first is None:
        return False
    if any(isinstance(block, Table) and _is_large(block) for block in blocks[first:]):
        return True
    return any(heading.number > 1 for heading in _headings(_text(blocks[first:])))


def _begins(text: str) -> bool:
    """Tell whether a first chapter begins in a paragraph."""
    if (
        FIRST.match(text)
        or any(map(text.__contains__, FIRST_WORDS))
        or ("\n" in text and any(map(FIRST.match, text.split("\n"))))
    ):
        return _known_heading(text) if len(text) <= LONGEST_LINE else _holds_first(text)
    return False


def _holds_first(text: str) -> bool:
    return any(heading.number == 1 for heading in _headings(text))


@lru_cache(maxsize=1024)
def _known_heading(text: str) -> bool:
    """Remembered: first chapters are called the same in most reports. A whole report in one paragraph is not kept."""
    return _holds_first(text)


def _headings(text: str) -> list[Heading]:
    found = find_headings(to_plain(text), (), ())
    return [heading for heading in found if heading.is_known and heading.weight >= HEADING_WEIGHT]


def _text(blocks: list[Block] | tuple[Block, ...]) -> str:
    return "\n".join(_lines(blocks))


def _lines(blocks: list[Block] | tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text


def _is_large(table: Table) -> bool:
    return table.row_count >= ROWS_OF_A_TABLE
