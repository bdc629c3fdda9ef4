"""How far the cells of a workbook spread, looked up before a library lays out a grid over all of them.

Belongs here: places of cells in the raw bytes of .xlsx and .xls. Does not belong here: what stands in them (``sheet``).
A single cell in the far corner costs calamine gigabytes, and the process with it.
"""

import io
import re
import struct
import zipfile

from pipeline.document import UnreadableFile

MOST_CELLS = 4_000_000
MAX_BYTES = 256 * 1024 * 1024
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)([0-9]+)""")
_LONGEST = 9
"""Letters or digits of a place that are more than this are beyond every bound, whatever a library makes of them."""
# BIFF records of cells that hold something ([MS-XLS] 2.4): row and column are their first four bytes.
_EXTENT_RECORD, _EXTENTS = 0x0200, {10: "<4xHHHHH", 14: "<4xIIHHH"}
_LAST_ROW, _LAST_COLUMN = 65_536, 256
_CELL_RECORDS = frozenset((0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00BD, 0x00D6, 0x00FD))


def check_package(content: bytes) -> None:
    """Refuse a workbook in a zip package whose sheets unpack to too much or spread too far. Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(info.file_size for info in package.infolist()) > MAX_BYTES:
                raise UnreadableFile(f"spreadsheet that unpacks to more than {MAX_BYTES // 2**20} MiB")
            for info in package.infolist():
                if info.filename.lower().startswith("xl/worksheets/") and info.filename.lower().endswith(".xml"):
                    _check(*_package_bounds(package.read(info)))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile("damaged spreadsheet: it cannot be opened") from error
    except Exception as error:  # zlib.error has no public base
        if type(error).__name__ != "error":
            raise
        raise UnreadableFile("damaged spreadsheet: it cannot be unpacked") from error


def check_stream(stream: bytes) -> None:
    """Refuse a workbook in BIFF records whose cells spread too far. Raises UnreadableFile."""
    rows = columns = place = 0
    while place + 8 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        if kind in _CELL_RECORDS:
            row, column = struct.unpack_from("<HH", stream, place + 4)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _EXTENT_RECORD and size in _EXTENTS and place + 4 + size <= len(stream):
            _, last_row, _, last_column, _ = struct.unpack_from(_EXTENTS[size], stream, place)
            # calamine makes room for as many cells as a sheet says that it has.
            if last_row > _LAST_ROW or last_column > _LAST_COLUMN:
                raise UnreadableFile("damaged spreadsheet: it says that it is larger than any sheet")
        place += 4 + size
    _check(rows, columns)


def _package_bounds(sheet: bytes) -> tuple[int, int]:
    rows = columns = 0
    for letters, digits in _PLACE.findall(sheet):
        number = 0
        for letter in letters[:_LONGEST].upper():
            number = number * 26 + letter - 64
        columns = max(columns, number)
        rows = max(rows, int(digits) if len(digits) <= _LONGEST else 10**_LONGEST)
    return rows, columns


def _check(rows: int, columns: int) -> None:
    if rows * max(columns, 1) > MOST_CELLS:
        raise UnreadableFile(f"spreadsheet whose cells spread over {rows} rows and {columns} columns: not one report")
