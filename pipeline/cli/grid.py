"""A table of a report drawn as it was printed, with the cells that fail marked.

Belongs here: cells (row, col, spans, text), facts and marks to a drawable table. Does not belong here: which cells are marked.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.cli.safe_text import shown

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

Row = Mapping[str, Any]
Place = tuple[int, int]
"""(row, col) of ``cells``"""

_BREAK_BETWEEN_CJK = re.compile(r"(?<=[^\x00-\xff])\s*\n\s*(?=[^\x00-\xff])")
# Labels of the forms reach 60 columns of a screen, and headings over numbers 14; folded they leave room for the numbers.
_WIDEST_LABEL = 28
_WIDEST_CAPTION = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a cell stands out: a failed rule distrusts it (``suggested``: what would repair it), it could not be read, or a
    person corrected it (``suggested``: the value that counts)."""

    kind: Literal["failing", "unread", "corrected"]
    suggested: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where cells are drawn: the column of each, and a caption over each column that has one."""

    columns: dict[Place, int]
    captions: dict[int, str]


def lay_out(cells: Sequence[Row], facts: Iterable[Row], name: Callable[[Row], str]) -> Layout:
    """Return where the cells of one table are drawn.

    The columns of a grid are its own. In a text dump ``col`` only counts the cells of a line, so numbers of one column stand
    under different ``col``: there the first number of every row goes into one column, and ``name`` gives the caption of a
    column in which every number is of one kind, because the printed heading can no longer be trusted to stand above it.
    """
    columns = {(row["row"], row["col"]): int(row["col"]) for row in cells}
    placed = {(fact["row"], fact["col"]): fact for fact in facts if (fact["row"], fact["col"]) in columns}
    if not placed or not _is_ragged(cells):
        return Layout(columns, {})
    first = {row: min(col for of, col in placed if of == row) for row, _ in placed}
    target = max(first.values())
    for row, col in columns:
        if row in first and col >= first[row]:
            columns[row, col] += target - first[row]
    names: dict[int, set[str]] = {}
    for place, fact in placed.items():
        names.setdefault(columns[place], set()).add(name(fact))
    return Layout(columns, {col: next(iter(found)) for col, found in names.items() if len(found) == 1})


def _is_ragged(cells: Iterable[Row]) -> bool:
    """Return whether the rows cover different numbers of columns, as only the lines of a text dump do."""
    ends: dict[int, int] = {}
    for cell in cells:
        for row in range(cell["row"], cell["row"] + cell["row_span"]):
            ends[row] = max(ends.get(row, 0), cell["col"] + cell["col_span"] - 1)
    return len(set(ends.values())) > 1


def draw_grid(
    cells: Sequence[Row],
    layout: Layout,
    marks: Mapping[Place, Mark],
    *,
    numbers: set[Place],
    coloured: bool,
    lines: bool,
) -> "Table":
    """Return the table with every cell where it was printed; a merged cell stands in its top left corner.

    Columns in which no cell begins (the rest of merged ones) are left out. Failing cells are red, or ``‹0›✗`` where
    there are no colours; ``→`` leads to the suggested number; ``‹…›?`` is a cell that could not be read; ``=`` leads to the
    number that a person put in place of the printed text. ``numbers`` are the
    cells to draw to the right; ``lines`` rules off the rows.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    at = {(cell["row"], layout.columns[cell["row"], cell["col"]]): cell for cell in cells}
    columns = sorted({col for _, col in at})
    rows: list[list[Text]] = []
    narrowest = dict.fromkeys(columns, 0)
    for row in range(1, max((row for row, _ in at), default=0) + 1):
        rows.append([])
        for col in columns:
            cell = at.get((row, col))
            place = (row, cell["col"]) if cell else (0, 0)
            drawn = _draw(cell["text"] if cell else "", marks.get(place), coloured, place in numbers)
            if place in numbers:
                narrowest[col] = max(narrowest[col], drawn.cell_len)
            rows[-1].append(drawn)
    table = Table(box=box.SQUARE, show_header=bool(layout.captions), show_lines=lines, pad_edge=False, header_style="")
    for col in columns:
        widest = max(narrowest[col], _WIDEST_CAPTION) if narrowest[col] else _WIDEST_LABEL
        caption = _text(layout.captions.get(col, ""), "dim" if coloured else "")
        table.add_column(caption, overflow="fold", min_width=min(narrowest[col], _WIDEST_LABEL), max_width=widest)
    for texts in rows:
        table.add_row(*texts)
    return table


def _draw(text: str | None, mark: Mark | None, coloured: bool, is_number: bool) -> "Text":
    plain = shown(_BREAK_BETWEEN_CJK.sub("", text or "").replace("\n", " ")).strip()
    justify: Literal["left", "right"] = "right" if is_number else "left"
    if mark is None:
        return _text(plain, justify=justify)
    if mark.kind == "unread":
        return _text(plain if coloured else f"‹{plain}›?", "yellow" if coloured else "", justify)
    if mark.kind == "corrected":
        printed = plain if coloured else f"‹{plain}›"
        return _text(f"{printed}={mark.suggested}", "blue" if coloured else "", justify)
    bare = coloured and plain  # An empty cell needs a mark even in colour.
    drawn = _text("", justify=justify)
    drawn.append(plain if bare else f"‹{plain}›✗", "bold red" if coloured else "")
    if mark.suggested is not None:
        drawn.append(f"→{mark.suggested}", "green" if coloured else "")
    return drawn


def _text(text: str, style: str = "", justify: Literal["left", "right"] = "left") -> "Text":
    from rich.text import Text

    return Text(text, style=style, justify=justify)
