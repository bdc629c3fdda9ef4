"""Second readings of pages, Word files and workbooks: the same cells by another way, and nothing said where one is not sure."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Table, UnreadableFile
from pipeline.readers.docx_reference import read_docx_reference
from pipeline.readers.html_reference import read_html_reference
from pipeline.readers.sheet_reference import read_sheet_reference
from pipeline.readers.sniff import DOCX, XLSX
from pipeline.reading import READERS, SECOND_READERS
from pipeline.recognize.tables import recognize_tables
from tests.documents import docx, html, xlsx
from tests.documents.made import MadeReport, make_report
from tests.documents.mutate import mutate

CATALOGUE = load_catalogue()
MADE: dict[str, Callable[[MadeReport, random.Random, int], bytes]] = {
    "text/html": lambda report, rng, seed: html.render(report, html.STYLES[seed % 3], rng),
    DOCX: lambda report, rng, _seed: docx.render(report, rng),
    XLSX: lambda report, rng, _seed: xlsx.render(report, rng),
}


def _made(media_type: str, seed: int) -> bytes:
    rng = random.Random(seed)
    return MADE[media_type](make_report(rng, CATALOGUE), rng, seed)


def _cells(document: Document) -> dict[tuple[str, str, str], tuple[object, str]]:
    facts = recognize_tables(document, CATALOGUE).facts
    return {(fact.fact_table, fact.row_code, fact.column_code): (fact.value, fact.status) for fact in facts}


@pytest.mark.parametrize("media_type", MADE)
def test_both_readings_of_made_reports_agree_in_every_cell(media_type: str) -> None:
    for seed in range(60):
        content = _made(media_type, seed)
        first = _cells(READERS[media_type](content, "", CATALOGUE))
        assert first
        assert _cells(SECOND_READERS[media_type](content, None, CATALOGUE)) == first, seed


def _grid(document: Document) -> list[tuple[int, int, int, int, str]]:
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    return [(cell.row, cell.col, cell.row_span, cell.col_span, cell.text) for cell in table.cells]


def test_spans_and_hidden_parts_of_a_page() -> None:
    page = (
        "<table><tr style='Display : None'><td>藏</td></tr><tr><td rowspan=2>甲<td colspan=2>1<del>9</del>2"
        "<tr><td hidden>7<td><p>3</p><p>4</p><td>&nbsp;<tr><td rowspan=0 colspan=3>5<script>var a='<td>'</script></table>"
    )
    assert _grid(read_html_reference(page.encode())) == [
        (1, 1, 2, 1, "甲"),
        (1, 2, 1, 2, "12"),
        (2, 2, 1, 1, "3\n4"),
        (2, 3, 1, 1, "\xa0"),
        (3, 1, 1, 3, "5"),
    ]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312"])
def test_a_wrong_declaration_of_charset_does_no_harm(charset: str, declared: str) -> None:
    page = f"<meta charset={declared}><table><tr><td>本年新收政府信息公开申请数量<td>3</table>"
    assert [text for *_, text in _grid(read_html_reference(page.encode(charset)))] == [
        "本年新收政府信息公开申请数量",
        "3",
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<table><td>一个<tr><td>1</table>",
        "<table><tr>甲<td>1</table>",
        "<table><tr><td>1</td></td></tr></table>",
        "<table><tr><td/>1</table>",
        "<table><tr><td>1<tr><table><tr><td>2</table></table>",
        "<table><tr><td>1<td rowspan=2>2<tr><td colspan=2>3</table>",
        "<table><tr><td rowspan=9999 colspan=9999>1" + "<tr><td>2" * 900 + "</table>",
        "<table><tr><td>" * 20 + "1",
        "<div>" * 400 + "1",
        "<!-- 1" * 200,
        "<a " * 200,
        b"<p>\xff\xff\xff</p>",
    ],
)
def test_a_page_that_needs_mending_is_refused(page: str | bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_html_reference(page.encode() if isinstance(page, str) else page)


def _word_row(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def _word_cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{content}</w:p></w:tc>"


def test_final_text_and_merges_of_a_word_table() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:t>9</w:t></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        '<w:r><w:t>4</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>6</w:t></w:r>"
    moved = "<w:moveFrom><w:r><w:t>7</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>5</w:t></w:r></w:ins>"
    down = '<w:vMerge w:val="restart"/>'
    body = "<w:tbl>{}{}{}</w:tbl>".format(
        _word_row(_word_cell(docx.run("甲"), down), _word_cell(field + hidden + moved, '<w:gridSpan w:val="2"/>')),
        _word_row(_word_cell("", "<w:vMerge/>"), _word_cell(docx.run("1")), _word_cell(docx.run("2"))),
        "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p/></w:tc></w:tr>",
    )
    assert _grid(read_docx_reference(docx.package(body))) == [
        (1, 1, 2, 1, "甲"),
        (1, 2, 1, 2, "45"),
        (2, 2, 1, 1, "1"),
        (2, 3, 1, 1, "2"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        _word_row(_word_cell("", "<w:vMerge/>")),
        _word_row(_word_cell("", '<w:hMerge w:val="restart"/>')),
        _word_row(_word_cell("<w:pPr><w:numPr/></w:pPr>")),
        _word_row("<w:tc><w:altChunk/></w:tc>"),
        "<w:sdt>" * 80 + _word_row(_word_cell(docx.run("1"))) + "</w:sdt>" * 80,
    ],
)
def test_a_word_table_that_is_not_certain_is_refused(row: str) -> None:
    with pytest.raises(UnreadableFile):
        read_docx_reference(docx.package(f"<w:tbl>{row}</w:tbl>"))


def test_values_merges_and_hidden_lines_of_a_sheet() -> None:
    sheet = (
        '<cols><col min="3" max="3" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.20E1</v></c>'
        '<c r="C1"><v>8</v></c></row><row r="2" hidden="1"><c r="A2"><v>9</v></c></row>'
        '<row><c t="str"><v>x</v></c><c><v>12.30</v></c></row></sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells>'
    )
    strings = f'<sst xmlns="{xlsx.MAIN}"><si><r><t>总</t></r><rPh><t>z</t></rPh><r><t>计</t></r></si></sst>'
    relations = xlsx.PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="rId2" Type="{xlsx.RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    content = xlsx.package(sheet, {"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": relations})
    assert _grid(read_sheet_reference(content, CATALOGUE)) == [
        (1, 1, 1, 1, "总计"),
        (1, 2, 1, 1, "12"),
        (2, 1, 1, 1, "x"),
        (2, 2, 1, 1, "12.30"),
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        '<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="x"><c><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="B2"/></row></sheetData><mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="A1:A2"/></mergeCells>',
        '<sheetData><row r="20000"><c r="CV20000"><v>1</v></c></row></sheetData>',
    ],
)
def test_a_sheet_that_is_not_certain_is_refused(sheet: str) -> None:
    with pytest.raises(UnreadableFile):
        read_sheet_reference(xlsx.package(sheet), CATALOGUE)


def test_what_a_sheet_stores_otherwise_than_it_prints_is_marked() -> None:
    cells = (
        '<c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="s"><v>5</v></c><c r="D1"><v>3</v></c>'
    )
    document = read_sheet_reference(xlsx.package(f'<sheetData><row r="1">{cells}</row></sheetData>'), CATALOGUE)
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    assert [cell.route is None for cell in table.cells] == [False, False, False, True]


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("media_type", [DOCX, XLSX])
def test_entities_are_never_expanded(media_type: str, coding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{coding}"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_made(media_type, 1))) as made, zipfile.ZipFile(stream, "w") as package:
        for name in made.namelist():
            is_main = name in ("word/document.xml", "xl/workbook.xml")
            package.writestr(name, bomb.encode(coding) if is_main else made.read(name))
    with pytest.raises(UnreadableFile, match="document type"):
        SECOND_READERS[media_type](stream.getvalue(), None, CATALOGUE)


@pytest.mark.parametrize("media_type", MADE)
def test_spoilt_files_are_refused_or_read_and_raise_nothing_else(media_type: str) -> None:
    sound, other = _made(media_type, 2), _made(media_type, 5)
    rng = random.Random(2)
    for _ in range(60):
        try:
            document = SECOND_READERS[media_type](mutate(sound, [other], rng), None, CATALOGUE)
        except UnreadableFile as refusal:
            assert "\n" not in str(refusal)
        else:
            assert document.media_type == media_type
