"""Made reports as Word files, written as the XML that Word and WPS write."""

import io
import random
import re
import zipfile
from xml.sax.saxutils import escape

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks
from tests.documents.oddities import with_oddities

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>{nums}</w:numbering>'
)
NUMBERED = re.compile(r"(\d{1,2})\.(?=\D)")


def render_oddly(report: MadeReport, rng: random.Random, controls: float = 0.05) -> bytes:
    """Return the file's bytes as ``render`` does, with numbers in tables of their own and labels that Word numbers."""
    numbers: list[int] = []

    def odd(block: str | Grid) -> str:
        return _grid(block, rng, controls, numbers) if isinstance(block, Grid) else _paragraph(block, rng)

    body = "".join(odd(block) for block in blocks(with_oddities(report, rng)))
    nums = "".join(
        f'<w:num w:numId="{at}"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="{start}"/>'
        "</w:lvlOverride></w:num>"
        for at, start in enumerate(numbers, start=1)
    )
    types = TYPES.replace(
        "</Types>",
        '<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.numbering+xml"/></Types>',
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/></Relationships>'
    )
    parts = {
        "[Content_Types].xml": types,
        "word/numbering.xml": NUMBERING.replace("{nums}", nums),
        "word/_rels/document.xml.rels": relations,
    }
    return package(f"{body}<w:sectPr/>", parts)


def render(report: MadeReport, rng: random.Random, controls: float = 0.05) -> bytes:
    """Return the file's bytes; runs, tracked changes and content controls follow from ``rng``.

    ``controls`` is the share of cells in a content control: 0 for what LibreOffice is to save as .doc, since it prints
    their text several times there, and deleted text with it.
    """
    body = "".join(
        _grid(block, rng, controls) if isinstance(block, Grid) else _paragraph(block, rng) for block in blocks(report)
    )
    return package(f"{body}<w:sectPr/>")


def package(body: str, parts: dict[str, str] | None = None) -> bytes:
    """Return a Word file with this body XML, and further parts by name."""
    document = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        contents = {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS,
            "word/document.xml": document,
            **(parts or {}),
        }
        for name, text in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text)
    return stream.getvalue()


def run(text: str) -> str:
    return f'<w:r><w:rPr><w:sz w:val="24"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _paragraph(text: str, rng: random.Random) -> str:
    cut = rng.randint(0, len(text))
    runs = run(text[:cut]) + run(text[cut:])
    if rng.random() < 0.1:
        runs += '<w:del w:id="1"><w:r><w:delText>删去 999 件</w:delText></w:r></w:del>'
    return f"<w:p>{runs}</w:p>"


def _grid(grid: Grid, rng: random.Random, controls: float, numbers: list[int] | None = None) -> str:
    """Return a table; ``numbers`` takes where each list begins that numbers a label, None where none shall."""
    columns = "".join('<w:gridCol w:w="900"/>' for _ in range(grid.width))
    covered = {(row, cell.col): cell for cell in grid.cells for row in range(cell.row + 1, cell.row + cell.row_span)}
    rows = []
    for number, row in enumerate(grid.rows, start=1):
        starting = {cell.col: cell for cell in row}
        column = 1
        cells = []
        while column <= grid.width:
            if column in starting:
                cell = starting[column]
                cells.append(_cell(cell, "restart" if cell.row_span > 1 else None, rng, controls, numbers))
                column += cell.col_span
            elif (number, column) in covered:
                cell = covered[number, column]
                cells.append(_cell(GridCell(number, cell.col, "", 1, cell.col_span), "continue", rng, controls))
                column += cell.col_span
            else:
                column += 1
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _cell(
    cell: GridCell, merge: str | None, rng: random.Random, controls: float, numbers: list[int] | None = None
) -> str:
    properties = f'<w:gridSpan w:val="{cell.col_span}"/>' if cell.col_span > 1 else ""
    if merge == "restart":
        properties += '<w:vMerge w:val="restart"/>'
    elif merge == "continue":
        properties += "<w:vMerge/>"
    content = _odd_content(cell, rng, numbers) if numbers is not None else None
    content = content or "".join(_line(cell, line, rng) for line in cell.text.split("\n"))
    if rng.random() < controls:
        content = f"<w:sdt><w:sdtContent>{content}</w:sdtContent></w:sdt>"
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def _line(cell: GridCell, text: str, rng: random.Random) -> str:
    cut = rng.randint(0, len(text))
    runs = "".join(run(part) for part in (text[:cut], text[cut:]) if part)
    if not cell.is_label and rng.random() < 0.05:
        runs = f'<w:ins w:id="2">{runs}</w:ins><w:del w:id="3"><w:r><w:delText>88</w:delText></w:r></w:del>'
    return f"<w:p>{runs}</w:p>"


def _odd_content(cell: GridCell, rng: random.Random, numbers: list[int]) -> str | None:
    """Return a number in a table of its own, or a label that Word numbers; None for any other cell."""
    numbered = NUMBERED.match(cell.text)
    if cell.is_label and numbered and rng.random() < 0.5:
        numbers.append(int(numbered.group(1)))
        marks = f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{len(numbers)}"/></w:numPr></w:pPr>'
        first, *rest = cell.text[numbered.end() :].split("\n")
        return f"<w:p>{marks}{run(first)}</w:p>" + "".join(f"<w:p>{run(line)}</w:p>" for line in rest)
    if not cell.is_label and cell.text.strip() and rng.random() < 0.05:
        inner = f"<w:tr><w:tc><w:tcPr/><w:p>{run(cell.text)}</w:p></w:tc></w:tr>"
        return f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>{inner}</w:tbl><w:p/>'
    return None
