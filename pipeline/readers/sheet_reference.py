"""The reference reading of a workbook (.xlsx), by the standard library: cells straight from the XML, no code of ``sheet``.

Belongs here: a doubtful workbook's sheets read again: places, shared strings, merged cells, hidden lines. Does not belong here:
what becomes of a difference (``pipeline.second_opinion``). A value that is printed other than it is stored (a date, an error)
is marked, so that nothing is said of it.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from pipeline.catalogue.model import Catalogue
from pipeline.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.package_parts import Package, attribute
from pipeline.recognize.labels import row_cores, split_label

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS, MOST_COLUMNS, MOST_PLACES = 20_000, 500, 400_000
LONG = 200
DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Numbers of the built-in formats that print a date or a time ([ECMA-376] 18.8.30)."""
_CHAPTER = re.compile(r"\s*[一二三四五六七八九十]\s*、")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')

Place = tuple[int, int]
Texts = dict[Place, tuple[str, str | None]]
"""(row, column), counting from 1 → the text and why it is not to be trusted."""


def read_sheet_reference(content: bytes, catalogue: Catalogue) -> Document:
    """Return the visible sheets of a workbook as tables, cut at chapter headings. Raises UnreadableFile."""
    try:
        return Document(MEDIA_TYPE, tuple(_sheets(content, row_cores(catalogue))))
    except ValueError as error:
        raise UnreadableFile("no second reading of a workbook with a number that is none") from error


def _sheets(content: bytes, labels: frozenset[str]) -> Iterator[Block]:
    package = Package(content)
    main = package.document()
    book = package.part(main)
    if book is None:
        raise UnreadableFile("no second reading of a workbook without its list of sheets")
    related = package.related(main)
    strings, dates = [], frozenset[int]()
    for kind, name in related.values():
        if kind == "sharedStrings" and (part := package.part(name)) is not None:
            strings = [_string(item) for item in part.iter("si")]
        elif kind == "styles" and (part := package.part(name)) is not None:
            dates = _date_styles(part)
    seen: set[str] = set()
    for sheet in book.iter("sheet"):
        kind, name = related.get(attribute(sheet, "id") or "", ("", ""))
        if kind != "worksheet" or sheet.get("state", "visible") != "visible":
            continue
        part = package.part(name)
        if part is None or name in seen:
            raise UnreadableFile("no second reading of a workbook that lacks a sheet, or names one twice")
        seen.add(name)
        yield from _cut(_shown_rows(part, _texts(part, strings, dates)), labels)


def _string(item: ET.Element) -> str:
    """Return a string of several runs; readings printed above it (``rPh``) are no part of it."""
    runs = [item.find("t"), *item.findall("r/t")]
    return "".join(run.text or "" for run in runs if run is not None)


def _date_styles(styles: ET.Element) -> frozenset[int]:
    own = {
        int(form.get("numFmtId", "0"))
        for form in styles.iter("numFmt")
        if set(_QUOTED.sub("", form.get("formatCode", "").lower())) & set("ymdhs")
    }
    forms = styles.findall("cellXfs/xf")
    return frozenset(n for n, form in enumerate(forms) if int(form.get("numFmtId", "0")) in DATES | own)


def _texts(sheet: ET.Element, strings: list[str], dates: frozenset[int]) -> Texts:
    texts: Texts = {}
    row = 0
    for line in sheet.findall("sheetData/row"):
        row = int(line.get("r") or row + 1)
        column = 0
        for cell in line.findall("c"):
            named = cell.get("r")
            column = _place(named)[1] if named else column + 1
            if row > MOST_ROWS or column > MOST_COLUMNS:
                raise UnreadableFile("workbook too large for a second reading")
            texts[row, column] = _value(cell, strings, dates)
    return texts


def _value(cell: ET.Element, strings: list[str], dates: frozenset[int]) -> tuple[str, str | None]:
    kind, stored = cell.get("t", "n"), cell.findtext("v") or ""
    if kind == "inlineStr":
        inline = cell.find("is")
        return (_string(inline) if inline is not None else "", None)
    if kind == "s":
        known = stored.strip().isdecimal() and int(stored) < len(strings)
        return (strings[int(stored)], None) if known else ("", "no such shared string")
    if kind in ("b", "d", "e"):
        return stored, "printed other than stored"
    if kind != "n" or not stored.strip():
        return stored, None
    if int(cell.get("s", "0")) in dates:
        return stored, "printed other than stored"
    try:
        number = Decimal(stored.strip())
    except InvalidOperation:
        return stored, "not a number"
    if not number.is_finite() or abs(number.adjusted()) > LONG:
        return stored, "not a number"
    return format(number.to_integral_value() if number == number.to_integral_value() else number, "f"), None


def _place(name: str) -> Place:
    found = _PLACE.fullmatch(name)
    if found is None:
        raise UnreadableFile("no second reading of a workbook with cells in no place")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _shown_rows(sheet: ET.Element, texts: Texts) -> Iterator[list[Cell]]:
    """Yield the rows that are shown, their cells numbered by the row of the sheet."""
    no_rows = {
        row
        for line in sheet.findall("sheetData/row")
        if line.get("hidden") in ("1", "true")
        for row in [int(line.get("r") or "")]
    }
    no_columns = {
        column
        for line in sheet.findall("cols/col")
        if line.get("hidden") in ("1", "true")
        for column in range(int(line.get("min", "1")), min(int(line.get("max", "1")), MOST_COLUMNS) + 1)
    }
    last_row = max((row for row, _ in texts), default=0)
    last_column = max((column for _, column in texts), default=0)
    if last_row * last_column > MOST_PLACES:
        raise UnreadableFile("workbook too large for a second reading")
    spans, covered = _merged(sheet, last_row, last_column)
    for row in range(1, last_row + 1):
        if row in no_rows:
            continue
        cells = []
        for column in range(1, last_column + 1):
            if (row, column) in covered or column in no_columns:
                continue
            down, across = spans.get((row, column), (1, 1))
            shown = sum(below not in no_rows for below in range(row, row + down))
            text, route = texts.get((row, column), ("", None))
            cells.append(Cell(row, column, text, shown, across, route=route))
        yield cells


def _merged(sheet: ET.Element, last_row: int, last_column: int) -> tuple[dict[Place, Place], set[Place]]:
    """Return (rows, columns) of merged cells, and the places that they cover. Raises UnreadableFile where two overlap."""
    spans: dict[Place, Place] = {}
    covered: set[Place] = set()
    for merge in sheet.findall("mergeCells/mergeCell"):
        corner, _, other = merge.get("ref", "").partition(":")
        (top, left), (bottom, right) = _place(corner), _place(other or corner)
        bottom, right = min(bottom, last_row), min(right, last_column)
        if len(covered) + max(bottom - top + 1, 0) * max(right - left + 1, 0) > MOST_PLACES:
            raise UnreadableFile("workbook too large for a second reading")
        places = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if not covered.isdisjoint(places) or not places.isdisjoint(spans):
            raise UnreadableFile("no second reading of a workbook whose merged cells overlap")
        if places:
            spans[top, left] = (bottom - top + 1, right - left + 1)
            covered |= places - {(top, left)}
    return spans, covered


def _cut(rows: Iterator[list[Cell]], labels: frozenset[str]) -> Iterator[Block]:
    """Yield tables, and the lines over the columns that are headings or prose."""
    run: list[list[Cell]] = []
    for row in rows:
        filled = [cell.text for cell in row if cell.text.strip()]
        if len(filled) == 1 and _is_line(filled[0], labels):
            yield from _table(run)
            run = []
            yield from (Paragraph(line.strip()) for line in filled[0].split("\n") if line.strip())
        else:
            run.append(row)
    yield from _table(run)


def _is_line(text: str, labels: frozenset[str]) -> bool:
    return len(text) > LONG or (_CHAPTER.match(text) is not None and split_label(text).core not in labels)


def _table(run: list[list[Cell]]) -> Iterator[Table]:
    cells = [
        Cell(number, cell.col, cell.text, min(cell.row_span, len(run) - number + 1), cell.col_span, route=cell.route)
        for number, row in enumerate(run, start=1)
        for cell in row
    ]
    if any(cell.text.strip() or cell.route for cell in cells):
        yield Table(tuple(cells))
