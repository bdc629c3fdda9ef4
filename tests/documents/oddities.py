"""What offices do to the tables of a report without changing what they say: rows that hold nothing, headers printed again, full
width digits, blanks that do not break, labels over several paragraphs.

Belongs here: oddities that a grid can hold, whatever the kind of file. Those of one kind (tracked changes, content controls,
automatic numbers, tables in cells) are in its own module.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
PADDING = ("\xa0", "　", " \xa0", "\xa0\xa0　")


def with_oddities(report: MadeReport, rng: random.Random) -> MadeReport:
    """Return a report whose tables are printed oddly; what they say stays."""
    return replace(report, grids={name: _odd(grid, rng) for name, grid in report.grids.items()})


def _odd(grid: Grid, rng: random.Random) -> Grid:
    cells = tuple(_odd_cell(cell, rng) for cell in grid.cells)
    grid = replace(grid, cells=cells)
    if rng.random() < 0.5:
        grid = _header_again(grid, rng)
    for _ in range(rng.choice((0, 1, 2))):
        grid = with_row(
            grid, rng.randint(_header_height(grid), len(grid.rows)), lambda row, col: GridCell(row, col, "")
        )
    return grid


def _odd_cell(cell: GridCell, rng: random.Random) -> GridCell:
    text = cell.text
    if cell.is_label:
        if len(text) > 6 and rng.random() < 0.3:
            middle = rng.randint(3, len(text) - 2)
            text = f"{text[:middle]}\n{text[middle:]}"
    elif text.strip() and rng.random() < 0.3:
        text = text.translate(FULL_WIDTH)
    if rng.random() < 0.2:
        text = rng.choice(PADDING) + text + rng.choice(PADDING)
    return replace(cell, text=text)


def _header_height(grid: Grid) -> int:
    return min((cell.row for cell in grid.cells if not cell.is_label), default=2) - 1


def _header_again(grid: Grid, rng: random.Random) -> Grid:
    """Return a grid with its header printed again where a page would break, at a row that nothing spans."""
    height = _header_height(grid)
    breaks = [
        row
        for row in range(height + 1, len(grid.rows))
        if not any(cell.row <= row < cell.row + cell.row_span - 1 for cell in grid.cells)
    ]
    if grid.width < 8 or not breaks:
        return grid
    after = rng.choice(breaks)
    header = [replace(cell, row=cell.row + after) for cell in grid.cells if cell.row <= height]
    lower = [replace(cell, row=cell.row + height) if cell.row > after else cell for cell in grid.cells]
    return replace(grid, cells=tuple(sorted((*lower, *header), key=lambda cell: (cell.row, cell.col))))


def with_row(grid: Grid, after: int, make: Callable[[int, int], GridCell]) -> Grid:
    """Return a grid with one more row behind row ``after``; cells that span both its neighbours span it too."""
    moved: list[GridCell] = []
    covered: set[int] = set()
    for cell in grid.cells:
        if cell.row > after:
            cell = replace(cell, row=cell.row + 1)
        elif cell.row + cell.row_span - 1 > after:
            cell = replace(cell, row_span=cell.row_span + 1)
            covered.update(range(cell.col, cell.col + cell.col_span))
        moved.append(cell)
    fresh = [make(after + 1, col) for col in range(1, grid.width + 1) if col not in covered]
    return replace(grid, cells=tuple(sorted((*moved, *fresh), key=lambda cell: (cell.row, cell.col))))
