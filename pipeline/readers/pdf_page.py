"""What PDFium knows of a page, as plain values: characters and ruling lines in display coordinates.

Belongs here: rotation, characters with their boxes, which of them are printed at a slant. Coordinates run from the top left
corner of the page as a reader sees it, in points. What is drawn is in ``pdf_drawing``; what characters and lines mean as
tables and prose is in ``pdf_lattice`` and ``pdf_text``.
"""

import ctypes
import itertools
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium

from pipeline.readers import pdf_calls as ask
from pipeline.readers.pdf_drawing import Drawing, read_drawing
from pipeline.readers.pdf_fonts import use_stand_in_font
from pipeline.readers.pdf_objects import places
from pipeline.readers.pdf_strokes import NO_LINES, Place, Turn
from pipeline.values import record

TALLEST_CHAR = 48.0
"""A loose box larger than this many points is not to be believed; titles are set in 16 to 26 points."""
SCAN_COVER = 0.6
"""A page that a picture covers by more than this share is a scan, whatever invisible text lies under it."""


HYPHEN, UNKNOWN, NO_CHARACTER = 0x2D, 0xFFFD, 0xFFFE
EVERYWHERE = (-1e9, -1e9, 1e9, 1e9)
"""Ink of a digit whose box PDFium does not tell: it may be in any cell."""
INKLESS = 0.1
"""PDFium gives a character without a shape a thousandth of its size as its height."""
LONGEST_BOUNDED = 64
_Buffer = ctypes.c_ushort * LONGEST_BOUNDED
SLANT = 0.05
"""Radians off the upright from which a character counts as slanted; pages scanned askew are pictures, not text."""


class Char(NamedTuple):
    """A printed character with its loose box.

    ``known`` is False where its font does not say which character it is, ``seen`` where nobody can see it.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    known: bool
    seen: bool = True


class Ink(NamedTuple):
    """The ink of a page's digits: what a second route to its numbers rests on.

    ``indices`` are PDFium's numbers of the characters of ``PageContent.chars``, ``digits`` those of every digit that it knows
    on the page, whether it is among them or not, ``places`` (x0, top, x1, bottom) the ink of each digit.
    """

    indices: list[int]
    digits: list[int]
    places: Any


@record
class PageContent:
    """A page as plain values.

    ``rulings`` are the ruling lines, a row each as ``Ruling`` has them. ``covered`` is the largest share of the page that one
    picture covers; ``slanted`` is the text of watermarks, which is in no line of ``chars``. ``sides`` are x0, top, x1, bottom of
    each of ``chars``, a row each, None where nobody has worked them out yet; ``all_known`` tells that every one of them is known.
    """

    number: int
    width: float
    height: float
    chars: list[Char]
    rulings: Any
    covered: float
    slanted: str = ""
    ink: Ink | None = None
    sides: Any = None
    all_known: bool = False


@contextmanager
def open_page(page: Any, number: int) -> Iterator[tuple[PageContent, Callable[[Place], str]]]:
    """Give the characters and ruling lines of a page, turned upright, and a way to ask for the text of a place on it."""
    box = page.get_cropbox() if _has_cropbox(page) else page.get_mediabox()
    left, bottom, right, top = box
    text_page = page.get_textpage()
    handle = ask.handle_of(text_page.raw)
    try:
        quarter = (page.get_rotation() // 90 + _text_quarter(handle, page.get_rotation())) % 4
        turn = _turn(quarter, *box)
        width, height = (right - left, top - bottom) if quarter % 2 == 0 else (top - bottom, right - left)
        drawing = read_drawing(page, turn, width * height)
        chars, sides, ink, slanted, all_known = _chars(handle, turn, drawing, (width, height))
        back = _turn_back(quarter, *box)
        buffer = _Buffer()
        lines = np.concatenate([NO_LINES, *drawing.lines])
        content = PageContent(number, width, height, chars, lines, drawing.covered, slanted, ink, sides, all_known)
        yield content, lambda place: _text_within(handle, back(*place), buffer, ctypes.addressof(buffer))
    finally:
        text_page.close()


def _text_within(handle: int, place: Place, buffer: Any, address: int) -> str:
    """Return the text whose ink touches a place in PDF coordinates, as PDFium puts it together; its beginning if long."""
    x0, y0, x1, y1 = place
    count = ask.bounded_text(handle, x0, y1, x1, y0, address, LONGEST_BOUNDED)
    return bytes(buffer)[: 2 * min(count, LONGEST_BOUNDED)].decode("utf-16-le", "replace")


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


def _turn_back(quarter: int, left: float, bottom: float, right: float, top: float) -> Turn:
    """Return the function from display (x0, top, x1, bottom) to PDF (x0, y0, x1, y1): what ``_turn`` undoes."""
    if quarter == 0:
        return lambda x0, high, x1, low: (x0 + left, top - low, x1 + left, top - high)
    if quarter == 1:
        return lambda x0, high, x1, low: (high + left, x0 + bottom, low + left, x1 + bottom)
    if quarter == 2:
        return lambda x0, high, x1, low: (right - x1, high + bottom, right - x0, low + bottom)
    return lambda x0, high, x1, low: (right - low, top - x1, right - high, top - x0)


def _text_quarter(handle: int, rotation: int) -> int:
    """Return how many more quarter turns bring the text upright: tables drawn sideways on an upright page."""
    count = ask.count_chars(handle)
    votes = [0, 0, 0, 0]
    for index in range(0, count, max(count // 40, 1)):
        angle = ask.char_angle(handle, index)
        if angle >= 0:
            votes[round(angle / 1.5707963) % 4] += 1
    upright = max(range(4), key=votes.__getitem__) if any(votes) else 0
    # PDFium gives the angle in the page's own space, clockwise; the page's rotation is counted by the caller.
    return (-upright - rotation // 90) % 4 if upright else (-rotation // 90) % 4 if rotation and votes[0] else 0


def _chars(
    handle: int, turn: Turn, drawing: Drawing, size: tuple[float, float]
) -> tuple[list[Char], Any, Ink, str, bool]:
    """Return the characters on the page, their sides, the ink of its digits, the text set at a slant, whether all are known."""
    codes = _codes(handle)
    indices, values = _printing(handle, codes)
    if not indices:
        return [], None, Ink([], [], []), "", True
    boxed, boxes = ask.all_of(
        ask.loose_box, itertools.repeat(handle), indices, count=len(indices), each=4, kind="f", whole=True
    )
    left, top, right, bottom = boxes.astype(float).T
    kept = boxed != 0
    slanted = ""
    if not drawing.straight:
        leaning = kept & np.fromiter((_is_slanted(handle, index) for index in indices), dtype=bool, count=len(indices))
        slanted = "".join(chr(values[at]) for at in np.flatnonzero(leaning).tolist())
        kept &= ~leaning
    for at in np.flatnonzero(kept & ((top - bottom > TALLEST_CHAR) | (right - left > TALLEST_CHAR))).tolist():
        strict = _strict_box(handle, indices[at])
        if strict:
            left[at], top[at], right[at], bottom[at] = strict
    width, height = size
    x0, top, x1, bottom = turn(left, bottom, right, top)
    kept &= ~((x1 < 0) | (bottom < 0) | (x0 > width) | (top > height))
    code = np.array(values)
    errors = map(ask.has_map_error, itertools.repeat(handle), indices)
    unnamed = np.fromiter(errors, dtype=np.int32, count=len(indices)) == 1
    known = ~(unnamed | (code == UNKNOWN) | ((code >= 0xE000) & (code <= 0xF8FF)))
    seen: Iterable[bool] = itertools.repeat(True)
    if drawing.unseen:
        seen = [text not in drawing.unseen for text in map(ask.char_object, itertools.repeat(handle), indices)]
    columns = (map(chr, values), x0.tolist(), top.tolist(), x1.tolist(), bottom.tolist(), known.tolist(), seen)
    made = map(tuple.__new__, itertools.repeat(Char), zip(*columns, strict=False))
    on_page = kept.tolist()
    chars: list[Char] = list(itertools.compress(made, on_page))
    ink = _ink(handle, codes, turn, list(itertools.compress(indices, on_page)))
    return chars, np.stack([x0, top, x1, bottom], axis=1)[kept], ink, slanted, bool(known[kept].all())


def _printing(handle: int, codes: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return which characters are printed, and the code of each."""
    values = np.array(codes, dtype=np.int64)
    others = np.flatnonzero((values <= 32) | (values >= 0xD800)).tolist()
    printed = list(codes)
    if not others:
        return list(range(len(printed))), printed
    kept = np.ones(len(printed), dtype=bool)
    made_up = map(ask.is_generated, itertools.repeat(handle), others)
    for index, is_made_up in zip(others, made_up, strict=True):
        code = printed[index]
        printed[index] = 0 if is_made_up == 1 and code <= 32 else _printed(handle, index, code)
        kept[index] = bool(printed[index])
    return np.flatnonzero(kept).tolist(), list(itertools.compress(printed, kept.tolist()))


def _ink(handle: int, codes: Sequence[int], turn: Turn, indices: list[int]) -> Ink:
    """Return where the ink of every digit that PDFium knows on the page lies."""
    values = np.array(codes, dtype=np.int64)
    rare = [code for code in set(codes) if code > 177 and chr(code).isdigit()]
    digits = np.flatnonzero(((values > 47) & (values < 58)) | np.isin(values, rare)).tolist()
    if not digits:
        return Ink(indices, [], [])
    known, boxes = ask.all_of(ask.strict_box, itertools.repeat(handle), digits, count=len(digits), each=4, kind="d")
    left, right, bottom, top = boxes.T
    places = np.stack(turn(left, bottom, right, top), axis=1)
    places[known == 0] = EVERYWHERE
    return Ink(indices, digits, places)


def _codes(handle: int) -> Sequence[int]:
    """Return the code of every character, in one question where PDFium's text has one for each of them."""
    count = ask.count_chars(handle)
    if count <= 0:
        return ()
    buffer = array("H", bytes(2 * count + 2))
    written = ask.char_codes(handle, 0, count, buffer.buffer_info()[0])
    codes = buffer[:count]
    # A pair of surrogates is one character to PDFium and two to its text; a character without a code is not in its text.
    if written != count + 1 or len(codes.tobytes().decode("utf-16-le", "surrogatepass")) != count:
        return [ask.char_code(handle, index) for index in range(count)]
    return codes


def _printed(handle: int, index: int, code: int) -> int:
    """Return what a character stands for that may be a blank, a control, a surrogate or none; 0 for nothing."""
    if 0xE000 <= code < NO_CHARACTER:
        return code
    code = ask.char_code(handle, index)
    if code <= 32:
        if ask.is_generated(handle, index) == 1:
            return 0
        return code if code == 32 else _printed_control(handle, index, code)
    return 0 if 0xD800 <= code <= 0xDFFF else code


_QUARTER = math.pi / 2


def _printed_control(handle: int, index: int, code: int) -> int:
    """Return what a control character stands for, 0 for nothing.

    PDFium gives a hyphen at a line's end as 2, and a character whose font does not name it as its code in the font. Where that
    has no ink it is a space.
    """
    if ask.is_hyphen(handle, index) == 1:
        return HYPHEN
    if code and ask.has_map_error(handle, index) != 1:
        return 0
    left, top, right, bottom = _strict_box(handle, index) or (0.0, 0.0, 0.0, 0.0)
    return UNKNOWN if top - bottom > INKLESS and right - left > INKLESS else 0


def _is_slanted(handle: int, index: int) -> bool:
    """Tell whether a character's base line is neither level nor upright; in italics only its stems are not."""
    if not SLANT < ask.char_angle(handle, index) % _QUARTER < _QUARTER - SLANT:
        return False
    matrix, (address, *_) = places("f", 6)
    ask.char_matrix(handle, index, address)
    angle = math.atan2(matrix[1], matrix[0]) % _QUARTER
    return SLANT < angle < _QUARTER - SLANT


def _strict_box(handle: int, index: int) -> tuple[float, float, float, float] | None:
    """Return a character's ink (left, top, right, bottom), for where PDFium gets its loose box wrong: scaled vertical fonts."""
    box, addresses = places("d", 4)
    if not ask.strict_box(handle, index, *addresses):
        return None
    left, right, bottom, top = box
    return left, top, right, bottom


def open_pdf(content: bytes) -> Any:
    """Return the opened document. Raises pdfium.PdfiumError as PDFium does."""
    use_stand_in_font()
    return pdfium.PdfDocument(content)
