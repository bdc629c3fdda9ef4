"""Which ink of a scanned page is a level ruling line.

Belongs here: whole level lines. Does not belong here: broken ones (``scan_dashes``), upright ones and tables (``scan_grid``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.scan_image import SCALE
from pipeline.values import record

Ink = NDArray[np.uint8]

SHORTEST = round(30 * SCALE)
LONG = round(90 * SCALE)
SURELY = round(250 * SCALE)
"""Upright lines are looked for between level ones of ``LONG``; one shorter than ``SURELY`` must then end at upright ones."""
THICKEST = round(8 * SCALE)
BREAK = round(2.2 * SCALE)
"""Longest break in a level line that is mended."""
WHITE = 0.3
"""Most ink on the white side of a line."""
CLEAR = 0.12
CROWDED = 0.3
SOLID = 0.98
UNBROKEN = 0.95
"""Share of a level line's length that has ink before its breaks are mended."""


@record
class Level:
    """A level line: where it stands, and the rows of ink that it takes."""

    ruling: Ruling
    top: int
    bottom: int


def level_lines(ink: Ink) -> list[Level]:
    """Return the level lines of a page's ink, from the top down."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, SHORTEST), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    lines = []
    for index in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[index])
        if width < SHORTEST:
            continue
        first, last = _core(labels[y : y + height, x : x + width] == index)
        top, bottom = y + first + 1, max(y + last, y + first + 2)
        if bottom - top > THICKEST:
            continue
        above, below = (
            ink[max(top - 5, 0) : max(top - 2, 0), x : x + width],
            ink[bottom + 2 : bottom + 5, x : x + width],
        )
        filled = _share(ink[top:bottom, x : x + width])
        if _is_line(width, filled, *sorted((_share(above), _share(below)))):
            lines.append(Level(Ruling(True, (top + bottom) / 2, x, x + width), top, bottom))
    return sorted(lines, key=lambda line: line.ruling.at)


def _core(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and last row of the bulk of a line: without what touches it here and there."""
    shares = mask.mean(axis=1)
    rows = np.flatnonzero(shares >= 0.5 * shares.max())
    return int(rows[0]), int(rows[-1])


def _is_line(width: int, filled: float, less: float, more: float) -> bool:
    """Tell whether a level line is drawn: without breaks and white on a side, or broken and standing free.

    A row of strokes has ink on both sides; the feet of a line of characters have breaks, and ink on one. What runs across
    half a page without a break is a line whatever text is squeezed against it.
    """
    if filled < UNBROKEN:
        return more < WHITE
    return less < CLEAR or more < WHITE or (width >= LONG and filled >= SOLID and less < CROWDED)


def _share(part: Ink) -> float:
    """Return the share of columns or rows of a strip that hold ink."""
    return float(part.any(axis=0).mean()) if part.size else 0.0
