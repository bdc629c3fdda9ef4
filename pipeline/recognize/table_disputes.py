"""Section 四: channels over outcomes, and one row that holds the 15 numbers.

Belongs here: finding that header and that row, and binding the numbers. Does not belong here: tables whose rows carry labels
(``table_match``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import BOUNDARIES_LOST, SPLIT_AT_BLANKS, Cell
from pipeline.recognize.labels import LabelIndex, PrintedLabel, column_index, row_index
from pipeline.recognize.table_breaks import may_go_on
from pipeline.recognize.table_grid import MISMATCH, ROW_BROKEN, Bound, all_bound, bind_grid
from pipeline.recognize.table_headers import Leaf, make_header, make_leaf
from pipeline.recognize.table_rows import TableRow
from pipeline.recognize.table_sequence import SequenceRow, choose_windows
from pipeline.values import record

FEW_CELLS = 5
"""A blank row of fewer cells than this is not the row of numbers."""


@record
class FoundDisputes:
    """A copy of the table: its header rows, its row of numbers (None: cut off), the cells by channel and outcome."""

    header: range
    numbers: int | None
    cells: dict[tuple[str, str], Bound]
    surplus: tuple[int, ...]


def find_disputes(rows: Sequence[TableRow], table: TableForm, catalogue: Catalogue) -> list[FoundDisputes]:
    """Return every copy of the table in the stream of rows."""
    channels, outcomes = row_index(catalogue, table), column_index(catalogue, table)
    letters = frozenset(char for index in (channels, outcomes) for core in index.exact for char in core)
    found = []
    at = 0
    while at < len(rows):
        stop = _names_stop(rows, at, letters)
        if at < stop < len(rows) and _goes_on(rows, at, stop, len(table.cells), outcomes):
            stop = _names_stop(rows, stop, letters)
        if stop > at and _is_header(rows[at:stop], channels, outcomes):
            found.append(_bind(rows, range(at, stop), table, channels, outcomes))
        at = max(stop, at + 1)
    return found


def _names_stop(rows: Sequence[TableRow], at: int, letters: frozenset[str]) -> int:
    """Return where the rows of names end that begin here, in the same table; blank rows between belong to the header."""
    stop = at
    for number in range(at, len(rows)):
        row = rows[number]
        if row.block != rows[at].block:
            break
        if row.leading and not row.holds_numbers and _names(row, letters):
            stop = number + 1
        elif stop == at or not row.is_blank:
            break
    return stop


def _names(row: TableRow, letters: frozenset[str]) -> bool:
    """Tell whether a row of words holds nothing but names of channels and outcomes, or pieces of them."""
    return all(letters.issuperset(core) for core in row.leading_cores)


def _goes_on(rows: Sequence[TableRow], at: int, stop: int, columns: int, outcomes: LabelIndex) -> bool:
    """Tell whether a page break may have cut a header: the table ends with it, and not every column is named yet."""
    cores = [label.core for row in rows[at:stop] for label in row.labels if label is not None]
    return rows[stop].block != rows[at].block and sum(core in outcomes.exact for core in cores) < columns


def _is_header(rows: Sequence[TableRow], channels: LabelIndex, outcomes: LabelIndex) -> bool:
    cores = [label.core for row in rows for label in row.labels if label is not None]
    named = {position for core in cores for position in channels.exact.get(core, ())}
    several = sum(core in outcomes.exact for core in cores)
    return len(named) >= 3 or (len(named) >= 1 and several >= 3)


def _bind(
    rows: Sequence[TableRow], header: range, table: TableForm, channels: LabelIndex, outcomes: LabelIndex
) -> FoundDisputes:
    numbers = list(_may_hold_numbers(rows, header))
    if not numbers:
        return FoundDisputes(header, None, {}, ())
    expected = tuple(range(len(table.cells)))
    place = _row_of_numbers(rows, numbers, len(expected))
    row = rows[place]
    if row.geometry == "sequence":
        bound = _bind_sequence(row, expected)
    else:
        leaves = _leaves([rows[at] for at in header], table, channels, outcomes)
        same_grid = leaves is not None and row.width == rows[header.start].width
        known = make_header(header, leaves, row.block, row.width) if leaves is not None and same_grid else None
        bound = bind_grid(row, -1, known, expected)
        if leaves is None and row.width != len(expected):
            bound = all_bound(expected, row.cells, MISMATCH)
    if any(rows[at].block != row.block and may_go_on(row, rows[at]) for at in (place + 1,) if at < len(rows)):
        bound = {at: replace(cell, reason=ROW_BROKEN) for at, cell in bound.items()}
    cells = {key: bound[at] for at, key in enumerate(table.cells) if at in bound}
    filled = [at for at in numbers if at != place and not rows[at].is_blank]
    return FoundDisputes(header, place, cells, tuple(filled))


def _row_of_numbers(rows: Sequence[TableRow], places: Sequence[int], columns: int) -> int:
    """Return the place of the row of numbers: the first, or behind blank rows of its table the first that is filled whole."""
    first = rows[places[0]]
    if not first.is_blank:
        return places[0]
    filled = (at for at in places if not rows[at].is_blank)
    at = next(filled, places[0])
    return at if rows[at].block == first.block and len(rows[at].cells) == columns else places[0]


def _bind_sequence(row: TableRow, expected: tuple[int, ...]) -> dict[int, Bound]:
    window = choose_windows([SequenceRow(row.cells, -1, len(expected))])[0]
    if isinstance(window, str):
        return all_bound(expected, row.cells, window)
    lost = [cell.route for cell in row.cells if cell.route not in (None, SPLIT_AT_BLANKS)]
    if lost:
        return all_bound(expected, row.cells, lost[0] or BOUNDARIES_LOST)
    return {at: Bound(row.cells[window + at]) for at in expected}


def _may_hold_numbers(rows: Sequence[TableRow], header: range) -> Iterator[int]:
    """Yield the rows that may be the one of numbers: no words, right under the header or on top of the next table."""
    last = rows[header.stop - 1].block
    for at in range(header.stop, len(rows)):
        row = rows[at]
        if any(label is not None for label in row.labels):
            return
        here = row.block == last or (row.block == last + 1 and at == header.stop)
        if here and not (row.is_blank and len(row.cells) < FEW_CELLS):
            yield at


def _leaves(
    rows: Sequence[TableRow], table: TableForm, channels: LabelIndex, outcomes: LabelIndex
) -> list[Leaf] | None:
    """Return the 15 columns in order, each outcome under its channel; None where the header does not give exactly these."""
    cells = [(c, label) for row in rows for c, label in zip(row.cells, row.labels, strict=True) if label is not None]
    leaves = sorted(
        ((cell, label, outcomes.exact[label.core][0]) for cell, label in cells if label.core in outcomes.exact),
        key=lambda item: item[0].col,
    )
    if len(leaves) != len(table.cells):
        return None
    over = {axis.code: _channel_cell(cells, channels, position) for position, axis in enumerate(channels.axes)}
    read: list[Leaf] = []
    for (cell, label, outcome), (channel, code) in zip(leaves, table.cells, strict=True):
        above = over.get(channel)
        if table.columns[outcome].code != code or above is None or not _covers(above, cell):
            return None
        read.append(make_leaf(len(read), cell, label, True))
    return read


def _channel_cell(cells: list[tuple[Cell, PrintedLabel]], channels: LabelIndex, position: int) -> Cell | None:
    return next((cell for cell, label in cells if position in channels.exact.get(label.core, ())), None)


def _covers(above: Cell, cell: Cell) -> bool:
    """Tell whether a column begins under a channel; where it ends, borders of the two rows may differ by a hair."""
    return above.col <= cell.col < above.col + above.col_span
