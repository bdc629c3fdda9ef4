"""The grid of an HTML table: spans expanded as a browser does, layout rows told from data rows.

Belongs here: one ``<table>`` element to ``Table`` values and the elements to dissolve into prose; the walk is in ``html``.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from pipeline.document import Cell, Table
from pipeline.values import record

MAX_COL_SPAN = 100
MAX_CELLS = 50_000
PROSE_LENGTH = 400
"""A cell longer than this is prose in a layout table; the longest printed label with its note is about 120 characters."""
NOT_DATA_TAGS = ("h1", "h2", "ul", "ol", "iframe")
LINE_TAGS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 table".split())
UNSEEN_TAGS = frozenset(("script", "style", "template"))
LINE_MARK = "\0"
"""Stands for a line break while a cell's text is gathered; no page holds this character."""
_SPAN = re.compile(r"\s*(\d{1,6})")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


# Asked once a page, in C: asking each element for its style costs as much as its text.
_MAY_BE_HIDDEN: Any = etree.XPath(
    "//@hidden/.. | //@style[contains(., 'none') or contains(., 'NONE') or contains(., 'None')"
    " or contains(., 'idden') or contains(., 'IDDEN')]/.."
)


@record
class Unseen:
    """What the reader of a page does not see: ``hidden`` elements, and ``cells`` that hold such or other unprinted parts."""

    hidden: frozenset[Any]
    cells: frozenset[Any]


def find_unseen(root: Any) -> Unseen:
    """Return the hidden elements of a page (``hidden``, ``display:none``) and the table cells that need a closer look."""
    hidden = [
        e for e in _MAY_BE_HIDDEN(root) if e.get("hidden") is not None or HIDDEN_STYLE.search(e.get("style") or "")
    ]
    parts = [*hidden, *root.iter(*UNSEEN_TAGS, "input")]
    return Unseen(frozenset(hidden), frozenset(cell for part in parts for cell in part.iterancestors("td", "th")))


def cut_table(element: Any, unseen: Unseen) -> Iterator[Table | Any]:
    """Yield, in reading order, a ``Table`` per run of data rows and the cell elements of layout rows.

    A layout row holds another table, a heading or a long text: its cells are dissolved into the page's prose.
    """
    rows = [_cells(row, unseen) for row in _rows(element, unseen)]
    nests = any(inner is not element for inner in element.iter("table", *NOT_DATA_TAGS))
    is_layout = [nests and any(map(_holds_layout, cells)) for cells in rows]
    # Spans reach over rows, so the grid is built once over all rows and then cut.
    grid = _grid(rows, is_layout, unseen)
    start = 0
    for index, (cells, placed) in enumerate(zip(rows, grid, strict=False)):
        if is_layout[index] or any(len(cell.text) > PROSE_LENGTH for cell in placed):
            yield from _emit(grid, start, index)
            yield from cells
            start = index + 1
    yield from _emit(grid, start, len(grid))


def cell_text(element: Any, unseen: Unseen) -> str:
    """Return the text of a cell as seen: inline parts joined without a space, lines and paragraphs by a line break."""
    if len(element) == 0:
        return collapse(element.text or "").strip(" ")
    if element not in unseen.cells and _is_one_line(element):
        return collapse(etree.tostring(element, method="text", encoding="unicode", with_tail=False)).strip(" ")
    pieces: list[str] = []
    _gather(element, pieces, unseen)
    text = "".join(pieces)
    if LINE_MARK not in text:
        return collapse(text).strip(" ")
    lines = [collapse(line).strip(" ") for line in text.split(LINE_MARK) if line]
    return "\n".join(filter(None, lines))


def _is_one_line(cell: Any) -> bool:
    """Tell whether nothing in a cell breaks its line: no paragraphs, or one that holds all."""
    only = cell[0]
    lines = list(cell.iter(*LINE_TAGS)) if len(cell) > 1 or len(only) else [only] if only.tag in LINE_TAGS else []
    if not lines:
        return True
    return len(lines) == len(cell) == 1 and lines[0] is only and not (only.tag == "br" or cell.text or only.tail)


def _rows(element: Any, unseen: Unseen) -> Iterator[Any]:
    for child in element:
        if child in unseen.hidden:
            continue
        if child.tag == "tr":
            yield child
        elif child.tag in ("tbody", "thead", "tfoot"):
            yield from _rows(child, unseen)


def _cells(row: Any, unseen: Unseen) -> list[Any]:
    return [child for child in row.iterchildren("td", "th") if child not in unseen.hidden]


def _holds_layout(cell: Any) -> bool:
    if len(cell) == 0:
        return False
    for table in cell.iter("table"):
        # A nested table with one filled cell is a number or label in a box, part of its cell.
        if sum(any(map(str.strip, inner.itertext())) for inner in table.iter("td", "th")) > 1:
            return True
    return next(cell.iter(*NOT_DATA_TAGS), None) is not None


def _span(cell: Any, name: str) -> int:
    printed = cell.get(name)
    found = _SPAN.match(printed) if printed else None
    return int(found.group(1)) if found else 1


def _grid(rows: list[list[Any]], is_layout: list[bool], unseen: Unseen) -> list[list[Cell]]:
    """Return the cells of each row with their columns, as a browser lays them out; rows count from 1.

    Layout rows only take up their places.
    """
    occupied: dict[int, int] = {}  # column → the last row that a cell above covers
    grid: list[list[Cell]] = []
    count = 0
    for number, elements in enumerate(rows, start=1):
        placed: list[Cell] = []
        column = 1
        for element in elements:
            while occupied.get(column, 0) >= number:
                column += 1
            rest = len(rows) - number + 1
            row_span = _span(element, "rowspan") or rest
            row_span = min(row_span, rest)
            col_span = min(max(_span(element, "colspan"), 1), MAX_COL_SPAN)
            # A span never runs over a cell that comes down from above: no two cells overlap.
            width = 1
            while width < col_span and occupied.get(column + width, 0) < number:
                width += 1
            count += 1
            if count > MAX_CELLS:
                return grid
            if not is_layout[number - 1]:
                placed.append(_cell(element, number, column, row_span, width, unseen))
            for covered in range(column, column + width):
                occupied[covered] = number + row_span - 1
            column += width
        grid.append(placed)
    return grid


def _cell(element: Any, row: int, column: int, row_span: int, col_span: int, unseen: Unseen) -> Cell:
    text = cell_text(element, unseen)
    is_picture = len(element) and not text.strip("\xa0\u3000 ") and next(element.iter("img"), None) is not None
    return Cell(row, column, text, row_span, col_span, route="picture in place of text" if is_picture else None)


def _emit(grid: list[list[Cell]], start: int, stop: int) -> Iterator[Table | Any]:
    """Yield the rows ``start`` to ``stop`` of a grid as a table of its own, rows counted anew from 1."""
    cells = []
    for row in grid[start:stop]:
        for cell in row:
            row_span = min(cell.row_span, stop - cell.row + 1)
            if start or row_span != cell.row_span:
                cell = Cell(cell.row - start, cell.col, cell.text, row_span, cell.col_span, route=cell.route)
            cells.append(cell)
    if any(cell.text.strip() or cell.route for cell in cells):
        yield Table(tuple(cells))


def _gather(element: Any, pieces: list[str], unseen: Unseen) -> None:
    if element.text:
        pieces.append(element.text)
    for child in element:
        tag = child.tag
        if child in unseen.hidden or tag in UNSEEN_TAGS or not isinstance(tag, str):
            pass
        elif tag in LINE_TAGS:
            pieces.append(LINE_MARK)
            _gather(child, pieces, unseen)
            pieces.append(LINE_MARK)
        elif tag == "input":
            pieces.append(child.get("value") or "" if (child.get("type") or "text").lower() == "text" else "")
        else:
            _gather(child, pieces, unseen)
        if child.tail:
            pieces.append(child.tail)


def collapse(text: str) -> str:
    """Return the text with every run of the blanks that HTML collapses as one space."""
    return text if text.isalnum() else _BLANKS.sub(" ", text)
