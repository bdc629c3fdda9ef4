"""Ruling lines to lattices: which lines make a table, and which boxes between them are cells.

Belongs here: geometry on plain values. Characters are placed by ``pdf``; no PDF library is known here.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.readers.pdf_page import Ruling
from pipeline.values import record

SNAP = 3.0
"""Lines closer than this are one line drawn twice (borders of neighbouring cells); real rows are 9 points or more."""
GAP = 4.0
"""Pieces of a line no farther apart than this are one line: dashes, corners not quite met."""


@record
class Box:
    """A cell of a lattice: row and column from 1, spans, and its place on the page."""

    row: int
    col: int
    row_span: int
    col_span: int
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(slots=True)
class Lattice:
    """A table found by its lines. ``odd`` tells that some cells are no rectangles, so the grid cannot be trusted."""

    xs: list[float]
    ys: list[float]
    boxes: list[Box]
    at: dict[tuple[int, int], int] = field(default_factory=dict)
    odd: bool = False

    def box_index(self, x: float, y: float) -> int | None:
        """Return which box holds a point, None outside the lattice."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        return self.at.get((row, column))

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]


def find_lattices(rulings: Iterable[Ruling]) -> list[Lattice]:
    """Return the tables of a page from the top down: groups of crossing lines that enclose at least two cells."""
    horizontal = _join([r for r in rulings if r.horizontal])
    vertical = _join([r for r in rulings if not r.horizontal])
    lattices = []
    for rows, columns in _groups(horizontal, vertical):
        lattice = _lattice(rows, columns)
        if lattice is not None and len(lattice.boxes) >= 2:
            lattices.append(lattice)
    return sorted(lattices, key=lambda lattice: (lattice.top, lattice.xs[0]))


def _join(rulings: list[Ruling]) -> list[Ruling]:
    """Return lines with double strokes snapped together and touching pieces joined."""
    joined: list[Ruling] = []
    cluster: list[Ruling] = []
    for ruling in sorted(rulings, key=lambda r: r.at):
        if cluster and ruling.at - cluster[0].at > SNAP:
            joined += _join_cluster(cluster)
            cluster = []
        cluster.append(ruling)
    return joined + (_join_cluster(cluster) if cluster else [])


def _join_cluster(cluster: list[Ruling]) -> list[Ruling]:
    at = sum(r.at * (r.end - r.start) for r in cluster) / max(sum(r.end - r.start for r in cluster), 1e-6)
    result: list[Ruling] = []
    for ruling in sorted(cluster, key=lambda r: r.start):
        if result and ruling.start - result[-1].end <= GAP:
            last = result[-1]
            result[-1] = Ruling(last.horizontal, at, last.start, max(last.end, ruling.end))
        else:
            result.append(Ruling(ruling.horizontal, at, ruling.start, ruling.end))
    return result


def _groups(horizontal: list[Ruling], vertical: list[Ruling]) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Return the connected groups of crossing lines that have at least two lines each way."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, row in enumerate(horizontal):
        for j, column in enumerate(vertical, start=len(horizontal)):
            if column.start - GAP <= row.at <= column.end + GAP and row.start - GAP <= column.at <= row.end + GAP:
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
    if len(xs) < 2 or len(ys) < 2:
        return None
    columns = columns + [Ruling(False, x, ys[0], ys[-1]) for x in open_xs]
    rows = rows + [Ruling(True, y, xs[0], xs[-1]) for y in open_ys]
    wide, high = len(xs) - 1, len(ys) - 1
    closed_right = [[_covers(columns, xs[c + 1], ys[r], ys[r + 1]) for c in range(wide)] for r in range(high)]
    closed_below = [[_covers(rows, ys[r + 1], xs[c], xs[c + 1]) for c in range(wide)] for r in range(high)]
    regions = _regions(closed_right, closed_below, wide, high)
    lattice = Lattice(xs, ys, [])
    for region in regions:
        if _is_outside(region, columns, rows, xs, ys):
            continue
        first_row, last_row = min(r for r, _ in region), max(r for r, _ in region)
        first_col, last_col = min(c for _, c in region), max(c for _, c in region)
        lattice.odd |= len(region) != (last_row - first_row + 1) * (last_col - first_col + 1)
        for place in region:
            lattice.at[place] = len(lattice.boxes)
        lattice.boxes.append(
            Box(
                first_row + 1,
                first_col + 1,
                last_row - first_row + 1,
                last_col - first_col + 1,
                xs[first_col],
                ys[first_row],
                xs[last_col + 1],
                ys[last_row + 1],
            )
        )
    return lattice


def _covers(rulings: list[Ruling], at: float, start: float, end: float) -> bool:
    """Tell whether a line runs along an edge for most of its length."""
    need = 0.6 * (end - start)
    covered = 0.0
    for ruling in rulings:
        if abs(ruling.at - at) <= SNAP:
            covered += max(min(ruling.end, end) - max(ruling.start, start), 0.0)
    return covered >= need


def _regions(
    closed_right: list[list[bool]], closed_below: list[list[bool]], wide: int, high: int
) -> list[list[tuple[int, int]]]:
    """Return the boxes that no line separates, joined, in reading order."""
    regions: list[list[tuple[int, int]]] = []
    seen: set[tuple[int, int]] = set()
    for start in ((r, c) for r in range(high) for c in range(wide)):
        if start in seen:
            continue
        region, queue = [], [start]
        seen.add(start)
        while queue:
            r, c = queue.pop()
            region.append((r, c))
            neighbours = []
            if c + 1 < wide and not closed_right[r][c]:
                neighbours.append((r, c + 1))
            if c > 0 and not closed_right[r][c - 1]:
                neighbours.append((r, c - 1))
            if r + 1 < high and not closed_below[r][c]:
                neighbours.append((r + 1, c))
            if r > 0 and not closed_below[r - 1][c]:
                neighbours.append((r - 1, c))
            for place in neighbours:
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
        regions.append(sorted(region))
    return regions


def _is_outside(
    region: list[tuple[int, int]], columns: list[Ruling], rows: list[Ruling], xs: list[float], ys: list[float]
) -> bool:
    """Tell whether a region is page beside a ragged table: open at the lattice's edge, not held by lines on both flanks.

    A cell that a page break cut has no line at the cut, but its side lines run on to it.
    """
    first_row, last_row = region[0][0], region[-1][0]
    first_col, last_col = min(c for _, c in region), max(c for _, c in region)
    flanked_sideways = all(
        _covers(columns, x, ys[r], ys[r + 1]) for x in (xs[first_col], xs[last_col + 1]) for r in {first_row, last_row}
    )
    flanked_up_and_down = all(
        _covers(rows, y, xs[c], xs[c + 1]) for y in (ys[first_row], ys[last_row + 1]) for c in {first_col, last_col}
    )
    for r, c in region:
        open_left = c == 0 and not _covers(columns, xs[0], ys[r], ys[r + 1])
        open_right = c == len(xs) - 2 and not _covers(columns, xs[-1], ys[r], ys[r + 1])
        open_above = r == 0 and not _covers(rows, ys[0], xs[c], xs[c + 1])
        open_below = r == len(ys) - 2 and not _covers(rows, ys[-1], xs[c], xs[c + 1])
        if (open_left or open_right) and not flanked_up_and_down:
            return True
        if (open_above or open_below) and not flanked_sideways:
            return True
    return False
