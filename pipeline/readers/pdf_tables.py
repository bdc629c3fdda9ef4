"""Characters into the cells of a page's lattices, and what makes a cell's text doubtful.

Belongs here: which cell holds a character, numbers that stand across a line, the second route for every number. What becomes of
a doubtful cell is decided in ``pipeline.second_opinion``.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from pipeline.document import ODD_GRID, ROUTES_DIFFER, Cell, Table
from pipeline.readers.pdf_cells import plain_texts
from pipeline.readers.pdf_lattice import Box, Lattice, find_lattices
from pipeline.readers.pdf_page import Char, Ink, PageContent
from pipeline.readers.pdf_strokes import Place
from pipeline.readers.pdf_text import text_of

NO_UNICODE = "no unicode map"
UNSEEN = "text that cannot be seen"
ACROSS_LINE = "a number across a line"
LONGEST_NUMBER = 24
"""Cells with more characters than this are labels, which their text and place confirm."""
INSET = 0.5
"""The second route looks this far inside a cell's lines, so that ink that touches one is not counted twice."""
TOUCHING = 0.04
"""Digits no farther apart than this share of their height are one number."""

TextWithin = Callable[[Place], str]
"""The text whose ink touches a place on the page, as PDFium gathers it."""


def read_tables(page: PageContent, text_within: TextWithin) -> tuple[list[tuple[float, Table]], list[Char]]:
    """Return the tables of a page, each with its top, from the top down; and the characters outside them."""
    lattices = find_lattices(page.rulings)
    chars = page.chars
    if not lattices or not chars:
        return [], [char for char in chars if char.seen]
    sides = np.array([char[1:5] for char in chars]) if page.sides is None else page.sides
    table, box = _places(sides, lattices)
    outside = [chars[at] for at in np.flatnonzero(table < 0).tolist() if chars[at].seen]
    crossed = _crossed(chars, sides, table, box)
    confirm = None if any(mark.isdigit() for mark in page.slanted) else text_within
    tables = []
    for number, lattice in enumerate(lattices):
        own = np.flatnonzero(table == number)
        own = own[np.argsort(box[own], kind="stable")]
        held = [chars[at] for at in own.tolist()]
        if any(char.text.strip() for char in held):
            sure = _sure_of_ink(lattice, own, box, page.ink) if confirm else frozenset()
            cells = _Cells(held, sides[own], box[own], sure, confirm)
            across = {index for at, index in crossed if at == number}
            tables.append((lattice.top, _table(lattice, cells, across, page.number)))
    return tables, outside


def _places(sides: Any, lattices: Sequence[Lattice]) -> tuple[Any, Any]:
    """Return for each character its lattice and its box in it, -1 outside; of lattices over each other the first holds it."""
    x, y = (sides[:, 0] + sides[:, 2]) / 2, (sides[:, 1] + sides[:, 3]) / 2
    table = np.full(len(sides), -1)
    box = np.full(len(sides), -1)
    for number, lattice in enumerate(lattices):
        columns, rows = len(lattice.xs) - 1, len(lattice.ys) - 1
        grid = np.full((rows + 2, columns + 2), -1)
        for (row, column), index in lattice.at.items():
            grid[row + 1, column + 1] = index
        found = grid[np.searchsorted(lattice.ys, y, side="right"), np.searchsorted(lattice.xs, x, side="right")]
        new = (table < 0) & (found >= 0)
        table[new], box[new] = number, found[new]
    return table, box


def _crossed(chars: Sequence[Char], sides: Any, table: Any, box: Any) -> set[tuple[int, int]]:
    """Return the boxes (lattice, box) between which a number stands across a line: digits painted one after the other."""
    parted = np.flatnonzero((table[1:] != table[:-1]) | (box[1:] != box[:-1])).tolist()
    crossed: set[tuple[int, int]] = set()
    for at in parted:
        if _is_one_number(chars[at], chars[at + 1]):
            crossed.update((int(table[n]), int(box[n])) for n in (at, at + 1) if table[n] >= 0)
    return crossed


def _sure_of_ink(lattice: Lattice, own: Any, box: Any, ink: Ink | None) -> frozenset[int]:
    """Return the boxes in which the ink of exactly those digits lies that stand in them: what PDFium's own text would say.

    That text is made of the characters whose ink touches a place, in their order. A box is sure where the ink of each of its
    digits touches it and keeps off every other, and no other digit's ink comes near it.
    """
    if ink is None or not len(ink.digits):
        return frozenset()
    boxes = np.array([(b.x0, b.top, b.x1, b.bottom) for b in lattice.boxes])
    home = np.full(max(*ink.digits, *ink.indices) + 1, -1)
    home[np.array(ink.indices)[own]] = box[own]
    homes = home[ink.digits]
    x0, top, x1, bottom = ink.places.T
    left, high, right, low = boxes[homes].T
    inside = (
        (homes >= 0) & (x0 >= left - INSET) & (top >= high - INSET) & (x1 <= right + INSET) & (bottom <= low + INSET)
    )
    touches = (np.minimum(x1, right - INSET) > np.maximum(x0, left + INSET)) & (
        np.minimum(bottom, low - INSET) > np.maximum(top, high + INSET)
    )
    doubted = set(homes[(homes >= 0) & ~(inside & touches)].tolist())
    strays = ~inside & (x0 < boxes[:, 2].max()) & (x1 > boxes[:, 0].min())
    strays &= (top < boxes[:, 3].max()) & (bottom > boxes[:, 1].min())
    for stray in ink.places[strays]:
        near = (boxes[:, 0] < stray[2]) & (boxes[:, 2] > stray[0]) & (boxes[:, 1] < stray[3]) & (boxes[:, 3] > stray[1])
        doubted.update(np.flatnonzero(near).tolist())
    return frozenset(range(len(boxes))) - doubted


def _is_one_number(last: Char, char: Char) -> bool:
    """Tell whether two characters, painted one after the other, are neighbouring digits of one number."""
    if not (last.text.isdigit() and char.text.isdigit()):
        return False
    height = char.bottom - char.top
    return abs(char.x0 - last.x1) <= TOUCHING * height and abs(char.top - last.top) <= TOUCHING * height


class _Cells:
    """The characters of a lattice by its boxes, and their texts."""

    def __init__(
        self, chars: Sequence[Char], sides: Any, box: Any, sure: frozenset[int], text_within: TextWithin | None
    ) -> None:
        starts = np.flatnonzero(np.concatenate([[True], box[1:] != box[:-1]]))
        stops = np.append(starts[1:], len(box)).tolist()
        self.chars, self.sure, self.text_within = chars, sure, text_within
        self.spans = dict(zip(box[starts].tolist(), zip(starts.tolist(), stops, strict=True), strict=True))
        self.plain = dict(zip(self.spans, plain_texts(chars, sides, starts), strict=True))

    def read(self, index: int, box: Box) -> tuple[str, str | None]:
        """Return what a box holds, and why it must not be trusted as read, None where it may."""
        span = self.spans.get(index)
        if span is None:
            return "", None
        text = self.plain[index]
        if text is not None and not box.odd and (self.text_within is None or index in self.sure):
            return text, None
        return _read_box(box, self.chars[span[0] : span[1]], self.text_within)


def _table(lattice: Lattice, held: _Cells, across: set[int], page: int) -> Table:
    cells = []
    rounded = {side: round(side, 1) for side in (*lattice.xs, *lattice.ys)}
    for index, box in enumerate(lattice.boxes):
        text, route = held.read(index, box)
        if index in across:
            route = ACROSS_LINE
        place = (rounded[box.x0], rounded[box.top], rounded[box.x1], rounded[box.bottom])
        cells.append(Cell(box.row, box.col, text, box.row_span, box.col_span, page, place, None, route))
    return Table(tuple(sorted(cells, key=_ROW_AND_COLUMN)), "grid", page)


_ROW_AND_COLUMN = attrgetter("row", "col")


def _read_box(box: Box, chars: Sequence[Char], text_within: TextWithin | None) -> tuple[str, str | None]:
    """Return what a box holds, and why it must not be trusted as read, None where it may."""
    seen = [char for char in chars if char.seen]
    text = text_of(seen)
    route = _doubt(box, chars, seen)
    if (
        route is None
        and text_within is not None
        and len(seen) == len(chars)
        and not _is_confirmed(box, text, text_within)
    ):
        route = ROUTES_DIFFER
    return text, route


def _doubt(box: Box, chars: Sequence[Char], seen: Sequence[Char]) -> str | None:
    """Return why the text of a cell must not be trusted as read, None where it may."""
    if not all(char.known for char in seen):
        return NO_UNICODE
    if len(seen) < len(chars) and _shows(chars) and not _shows(seen):
        return UNSEEN
    return ODD_GRID if box.odd and seen else None


def _shows(chars: Iterable[Char]) -> bool:
    return any(char.text.strip() for char in chars)


def _is_confirmed(box: Box, text: str, text_within: TextWithin) -> bool:
    """Tell whether the second route finds the digits of a cell, in the same order."""
    digits = [mark for mark in text if mark.isdigit()]
    if not digits or len(text) > LONGEST_NUMBER:
        return True
    place = (box.x0 + INSET, box.top + INSET, box.x1 - INSET, box.bottom - INSET)
    return digits == [mark for mark in text_within(place) if mark.isdigit()]
