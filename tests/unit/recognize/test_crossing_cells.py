"""Rows whose borders are not their header's: nothing in them is read, for a neighbour's number may stand under a blank column."""

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell, Document, Table
from pipeline.recognize.tables import recognize_tables

CATALOGUE = load_catalogue()


def _statuses(*row: Cell) -> dict[str, tuple[str, object]]:
    header = (Cell(1, 1, "信息内容", 1, 2), Cell(1, 3, "本年处理决定数量", 1, 2))
    title = Cell(2, 1, "第二十条第（五）项", 1, 4)
    head = tuple(Cell(3, cell.col, cell.text, 1, cell.col_span) for cell in header)
    reading = recognize_tables(Document("text/html", (Table((title, *head, *row)),)), CATALOGUE)
    return {
        f.row_code: (f.status, f.value)
        for f in reading.facts
        if f.column_code == "decisions" and f.row_code == "licensing"
    }


def test_a_number_beside_its_column_is_no_blank() -> None:
    assert _statuses(Cell(4, 1, "行政许可"), Cell(4, 2, "2"), Cell(4, 3, "", 1, 2))["licensing"][0] == "unreadable"


def test_a_number_over_the_border_of_two_columns_is_not_read() -> None:
    assert _statuses(Cell(4, 1, "行政许可"), Cell(4, 2, "", 1, 2), Cell(4, 4, "5"))["licensing"][0] == "unreadable"


def test_a_row_of_serial_numbers_goes_by_its_label() -> None:
    cells = [Cell(1, 1, "序号"), Cell(1, 2, "统计指标"), Cell(1, 3, "单位"), Cell(1, 4, "统计数")]
    for number, (label, value) in enumerate((("收到申请数", "7"), ("申请办结数", "6"), ("申请答复数", "5")), start=1):
        cells += [Cell(number + 1, at, text) for at, text in enumerate((str(number), label, "件", value), start=1)]
    facts = recognize_tables(Document("text/html", (Table(tuple(cells)),)), CATALOGUE).facts
    read = {fact.row_code: fact.value for fact in facts if fact.status == "reported"}
    assert read == {"requests_received": 7, "requests_completed": 6, "replies_total": 5}
