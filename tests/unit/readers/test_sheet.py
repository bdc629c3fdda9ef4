"""Workbooks: merged cells, values as they print, prose and tables told apart, and what would take the process down refused."""

import struct
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Paragraph, Table, UnreadableFile
from pipeline.readers.ole_container import container_of
from pipeline.readers.sheet import printed, read_sheet
from pipeline.readers.sheet_bounds import check_stream
from tests.documents import xlsx

CATALOGUE = load_catalogue()
XLS = (Path(__file__).parents[2] / "fixtures/report_2019.xls").read_bytes()


def _cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _read(*rows: str, merges: str = "") -> Document:
    data = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, start=1))
    return read_sheet(xlsx.package(f"<sheetData>{data}</sheetData>{merges}"), "a.xlsx", CATALOGUE)


def _cells(document: Document) -> list[tuple[int, int, int, int, str]]:
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    return [(c.row, c.col, c.row_span, c.col_span, c.text) for c in table.cells if c.text]


def test_merged_cells_span() -> None:
    rows = (
        _cell("A1", "信息内容") + _cell("B1", "数量"),
        _cell("B2", "规章"),
        '<c r="A3"><v>12</v></c><c r="B3"><v>0</v></c>',
    )
    merges = '<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>'
    assert _cells(_read(*rows, merges=merges)) == [
        (1, 1, 2, 1, "信息内容"),
        (1, 2, 1, 1, "数量"),  # the sheet ends with column B: the span, too
        (2, 2, 1, 1, "规章"),
        (3, 1, 1, 1, "12"),
        (3, 2, 1, 1, "0"),
    ]


def test_no_two_cells_overlap_where_merges_do() -> None:
    rows = (_cell("A1", "一") + _cell("C1", "三"), _cell("B2", "二") + _cell("C2", "四"))
    merges = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="B2:C2"/></mergeCells>'
    document = _read(*rows, merges=merges)
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    taken = [
        (r, c)
        for cell in table.cells
        for r in range(cell.row, cell.row + cell.row_span)
        for c in range(cell.col, cell.col + cell.col_span)
    ]
    assert len(taken) == len(set(taken))


def test_headings_and_prose_part_tables() -> None:
    long = "本年度公开工作平稳。" * 30
    document = _read(
        _cell("A1", "二、主动公开政府信息情况"),
        _cell("A2", "规章") + _cell("B2", "3"),
        _cell("A3", "五、存在的主要问题"),
        _cell("A4", long),
        _cell("A5", "一、本年新收政府信息公开申请数量") + _cell("B5", "4"),
    )
    kinds = [type(block) for block in document.blocks]
    assert kinds == [Paragraph, Table, Paragraph, Paragraph, Table]
    assert document.blocks[3] == Paragraph(long)


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (0.5, "0.5"), (1e16, "1e+16"), (True, "TRUE"), (None, ""), ("１２", "１２")]
)
def test_values_print(value: object, text: str) -> None:
    assert printed(value) == text


@pytest.mark.parametrize("place", ["XFD1048576", "A99999999999999999999", "ABCDEFGHIJKL5"])
def test_a_cell_in_the_far_corner_is_refused(place: str) -> None:
    with pytest.raises(UnreadableFile, match="spread over"):
        _read(_cell("A1", "规章") + _cell(place, "1"))


def test_a_merge_over_the_whole_sheet_costs_nothing() -> None:
    rows = (_cell("A1", "规章") + _cell("B1", "3"), _cell("A2", "文件"))
    assert _read(*rows, merges='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>').blocks


def test_a_legacy_cell_in_the_far_corner_is_refused() -> None:
    record = struct.pack("<HHHHHd", 0x0203, 14, 65535, 65535, 0, 1.0)
    with pytest.raises(UnreadableFile, match="spread over 65536 rows"):
        check_stream(record)
    check_stream(struct.pack("<HHHHHd", 0x0203, 14, 70, 9, 0, 1.0))


@pytest.mark.parametrize(
    "content", [XLS[:4000], container_of("Workbook", b""), xlsx.package("<sheetData>"), b"PK\x03\x04"]
)
def test_a_damaged_workbook_is_one_line(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="spreadsheet") as caught:
        read_sheet(content, "a.xls", CATALOGUE)
    assert "\n" not in str(caught.value)


def test_an_empty_workbook_is_told() -> None:
    with pytest.raises(UnreadableFile, match="nothing in it"):
        _read()


def test_hidden_rows_and_columns_are_left_out() -> None:
    rows = "".join(
        f'<row r="{number}"{hidden}>{cells}</row>'
        for number, hidden, cells in (
            (1, "", _cell("A1", "信息内容") + _cell("B1", "旧") + _cell("C1", "数量")),
            (2, ' hidden="1"', _cell("A2", "规章") + _cell("B2", "7") + _cell("C2", "8")),
            (3, "", _cell("A3", "规章") + _cell("B3", "5") + _cell("C3", "6")),
        )
    )
    columns = '<cols><col min="2" max="2" hidden="true"/></cols>'
    document = read_sheet(xlsx.package(f"{columns}<sheetData>{rows}</sheetData>"), "a.xlsx", CATALOGUE)
    assert _cells(document) == [
        (1, 1, 1, 1, "信息内容"),
        (1, 3, 1, 1, "数量"),
        (2, 1, 1, 1, "规章"),
        (2, 3, 1, 1, "6"),
    ]
    assert document.notes == ("hidden rows or columns left out: 年报",)


def test_a_group_label_of_a_form_is_no_chapter_and_lines_under_a_table_are_prose() -> None:
    document = _read(
        _cell("A1", "统计指标") + _cell("B1", "统计数"),
        _cell("A2", "二、回应解读情况"),
        _cell("A3", "政策解读稿件发布数") + _cell("B3", "4"),
        _cell("A4", "清河县财政局"),
        _cell("A5", "2018年1月20日"),
    )
    assert len(_cells(document)) == 5
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == [
        "清河县财政局",
        "2018年1月20日",
    ]


@pytest.mark.parametrize(
    ("size", "extent", "sound"),
    [
        (14, (0, 61, 0, 15), True),
        (10, (0, 61, 0, 15), True),
        (14, (0, 0, 0, 0), True),
        (14, (0, 65536, 0, 256), True),
        (10, (31, 7, 17, 2), False),
        (16, (3, 0xDF0001, 0, 0x84), False),
        (14, (0, 61, 0, 257), False),
    ],
)
def test_an_extent_that_no_sheet_has_is_refused_before_room_is_made_for_it(
    size: int, extent: tuple[int, int, int, int], sound: bool
) -> None:
    data = struct.pack("<HHHH" if size == 10 else "<IIHH", *extent).ljust(size, b"\0")
    stream = struct.pack("<HH", 0x0200, size) + data
    # The same where only the place that the workbook names for its sheet shows it.
    aside = (
        struct.pack("<HHI", 0x0085, 8, 22) + bytes(4) + struct.pack("<HH", 0x0099, len(stream) + 6) + bytes(6) + stream
    )
    for one in (stream, aside):
        if sound:
            check_stream(one)
        else:
            with pytest.raises(UnreadableFile, match="its extent is none"):
                check_stream(one)
