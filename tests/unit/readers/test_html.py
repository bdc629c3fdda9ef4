"""What government pages do to tables and text, one oddity a test."""

import html
from unittest.mock import Mock

import pytest

from pipeline.document import Paragraph, Picture, Table, UnreadableFile
from pipeline.readers import html_table
from pipeline.readers.html import decode_page, read_html
from pipeline.readers.html_plain import MAX_CELLS
from pipeline.readers.html_unseen import without_hidden_comments


def _tables(page: str) -> list[Table]:
    return [block for block in read_html(page.encode(), "page.html").blocks if isinstance(block, Table)]


def _texts(page: str) -> list[str]:
    return [block.text for block in read_html(page.encode(), "page.html").blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("codec", "declared", "noted"),
    [("gb18030", "gb2312", False), ("utf-8", "gb2312", True), ("gb18030", "utf-8", True), ("utf-8", "utf-8", False)],
)
def test_bytes_decide_the_charset(codec: str, declared: str, noted: bool) -> None:
    text, notes = decode_page(f'<meta charset="{declared}"><p>镕镇䶮信息公开</p>'.encode(codec))
    assert "镕镇䶮信息公开" in text
    assert bool(notes) is noted


def test_undecodable_bytes_show_and_are_noted() -> None:
    document = read_html("<p>收到 1".encode() + b"\xff\xff" + "2 件申请信息</p>".encode(), "page.html")
    assert document.notes
    paragraph = document.blocks[0]
    assert isinstance(paragraph, Paragraph)
    assert "12" not in paragraph.text, "a lost byte never joins two digits"


def test_spans_follow_the_browser_and_never_overlap() -> None:
    page = (
        "<table><tr><td rowspan=65535>a</td><td colspan=0>b</td><td>c</td></tr>"
        "<tr><td colspan=99999>d</td></tr><tr><td rowspan=2>e</td><td>f</td></tr><tr><td>g</td></tr></table>"
    )
    (table,) = _tables(page)
    taken: set[tuple[int, int]] = set()
    for cell in table.cells:
        places = {
            (r, c) for r in range(cell.row, cell.row + cell.row_span) for c in range(cell.col, cell.col + cell.col_span)
        }
        assert taken.isdisjoint(places)
        taken |= places
    assert [cell.text for cell in table.cells] == list("abcdefg")
    assert table.row_count == 4


def test_missing_end_tags() -> None:
    (table,) = _tables("<table><tr><td>规章<td>0<td>0<tr><td>规范性文件<td>12<td>7</table>")
    assert [(c.row, c.col, c.text) for c in table.cells] == [
        (1, 1, "规章"),
        (1, 2, "0"),
        (1, 3, "0"),
        (2, 1, "规范性文件"),
        (2, 2, "12"),
        (2, 3, "7"),
    ]


def test_layout_table_is_dissolved_and_the_data_table_inside_stands_alone() -> None:
    inner = "<table><tr><td>自然人</td><td>12</td></tr><tr><td>总计</td><td>12 件，一年之内全部办结</td></tr></table>"
    page = f"<table><tr><td>左栏</td><td><p>一、总体情况</p><p>文字。</p>{inner}<p>后文。</p></td></tr></table>"
    tables = _tables(page)
    assert [[c.text for c in table.cells] for table in tables] == [["自然人", "12", "总计", "12 件，一年之内全部办结"]]
    assert _texts(page) == ["左栏", "一、总体情况", "文字。", "后文。"]


def test_number_in_a_nested_box_is_part_of_its_cell() -> None:
    (table,) = _tables("<table><tr><td>行政许可</td><td><table><tr><td>35</td></tr></table></td></tr></table>")
    assert [c.text for c in table.cells] == ["行政许可", "35"]


def test_text_over_several_spans_paragraphs_and_breaks() -> None:
    page = "<table><tr><td><p>8.<span>属于</span><b>行政</b></p><p>查询<br>事项</p></td><td><i>1</i><i>2</i>&nbsp;</td></tr></table>"
    (table,) = _tables(page)
    assert [c.text for c in table.cells] == ["8.属于行政\n查询\n事项", "12\xa0"]


def test_word_conditionals_keep_what_a_reader_sees() -> None:
    page = (
        "<!--[if gte mso 9]><p>幽灵 9</p><![endif]--><p><!--[if !supportLists]-->7、<!--[endif]-->监管信息</p>"
        "<table><![if !supportMisalignedColumns]><tr style='display: none'><td></td></tr><![endif]><tr><td>a</td><td>1</td></tr></table>"
    )
    assert _texts(page) == ["7、监管信息"]
    (table,) = _tables(page)
    assert [(c.row, c.text) for c in table.cells] == [(1, "a"), (1, "1")]


def test_navigation_and_footer_go_unless_they_hold_the_report() -> None:
    page = (
        '<div class="nav"><a>首页 77</a></div><div class="footer">访问 99</div>'
        '<div class="foot-note"><p>一、总体情况</p><p>正文 5 件</p></div>'
    )
    assert _texts(page) == ["一、总体情况", "正文 5 件"]


def test_table_as_picture_is_told_and_never_blank() -> None:
    document = read_html(
        b'<p>t</p><img src="/a/b.png"><table><tr><td>x</td><td><img src="n.gif"></td></tr></table>', "p"
    )
    assert [block.address for block in document.blocks if isinstance(block, Picture)] == ["/a/b.png"]
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    assert table.cells[1].route == "picture in place of text"


def test_attachments_are_named() -> None:
    document = read_html(b'<a href="files/r.docx">report</a><a href="x.html">other</a>', "p")
    assert document.meta["attachments"] == "files/r.docx"


@pytest.mark.parametrize("content", [b"", b"   ", b"<!-- nothing -->"])
def test_empty_page_is_one_line(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="nothing in it"):
        read_html(content, "page.html")


def test_deep_nesting_ends_with_a_line_or_a_document() -> None:
    try:
        read_html(b"<div>" * 5000 + b"x" + b"</div>" * 5000, "page.html")
    except UnreadableFile as error:
        assert "\n" not in str(error)


ARTICLE = "<p>二、主动公开政府信息情况</p><table><tr><td>规章</td><td>5</td></tr></table>"


@pytest.mark.parametrize(
    "page",
    [
        f'<textarea style="display:none">{ARTICLE}</textarea>',
        f"<textarea hidden>{html.escape(ARTICLE)}</textarea>",
        f'<div id="c"></div><script type="text/html">{ARTICLE}</script>',
        f'<iframe srcdoc="{html.escape(ARTICLE)}"></iframe>',
        f"<table><tr><td><template>{ARTICLE}</template></td></tr></table>",
    ],
)
def test_an_article_carried_as_text_is_read_once(page: str) -> None:
    (table,) = _tables(page)
    assert [cell.text for cell in table.cells] == ["规章", "5"]
    assert _texts(page) == ["二、主动公开政府信息情况"]


def test_what_a_page_only_carries_is_not_read_beside_its_article() -> None:
    page = ARTICLE + '<script type="text/html"><table><tr><td>规章</td><td>99</td></tr></table></script>'
    assert [cell.text for table in _tables(page) for cell in table.cells] == ["规章", "5"]


def test_struck_out_text_is_not_read() -> None:
    (table,) = _tables("<table><tr><td>规章</td><td><del>1</del>2<s>3</s><strike>4</strike></td></tr></table>")
    assert [cell.text for cell in table.cells] == ["规章", "2"]


def test_a_label_numbered_by_a_list_is_a_cell() -> None:
    page = (
        "<table><tr><td><ol start=2><li>重复申请</li></ol></td><td>0</td></tr><tr><td>总计</td><td>1</td></tr></table>"
    )
    (table,) = _tables(page)
    assert [cell.text for cell in table.cells] == ["重复申请", "0", "总计", "1"]


def test_rows_in_a_stray_element_are_rows_of_the_table() -> None:
    (table,) = _tables("<table><form><tr><td>规章</td><td>5</td></tr></form></table>")
    assert [cell.text for cell in table.cells] == ["规章", "5"]


@pytest.mark.parametrize(
    "cell",
    [
        "<p>一<br>二</p>",
        "<span>3</span><span>4</span>",
        "&lt;5&gt; &amp;nbsp;",
        "<p>\u3000</p>",
        "a\n\t b",
        "<div><p>6</p></div>7",
        "<o:p></o:p>",
        "<b title='x>y'>8</b>",
        "&nbsp;9&nbsp;",
    ],
)
def test_a_table_reads_alike_by_its_source_and_by_its_elements(cell: str) -> None:
    """A picture elsewhere in the table makes the reader visit its elements instead of their serialized form."""
    rows = f"<tr><td rowspan=2>甲</td><td colspan=2>{cell}</td></tr><tr><td></td><td>{cell}</td></tr>"
    (by_source,) = _tables(f"<table>{rows}<tr><td>末</td></tr></table>")
    (by_elements,) = _tables(f"<table>{rows}<tr><td>末<img src=a.png></td></tr></table>")
    assert by_source == by_elements


@pytest.mark.parametrize("last", ["", "<img src=a.png>"])
def test_a_cell_in_no_row_begins_one_as_a_browser_does(last: str) -> None:
    (table,) = _tables(f"<table><td rowspan=2>甲<td>1<tr><td>2</tr><td>乙<td>3</tr><tr><td>丙<td>4{last}</table>")
    assert [(c.row, c.col, c.text) for c in table.cells] == [
        (1, 1, "甲"),
        (1, 2, "1"),
        (2, 2, "2"),
        (3, 1, "乙"),
        (3, 2, "3"),
        (4, 1, "丙"),
        (4, 2, "4"),
    ]


@pytest.mark.parametrize("last", ["", "<img src=a.png>"])
def test_a_table_of_more_cells_than_any_report_is_refused(last: str) -> None:
    page = f"<table><tr>{'<td>1' * (MAX_CELLS + 1)}{last}</table>"
    with pytest.raises(UnreadableFile, match="more than 50000 cells"):
        read_html(page.encode(), "page.html")


def test_tables_in_tables_are_looked_into_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = Mock(side_effect=html_table._has_two_filled)
    monkeypatch.setattr(html_table, "_has_two_filled", looked)
    depth = 40
    page = "<table><tr><td><h1>甲</h1>" * depth + "<table><tr>" + "<td></td>" * 500 + "</table>" + "</table>" * depth
    read_html(page.encode(), "page.html")
    assert looked.call_count == depth


def test_comments_for_word_alone_go_and_ends_are_looked_for_once() -> None:
    page = "甲<!--[if gte mso 9]>乙<![endif]-->丙<!--[IF x]>丁<![ENDIF]-->戊" + "<!--[if]>" * 3 + "己"
    assert without_hidden_comments(page) == "甲丙戊" + "<!--[if]>" * 3 + "己"


def test_what_is_struck_out_leaves_the_text_behind_it() -> None:
    (table,) = _tables(
        "<table><tr><td>收到<s>7</s>8<del>9</del> 件</td><td style='display:none'>6</td><td>5</td></table>"
    )
    assert [cell.text for cell in table.cells] == ["收到8 件", "5"]
