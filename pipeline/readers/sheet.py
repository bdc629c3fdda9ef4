"""Spreadsheets (.xlsx, .xls, .et) to ``Document``: sheets in order, each a grid, cut at headings and lines of prose.

Belongs here: values as they would print, merged cells. The files themselves are read by calamine, after a look at what would
make it hang or take the process down (``ole_container``, ``sheet_bounds``).
"""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from pipeline.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.ole_container import BrokenContainer, container_of, read_stream
from pipeline.readers.sheet_bounds import check_package, check_stream

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"
MAX_ROWS, MAX_COLUMNS = 20_000, 500
PROSE_LENGTH = 200
CHAPTER = re.compile(r"^\s*[一二三四五六七八九十]\s*、(?!\s*(?:本年|上年|结转))")
"""A chapter heading, which is no row of section 三 (一、本年新收…, 三、本年度办理结果, 四、结转下年度…)."""


def read_sheet(content: bytes, _name: str) -> Document:
    """Return the sheets of a workbook as tables and paragraphs.

    Raises UnreadableFile: password-protected, damaged, empty, cells spread too far.
    """
    content = _sound(content)
    blocks: list[Block] = []
    notes: list[str] = []
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                if meta.visible != calamine.SheetVisibleEnum.Visible:
                    notes.append(f"hidden sheet left out: {meta.name}")
                    continue
                blocks += _sheet(workbook.get_sheet_by_name(meta.name), notes)
    except calamine.PasswordError as error:
        raise UnreadableFile("password-protected spreadsheet") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableFile("damaged spreadsheet: it cannot be opened") from error
    except BaseException as error:  # a panic of the library is no Exception, so that nobody takes it for one
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile("damaged spreadsheet: it cannot be read") from error
    if not blocks:
        raise UnreadableFile("spreadsheet with nothing in it")
    return Document(MEDIA_TYPE, tuple(blocks), {}, tuple(notes))


def _sound(content: bytes) -> bytes:
    """Return a workbook that calamine can be given: a legacy one in a container of its own, every one of sound extent."""
    if not content.startswith(OLE_SIGNATURE):
        check_package(content)
        return content
    try:
        name, stream = read_stream(content, ("Workbook", "Book"))
        check_stream(stream)
        return container_of(name, stream)
    except BrokenContainer as error:
        raise UnreadableFile("damaged spreadsheet: it cannot be opened") from error


def _sheet(sheet: Any, notes: list[str]) -> Iterator[Block]:
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        notes.append(
            f"sheet {sheet.name} is larger than {MAX_ROWS} rows or {MAX_COLUMNS} columns: only its beginning is read"
        )
    rows = [row[:MAX_COLUMNS] for row in sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS)]
    spans, covered = _merges(sheet.merged_cell_ranges or (), len(rows), max(map(len, rows), default=0))
    run: list[list[Cell]] = []
    for number, row in enumerate(rows):
        texts = [printed(value) for value in row]
        filled = [text for text in texts if text.strip()]
        if len(filled) == 1 and (CHAPTER.match(filled[0]) or len(filled[0]) > PROSE_LENGTH):
            yield from _table(run)
            run = []
            for line in filled[0].split("\n"):
                if line.strip():
                    yield Paragraph(line.strip())
            continue
        cells = []
        for column, text in enumerate(texts):
            if (number, column) not in covered:
                down, across = spans.get((number, column), (1, 1))
                cells.append(Cell(len(run) + 1, column + 1, text, down, across))
        run.append(cells)
    yield from _table(run)


def _merges(
    ranges: Any, height: int, width: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Return (row, col) → (rows, columns) of merged cells inside the sheet, and the places that they cover; all count from 0.

    A range that meets one before it is left out: no two cells overlap.
    """
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in ranges:
        bottom, right = min(bottom, height - 1), min(right, width - 1)
        places = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        if places and covered.isdisjoint(places) and spans.keys().isdisjoint(places):
            spans[top, left] = (bottom - top + 1, right - left + 1)
            covered |= places - {(top, left)}
    return spans, covered


def _table(run: list[list[Cell]]) -> Iterator[Block]:
    """Yield the rows gathered so far as one table; lone lines before it (a title, a note) come as paragraphs."""
    filled = [[cell for cell in row if cell.text.strip()] for row in run]
    start = 0
    while start < len(filled) and len(filled[start]) <= 1 and not _is_table_row(filled[start]):
        for cell in filled[start]:
            yield Paragraph(" ".join(cell.text.split()))
        start += 1
    height = len(run)
    cells = [
        Cell(c.row - start, c.col, c.text, min(c.row_span, height - c.row + 1), c.col_span)
        for row in run[start:]
        for c in row
    ]
    if any(cell.text.strip() for cell in cells):
        yield Table(tuple(cells))


def _is_table_row(filled: list[Cell]) -> bool:
    return any("条第" in cell.text or "勾稽" in cell.text for cell in filled)


def printed(value: Any) -> str:
    """Return a cell's value as it would print: whole numbers without a decimal point, no digit ever lost."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)
