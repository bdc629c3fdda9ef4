"""Tables cut out of a page's source read as those that the parser has taken apart, and nothing that may mean two things is cut."""

import random
import time
from unittest.mock import patch

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Table, UnreadableFile
from pipeline.readers.html import CONDITIONAL, read_html
from pipeline.readers.html_sound import MARK, cut_out
from tests.documents.html import STYLES, render
from tests.documents.made import make_report
from tests.documents.mutate import mutate

CATALOGUE = load_catalogue()
KINDS = ("2019", "2021", "hybrid", "2014", "fujian")
ROWS = "<tr><td>规章</td><td>3</td></tr>"
TOKENS = (
    *(
        "<td>",
        "</td>",
        "<tr>",
        "</tr>",
        "</table>",
        "<table>",
        "<p>",
        "</p>",
        "<br>",
        "</div>",
        "<div>",
        "<div/>",
        "&nbsp;",
    ),
    *(
        "&#160;",
        "&amp",
        "&",
        "<",
        ">",
        '"',
        "'",
        "<!--",
        "-->",
        "<script>",
        " colspan=2",
        ' rowspan="2"',
        " hidden",
        "<h1>",
    ),
    *(
        ' style="display:none"',
        "<tr style='display:none'>",
        "<td/>",
        "<TD>",
        "</TR>",
        "<ul><li>",
        "<del>",
        "<input value=3>",
    ),
)


def _read(content: bytes, *, cut: bool) -> Document | str:
    try:
        if cut:
            return read_html(content, "page.html")
        with patch("pipeline.readers.html.cut_out", lambda source: (source, [])):
            return read_html(content, "page.html")
    except UnreadableFile as error:
        return str(error)


def _cut(page: str) -> list[list[str]]:
    return [[cell.text for cell in table.cells] for table in cut_out(page.encode())[1]]


@pytest.mark.parametrize("style", STYLES)
def test_most_tables_are_cut_out_and_read_the_same(style: str) -> None:
    rng = random.Random(style)
    whole, cut = 0, 0
    for kind in KINDS * 3:
        content = render(make_report(rng, CATALOGUE, kind), style, rng)
        document = _read(content, cut=True)
        assert document == _read(content, cut=False)
        assert isinstance(document, Document)
        whole += sum(isinstance(block, Table) and len(block.cells) > 20 for block in document.blocks)
        cut += sum(len(table.cells) > 20 for table in cut_out(CONDITIONAL.sub("", _utf8(content).decode()).encode())[1])
    assert cut >= 0.8 * whole > 0


def _utf8(content: bytes) -> bytes:
    try:
        return content.decode().encode()
    except UnicodeDecodeError:
        return content.decode("gb18030").encode()


@pytest.mark.parametrize("style", STYLES)
def test_spoilt_pages_read_the_same(style: str) -> None:
    rng = random.Random(f"spoilt {style}")
    for number in range(60):
        page = render(make_report(rng, CATALOGUE, KINDS[number % len(KINDS)]), style, rng)
        if number % 2:
            spoilt = mutate(page, [page], rng)
        else:
            text = _utf8(page).decode()
            for _ in range(rng.randint(1, 3)):
                at = text.find(rng.choice("<>"), rng.randrange(len(text))) + rng.randint(0, 1)
                text = text[:at] + rng.choice(TOKENS) + text[at:]
            spoilt = text.encode()
        assert _read(spoilt, cut=True) == _read(spoilt, cut=False), number


def test_a_number_is_told_from_what_stands_beside_it() -> None:
    beside = (
        "<p>{}</p>",
        "<b>{}</b>",
        "<p>{}<br/></p>",
        "<p><span>{}</span><span>7</span></p>",
        "<p>{}</p>7",
        "7<b>{}</b>",
    )
    for markup in beside:
        cells = "".join(
            f"<td>{markup.format(number)}</td>" for number in ("0", "12", "0012", "123456789", "1234567890")
        )
        content = f"<p>一、总体情况</p><table>{ROWS}<tr>{cells}</tr></table>".encode()
        assert len(cut_out(content)[1]) == 1
        assert _read(content, cut=True) == _read(content, cut=False)
    assert _cut(f'<table>{ROWS}<tr><td><p class="a>12</p></td></tr></table>') == []


def test_a_text_is_told_from_the_markup_round_it() -> None:
    """What is round a text is remembered, whatever the text: each is put where the first one stood."""
    beside = (
        "<p>{}</p>",
        " <b>{}</b>\n",
        "<p>{}<br/>{}</p>",
        "<p><span>{}</span> <span>{}</span></p>",
        "<p>{}</p><p>{}</p>{}",
        "{} > {}<b> {}</b>",
    )
    texts = ("规章", " 1,474 ", "\u3000５", "&nbsp;7", "a  b", "&lt;td&gt;", "\\1", "7\n8")
    for markup in beside:
        cells = "".join(f"<td>{markup.replace('{}', text)}</td>" for text in texts)
        content = f"<p>一、总体情况</p><table>{ROWS}<tr>{cells}</tr></table>".encode()
        assert len(cut_out(content)[1]) == 1
        assert _read(content, cut=True) == _read(content, cut=False)
    assert _cut(f"<table>{ROWS}<tr><td><p>&nb</p>sp;</td></tr></table>") == []


def test_a_row_that_is_not_displayed_is_left_out() -> None:
    assert _cut(f"<table>{ROWS}<tr style='display:none'><td width=1></td><td>9</td></tr></table>") == [["规章", "3"]]


def test_end_tags_may_be_left_out() -> None:
    assert _cut("<table><tr><td>规章<td>3<tr><td>规范性文件<td>4</table>") == [["规章", "3", "规范性文件", "4"]]


def test_spans_are_taken() -> None:
    ((table),) = cut_out(f'<table>{ROWS}<tr><td colspan=2 rowspan="1">无</td></tr></table>'.encode())[1]
    assert [(cell.row, cell.col, cell.col_span) for cell in table.cells] == [(1, 1, 1), (1, 2, 1), (2, 1, 2)]


@pytest.mark.parametrize(
    "page",
    [
        f"<table>{ROWS}<tr><td>4</td></tr><td>5</td></table>",  # a cell in no row
        f"<table>{ROWS}<tr><td hidden>4</td><td>5</td></tr></table>",
        f'<table>{ROWS}<tr><td><span style="display:none">4</span>5</td></tr></table>',
        f"<table>{ROWS}<tr style='Display:None'><td>5</td></tr></table>",
        f"<table>{ROWS}<tr><td><del>4</del>5</td></tr></table>",
        f"<table>{ROWS}<tr><td><img src=a.png></td></tr></table>",
        f"<table>{ROWS}<tr><td>4<!-- 5 --></td></tr></table>",
        f'<table>{ROWS}<tr><td title="a>b">4</td></tr></table>',
        f"<table>{ROWS}<tr><td>1&nbsp2</td></tr></table>",
        f"<table>{ROWS}<tr><td>1&#50;</td></tr></table>",
        f"<table>{ROWS}<tr><td colspan=2 colspan=3>4</td></tr></table>",
        f"<table>{ROWS}<tr><TD>4</TD></tr></table>",
        f"<table>{ROWS}<tr><td>4</div></td></tr></table>",
        f"<table>{ROWS}<tr><td>四</p>五</td></tr></table>",
        f"<table>{ROWS}<tr><td width=9/>四</td><td>五</td></tr></table>",
        f"<table>{ROWS}<tr><td>四<b/>五</td></tr></table>",
        f"<table>{ROWS}<tr><td><p>四<p>五</p>六</p>七</td></tr></table>",
        f"<table>{ROWS}<tr><td><p>四<div>五</div>六</p>七</td></tr></table>",
        f"<table>{ROWS}<tr><td>4<small><td>5</td></tr></table>",
        f"<table>{ROWS}<tr><td>{'长' * 401}</td></tr></table>",
        f"<table>{ROWS}<tr><td>1\u00852</td></tr></table>",
        f"<table>{ROWS}<caption>表</caption></table>",
        f"<table hidden>{ROWS}</table>",
        f"<textarea><table>{ROWS}</table></textarea>",
        f'<table {MARK}="0">{ROWS}</table>',
        "<table><tr><td>3</td></tr></table>",
    ],
)
def test_what_may_mean_two_things_is_left_to_the_parser(page: str) -> None:
    assert cut_out(page.encode()) == (page.encode(), [])
    assert _read(page.encode(), cut=True) == _read(page.encode(), cut=False)


def test_a_table_in_a_script_or_a_comment_is_none_of_the_page() -> None:
    page = f"<script>var t = '<table>{ROWS}</table>';</script><!-- <table>{ROWS}</table> --><p>一、总体情况</p><table>{ROWS}</table>"
    assert len(_cut(page)) == 3
    document = _read(page.encode(), cut=True)
    assert document == _read(page.encode(), cut=False)
    assert isinstance(document, Document)
    assert sum(isinstance(block, Table) for block in document.blocks) == 1


def test_a_page_that_prints_the_mark_itself_is_read() -> None:
    page = f'<p>一、总体情况</p><TABLE {MARK}="0">{ROWS}</TABLE>'
    assert _read(page.encode(), cut=True) == _read(page.encode(), cut=False)


def test_a_cell_with_a_long_text_and_no_tag_behind_it_costs_nothing() -> None:
    start = time.process_time()
    document = read_html(b"<p>t</p><table><tr><td><b>" + b"A" * 400_000 + b"></td><td>7</td></tr></table>", "r.html")
    assert time.process_time() - start < 2  # It took minutes: each length of the text was tried.
    assert document.blocks
