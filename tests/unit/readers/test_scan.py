"""Scans and pictures: kept made documents against their truth, and what happens where the extra is not installed."""

import importlib.util
import io
import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Paragraph, Table, UnreadableFile
from pipeline.readers import scan_extra
from pipeline.readers.page_order import PlacedBlock, without_running_heads
from pipeline.reading import read_file
from tests.documents import pdf
from tests.documents.made import MadeReport, Truth, make_report
from tests.documents.scoring import score_reading

FOLDER = Path(__file__).parents[2] / "fixtures/scans"
FILES = sorted(file for file in FOLDER.iterdir() if file.suffix != ".json")
CATALOGUE = load_catalogue()
HAS_OCR = all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2"))
needs_ocr = pytest.mark.skipif(not HAS_OCR, reason="the extra gongkai[ocr] is not installed")


def _truth(file: Path) -> MadeReport:
    kept = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    truth = {
        tuple(key.split("/")): Truth(None if value is None else Decimal(value), status)
        for key, (value, status) in kept["cells"].items()
    }
    return MadeReport(kept["issuer"], kept["year"], "", {}, {}, truth, (), {})  # type: ignore[arg-type]


@pytest.mark.ocr
@needs_ocr
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_cell_of_a_scan_is_right(file: Path) -> None:
    reading = read_file(file.read_bytes(), file.name, CATALOGUE)
    truth = _truth(file)
    score = score_reading(truth, reading, file.name)
    # Scanned to black and white a thin dash may be gone without a trace: no cell of such a page is called blank.
    blank = sum(one.status == "blank" for one in truth.truth.values()) if file.name.startswith("fax") else 0
    assert (score.right, score.marked, score.wrong) == (score.cells - blank, blank, [])
    assert score.identity["right"] == 2
    placed = reading.reports[0].cells
    assert all(p.cell.confidence is not None and p.cell.page and p.cell.bbox for p in placed)


def _turned(file: Path, quarters: int, how: str) -> tuple[bytes, str]:
    """Return a kept scan with its pages turned clockwise by so many quarters: the pictures themselves, or by /Rotate."""
    import numpy as np
    import pypdfium2 as pdfium
    from PIL import Image

    from pipeline.readers.scan_image import draw_page

    document = pdfium.PdfDocument(file.read_bytes())
    stream = io.BytesIO()
    if how == "rotate":
        for page in document:
            page.set_rotation((page.get_rotation() + 90 * quarters) % 360)
        document.save(stream)
    else:
        pages = [Image.fromarray(np.rot90(draw_page(page), -quarters)) for page in document]
        pages[0].save(stream, how, save_all=True, append_images=pages[1:], resolution=200)
    document.close()
    return stream.getvalue(), "r.tiff" if how == "TIFF" else "r.pdf"


@pytest.mark.ocr
@needs_ocr
@pytest.mark.parametrize(("quarters", "how"), [(1, "PDF"), (2, "rotate"), (3, "TIFF")])
def test_pages_that_lie_on_their_side_or_head_are_read_and_never_wrong(quarters: int, how: str) -> None:
    file = next(file for file in FILES if file.suffix == ".pdf")
    content, name = _turned(file, quarters, how)
    score = score_reading(_truth(file), read_file(content, name, CATALOGUE), name)
    assert score.wrong == []
    assert score.share_right > 0.97
    assert score.identity["right"] == 2


def test_lines_tell_a_page_on_its_side() -> None:
    from pipeline.readers.scan_level import lies_on_its_side

    labels, digits = [13.0, 12.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0], [1.0] * 60
    assert not lies_on_its_side([*digits, *labels])
    assert lies_on_its_side([*digits, 4.7, 4.6, 2.5, 2.5])
    assert not lies_on_its_side([1.0] * 5)  # Too few to tell.


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_without_the_extra_it_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_extra, "PARTS", ("no_such_package",))
    with pytest.raises(UnreadableFile, match=r"^[^\n]+: install gongkai\[ocr\] to read it$"):
        read_file(file.read_bytes(), file.name, CATALOGUE)


@pytest.mark.ocr
@needs_ocr
def test_text_under_a_picture_is_not_believed() -> None:
    from pipeline.readers.pdf import read_pdf

    document = read_pdf(_searchable_scan("999"), "r.pdf")
    texts = [cell.text for block in document.blocks if isinstance(block, Table) for cell in block.cells]
    assert "999" not in texts
    assert "107" in texts


def _searchable_scan(hidden: str) -> bytes:
    """Return a page that shows 107 in a cell, under it another number in invisible text."""
    from PIL import Image, ImageDraw, ImageFont

    # Drawn by Pillow: PDFium draws a font that the file does not hold with stand-in shapes.
    drawn = Image.new("RGB", (1111, 833), "white")
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(34)
    for y in (280, 420, 560):
        pen.line((140, y, 970, y), fill="black", width=3)
    for x in (140, 555, 970):
        pen.line((x, 280, x, 560), fill="black", width=3)
    for x, y, shown in ((300, 330, "A12"), (740, 330, "0"), (300, 470, "107"), (740, 470, "58")):
        pen.text((x, y), shown, fill="black", font=font)
    picture = io.BytesIO()
    drawn.save(picture, "PNG")
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(400, 300))
    text = canvas.beginText(110, 120)
    text.setFont("Helvetica", 12)
    text.setTextRenderMode(3)
    text.textOut(hidden)
    canvas.drawText(text)
    canvas.drawImage(ImageReader(picture), 0, 0, 400, 300)
    canvas.save()
    return stream.getvalue()


@pytest.mark.ocr
@needs_ocr
def test_a_damaged_picture_is_one_line() -> None:
    content = (FOLDER / FILES[0].name).read_bytes()[:200]
    with pytest.raises(UnreadableFile, match="damaged picture") as caught:
        read_file(content, FILES[0].name, CATALOGUE)
    assert "\n" not in str(caught.value)


def test_a_made_report_keeps_its_text_where_it_is_born_digital() -> None:
    rng = random.Random(5)
    report = make_report(rng, CATALOGUE, "hybrid")
    reading = read_file(pdf.render(report, "lines", rng), "r.pdf", CATALOGUE)
    assert all(placed.cell.confidence is None for placed in reading.reports[0].cells)


def test_a_table_goes_on_below_a_running_head() -> None:
    table = Table((), "grid", 1)
    pages: list[list[PlacedBlock]] = [
        [(Paragraph("政务公开 第1页", 1), False, False), (table, False, False)],
        [(Paragraph("政务公开 第2页", 2), False, False), (table, False, False), (Paragraph("正文", 2), False, False)],
        [(Paragraph("别的", 3), False, False), (Paragraph("正文", 3), False, False)],
    ]
    kept = [[block for block, _, _ in page] for page in without_running_heads(pages)]
    assert kept == [
        [Paragraph("政务公开 第1页", 1), table],
        [table, Paragraph("正文", 2)],
        [Paragraph("别的", 3)],
    ]
