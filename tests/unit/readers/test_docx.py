"""What Word and WPS do to a report, one oddity a test."""

import io
import zipfile

import pytest

from pipeline.document import Paragraph, Table, UnreadableFile
from pipeline.readers.docx import read_docx
from pipeline.readers.docx_package import STRICT
from tests.documents.docx import W, package, run

NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="9"/><w:numFmt w:val="chineseCounting"/>'
    '<w:lvlText w:val="（%1）"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    "</w:numbering>"
)


def _texts(body: str, parts: dict[str, str] | None = None) -> list[str]:
    blocks = read_docx(package(body, parts), "r.docx").blocks
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def _numbered(text: str, number: int) -> str:
    return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr></w:pPr>{run(text)}</w:p>'


def test_automatic_numbers_are_printed_with_their_label() -> None:
    body = (
        _numbered("属于国家秘密", 1)
        + _numbered("其他", 1)
        + _numbered("总计", 2)
        + _numbered("其余", 2)
        + _numbered("再起", 3)
    )
    assert _texts(body, {"word/numbering.xml": NUMBERING}) == [
        "1.属于国家秘密",
        "2.其他",
        "（九）总计",
        "（十）其余",
        "1.再起",
    ]


def test_final_text_of_tracked_changes_fields_and_controls() -> None:
    body = (
        f"<w:p>{run('收到')}<w:del><w:r><w:delText>9</w:delText></w:r></w:del><w:ins>{run('8')}</w:ins>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE 77</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("件")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        f"<w:sdt><w:sdtContent>{run('，全部办结')}</w:sdtContent></w:sdt></w:p>"
    )
    assert _texts(body) == ["收到8件，全部办结"]


def test_hidden_text_is_left_out_and_noted() -> None:
    body = f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>66</w:t></w:r>{run('看得见')}</w:p>"
    document = read_docx(package(body), "r.docx")
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == ["看得见"]
    assert document.notes == ("hidden text left out",)


def test_text_box_is_read_once() -> None:
    box = f"<w:txbxContent><w:p>{run('框内 3 件')}</w:p></w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    body = (
        f'<w:p><w:r><mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="wps">{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>{run('正文')}</w:p>"
    )
    assert _texts(body) == ["正文", "框内 3 件"]


def test_nested_table_stands_alone_after_its_own() -> None:
    inner = f"<w:tbl><w:tr><w:tc><w:p>{run('内')}</w:p></w:tc><w:tc><w:p>{run('2')}</w:p></w:tc></w:tr></w:tbl>"
    body = f"<w:tbl><w:tr><w:tc><w:p>{run('外')}</w:p>{inner}<w:p/></w:tc><w:tc><w:p>{run('1')}</w:p></w:tc></w:tr></w:tbl>"
    tables = [b for b in read_docx(package(body), "r.docx").blocks if isinstance(b, Table)]
    assert [[c.text for c in t.cells] for t in tables] == [["外", "1"], ["内", "2"]]


def test_grid_gap_before_a_row_keeps_columns() -> None:
    body = (
        f"<w:tbl><w:tr><w:tc><w:p>{run('a')}</w:p></w:tc><w:tc><w:p>{run('1')}</w:p></w:tc></w:tr>"
        f'<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr><w:tc><w:p>{run("2")}</w:p></w:tc></w:tr></w:tbl>'
    )
    (table,) = (b for b in read_docx(package(body), "r.docx").blocks if isinstance(b, Table))
    assert [(c.row, c.col, c.text) for c in table.cells] == [(1, 1, "a"), (1, 2, "1"), (2, 2, "2")]


def test_strict_namespace_reads_the_same() -> None:
    content = package(f"<w:p>{run('严格')}</w:p>")
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(W.encode(), STRICT.encode()))
    assert [b.text for b in read_docx(stream.getvalue(), "r.docx").blocks if isinstance(b, Paragraph)] == ["严格"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"PK\x03\x04 not really", "not a readable zip package"),
        (package("<w:p>"), "not well-formed XML"),
        (package("<w:p/>")[:200], "not a readable zip package"),
    ],
)
def test_damaged_file_is_one_line(content: bytes, line: str) -> None:
    with pytest.raises(UnreadableFile, match=line):
        read_docx(content, "r.docx")


def test_cells_are_counted_before_they_are_parsed() -> None:
    with pytest.raises(UnreadableFile, match="more than 50000 cells"):
        read_docx(package(f"<w:tbl><w:tr>{'<w:tc><w:p/></w:tc>' * 50_001}</w:tr></w:tbl><w:p>"), "r.docx")


def test_entities_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(UnreadableFile, match="XML document type"):
        read_docx(stream.getvalue(), "r.docx")


def test_a_page_embedded_in_a_word_file_is_read_in_its_place() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" Target="part.html"/></Relationships>'
    )
    page = '<html><meta charset="utf-8"><table><tr><td>规章</td><td>5</td></tr></table></html>'
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = f'<w:p>{run("前")}</w:p><w:altChunk xmlns:r="{r}" r:id="rId7"/><w:p>{run("后")}</w:p>'
    parts = {"word/_rels/document.xml.rels": relations, "word/part.html": page}
    first, table, last = read_docx(package(body, parts), "r.docx").blocks
    assert isinstance(first, Paragraph)
    assert isinstance(last, Paragraph)
    assert isinstance(table, Table)
    assert ([cell.text for cell in table.cells], first.text, last.text) == (["规章", "5"], "前", "后")


def test_an_embedded_part_that_cannot_be_read_is_noted() -> None:
    document = read_docx(package(f"<w:p>{run('前')}</w:p><w:altChunk/>"), "r.docx")
    assert document.notes == ("embedded part left out: None",)
