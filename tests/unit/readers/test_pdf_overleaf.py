"""What a page break leaves outside a table's lines goes back into it, and nothing else does."""

from collections.abc import Iterable

import numpy as np
import pytest

from pipeline.document import Block, Cell, Paragraph, Table
from pipeline.readers.page_order import join_page
from pipeline.readers.pdf_lattice import find_lattices
from pipeline.readers.pdf_overleaf import hanging_lines, with_hanging_words, with_row_overleaf
from pipeline.readers.pdf_page import Char

EDGES = (60.0, 120.0, 180.0, 240.0)
HEADER = Table(tuple(Cell(1, n + 1, "结果", page=1, bbox=(EDGES[n], 700, EDGES[n + 1], 730)) for n in range(3)))
INNER = [(0.0, x, 57.0, 75.0) for x in EDGES[1:-1]]


def _rows(lines: Iterable[tuple[float, ...]], before: Table | None = HEADER) -> list[int]:
    rulings = np.array(list(lines), dtype=float).reshape(-1, 4)
    return [len(lattice.boxes) for lattice in find_lattices(with_row_overleaf(rulings, before))]


def test_a_row_without_level_lines_is_closed() -> None:
    assert _rows(INNER) == [3]


def test_a_row_without_a_line_below_is_closed() -> None:
    assert _rows([*INNER, (1.0, 57.4, 60.0, 240.0)]) == [3]


@pytest.mark.parametrize(
    "lines",
    [
        [(0.0, x + 8, 57.0, 75.0) for x in EDGES[1:-1]],  # other columns
        INNER[:1],  # not all of them
        [*INNER, (0.0, 90.0, 57.0, 75.0)],  # one more
        [INNER[0], (0.0, 180.0, 57.0, 95.0)],  # that do not end together
        [*INNER, (1.0, 66.0, 60.0, 240.0)],  # two rows
        [(0.0, 20.0, 30.0, 40.0), *INNER],  # not the first on the page
    ],
)
def test_other_lines_are_left_alone(lines: list[tuple[float, ...]]) -> None:
    rulings = np.array(lines, dtype=float)
    assert with_row_overleaf(rulings, HEADER) is rulings


def test_a_table_that_is_whole_and_a_page_without_one_before_are_left_alone() -> None:
    whole = np.array([*INNER, (1.0, 57.0, 60.0, 240.0), (1.0, 75.0, 60.0, 240.0)])
    assert with_row_overleaf(whole, HEADER) is whole
    assert with_row_overleaf(whole[:2], None).shape == (2, 4)


def _line(text: str, x0: float, top: float) -> list[Char]:
    return [Char(sign, x0 + 10 * n, top, x0 + 10 * n + 10, top + 10, True) for n, sign in enumerate(text)]


def _head(names: tuple[str, ...]) -> Table:
    cells = [
        Cell(1, 1, "申请人情况", 1, 2, page=1, bbox=(60, 700, 300, 715)),
        Cell(2, 1, names[0], page=1, bbox=(60, 715, 100, 730)),
        Cell(2, 2, names[1], page=1, bbox=(100, 715, 300, 730)),
    ]
    return Table(tuple(cells), page=1)


OVERLEAF = Table(
    tuple(
        Cell(row, col, text, page=2, bbox=(left, 57 + 15 * row, right, 72 + 15 * row))
        for row, texts in ((1, ("", "商业企业", "其他")), (2, ("3", "0", "1")))
        for col, (text, left, right) in enumerate(zip(texts, (60, 100, 200), (100, 200, 300), strict=True), start=1)
    ),
    page=2,
)


def _joined(words: list[Char], table: Table, first: Block = OVERLEAF, printed: str | None = None) -> list[Block]:
    blocks: list[Block] = [table, Paragraph(printed or "".join(char.text for char in words), 1)]
    join_page(blocks, [(first, False, False)], hanging_lines(table, [words]))
    return blocks


def test_words_below_the_last_line_make_a_cut_header_whole() -> None:
    (table,) = _joined(_line("人", 65, 731), _head(("自然", "法人")))
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells][:5] == ["申请人情况", "自然\n人", "法人", "商业企业", "其他"]


@pytest.mark.parametrize(
    "words",
    [
        _line("7", 65, 731),  # a number
        _line("人", 95, 731),  # between two columns
        _line("人", 65, 760),  # far below
        _line("三、收到和处理", 65, 731),  # over two columns
    ],
)
def test_what_does_not_hang_out_of_one_cell_stays_prose(words: list[Char]) -> None:
    table = _head(("自然", "法人"))
    assert _joined(words, table)[:2] == [table, Paragraph("".join(char.text for char in words), 1)]


def test_words_stay_prose_where_no_header_is_cut() -> None:
    table = _head(("自然", "法人"))
    assert len(_joined(_line("人", 65, 731), table, Paragraph("四、行政复议", 2))) == 3
    assert len(_joined(_line("人", 65, 731), table, table)) == 3
    assert len(_joined(_line("人", 65, 731), table, printed="别人")) == 3
    assert with_hanging_words(_head(("", "法人")), [_line("人", 65, 731)]) is None
    assert with_hanging_words(_head(("12", "法人")), [_line("人", 65, 731)]) is None
