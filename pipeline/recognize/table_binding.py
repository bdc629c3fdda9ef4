"""The rows found of one table, each bound to the columns of the header that is over it.

Belongs here: which header holds for which row, units of rows and columns, rows that stand twice or out of place.
Does not belong here: how the cells of a row are bound (``table_grid``, ``table_sequence``), reading numbers (``table_facts``).
"""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import Cell
from pipeline.recognize.labels import furniture_cores
from pipeline.recognize.table_breaks import may_go_on
from pipeline.recognize.table_facts import TWO_READINGS, BoundTable, CellKey, money_unit
from pipeline.recognize.table_grid import MERGED, MISMATCH, ROW_BROKEN, Bound, all_bound, bind_grid, surplus_cells
from pipeline.recognize.table_headers import Header, header_weight
from pipeline.recognize.table_match import FoundRow, FoundTable
from pipeline.recognize.table_rows import TableRow
from pipeline.recognize.table_sequence import CountedRow, bind_sequence
from pipeline.values import record

OUT_OF_PLACE = "row out of place"
RUNS_ON = "row may go on in the line below"
RowProblem = tuple[str, int, str]
"""Kind, position of the row in the stream, detail."""


@record
class BoundRows:
    """A found table with its cells."""

    form: TableForm
    cells: dict[CellKey, Bound]
    blocks: dict[CellKey, int]
    units: dict[CellKey, str]
    headers: tuple[Header, ...]
    problems: tuple[RowProblem, ...]
    row_blocks: frozenset[int]

    def table(self, form: str | None, keys: tuple[CellKey, ...]) -> BoundTable:
        """Return the bound table under the form that was chosen."""
        return BoundTable(self.form, form, keys, self.cells, self.blocks, self.units)


@record
class RowTask:
    """A found row to be bound: the columns that its block has for it, and the header over it.

    ``order`` are the columns in the order of the document where no header is over the row.
    """

    found: FoundRow
    expected: tuple[int, ...]
    header: Header | None
    order: tuple[int, ...]

    @property
    def is_strange(self) -> bool:
        """Whether the header over the row names none of its columns: it is another block's or another form's."""
        return self.header is not None and self.header.named.isdisjoint(self.expected)


def bind_rows(rows: Sequence[TableRow], found: FoundTable, tasks: Sequence[RowTask], catalogue: Catalogue) -> BoundRows:
    """Return the cells of every row found by the codes of the form, with units and what was met on the way."""
    cells: dict[CellKey, Bound] = {}
    blocks: dict[CellKey, int] = {}
    units: dict[CellKey, str] = {}
    problems: list[RowProblem] = []
    for task, columns in zip(tasks, _bind_all(rows, tasks, found.table, catalogue), strict=True):
        row = rows[task.found.at]
        problems += _met(rows, task, columns, catalogue)
        again = task.found in found.doubled
        if again or task.found in found.misplaced:
            problems.append(("doubled_row" if again else "misplaced_row", task.found.at, row_text(row)))
        printed = _printed_units(row, task, catalogue) if _holds_money(found.table, task) else {}
        for at, cell in columns.items():
            key = (found.table.rows[task.found.position].code, found.table.columns[at].code)
            if task.found in found.misplaced:
                cell = replace(cell, reason=OUT_OF_PLACE)
            cells[key] = _same(cells[key], cell) if again and key in cells else cell
            blocks.setdefault(key, row.block)
            if at in printed:
                units[key] = printed[at]
    used = tuple({id(task.header): task.header for task in tasks if task.header}.values())
    row_blocks = frozenset(rows[task.found.at].block for task in tasks)
    return BoundRows(found.table, cells, blocks, units, used, tuple(problems), row_blocks)


def headers_weight(tasks: Sequence[RowTask], found: FoundTable, catalogue: Catalogue) -> float:
    """Return how much the headers over a found table's rows speak for its form."""
    used = {id(task.header): task.header for task in tasks if task.header and not task.is_strange}
    return sum(header_weight(header, found.table, catalogue) for header in used.values())


def row_tasks(
    rows: Sequence[TableRow], found: FoundTable, headers: Sequence[Header], catalogue: Catalogue
) -> list[RowTask]:
    """Return the rows of a found table with what is needed to bind them: their columns, the header over them."""
    titles = furniture_cores(catalogue, found.table) if found.table.blocks else frozenset()
    expected = _expected(found.table, catalogue)
    return [
        RowTask(
            row,
            expected[row.position],
            _header_over(rows, row, headers, titles),
            _order_above(row, expected[row.position], headers),
        )
        for row in (*found.rows.values(), *found.doubled, *found.misplaced)
    ]


def _order_above(found: FoundRow, expected: tuple[int, ...], headers: Sequence[Header]) -> tuple[int, ...]:
    """Return the columns of a row without a header as the nearest header above that names just these has them."""
    for header in reversed(headers):
        if header.rows.stop <= found.at and len(header.leaves) == len(expected) and header.named == set(expected):
            return tuple(leaf.position for leaf in header.leaves if leaf.position is not None)
    return expected


def _holds_money(table: TableForm, task: RowTask) -> bool:
    if table.rows[task.found.position].unit == "CNY":
        return True
    return any(table.columns[at].unit == "CNY" for at in task.expected)


_COLUMNS: dict[tuple[str, str, str], dict[int, tuple[int, ...]]] = {}


def _expected(table: TableForm, catalogue: Catalogue) -> dict[int, tuple[int, ...]]:
    """Return the columns that each row of a form has, both by their positions."""
    at = (catalogue.version, table.form, table.fact_table)
    if at not in _COLUMNS:
        columns = {axis.code: position for position, axis in enumerate(table.columns)}
        _COLUMNS[at] = {
            position: tuple(sorted(columns[column] for row, column in table.cells if row == axis.code))
            for position, axis in enumerate(table.rows)
        }
    return _COLUMNS[at]


def _header_over(
    rows: Sequence[TableRow], found: FoundRow, headers: Sequence[Header], titles: frozenset[str]
) -> Header | None:
    """Return the nearest header above a row that holds for it: of its own table, or of one that this table continues."""
    header = next((header for header in reversed(headers) if header.rows.stop <= found.at), None)
    if header is None:
        return None
    row = rows[found.at]
    between = rows[header.rows.stop : found.at] if titles else ()
    if any(label is not None and label.core in titles for other in between for label in other.labels):
        return None
    continues = row.geometry == "sequence" or header.width == row.width
    return header if header.block == row.block or continues else None


def _bind_all(
    rows: Sequence[TableRow], tasks: Sequence[RowTask], table: TableForm, catalogue: Catalogue
) -> list[dict[int, Bound]]:
    """Return the cells of each task by column: grids by geometry, sequences by counting, all rows together."""
    has_groups = any(axis.is_group for axis in table.columns)
    bound: dict[int, dict[int, Bound]] = {}
    counted: list[tuple[int, CountedRow]] = []
    for number, task in enumerate(tasks):
        row = rows[task.found.at]
        behind = row.cells[task.found.label_at + 1 :]
        if task.is_strange:
            bound[number] = all_bound(task.expected, behind, MISMATCH)
        elif row.geometry == "grid":
            bound[number] = _bind_grid(rows, task, tasks)
        elif _runs_on(rows, task.found.at):
            bound[number] = all_bound(task.expected, behind, RUNS_ON)
        else:
            cells = _without_unit(behind, catalogue)
            order = _sequence_order(task, has_groups)
            counted.append((number, CountedRow(row, task.found.at, task.found.label_at, cells, task.expected, order)))
    bound |= dict(
        zip((n for n, _ in counted), bind_sequence([c for _, c in counted], rows, table, catalogue), strict=True)
    )
    return [{at: cell for at, cell in bound[n].items() if at in task.expected} for n, task in enumerate(tasks)]


def _runs_on(rows: Sequence[TableRow], at: int) -> bool:
    """Tell whether the line under a row of a sequence holds numbers and no label: the row may have been broken in two."""
    if at + 1 >= len(rows) or rows[at + 1].block != rows[at].block:
        return False
    below = rows[at + 1]
    return not below.is_blank and not any(label is not None for label in below.labels)


def _met(rows: Sequence[TableRow], task: RowTask, bound: dict[int, Bound], catalogue: Catalogue) -> list[RowProblem]:
    """Return what is odd about a bound row."""
    row, at = rows[task.found.at], task.found.at
    met: list[RowProblem] = []
    if task.found.is_damaged:
        met.append(("damaged_label", at, row.cells[task.found.label_at].text))
    if row.geometry == "grid":
        for cell in surplus_cells(row, task.found.label_at, task.header, task.expected):
            if not _is_unit(cell.text, catalogue):
                met.append(("surplus_cell", at, cell.text))
    if any(cell.reason == MISMATCH for cell in bound.values()):
        met.append(("header_mismatch", at, row_text(row)))
    return met


def _bind_grid(rows: Sequence[TableRow], task: RowTask, tasks: Sequence[RowTask]) -> dict[int, Bound]:
    row = rows[task.found.at]
    bound = bind_grid(row, task.found.label_at, task.header, task.expected if task.header else task.order)
    for at, cell in bound.items():
        place = cell.cell
        if not place or place.row_span == 1 or cell.reason or not place.text.strip():
            continue
        covered = range(place.row, place.row + place.row_span)
        others = (rows[other.found.at] for other in tasks)
        if any(o.block == row.block and o.number != row.number and o.number in covered for o in others):
            bound[at] = replace(cell, reason=MERGED)
    if _is_broken(rows, task.found.at, bound):
        return {at: replace(cell, reason=ROW_BROKEN) for at, cell in bound.items()}
    return bound


def _is_broken(rows: Sequence[TableRow], at: int, bound: dict[int, Bound]) -> bool:
    """Tell whether a row at the foot of a table may have its numbers on top of the next: a row there without a label.

    A row over the page may hold the rest of any number, elsewhere only those of a blank row.
    """
    if at + 1 >= len(rows) or rows[at + 1].block == rows[at].block:
        return False
    below = rows[at + 1]
    if may_go_on(rows[at], below):
        return True
    blank = all(cell.cell is not None and not cell.cell.text.strip() for cell in bound.values())
    return blank and not below.is_blank and not any(label is not None for label in below.labels)


def _sequence_order(task: RowTask, has_groups: bool) -> tuple[int | None, ...] | None:
    """Return the columns of a row in the order of its cells, unknown ones as None; None where the header contradicts the form.

    A header of one level says it; one with columns under others (``has_groups``) comes out of step, and only has to name
    no column out of order.
    """
    if task.header is None:
        return task.expected
    named = [leaf.position for leaf in task.header.leaves]
    known = [position for position in named if position is not None]
    if len(set(known)) < len(known):
        return None
    if not has_groups and set(task.expected) <= set(known):
        return tuple(named)
    if len(known) < len(named) or not set(known) <= set(task.expected):
        return None
    # The total stands over the others in a header of two rows, and so comes before them.
    inner = [position for position in known if position != task.expected[-1]]
    return task.expected if inner == sorted(inner) else None


def _without_unit(cells: tuple[Cell, ...], catalogue: Catalogue) -> tuple[Cell, ...]:
    """Return the cells of a row behind the one that only names a unit, if the first that holds something does."""
    filled = next((at for at, cell in enumerate(cells) if cell.text.strip()), None)
    return cells[filled + 1 :] if filled is not None and _is_unit(cells[filled].text, catalogue) else cells


def _is_unit(text: str, catalogue: Catalogue) -> bool:
    return text.strip() in catalogue.money_units or text.strip() in catalogue.counters


def _printed_units(row: TableRow, task: RowTask, catalogue: Catalogue) -> dict[int, str]:
    """Return the unit that a cell of its own, the header or the label prints for each column of a row, in this order."""
    own = next((c.text.strip() for c in row.cells if c.text.strip() in catalogue.money_units), None)
    label = money_unit((x for x in row.labels[: task.found.label_at + 1] if x is not None), catalogue.money_units)
    units = {}
    for at in task.expected:
        over = [leaf.label for leaf in task.header.leaves if leaf.position == at] if task.header else []
        unit = own or money_unit(over, catalogue.money_units) or label
        if unit:
            units[at] = unit
    return units


def _same(one: Bound, other: Bound) -> Bound:
    return one if (one.printed or "").strip() == (other.printed or "").strip() else replace(one, reason=TWO_READINGS)


def row_text(row: TableRow) -> str:
    """Return a row in one line, for people."""
    return " | ".join(" ".join(cell.text.split()) for cell in row.cells)
