"""The cells of a row of a grid under the columns of its header.

Belongs here: binding by the header's geometry, confirmed by the number of cells. Where the two do not agree there is no binding:
the row's cells come back without an answer and with the reason. Does not belong here: documents without a grid
(``table_sequence``).
"""

from collections.abc import Iterable, Sequence

from pipeline.document import Cell
from pipeline.recognize.table_headers import Header, Leaf
from pipeline.recognize.table_rows import TableRow
from pipeline.values import record

AMBIGUOUS = "position ambiguous"
MISMATCH = "header and cells do not agree"
MERGED = "one cell over several columns or rows"
ROW_BROKEN = "row may be broken over the page"


@record
class Bound:
    """A column of a row: its cell (None: the row has none there), and why it cannot be read (None: it can).

    ``text`` is what is kept as printed where several cells stand for the column, or none of them can be told to.
    ``rules_used`` are the checks without which the cell would not have been told apart: they prove nothing about it.
    ``rebuilt`` is the number cut out of a row whose cells had run together.
    """

    cell: Cell | None
    reason: str | None = None
    text: str | None = None
    rules_used: tuple[str, ...] = ()
    rebuilt: int | None = None

    @property
    def printed(self) -> str | None:
        return self.text if self.text is not None else self.cell.text if self.cell else None


def bind_grid(row: TableRow, label_at: int, header: Header | None, expected: tuple[int, ...]) -> dict[int, Bound]:
    """Return the cells of a row of a grid by column: under the header's columns, confirmed by their number.

    Cells outside the header's columns are left out (``surplus_cells`` names those that hold something).
    """
    values = row.cells[label_at + 1 :]
    if header is None:
        if len(values) != len(expected):
            return all_bound(expected, values, MISMATCH)
        return {position: Bound(cell) for position, cell in zip(expected, values, strict=True)}
    leaves = header.leaves
    if header.names_twice:
        return all_bound(expected, values, MISMATCH)
    if header.above and _is_cut_header(values, header, expected):
        return {position: Bound(cell) for position, cell in zip(expected, values, strict=True)}
    if _step_by_step(values, leaves):
        return {leaf.position: Bound(c) for c, leaf in zip(values, leaves, strict=True) if leaf.position is not None}
    first, last = leaves[0].first, max(leaf.last for leaf in leaves)
    if any((cell.text.strip() and cell.col > last) or _is_number_before(cell, first) for cell in values):
        # Something printed beside the columns: the row may have slipped, and nothing says from which cell on.
        return all_bound(expected, values, MISMATCH)
    inside = tuple(cell for cell in values if any(_meet(cell, leaf) for leaf in leaves))
    if any(_crosses(cell, leaf) for cell in inside for leaf in leaves):
        # The row's borders are not the header's: a neighbour's number may stand under a column that is really blank.
        return all_bound(expected, values, AMBIGUOUS)
    if _step_by_step(inside, leaves):
        return {leaf.position: Bound(c) for c, leaf in zip(inside, leaves, strict=True) if leaf.position is not None}
    bound: dict[int, Bound] = {}
    reaching = [*inside, *row.above]
    for leaf in leaves:
        over = [cell for cell in reaching if _meet(cell, leaf)]
        if not over or len(values) == len(leaves) != len(inside):
            # A row too short for its header, or as long but beside it: nothing says where its cells belong.
            return all_bound(expected, values, MISMATCH)
        if leaf.position is not None:
            bound[leaf.position] = _settle(over, leaves, row.number)
    return bound


def _is_cut_header(cells: Sequence[Cell], header: Header, expected: tuple[int, ...]) -> bool:
    """Tell whether a header that a page break cut names, with what stands on the page before, just the columns of a row.

    What is named on the row's own page must stand over the cell that its place in the form gives it.
    """
    named = {leaf.position: leaf for leaf in header.leaves}
    whole = len(named) == len(header.leaves) and header.above | set(named) == set(expected)
    if not whole or len(cells) != len(expected):
        return False
    return all(at not in named or _meet(cell, named[at]) for at, cell in zip(expected, cells, strict=True))


def _settle(over: list[Cell], leaves: Sequence[Leaf], number: int) -> Bound:
    filled = [cell for cell in over if cell.text.strip()]
    if not filled:
        return Bound(over[0])
    if len(over) > 1:
        return Bound(filled[0], AMBIGUOUS)
    alone = sum(_meet(over[0], other) for other in leaves) == 1 and over[0].row == number
    return Bound(over[0], None if alone else MERGED)


def _step_by_step(cells: Sequence[Cell], leaves: Sequence[Leaf]) -> bool:
    """Tell whether there are as many cells as columns, each under its own."""
    return len(cells) == len(leaves) and all(map(_meet, cells, leaves))


def _meet(cell: Cell, leaf: Leaf) -> bool:
    return cell.col <= leaf.last and leaf.first < cell.col + cell.col_span


def _is_number_before(cell: Cell, first: int) -> bool:
    """Tell whether a number stands between a row's label and its first column, where at most a unit belongs."""
    return cell.col + cell.col_span <= first and any(map(str.isdigit, cell.text))


def _crosses(cell: Cell, leaf: Leaf) -> bool:
    """Tell whether a cell and a column stand partly over each other, and neither wholly within the other."""
    last = cell.col + cell.col_span - 1
    apart = last < leaf.first or leaf.last < cell.col
    return not (
        apart or (leaf.first <= cell.col and last <= leaf.last) or (cell.col <= leaf.first and leaf.last <= last)
    )


def surplus_cells(row: TableRow, label_at: int, header: Header | None, expected: tuple[int, ...]) -> list[Cell]:
    """Return the cells of a row that hold something and stand under no column, or under one that the form does not know."""
    values = row.cells[label_at + 1 :]
    if header is not None and header.above and _is_cut_header(values, header, expected):
        return []
    if header is None or (_step_by_step(values, header.leaves) and None not in header.named):
        return []
    surplus = []
    for cell in values:
        over = [leaf for leaf in header.leaves if _meet(cell, leaf)]
        if cell.text.strip() and not any(leaf.position is not None for leaf in over):
            surplus.append(cell)
    return surplus


def all_bound(expected: Iterable[int], cells: Sequence[Cell], reason: str) -> dict[int, Bound]:
    """Return every column with the same reason; the row's text is kept for each, as nobody knows which cell is whose."""
    text = " ".join(filter(None, (cell.text.strip() for cell in cells)))
    cell = cells[0] if cells else None
    return {position: Bound(cell, reason, text) for position in expected}
