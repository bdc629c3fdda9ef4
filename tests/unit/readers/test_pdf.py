"""Ruled PDFs: every printed cell in its place, over page breaks and in every way of drawing lines."""

import io
import random
import re

import pytest
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Paragraph, Table, UnreadableFile
from pipeline.readers.pdf import ScannedFile, read_pdf
from pipeline.readers.pdf_reference import read_pdf_reference
from tests.documents import pdf
from tests.documents.made import make_report

CATALOGUE = load_catalogue()
KINDS = ("2019", "2021", "hybrid", "2014")


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _rows(document: Document) -> list[list[str]]:
    """Return the filled cells of each table row, over page breaks."""
    rows = []
    for block in document.blocks:
        if isinstance(block, Table):
            for number in range(1, block.row_count + 1):
                texts = [_squeezed(cell.text) for cell in block.cells if cell.row == number]
                rows.append([text for text in texts if text])
    return [row for row in rows if row]


@pytest.mark.parametrize("style", pdf.STYLES)
@pytest.mark.parametrize("seed", range(6))
def test_rows_are_the_printed_ones(seed: int, style: str) -> None:
    rng = random.Random(seed)
    report = make_report(rng, CATALOGUE, KINDS[seed % len(KINDS)])
    document = read_pdf(pdf.render(report, style, rng), "r.pdf")
    printed = [
        [_squeezed(cell.text) for cell in row if _squeezed(cell.text)]
        for grid in report.grids.values()
        for row in grid.rows
    ]
    assert _rows(document) == [row for row in printed if row]
    prose = _squeezed("".join(block.text for block in document.blocks if isinstance(block, Paragraph)))
    assert all(_squeezed(line) in prose for _, lines in report.sections for line in lines)


@pytest.mark.parametrize("seed", range(2))
def test_both_readings_find_the_same_numbers(seed: int) -> None:
    rng = random.Random(seed)
    content = pdf.render(make_report(rng, CATALOGUE, KINDS[seed]), "lines", rng)
    assert _rows(read_pdf(content, "r.pdf")) == _rows(read_pdf_reference(content))


def _drawn(draw: str, rotation: int = 0) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    canvas.setFont(pdf.font_name(), 10)
    if rotation:
        canvas.setPageRotation(rotation)
    exec(draw, {"canvas": canvas})
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


TWO_BY_TWO = """
for x in (100, 200, 300): canvas.line(x, 700, x, 760)
for y in (700, 730, 760): canvas.line(100, y, 300, y)
for x, y, t in ((110, 740, "规章"), (210, 740, "12"), (110, 710, "文件"), (210, 710, "3")): canvas.drawString(x, y, t)
"""


def _cells(content: bytes) -> list[tuple[int, int, str]]:
    tables = [block for block in read_pdf(content, "r.pdf").blocks if isinstance(block, Table)]
    return [(cell.row, cell.col, cell.text) for table in tables for cell in table.cells]


EXPECTED = [(1, 1, "规章"), (1, 2, "12"), (2, 1, "文件"), (2, 2, "3")]


def test_plain_lattice() -> None:
    assert _cells(_drawn(TWO_BY_TWO)) == EXPECTED


def test_white_lines_rule_nothing() -> None:
    assert _cells(_drawn(TWO_BY_TWO + "canvas.setStrokeColorRGB(1, 1, 1)\ncanvas.line(100, 745, 300, 745)")) == EXPECTED


def test_underlined_prose_is_no_table() -> None:
    draw = "canvas.drawString(100, 700, '公开信息 12 条')\ncanvas.line(100, 698, 180, 698)\ncanvas.line(100, 678, 180, 678)"
    document = read_pdf(_drawn(draw), "r.pdf")
    assert not [block for block in document.blocks if isinstance(block, Table)]


def test_text_printed_twice_for_bold_is_read_once() -> None:
    assert _cells(_drawn(TWO_BY_TWO + "canvas.drawString(210.3, 740, '12')")) == EXPECTED


def test_two_numbers_in_a_cell_stay_two() -> None:
    cells = _cells(_drawn(TWO_BY_TWO + "canvas.drawString(250, 740, '7')"))
    assert cells[1] == (1, 2, "12 7")


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_page_reads_upright(rotation: int) -> None:
    # The page says that it is to be turned by so much; what is drawn was turned the other way before.
    assert _cells(_drawn(turn_back(rotation) + TWO_BY_TWO, rotation)) == EXPECTED


def turn_back(rotation: int) -> str:
    """Return drawing commands under which a page of this rotation shows text upright."""
    return {
        90: "canvas.translate(595, 0)\ncanvas.rotate(90)\ncanvas.translate(0, -200)\n",
        180: "canvas.translate(595, 842)\ncanvas.rotate(180)\n",
        270: "canvas.translate(0, 595)\ncanvas.rotate(-90)\ncanvas.translate(0, -200)\n",
    }[rotation]


def test_table_drawn_sideways_on_an_upright_page() -> None:
    assert _cells(_drawn(turn_back(90) + TWO_BY_TWO)) == EXPECTED


def test_page_without_text_is_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.scan_extra.PARTS", ("no_such_package",))
    with pytest.raises(ScannedFile, match=r"gongkai\[ocr\]"):
        read_pdf(_drawn("canvas.rect(0, 0, 595, 842, fill=1)"), "r.pdf")


def test_running_heads_and_page_numbers_are_no_part_of_the_text() -> None:
    """On a page turned sideways, where a margin is a larger share of the height; the first head stays, it may be a title."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=landscape(A4), invariant=1)
    for number, line in enumerate(
        ("公开的范围逐步扩大到各个乡镇以及有关单位，全年共公开信息三百二十一条，其中", "规章十二条。"), start=1
    ):
        canvas.setFont(pdf.font_name(), 18)
        canvas.drawString(90, 540, "临江县公开报告")
        canvas.drawString(90, 300 if number == 1 else 480, line)
        canvas.drawString(400, 62, f"第{number}页")
        canvas.showPage()
    canvas.save()
    texts = [block.text for block in read_pdf(stream.getvalue(), "r.pdf").blocks if isinstance(block, Paragraph)]
    assert texts == [
        "临江县公开报告",
        "公开的范围逐步扩大到各个乡镇以及有关单位，全年共公开信息三百二十一条，其中规章十二条。",
    ]


def test_fonts_that_do_not_name_their_characters_want_the_eye() -> None:
    """What the letters look like can be told, which characters they are cannot."""
    content = _drawn(TWO_BY_TWO)
    if b"/ToUnicode" not in content:
        pytest.skip("no font to embed is installed: the font used names its characters")
    with pytest.raises(ScannedFile, match="do not say which characters"):
        read_pdf(content.replace(b"/ToUnicode", b"/ToUnicodX"), "r.pdf")


@pytest.mark.parametrize(("password", "opens"), [("", True), ("secret", False)])
def test_password(password: str, opens: bool) -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, encrypt=StandardEncryption(password, ownerPassword="owner"))
    canvas.drawString(100, 700, "2023 12")
    canvas.save()
    if opens:
        assert read_pdf(stream.getvalue(), "r.pdf").blocks
    else:
        with pytest.raises(UnreadableFile, match="password-protected PDF"):
            read_pdf(stream.getvalue(), "r.pdf")


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing", _drawn(TWO_BY_TWO)[:300], b""])
def test_damaged_file_is_one_line(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="damaged PDF") as caught:
        read_pdf(content, "r.pdf")
    assert "\n" not in str(caught.value)
