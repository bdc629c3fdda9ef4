"""The objects of a page in the order in which they are painted, and where they lie.

Belongs here: walking through form objects, matrices, how an object is painted. What the objects mean is in ``pdf_drawing``.
"""

import itertools
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from pipeline.readers import pdf_calls as ask
from pipeline.values import record

MAX_OBJECTS = 200_000
MAX_FORM_DEPTH = 6
STRAIGHT = 0.03
"""Slope up to which a base line counts as level or upright before its characters are looked at one by one."""
Matrix = tuple[float, float, float, float, float, float]
Colour = tuple[int, int, int, int]
BLACK: Colour = (0, 0, 0, 255)
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
FORM = raw.FPDF_PAGEOBJ_FORM
WHITE = 250


def places(kind: str, count: int) -> tuple[Any, tuple[int, ...]]:
    """Return an array (of the type code ``kind``) that PDFium may write to, and the address of each of its members."""
    # An array of ctypes would do; taking it apart costs as much as the question.
    values = array(kind, [0] * count)
    start, _ = values.buffer_info()
    return values, tuple(start + values.itemsize * index for index in range(count))


@record
class Run:
    """Objects that are painted one after the other under one matrix; ``first`` counts those painted before them."""

    first: int
    matrix: Matrix
    handles: list[int]
    kinds: list[int]

    def of_kind(self, kind: int) -> list[int]:
        """Return the positions of the objects of a kind."""
        return list(itertools.compress(range(len(self.kinds)), map(kind.__eq__, self.kinds)))


def runs_of(page: Any) -> list[Run]:
    """Return a page's objects and those of the forms drawn on it, as painted.

    No more than ``MAX_OBJECTS``. A form comes itself only where what it holds is not looked into.
    """
    runs: list[Run] = []
    holder = ask.handle_of(page.raw)
    count = ask.count_objects(holder)
    _gather(runs, MAX_OBJECTS, (holder, ask.object_at, count, IDENTITY), 0)
    return runs


_Holder = tuple[int, ask.Call, int, Matrix]


def _gather(runs: list[Run], left: int, inside: _Holder, depth: int) -> int:
    """Add the objects of a page or form to the runs; returns how many more may be added."""
    holder, get, count, matrix = inside
    handles = [handle or 0 for handle in map(get, itertools.repeat(holder), range(min(count, left)))]
    kinds = list(map(ask.kind_of, handles))
    start = 0
    while start < len(handles) and left > 0:
        stop = kinds.index(FORM, start) if depth < MAX_FORM_DEPTH and FORM in kinds[start:] else len(handles)
        taken = min(stop - start, left)
        if taken:
            first = runs[-1].first + len(runs[-1].handles) if runs else 0
            runs.append(Run(first, matrix, handles[start : start + taken], kinds[start : start + taken]))
        left -= taken
        if stop < len(handles) and left > 0:
            form = handles[stop]
            inner = multiply(matrix_of(form), matrix)
            left = _gather(runs, left - 1, (form, ask.form_object_at, ask.count_form_objects(form), inner), depth + 1)
        start = stop + 1
    if left <= 0 and not (runs and runs[-1].handles == [0]):
        runs.append(Run(MAX_OBJECTS, IDENTITY, [0], [FORM]))
    return left


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


def are_slanted(handles: Sequence[int], matrix: Matrix) -> bool:
    """Tell whether the base line of any of some texts may be neither level nor upright."""
    _, own = ask.all_of(ask.object_matrix, handles, count=len(handles), each=6, kind="f", whole=True)
    a, b = own[:, 0].astype(float), own[:, 1].astype(float)
    if matrix is not IDENTITY:
        a, b = a * matrix[0] + b * matrix[2], a * matrix[1] + b * matrix[3]
    a, b = np.abs(a), np.abs(b)
    return bool((np.minimum(a, b) > STRAIGHT * np.maximum(a, b)).any())


def bounds_of(handles: Sequence[int], matrix: Matrix) -> tuple[Any, tuple[Any, Any, Any, Any]]:
    """Return whether PDFium knows the bounds of objects, and x0, y0, x1, y1 of each on the page."""
    known, corners = ask.all_of(ask.object_bounds, handles, count=len(handles), each=4, kind="f")
    x0, y0, x1, y1 = corners.astype(float).T
    if matrix is not IDENTITY:
        a, b, c, d, e, f = matrix
        xs = np.stack([a * x + c * y + e for x in (x0, x1) for y in (y0, y1)])
        ys = np.stack([b * x + d * y + f for x in (x0, x1) for y in (y0, y1)])
        x0, y0, x1, y1 = xs.min(axis=0), ys.min(axis=0), xs.max(axis=0), ys.max(axis=0)
    return known != 0, (x0, y0, x1, y1)


def colours_of(question: ask.Call, handles: Sequence[int]) -> Any:
    """Return red, green, blue, alpha of objects, a row each; black where PDFium knows none (patterns and shadings)."""
    known, colours = ask.all_of(question, handles, count=len(handles), each=4, kind="u4")
    if not known.all():
        colours[known == 0] = BLACK
    return colours


def are_white(colours: Any) -> Any:
    """Tell of each colour whether it cannot be told from paper."""
    return (colours[:, 0] >= WHITE) & (colours[:, 1] >= WHITE) & (colours[:, 2] >= WHITE)


def is_white(colour: Colour) -> bool:
    """Tell whether a colour cannot be told from paper."""
    red, green, blue, _ = colour
    return red >= WHITE and green >= WHITE and blue >= WHITE
