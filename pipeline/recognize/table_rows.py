"""The rows of a document's tables as recognition wants them: which cells hold words, which may hold numbers.

Belongs here: rows in reading order over all tables of a document, and joining a row that a page break cut in two.
Does not belong here: what a label means (``table_match``), which column a number stands in (``table_headers``).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell, Document, Geometry, Table
from pipeline.numbers import numbers_only
from pipeline.recognize.labels import PrintedLabel, split_label


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table. ``cells`` start in it, ``above`` reach into it from rows above; both from left to right.

    ``labels`` has, for each of ``cells``, the label taken apart, or None where the cell may hold a number or is blank.
    ``leading`` are the positions of the cells with words before the first number: where the row's own label stands.
    ``block`` is the table's position in the document.
    """

    block: int
    number: int
    geometry: Geometry
    width: int
    cells: tuple[Cell, ...]
    above: tuple[Cell, ...]
    labels: tuple[PrintedLabel | None, ...]
    leading: tuple[int, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.text.strip() for cell in self.cells)

    @property
    def holds_numbers(self) -> bool:
        """Whether some cell holds something that is no label."""
        return any(
            label is None and cell.text.strip()
            for cell, label in zip(reversed(self.cells), reversed(self.labels), strict=True)
        )


def _leading(cells: tuple[Cell, ...], labels: tuple[PrintedLabel | None, ...]) -> Iterator[int]:
    for position, (cell, label) in enumerate(zip(cells, labels, strict=True)):
        if label is not None:
            yield position
        elif cell.text.strip():
            return


def read_rows(document: Document, catalogue: Catalogue) -> list[TableRow]:
    """Return the rows of every table of a document in reading order; rows without any cell of their own are left out."""
    is_number = numbers_only(catalogue)
    junk = catalogue.cell_words.junk
    rows: list[TableRow] = []
    for block, table in enumerate(document.blocks):
        if isinstance(table, Table):
            width = table.col_count
            for number, cells, above in _grid_rows(table):
                labels = tuple(None if is_number(cell.text) else split_label(cell.text, junk) for cell in cells)
                leading = tuple(_leading(cells, labels))
                rows.append(TableRow(block, number, table.geometry, width, cells, above, labels, leading))
    return rows


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
        cells = sorted(own[number], key=lambda cell: cell.col)
        above = sorted(reaching.get(number, ()), key=lambda cell: cell.col)
        yield number, tuple(cells), tuple(above)


def join_over_pages(rows: list[TableRow], is_row_label: Callable[[str], bool], catalogue: Catalogue) -> list[TableRow]:
    """Return the rows with every row joined that a break between two tables cut inside its label.

    Joined only where the two halves of the label make one that is known and the second half is none by itself, and where of
    each pair of cells one is blank. The joined row keeps the places of the half that holds the numbers.
    """
    joined: list[TableRow] = []
    for row in rows:
        if joined and joined[-1].block != row.block and (whole := _join(joined[-1], row, is_row_label, catalogue)):
            joined[-1] = whole
        else:
            joined.append(row)
    return joined


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
    if len(values) != len(rest) or any(a.text.strip() and b.text.strip() for a, b in zip(values, rest, strict=True)):
        return None
    keeper, at = (lower, first) if any(cell.text.strip() for cell in rest) else (upper, last)
    cells = list(keeper.cells)
    labels = list(keeper.labels)
    cells[at], labels[at] = replace(cells[at], text=text), whole
    leading = tuple(_leading(tuple(cells), tuple(labels)))
    return replace(keeper, cells=tuple(cells), labels=tuple(labels), leading=leading)


def _own_label(row: TableRow) -> int | None:
    """Return the position of the last cell with words before the row's cells of numbers."""
    return row.leading[-1] if row.leading else None
