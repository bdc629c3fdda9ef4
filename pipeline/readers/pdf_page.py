"""What PDFium knows of a page, as plain values: characters and ruling lines in display coordinates.

Belongs here: every call into pypdfium2's raw interface, rotation, form objects. Coordinates run from the top left corner
of the page as a reader sees it, in points. What they mean as tables and prose is in ``pdf_lattice`` and ``pdf_text``.
"""

import ctypes
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.readers.pdf_fonts import use_stand_in_font
from pipeline.values import record

THIN = 3.0
"""A filled box thinner than this many points is a drawn line; tables rule with 0.5 to 1.5 points."""
SHORTEST_RULING = 3.0
TALLEST_CHAR = 48.0
"""A loose box larger than this many points is not to be believed; titles are set in 16 to 26 points."""
MAX_OBJECTS = 200_000
MAX_FORM_DEPTH = 6
SCAN_COVER = 0.6
"""A page that a picture covers by more than this share is a scan, whatever invisible text lies under it."""


class Char(NamedTuple):
    """A printed character with its loose box; ``known`` is False where its font does not say which character it is."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    known: bool


class Ruling(NamedTuple):
    """A straight line: ``at`` is its y (horizontal) or x (vertical), from ``start`` to ``end`` along the other axis."""

    horizontal: bool
    at: float
    start: float
    end: float


@record
class PageContent:
    """A page as plain values. ``covered`` is the largest share of the page that one picture covers."""

    number: int
    width: float
    height: float
    chars: list[Char]
    rulings: list[Ruling]
    covered: float


Turn = Callable[[float, float, float, float], tuple[float, float, float, float]]


def read_page(page: Any, number: int) -> PageContent:
    """Return the characters and ruling lines of a page, turned upright."""
    left, bottom, right, top = page.get_cropbox() if _has_cropbox(page) else page.get_mediabox()
    text_page = page.get_textpage()
    try:
        quarter = (page.get_rotation() // 90 + _text_quarter(text_page, page.get_rotation())) % 4
        turn = _turn(quarter, left, bottom, right, top)
        width, height = (right - left, top - bottom) if quarter % 2 == 0 else (top - bottom, right - left)
        chars = list(_chars(text_page.raw, turn))
    finally:
        text_page.close()
    rulings, covered = _drawings(page, turn, width * height)
    return PageContent(number, width, height, chars, rulings, covered)


def _has_cropbox(page: Any) -> bool:
    return page.get_cropbox(fallback_ok=False) is not None


def _turn(quarter: int, left: float, bottom: float, right: float, top: float) -> Turn:
    """Return the function from PDF (x0, y0, x1, y1) to display (x0, top, x1, bottom) after clockwise quarter turns."""
    if quarter == 0:
        return lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0)
    if quarter == 1:
        return lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
    if quarter == 2:
        return lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom)
    return lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0)


def _text_quarter(text_page: Any, rotation: int) -> int:
    """Return how many more quarter turns bring the text upright: tables drawn sideways on an upright page."""
    count = raw.FPDFText_CountChars(text_page.raw)
    votes = [0, 0, 0, 0]
    for index in range(0, count, max(count // 40, 1)):
        angle = raw.FPDFText_GetCharAngle(text_page.raw, index)
        if angle >= 0:
            votes[round(angle / 1.5707963) % 4] += 1
    upright = max(range(4), key=votes.__getitem__) if any(votes) else 0
    # PDFium gives the angle in the page's own space, clockwise; the page's rotation is counted by the caller.
    return (-upright - rotation // 90) % 4 if upright else (-rotation // 90) % 4 if rotation and votes[0] else 0


def _chars(handle: Any, turn: Turn) -> Iterator[Char]:
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
    get_unicode, get_box = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    has_map_error, is_generated = raw.FPDFText_HasUnicodeMapError, raw.FPDFText_IsGenerated
    for index in range(raw.FPDFText_CountChars(handle)):
        code = get_unicode(handle, index)
        if code <= 32:
            if code != 32 or is_generated(handle, index) == 1:
                continue
        elif 0xD800 <= code <= 0xDFFF:
            continue
        if not get_box(handle, index, reference):
            continue
        if box.top - box.bottom > TALLEST_CHAR or box.right - box.left > TALLEST_CHAR:
            _set_strict_box(handle, index, box)
        known = has_map_error(handle, index) != 1 and code != 0xFFFD and not 0xE000 <= code <= 0xF8FF
        yield Char(chr(code), *turn(box.left, box.bottom, box.right, box.top), known)


def _set_strict_box(handle: Any, index: int, box: Any) -> None:
    """Put a character's ink box in place of its loose box, which PDFium gets wrong for scaled vertical fonts."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if raw.FPDFText_GetCharBox(handle, index, *(ctypes.byref(value) for value in (left, right, bottom, top))):
        box.left, box.right, box.bottom, box.top = left.value, right.value, bottom.value, top.value


def _drawings(page: Any, turn: Turn, area: float) -> tuple[list[Ruling], float]:
    rulings: list[Ruling] = []
    covered = 0.0
    paint = _Paint()
    corners = [ctypes.c_float() for _ in range(4)]
    references = [ctypes.byref(corner) for corner in corners]
    for kind, handle, matrix in _objects(page):
        if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE):
            continue
        if not raw.FPDFPageObj_GetBounds(handle, *references):
            continue
        bounds = _apply(matrix, corners[0].value, corners[1].value, corners[2].value, corners[3].value)
        x0, top, x1, bottom = turn(*bounds)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            covered = max(covered, (x1 - x0) * (bottom - top) / area if area else 0.0)
        elif x1 - x0 <= THIN or bottom - top <= THIN:
            if paint.is_visible(handle):
                rulings += _thin(x0, top, x1, bottom)
        else:
            rulings += _outline(handle, matrix, turn, paint)
    return rulings, covered


Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def _objects(page: Any) -> Iterator[tuple[int, Any, Matrix]]:
    """Yield (kind, object, matrix) of a page and of the forms drawn on it."""
    count = raw.FPDFPage_CountObjects(page.raw)
    stack = [(raw.FPDFPage_GetObject(page.raw, index), IDENTITY, 0) for index in range(min(count, MAX_OBJECTS))]
    kind_of = raw.FPDFPageObj_GetType
    for seen, (handle, matrix, depth) in enumerate(stack):
        if seen == MAX_OBJECTS:
            return
        kind = kind_of(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
            own = raw.FS_MATRIX()
            raw.FPDFPageObj_GetMatrix(handle, ctypes.byref(own))
            inner = _multiply((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            for index in range(raw.FPDFFormObj_CountObjects(handle)):
                stack.append((raw.FPDFFormObj_GetObject(handle, index), inner, depth + 1))
        else:
            yield kind, handle, matrix


def _multiply(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _apply(matrix: Matrix, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    if matrix is IDENTITY:
        return x0, y0, x1, y1
    points = [_point(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _thin(x0: float, top: float, x1: float, bottom: float) -> Iterator[Ruling]:
    if x1 - x0 >= bottom - top:
        if x1 - x0 >= SHORTEST_RULING:
            yield Ruling(True, (top + bottom) / 2, x0, x1)
    elif bottom - top >= SHORTEST_RULING:
        yield Ruling(False, (x0 + x1) / 2, top, bottom)


class _Paint:
    """Asks how paths are painted, into places that are made once a page: making them costs more than asking."""

    def __init__(self) -> None:
        self.fill, self.stroke = ctypes.c_int(), ctypes.c_int()
        self.mode = (ctypes.byref(self.fill), ctypes.byref(self.stroke))
        self.channels = [ctypes.c_uint() for _ in range(4)]
        self.colour = [ctypes.byref(channel) for channel in self.channels]

    def is_visible(self, handle: Any) -> bool:
        """Tell whether a line can be seen: white and fully transparent ones rule nothing. Sets ``fill`` and ``stroke``."""
        raw.FPDFPath_GetDrawMode(handle, *self.mode)
        if not self.fill.value and not self.stroke.value:
            return False
        read = raw.FPDFPageObj_GetStrokeColor if self.stroke.value else raw.FPDFPageObj_GetFillColor
        if not read(handle, *self.colour):
            return True
        red, green, blue, alpha = self.channels
        return alpha.value > 8 and not (red.value >= 250 and green.value >= 250 and blue.value >= 250)


def _outline(handle: Any, matrix: Matrix, turn: Turn, paint: _Paint) -> Iterator[Ruling]:
    """Yield the straight edges of a stroked path, and the thin boxes of a filled one."""
    if not paint.is_visible(handle):
        return
    is_stroked = bool(paint.stroke.value)
    own = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(handle, ctypes.byref(own))
    whole = _multiply((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
    for path in _subpaths(handle, whole):
        if is_stroked:
            for (ax, ay), (bx, by) in itertools.pairwise(path):
                yield from _edge(turn(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
        elif path:
            xs, ys = [p[0] for p in path], [p[1] for p in path]
            x0, top, x1, bottom = turn(min(xs), min(ys), max(xs), max(ys))
            if x1 - x0 <= THIN or bottom - top <= THIN:
                yield from _thin(x0, top, x1, bottom)


def _edge(box: tuple[float, float, float, float]) -> Iterator[Ruling]:
    x0, top, x1, bottom = box
    if x1 - x0 <= 1.0 or bottom - top <= 1.0:
        yield from _thin(x0, top, x1, bottom)


def _subpaths(handle: Any, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    for index in range(min(raw.FPDFPath_CountSegments(handle), MAX_OBJECTS)):
        segment = raw.FPDFPath_GetPathSegment(handle, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        if kind == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        points.append(_point(matrix, x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment) and len(points) > 1:
            yield [*points, points[0]]
            points = []
    if len(points) > 1:
        yield points


def open_pdf(content: bytes) -> Any:
    """Return the opened document. Raises pdfium.PdfiumError as PDFium does."""
    use_stand_in_font()
    return pdfium.PdfDocument(content)
