"""The grid of an HTML table: layout rows told from data rows.

Belongs here: one ``<table>`` element to ``Table`` values and the elements to dissolve into prose. Does not belong here: the walk
over the page (``html``), where cells stand (``html_places``), their texts (``html_cells``), tables of text alone
(``html_plain``).
"""

import re
from collections.abc import Iterator
from typing import Any

from pipeline.document import Cell, Table
from pipeline.readers.html_cells import cell_text
from pipeline.readers.html_places import Places
from pipeline.readers.html_plain import MAX_CELLS, PROSE_LENGTH, plain_cells, too_many_cells
from pipeline.readers.html_unseen import LIST_TAGS, NOT_DATA_TAGS, Unseen

LONGEST_LIST = 2
"""A list with more entries than this lays the page out; Word's export writes the number of a label as a list of one."""
_SPAN = re.compile(r"\s*(\d{1,6})")

RawCell = tuple[int, int, str, str | None]
"""Rows and columns that a cell spans as printed (0: all that is left), its text, its route."""


class TableCutter:
    """Cuts the tables of one page, and remembers which of them lay the page out: tables stand in tables."""

    def __init__(self, unseen: Unseen) -> None:
        self.unseen = unseen
        self._lays_out: dict[Any, bool] = {}

    def cut(self, element: Any) -> Iterator[Table | Any]:
        """Yield, in reading order, a ``Table`` per run of data rows and the cell elements of layout rows.

        A layout row holds another table, a heading or a long text: its cells are dissolved into the page's prose. Raises
        UnreadableFile: too many cells.
        """
        is_plain = element not in self.unseen.mixed and element not in self.unseen.tables
        plain = plain_cells(element) if is_plain else None
        if plain is None:
            yield from self._cut_elements(element)
        elif any(cell.text.strip() for cell in plain):
            yield Table(tuple(plain))

    def _cut_elements(self, element: Any) -> Iterator[Table | Any]:
        rows = list(_rows(element, self.unseen))
        nests = any(inner is not element for inner in element.iter("table", *NOT_DATA_TAGS, *LIST_TAGS))
        is_layout = [nests and any(map(self._holds_layout, cells)) for cells in rows]
        # Spans reach over rows, so the grid is built once over all rows and then cut.
        grid = _grid(
            [
                [_raw_cell(cell, self.unseen, is_text=not layout) for cell in cells]
                for cells, layout in zip(rows, is_layout, strict=True)
            ],
            is_layout,
        )
        start = 0
        for index, (elements, placed) in enumerate(zip(rows, grid, strict=True)):
            if is_layout[index] or any(len(cell.text) > PROSE_LENGTH for cell in placed):
                yield from _emit(grid, start, index)
                yield from elements
                start = index + 1
        yield from _emit(grid, start, len(grid))

    def _holds_layout(self, cell: Any) -> bool:
        if len(cell) == 0:
            return False
        if any(self._is_layout_table(table) for table in cell.iter("table")):
            return True
        if any(sum(1 for _ in lines.iter("li")) > LONGEST_LIST for lines in cell.iter(*LIST_TAGS)):
            return True
        return next(cell.iter(*NOT_DATA_TAGS), None) is not None

    def _is_layout_table(self, table: Any) -> bool:
        """Tell whether two cells of a nested table are filled; one is a number or label in a box, part of its cell."""
        if table not in self._lays_out:
            self._lays_out[table] = _has_two_filled(table)
        return self._lays_out[table]


def _has_two_filled(table: Any) -> bool:
    """Tell whether text stands in two cells of a table, those of tables inside it included."""
    filled: set[Any] = set()
    for element in table.iter():
        if element.text and element.text.strip():
            filled.update(_cells_around(element, table))
        if element is not table and element.tail and element.tail.strip():
            filled.update(_cells_around(element.getparent(), table))
        if len(filled) > 1:
            return True
    return False


def _cells_around(element: Any, table: Any) -> Iterator[Any]:
    while element is not table:
        if element.tag in ("td", "th"):
            yield element
        element = element.getparent()


def _rows(element: Any, unseen: Unseen) -> Iterator[list[Any]]:
    """Yield the cells of each row. Cells that stand in no row make one, as a browser lays them out."""
    stray: list[Any] = []
    for child in element:
        if child in unseen.hidden:
            continue
        if child.tag in ("td", "th"):
            stray.append(child)
        elif child.tag == "tr" or (child.tag not in ("table", "caption", "colgroup") and len(child)):
            if stray:
                yield stray
                stray = []
            if child.tag == "tr":
                yield [cell for cell in child.iterchildren("td", "th") if cell not in unseen.hidden]
            else:
                # Besides the parts of a table, what its author left open around rows: <form>, <center>, <font>.
                yield from _rows(child, unseen)
    if stray:
        yield stray


def _span(cell: Any, name: str) -> int:
    printed = cell.get(name)
    found = _SPAN.match(printed) if printed else None
    return int(found.group(1)) if found else 1


def _raw_cell(element: Any, unseen: Unseen, is_text: bool) -> RawCell:
    text = cell_text(element, unseen) if is_text else ""
    is_picture = len(element) and not text.strip("\xa0\u3000 ") and next(element.iter("img"), None) is not None
    route = "picture in place of text" if is_picture and is_text else None
    return _span(element, "rowspan"), _span(element, "colspan"), text, route


def _grid(rows: list[list[RawCell]], is_layout: list[bool]) -> list[list[Cell]]:
    """Return the cells of each row with their places. Layout rows only take up theirs. Raises UnreadableFile: too many cells."""
    if sum(map(len, rows)) > MAX_CELLS:
        raise too_many_cells()
    places = Places(len(rows))
    grid: list[list[Cell]] = []
    for raw, only_layout in zip(rows, is_layout, strict=True):
        places.next_row()
        placed: list[Cell] = []
        for row_span, col_span, text, route in raw:
            column, down, width = places.take(row_span, col_span)
            if not only_layout:
                placed.append(Cell(places.row, column, text, down, width, route=route))
        grid.append(placed)
    return grid


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
