"""What PDFium knows of a page, as plain values: characters and ruling lines in display coordinates.

Belongs here: rotation, characters with their boxes, which of them are printed at a slant. Coordinates run from the top left
corner of the page as a reader sees it, in points. What is drawn is in ``pdf_drawing``; what characters and lines mean as
tables and prose is in ``pdf_lattice`` and ``pdf_text``.
"""

import ctypes
import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pypdfium2 as pdfium

from pipeline.readers import pdf_calls as ask
from pipeline.readers.pdf_drawing import Drawing, Place, Ruling, Turn, read_drawing
from pipeline.readers.pdf_fonts import use_stand_in_font
from pipeline.readers.pdf_objects import places
from pipeline.values import record

TALLEST_CHAR = 48.0
"""A loose box larger than this many points is not to be believed; titles are set in 16 to 26 points."""
SCAN_COVER = 0.6
"""A page that a picture covers by more than this share is a scan, whatever invisible text lies under it."""


HYPHEN, UNKNOWN, NO_CHARACTER = 0x2D, 0xFFFD, 0xFFFE
INKLESS = 0.1
"""PDFium gives a character without a shape a thousandth of its size as its height."""
LONGEST_BOUNDED = 64
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


@record
class PageContent:
    """A page as plain values.

    ``covered`` is the largest share of the page that one picture covers; ``slanted`` is the text of watermarks, which is in
    no line of ``chars``.
    """

    number: int
    width: float
    height: float
    chars: list[Char]
    rulings: list[Ruling]
    covered: float
    slanted: str = ""


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
        chars, slanted = _chars(handle, turn, drawing, (width, height))
        back = _turn_back(quarter, *box)
        buffer = (ctypes.c_ushort * LONGEST_BOUNDED)()
        content = PageContent(number, width, height, chars, drawing.rulings, drawing.covered, slanted)
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


def _chars(handle: int, turn: Turn, drawing: Drawing, size: tuple[float, float]) -> tuple[list[Char], str]:
    """Return the characters on the page, and the text that is set at a slant."""
    box, (address, *_) = places("f", 4)
    get_box, has_map_error = ask.loose_box, ask.has_map_error
    straight, unseen = drawing.straight, drawing.unseen
    chars: list[Char] = []
    slanted: list[str] = []
    width, height = size
    new = tuple.__new__
    for index, code in enumerate(_codes(handle)):
        if not 32 < code < 0xD800:
            code = _printed(handle, index, code)
            if not code:
                continue
        if not get_box(handle, index, address):
            continue
        if not straight and _is_slanted(handle, index):
            slanted.append(chr(code))
            continue
        left, top, right, bottom = box
        if top - bottom > TALLEST_CHAR or right - left > TALLEST_CHAR:
            left, top, right, bottom = _strict_box(handle, index) or (left, top, right, bottom)
        x0, top, x1, bottom = turn(left, bottom, right, top)
        if x1 < 0 or bottom < 0 or x0 > width or top > height:
            continue
        known = has_map_error(handle, index) != 1 and code != UNKNOWN and not 0xE000 <= code <= 0xF8FF
        seen = not unseen or ask.char_object(handle, index) not in unseen
        chars.append(new(Char, (chr(code), x0, top, x1, bottom, known, seen)))
    return chars, "".join(slanted)


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
