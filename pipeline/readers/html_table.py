"""The grid of an HTML table: spans expanded as a browser does, layout rows told from data rows.

Belongs here: one ``<table>`` element to ``Table`` values and the elements to dissolve into prose; the walk is in ``html``.
"""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.document import Cell, Table

MAX_COL_SPAN = 100
MAX_CELLS = 50_000
PROSE_LENGTH = 400
"""A cell longer than this is prose in a layout table; the longest printed label with its note is about 120 characters."""
NOT_DATA_TAGS = ("h1", "h2", "ul", "ol", "iframe")
LINE_TAGS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 table".split())
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def is_seen(element: Any) -> bool:
    """Tell whether a reader of the page sees an element (``hidden``, ``display:none``)."""
    style = element.get("style")
    return element.get("hidden") is None and not (style and HIDDEN_STYLE.search(style))


def cut_table(element: Any) -> Iterator[Table | Any]:
    """Yield, in reading order, a ``Table`` per run of data rows and the cell elements of layout rows.

    A layout row holds another table, a heading or a long text: its cells are dissolved into the page's prose.
    """
    rows = list(_rows(element))
    run: list[Any] = []
    # Spans reach over rows, so the grid is built once over all rows and then cut.
    grid = _grid(rows)
    start = 0
    for index, row in enumerate(rows):
        cells = _cells(row)
        if any(_is_layout(cell) for cell in cells):
            yield from _emit(grid, start, start + len(run))
            yield from cells
            run, start = [], index + 1
        else:
            run.append(row)
    yield from _emit(grid, start, start + len(run))


def cell_text(element: Any) -> str:
    """Return the text of a cell as seen: inline parts joined without a space, lines and paragraphs by a line break."""
    if len(element) == 0:
        return _collapse(element.text or "").strip(" ")
    pieces: list[str] = []
    _gather(element, pieces)
    lines = (_collapse(line).strip(" ") for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _rows(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == "tr":
            if is_seen(child):
                yield child
        elif child.tag in ("tbody", "thead", "tfoot") and is_seen(child):
            yield from _rows(child)


def _cells(row: Any) -> list[Any]:
    return [child for child in row if child.tag in ("td", "th") and is_seen(child)]


def _is_layout(cell: Any) -> bool:
    if len(cell) == 0:
        return len(cell.text or "") > PROSE_LENGTH
    for table in cell.iter("table"):
        # A nested table with one filled cell is a number or label in a box, part of its cell.
        if sum(1 for inner in table.iter("td", "th") if inner.text_content().strip()) > 1:
            return True
    return len(cell.text_content().strip()) > PROSE_LENGTH or any(
        cell.find(f".//{tag}") is not None for tag in NOT_DATA_TAGS
    )


def _span(cell: Any, name: str) -> int:
    found = re.match(r"\s*(\d{1,6})", cell.get(name) or "")
    return int(found.group(1)) if found else 1


def _grid(rows: list[Any]) -> list[list[Cell]]:
    """Return the cells of each row with their columns, as a browser lays them out; rows count from 1."""
    occupied: dict[int, int] = {}  # column → the last row that a cell above covers
    grid: list[list[Cell]] = []
    count = 0
    for number, row in enumerate(rows, start=1):
        placed: list[Cell] = []
        column = 1
        for element in _cells(row):
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
            text = cell_text(element)
            route = (
                "picture in place of text"
                if not text.strip("\xa0\u3000 ") and element.find(".//img") is not None
                else None
            )
            placed.append(Cell(number, column, text, row_span, width, route=route))
            for covered in range(column, column + width):
                occupied[covered] = number + row_span - 1
            column += width
        grid.append(placed)
    return grid


def _emit(grid: list[list[Cell]], start: int, stop: int) -> Iterator[Table | Any]:
    """Yield the rows ``start`` to ``stop`` of a grid as a table of its own, rows counted anew from 1."""
    cells = []
    for row in grid[start:stop]:
        for cell in row:
            row_span = min(cell.row_span, stop - cell.row + 1)
            cells.append(Cell(cell.row - start, cell.col, cell.text, row_span, cell.col_span, route=cell.route))
    if any(cell.text.strip() or cell.route for cell in cells):
        yield Table(tuple(cells))


def _gather(element: Any, pieces: list[str]) -> None:
    pieces.append(_collapse(element.text or ""))
    for child in element:
        tag = child.tag
        if isinstance(tag, str) and tag not in ("script", "style", "template") and is_seen(child):
            if tag == "input":
                pieces.append(child.get("value") or "" if (child.get("type") or "text").lower() == "text" else "")
            else:
                line = tag in LINE_TAGS
                if line:
                    pieces.append("\n")
                _gather(child, pieces)
                if line:
                    pieces.append("\n")
        pieces.append(_collapse(child.tail or ""))


def _collapse(text: str) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text) if text else ""
