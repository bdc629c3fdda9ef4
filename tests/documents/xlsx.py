"""Made reports as Excel workbooks: one sheet, lines of text over the columns, numbers stored as numbers or as text."""

import io
import random
import re
import zipfile
from xml.sax.saxutils import escape

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks
from tests.documents.oddities import with_oddities

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="年报" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def render(report: MadeReport, rng: random.Random) -> bytes:
    """Return the workbook's bytes; which numbers are stored as text follows from ``rng``."""
    rows: list[str] = []
    merged: list[str] = []
    for block in blocks(report):
        if isinstance(block, Grid):
            for row in block.rows:
                number = len(rows) + 1
                rows.append("".join(_cell(cell, number, rng) for cell in row))
                merged += [_range(cell, number) for cell in row if cell.row_span > 1 or cell.col_span > 1]
        else:
            rows.append(_cell(GridCell(1, 1, block), len(rows) + 1, rng))
    data = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, start=1))
    ranges = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    return package(f"<sheetData>{data}</sheetData><mergeCells>{ranges}</mergeCells>")


def render_oddly(report: MadeReport, rng: random.Random) -> bytes:
    """Return the workbook of a report whose tables are printed oddly."""
    return render(with_oddities(report, rng), rng)


def package(sheet: str, parts: dict[str, str] | None = None) -> bytes:
    """Return a workbook of one sheet with this XML in it; ``parts`` stand in the place of others."""
    contents = {**PARTS, "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>', **(parts or {})}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            content = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}'
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content)
    return stream.getvalue()


def _cell(cell: GridCell, row: int, rng: random.Random) -> str:
    place = f"{_letter(cell.col)}{row}"
    if not cell.text:
        return f'<c r="{place}"/>'
    if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", cell.text) and rng.random() < 0.7:
        return f'<c r="{place}"><v>{cell.text}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell.text)}</t></is></c>'


def _range(cell: GridCell, row: int) -> str:
    return f"{_letter(cell.col)}{row}:{_letter(cell.col + cell.col_span - 1)}{row + cell.row_span - 1}"


def _letter(column: int) -> str:
    return chr(ord("A") + column - 1)
