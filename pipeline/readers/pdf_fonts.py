"""The one font that PDFium may fall back on, so that a file reads the same on every machine.

Belongs here: a font made here in which every character is the same small box, and PDFium told to look for no other.
Government PDFs often name fonts that they do not hold (SimSun, STSong-Light). PDFium would take whatever the machine has
installed in their place and, where that has no such character, leave the text out. Where characters stand follows from the
widths in the file; the stand-in only has to have all of them, narrower than any width, so that it moves nothing.
"""

import ctypes
import struct
from functools import cache
from typing import Any

import pypdfium2.raw as raw

GLYPHS = 65_534
UNITS = 1000
ASCENT, DESCENT = 880, -120
BOX = (50, 0, 150, 700)
"""Left, bottom, right, top of every character: within the narrowest width in use, digits and points included."""
_HEIGHTS = (ASCENT, DESCENT, 0, ASCENT, -DESCENT)
_PER_SEGMENT = 4096
_HANDLE = 1


def stand_in_font() -> bytes:
    """Return a TrueType font of some 140 kB that has every character of Unicode's first plane."""
    glyph = _glyph()
    tables = {
        b"OS/2": struct.pack(">HhHHH11h10sLLLL4sHHHhhhHH", *_os2()),
        b"cmap": _cmap(),
        # Two glyphs told by turns: a place that does not rise runs to the end of the table, as FreeType reads it.
        b"glyf": glyph * 2,
        b"head": struct.pack(">LLLLHHqqhhhhHHhhh", *_head()),
        b"hhea": struct.pack(">LhhhHhhhhhhhhhhhH", 0x10000, ASCENT, DESCENT, 0, UNITS, 0, 0, BOX[2], 1, *[0] * 7, 1),
        b"hmtx": struct.pack(">Hh", UNITS, BOX[0]) + struct.pack(">h", BOX[0]) * (GLYPHS - 1),
        b"loca": struct.pack(">HH", 0, len(glyph) // 2) * (GLYPHS // 2) + struct.pack(">H", len(glyph)),
        b"maxp": struct.pack(">LH13H", 0x10000, GLYPHS, 4, 1, 0, 0, 1, *[0] * 8),
        b"name": struct.pack(">HHH", 0, 0, 6),
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    return _font_file(tables)


def _glyph() -> bytes:
    left, bottom, right, top = BOX
    outline = struct.pack(">hhhhhHH", 1, left, bottom, right, top, 3, 0)
    xs = (left, 0, right - left, 0)
    ys = (bottom, top - bottom, 0, bottom - top)
    data = outline + bytes([1] * 4) + struct.pack(">8h", *xs, *ys)
    return data + b"\0" * (-len(data) % 4)


def _head() -> tuple[int, ...]:
    return (0x10000, 0x10000, 0, 0x5F0F3CF5, 0, UNITS, 0, 0, 0, DESCENT, UNITS, ASCENT, 0, 8, 2, 0, 0)


def _os2() -> tuple[object, ...]:
    scripts = (650, 700, 0, 140, 650, 700, 0, 480, 50, 260, 0)
    pages = (0xFFFFFFFF, 0xFFFFFFFF, 0, 0)
    return (1, UNITS, 400, 5, 0, *scripts, bytes(10), *pages, b"none", 0x40, 0x20, 0xFFFD, *_HEIGHTS)


def _cmap() -> bytes:
    """Return a map of format 4: segments that all name the same few glyphs, since one looks like another."""
    starts = list(range(0x20, 0xFFFE, _PER_SEGMENT))
    ends = [min(start + _PER_SEGMENT - 1, 0xFFFD) for start in starts] + [0xFFFF]
    count = len(ends)
    # The distance from a segment's own place in the list of offsets to the glyphs behind the list.
    offsets = [2 * (count - index) for index in range(count - 1)] + [0]
    glyphs = struct.pack(">H", 2) * _PER_SEGMENT
    parts = (
        struct.pack(f">{count}H", *ends),
        b"\0\0",
        struct.pack(f">{count}H", *starts, 0xFFFF),
        struct.pack(f">{count}H", *[0] * (count - 1), 1),
        struct.pack(f">{count}H", *offsets),
        glyphs,
    )
    body = b"".join(parts)
    power = count.bit_length() - 1
    head = struct.pack(
        ">HHHHHHH", 4, 14 + len(body), 0, count * 2, 2 ** (power + 1), power, 2 * count - 2 ** (power + 1)
    )
    return struct.pack(">HHHHL", 0, 1, 3, 1, 12) + head + body


def _font_file(tables: dict[bytes, bytes]) -> bytes:
    power = len(tables).bit_length() - 1
    header = struct.pack(">LHHHH", 0x10000, len(tables), 16 * 2**power, power, 16 * len(tables) - 16 * 2**power)
    place = len(header) + 16 * len(tables)
    directory, body = b"", b""
    for name, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        directory += name + struct.pack(">LLL", checksum, place + len(body), len(data))
        body += padded
    return header + directory + body


class _Fonts(raw.FPDF_SYSFONTINFO):  # type: ignore[misc]
    """What PDFium asks instead of the machine. Keeps what it has handed out alive."""

    def __init__(self) -> None:
        super().__init__()
        self.data = stand_in_font()
        kinds: dict[str, Any] = dict(raw.FPDF_SYSFONTINFO._fields_)
        self.version = 1
        self.MapFont = kinds["MapFont"](lambda *_: _HANDLE)
        self.GetFont = kinds["GetFont"](lambda *_: None)
        self.GetFontData = kinds["GetFontData"](self._font_data)
        self.GetFaceName = kinds["GetFaceName"](lambda *_: 0)
        self.GetFontCharset = kinds["GetFontCharset"](lambda *_: 1)
        self.DeleteFont = kinds["DeleteFont"](lambda *_: None)
        self.EnumFonts = kinds["EnumFonts"](lambda *_: None)
        self.Release = kinds["Release"](lambda *_: None)

    def _font_data(self, _info: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
        if table:
            return 0
        if size >= len(self.data):
            ctypes.memmove(buffer, self.data, len(self.data))
        return len(self.data)


@cache
def use_stand_in_font() -> object:
    """Have PDFium take the stand-in for every font that a file does not hold, from now on in this process."""
    fonts = _Fonts()
    raw.FPDF_SetSystemFontInfo(ctypes.byref(fonts))
    return fonts
