"""Made reports as text dumps: what text extractors leave of a page or a Word file, in the layouts that archives hold."""

import random
from collections.abc import Callable

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks


def _tab_cells(grid: Grid, _rng: random.Random) -> str:
    """Every cell on a line of its own behind a tab, rows apart by a blank line; merged cells leave empty ones."""
    return "\n" + "\n\n".join("\n".join(f"\t{text}" for text in row) for row in _filled(grid)) + "\n"


def _tab_rows(grid: Grid, _rng: random.Random) -> str:
    """A line a row, cells behind each other with tabs; merged cells leave empty ones."""
    return "\n".join("\t".join(row) for row in _filled(grid))


def _pipe_rows(grid: Grid, _rng: random.Random) -> str:
    """A line a row, cells apart by pipes; what a wide cell covers shows as pipes at the row's end."""
    return "\n".join(
        " | ".join(cell.text for cell in row) + " | " + "|" * (sum(cell.col_span - 1 for cell in row))
        for row in grid.rows
        if row
    )


def _leading_pipe_rows(grid: Grid, _rng: random.Random) -> str:
    return "\n".join(
        "| " + " | ".join(cell.text for cell in row) + " | " + "|" * sum(cell.col_span - 1 for cell in row)
        for row in grid.rows
        if row
    )


def _cell_lines_with_pipes(grid: Grid, _rng: random.Random) -> str:
    """A line a cell, each closed by a pipe; padding pipes on the row's last line."""
    rows = []
    for row in grid.rows:
        lines = [f"{cell.text} |".lstrip() for cell in row]
        padding = "|" * sum(cell.col_span - 1 for cell in row)
        if lines and padding:
            lines[-1] += f" {padding}" if not lines[-1].endswith(" ") else padding
        rows += lines
    return "\n".join(rows)


def _cell_lines_with_lone_pipes(grid: Grid, _rng: random.Random) -> str:
    return "\n".join(f"{cell.text}\n|" for row in grid.rows for cell in row)


def _lines_with_blanks(grid: Grid, _rng: random.Random) -> str:
    """A line a cell, blank lines between: what is empty cannot be seen."""
    return "\n\n".join(cell.text for row in grid.rows for cell in row)


def _spaces(grid: Grid, _rng: random.Random) -> str:
    return "\n".join(" ".join(cell.text for cell in row) for row in grid.rows)


def _glued(grid: Grid, _rng: random.Random) -> str:
    return "".join(cell.text for row in grid.rows for cell in row)


LAYOUTS: dict[str, Callable[[Grid, random.Random], str]] = {
    "tab_cells": _tab_cells,
    "tab_rows": _tab_rows,
    "pipe_rows": _pipe_rows,
    "leading_pipe_rows": _leading_pipe_rows,
    "cell_lines_with_pipes": _cell_lines_with_pipes,
    "cell_lines_with_lone_pipes": _cell_lines_with_lone_pipes,
    "lines_with_blanks": _lines_with_blanks,
    "spaces": _spaces,
    "glued": _glued,
}


def render(report: MadeReport, layout: str, rng: random.Random) -> bytes:
    """Return the dump's bytes in one of ``LAYOUTS``."""
    write = LAYOUTS[layout]
    parts = [write(block, rng) if isinstance(block, Grid) else block for block in blocks(report)]
    return "\n\n".join(parts).encode("utf-8")


def _filled(grid: Grid) -> list[list[str]]:
    """Return the rows with an empty text in the place of every cell that runs down from above; wide cells count once."""
    running: dict[int, list[GridCell]] = {}
    for cell in grid.cells:
        for row in range(cell.row + 1, cell.row + cell.row_span):
            running.setdefault(row, []).append(GridCell(row, cell.col, ""))
    return [
        [cell.text for cell in sorted([*row, *running.get(number, [])], key=lambda c: c.col)]
        for number, row in enumerate(grid.rows, start=1)
    ]
