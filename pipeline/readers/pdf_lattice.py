"""Ruling lines to lattices: which lines make a table, and which boxes between them are cells.

Belongs here: geometry on plain values. Characters are placed by ``pdf``; no PDF library is known here.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.readers.pdf_strokes import Ruling
from pipeline.values import record

SNAP = 3.0
"""Lines closer than this are one line drawn twice (borders of neighbouring cells); real rows are 9 points or more."""
GAP = 4.0
"""Pieces of a line no farther apart than this are one line: dashes, corners not quite met."""

FAR = 1e6
"""Points; more than any page has, so that levels never meet."""
MOST_CROSSINGS = 4_000_000
"""Pairs of lines that are looked at on a page; forms have some 60 lines each way, a map or a plan has thousands."""
MOST_PLACES = 20_000
"""Places between the lines of one table; the largest form has 300."""


@record
class Box:
    """A cell of a lattice: row and column from 1, spans, and its place on the page.

    ``odd`` tells that what no line divides is no rectangle: spans and place are those of its first row, and what stands
    in it cannot be trusted.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    x0: float
    top: float
    x1: float
    bottom: float
    odd: bool = False


@dataclass(slots=True)
class Lattice:
    """A table found by its lines."""

    xs: list[float]
    ys: list[float]
    boxes: list[Box]
    at: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]


def find_lattices(rulings: Sequence[Ruling]) -> list[Lattice]:
    """Return the tables of a page from the top down: groups of crossing lines that enclose at least two cells."""
    lines = np.asarray(rulings, dtype=float).reshape(-1, 4)
    level = lines[:, 0] > 0
    horizontal, vertical = _join(lines[level], True), _join(lines[~level], False)
    lattices = []
    if len(horizontal) * len(vertical) > MOST_CROSSINGS:
        return []
    for rows, columns in _groups(horizontal, vertical):
        lattice = _lattice(rows, columns)
        if lattice is not None and len(lattice.boxes) >= 2:
            lattices.append(lattice)
    return sorted(lattices, key=lambda lattice: (lattice.top, lattice.xs[0]))


def _join(lines: Any, horizontal: bool) -> list[Ruling]:
    """Return lines with double strokes snapped together and touching pieces joined, each at the middle of its own pieces.

    Lines of two tables, one below the other, may all but meet on a level and are still two.
    """
    if not len(lines):
        return []
    levels, place = np.unique(lines[:, 1], return_inverse=True)
    cluster = np.empty(len(levels))
    first, number = levels[0], 0
    for n, at in enumerate(levels.tolist()):
        if at - first > SNAP:
            first, number = at, number + 1
        cluster[n] = number
    cluster = cluster[place]
    order = np.lexsort((lines[:, 2], cluster))
    cluster = cluster[order] * FAR
    _, at, start, end = lines[order].T
    reached = np.maximum.accumulate(end + cluster)
    begins = np.flatnonzero(np.concatenate([[True], start[1:] + cluster[1:] - reached[:-1] > GAP]))
    length = np.add.reduceat(end - start, begins)
    moment = np.add.reduceat(at * (end - start), begins)
    alone = np.diff(np.append(begins, len(at))) == 1
    middle = np.where(alone, at[begins], moment / np.maximum(length, 1e-6))
    columns = (middle.tolist(), start[begins].tolist(), np.maximum.reduceat(end, begins).tolist())
    return [Ruling(horizontal, *line) for line in zip(*columns, strict=True)]


def _groups(horizontal: list[Ruling], vertical: list[Ruling]) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Return the connected groups of crossing lines that have at least two lines each way."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    ends = [(at, start - GAP, end + GAP, j) for j, (_, at, start, end) in enumerate(vertical, start=len(horizontal))]
    for i, (_, y, start, end) in enumerate(horizontal):
        left, right = start - GAP, end + GAP
        for x, top, bottom, j in ends:
            if top <= y <= bottom and left <= x <= right and parent[i] != parent[j]:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for index, ruling in enumerate(horizontal + vertical):
        group = groups.setdefault(root(index), ([], []))
        group[0 if ruling.horizontal else 1].append(ruling)
    return [group for group in groups.values() if len(group[0]) >= 2 and len(group[1]) >= 1]


def _positions(values: Iterable[float]) -> list[float]:
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > SNAP:
            result.append(value)
    return result


def _lattice(rows: list[Ruling], columns: list[Ruling]) -> Lattice | None:
    xs = _positions(r.at for r in columns)
    ys = _positions(r.at for r in rows)
    # Tables open at a side (no outer border, a row cut by the page's end): lines run on past the last that crosses them.
    left, right = min(r.start for r in rows), max(r.end for r in rows)
    top, bottom = min(r.start for r in columns), max(r.end for r in columns)
    open_xs = [x for x, edge in ((left, xs[0] - left), (right, right - xs[-1])) if edge > 2 * GAP]
    open_ys = [y for y, edge in ((top, ys[0] - top), (bottom, bottom - ys[-1])) if edge > 2 * GAP]
    xs, ys = sorted(xs + open_xs), sorted(ys + open_ys)
    if len(xs) < 2 or len(ys) < 2 or len(xs) * len(ys) > MOST_PLACES:
        return None
    columns = columns + [Ruling(False, x, ys[0], ys[-1]) for x in open_xs]
    rows = rows + [Ruling(True, y, xs[0], xs[-1]) for y in open_ys]
    grid = _edges(_covered(columns, xs, ys), _covered(rows, ys, xs))
    lattice = Lattice(xs, ys, [])
    for region in _regions(grid):
        if region[0] not in grid.closed and _is_outside(region, grid):
            continue
        for place in region:
            lattice.at[place] = len(lattice.boxes)
        lattice.boxes.append(_box(region, xs, ys))
    return lattice


def _box(region: list[tuple[int, int]], xs: list[float], ys: list[float]) -> Box:
    """Return the cell that a region makes; ``region`` is in reading order."""
    first_row, first_col = region[0]
    if len(region) == 1:
        place = (xs[first_col], ys[first_row], xs[first_col + 1], ys[first_row + 1])
        return Box(first_row + 1, first_col + 1, 1, 1, *place)
    last_row, last_col = max(r for r, _ in region), max(c for _, c in region)
    left = min(c for _, c in region)
    odd = len(region) != (last_row - first_row + 1) * (last_col - left + 1)
    if odd:
        last_row = first_row
        last_col = first_col
        while (first_row, last_col + 1) in region:
            last_col += 1
    place = (xs[first_col], ys[first_row], xs[last_col + 1], ys[last_row + 1])
    return Box(first_row + 1, first_col + 1, last_row - first_row + 1, last_col - first_col + 1, *place, odd)


@record
class _Edges:
    """Which lines of a lattice are drawn between which boxes.

    ``column_lines[n][row]`` tells whether upright line n is drawn beside a row, ``row_lines[n][column]`` whether level line n
    is drawn above or below a column; ``closed`` are the places with a line on every side.
    """

    wide: int
    high: int
    column_lines: list[list[bool]]
    row_lines: list[list[bool]]
    closed: frozenset[tuple[int, int]]

    def column_line(self, line: int, row: int) -> bool:
        return self.column_lines[line][row]

    def row_line(self, line: int, column: int) -> bool:
        return self.row_lines[line][column]


def _edges(beside: Any, below: Any) -> _Edges:
    """Return the edges from matrices: of each upright line its rows, of each level line its columns."""
    closed = (beside[:-1] & beside[1:]).T & below[:-1] & below[1:]
    places = frozenset(zip(*(axis.tolist() for axis in np.nonzero(closed)), strict=True))
    return _Edges(closed.shape[1], closed.shape[0], beside.tolist(), below.tolist(), places)


def _covered(lines: list[Ruling], at: list[float], edges: list[float]) -> Any:
    """Tell of each line, and of each place between neighbouring edges, whether its strokes run along most of it."""
    _, level, start, end = np.array(lines, dtype=float).T
    begins, ends = np.array(edges[:-1]), np.array(edges[1:])
    along = np.minimum(end[:, None], ends) - np.maximum(start[:, None], begins)
    near = np.abs(np.array(at)[:, None] - level) <= SNAP
    return near.astype(float) @ np.maximum(along, 0) >= 0.6 * (ends - begins)


def _regions(grid: _Edges) -> list[list[tuple[int, int]]]:
    """Return the boxes that no line separates, joined, in reading order."""
    wide, high, beside, below = grid.wide, grid.high, grid.column_lines, grid.row_lines
    closed = grid.closed
    regions: list[list[tuple[int, int]]] = []
    seen: set[tuple[int, int]] = set()
    for start in itertools.product(range(high), range(wide)):
        if start in closed:
            regions.append([start])
            continue
        if start in seen:
            continue
        region, queue = [], [start]
        seen.add(start)
        while queue:
            r, c = queue.pop()
            region.append((r, c))
            neighbours = []
            if not beside[c + 1][r] and c + 1 < wide:
                neighbours.append((r, c + 1))
            if not beside[c][r] and c > 0:
                neighbours.append((r, c - 1))
            if not below[r + 1][c] and r + 1 < high:
                neighbours.append((r + 1, c))
            if not below[r][c] and r > 0:
                neighbours.append((r - 1, c))
            for place in neighbours:
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
        regions.append(sorted(region) if len(region) > 1 else region)
    return regions


def _is_outside(region: list[tuple[int, int]], grid: _Edges) -> bool:
    """Tell whether a region is page beside a ragged table: open at the lattice's edge, not held by lines on both flanks.

    A cell that a page break cut has no line at the cut, but its side lines run on to it.
    """
    rows, columns = {r for r, _ in region}, {c for _, c in region}
    if 0 not in rows and 0 not in columns and grid.high - 1 not in rows and grid.wide - 1 not in columns:
        return False
    top, bottom, left, right = min(rows), max(rows), min(columns), max(columns)
    open_sideways = any(
        c == edge and not grid.column_line(line, r)
        for edge, line in ((0, 0), (grid.wide - 1, grid.wide))
        if edge in (left, right)
        for r, c in region
    )
    if open_sideways and not all(grid.row_line(y, c) for y in (top, bottom + 1) for c in {left, right}):
        return True
    open_up_or_down = any(
        r == edge and not grid.row_line(line, c)
        for edge, line in ((0, 0), (grid.high - 1, grid.high))
        if edge in (top, bottom)
        for r, c in region
    )
    return open_up_or_down and not all(grid.column_line(x, r) for x in (left, right + 1) for r in {top, bottom})
