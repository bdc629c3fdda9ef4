"""Spreadsheets (.xlsx, .xls, .et) to ``Document``: sheets in order, each a grid, cut at headings and lines of prose.

Belongs here: values as they would print, merged cells. The files themselves are read by calamine, after a look at what would
make it hang or take the process down (``ole_container``, ``sheet_bounds``).
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from pipeline.catalogue.model import Catalogue
from pipeline.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.ole_container import BrokenContainer, container_of, read_stream
from pipeline.readers.sheet_bounds import check_package, check_stream
from pipeline.readers.sheet_hidden import SHOWN, HiddenLines, hidden_in_package, hidden_in_stream
from pipeline.recognize.labels import row_cores, split_label

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"
MAX_ROWS, MAX_COLUMNS = 20_000, 500
PROSE_LENGTH = 200
SHORT = 8
"""A text that begins with a digit and is shorter than this may be a number; a date is longer."""
CHAPTER = re.compile(r"^\s*[一二三四五六七八九十]\s*、")


def read_sheet(content: bytes, _name: str, catalogue: Catalogue) -> Document:
    """Return the sheets of a workbook as tables and paragraphs.

    A line over the columns that begins like a chapter heading is one unless it is a row label of a form (三、本年度办理结果).

    Raises UnreadableFile: password-protected, damaged, empty, cells spread too far.
    """
    content, hidden = _sound(content)
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
                lines = hidden.get(meta.name, SHOWN)
                if lines is not SHOWN:
                    notes.append(f"hidden rows or columns left out: {meta.name}")
                blocks += _sheet(workbook.get_sheet_by_name(meta.name), lines, row_cores(catalogue), notes)
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


def _sound(content: bytes) -> tuple[bytes, dict[str, HiddenLines]]:
    """Return a workbook that calamine can be given, and what it hides.

    A legacy one comes in a container of its own, every one is of sound extent.
    """
    if not content.startswith(OLE_SIGNATURE):
        check_package(content)
        try:
            return content, hidden_in_package(content)
        except (
            KeyError,
            zipfile.BadZipFile,
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise UnreadableFile("damaged spreadsheet: it cannot be opened") from error
    try:
        name, stream = read_stream(content, ("Workbook", "Book"))
        check_stream(stream)
        return container_of(name, stream), hidden_in_stream(stream)
    except BrokenContainer as error:
        raise UnreadableFile("damaged spreadsheet: it cannot be opened") from error


def _sheet(sheet: Any, hidden: HiddenLines, labels: frozenset[str], notes: list[str]) -> Iterator[Block]:
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        notes.append(
            f"sheet {sheet.name} is larger than {MAX_ROWS} rows or {MAX_COLUMNS} columns: only its beginning is read"
        )
    rows = [row[:MAX_COLUMNS] for row in sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS)]
    spans, covered = _merges(sheet.merged_cell_ranges or (), len(rows), max(map(len, rows), default=0))
    run: list[list[Cell]] = []
    for number, row in enumerate(rows):
        if number in hidden.rows:
            continue
        texts = [printed(value) for value in row]
        filled = [text for text in texts if text.strip()]
        if len(filled) == 1 and (_is_chapter(filled[0], labels) or len(filled[0]) > PROSE_LENGTH):
            yield from _table(run, labels)
            run = []
            for line in filled[0].split("\n"):
                if line.strip():
                    yield Paragraph(line.strip())
            continue
        cells = []
        for column, text in enumerate(texts):
            if (number, column) not in covered and column not in hidden.columns:
                down, across = spans.get((number, column), (1, 1))
                shown = sum(below not in hidden.rows for below in range(number, number + down)) if down > 1 else 1
                cells.append(Cell(len(run) + 1, column + 1, text, shown, across))
        run.append(cells)
    yield from _table(run, labels)


def _is_chapter(text: str, labels: frozenset[str]) -> bool:
    return CHAPTER.match(text) is not None and split_label(text).core not in labels


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


def _table(run: list[list[Cell]], labels: frozenset[str]) -> Iterator[Block]:
    """Yield the rows gathered so far as one table; lone lines before and after it (a title, a date) come as paragraphs."""
    filled = [[cell for cell in row if cell.text.strip()] for row in run]
    start, stop = 0, len(run)
    while start < stop and len(filled[start]) <= 1 and not _is_table_row(filled[start]):
        start += 1
    while stop > start and len(filled[stop - 1]) <= 1 and not _is_label(filled[stop - 1], labels):
        stop -= 1
    yield from _lone_lines(filled[:start])
    cells = [
        Cell(c.row - start, c.col, c.text, min(c.row_span, stop - c.row + 1), c.col_span)
        for row in run[start:stop]
        for c in row
    ]
    if any(cell.text.strip() for cell in cells):
        yield Table(tuple(cells))
    yield from _lone_lines(filled[stop:])


def _lone_lines(rows: list[list[Cell]]) -> Iterator[Paragraph]:
    for row in rows:
        for cell in row:
            yield Paragraph(" ".join(cell.text.split()))


def _is_table_row(filled: list[Cell]) -> bool:
    return any("条第" in cell.text or "勾稽" in cell.text for cell in filled)


def _is_label(filled: list[Cell], labels: frozenset[str]) -> bool:
    """Tell whether a lone text is a row's label whose numbers are blank, or a number whose label has been lost."""
    return any(
        split_label(cell.text).core in labels or (any(map(str.isdigit, cell.text[:3])) and len(cell.text) < SHORT)
        for cell in filled
    )


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
