"""The objects of a page in the order in which they are painted, and where they lie.

Belongs here: walking through form objects, matrices, how an object is painted. What the objects mean is in ``pdf_drawing``.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as raw

MAX_OBJECTS = 200_000
MAX_FORM_DEPTH = 6
Matrix = tuple[float, float, float, float, float, float]
Bounds = tuple[float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def objects_of(page: Any) -> Iterator[tuple[int, Any, Matrix]]:
    """Yield (kind, object, matrix) of a page and of the forms drawn on it, as painted; no more than ``MAX_OBJECTS``."""
    left = MAX_OBJECTS
    kind_of = raw.FPDFPageObj_GetType
    walks = [_objects_within(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, IDENTITY)]
    while walks and left:
        for handle, matrix in walks[-1]:
            left -= 1
            kind = kind_of(handle)
            if kind == raw.FPDF_PAGEOBJ_FORM:
                if len(walks) <= MAX_FORM_DEPTH:
                    inner = multiply(matrix_of(handle), matrix)
                    walks.append(
                        _objects_within(handle, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner)
                    )
                    break
            else:
                yield kind, handle, matrix
            if not left:
                break
        else:
            walks.pop()


def _objects_within(holder: Any, count: Any, get: Any, matrix: Matrix) -> Iterator[tuple[Any, Matrix]]:
    for index in range(count(holder)):
        yield get(holder, index), matrix


def matrix_of(handle: Any) -> Matrix:
    """Return an object's own matrix."""
    own = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(handle, ctypes.byref(own))
    return own.a, own.b, own.c, own.d, own.e, own.f


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that does what the first does, then what the second does."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where a matrix puts a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


class Asking:
    """Asks PDFium about objects, into places that are made once a page: making them costs more than asking."""

    def __init__(self) -> None:
        self._corners = [ctypes.c_float() for _ in range(4)]
        self._corner_places = [ctypes.byref(corner) for corner in self._corners]
        self._fill, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._mode = (ctypes.byref(self._fill), ctypes.byref(self._stroke))
        self._channels = [ctypes.c_uint() for _ in range(4)]
        self._colour = [ctypes.byref(channel) for channel in self._channels]

    def bounds(self, handle: Any, matrix: Matrix) -> Bounds | None:
        """Return (x0, y0, x1, y1) of an object on the page, None where PDFium knows none."""
        if not raw.FPDFPageObj_GetBounds(handle, *self._corner_places):
            return None
        x0, y0, x1, y1 = (corner.value for corner in self._corners)
        if matrix is IDENTITY:
            return x0, y0, x1, y1
        points = [point(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)

    def painting(self, handle: Any) -> tuple[bool, bool]:
        """Tell whether a path is filled, and whether it is stroked."""
        raw.FPDFPath_GetDrawMode(handle, *self._mode)
        return self._fill.value != 0, self._stroke.value != 0

    def fill_colour(self, handle: Any) -> tuple[int, int, int, int]:
        """Return red, green, blue, alpha; black where PDFium knows none (patterns and shadings)."""
        return self._colour_of(raw.FPDFPageObj_GetFillColor, handle)

    def stroke_colour(self, handle: Any) -> tuple[int, int, int, int]:
        return self._colour_of(raw.FPDFPageObj_GetStrokeColor, handle)

    def _colour_of(self, read: Any, handle: Any) -> tuple[int, int, int, int]:
        if not read(handle, *self._colour):
            return (0, 0, 0, 255)
        red, green, blue, alpha = self._channels
        return red.value, green.value, blue.value, alpha.value


def is_white(colour: tuple[int, int, int, int]) -> bool:
    """Tell whether a colour cannot be told from paper."""
    red, green, blue, _ = colour
    return red >= 250 and green >= 250 and blue >= 250


def address(handle: Any) -> int:
    """Return what tells an object from all others while its page is open."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
