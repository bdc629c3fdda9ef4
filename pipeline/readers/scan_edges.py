"""What of a scanned cell's ink belongs to its rules.

Belongs here: the inside of a cell, and what is left of its rules there. Does not belong here: lines of text (``scan_lines``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_image import SCALE

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

INSET = 3
"""Pixels of a cell's edge that belong to its rule."""
RULE_REST = 3
RULED = 0.97
"""A row or column of a cell's edge with more ink belongs to its rule."""
THICKEST_RULE = round(3.5 * SCALE)


def within_rules(ink: Mask, box: Box) -> Box:
    """Return the inside of a cell: clear of its rules, however thick."""
    x0, top, x1, bottom = box[0] + INSET, box[1] + INSET, box[2] - INSET, box[3] - INSET
    if x1 - x0 <= 2 * THICKEST_RULE or bottom - top <= 2 * THICKEST_RULE:
        return x0, top, x1, bottom
    part = ink[top:bottom, x0:x1]
    rows, columns = part.mean(axis=1) > RULED, part.mean(axis=0) > RULED
    above, below = _leading(rows), _leading(rows[::-1])
    left, right = _leading(columns), _leading(columns[::-1])
    return x0 + left, top + above, x1 - right, bottom - below


def _leading(full: NDArray[np.bool_]) -> int:
    """Return how many pixels of a thick rule a cell begins with, with its soft edge; 0 where that would be a solid black cell."""
    count = int(np.argmin(full)) if not full.all() else 0
    return count + 2 if 0 < count <= THICKEST_RULE else 0


def without_rules(part: Mask) -> Mask:
    """Return the ink of a cell without what is left of its rules: thin pieces along its edges."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8), connectivity=8)
    high, wide = part.shape
    drop = np.zeros(count, bool)
    for index in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[index])
        upright = (x < RULE_REST or x + width > wide - RULE_REST) and width <= 2 * RULE_REST
        level = (y < RULE_REST or y + height > high - RULE_REST) and height <= 2 * RULE_REST
        drop[index] = (upright and (height > 0.9 * high or x + width <= RULE_REST or x >= wide - RULE_REST)) or (
            level and (width > 0.6 * wide or y + height <= RULE_REST or y >= high - RULE_REST)
        )
    return part & ~drop[labels] if drop.any() else part
