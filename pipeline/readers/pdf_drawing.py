"""What is drawn on a page: ruling lines however they are made, pictures, and text that nobody can see.

Belongs here: lines, thin boxes, dots and gaps between fills as ruling lines in display coordinates; which text objects are
covered, white on white or invisible. Characters are in ``pdf_page``; which lines make a table is in ``pdf_lattice``.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.readers import pdf_calls as ask
from pipeline.readers.pdf_objects import (
    MAX_OBJECTS,
    Asking,
    Bounds,
    Colour,
    Matrix,
    is_slanted,
    is_white,
    matrix_of,
    multiply,
    objects_of,
    places,
    point,
)

THIN = 3.0
"""A filled box thinner than this many points is a drawn line; tables rule with 0.5 to 1.5 points."""
SHORTEST_RULING = 3.0
DOT_GAP = 4.0
"""Dots of one dotted line are no farther apart than this."""
FEWEST_DOTS = 6
FEWEST_FILLS = 4
FILLED_SHARE = 0.4
"""Boxes that fill this much of a darker box behind them are cells, and what shows between them are their lines."""
MOST_BACKGROUNDS = 40
OPAQUE = 200
INVISIBLE_MODE = 3

Turn = Callable[[float, float, float, float], Bounds]
Place = tuple[float, float, float, float]
"""x0, top, x1, bottom as a reader sees the page."""


class Ruling(NamedTuple):
    """A straight line: ``at`` is its y (horizontal) or x (vertical), from ``start`` to ``end`` along the other axis."""

    horizontal: bool
    at: float
    start: float
    end: float


@dataclass(slots=True)
class Drawing:
    """What is drawn on a page.

    ``covered`` is the largest share of the page that one picture covers; ``unseen`` are the addresses of text objects that
    nobody can see. ``straight`` tells that every text on the page runs level or upright.
    """

    straight: bool = True
    rulings: list[Ruling] = field(default_factory=list)
    covered: float = 0.0
    unseen: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Fill:
    """An area, in the order of painting.

    ``covers`` tells that nothing shows through, ``within`` are the fills of another colour that lie in it.
    """

    order: int
    place: Place
    colour: Colour
    covers: bool = True
    within: list[Place] = field(default_factory=list)


def read_drawing(page: Any, turn: Turn, area: float) -> Drawing:
    """Return what is drawn on a page; ``area`` is the page's, in square points."""
    reading = _Reading(turn, area)
    text, path, picture = raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE
    for order, (kind, handle, matrix) in enumerate(objects_of(page)):
        if kind == path:
            reading.path(order, handle, matrix)
        elif kind == text:
            reading.texts.append((order, handle, matrix))
        elif kind == picture:
            reading.picture(order, handle, matrix)
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            reading.drawing.straight = False
    return reading.finish()


class _Reading:
    """Collects the objects of a page as they are painted."""

    def __init__(self, turn: Turn, area: float) -> None:
        self.turn, self.area = turn, area
        self.asking = Asking()
        self.drawing = Drawing()
        self.dots: list[Place] = []
        self.fills: list[_Fill] = []
        self.backgrounds: list[_Fill] = []
        self.texts: list[tuple[int, int, Matrix]] = []

    def _place(self, handle: int, matrix: Matrix) -> Place | None:
        bounds = self.asking.bounds(handle, matrix)
        return None if bounds is None else self.turn(*bounds)

    def picture(self, order: int, handle: int, matrix: Matrix) -> None:
        place = self._place(handle, matrix)
        if place is None:
            return
        x0, top, x1, bottom = place
        self.drawing.covered = max(self.drawing.covered, (x1 - x0) * (bottom - top) / self.area if self.area else 0.0)
        # A seal lies over the date it is set on and lets it show: pictures cover nothing here.
        self.fills.append(_Fill(order, place, (0, 0, 0, 255), covers=False))

    def path(self, order: int, handle: int, matrix: Matrix) -> None:
        place = self._place(handle, matrix)
        if place is None:
            return
        filled, stroked = self.asking.painting(handle)
        if not filled and not stroked:
            return
        x0, top, x1, bottom = place
        thin = x1 - x0 <= THIN or bottom - top <= THIN
        colour = self.asking.stroke_colour(handle) if stroked else self.asking.fill_colour(handle)
        shows = colour[3] > 8 and not is_white(colour)
        if thin:
            if shows:
                self._line(place)
            return
        if filled:
            self._fill(order, handle, place, colour if not stroked else self.asking.fill_colour(handle))
        if shows:
            self.drawing.rulings += self._outline(handle, matrix, stroked)

    def _line(self, place: Place) -> None:
        x0, top, x1, bottom = place
        wide, high = x1 - x0, bottom - top
        if wide < SHORTEST_RULING and high < SHORTEST_RULING:
            self.dots.append(place)
        elif wide >= high:
            self.drawing.rulings.append(Ruling(True, (top + bottom) / 2, x0, x1))
        else:
            self.drawing.rulings.append(Ruling(False, (x0 + x1) / 2, top, bottom))

    def _fill(self, order: int, handle: int, place: Place, colour: Colour) -> None:
        if colour[3] < OPAQUE or ask.count_segments(handle) > 6 or ask.has_transparency(handle):
            return
        fill = _Fill(order, place, colour)
        self.fills.append(fill)
        for behind in reversed(self.backgrounds[-MOST_BACKGROUNDS:]):
            if behind.colour != colour and _holds(behind.place, place):
                behind.within.append(place)
                return
        if not is_white(colour):
            self.backgrounds.append(fill)

    def _outline(self, handle: int, matrix: Matrix, stroked: bool) -> Iterator[Ruling]:
        """Yield the straight edges of a stroked path, and the thin boxes of a filled one."""
        for path in _subpaths(handle, multiply(matrix_of(handle), matrix)):
            if stroked:
                for (ax, ay), (bx, by) in itertools.pairwise(path):
                    yield from _edge(self.turn(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
            elif path:
                xs, ys = [p[0] for p in path], [p[1] for p in path]
                place = self.turn(min(xs), min(ys), max(xs), max(ys))
                if place[2] - place[0] <= THIN or place[3] - place[1] <= THIN:
                    self._line(place)

    def finish(self) -> Drawing:
        self.drawing.rulings += _dotted(self.dots, True) + _dotted(self.dots, False)
        for fill in self.backgrounds:
            self.drawing.rulings += _gaps(fill)
        for order, handle, matrix in self.texts:
            self._text(order, handle, matrix)
        return self.drawing

    def _text(self, order: int, handle: int, matrix: Matrix) -> None:
        if self.drawing.straight and is_slanted(handle, matrix):
            self.drawing.straight = False
        if ask.render_mode(handle) == INVISIBLE_MODE:
            self.drawing.unseen.add(handle)
            return
        white = is_white(self.asking.fill_colour(handle))
        if not white and (not self.fills or self.fills[-1].order < order):
            return
        place = self._place(handle, matrix)
        if place is None:
            return
        over = any(fill.covers and fill.order > order and _holds(fill.place, place) for fill in self.fills)
        under = white and self._stands_on_white(order, place)
        if over or under:
            self.drawing.unseen.add(handle)

    def _stands_on_white(self, order: int, place: Place) -> bool:
        """Tell whether what was painted last behind a text is white: another fill, or the page itself."""
        behind = [fill for fill in self.fills if fill.order < order and _holds(fill.place, place)]
        return not behind or is_white(behind[-1].colour)


def _holds(outer: Place, inner: Place) -> bool:
    """Tell whether a place lies in another, a point of tolerance given."""
    return (
        outer[0] - 1 <= inner[0] and outer[1] - 1 <= inner[1] and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )


def _gaps(fill: _Fill) -> Iterator[Ruling]:
    """Yield the edges of boxes that leave lines of what is behind them between each other.

    What is behind may run on below the last of them, to the foot of a page on which no more of its table fits.
    """
    if len(fill.within) < FEWEST_FILLS:
        return
    x0, _, x1, _ = fill.place
    covered = sum((right - left) * (low - high) for left, high, right, low in fill.within)
    top, bottom = min(high for _, high, _, _ in fill.within), max(low for _, _, _, low in fill.within)
    if covered < FILLED_SHARE * (x1 - x0) * (bottom - top):
        return
    for left, high, right, low in fill.within:
        yield Ruling(True, high, left, right)
        yield Ruling(True, low, left, right)
        yield Ruling(False, left, high, low)
        yield Ruling(False, right, high, low)


def _dotted(dots: list[Place], horizontal: bool) -> list[Ruling]:
    """Return the lines that rows (or columns) of evenly set dots make."""
    along, across = (0, 1) if horizontal else (1, 0)

    def line_of(dot: Place) -> int:
        return round((dot[across] + dot[across + 2]) / 2)

    lines: list[Ruling] = []
    for _, level in itertools.groupby(sorted(dots, key=lambda d: (line_of(d), d[along])), key=line_of):
        run: list[Place] = []
        end = 0.0
        # Two dotted borders may lie in one place, their dots between each other's.
        for dot in level:
            if run and dot[along] - end > DOT_GAP:
                lines += _run_of_dots(run, along, horizontal)
                run = []
            end = max(end, dot[along + 2]) if run else dot[along + 2]
            run.append(dot)
        lines += _run_of_dots(run, along, horizontal)
    return lines


def _run_of_dots(run: list[Place], along: int, horizontal: bool) -> list[Ruling]:
    if len(run) < FEWEST_DOTS:
        return []
    across = 1 - along
    at = sum(dot[across] + dot[across + 2] for dot in run) / (2 * len(run))
    return [Ruling(horizontal, at, run[0][along], run[-1][along + 2])]


def _thin(x0: float, top: float, x1: float, bottom: float) -> Iterator[Ruling]:
    if x1 - x0 >= bottom - top:
        if x1 - x0 >= SHORTEST_RULING:
            yield Ruling(True, (top + bottom) / 2, x0, x1)
    elif bottom - top >= SHORTEST_RULING:
        yield Ruling(False, (x0 + x1) / 2, top, bottom)


def _edge(box: Place) -> Iterator[Ruling]:
    x0, top, x1, bottom = box
    if x1 - x0 <= 1.0 or bottom - top <= 1.0:
        yield from _thin(x0, top, x1, bottom)


_POINT, _POINT_PLACES = places("f", 2)


def _subpaths(handle: int, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
    points: list[tuple[float, float]] = []
    x, y = _POINT_PLACES
    for index in range(min(ask.count_segments(handle), MAX_OBJECTS)):
        segment = ask.segment_at(handle, index)
        ask.segment_point(segment, x, y)
        if ask.segment_kind(segment) == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        points.append(point(matrix, *_POINT))
        if ask.segment_closes(segment) and len(points) > 1:
            yield [*points, points[0]]
            points = []
    if len(points) > 1:
        yield points
