"""Tables that a page break cuts within their header, put together again.

Belongs here: which part goes on in which, by the place of their edges. Parts that have all the columns of their table are left
apart: recognition knows how rows go on.
"""

import re
from collections.abc import Iterable

from pipeline.document import Cell, Table

NUMBER = re.compile(r"\s*[+\-]?[\d,.\s]+\w{0,2}\s*$")
SAME_EDGE = 4.0
"""Edges of two parts this near are one; columns are 15 points and wider."""


def join_cut_header(first: Table, second: Table) -> Table | None:
    """Return one table where the first part ends before its header has named every column, None where it does not.

    The first part's edges must all be edges of the second, the outer ones alike, and the second have more of them beyond the
    first column, which rows of other depth divide otherwise. Neither side of the break may hold a number.
    """
    edges, wanted = _edges(first.cells), _edges(second.cells)
    if not edges or len(edges) >= len(wanted):
        return None
    if any(abs(one - other) > SAME_EDGE for one, other in ((edges[0], wanted[0]), (edges[-1], wanted[-1]))):
        return None
    if any(min(abs(edge - other) for other in wanted) > SAME_EDGE for edge in edges):
        return None
    if not any(
        other > edges[1] + SAME_EDGE and min(abs(edge - other) for edge in edges) > SAME_EDGE for other in wanted
    ):
        return None
    if any(NUMBER.match(cell.text) for cell in (*first.cells, *(cell for cell in second.cells if cell.row == 1))):
        return None
    upper = [_in_columns(cell, wanted) for cell in first.cells]
    return Table(tuple(_over_the_break(upper, second, first.row_count)), "grid", first.page)


def _edges(cells: Iterable[Cell]) -> list[float]:
    edges: list[float] = []
    for edge in sorted(edge for cell in cells if cell.bbox for edge in (cell.bbox[0], cell.bbox[2])):
        if not edges or edge - edges[-1] > SAME_EDGE:
            edges.append(edge)
    return edges


def _in_columns(cell: Cell, edges: list[float]) -> Cell:
    """Return a cell with its column and span counted in other edges."""
    if cell.bbox is None:
        return cell
    left, right = (min(range(len(edges)), key=lambda n: abs(edges[n] - x)) for x in (cell.bbox[0], cell.bbox[2]))
    return cell._replace(col=left + 1, col_span=max(right - left, 1))


def _over_the_break(upper: list[Cell], second: Table, rows: int) -> list[Cell]:
    """Return the cells of both parts; one that the break cuts is one cell again, its text from both sides.

    A row of which only an empty strip stands before the break begins after it.
    """
    strip = [cell for cell in upper if cell.row == rows]
    if rows > 1 and not any(cell.text for cell in strip):
        rows -= 1
        upper = [cell._replace(row_span=min(cell.row_span, rows - cell.row + 1)) for cell in upper if cell.row <= rows]
    cells: list[Cell] = []
    used: set[tuple[int, int]] = set()
    for cell in upper:
        below = _below(cell, second) if cell.row + cell.row_span - 1 == rows else None
        if below is not None:
            used.add((below.row, below.col))
            text = "\n".join(part for part in (cell.text, below.text) if part)
            cell = cell._replace(text=text, row_span=cell.row_span + below.row_span, route=cell.route or below.route)
        cells.append(cell)
    cells += [cell._replace(row=cell.row + rows) for cell in second.cells if (cell.row, cell.col) not in used]
    return sorted(cells, key=lambda cell: (cell.row, cell.col))


def _below(cell: Cell, second: Table) -> Cell | None:
    """Return what a cell goes on as after the break: the cell of its columns, or an empty one that holds them."""
    end = cell.col + cell.col_span
    for other in second.cells:
        if other.row == 1 and other.col <= cell.col and end <= other.col + other.col_span:
            return other if not other.text or (other.col, other.col_span) == (cell.col, cell.col_span) else None
    return None
