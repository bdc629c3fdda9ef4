"""Cells of Word tables remembered: most cells of all reports are marked up alike, a blank, a 0 or a label of a form.

Belongs here: the markup by which a cell is known again, when markup tells all of a cell, and what was read of it. Does not
belong here: reading a cell (``docx``); what is not known is read there, and remembered here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from pipeline.readers.docx_package import TRANSITIONAL, W
from pipeline.values import record

LONGEST, MOST = 2048, 8192
"""Bytes of markup in a cell that is remembered, and cells remembered; when there are more, all are forgotten."""
TABLE = f"{W}tbl"
_PREFIX = b'xmlns:w="%s"' % TRANSITIONAL.encode()
_UTF_8 = re.compile(rb"<\?xml [^>]*encoding=[\"']utf-8[\"'][^>]*\?>", re.IGNORECASE)
# What says nothing of a cell's text or place where nothing is hidden and nothing numbered.
_LOOKS = tuple(
    (b"<w:" + name + b">", re.compile(rb"<w:%s>.*?</w:%s>" % (name, name), re.DOTALL))
    for name in (b"rPr", b"pPr", b"tcBorders", b"tcMar")
) + tuple((b"<w:" + name + b" ", re.compile(rb"<w:%s [^>]*/>" % name)) for name in (b"tcW", b"shd", b"vAlign"))
_EDITING_MARKS = re.compile(rb' w\d*:(?:rsid\w*|paraId|textId)="[^"]*"')
_MORE_THAN_MARKUP = (b"txbxContent", b"blip", b"imagedata", b"altChunk", b"vanish")
_NUMBERED = (b"numPr", b"pStyle")
_NOT_PLAIN = (b"<w:tc ", b"<w:tc/", b"<w:tr/")


@record
class KnownCell:
    """What was read of a cell: the columns that it takes, how it is merged down, its text, its route."""

    width: int
    merge: str
    text: str
    route: str | None


_KNOWN: dict[bytes | None, KnownCell] = {}
known_cell = _KNOWN.get
"""Returns what was read of a cell of this markup, None where nothing was."""


def remember(markup: bytes, cell: KnownCell) -> None:
    """Keep what was read of a cell; it must follow from the markup alone."""
    if len(_KNOWN) >= MOST:
        _KNOWN.clear()
    _KNOWN[markup] = cell


@dataclass(slots=True)
class Markup:
    """The markup of the tables of a document as written; none where tags cannot be told from it by their names alone."""

    tables: dict[Any, bytes] = field(default_factory=dict)

    def cells(self, table: Any, counts: Sequence[int], has_lists: bool) -> Iterator[bytes | None]:
        """Return the markup of each cell of a table, row by row; None for a cell of which it does not tell all.

        ``counts`` has the number of cells of each row. ``has_lists`` is whether the document numbers paragraphs: their
        numbers depend on those before. Text boxes, pictures and hidden text are looked at in the tree.
        """
        source = self.tables.get(table)
        is_numbered = has_lists and source is not None and any(mark in source for mark in _NUMBERED)
        if source is None or is_numbered:
            return repeat(None)
        for tag, looks in _LOOKS:
            if tag in source:
                source = looks.sub(b"", source)
        if b":rsid" in source or b":paraId" in source:
            source = _EDITING_MARKS.sub(b"", source)
        rows = [row.split(b"<w:tc>")[1:] for row in source.split(b"</w:tr>")[:-1]]
        if [len(row) for row in rows] != counts or any(tag in source for tag in _NOT_PLAIN):
            return repeat(None)
        cells = [cell[: cell.find(b"</w:tc>")] for row in rows for cell in row]
        return iter([cell if len(cell) <= LONGEST else None for cell in cells])


def table_markup(data: bytes, root: Any) -> Markup:
    """Return the markup of every table of a document part that holds no other table and nothing that other parts decide."""
    is_plain = (
        _UTF_8.match(data) is not None
        and data.count(b"<?") == 1
        and b"<!" not in data
        and data.count(_PREFIX) == data.count(TRANSITIONAL.encode()) == data.count(b"xmlns:w=") == 1
    )
    tables = list(root.iter(TABLE))
    pieces = data.split(b"<w:tbl>")[1:]
    if not is_plain or len(pieces) != len(tables):
        return Markup()
    found: dict[Any, bytes] = {}
    for table, piece in zip(tables, pieces, strict=True):
        end = piece.find(b"</w:tbl>")
        source = piece[:end]
        if end >= 0 and not any(mark in source for mark in _MORE_THAN_MARKUP):
            found[table] = source
    return Markup(found)
