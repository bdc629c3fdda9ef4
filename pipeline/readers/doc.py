"""Legacy Word files (.doc, and the .wps of WPS Office, the same format) to ``Document``, without an office suite.

Belongs here: paragraphs and tables of the main text. The bytes (piece table, properties) are in ``doc_file``.
Source: [MS-DOC] Word (.doc) Binary File Format.
"""

from dataclasses import dataclass

from pipeline.document import Block, Cell, Document, Paragraph, Table
from pipeline.readers.doc_file import CellBox, read_paragraphs

MEDIA_TYPE = "application/msword"
EDGE_TOLERANCE = 30
"""Cell edges closer than this many twentieths of a point (1.5 pt) are one edge: rows of a table drift a little."""


def read_doc(content: bytes, _name: str) -> Document:
    """Return the paragraphs and tables of a legacy Word file in reading order.

    Raises UnreadableFile: password-protected, not a Word 97-2003 file, damaged.
    """
    paragraphs, notes = read_paragraphs(content)
    blocks: list[Block] = []
    rows: list[_Row] = []
    row = _Row([], [])
    cell: list[str] = []
    for paragraph in paragraphs:
        if paragraph.depth == 0:
            blocks += _table(rows)
            rows, row, cell = [], _Row([], []), []
            blocks += [Paragraph(line) for line in _lines(paragraph.text)]
        elif paragraph.ends_row and paragraph.depth == 1:
            rows.append(_Row(row.texts, paragraph.boxes))
            row, cell = _Row([], []), []
        else:
            cell.append(paragraph.text)
            if paragraph.ends_cell and paragraph.depth == 1:
                row.texts.append("\n".join(line for text in cell for line in _lines(text)))
                cell = []
    blocks += _table(rows)
    return Document(MEDIA_TYPE, tuple(blocks), {}, notes)


@dataclass(slots=True)
class _Row:
    texts: list[str]
    boxes: list[CellBox]


def _lines(text: str) -> list[str]:
    return [line for line in (part.strip(" \t") for part in text.split("\n")) if line]


def _table(rows: list[_Row]) -> list[Table]:
    """Return the table that a run of rows makes; without sound row properties the cells are only a sequence."""
    if not any(text for row in rows for text in row.texts):
        return []
    if any(len(row.boxes) != len(row.texts) for row in rows):
        cells = [
            Cell(number, column, text)
            for number, row in enumerate(rows, start=1)
            for column, text in enumerate(row.texts, start=1)
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
