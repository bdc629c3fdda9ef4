"""PDFium's questions about objects and characters, asked with plain integers and prepared places.

Belongs here: prototypes that take a handle as an integer and an address to write to, and one question asked of many things at
once. A page is asked some ten thousand of them, and through the generated bindings most of the time of a call goes into
making pointers. What is asked, and what the answer means, is in ``pdf_objects``, ``pdf_drawing`` and ``pdf_page``.
"""

import ctypes
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pypdfium2.raw as raw

Call = Callable[..., Any]
_INT, _PLACE, _DOUBLE, _FLOAT = ctypes.c_int, ctypes.c_void_p, ctypes.c_double, ctypes.c_float
_UNSIGNED = ctypes.c_uint
_NUMBER = ctypes.c_void_p
"""A number of 0 or more. It stands in the same register as an address, and ctypes takes half as long over it as over an int."""


def handle_of(pointer: Any) -> int:
    """Return the integer that a pointer of the bindings stands for, 0 for none."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def _quick(function: Any, result: Any, *arguments: Any) -> Call:
    """Return a function of PDFium that keeps the interpreter's lock: the answer takes less time than to give it away."""
    return ctypes.PYFUNCTYPE(result, *arguments)(handle_of(function))


def all_of(
    call: Call, *subjects: Iterable[int], count: int, each: int, kind: str, whole: bool = False
) -> tuple[Any, Any]:
    """Ask one question of ``count`` things: ``subjects`` are the first arguments of each call.

    Returns what the calls returned, as an array, and a row of ``each`` numbers (of numpy's type code ``kind``) that each wrote;
    ``whole`` tells that they are written to one place as a structure, not to a place each. No line of Python runs per thing.
    """
    values = np.zeros((count, each), dtype=kind)
    start: int = values.__array_interface__["data"][0]
    size = values.itemsize
    places = [
        range(start + size * n, start + size * (n + each * count), size * each) for n in range(1 if whole else each)
    ]
    return np.fromiter(map(call, *subjects, *places), dtype=np.int32, count=count), values


count_objects = _quick(raw.FPDFPage_CountObjects, _INT, _PLACE)
object_at = _quick(raw.FPDFPage_GetObject, _PLACE, _PLACE, _NUMBER)
count_form_objects = _quick(raw.FPDFFormObj_CountObjects, _INT, _PLACE)
form_object_at = _quick(raw.FPDFFormObj_GetObject, _PLACE, _PLACE, _NUMBER)
kind_of = _quick(raw.FPDFPageObj_GetType, _INT, _PLACE)
object_matrix = _quick(raw.FPDFPageObj_GetMatrix, _INT, _PLACE, _PLACE)
object_bounds = _quick(raw.FPDFPageObj_GetBounds, _INT, *[_PLACE] * 5)
draw_mode = _quick(raw.FPDFPath_GetDrawMode, _INT, *[_PLACE] * 3)
fill_colour = _quick(raw.FPDFPageObj_GetFillColor, _INT, *[_PLACE] * 5)
stroke_colour = _quick(raw.FPDFPageObj_GetStrokeColor, _INT, *[_PLACE] * 5)
has_transparency = _quick(raw.FPDFPageObj_HasTransparency, _INT, _PLACE)
count_segments = _quick(raw.FPDFPath_CountSegments, _INT, _PLACE)
segment_at = _quick(raw.FPDFPath_GetPathSegment, _PLACE, _PLACE, _NUMBER)
segment_kind = _quick(raw.FPDFPathSegment_GetType, _INT, _PLACE)
segment_point = _quick(raw.FPDFPathSegment_GetPoint, _INT, *[_PLACE] * 3)
segment_closes = _quick(raw.FPDFPathSegment_GetClose, _INT, _PLACE)
render_mode = _quick(raw.FPDFTextObj_GetTextRenderMode, _INT, _PLACE)

count_chars = _quick(raw.FPDFText_CountChars, _INT, _PLACE)
char_code = _quick(raw.FPDFText_GetUnicode, _UNSIGNED, _PLACE, _NUMBER)
char_codes = _quick(raw.FPDFText_GetText, _INT, _PLACE, _INT, _INT, _PLACE)
loose_box = _quick(raw.FPDFText_GetLooseCharBox, _INT, _PLACE, _NUMBER, _PLACE)
strict_box = _quick(raw.FPDFText_GetCharBox, _INT, _PLACE, _NUMBER, *[_PLACE] * 4)
char_angle = _quick(raw.FPDFText_GetCharAngle, _FLOAT, _PLACE, _NUMBER)
char_matrix = _quick(raw.FPDFText_GetMatrix, _INT, _PLACE, _NUMBER, _PLACE)
char_object = _quick(raw.FPDFText_GetTextObject, _PLACE, _PLACE, _NUMBER)
is_generated = _quick(raw.FPDFText_IsGenerated, _INT, _PLACE, _NUMBER)
is_hyphen = _quick(raw.FPDFText_IsHyphen, _INT, _PLACE, _NUMBER)
has_map_error = _quick(raw.FPDFText_HasUnicodeMapError, _INT, _PLACE, _NUMBER)
bounded_text = _quick(raw.FPDFText_GetBoundedText, _INT, _PLACE, *[_DOUBLE] * 4, _PLACE, _INT)
