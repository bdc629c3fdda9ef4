"""How far the cells of a workbook spread, looked up before a library lays out a grid over all of them.

Belongs here: places of cells in the raw bytes of .xlsx and .xls. Does not belong here: what stands in them (``sheet``).
A single cell in the far corner costs calamine gigabytes, and the process with it.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator

from pipeline.document import UnreadableFile

MOST_CELLS = 4_000_000
MAX_BYTES = 256 * 1024 * 1024
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)([0-9]+)""")
_LONGEST = 9
"""Letters or digits of a place that are more than this are beyond every bound, whatever a library makes of them."""
# BIFF records of cells that hold something ([MS-XLS] 2.4): row and column are their first four bytes.
_EXTENT_RECORD, _SHEET_RECORD = 0x0200, 0x0085
_LAST_ROW, _LAST_COLUMN, _MOST_SHEETS = 65_536, 256, 256
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
    """Refuse a workbook in BIFF records whose cells spread too far, or that says so. Raises UnreadableFile."""
    # From where the workbook says that its sheets begin as well: in a damaged one the records lie otherwise from there.
    begins = {_long(stream, place) for kind, size, place in _records(stream, 0) if kind == _SHEET_RECORD and size >= 4}
    if len(begins) > _MOST_SHEETS:
        raise UnreadableFile(f"spreadsheet of {len(begins)} sheets: not one report")
    for begin in sorted({0, *begins}):
        _check_from(stream, begin)


def _check_from(stream: bytes, begin: int) -> None:
    rows = columns = 0
    for kind, size, place in _records(stream, begin):
        if kind in _CELL_RECORDS and size >= 4:
            row, column = struct.unpack_from("<HH", stream, place)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _EXTENT_RECORD and size >= 10:
            # calamine makes room for as many cells as a sheet says that it has, the last before the first included.
            layout = "<IIHH" if size >= 14 else "<HHHH"
            first_row, last_row, first_column, last_column = struct.unpack_from(layout, stream, place)
            is_turned = min(last_row, last_column) > 0 and (first_row > last_row or first_column > last_column)
            if is_turned or last_row > _LAST_ROW or last_column > _LAST_COLUMN:
                raise UnreadableFile("damaged spreadsheet: its extent is none that a sheet can have")
    _check(rows, columns)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, size and place of the data of each whole record from a place on."""
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        place += 4
        if place + size <= len(stream):
            yield kind, size, place
        place += size


def _long(stream: bytes, place: int) -> int:
    return int.from_bytes(stream[place : place + 4], "little")


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
