"""A table of a report drawn as it was printed, with the cells that fail marked.

Belongs here: cells (row, col, spans, text) and marks to a drawable table. Does not belong here: which cells are marked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.cli.safe_text import shown

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_NUMBER_LIKE = re.compile(r"[\s\d.,，+\-—－/０-９%]*")
_BREAK_BETWEEN_CJK = re.compile(r"(?<=[^\x00-\xff])\s*\n\s*(?=[^\x00-\xff])")


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a cell stands out: a failed rule distrusts it (``suggested``: what would repair it), or it could not be read."""

    kind: Literal["failing", "unread"]
    suggested: str | None = None


def draw_grid(cells: Iterable[Mapping[str, Any]], marks: Mapping[tuple[int, int], Mark], *, coloured: bool) -> "Table":
    """Return the table with every cell where it was printed; a merged cell stands in its top left corner.

    Columns in which no cell begins (the rest of merged ones) are left out. Failing cells are red, or ``‹0›✗`` where
    there are no colours; ``→`` leads to the suggested number; ``‹…›?`` is a cell that could not be read.
    """
    from rich import box
    from rich.table import Table

    texts = {(int(c["row"]), int(c["col"])): str(c["text"] or "") for c in cells}
    columns = sorted({col for _, col in texts})
    table = Table(box=box.SQUARE, show_header=False, show_lines=True, pad_edge=False, padding=(0, 1))
    for _ in columns:
        table.add_column(overflow="fold")
    for row in range(1, max((row for row, _ in texts), default=0) + 1):
        table.add_row(*(_draw(texts.get((row, col)), marks.get((row, col)), coloured) for col in columns))
    return table


def _draw(text: str | None, mark: Mark | None, coloured: bool) -> "Text":
    from rich.text import Text

    plain = shown(_BREAK_BETWEEN_CJK.sub("", text or "").replace("\n", " ")).strip()
    justify: Literal["left", "right"] = "right" if _NUMBER_LIKE.fullmatch(plain) else "left"
    if mark is None:
        return Text(plain, justify=justify)
    if mark.kind == "unread":
        return Text(plain if coloured else f"‹{plain}›?", style="yellow" if coloured else "", justify=justify)
    drawn = Text(justify=justify)
    bare = coloured and plain  # An empty cell needs a mark even in colour.
    drawn.append(plain if bare else f"‹{plain}›✗", "bold red" if coloured else "")
    if mark.suggested is not None:
        drawn.append(f"→{mark.suggested}", "green" if coloured else "")
    return drawn
