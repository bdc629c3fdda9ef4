"""The rows of a document's tables as recognition wants them: which cells hold words, which may hold numbers.

Belongs here: rows in reading order over all tables of a document, and joining a row that a page break cut in two.
Does not belong here: what a label means (``table_match``), which column a number stands in (``table_headers``).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell, Document, Geometry, Table
from pipeline.numbers import numbers_only
from pipeline.recognize.labels import PrintedLabel, split_label
from pipeline.values import record

LONGEST_SERIAL = 3
SAME_SIDE = 4.0
"""Sides of two cells this near, in points, are of one column; columns are 15 points and wider."""


@record
class TableRow:
    """A row of a table. ``cells`` start in it, ``above`` reach into it from rows above; both from left to right.

    ``labels`` has, for each of ``cells``, the label taken apart, or None where the cell may hold a number or is blank.
    ``leading`` are the positions of the cells with words before the first number: where the row's own label stands;
    ``leading_cores`` are the bare texts of these labels. ``holds_numbers`` tells that some cell holds something that is
    no label. ``block`` is the table's position in the document.
    """

    block: int
    number: int
    geometry: Geometry
    width: int
    cells: tuple[Cell, ...]
    above: tuple[Cell, ...]
    labels: tuple[PrintedLabel | None, ...]
    leading: tuple[int, ...]
    leading_cores: tuple[str, ...]
    holds_numbers: bool
    is_blank: bool


def read_rows(document: Document, catalogue: Catalogue) -> list[TableRow]:
    """Return the rows of every table of a document in reading order; rows without any cell of their own are left out."""
    rows: list[TableRow] = []
    for block, table in enumerate(document.blocks):
        if isinstance(table, Table):
            width = table.col_count
            for number, cells, above in _grid_rows(table):
                rows.append(_row(block, number, table.geometry, width, cells, above, catalogue))
    return rows


def _row(
    block: int,
    number: int,
    geometry: Geometry,
    width: int,
    cells: tuple[Cell, ...],
    above: tuple[Cell, ...],
    catalogue: Catalogue,
) -> TableRow:
    look = label_reader(catalogue)
    labels: list[PrintedLabel | None] = []
    leading: list[int] = []
    cores: list[str] = []
    holds_numbers = False
    for position, cell in enumerate(cells):
        label, is_filled = look(cell.text)
        labels.append(label)
        if label is None:
            is_first = is_filled and not holds_numbers and not leading and geometry == "grid"
            holds_numbers |= is_filled and not (is_first and _is_serial(cells, position, look))
        elif not holds_numbers:
            leading.append(position)
            cores.append(label.core)
    is_blank = not holds_numbers and all(label is None for label in labels)
    return TableRow(
        block=block,
        number=number,
        geometry=geometry,
        width=width,
        cells=cells,
        above=above,
        labels=tuple(labels),
        leading=tuple(leading),
        leading_cores=tuple(cores),
        holds_numbers=holds_numbers,
        is_blank=is_blank,
    )


def _is_serial(cells: tuple[Cell, ...], at: int, look: "_Look") -> bool:
    """Tell whether the first filled cell of a row numbers it: a small number right before words (a column 序号)."""
    text = cells[at].text.strip()
    if len(text) > LONGEST_SERIAL or not text.isdigit() or at + 1 >= len(cells):
        return False
    return look(cells[at + 1].text)[0] is not None


_Look = Callable[[str], tuple[PrintedLabel | None, bool]]
_LOOKERS: dict[str, _Look] = {}


def label_reader(catalogue: Catalogue) -> _Look:
    """Return what tells of a cell's text the label that it is (None: it may hold a number), and whether it holds anything.

    Remembered: the cells of all reports print the same few hundred texts.
    """
    if catalogue.version not in _LOOKERS:
        is_number, junk = numbers_only(catalogue), catalogue.cell_words.junk

        @lru_cache(maxsize=16384)
        def look(text: str) -> tuple[PrintedLabel | None, bool]:
            return None if is_number(text) else split_label(text, junk), bool(text.strip())

        _LOOKERS[catalogue.version] = look
    return _LOOKERS[catalogue.version]


def _grid_rows(table: Table) -> Iterator[tuple[int, tuple[Cell, ...], tuple[Cell, ...]]]:
    own: dict[int, list[Cell]] = {}
    for cell in table.cells:
        own.setdefault(cell.row, []).append(cell)
    numbers = sorted(own)
    reaching: dict[int, list[Cell]] = {}
    for cell in table.cells:
        if cell.row_span > 1:
            below = slice(bisect_right(numbers, cell.row), bisect_right(numbers, cell.row + cell.row_span - 1))
            for number in numbers[below]:
                reaching.setdefault(number, []).append(cell)
    for number in numbers:
        cells = sorted(own[number], key=_column)
        above = sorted(reaching[number], key=_column) if number in reaching else ()
        yield number, tuple(cells), tuple(above)


_column = attrgetter("col")


def join_over_pages(rows: list[TableRow], is_row_label: Callable[[str], bool], catalogue: Catalogue) -> list[TableRow]:
    """Return the rows with every row joined that a break between two tables cut: inside its label, or inside its numbers.

    Joined where the two halves of the label make one that is known and the second half is none by itself; and, on paper, where
    the second half has no label at all and its cells lie in the columns of the first. A number cut in two has a line for
    each half, as one that its cell broke. The joined row keeps the places of the half that holds the numbers.
    """
    joined: list[TableRow] = []
    before: list[TableRow] = []
    for _, table in groupby(rows, key=_block):
        own = list(table)
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
    cells[at] = replace(cells[at], text=text)
    if both:
        cells[at + 1 :] = map(_cut_cell, values, rest)
    return _row(keeper.block, keeper.number, keeper.geometry, keeper.width, tuple(cells), keeper.above, catalogue)


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
        return _row(upper.block, upper.number, upper.geometry, upper.width, tuple(cells), upper.above, catalogue)
    cells = list(lower.cells)
    at = _in_column(upper.cells[own], cells) if own is not None else None
    if at is None:
        return None
    cells[at] = replace(cells[at], text=upper.cells[own or 0].text)
    return _row(lower.block, lower.number, lower.geometry, lower.width, tuple(cells), lower.above, catalogue)


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
        return replace(upper, text=lower.text, route=route)
    return replace(upper, text=f"{upper.text}\n{lower.text}", route=route)


def _own_label(row: TableRow) -> int | None:
    """Return the position of the last cell with words before the row's cells of numbers."""
    return row.leading[-1] if row.leading else None
