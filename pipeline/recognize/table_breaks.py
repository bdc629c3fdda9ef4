"""Rows that a break between two tables cut, put together again, and headers that are printed again after it.

Belongs here: what goes on in which row, by words and by the places of cells on two pages. Does not belong here: the rows
themselves (``table_rows``), headers that a break cut (``pipeline.readers.pdf_joins``), marking what cannot be joined
(``table_binding``, ``table_disputes``).
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell
from pipeline.recognize.labels import split_label
from pipeline.recognize.table_rows import TableRow, make_row

SAME_SIDE = 4.0
"""Sides of two cells this near, in points, are of one column; columns are 15 points and wider."""


def join_over_pages(rows: list[TableRow], is_row_label: Callable[[str], bool], catalogue: Catalogue) -> list[TableRow]:
    """Return the rows with every row joined that a break between two tables cut: inside its label, or inside its numbers.

    Joined where the two halves of the label make one that is known and the second half is none by itself; and, on paper, where
    the second half has no label at all and its cells lie in the columns of the first. A number cut in two has a line for
    each half, as one that its cell broke. The joined row keeps the places of the half that holds the numbers.
    """
    joined: list[TableRow] = []
    before: list[TableRow] = []
    for _, table in groupby(rows, key=_block):
        own = _named_again(before, list(table), catalogue)
        top = _repeated_head(before, own)
        whole = None
        if joined and top < len(own):
            whole = _join(joined[-1], own[top], is_row_label, catalogue) or _join_rest(
                joined[-1], own[top], is_row_label, catalogue
            )
        if whole is None:
            joined += own
        elif whole.block == own[top].block:
            joined.pop()
            joined += [*own[:top], whole, *own[top + 1 :]]
        else:
            joined[-1] = whole
            joined += [*own[:top], *own[top + 1 :]]
        before = own
    return joined


_block = attrgetter("block")


def may_go_on(upper: TableRow, lower: TableRow) -> bool:
    """Tell whether the second of two rows, on top of the next page, may hold the rest of the first's numbers.

    It holds numbers and has no label of its own, only what goes on of cells that began above the first.
    """
    if lower.is_blank or not lower.holds_numbers or not (_page(upper) and _page(lower) == _page(upper) + 1):
        return False
    labels = (cell for cell, label in zip(lower.cells, lower.labels, strict=True) if label is not None)
    return all(_in_column(cell, upper.above) is not None for cell in labels)


def _page(row: TableRow) -> int:
    """Return the page that a row stands on, 0 where there are no pages."""
    return (row.cells[0].page or 0) if row.cells else 0


def _named_again(before: list[TableRow], own: list[TableRow], catalogue: Catalogue) -> list[TableRow]:
    """Return a table's rows; a header that is printed again over the page has its names, also where some are left out.

    It is the same header where the same cells stand in the same places with the same words, but for cells that are blank.
    """
    named = []
    for one, other in zip(before, own, strict=False):
        if not (_page(one) and _page(other) == _page(one) + 1) or one.holds_numbers or one.is_blank or other.is_blank:
            break
        pairs = list(zip(one.cells, other.cells, strict=False))
        if len(one.cells) != len(other.cells) or not all(_is_same_name(a, b) for a, b in pairs):
            break
        cells = tuple(b._replace(text=a.text) for a, b in pairs)
        named.append(make_row(other.block, other.number, other.geometry, other.width, cells, other.above, catalogue))
    return [*named, *own[len(named) :]] if any(a.cells != b.cells for a, b in zip(named, own, strict=False)) else own


def _is_same_name(first: Cell, again: Cell) -> bool:
    place = (first.row, first.col, first.row_span, first.col_span)
    return place == (again.row, again.col, again.row_span, again.col_span) and again.text in (first.text, "")


def _repeated_head(before: list[TableRow], own: list[TableRow]) -> int:
    """Return how many rows on top of a table are those of the table before, printed again: rows of words."""
    count = 0
    for one, other in zip(before, own, strict=False):
        if one.holds_numbers or one.is_blank or [c.text for c in one.cells] != [c.text for c in other.cells]:
            break
        count += 1
    return count


def _join(
    upper: TableRow, lower: TableRow, is_row_label: Callable[[str], bool], catalogue: Catalogue
) -> TableRow | None:
    last, first = _own_label(upper), _own_label(lower)
    if last is None or first is None:
        return None
    head, tail = upper.labels[last], lower.labels[first]
    if head is None or tail is None or is_row_label(tail.core):
        return None
    text = upper.cells[last].text + lower.cells[first].text
    whole = split_label(text, catalogue.cell_words.junk)
    if not is_row_label(whole.core):
        return None
    values, rest = upper.cells[last + 1 :], lower.cells[first + 1 :]
    if len(values) != len(rest):
        return None
    both = any(a.text.strip() and b.text.strip() for a, b in zip(values, rest, strict=True))
    if both and not (_page(upper) and _page(lower) == _page(upper) + 1):
        return None
    keeper, at = (lower, first) if not both and any(cell.text.strip() for cell in rest) else (upper, last)
    cells = list(keeper.cells)
    cells[at] = cells[at]._replace(text=text)
    if both:
        cells[at + 1 :] = map(_cut_cell, values, rest)
    return make_row(keeper.block, keeper.number, keeper.geometry, keeper.width, tuple(cells), keeper.above, catalogue)


def _join_rest(
    upper: TableRow, lower: TableRow, is_row_label: Callable[[str], bool], catalogue: Catalogue
) -> TableRow | None:
    """Return a row with what of its numbers stands on the next page, in a row without a label of its own."""
    if lower.block != upper.block + 1 or upper.geometry != "grid" or not may_go_on(upper, lower):
        return None
    own = _own_label(upper)
    label = upper.labels[own] if own is not None else None
    if label is not None and not is_row_label(label.core):
        return None
    values = {at: cell for at, cell in enumerate(upper.cells) if upper.labels[at] is None}
    rest: dict[int, Cell] = {}
    for cell, name in zip(lower.cells, lower.labels, strict=True):
        place = _in_column(cell, upper.cells) if name is None and cell.text.strip() else None
        if place in values:
            rest[place] = cell
        elif name is None and cell.text.strip():
            return None
    if any(cell.text.strip() for cell in values.values()):
        cells = [_cut_cell(cell, rest[at]) if at in rest else cell for at, cell in enumerate(upper.cells)]
        return make_row(upper.block, upper.number, upper.geometry, upper.width, tuple(cells), upper.above, catalogue)
    cells = list(lower.cells)
    at = _in_column(upper.cells[own], cells) if own is not None else None
    if at is None:
        return None
    cells[at] = cells[at]._replace(text=upper.cells[own or 0].text)
    return make_row(lower.block, lower.number, lower.geometry, lower.width, tuple(cells), lower.above, catalogue)


def _in_column(cell: Cell, cells: Sequence[Cell]) -> int | None:
    """Return which of some cells has the same sides as one of another page, None where none has."""
    if cell.bbox is None:
        return None
    left, _, right, _ = cell.bbox
    for at, other in enumerate(cells):
        if other.bbox and abs(other.bbox[0] - left) <= SAME_SIDE and abs(other.bbox[2] - right) <= SAME_SIDE:
            return at
    return None


def _cut_cell(upper: Cell, lower: Cell) -> Cell:
    """Return a cell that a page break cut, with the place of the half that holds something, of the first where both do."""
    if not lower.text.strip():
        return upper
    route = upper.route or lower.route
    if not upper.text.strip():
        return upper._replace(text=lower.text, route=route)
    return upper._replace(text=f"{upper.text}\n{lower.text}", route=route)


def _own_label(row: TableRow) -> int | None:
    """Return the position of the last cell with words before the row's cells of numbers."""
    return row.leading[-1] if row.leading else None
