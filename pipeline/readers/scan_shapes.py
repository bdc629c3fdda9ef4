"""What the ink of a short line looks like, whatever it says: how many pieces as high as digits, which strokes, where points.

Belongs here: pieces of ink and their sizes. Does not belong here: whether a text fits them (``scan_cells``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_image import Grey
from pipeline.values import record

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
Piece = tuple[int, int, int, int, int]
"""x, y, width, height and number of a connected piece of ink."""

DIGIT = 0.72
LOWEST_DIGIT = 0.43
"""Shares of the height of a line of text: a digit is so high, and a piece of ink at least, to be one."""
WIDEST_DIGIT = 0.85
"""Share of a digit's own height."""
PALE = 0.62
"""Share of the way from a line's darkest ink to white that is still ink of its thin strokes."""
FRINGE = 2
LARGEST_DIRT = 4


@record
class Shape:
    """What the ink of a short line looks like, whatever it says.

    ``tall``: pieces about as high as digits; ``dashes``: level strokes; ``dots``: for every small piece low and right of the
    first tall one, how many tall ones stand left of it; ``is_slash``: one thin slanting stroke; ``is_spaced``: a gap wider
    than between the full-width digits of a number.
    """

    tall: int
    dashes: int
    dash_is_wide: bool
    dots: tuple[int, ...]
    is_slash: bool
    is_spaced: bool


def shapes_of(ink: Mask, grey: Grey, line: Box, inside: Box, height: float) -> tuple[Shape, Shape]:
    """Return the shape of the ink of a line, and that of its pale strokes too; specks are ink here.

    Strokes that are thin and pale, as in small print, fall apart at a page's threshold: the second shape is taken against
    the line's own darkest ink. Points may run into digits there, so they are those of the first, without pieces of a digit.
    """
    pieces, labels = _pieces(ink)
    shape = _shape(pieces, labels, height)
    if not shape.tall and ink.shape[0] < LOWEST_DIGIT * height:
        return shape, shape
    x0, top = max(line[0] - FRINGE, inside[0]), max(line[1] - FRINGE, inside[1])
    x1, bottom = min(line[2] + FRINGE, inside[2]), min(line[3] + FRINGE, inside[3])
    strokes, stroke_labels = _pieces(_pale(grey[top:bottom, x0:x1]))
    pale = _shape(strokes, stroke_labels, height)
    if not pale.tall:
        return shape, shape
    narrow = [
        (x + x0 - line[0], x + x0 - line[0] + width)
        for x, _, width, high, _ in strokes
        if high >= LOWEST_DIGIT * height and width <= WIDEST_DIGIT * high
    ]
    whole = [piece for piece in pieces if not any(_is_part(piece, glyph, pieces, height) for glyph in narrow)]
    dots = pale.dots or _shape(whole, labels, height).dots
    # A sign is no piece of a digit: it stands before them all.
    dashes = max(pale.dashes, _signs(pieces, height))
    return shape, Shape(pale.tall, dashes, pale.dash_is_wide, dots, shape.is_slash, pale.is_spaced)


def _pale(part: Grey) -> Mask:
    dark = float(np.percentile(part, 4))
    return np.asarray(cv2.GaussianBlur(part, (3, 3), 0) < dark + PALE * (255 - dark))


def _is_part(piece: Piece, glyph: tuple[int, int], pieces: list[Piece], height: float) -> bool:
    """Tell whether a small piece of ink is part of a digit that fell apart: it lies between the ends of its tall ones."""
    tall = [
        one
        for one in pieces
        if one[3] >= LOWEST_DIGIT * height and glyph[0] - 1 <= one[0] and one[0] + one[2] <= glyph[1] + 1
    ]
    if not tall or piece in tall:
        return False
    return min(one[0] for one in tall) <= piece[0] and piece[0] + piece[2] <= max(one[0] + one[2] for one in tall)


def _pieces(ink: Mask) -> tuple[list[Piece], NDArray[np.int32]]:
    """Return the connected pieces of some ink from left to right, and the picture of their numbers."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    boxes = [[int(value) for value in row[:4]] for row in stats]
    pieces: list[Piece] = [(x, y, wide, high, index) for index, (x, y, wide, high) in enumerate(boxes) if index]
    return sorted(pieces, key=lambda piece: piece[0]), np.asarray(labels, dtype=np.int32)


def _dashes(pieces: list[Piece], height: float) -> list[Piece]:
    digit = DIGIT * height
    return [b for b in pieces if b[3] <= max(0.26 * digit, 4) and b[2] >= max(0.26 * digit, 1.6 * b[3])]


def _signs(pieces: list[Piece], height: float) -> int:
    """Return how many level strokes stand before the first piece as high as a digit."""
    first = min((x for x, _, _, high, _ in pieces if high >= LOWEST_DIGIT * height), default=0)
    return sum(x + width <= first + 1 for x, _, width, _, _ in _dashes(pieces, height))


def _shape(pieces: list[Piece], labels: NDArray[np.int32], height: float) -> Shape:
    digit = DIGIT * height
    tall = [box for box in pieces if box[3] >= LOWEST_DIGIT * height]
    dashes = _dashes(pieces, height)
    dots: tuple[int, ...] = ()
    if tall:
        low = max(box[1] + box[3] for box in tall) - 0.35 * digit
        dots = tuple(
            sum(piece[0] + piece[2] / 2 < b[0] + b[2] / 2 for piece in tall)
            for b in pieces
            if b[0] > tall[0][0] and b[1] + b[3] > low and b[2] * b[3] >= 3 and b not in tall and b not in dashes
        )
    gaps = [right[0] - max(b[0] + b[2] for b in tall[: at + 1]) for at, right in enumerate(tall[1:])]
    dirt = [box for box in pieces if box[2] <= LARGEST_DIRT and box[3] <= LARGEST_DIRT]
    is_slash = len(tall) == 1 and len(pieces) == 1 + len(dirt) and _slants(labels == tall[0][4])
    is_wide = any(box[2] > 0.6 * height for box in dashes)
    return Shape(len(tall), len(dashes), is_wide, dots, is_slash, max(gaps, default=0) > 0.85 * height)


def _slants(stroke: Mask) -> bool:
    """Tell whether a piece of ink is a thin stroke that leans to the right."""
    rows = [np.flatnonzero(row) for row in stroke if row.any()]
    if len(rows) < 6:
        return False
    third = len(rows) // 3
    lean = float(np.mean([row.mean() for row in rows[:third]]) - np.mean([row.mean() for row in rows[-third:]]))
    widest = max(int(row[-1] - row[0]) + 1 for row in rows[1:-1])
    return lean >= 0.17 * len(rows) and widest <= 0.3 * len(rows)
