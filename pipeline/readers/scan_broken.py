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
"""Pixels by which the thickness of a trace may differ from that of its line elsewhere."""
WIDE = 14
"""Pixels on either side of a line that are looked at for its thickness."""
FILLED = 0.8
INKED = 0.3
"""Share of a trace's length with ink close to it, on both sides, that is text."""


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
        if _shows(grey, at, box.x0, box.x1, _thickness(grey, at, table.xs, (box.x0, box.x1))):
            yield Ruling(True, at, box.x0, box.x1)


def _upright(grey: Grey, table: Lattice, box: Box) -> Iterator[Ruling]:
    rows = table.ys[box.row - 1 : box.row + box.row_span]
    for at in table.xs[box.col : box.col + box.col_span - 1]:
        for top, bottom in itertools.pairwise(rows):
            if _shows(grey.T, at, top, bottom, _thickness(grey.T, at, table.ys, (top, bottom))):
                yield Ruling(False, at, top, bottom)


def _shows(grey: Grey, at: float, start: float, end: float, thick: float) -> bool:
    """Tell whether a level line shows at a place, given in points: in a piece longer than strokes, and along much of it.

    It is about as thick as elsewhere (pixels), with paper beside it: the middle of a line of text is neither.
    """
    row, first, last = round(at * SCALE), round(start * SCALE) + CLEAR, round(end * SCALE) - CLEAR
    margin = max(NEAR + BESIDE + 3, WIDE)
    if row < margin or row + margin >= grey.shape[0] or last - first < LONGEST_STROKE:
        return False
    part = np.asarray(
        cv2.blur(np.ascontiguousarray(grey[row - margin : row + margin + 1, first:last]), (7, 1)), dtype=np.int16
    )
    line = part[margin - NEAR : margin + NEAR + 1].min(axis=0)
    paper = np.minimum(part[:3].min(axis=0), part[-3:].min(axis=0))
    traces = np.asarray(line < paper - SHOWS, dtype=np.uint8)[None]
    closed = np.asarray(cv2.morphologyEx(traces, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8)))[0]
    start, stop = _longest(closed > 0)
    if stop - start < LONGEST_STROKE or closed.mean() < SHARE:
        return False
    own = np.asarray(grey[row - WIDE : row + WIDE + 1, first + start : first + stop])
    if abs(float(np.median(_runs_at_middle(own))) - thick) > AS_THICK or _is_text(own, thick):
        return False
    least, most = np.percentile(line[start:stop], (5, 95))
    return bool(most - least <= EVEN)


def _thickness(grey: Grey, at: float, across: Sequence[float], gap: tuple[float, float]) -> float:
    """Return how thick a level line is, in pixels, in the places between lines across where it is drawn, beside a gap."""
    row = round(at * SCALE)
    if not WIDE <= row < grey.shape[0] - WIDE:
        return AS_THICK
    found: list[float] = []
    for start, end in itertools.pairwise(across):
        if end <= gap[0] or start >= gap[1]:
            part = grey[row - WIDE : row + WIDE + 1, round(start * SCALE) + WIDE : round(end * SCALE) - WIDE]
            runs = _runs_at_middle(part)
            if len(runs) and (runs > 0).mean() > FILLED:
                found.append(float(np.median(runs)))
    return float(np.median(found)) if found else AS_THICK


def _runs_at_middle(part: Grey) -> NDArray[np.int64]:
    """Return of every column how many dark rows in a row there are at its middle; the darkest near it tells what is dark."""
    middle = part.shape[0] // 2
    near = part[middle - NEAR : middle + NEAR + 1]
    limit = (near.min(axis=0).astype(np.int64) + 255) // 2
    dark = (part <= limit) & (limit < 255 - SHOWS)
    places = np.argmin(near, axis=0) + middle - NEAR
    rows = np.arange(part.shape[0])[:, None]
    above = np.where(~dark & (rows < places), rows, -1).max(axis=0)
    below = np.where(~dark & (rows > places), rows, part.shape[0]).min(axis=0)
    return np.where(dark[places, np.arange(part.shape[1])], below - above - 1, 0)


def _is_text(part: Grey, thick: float) -> bool:
    """Tell whether there is ink close to both sides of what runs along the middle of some rows."""
    middle, edge = part.shape[0] // 2, round(thick / 2)
    limit = (float(np.median(part[middle - NEAR : middle + NEAR + 1].min(axis=0))) + 255) / 2
    sides = part[middle - edge - 5 : middle - edge - 2], part[middle + edge + 3 : middle + edge + 6]
    return all(bool((side < limit).any(axis=0).mean() > INKED) for side in sides if side.size)


def _longest(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where the longest run begins and ends; (0, 0) where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    runs = [(int(edges[i]), int(edges[i + 1])) for i in range(0, len(edges), 2)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
