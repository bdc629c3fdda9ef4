"""The cells of a row of a sequence under the columns of the form, by counting.

Belongs here: which of a row's cells the form's columns are, where merged and empty cells may be lost or repeated. Does not belong
here: rows of a grid (``table_grid``), numbers that have run together (``reconstruct``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pipeline.catalogue.load import operand_codes
from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import BOUNDARIES_LOST, SPLIT_AT_BLANKS, Cell
from pipeline.numbers import parse_number
from pipeline.recognize.table_grid import AMBIGUOUS, MISMATCH, Bound, all_bound
from pipeline.recognize.table_rows import TableRow
from pipeline.values import record

BESIDE_GLUED = "beside rows whose cells have run together"
BESIDE_SHORT = "beside rows that lack cells, and its sum does not hold"
SUM_RULES = ("requests.applicant_sum",)
SAME_WIDTH = 3
"""So many rows of one width make a table that fills its rows up."""


Shape = tuple[int, int, int]
"""Cells behind the label, place of the label, columns that the form has for the row."""


@record
class SequenceRow:
    """A row of a sequence: its cells behind the label, and how many columns the form has for it.

    ``is_padded`` tells that its table fills every row up on the right (a wide cell leaves empty ones behind it).
    """

    cells: tuple[Cell, ...]
    label_at: int
    columns: int
    is_padded: bool = False


def choose_windows(rows: Sequence[SequenceRow]) -> list[int | str]:
    """Return, for each row, at which of its cells the form's columns begin, or the reason why nobody can say.

    Only empty cells may be left out. Where several windows of the right length leave out only empty cells and read differently,
    rows of the same shape decide if their own window is beyond doubt and all agree; otherwise the position is ambiguous. An
    empty cell at the edge of a window counts only in a row as long as its like: a lost boundary makes a row shorter.
    """
    fitting = [_windows(row) for row in rows]
    usual = _usual_lengths(rows)
    sure: dict[Shape, set[int]] = {}
    for row, starts in zip(rows, fitting, strict=True):
        if len(starts) == 1 and not _has_blank_edge(row, starts[0]):
            sure.setdefault(_shape(row), set()).add(starts[0])
    shapes = Counter(map(_shape, rows))
    return [_choose(row, starts, usual, sure, shapes) for row, starts in zip(rows, fitting, strict=True)]


def _choose(
    row: SequenceRow,
    starts: list[int],
    usual: dict[tuple[int, int], tuple[int, int]],
    sure: dict[Shape, set[int]],
    shapes: Counter[Shape],
) -> int | str:
    surplus = any(length > columns for length, _, columns in shapes)
    if not starts:
        return BOUNDARIES_LOST
    readings = {tuple(cell.text.strip() for cell in row.cells[at : at + row.columns]) for at in starts}
    known = sure.get(_shape(row), set())
    if len(readings) > 1:
        if len(known) == 1 and next(iter(known)) in starts:
            return next(iter(known))
        return 0 if row.is_padded and not known and starts[0] == 0 else AMBIGUOUS
    all_blank = not any(next(iter(readings)))
    if _has_blank_edge(row, starts[0]) and surplus and any(map(_is_several, row.cells)):
        return AMBIGUOUS
    like = usual.get((row.label_at, row.columns), (0, 0))
    is_longest = len(row.cells) > row.columns == like[0] and like[1] >= SAME_WIDTH and shapes[_shape(row)] == 1
    if is_longest and not all_blank and "" in next(iter(readings)):
        # One row longer than all its like, with a blank inside: the border too many may be the one before the blank.
        return AMBIGUOUS
    alone = like[1] == 1 and surplus
    if _has_blank_edge(row, starts[0]) and not all_blank and (len(row.cells) != like[0] or alone):
        return AMBIGUOUS
    return starts[0]


def _is_several(cell: Cell) -> bool:
    """Tell whether a cell holds several numbers: what parted it from the next was lost."""
    tokens = cell.text.split()
    return len(tokens) > 1 and parse_number(cell.text) is None and all(parse_number(t) is not None for t in tokens)


def _shape(row: SequenceRow) -> Shape:
    return len(row.cells), row.label_at, row.columns


def _windows(row: SequenceRow) -> list[int]:
    filled = [at for at, cell in enumerate(row.cells) if cell.text.strip()]
    spare = len(row.cells) - row.columns
    return [at for at in range(spare + 1) if not filled or (at <= filled[0] and filled[-1] < at + row.columns)]


def _has_blank_edge(row: SequenceRow, start: int) -> bool:
    window = row.cells[start : start + row.columns]
    return not (window[0].text.strip() and window[-1].text.strip())


def _usual_lengths(rows: Sequence[SequenceRow]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the commonest number of cells behind the label, and how many rows there are, by place of label and columns."""
    counts: dict[tuple[int, int], Counter[int]] = {}
    for row in rows:
        counts.setdefault((row.label_at, row.columns), Counter())[len(row.cells)] += 1
    return {
        key: (max(lengths, key=lambda length: (lengths[length], length)), lengths.total())
        for key, lengths in counts.items()
    }


@record
class CountedRow:
    """A row to be bound by counting: ``cells`` behind its label without a unit's, ``expected`` the columns of its block.

    ``order`` has the columns in the order of the document (None: one that the form does not know); it is None itself where the
    header contradicts the form.
    """

    row: TableRow
    at: int
    label_at: int
    cells: tuple[Cell, ...]
    expected: tuple[int, ...]
    order: tuple[int | None, ...] | None


def bind_sequence(
    counted: Sequence[CountedRow], rows: Sequence[TableRow], table: TableForm, catalogue: Catalogue
) -> list[dict[int, Bound]]:
    """Return, for each row, its cells by column; a row that cannot be told apart has the reason in every column."""
    padded = _padded_rows(counted, rows)
    windows = choose_windows(
        [SequenceRow(row.cells, row.label_at, len(row.order or row.expected), row.at in padded) for row in counted]
    )
    beside = {block: reason for block in {row.row.block for row in counted} if (reason := _company(block, counted))}
    return [
        _bind(row, window, beside.get(row.row.block), table, catalogue)
        for row, window in zip(counted, windows, strict=True)
    ]


def _bind(
    row: CountedRow, window: int | str, beside: str | None, table: TableForm, catalogue: Catalogue
) -> dict[int, Bound]:
    routes = [cell.route for cell in row.cells if cell.route and cell.route != SPLIT_AT_BLANKS]
    if routes:
        return all_bound(row.expected, row.cells, routes[0])
    if row.order is None:
        return all_bound(row.expected, row.cells, MISMATCH)
    if isinstance(window, str):
        return all_bound(row.expected, row.cells, window)
    bound = {at: Bound(row.cells[window + n]) for n, at in enumerate(row.order) if at is not None}
    if len(row.order) == 1 or not any(cell.route for cell in row.cells):
        return bound
    holds = _sum_holds(table, bound, catalogue)
    if beside == BESIDE_GLUED:
        if not holds:
            return all_bound(row.expected, row.cells, BESIDE_GLUED)
        return {at: replace(cell, rules_used=SUM_RULES) for at, cell in bound.items()}
    return all_bound(row.expected, row.cells, BESIDE_SHORT) if beside == BESIDE_SHORT and holds is False else bound


def _company(block: int, counted: Sequence[CountedRow]) -> str | None:
    """Return what makes the rows of a table doubtful where nothing but blanks or line ends part its cells, or None.

    Numbers have run together: one begins with 0, or most rows are one number too long. Or rows lack cells, for an empty cell
    leaves no trace: then a number broken in two may fill such a gap.
    """
    wide = [row for row in counted if row.row.block == block and len(row.expected) > 1]
    numbers = [cell.text for row in wide for cell in row.cells if cell.route == SPLIT_AT_BLANKS]
    single = sum(len(row.cells) == 1 and len(row.cells[0].text) >= len(row.expected) for row in wide)
    if any(len(text) > 1 and text.isdigit() and text[0] in "0０" for text in numbers) or 2 * single > len(wide):
        return BESIDE_GLUED
    return BESIDE_SHORT if any(len(row.cells) < len(row.expected) for row in wide) else None


def _sum_holds(table: TableForm, bound: Mapping[int, Bound], catalogue: Catalogue) -> bool | None:
    """Tell whether a row's printed total is the sum of its parts, a mark for nothing counted as 0; None without a rule."""
    rule = catalogue.rules[SUM_RULES[0]]
    if rule.fact_table != table.fact_table:
        return None
    printed = {table.columns[at].code: cell.printed or "" for at, cell in bound.items()}
    values = {code: parse_number(t) if any(map(str.isdigit, t)) else Decimal(0) for code, t in printed.items()}
    left = [values.get(code) for code in operand_codes(rule, rule.left, table)]
    right = [values.get(code) for code in operand_codes(rule, rule.right, table)]
    if not left or None in left or None in right:
        return None
    return sum(filter(None, left)) == sum(filter(None, right))


def _padded_rows(counted: Sequence[CountedRow], rows: Sequence[TableRow]) -> set[int]:
    """Return the rows of tables that fill every row up on the right with empty cells to one width.

    Seen by the rows, all of one width but the last, and by heading rows, which begin with words and end in blanks.
    """
    padded: set[int] = set()
    for block in {row.row.block for row in counted}:
        own = sorted(row.at for row in counted if row.row.block == block)
        widths = {len(rows[at].cells) for at in own[:-1]}
        heads = [row for row in rows[: own[0]] if row.block == block]
        led = any(row.labels[0] is None for row in heads)
        if len(widths) == 1 and len(own) >= SAME_WIDTH and not led and any(map(_ends_blank, heads)):
            padded |= {at for at in own if len(rows[at].cells) in widths}
    return padded


def _ends_blank(row: TableRow) -> bool:
    """Tell whether a row has at least two blank cells at its end."""
    return len(row.cells) > 2 and not any(cell.text.strip() for cell in row.cells[-2:])
