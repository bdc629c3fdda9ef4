"""The rows of a document's tables as recognition wants them: which cells hold words, which may hold numbers.

Belongs here: rows in reading order over all tables of a document. Does not belong here: rows that a page break cut
(``table_breaks``), what a label means (``table_match``), which column a number stands in (``table_headers``).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell, Document, Geometry, Table
from pipeline.numbers import numbers_only
from pipeline.recognize.labels import PrintedLabel, split_label
from pipeline.values import record

LONGEST_SERIAL = 3


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
                rows.append(make_row(block, number, table.geometry, width, cells, above, catalogue))
    return rows


def make_row(
    block: int,
    number: int,
    geometry: Geometry,
    width: int,
    cells: tuple[Cell, ...],
    above: tuple[Cell, ...],
    catalogue: Catalogue,
) -> TableRow:
    """Return a row of these cells, its labels taken apart."""
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
    """Tell whether the first filled cell of a row numbers it: a small number right before words (a column 序号).

    A Chinese one does so too: it may be all that a page break left of the name of a group.
    """
    text = cells[at].text.strip()
    if len(text) > LONGEST_SERIAL or not text.isnumeric() or at + 1 >= len(cells):
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
