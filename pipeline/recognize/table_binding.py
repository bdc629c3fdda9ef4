"""The rows found of one table, each bound to the columns of the header that is over it.

Belongs here: which header holds for which row, units of rows and columns, rows that stand twice or out of place.
Does not belong here: how cells are bound to one header (``table_columns``), reading numbers (``table_facts``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.catalogue.load import operand_codes
from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import SPLIT_AT_BLANKS, Cell
from pipeline.numbers import parse_number
from pipeline.recognize.labels import column_index, furniture_cores
from pipeline.recognize.table_columns import (
    MERGED,
    MISMATCH,
    Bound,
    Header,
    SequenceRow,
    all_bound,
    bind_grid,
    choose_windows,
    surplus_cells,
)
from pipeline.recognize.table_facts import TWO_READINGS, BoundTable, CellKey, money_unit
from pipeline.recognize.table_match import FoundRow, FoundTable
from pipeline.recognize.table_rows import TableRow

OUT_OF_PLACE = "row out of place"
ROW_BROKEN = "row may be broken over the page"
BESIDE_GLUED = "beside rows whose cells have run together"
SAME_WIDTH = 3
SUM_RULES = ("requests.applicant_sum",)
RowProblem = tuple[str, int, str]
"""Kind, position of the row in the stream, detail."""


@dataclass(frozen=True, slots=True)
class BoundRows:
    """A found table with its cells. ``header_weight`` is how much the headers speak for this form."""

    form: TableForm
    cells: dict[CellKey, Bound]
    blocks: dict[CellKey, int]
    units: dict[CellKey, str]
    headers: tuple[Header, ...]
    header_weight: float
    problems: tuple[RowProblem, ...]
    row_blocks: frozenset[int]

    def table(self, form: str | None, keys: tuple[CellKey, ...]) -> BoundTable:
        """Return the bound table under the form that was chosen."""
        return BoundTable(self.form, form, keys, self.cells, self.blocks, self.units)


@dataclass(frozen=True, slots=True)
class _Task:
    """A found row to be bound: the columns that its block has for it, and the header over it."""

    found: FoundRow
    expected: tuple[int, ...]
    header: Header | None


def bind_rows(
    rows: Sequence[TableRow], found: FoundTable, headers: Sequence[Header], catalogue: Catalogue
) -> BoundRows:
    """Return the cells of every row found by the codes of the form, with units and what was met on the way."""
    tasks = [
        _Task(row, _expected(found.table, row.position), _header_over(rows, row, headers, found.table))
        for row in (*found.rows.values(), *found.doubled, *found.misplaced)
    ]
    bound = [_bind(rows, task, tasks, found.table, catalogue) for task in tasks]
    cells: dict[CellKey, Bound] = {}
    blocks: dict[CellKey, int] = {}
    units: dict[CellKey, str] = {}
    problems: list[RowProblem] = []
    for task, (columns, met) in zip(tasks, bound, strict=True):
        problems += met
        again = task.found in found.doubled
        if task.found in found.misplaced:
            problems.append(("misplaced_row", task.found.at, row_text(rows[task.found.at])))
            columns = {at: replace(cell, reason=OUT_OF_PLACE) for at, cell in columns.items()}
        if again:
            problems.append(("doubled_row", task.found.at, row_text(rows[task.found.at])))
        for at, cell in columns.items():
            key = (found.table.rows[task.found.position].code, found.table.columns[at].code)
            cells[key] = _same(cells[key], cell) if again and key in cells else cell
            blocks.setdefault(key, rows[task.found.at].block)
            unit = _unit(rows[task.found.at], task, at, columns, catalogue)
            if unit:
                units[key] = unit
    used = tuple(dict.fromkeys(task.header for task in tasks if task.header))
    return BoundRows(
        form=found.table,
        cells=cells,
        blocks=blocks,
        units=units,
        headers=used,
        header_weight=sum(_header_weight(header, found.table, catalogue) for header in used),
        problems=tuple(problems),
        row_blocks=frozenset(rows[task.found.at].block for task in tasks),
    )


def _expected(table: TableForm, position: int) -> tuple[int, ...]:
    row_code = table.rows[position].code
    codes = [column for row, column in table.cells if row == row_code]
    return tuple(at for at, axis in enumerate(table.columns) if axis.code in codes)


def _header_over(
    rows: Sequence[TableRow], found: FoundRow, headers: Sequence[Header], table: TableForm
) -> Header | None:
    """Return the nearest header above a row that holds for it: of its own table, or of one that this table continues."""
    above = [header for header in headers if header.rows.stop <= found.at]
    if not above:
        return None
    header, row = above[-1], rows[found.at]
    titles = furniture_cores(table) if table.blocks else frozenset()
    for between in rows[header.rows.stop : found.at]:
        if any(label is not None and label.core in titles for label in between.labels):
            return None
    continues = row.geometry == "sequence" or header.width == row.width
    return header if header.block == row.block or continues else None


def _bind(
    rows: Sequence[TableRow], task: _Task, tasks: Sequence[_Task], table: TableForm, catalogue: Catalogue
) -> tuple[dict[int, Bound], list[RowProblem]]:
    row = rows[task.found.at]
    problems: list[RowProblem] = []
    if task.found.is_damaged:
        problems.append(("damaged_label", task.found.at, row.cells[task.found.label_at].text))
    if task.header and not {leaf.position for leaf in task.header.leaves} & set(task.expected):
        problems.append(("header_mismatch", task.found.at, row_text(row)))
        return all_bound(task.expected, row.cells[task.found.label_at + 1 :], MISMATCH), problems
    if row.geometry == "sequence":
        bound = _bind_sequence(rows, task, tasks, table, catalogue)
    else:
        bound = _bind_grid(rows, task, tasks)
    for cell in surplus_cells(row, task.found.label_at, task.header) if row.geometry == "grid" else ():
        if not _is_unit(cell.text, catalogue):
            problems.append(("surplus_cell", task.found.at, cell.text))
    if any(cell.reason == MISMATCH for cell in bound.values()):
        problems.append(("header_mismatch", task.found.at, row_text(row)))
    return {at: cell for at, cell in bound.items() if at in task.expected}, problems


def _bind_grid(rows: Sequence[TableRow], task: _Task, tasks: Sequence[_Task]) -> dict[int, Bound]:
    row = rows[task.found.at]
    bound = bind_grid(row, task.found.label_at, task.header, task.expected)
    others = {rows[other.found.at].number for other in tasks if rows[other.found.at].block == row.block} - {row.number}
    for at, cell in bound.items():
        place = cell.cell
        if place and place.row_span > 1 and place.text.strip() and not cell.reason:
            if others & set(range(place.row, place.row + place.row_span)):
                bound[at] = replace(cell, reason=MERGED)
    if _is_broken(rows, task.found.at, bound):
        return {at: replace(cell, reason=ROW_BROKEN) for at, cell in bound.items()}
    return bound


def _is_broken(rows: Sequence[TableRow], at: int, bound: dict[int, Bound]) -> bool:
    """Tell whether a blank row at the foot of a table may have its numbers on top of the next: a row there without a label."""
    if at + 1 >= len(rows) or rows[at + 1].block == rows[at].block:
        return False
    blank = all(cell.cell is not None and not cell.cell.text.strip() for cell in bound.values())
    below = rows[at + 1]
    return blank and not below.is_blank and not any(label is not None for label in below.labels)


def _bind_sequence(
    rows: Sequence[TableRow], task: _Task, tasks: Sequence[_Task], table: TableForm, catalogue: Catalogue
) -> dict[int, Bound]:
    row = rows[task.found.at]
    has_groups = any(axis.is_group for axis in table.columns)
    order = _sequence_order(task, has_groups)
    cells = _values(row, task, catalogue)
    routes = [cell.route for cell in cells if cell.route and cell.route != SPLIT_AT_BLANKS]
    if routes:
        return all_bound(task.expected, cells, routes[0])
    if order is None:
        return all_bound(task.expected, cells, MISMATCH)
    padded = _padded_rows(rows, tasks)
    like = [
        SequenceRow(
            _values(rows[t.found.at], t, catalogue),
            t.found.label_at,
            len(_sequence_order(t, has_groups) or ()),
            t.found.at in padded,
        )
        for t in tasks
    ]
    window = choose_windows(like)[tasks.index(task)]
    if isinstance(window, str):
        return all_bound(task.expected, cells, window)
    bound = {at: Bound(cells[window + n]) for n, at in enumerate(order) if at is not None}
    if any(cell.route for cell in cells) and len(order) > 1 and _has_glued_rows(rows, task, tasks, catalogue):
        if not sum_holds(table, bound, catalogue):
            return all_bound(task.expected, cells, BESIDE_GLUED)
        return {at: replace(cell, rules_used=SUM_RULES) for at, cell in bound.items()}
    return bound


def _padded_rows(rows: Sequence[TableRow], tasks: Sequence[_Task]) -> set[int]:
    """Return the rows of tables that fill every row up on the right with empty cells to one width.

    Seen by the rows, all of one width but the last, and by heading rows, which begin with words and end in blanks.
    """
    padded: set[int] = set()
    for block in {rows[task.found.at].block for task in tasks}:
        own = sorted(task.found.at for task in tasks if rows[task.found.at].block == block)
        widths = {len(rows[at].cells) for at in own[:-1]}
        heads = [row for row in rows if row.block == block and row.labels[0] is not None and _ends_blank(row)]
        first_cells = {row.labels[0] is None for row in rows[own[0] - len(own) : own[0]] if row.block == block}
        if len(widths) == 1 and len(own) >= SAME_WIDTH and heads and True not in first_cells:
            padded |= {at for at in own if len(rows[at].cells) in widths}
    return padded


def _ends_blank(row: TableRow) -> bool:
    """Tell whether a row is words with at least two blank cells behind them."""
    return len(row.cells) > 2 and not any(cell.text.strip() for cell in row.cells[-2:])


def _has_glued_rows(rows: Sequence[TableRow], task: _Task, tasks: Sequence[_Task], catalogue: Catalogue) -> bool:
    """Tell whether numbers have run together in a row of the same table: too few cells, but digits enough for all."""
    block = rows[task.found.at].block
    for other in tasks:
        cells = _values(rows[other.found.at], other, catalogue)
        if rows[other.found.at].block == block and len(cells) < len(other.expected):
            if sum(char.isdigit() for cell in cells for char in cell.text) >= len(other.expected):
                return True
    return False


def _sequence_order(task: _Task, has_groups: bool) -> tuple[int | None, ...] | None:
    """Return the columns of a row in the order of its cells, unknown ones as None; None where the header contradicts the form.

    A header of one level says it; one with columns under others (``has_groups``) comes out of step, and only has to name
    no column out of order.
    """
    if task.header is None:
        return task.expected
    named = [leaf.position for leaf in task.header.leaves]
    known = [position for position in named if position is not None]
    if not has_groups and set(task.expected) <= set(known):
        return tuple(named)
    if len(known) < len(named) or not set(known) <= set(task.expected):
        return None
    # The total stands over the others in a header of two rows, and so comes before them.
    inner = [position for position in known if position != task.expected[-1]]
    return task.expected if inner == sorted(inner) else None


def _values(row: TableRow, task: _Task, catalogue: Catalogue) -> tuple[Cell, ...]:
    """Return the cells behind the label, without one that only names a unit."""
    cells = row.cells[task.found.label_at + 1 :]
    return cells[1:] if cells and _is_unit(cells[0].text, catalogue) else cells


def _is_unit(text: str, catalogue: Catalogue) -> bool:
    return text.strip() in catalogue.money_units or text.strip() in catalogue.counters


def _unit(row: TableRow, task: _Task, at: int, columns: dict[int, Bound], catalogue: Catalogue) -> str | None:
    """Return the unit that a cell of its own, the header or the label prints for a value, in this order."""
    first = columns[at].cell
    for cell in row.cells[task.found.label_at + 1 :]:
        if cell is first:
            break
        if cell.text.strip() in catalogue.money_units:
            return cell.text.strip()
    over = [leaf.label for leaf in task.header.leaves if leaf.position == at] if task.header else []
    own = [label for label in row.labels[: task.found.label_at + 1] if label is not None]
    return money_unit(over, catalogue.money_units) or money_unit(own, catalogue.money_units)


def sum_holds(table: TableForm, bound: Mapping[int, Bound], catalogue: Catalogue) -> bool:
    """Tell whether a row's printed total is the sum of its parts (``requests.applicant_sum``); False where no rule binds it."""
    rule = catalogue.rules[SUM_RULES[0]]
    if rule.fact_table != table.fact_table:
        return False
    values = {table.columns[at].code: parse_number(cell.printed or "") for at, cell in bound.items()}
    left = [values.get(code) for code in operand_codes(rule, rule.left, table)]
    right = [values.get(code) for code in operand_codes(rule, rule.right, table)]
    if not left or None in left or None in right:
        return False
    return sum(filter(None, left)) == sum(filter(None, right))


def _same(one: Bound, other: Bound) -> Bound:
    return one if (one.printed or "").strip() == (other.printed or "").strip() else replace(one, reason=TWO_READINGS)


def _header_weight(header: Header, table: TableForm, catalogue: Catalogue) -> float:
    index = column_index(catalogue, table)
    return sum(
        1.0 if leaf.label.core == index.labels[leaf.position][0].core else 0.9
        for leaf in header.leaves
        if leaf.position is not None and leaf.is_exact
    )


def row_text(row: TableRow) -> str:
    """Return a row in one line, for people."""
    return " | ".join(" ".join(cell.text.split()) for cell in row.cells)
