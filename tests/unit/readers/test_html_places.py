"""Where the cells of a table stand, and that finding out costs what the table prints, not what it spans."""

import random

import pytest

from pipeline.readers.html_places import MAX_COL_SPAN, Places, lay_out

Spans = list[list[tuple[int, int]]]


def _placed(rows: Spans) -> tuple[list[tuple[int, int, int, int]], Places]:
    places = Places(len(rows))
    found = []
    for row in rows:
        places.next_row()
        found += [(places.row, *places.take(*spans)) for spans in row]
    return found, places


def _by_trying(rows: Spans) -> list[tuple[int, int, int, int]]:
    """The same on a sheet of squares: the first free one of the row, and those beside it that are free too."""
    taken: set[tuple[int, int]] = set()
    found = []
    for number, row in enumerate(rows, start=1):
        column = 1
        for down, across in row:
            while (number, column) in taken:
                column += 1
            width = 1
            while width < min(across, MAX_COL_SPAN) and (number, column + width) not in taken:
                width += 1
            height = min(down or len(rows), len(rows) - number + 1)
            taken |= {(r, c) for r in range(number, number + height) for c in range(column, column + width)}
            found.append((number, column, height, width))
            column += width
    return found


@pytest.mark.parametrize("seed", range(60))
def test_cells_stand_in_the_first_free_squares(seed: int) -> None:
    rng = random.Random(seed)
    spans = [1, 1, 1, 2, 3, 0, 7, rng.choice((120, 65535))]
    rows = [
        [(rng.choice(spans), rng.choice(spans)) for _ in range(rng.randrange(7))] for _ in range(rng.randrange(1, 12))
    ]
    assert _placed(rows)[0] == _by_trying(rows)


@pytest.mark.parametrize("seed", range(10))
def test_tags_are_laid_out_like_elements(seed: int) -> None:
    rng = random.Random(seed)
    rows = [[(rng.choice((1, 1, 2, 9)), rng.choice((1, 1, 3))) for _ in range(5)] for _ in range(8)]
    tags = [
        tag
        for row in rows
        for tag in ("r", *("d" if s == (1, 1) else f'd rowspan="{s[0]}" colspan="{s[1]}"' for s in row))
    ]
    assert list(zip(*lay_out(tuple(tags)), strict=True)) == _placed(rows)[0]


@pytest.mark.parametrize(
    ("rows", "down"),
    [
        (3000, lambda _row, _col: 65535),
        (3000, lambda row, _col: 3000 - row),
        (300, lambda row, col: 300 - (row * 7 + col * 3) % 300),
        (300, lambda row, col: 2 + (row + col) % 2 * 300),
    ],
)
def test_work_grows_with_the_cells_not_with_their_spans(rows: int, down: object) -> None:
    """Wide cells that reach far down, each ending elsewhere: on a sheet of squares this is millions of them."""
    grid = [[(down(row, col), 1000) for col in range(2)] for row in range(rows)]  # type: ignore[operator]
    cells, places = _placed(grid)
    assert len(cells) == 2 * rows
    assert places.steps <= 4 * len(cells)


def test_a_cell_before_any_row_stands_in_the_first() -> None:
    assert lay_out(('d rowspan="3"', "d", "r", "d")) == ((1, 1, 2), (1, 2, 2), (2, 1, 1), (1, 1, 1))
