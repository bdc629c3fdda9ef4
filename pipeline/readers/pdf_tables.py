"""Characters into the cells of a page's lattices, and what makes a cell's text doubtful.

Belongs here: which cell holds a character, numbers that stand across a line, the second route for every number. What becomes of
a doubtful cell is decided in ``pipeline.second_opinion``.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from pipeline.document import ODD_GRID, ROUTES_DIFFER, Cell, Table
from pipeline.readers.pdf_drawing import Place
from pipeline.readers.pdf_lattice import Box, Lattice, find_lattices
from pipeline.readers.pdf_page import Char, PageContent
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
    inside: list[dict[int, list[Char]]] = [{} for _ in lattices]
    outside: list[Char] = []
    crossed: set[tuple[int, int]] = set()
    places = _places(page.chars, lattices)
    last: Char | None = None
    before: tuple[int, int] | None = None
    for char, place in zip(page.chars, places, strict=True):
        if place is not None:
            inside[place[0]].setdefault(place[1], []).append(char)
        elif char.seen:
            outside.append(char)
        if place is not before and place != before and last is not None and _is_one_number(last, char):
            crossed.update(side for side in (before, place) if side is not None)
        last, before = char, place
    confirmed = None if any(mark.isdigit() for mark in page.slanted) else text_within
    tables = []
    for number, (lattice, held) in enumerate(zip(lattices, inside, strict=True)):
        if any(char.text.strip() for chars in held.values() for char in chars):
            across = {index for at, index in crossed if at == number}
            tables.append((lattice.top, _table(lattice, held, across, page.number, confirmed)))
    return tables, outside


def _places(chars: Iterable[Char], lattices: Sequence[Lattice]) -> Iterator[tuple[int, int] | None]:
    """Yield for each character its lattice and box, None outside; characters of one cell mostly follow each other."""
    if not lattices:
        yield from itertools.repeat(None, sum(1 for _ in chars))
        return
    first, last = min(lattice.top for lattice in lattices), max(lattice.bottom for lattice in lattices)
    left = top = right = bottom = 0.0
    place: tuple[int, int] | None = None
    for _, x0, high, x1, low, _, _ in chars:
        x, y = (x0 + x1) / 2, (high + low) / 2
        if left <= x < right and top <= y < bottom:
            yield place
            continue
        place = _place(x, y, lattices) if first <= y <= last else None
        left = right = 0.0
        # Of lattices that lie over each other the first holds a character; within its boxes no other is asked.
        if place is not None and place[0] == 0:
            box = lattices[0].boxes[place[1]]
            left, top, right, bottom = box.x0, box.top, box.x1, box.bottom
        yield place


def _place(x: float, y: float, lattices: Sequence[Lattice]) -> tuple[int, int] | None:
    for number, lattice in enumerate(lattices):
        index = lattice.box_index(x, y)
        if index is not None:
            return number, index
    return None


def _is_one_number(last: Char, char: Char) -> bool:
    """Tell whether two characters, painted one after the other, are neighbouring digits of one number."""
    if not (last.text.isdigit() and char.text.isdigit()):
        return False
    height = char.bottom - char.top
    return abs(char.x0 - last.x1) <= TOUCHING * height and abs(char.top - last.top) <= TOUCHING * height


def _table(
    lattice: Lattice, held: dict[int, list[Char]], across: set[int], page: int, text_within: TextWithin | None
) -> Table:
    cells = []
    for index, box in enumerate(lattice.boxes):
        chars = held.get(index)
        text, route = "", None
        if chars:
            text, route = _read_box(box, chars, text_within)
        if index in across:
            route = ACROSS_LINE
        place = (round(box.x0, 1), round(box.top, 1), round(box.x1, 1), round(box.bottom, 1))
        cells.append(Cell(box.row, box.col, text, box.row_span, box.col_span, page, place, None, route))
    return Table(tuple(sorted(cells, key=_ROW_AND_COLUMN)), "grid", page)


_ROW_AND_COLUMN = attrgetter("row", "col")


def _read_box(box: Box, chars: list[Char], text_within: TextWithin | None) -> tuple[str, str | None]:
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


def _doubt(box: Box, chars: list[Char], seen: list[Char]) -> str | None:
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
