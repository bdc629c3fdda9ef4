"""A second way of planting faults, written without looking at how slips are recognised.

Belongs here: drawing a cell and a kind of fault, both uniformly, from the report as it is printed: rows and columns of text.
Does not belong here: sound reports and counting (``bench_localization``). It uses nothing of ``pipeline.edits``: where the
planting knows only what the recogniser knows, a good figure says nothing.
"""

import random
from collections.abc import Callable

from pipeline.catalogue.model import TableForm

Key = tuple[str, str, str]
Cells = dict[Key, int]
Grid = list[list[Key | None]]
"""The cells of a table as printed, row by row; None where the form prints no cell."""


def grid_of(table: TableForm) -> Grid:
    """Return a table's cells in their printed places."""
    rows = [axis.code for axis in table.rows if not axis.is_group]
    columns = [axis.code for axis in table.columns if not axis.is_group]
    known = set(table.cells)
    return [[(table.fact_table, r, c) if (r, c) in known else None for c in columns] for r in rows]


def plant_fault(tables: tuple[TableForm, ...], cells: Cells, rng: random.Random) -> tuple[str, tuple[Key, ...]]:
    """Change ``cells`` by one fault; return its kind and the cells that now hold something else."""
    every = [
        (grid, r, c) for grid in map(grid_of, tables) for r, row in enumerate(grid) for c, k in enumerate(row) if k
    ]
    while True:
        kind = rng.choice(tuple(FAULTS))
        grid, row, column = rng.choice(every)
        before = dict(cells)
        FAULTS[kind](cells, grid, row, column, rng)
        changed = tuple(key for key in cells if cells[key] != before[key])
        if changed:
            return kind, changed


def _beside(grid: Grid, row: int, column: int, rng: random.Random) -> Key | None:
    """Return a cell that stands left, right, above or below."""
    places = [(row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column)]
    found = [grid[r][c] for r, c in places if 0 <= r < len(grid) and 0 <= c < len(grid[r])]
    keys = [key for key in found if key]
    return rng.choice(keys) if keys else None


def _digits(cells: Cells, grid: Grid, row: int, column: int, edit: Callable[[str], str]) -> None:
    key = grid[row][column]
    assert key is not None
    text = edit(str(abs(cells[key])))
    if text:
        cells[key] = int(text)


def _random_value(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    digits = rng.randint(1, 4)
    _digits(cells, grid, row, column, lambda _: str(rng.randrange(10**digits)))


def _digit_dropped(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    def edit(text: str) -> str:
        place = rng.randrange(len(text))
        return text[:place] + text[place + 1 :]

    _digits(cells, grid, row, column, edit)


def _digit_doubled(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    def edit(text: str) -> str:
        place = rng.randrange(len(text))
        return text[:place] + text[place] + text[place:]

    _digits(cells, grid, row, column, edit)


def _digits_swapped(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    def edit(text: str) -> str:
        if len(text) < 2:
            return ""
        place = rng.randrange(len(text) - 1)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    _digits(cells, grid, row, column, edit)


def _digit_changed(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    def edit(text: str) -> str:
        place = rng.randrange(len(text))
        return text[:place] + str(rng.randrange(10)) + text[place + 1 :]

    _digits(cells, grid, row, column, edit)


def _left_zero(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    _digits(cells, grid, row, column, lambda _: "0")


def _neighbours_swapped(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    one, two = grid[row][column], _beside(grid, row, column, rng)
    if one and two:
        cells[one], cells[two] = cells[two], cells[one]


def _merged(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    """Run the digits of a cell and the next one in its row together; the other cell is left at 0."""
    one = grid[row][column]
    two = grid[row][column + 1] if column + 1 < len(grid[row]) else None
    if one and two:
        whole = int(f"{abs(cells[one])}{abs(cells[two])}")
        cells[one], cells[two] = rng.choice(((whole, 0), (0, whole)))


def _moved(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    """Print a value in the neighbour's row or column, its own cell at 0; what stood there is gone."""
    one, two = grid[row][column], _beside(grid, row, column, rng)
    if one and two and cells[one]:
        cells[two], cells[one] = cells[one], 0


def _totals_zero(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    """Leave a whole row or column at 0 as offices leave their totals."""
    lines = [grid[row], [line[column] for line in grid if column < len(line)]]
    for key in rng.choice(lines):
        if key and ("total" in key[1] or "total" in key[2]):
            cells[key] = 0


def _sign(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    key = grid[row][column]
    assert key is not None
    cells[key] = -cells[key]


def _other_row_copied(cells: Cells, grid: Grid, row: int, column: int, rng: random.Random) -> None:
    one, two = grid[row][column], grid[rng.randrange(len(grid))][column]
    if one and two:
        cells[one] = cells[two]


FAULTS: dict[str, Callable[[Cells, Grid, int, int, random.Random], None]] = {
    "random value": _random_value,
    "digit dropped": _digit_dropped,
    "digit doubled": _digit_doubled,
    "digits swapped": _digits_swapped,
    "digit changed": _digit_changed,
    "left 0": _left_zero,
    "neighbours swapped": _neighbours_swapped,
    "two cells merged": _merged,
    "value moved beside": _moved,
    "totals at 0": _totals_zero,
    "sign": _sign,
    "another row copied": _other_row_copied,
}
