"""The document model: what every reader returns, whatever the kind of file.

Belongs here: plain values that say what stands where in a document, in reading order.
Does not belong here: anything about forms, codes or numbers (``pipeline.recognize``), or about bytes (``pipeline.readers``).
"""

from dataclasses import field
from typing import Literal, NamedTuple

from pipeline.values import record

Geometry = Literal["grid", "sequence"]
"""How far a cell's ``col`` can be trusted.

``grid``: rows, columns and spans are the document's own (HTML, Word, ruled PDF, spreadsheet).
``sequence``: a text dump; ``row`` and ``col`` only number the cells in reading order, merged and empty cells may be lost
or repeated, so a value's column follows from counting, never from ``col``.
"""


SPLIT_AT_BLANKS = "split at blanks"
"""``route`` of a cell of a text dump that only blanks or line ends part from the next: an empty cell leaves no trace.

It is sound unless rows beside it have run together or lack cells.
"""
ROUTES_DIFFER = "routes differ"
"""``route`` of a cell whose number a second, cheap way to its text does not confirm: a full second reading decides."""
ODD_GRID = "odd grid"
"""``route`` of a cell that the lines round it make no rectangle of."""
BOUNDARIES_LOST = "cell boundaries lost"
"""``route`` of what is left of a row whose cells cannot be told apart any more."""


class Cell(NamedTuple):
    """One cell of a table. ``row`` and ``col`` count from 1 and name the top left corner of a merged cell.

    ``text`` is as printed, inner line breaks as ``\\n``. ``page`` counts from 1 (None where the file has no pages);
    ``bbox`` is (x0, top, x1, bottom) in points; ``confidence`` is the recogniser's, 0 to 1 (OCR only);
    ``route`` is None, or says why this cell's text must not be trusted as read (``no unicode map``, ``routes differ``).
    ``others`` are other texts that the recogniser held possible, likeliest first (OCR only).
    """

    row: int
    col: int
    text: str
    row_span: int = 1
    col_span: int = 1
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    confidence: float | None = None
    route: str | None = None
    others: tuple[str, ...] = ()


@record
class Table:
    """A table as a list of cells, in row-major order; no two cells overlap.

    ``picture`` is the name of the picture inside the file that the table is drawn on, None for a table of text.
    """

    cells: tuple[Cell, ...]
    geometry: Geometry = "grid"
    page: int | None = None
    picture: str | None = None

    @property
    def row_count(self) -> int:
        return max((cell.row + cell.row_span - 1 for cell in self.cells), default=0)

    @property
    def col_count(self) -> int:
        return max((cell.col + cell.col_span - 1 for cell in self.cells), default=0)


@record
class Paragraph:
    """A paragraph of text; ``page`` counts from 1."""

    text: str
    page: int | None = None


@record
class Picture:
    """A picture in the place of text: its URL or its name inside the file, and its bytes if the file holds them."""

    address: str
    page: int | None = None
    content: bytes | None = field(default=None, repr=False)


Block = Paragraph | Table | Picture


@record
class Document:
    """A file read: blocks in reading order, and what the file says of itself apart from its text.

    ``meta`` keys, where known: ``title``, ``issuer``, ``published_on`` (ISO date), ``source`` (URL), all as the file states them
    (meta tags, page furniture, document properties). ``notes`` are one-line remarks of the reader about what it met
    (``declared gb2312, read as gb18030``).
    """

    media_type: str
    blocks: tuple[Block, ...]
    meta: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class UnreadableFile(Exception):
    """A file that cannot be read; the message is one line that a person can act on and becomes ``files.error``."""
