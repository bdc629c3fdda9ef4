"""Ruling lines of a scanned table that are lost between some of its cells, though traces of them show.

Belongs here: lines known from other rows or columns of the table, where a seal or wear has taken most of them. Does not belong
here: lines that are found as such (``scan_grid``, ``scan_dashes``).

A label that seems to reach over two rows, because the line between is broken, would give one row's number to the other.
"""

import itertools
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.pdf_lattice import Box, Lattice
from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.scan_image import SCALE, Grey

LONGEST_STROKE = round(14 * SCALE)
"""No stroke of a character in a cell is so long."""
BREAK = 5
NEAR = 3
"""Pixels about a line's place where it may stand."""
BESIDE = 3
"""Pixels between a line and the paper beside it."""
SHOWS = 9
"""Grey levels by which a trace of a line is darker than the paper on both sides."""
SHARE = 0.3
EVEN = 50
"""Grey levels by which a trace of a line may differ along it; strokes of text that stand in a row differ more."""
CLEAR = 2
AS_THICK = 3
"""Pixels by which the thickness of a trace may differ along it: the middle of small text is as even, and not as thick everywhere."""


def broken_lines(grey: Grey, tables: Sequence[Lattice]) -> list[Ruling]:
    """Return, in points, the lines of some tables that show in part between boxes which they ought to part."""
    found: list[Ruling] = []
    for table in tables:
        for box in table.boxes:
            if box.row_span > 1 and not box.odd:
                found += _level(grey, table, box)
            if box.col_span > 1 and not box.odd:
                found += _upright(grey, table, box)
    return found


def _level(grey: Grey, table: Lattice, box: Box) -> Iterator[Ruling]:
    for at in table.ys[box.row : box.row + box.row_span - 1]:
        if _shows(grey, at, box.x0, box.x1, LONGEST_STROKE):
            yield Ruling(True, at, box.x0, box.x1)


def _upright(grey: Grey, table: Lattice, box: Box) -> Iterator[Ruling]:
    rows = table.ys[box.row - 1 : box.row + box.row_span]
    for at in table.xs[box.col : box.col + box.col_span - 1]:
        for top, bottom in itertools.pairwise(rows):
            if _shows(grey.T, at, top, bottom, LONGEST_STROKE):
                yield Ruling(False, at, top, bottom)


def _shows(grey: Grey, at: float, start: float, end: float, longest: int) -> bool:
    """Tell whether a level line shows at a place, given in points: in a piece longer than strokes, and along much of it."""
    row, first, last = round(at * SCALE), round(start * SCALE) + CLEAR, round(end * SCALE) - CLEAR
    margin = NEAR + BESIDE + 3
    if row < margin or row + margin >= grey.shape[0] or last - first < longest:
        return False
    part = np.asarray(
        cv2.blur(np.ascontiguousarray(grey[row - margin : row + margin + 1, first:last]), (7, 1)), dtype=np.int16
    )
    line = part[margin - NEAR : margin + NEAR + 1].min(axis=0)
    paper = np.minimum(part[:3].min(axis=0), part[-3:].min(axis=0))
    traces = np.asarray(line < paper - SHOWS, dtype=np.uint8)[None]
    closed = np.asarray(cv2.morphologyEx(traces, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8)))[0]
    start, stop = _longest(closed > 0)
    if stop - start < longest or closed.mean() < SHARE:
        return False
    dark = part[:, start:stop] < (line[start:stop] + paper[start:stop]) / 2
    thinnest, thickest = np.percentile(dark.sum(axis=0), (10, 90))
    if thickest - thinnest > AS_THICK:
        return False
    least, most = np.percentile(line[start:stop], (5, 95))
    return bool(most - least <= EVEN)


def _longest(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where the longest run begins and ends; (0, 0) where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    runs = [(int(edges[i]), int(edges[i + 1])) for i in range(0, len(edges), 2)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
