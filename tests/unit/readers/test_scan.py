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
from pipeline.document import Table, UnreadableFile
from pipeline.readers import scan_extra
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
