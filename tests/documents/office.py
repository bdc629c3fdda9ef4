"""Made reports as Word files laid out for print, for LibreOffice to make PDFs of: what offices publish most.

Belongs here: fonts, row heights, borders, repeated headers, upright group labels, headers and footers, underlined prose.
Word files that are read as such are in ``docx``.
"""

import random
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.documents.docx import W, package
from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks

FONTS = ("Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "SimSun", "FangSong_GB2312")
"""The last two are on few machines: LibreOffice puts another in their place, with heights of its own."""
BORDERS = ("single", "single", "double", "dashed", "dotted", "thick", "inside", "grey")


@dataclass(frozen=True, slots=True)
class Layout:
    """How one document is laid out; ``widths`` names the share of label columns in percent."""

    font: str
    size: int
    borders: str
    height: int
    header_rows: int
    keep_rows: bool
    upright: bool
    sideways: bool
    shaded: bool
    label_share: int
    padding: int


def layout(rng: random.Random) -> Layout:
    return Layout(
        font=rng.choice(FONTS),
        size=rng.choice((12, 15, 18, 21, 24)),
        borders=rng.choice(BORDERS),
        height=rng.choice((0, 0, 300, 420, 600)),
        header_rows=rng.choice((0, 3)),
        keep_rows=rng.random() < 0.5,
        upright=rng.random() < 0.4,
        sideways=rng.random() < 0.25,
        shaded=rng.random() < 0.3,
        label_share=rng.choice((35, 42, 50)),
        padding=rng.choice((0, 30, 60)),
    )


def render(report: MadeReport, rng: random.Random, chosen: Layout | None = None) -> bytes:
    """Return the Word file's bytes; everything follows from ``rng`` unless the layout is given."""
    look = chosen or layout(rng)
    return package(body(report, rng, look) + _page(look), _furniture(rng, report.title))


def body(report: MadeReport, rng: random.Random, look: Layout) -> str:
    """Return the XML of a report's paragraphs and tables."""
    return "".join(
        _grid(block, rng, look) + "<w:p/>" if isinstance(block, Grid) else _paragraph(block, rng, look)
        for block in blocks(report)
    )


def _page(look: Layout) -> str:
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if look.sideways else 'w:w="11906" w:h="16838"'
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId8" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
        '<w:footerReference w:type="default" r:id="rId9" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
        f'<w:pgSz {size}/><w:pgMar w:top="1440" w:right="1080" w:bottom="1440" w:left="1080" w:header="851" '
        'w:footer="992" w:gutter="0"/></w:sectPr>'
    )


def _furniture(rng: random.Random, title: str) -> dict[str, str]:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    number = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    before, after = rng.choice((("- ", " -"), ("", ""), ("第", "页"), ("— ", " —")))
    top = rng.choice(("", title, "政务公开"))
    return {
        "word/header1.xml": f'<w:hdr xmlns:w="{W}"><w:p><w:r><w:t>{top}</w:t></w:r></w:p></w:hdr>',
        "word/footer1.xml": f'<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t xml:space="preserve">{before}</w:t></w:r>{number}<w:r><w:t xml:space="preserve">{after}</w:t></w:r></w:p></w:ftr>',
        "word/_rels/document.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId8" Type="{kind}/header" Target="header1.xml"/>'
            f'<Relationship Id="rId9" Type="{kind}/footer" Target="footer1.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            + "".join(
                f'<Override PartName="/word/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{part}+xml"/>'
                for name, part in (("document", "document.main"), ("header1", "header"), ("footer1", "footer"))
            )
            + "</Types>"
        ),
    }


def _run(text: str, look: Layout, size: int, underlined: bool = False, bold: bool = False) -> str:
    marks = ("<w:b/>" if bold else "") + ('<w:u w:val="single"/>' if underlined else "")
    fonts = f'<w:rFonts w:ascii="{look.font}" w:hAnsi="{look.font}" w:eastAsia="{look.font}"/>'
    return (
        f'<w:r><w:rPr>{fonts}{marks}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _paragraph(text: str, rng: random.Random, look: Layout) -> str:
    indent = '<w:ind w:firstLine="560"/>'
    if len(text) > 12 and rng.random() < 0.4:
        cut = rng.randint(2, 8)
        runs = _run(text[:cut], look, 28) + _run(text[cut:-2], look, 28, True) + _run(text[-2:], look, 28)
    else:
        runs = _run(text, look, 28)
    return f"<w:p><w:pPr>{indent}</w:pPr>{runs}</w:p>"


def _borders(look: Layout) -> str:
    edges = (
        ("insideH", "insideV") if look.borders == "inside" else ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    kind, size, colour = {
        "thick": ("thick", 24, "000000"),
        "grey": ("single", 4, "BFBFBF"),
        "inside": ("single", 4, "000000"),
    }.get(look.borders, (look.borders, 4, "000000"))
    return "".join(f'<w:{edge} w:val="{kind}" w:sz="{size}" w:space="0" w:color="{colour}"/>' for edge in edges)


def _widths(grid: Grid, look: Layout) -> list[int]:
    whole = 14600 if look.sideways else 9700
    if grid.width == 10:
        label = whole * look.label_share // 100
        return [label * 15 // 100, label * 30 // 100, label * 55 // 100] + [(whole - label) // 7] * 7
    if grid.width == 3:
        return [whole * 66 // 100, whole * 14 // 100, whole * 20 // 100]
    return [whole // grid.width] * grid.width


def _grid(grid: Grid, rng: random.Random, look: Layout) -> str:
    widths = _widths(grid, look)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    covered = {(row, cell.col): cell for cell in grid.cells for row in range(cell.row + 1, cell.row + cell.row_span)}
    rows = []
    for number, row in enumerate(grid.rows, start=1):
        starting = {cell.col: cell for cell in row}
        column, cells = 1, []
        while column <= grid.width:
            cell, merge = starting.get(column), "restart"
            if cell is None:
                cell, merge = covered[number, column], "continue"
            cells.append(_cell(cell, merge, sum(widths[column - 1 : column - 1 + cell.col_span]), look))
            column += cell.col_span
        properties = (f'<w:trHeight w:val="{look.height}"/>' if look.height else "") + (
            "<w:cantSplit/>" if look.keep_rows else ""
        )
        properties += "<w:tblHeader/>" if number <= look.header_rows and grid.width == 10 else ""
        rows.append(f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>")
    margins = f'<w:tblCellMar><w:left w:w="{look.padding}" w:type="dxa"/><w:right w:w="{look.padding}" w:type="dxa"/></w:tblCellMar>'
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{_borders(look)}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/>{margins}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def _cell(cell: GridCell, merge: str, width: int, look: Layout) -> str:
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    properties += f'<w:gridSpan w:val="{cell.col_span}"/>' if cell.col_span > 1 else ""
    if cell.row_span > 1:
        properties += '<w:vMerge w:val="restart"/>' if merge == "restart" else "<w:vMerge/>"
    if look.shaded and cell.is_label:
        properties += '<w:shd w:val="clear" w:color="auto" w:fill="D9E2F3"/>'
    if look.upright and cell.row_span > 3:
        properties += '<w:textDirection w:val="tbRlV"/>'
    properties += '<w:vAlign w:val="center"/>'
    text = cell.text if merge == "restart" else ""
    align = "left" if cell.is_label and cell.row_span == 1 else "center"
    runs = _run(text, look, look.size, bold=cell.is_label and look.shaded) if text else ""
    return f'<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:pPr><w:jc w:val="{align}"/></w:pPr>{runs}</w:p></w:tc>'
