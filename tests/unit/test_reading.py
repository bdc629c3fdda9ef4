"""One file to all that can be known of it alone. Bodies are real names, prose and numbers are invented."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell, Document, Paragraph, Picture, Table, UnreadableFile
from pipeline.reading import READERS, UNREAD_KINDS, read_file, read_report, report_identifier

CATALOGUE = load_catalogue()
PROACTIVE = (
    "<table><tr><td colspan=4>第二十条第（一）项</td></tr>"
    "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    "<tr><td>规章</td><td>0</td><td>0</td><td>0</td></tr><tr><td>行政规范性文件</td><td>2</td><td>1</td><td>15</td></tr></table>"
)
PAGE = (
    "<html><head><meta charset=utf-8><meta name=PubDate content='2022-01-20 09:30'></head><body>"
    "<h1>文成县人民政府2021年政府信息公开工作年度报告</h1><p>全县共收到政府信息公开申请3件。</p>"
    f"<p>一、总体情况</p><p>公开信息12条。</p><p>二、主动公开政府信息情况</p>{PROACTIVE}"
    "<p>三、收到和处理政府信息公开申请情况</p><p>五、存在的主要问题及改进情况</p><p>无。</p></body></html>"
)


def test_a_page_becomes_one_report_with_its_prose() -> None:
    reading = read_file(PAGE.encode(), "report.html", CATALOGUE)
    (report,) = reading.reports
    assert (reading.media_type, report.place, report.issuer, report.year) == ("text/html", 1, "文成县人民政府", 2021)
    assert report.published_on is not None and report.published_on.isoformat() == "2022-01-20"
    assert (report.scope, report.tables_found, report.tables_missing) == (
        "aggregate",
        ("proactive",),
        ("requests", "disputes"),
    )
    facts = {(fact.row_code, fact.column_code): fact.value for fact in report.facts if fact.fact_table == "proactive"}
    assert (facts["normative_documents", "in_force"], facts["regulations", "created"]) == (Decimal(15), Decimal(0))
    assert [section.section_no for section in report.sections] == [0, 1, 2, 3, 5]
    assert all("规章" not in section.text for section in report.sections)
    assert len(reading.prose) == len(reading.reports)


def test_the_same_bytes_read_the_same() -> None:
    assert read_file(PAGE.encode(), "a.html", CATALOGUE) == read_file(PAGE.encode(), "b.txt", CATALOGUE)


def test_pictures_and_notes_are_kept() -> None:
    blocks = (
        Paragraph("甲县2021年政府信息公开工作年度报告"),
        Paragraph("三、收到和处理政府信息公开申请情况"),
        Picture("a.png"),
    )
    report = read_report(
        Document("text/html", blocks, {"attachments": "b.pdf"}, ("declared gb2312, read as gb18030",)), 2, CATALOGUE
    )
    assert (report.place, report.evidence["pictures"], report.evidence["attachments"]) == (2, "a.png", "b.pdf")
    assert report.evidence["reader_notes"] == "declared gb2312, read as gb18030"


def test_a_bare_table_with_a_year_is_a_report() -> None:
    labels = [
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "（一）予以公开",
        "（七）总计",
        "四、结转下年度继续办理",
    ]
    header = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    rows = [header, *([label, *"0000000"] for label in labels)]
    cells = tuple(Cell(r, c, text) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1))
    report = read_report(
        Document("text/html", (Paragraph("2021年度"), Table(cells)), {"title": "某局2021年政府信息公开年报"}),
        1,
        CATALOGUE,
    )
    assert (report.year, report.issuer, "requests" in report.tables_found) == (2021, "某局", True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"PK\x05\x06" + bytes(18), UNREAD_KINDS["application/zip"]),
        (b"Rar!\x1a\x07\x00", UNREAD_KINDS["application/vnd.rar"]),
        (b"GIF89a....", "files of the kind image/gif cannot be read"),
        ("<html><body><p>他推开了窗。</p></body></html>".encode(), "not a report: no section heading found"),
        (
            "<html><body><p>一、总体情况</p><p>二、主动公开政府信息情况</p></body></html>".encode(),
            "report year not found",
        ),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read_file(content, "a", CATALOGUE)
    assert str(raised.value) == reason


def test_every_kind_has_a_reader_or_a_reason() -> None:
    assert not READERS.keys() & UNREAD_KINDS.keys()
    assert all(reason and "\n" not in reason for reason in UNREAD_KINDS.values())


def test_report_identifiers_depend_on_file_and_place_alone() -> None:
    """These are in published data: a change needs a migration."""
    assert report_identifier("ab" * 32, 1) == "a726311f7cda3d1b"
    assert (
        len({report_identifier("ab" * 32, place) for place in range(1, 50)} | {report_identifier("cd" * 32, 1)}) == 50
    )


def test_reading_touches_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read_file(PAGE.encode(), "a.html", CATALOGUE)  # declared words are loaded once
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("reading opened a file"))
    read_file(PAGE.encode(), "a.html", CATALOGUE)
