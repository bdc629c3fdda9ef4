"""Legacy Word files (.doc, and the .wps of WPS Office, the same format) to ``Document``, without an office suite.

Belongs here: paragraphs and tables of the main text. The bytes (piece table, properties) are in ``doc_file``.
Source: [MS-DOC] Word (.doc) Binary File Format.
"""

from dataclasses import dataclass, field

from pipeline.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.doc_file import DocParagraph, read_paragraphs
from pipeline.readers.doc_properties import CellBox

MEDIA_TYPE = "application/msword"
MAX_DEPTH = 30
PROSE_LINES = 8
"""A table of one cell with more lines than this lays text out."""
EDGE_TOLERANCE = 30
"""Cell edges closer than this many twentieths of a point (1.5 pt) are one edge: rows of a table drift a little."""


def read_doc(content: bytes, _name: str) -> Document:
    """Return the paragraphs and tables of a legacy Word file in reading order.

    Raises UnreadableFile: password-protected, not a Word 97-2003 file, damaged.
    """
    paragraphs, notes = read_paragraphs(content)
    blocks: list[Block] = []
    stack: list[_OpenTable] = []  # one per level of tables that the paragraph stands in
    for paragraph in paragraphs:
        while len(stack) > paragraph.depth:
            closed = stack.pop().close()
            if stack:
                stack[-1].cell.append(closed)
            else:
                blocks += closed
        if paragraph.depth == 0:
            blocks += map(Paragraph, _lines(paragraph.text))
            continue
        if paragraph.depth > MAX_DEPTH:
            raise UnreadableFile(f"Word file whose tables are nested deeper than {MAX_DEPTH} levels")
        while len(stack) < paragraph.depth:
            stack.append(_OpenTable())
        stack[-1].add(paragraph)
    while stack:
        closed = stack.pop().close()
        if stack:
            stack[-1].cell.append(closed)
        else:
            blocks += closed
    return Document(MEDIA_TYPE, tuple(blocks), {}, notes)


Part = str | list[Block]
"""What stands in a cell, in order: a line of text, or what a table inside the cell comes to."""


@dataclass(slots=True)
class _Row:
    cells: list[list[Part]]
    boxes: list[CellBox]

    @property
    def texts(self) -> list[str]:
        return ["\n".join(part for part in cell if isinstance(part, str)) for cell in self.cells]


@dataclass(slots=True)
class _OpenTable:
    """A table while its paragraphs come in."""

    rows: list[_Row] = field(default_factory=list)
    cells: list[list[Part]] = field(default_factory=list)
    cell: list[Part] = field(default_factory=list)

    def add(self, paragraph: DocParagraph) -> None:
        if paragraph.ends_row:
            self.rows.append(_Row(self.cells, paragraph.boxes))
            self.cells, self.cell = [], []
            return
        self.cell += _lines(paragraph.text)
        if paragraph.ends_cell:
            self.cells.append(_flat(self.cell))
            self.cell = []

    def close(self) -> list[Block]:
        """Return the table and the tables inside its cells; one cell that holds tables or prose is no table but a frame."""
        if len(self.rows) == 1 and len(self.rows[0].cells) == 1 and _is_frame(self.rows[0].cells[0]):
            return [
                block
                for part in self.rows[0].cells[0]
                for block in ([Paragraph(part)] if isinstance(part, str) else part)
            ]
        inner = [part for row in self.rows for cell in row.cells for part in cell if not isinstance(part, str)]
        return [*_table(self.rows), *(block for part in inner for block in part)]


def _flat(cell: list[Part]) -> list[Part]:
    """Return what stands in a cell with tables of one cell as text: a number or label in a box."""
    flat: list[Part] = []
    for part in cell:
        if not isinstance(part, str) and len(part) == 1 and isinstance(part[0], Table) and len(part[0].cells) == 1:
            flat += _lines(part[0].cells[0].text)
        else:
            flat.append(part)
    return flat


def _is_frame(cell: list[Part]) -> bool:
    return len(cell) > PROSE_LINES or any(not isinstance(part, str) for part in cell)


def _lines(text: str) -> list[str]:
    return [line for line in (part.strip(" \t") for part in text.split("\n")) if line]


def _table(rows: list[_Row]) -> list[Table]:
    """Return the table that a run of rows makes; without sound row properties the cells are only a sequence."""
    texts = [row.texts for row in rows]
    if not any(text for row in texts for text in row):
        return []
    if any(len(row.boxes) != len(row.cells) for row in rows):
        cells = [
            Cell(number, column, text)
            for number, row in enumerate(texts, start=1)
            for column, text in enumerate(row, start=1)
        ]
        return [Table(tuple(cells), "sequence")]
    return [Table(tuple(_grid(rows)))]


def _grid(rows: list[_Row]) -> list[Cell]:
    """Return cells placed by their edges; cells merged down or across become one cell with a span."""
    columns = _columns([edge for row in rows for box in row.boxes for edge in (box.left, box.right)])
    cells: list[Cell] = []
    running: dict[int, int] = {}  # column → index of the cell that runs down through it
    for number, row in enumerate(rows, start=1):
        next_running: dict[int, int] = {}
        for text, box in zip(row.texts, row.boxes, strict=True):
            left, right = columns[box.left], columns[box.right]
            above = running.get(left)
            if box.continues_above and above is not None:
                old = cells[above]
                joined = "\n".join(part for part in (old.text, text) if part)
                cells[above] = Cell(old.row, old.col, joined, number - old.row + 1, old.col_span)
                next_running[left] = above
            elif box.continues_left and cells and cells[-1].row == number:
                old = cells[-1]
                joined = "\n".join(part for part in (old.text, text) if part)
                cells[-1] = Cell(old.row, old.col, joined, old.row_span, max(right - old.col + 1 - 1, 1))
            elif right > left or text:
                cells.append(Cell(number, left, text, 1, max(right - left, 1)))
                if box.starts_merge:
                    next_running[left] = len(cells) - 1
        running = next_running
    return cells


def _columns(edges: list[int]) -> dict[int, int]:
    """Return edge position → column number from 1; edges within the tolerance of the last are the same."""
    columns: dict[int, int] = {}
    number = 0
    last: int | None = None
    for edge in sorted(set(edges)):
        if last is None or edge - last > EDGE_TOLERANCE:
            number += 1
            last = edge
        columns[edge] = number
    return columns
