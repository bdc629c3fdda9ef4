"""What a page break leaves of a table outside its lines: a row that goes on with upright lines alone, words below the last line.

Belongs here: seeing that what stands at the head or the foot of a page belongs to the table before the break, by the places of
its columns alone. Does not belong here: putting the parts together (``pdf_joins``, recognition).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.document import Cell, Table
from pipeline.readers.pdf_page import Char
from pipeline.readers.pdf_text import line_text

SAME_PLACE = 3.0
"""Lines this near are one line; columns are 15 points and wider."""
FEWEST_LINES = 2
MOST_HANGING_LINES = 2


def with_row_overleaf(rulings: Any, before: Table | None) -> Any:
    """Return a page's lines with one above and one below what is a row of the table that ends the page before.

    Its upright lines begin and end together, above every other line of the page, and are exactly the inner lines of the last row
    before the break (its outer ones may be drawn too). A level line that crosses them makes them something else.
    """
    upright = rulings[rulings[:, 0] == 0]
    edges = _edges_of_last_row(before) if before else []
    if len(edges) < FEWEST_LINES + 2 or not len(upright):
        return rulings
    top = upright[:, 2].min()
    own = upright[upright[:, 2] <= top + SAME_PLACE]
    bottom = own[:, 3].max()
    level = rulings[rulings[:, 0] > 0]
    beside = level[(level[:, 2] < edges[-1]) & (level[:, 3] > edges[0])]
    crossing = beside[(beside[:, 1] < bottom - SAME_PLACE) & (np.abs(beside[:, 1] - top) > SAME_PLACE)]
    has_both = all((np.abs(beside[:, 1] - at) <= SAME_PLACE).any() for at in (top, bottom))
    if has_both or len(crossing) or (own[:, 3] < bottom - SAME_PLACE).any():
        return rulings
    far = np.abs(own[:, 1][:, None] - np.array(edges)) > SAME_PLACE
    if far.all(axis=1).any() or far[:, 1:-1].all(axis=0).any():
        return rulings
    return np.concatenate([rulings, [(1.0, at, edges[0], edges[-1]) for at in (top, bottom)]])


def _edges_of_last_row(table: Table) -> list[float]:
    last = table.row_count
    sides = [cell.bbox for cell in table.cells if cell.bbox and cell.row + cell.row_span - 1 == last]
    edges: list[float] = []
    for edge in sorted(edge for box in sides for edge in (box[0], box[2])):
        if not edges or edge - edges[-1] > SAME_PLACE:
            edges.append(edge)
    return edges


def hanging_lines(table: Table, lines: Sequence[list[Char]]) -> list[list[Char]]:
    """Return the last lines of a page if they stand right below its last table, as what its last row holds may; else none."""
    foot = max((cell.bbox[3] for cell in table.cells if cell.bbox), default=0.0)
    below = [line for line in lines if line[0].top > foot - SAME_PLACE]
    if not below or len(below) > MOST_HANGING_LINES:
        return []
    return below if below[0][0].top - foot < below[0][0].bottom - below[0][0].top else []


def with_hanging_words(table: Table, lines: Sequence[Sequence[Char]]) -> Table | None:
    """Return a table with words that hang out of the cells of its last row in those cells; None where they do not fit.

    Every character stands within the sides of a cell that begins with words; none is a digit.
    """
    last = table.row_count
    held: dict[int, list[list[Char]]] = {}
    for line in lines:
        here: dict[int, list[Char]] = {}
        for char in line:
            at = next((at for at, cell in enumerate(table.cells) if _holds(cell, char, last)), None)
            if at is None or char.text.isdigit():
                return None
            here.setdefault(at, []).append(char)
        for at, chars in here.items():
            held.setdefault(at, []).append(chars)
    cells = list(table.cells)
    for at, parts in held.items():
        if not cells[at].text or any(map(str.isdigit, cells[at].text)):
            return None
        cells[at] = cells[at]._replace(text="\n".join((cells[at].text, *map(line_text, parts))))
    return replace(table, cells=tuple(cells))


def _holds(cell: Cell, char: Char, last: int) -> bool:
    if cell.bbox is None or cell.row + cell.row_span - 1 != last:
        return False
    return cell.bbox[0] <= char.x0 + 1 and char.x1 - 1 <= cell.bbox[2]
