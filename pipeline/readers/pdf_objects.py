"""The objects of a page in the order in which they are painted, and where they lie.

Belongs here: walking through form objects, matrices, how an object is painted. What the objects mean is in ``pdf_drawing``.
"""

from array import array
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as raw

from pipeline.readers import pdf_calls as ask

MAX_OBJECTS = 200_000
MAX_FORM_DEPTH = 6
STRAIGHT = 0.03
"""Slope up to which a base line counts as level or upright before its characters are looked at one by one."""
Matrix = tuple[float, float, float, float, float, float]
Colour = tuple[int, int, int, int]
BLACK: Colour = (0, 0, 0, 255)
Bounds = tuple[float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def places(kind: str, count: int) -> tuple[Any, tuple[int, ...]]:
    """Return an array (of the type code ``kind``) that PDFium may write to, and the address of each of its members."""
    # An array of ctypes would do; taking it apart costs as much as the question.
    values = array(kind, [0] * count)
    start, _ = values.buffer_info()
    return values, tuple(start + values.itemsize * index for index in range(count))


def objects_of(page: Any) -> Iterator[tuple[int, int, Matrix]]:
    """Yield (kind, handle, matrix) of a page's objects and of those of the forms drawn on it, as painted.

    No more than ``MAX_OBJECTS``. A form comes itself only where what it holds is not looked into.
    """
    left = MAX_OBJECTS
    kind_of, form = ask.kind_of, raw.FPDF_PAGEOBJ_FORM
    holder = ask.handle_of(page.raw)
    walks = [(holder, ask.object_at, iter(range(ask.count_objects(holder))), IDENTITY)]
    while walks and left:
        holder, get, indices, matrix = walks[-1]
        for index in indices:
            left -= 1
            handle = get(holder, index) or 0
            kind = kind_of(handle)
            if kind == form and len(walks) <= MAX_FORM_DEPTH:
                inner = multiply(matrix_of(handle), matrix)
                walks.append((handle, ask.form_object_at, iter(range(ask.count_form_objects(handle))), inner))
                break
            yield kind, handle, matrix
            if not left:
                break
        else:
            walks.pop()
    if walks:
        yield form, 0, IDENTITY


_MATRIX, (_MATRIX_PLACE, *_) = places("f", 6)


def matrix_of(handle: int) -> Matrix:
    """Return an object's own matrix."""
    ask.object_matrix(handle, _MATRIX_PLACE)
    a, b, c, d, e, f = _MATRIX
    return a, b, c, d, e, f


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that does what the first does, then what the second does."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where a matrix puts a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def is_slanted(handle: int, matrix: Matrix) -> bool:
    """Tell whether the base line of a text may be neither level nor upright."""
    a, b, c, d, e, f = matrix_of(handle)
    if matrix is not IDENTITY:
        a, b, _, _, _, _ = multiply((a, b, c, d, e, f), matrix)
    a, b = abs(a), abs(b)
    return min(a, b) > STRAIGHT * max(a, b)


class Asking:
    """Asks PDFium about objects, into places that are made once a page: making them costs more than asking."""

    def __init__(self) -> None:
        self._corners, self._corner_places = places("f", 4)
        self._mode, self._mode_places = places("i", 2)
        self._channels, self._channel_places = places("I", 4)

    def bounds(self, handle: int, matrix: Matrix) -> Bounds | None:
        """Return (x0, y0, x1, y1) of an object on the page, None where PDFium knows none."""
        if not ask.object_bounds(handle, *self._corner_places):
            return None
        x0, y0, x1, y1 = self._corners
        if matrix is IDENTITY:
            return x0, y0, x1, y1
        a, b, c, d, e, f = matrix
        if b == 0 and c == 0:
            x0, y0, x1, y1 = a * x0 + e, d * y0 + f, a * x1 + e, d * y1 + f
            return (x0 if x0 < x1 else x1, y0 if y0 < y1 else y1, x1 if x0 < x1 else x0, y1 if y0 < y1 else y0)
        points = [point(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)

    def painting(self, handle: int) -> tuple[bool, bool]:
        """Tell whether a path is filled, and whether it is stroked."""
        ask.draw_mode(handle, *self._mode_places)
        fill, stroke = self._mode
        return fill != 0, stroke != 0

    def fill_colour(self, handle: int) -> Colour:
        """Return red, green, blue, alpha; black where PDFium knows none (patterns and shadings)."""
        if not ask.fill_colour(handle, *self._channel_places):
            return BLACK
        red, green, blue, alpha = self._channels
        return red, green, blue, alpha

    def stroke_colour(self, handle: int) -> Colour:
        if not ask.stroke_colour(handle, *self._channel_places):
            return BLACK
        red, green, blue, alpha = self._channels
        return red, green, blue, alpha


def is_white(colour: Colour) -> bool:
    """Tell whether a colour cannot be told from paper."""
    red, green, blue, _ = colour
    return red >= 250 and green >= 250 and blue >= 250
