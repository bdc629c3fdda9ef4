"""Ruling lines out of what is drawn: edges of paths, rows of dots, gaps between boxes.

Belongs here: what makes a line, on plain numbers and the points of paths. Does not belong here: which objects a page has, and
what is seen of them (``pdf_drawing``); which lines make a table (``pdf_lattice``).
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as raw

from pipeline.readers import pdf_calls as ask
from pipeline.readers.pdf_objects import MAX_OBJECTS, Matrix, matrix_of, multiply, places, point

THIN = 3.0
"""A filled box thinner than this many points is a drawn line; tables rule with 0.5 to 1.5 points."""
SHORTEST_RULING = 3.0
STRAIGHT_EDGE = 1.0
DOT_GAP = 4.0
"""Dots of one dotted line are no farther apart than this."""
FEWEST_DOTS = 6
FAR = 1e6
"""Points; more than any page has, so that levels never meet."""
NO_LINES = np.empty((0, 4))
SIMPLE = 6
"""Points up to which a path is looked at together with others of as many."""

Turn = Callable[[Any, Any, Any, Any], tuple[Any, Any, Any, Any]]
"""From x0, y0, x1, y1 of a page to x0, top, x1, bottom as a reader sees it; of numbers or of arrays of them."""
Place = tuple[float, float, float, float]
"""x0, top, x1, bottom as a reader sees the page."""


class Ruling(NamedTuple):
    """A straight line: ``at`` is its y (horizontal) or x (vertical), from ``start`` to ``end`` along the other axis."""

    horizontal: bool
    at: float
    start: float
    end: float


def thin_lines(x0: Any, top: Any, x1: Any, bottom: Any) -> Any:
    """Return the lines that thin boxes are, given as arrays; what is shorter than a line is none. Lines are rows of a matrix."""
    wide, high = x1 - x0, bottom - top
    level = (wide >= high) & (wide >= SHORTEST_RULING)
    upright = (wide < high) & (high >= SHORTEST_RULING)
    ys, xs = (top + bottom) / 2, (x0 + x1) / 2
    return np.concatenate(
        [
            _rulings(True, ys[level], x0[level], x1[level]),
            _rulings(False, xs[upright], top[upright], bottom[upright]),
        ]
    )


def _rulings(horizontal: bool, at: Any, start: Any, end: Any) -> Any:
    return np.stack([np.full(len(at), float(horizontal)), at, start, end], axis=1)


def outlines(handles: Sequence[int], matrix: Matrix, stroked: Sequence[bool], turn: Turn) -> list[Any]:
    """Return the straight edges of stroked paths, and the thin boxes of filled ones, as matrices of lines."""
    rulings: list[Any] = []
    counts = list(map(ask.count_segments, handles))
    simple: dict[int, list[int]] = {}
    for at, count in enumerate(counts):
        if 2 <= count <= SIMPLE:
            simple.setdefault(count, []).append(at)
        else:
            rulings += _outline(handles[at], matrix, stroked[at], turn)
    for count, positions in simple.items():
        group = [handles[at] for at in positions]
        points, one_piece, closed = _points(group, count, matrix)
        for at, whole in zip(positions, one_piece, strict=True):
            if not whole:
                rulings += _outline(handles[at], matrix, stroked[at], turn)
        # What is filled in one piece is a thin box only as a whole, which the caller has seen.
        drawn = one_piece & np.array([stroked[at] for at in positions])
        if drawn.any():
            ring = np.concatenate([points, points[:, :1]], axis=1)
            begin, end = ring[drawn, :-1], ring[drawn, 1:]
            edges = np.ones(begin.shape[:2], dtype=bool)
            edges[:, -1] = closed[drawn]
            rulings.append(_edges(begin[edges], end[edges], turn))
    return rulings


def _points(handles: Sequence[int], count: int, matrix: Matrix) -> tuple[Any, Any, Any]:
    """Return the points of paths of so many segments on the page, whether each is of one piece, and whether it is closed."""
    owners = itertools.chain.from_iterable(map(itertools.repeat, handles, itertools.repeat(count)))
    segments = list(map(ask.segment_at, owners, itertools.cycle(range(count))))
    total = len(segments)
    _, points = ask.all_of(ask.segment_point, segments, count=total, each=2, kind="f")
    moves = np.array(list(map(ask.segment_kind, segments))).reshape(-1, count) == raw.FPDF_SEGMENT_MOVETO
    closes = np.array(list(map(ask.segment_closes, segments)), dtype=bool).reshape(-1, count)
    one_piece = ~moves[:, 1:].any(axis=1) & ~closes[:, :-1].any(axis=1)
    _, own = ask.all_of(ask.object_matrix, handles, count=len(handles), each=6, kind="f", whole=True)
    a, b, c, d, e, f = own.astype(float).T[:, :, None]
    points = points.astype(float).reshape(-1, count, 2)
    x, y = points[..., 0], points[..., 1]
    x, y = a * x + c * y + e, b * x + d * y + f
    a, b, c, d, e, f = matrix
    return np.stack([a * x + c * y + e, b * x + d * y + f], axis=-1), one_piece, closes[:, -1]


def _edges(begin: Any, end: Any, turn: Turn) -> Any:
    """Return the level and upright ones of straight edges between points."""
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    x0, top, x1, bottom = turn(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    straight = (x1 - x0 <= STRAIGHT_EDGE) | (bottom - top <= STRAIGHT_EDGE)
    return thin_lines(x0[straight], top[straight], x1[straight], bottom[straight])


def _outline(handle: int, matrix: Matrix, stroked: bool, turn: Turn) -> Iterator[Any]:
    for path in _subpaths(handle, multiply(matrix_of(handle), matrix)):
        if stroked:
            points = np.array(path)
            yield _edges(points[:-1], points[1:], turn)
        elif path:
            xs, ys = [p[0] for p in path], [p[1] for p in path]
            x0, top, x1, bottom = turn(min(xs), min(ys), max(xs), max(ys))
            if x1 - x0 <= THIN or bottom - top <= THIN:
                yield thin_lines(*(np.array([value]) for value in (x0, top, x1, bottom)))


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


def dotted(places: Any, horizontal: bool) -> Any:
    """Return the lines that rows (or columns) of evenly set dots make; ``places`` are theirs, a row each."""
    if len(places) < FEWEST_DOTS:
        return NO_LINES
    along, across = (0, 1) if horizontal else (1, 0)
    levels = np.round((places[:, across] + places[:, across + 2]) / 2)
    order = np.lexsort((places[:, along], levels))
    places, levels = places[order], levels[order]
    begin, end = places[:, along], places[:, along + 2]
    # Two dotted borders may lie in one place, their dots between each other's: a line goes on from the farthest end yet.
    reached = np.maximum.accumulate(end + levels * FAR)
    starts = np.flatnonzero(np.concatenate([[True], begin[1:] + levels[1:] * FAR - reached[:-1] > DOT_GAP]))
    stops = np.append(starts[1:], len(places))
    lengths = stops - starts
    at = np.add.reduceat(places[:, across] + places[:, across + 2], starts) / (2 * lengths)
    long = lengths >= FEWEST_DOTS
    return _rulings(horizontal, at[long], begin[starts[long]], end[stops[long] - 1])
