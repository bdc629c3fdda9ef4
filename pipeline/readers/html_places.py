"""Where the cells of an HTML table stand: spans expanded as a browser does.

Belongs here: rows, columns and spans, for tags and for elements alike. Does not belong here: what is a row or a cell
(``html_table``), texts (``html_cells``). What a table costs follows from how many cells it prints, never from what they span.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from heapq import heappop, heappush

MAX_COL_SPAN = 100
ENDLESS = 2**62
_SPANS = re.compile(r"""\s(row|col)span="\s*(\d{1,6})""")

Layout = tuple[str, ...]
"""The tags of a table's rows and cells in order: the letter that tells them apart, and the attributes where they name spans."""
Placed = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Row, column, rows and columns of each cell."""


@dataclass(slots=True)
class Places:
    """Where the next cell of a table goes; rows and columns count from 1. No span runs over a cell that comes down from above.

    ``gaps``: the columns that no cell from above covers in this row, as start and stop, in order.
    ``hanging``: the cells that reach below their own row, as last row, start and stop, the first to end at the head.
    ``steps`` counts what was done: it grows with the cells, not with their spans.
    """

    rows: int
    row: int = 0
    column: int = 1
    steps: int = 0
    hanging: list[tuple[int, int, int]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=lambda: [(1, ENDLESS)])
    _gap: int = 0

    def next_row(self) -> None:
        """Begin a row: the columns of cells that ended with the last one are free again."""
        self.row += 1
        self.column, self._gap = 1, 0
        while self.hanging and self.hanging[0][0] < self.row:
            self.steps += 1
            self._free(*heappop(self.hanging)[1:])

    def take(self, row_span: int, col_span: int) -> tuple[int, int, int]:
        """Return column, rows and columns of the next cell; spans as printed (0 rows: all that are left)."""
        self.steps += 1
        while self.gaps[self._gap][1] <= self.column:
            self.steps += 1
            self._gap += 1
        start, stop = self.gaps[self._gap]
        column = max(start, self.column)
        width = max(min(col_span, MAX_COL_SPAN, stop - column), 1)
        rest = self.rows - self.row + 1
        row_span = min(row_span or rest, rest)
        self.column = column + width
        if row_span > 1:
            left = [gap for gap in ((start, column), (self.column, stop)) if gap[0] < gap[1]]
            self.gaps[self._gap : self._gap + 1] = left
            heappush(self.hanging, (self.row + row_span - 1, column, self.column))
        return column, row_span, width

    def _free(self, start: int, stop: int) -> None:
        """Put columns back among the gaps, joined to those that they touch."""
        at = bisect_left(self.gaps, (start, stop))
        first = last = at
        if at and self.gaps[at - 1][1] == start:
            first, start = at - 1, self.gaps[at - 1][0]
        if at < len(self.gaps) and self.gaps[at][0] == stop:
            last, stop = at + 1, self.gaps[at][1]
        self.gaps[first:last] = [(start, stop)]


def lay_out(layout: Layout) -> Placed:
    """Return where the cells of a table stand; those before any row stand in the first."""
    if layout and layout[0][0] != "r":
        layout = ("r", *layout)
    places = Places(layout.count("r") + sum(tag[0] == "r" and len(tag) > 1 for tag in layout))
    placed: list[tuple[int, int, int, int]] = []
    for tag in layout:
        if tag[0] == "r":
            places.next_row()
        elif len(tag) > 1 or places.hanging:
            column, row_span, width = places.take(*_spans(tag[1:]))
            placed.append((places.row, column, row_span, width))
        else:
            placed.append((places.row, places.column, 1, 1))
            places.column += 1
    rows, columns, row_spans, widths = zip(*placed, strict=True) if placed else ((), (), (), ())
    return rows, columns, row_spans, widths


def _spans(attributes: str) -> tuple[int, int]:
    printed = dict(_SPANS.findall(attributes))
    return int(printed.get("row", 1)), int(printed.get("col", 1))
