"""Section 四 with a row for each channel, or for each outcome, beside the form's own one row of 15 numbers."""

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell, Document, Paragraph, Table
from pipeline.recognize.tables import recognize_tables

CATALOGUE = load_catalogue()
OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
NUMBERS = {"review": (1, 2, 3, 4, 10), "litigation_direct": (5, 0, 0, 1, 6), "litigation_after_review": (0, 7, 0, 0, 7)}


def _row(number: int, *texts: str, first: int = 1) -> list[Cell]:
    return [Cell(number, first + at, text) for at, text in enumerate(texts)]


def _numbers(channel: str) -> tuple[str, ...]:
    return tuple(map(str, NUMBERS[channel]))


def _channel_rows() -> list[Cell]:
    return [
        *_row(1, "类别", *OUTCOMES),
        *_row(2, "行政复议", *_numbers("review")),
        *_row(3, "未经复议直接起诉", *_numbers("litigation_direct")),
        *_row(4, "复议后起诉", *_numbers("litigation_after_review")),
    ]


def _grouped_channel_rows() -> list[Cell]:
    return [
        Cell(1, 1, "类别", 1, 2),
        *_row(1, *OUTCOMES, first=3),
        Cell(2, 1, "行政复议", 1, 2),
        *_row(2, *_numbers("review"), first=3),
        Cell(3, 1, "行政诉讼", 2),
        *_row(3, "未经复议直接起诉", *_numbers("litigation_direct"), first=2),
        *_row(4, "复议后起诉", *_numbers("litigation_after_review"), first=2),
    ]


def _outcome_rows() -> list[Cell]:
    channels = ("review", "litigation_direct", "litigation_after_review")
    head = [
        Cell(1, 1, "", 2),
        Cell(1, 2, "行政复议", 2),
        Cell(1, 3, "行政诉讼", 1, 2),
        *_row(2, "未经复议直接起诉", "复议后起诉", first=3),
    ]
    rows = [
        cell
        for at, outcome in enumerate(OUTCOMES)
        for cell in _row(3 + at, outcome, *(str(NUMBERS[channel][at]) for channel in channels))
    ]
    return [*head, *rows]


@pytest.mark.parametrize("layout", [_channel_rows, _grouped_channel_rows, _outcome_rows])
def test_labelled_rows_of_section_four_are_read(layout: object) -> None:
    cells = layout()  # type: ignore[operator]
    document = Document("text/html", (Paragraph("四、政府信息公开行政复议、行政诉讼情况"), Table(tuple(cells))))
    reading = recognize_tables(document, CATALOGUE)
    assert reading.tables_found == ("disputes",)
    assert {(f.row_code, f.column_code): f.value for f in reading.facts} == {
        (channel, code): number
        for channel, numbers in NUMBERS.items()
        for code, number in zip(("upheld", "corrected", "other", "pending", "total"), numbers, strict=True)
    }
    assert reading.problems == ()


def _one_row(blank: int, filled: int) -> tuple[Cell, ...]:
    """Return the form's own table with one row of blank cells and one of numbers."""
    channels = (Cell(1, 1, "行政复议", 2, 5), Cell(1, 6, "行政诉讼", 1, 10))
    levels = (Cell(2, 6, "未经复议直接起诉", 1, 5), Cell(2, 11, "复议后起诉", 1, 5))
    numbers = [text for channel in NUMBERS for text in _numbers(channel)]
    rows = {blank: [""] * 15, filled: numbers}
    body = [cell for row in sorted(rows) for cell in _row(row, *rows[row])]
    return (*channels, *levels, *_row(3, *OUTCOMES * 3), *body)


def test_blank_rows_beside_the_row_of_numbers_take_nothing_from_it() -> None:
    expected = [str(n) for channel in NUMBERS.values() for n in channel]
    for _ in range(4):  # Recognition remembers a layout from the second time on.
        for places in ((4, 5), (5, 4)):
            heading = Paragraph("四、政府信息公开行政复议、行政诉讼情况")
            reading = recognize_tables(Document("text/html", (heading, Table(_one_row(*places)))), CATALOGUE)
            assert [str(fact.value) for fact in reading.facts] == expected, places
            assert {fact.row for fact in reading.facts} == {places[1]}
            assert reading.problems == ()
