"""Tables as pictures inside a page or a Word file: read in their place, or said; what is hidden or cut is never read."""

import importlib.util
import random
from dataclasses import replace

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Paragraph, Picture, Table
from pipeline.pictured_tables import with_pictured_tables
from pipeline.readers import scan_extra
from pipeline.readers.docx import read_docx
from pipeline.readers.html import read_html
from pipeline.reading import FileReading, read_file
from tests.documents import html, pdf
from tests.documents.made import make_report
from tests.documents.scoring import score_reading

CATALOGUE = load_catalogue()
HAS_OCR = all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2"))
needs_ocr = pytest.mark.skipif(not HAS_OCR, reason="the extra gongkai[ocr] is not installed")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8192)
"""Nothing that can be decoded; enough to be a picture."""
REPORT = make_report(random.Random(2), CATALOGUE, "hybrid")


def _read(content: bytes, name: str) -> FileReading:
    return read_file(content, name, CATALOGUE)


@pytest.mark.ocr
@needs_ocr
@pytest.mark.parametrize("kind", ["html", "docx"])
def test_tables_as_pictures_are_read_and_their_cells_name_them(kind: str) -> None:
    from tests.documents import pictured

    parts = pictured.parts(REPORT, random.Random(2))
    content = pictured.page(parts, in_cells=True) if kind == "html" else pictured.word_file(parts)
    reading = _read(content, f"r.{kind}")
    score = score_reading(REPORT, reading, kind)
    assert score.wrong == []
    assert score.share_right > 0.97
    (report,) = reading.reports
    named = {placed.picture for placed in report.cells if placed.cell.confidence is not None}
    assert named == {f"data:#{n}" if kind == "html" else f"word/media/image{n}.png" for n in (1, 2, 3)}
    assert all(placed.picture for placed in report.cells if placed.cell.bbox)
    assert report.tables_missing == ()


@pytest.mark.ocr
@needs_ocr
def test_a_number_of_a_picture_that_nothing_vouches_for_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.readers import scan
    from tests.documents import pictured

    def unsure(lines: object) -> list[object]:
        return [replace(one, confidence=0.3, others=()) for one in read(lines)]  # type: ignore[type-var]

    read = scan.read_crops
    parts = pictured.parts(REPORT, random.Random(2))
    monkeypatch.setattr(scan, "_upright", lambda picture, number: scan.lay_out(scan.straighten(picture, number)))
    monkeypatch.setattr(scan, "read_crops", unsure)
    (report,) = _read(pictured.page(parts), "r.html").reports
    proactive = [fact for fact in report.facts if fact.fact_table == "proactive"]
    assert proactive
    assert {fact.status for fact in proactive} <= {"unreadable", "blank", "missing"}


@pytest.mark.ocr
@needs_ocr
def test_no_more_pictures_are_looked_at_than_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.readers import scan

    seen: list[int] = []
    monkeypatch.setattr(scan, "read_tables_on", lambda content, first, most: (seen.append(most), ([], 0))[1])
    few = replace(CATALOGUE, limits={**CATALOGUE.limits, "pictures": CATALOGUE.limits["pictures"] | {"looked_at": 2}})
    document = Document("text/html", tuple(Picture(f"data:#{n}", content=PNG) for n in range(5)))
    _, unread = with_pictured_tables(document, few)
    assert len(seen) == 2
    assert unread == "a picture that may hold a missing table was not read (data:#2 and 2 more): more than 2 pictures"


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_without_the_extra_a_finding_says_what_to_install(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cv2")
    from tests.documents import pictured

    monkeypatch.setattr(scan_extra, "PARTS", ("no_such_package",))
    parts = [part if isinstance(part, str) else [PNG] for part in pictured.parts(REPORT, random.Random(2))]
    content = pictured.page(parts) if kind == "html" else pictured.word_file(parts)
    (report,) = _read(content, f"r.{kind}").reports
    assert report.facts == ()
    (problem,) = [problem for problem in report.problems if problem.kind == "picture_not_read"]
    assert problem.detail.endswith(": install gongkai[ocr] to read it")
    assert "\n" not in problem.detail
    assert problem.kind in CATALOGUE.problems


def test_pictures_beside_whole_tables_are_not_looked_at() -> None:
    page = html.render(REPORT, "plain", random.Random(2))
    bare = read_file(page, "r.html", CATALOGUE)
    document = read_html(page, "r.html")
    with_picture = replace(document, blocks=(*document.blocks, Picture("data:#1", content=PNG)))
    assert with_pictured_tables(with_picture, CATALOGUE) == (with_picture, None)
    assert bare.reports[0].tables_missing == ()


def test_a_page_with_a_picture_larger_than_the_parser_takes_is_read_to_its_end() -> None:
    content = b'<p>a</p><img src="data:image/png;base64,' + b"A" * (11 << 20) + b'"><p>b</p>'
    document = read_html(content, "r.html")
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["a", "b"]


@pytest.mark.parametrize(
    ("img", "addresses"),
    [
        ('<img src="data:image/png;base64,aGk=">', [("data:#1", b"hi")]),
        ("<img alt=x src=data:image/png;base64,aGk= width=9>", [("data:#1", b"hi")]),
        ('<img src="data:image/png;base64,aG%6B%3D">', [("data:#1", b"hi")]),
        ('<img src="data:image/png;base64,aGk=" data-src="/a/b.png">', [("/a/b.png", None)]),
        ('<img src="data:image/svg+xml;utf8,%3Csvg%3E">', [("data:image/svg+xml;utf8,%3Csvg%3E", None)]),
        ('<div style="display:none"><img src="data:image/png;base64,aGk="></div>', []),
        ('<table><tr><td>x</td><td><img src="data:image/png;base64,aGk="></td></tr></table>', [("data:#1", b"hi")]),
        (
            '<table><tr><td><table><tr><td>a</td><td>b</td></tr></table><img src="data:image/png;base64,aGk="></td></tr></table>',
            [("data:#1", b"hi")],
        ),
        (
            '<table><tr><td>x</td><td style="display:none"><img src="data:image/png;base64,aGk="></td></tr></table>',
            [],
        ),
    ],
)
def test_which_pictures_a_page_shows(img: str, addresses: list[tuple[str, bytes | None]]) -> None:
    document = read_html(f"<p>t</p>{img}<p>u</p>".encode(), "r.html")
    pictures = [(block.address, block.content) for block in document.blocks if isinstance(block, Picture)]
    assert pictures == addresses
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)][-1] == "u"


@pytest.mark.parametrize(
    ("drawing", "is_taken"),
    [
        ("{picture}", True),
        ("<w:ins>{picture}</w:ins>", True),
        ("<w:del>{picture}</w:del>", False),
        ('<w:r><w:rPr><w:vanish/></w:rPr><wrap xmlns="urn:x">{picture}</wrap></w:r>', False),
        ('<Fallback xmlns="http://schemas.openxmlformats.org/markup-compatibility/2006">{picture}</Fallback>', False),
        ('<anchor xmlns="urn:wp"><docPr hidden="1"/>{picture}</anchor>', False),
        ('<fill xmlns="urn:a"><x>{picture}</x></fill>{picture}', True),
    ],
)
def test_which_pictures_a_word_file_shows(drawing: str, is_taken: bool) -> None:
    pytest.importorskip("cv2")
    from tests.documents import pictured

    document = read_docx(pictured.word_file(["t", [b"hi"]], drawing), "r.docx")
    pictures = [(block.address, block.content) for block in document.blocks if isinstance(block, Picture)]
    assert pictures == ([("word/media/image1.png", b"hi")] if is_taken else [])


def test_a_picture_of_which_a_part_is_shown_is_not_read() -> None:
    pytest.importorskip("cv2")
    from tests.documents import pictured

    whole, cut = (read_docx(pictured.word_file(["t", [PNG]], is_cut=is_cut), "r.docx") for is_cut in (False, True))
    assert [block.content for block in whole.blocks if isinstance(block, Picture)] == [PNG]
    assert [block.content for block in cut.blocks if isinstance(block, Picture)] == [None]
    assert cut.notes == ("picture of which a part is shown: word/media/image1.png",)


def test_a_table_of_text_names_no_picture() -> None:
    content = pdf.render(REPORT, "lines", random.Random(1))
    (report,) = read_file(content, "r.pdf", CATALOGUE).reports
    assert {placed.picture for placed in report.cells} == {None}
    assert Table(()).picture is None
