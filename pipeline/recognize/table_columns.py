"""Which cell of a row stands in which column of the form.

Belongs here: header rows, and binding a row's cells to them: by the header's geometry and by counting, both, where the document
has a grid; by counting alone, with the surplus empty cells told apart, where it is a sequence. A binding that the two ways
do not agree on is none: the row's cells come back without an answer and with the reason.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import BOUNDARIES_LOST, Cell, Geometry
from pipeline.recognize.labels import LabelIndex, PrintedLabel, column_index, furniture_cores, likeness
from pipeline.recognize.table_rows import TableRow

AMBIGUOUS = "position ambiguous"
MISMATCH = "header and cells do not agree"
MERGED = "one cell over several columns or rows"

ALIKE = 0.6
TRUNCATED = 3
"""A header cut short by a converter still says this many characters of its label (本年新)."""
_YEAR = re.compile(r"^(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column as the header names it: ``position`` on the column axis (None: unknown to the form), its place in the grid."""

    position: int | None
    cell: Cell
    label: PrintedLabel
    is_exact: bool

    @property
    def first(self) -> int:
        return self.cell.col

    @property
    def last(self) -> int:
        return self.cell.col + self.cell.col_span - 1


@dataclass(frozen=True, slots=True)
class Header:
    """Consecutive header rows: the columns that they name, in the order of the document."""

    rows: range
    leaves: tuple[Leaf, ...]
    block: int
    width: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A column of a row: its cell (None: the row has none there), and why it cannot be read (None: it can).

    ``text`` is what is kept as printed where several cells stand for the column, or none of them can be told to.
    ``rules_used`` are the checks without which the cell would not have been told apart: they prove nothing about it.
    """

    cell: Cell | None
    reason: str | None = None
    text: str | None = None
    rules_used: tuple[str, ...] = ()

    @property
    def printed(self) -> str | None:
        return self.text if self.text is not None else self.cell.text if self.cell else None


def find_header_rows(rows: Sequence[TableRow], tables: Iterable[TableForm], catalogue: Catalogue) -> list[int]:
    """Return the rows that name columns of any of the given forms of one table."""
    indexes = [(column_index(catalogue, table), furniture_cores(table)) for table in tables]
    return [at for at, row in enumerate(rows) if any(_is_header(row, *index) for index in indexes)]


def _is_header(row: TableRow, index: LabelIndex, furniture: frozenset[str]) -> bool:
    named = stubs = 0
    for cell, label in zip(row.cells, row.labels, strict=True):
        if label is None:
            if cell.text.strip():
                return False
        elif column_positions(label.core, index):
            named += 1
        elif label.core in furniture:
            stubs += 1
    return named >= 2 or (named == 1 and (stubs >= 1 or len(row.cells) == 1))


def column_positions(core: str, index: LabelIndex) -> tuple[int, ...]:
    """Return the columns that a bare text names; a year before it counts for nothing (2012年度 is 年度)."""
    return index.exact.get(core) or index.exact.get(_YEAR.sub("", core), ())


def read_headers(
    rows: Sequence[TableRow], header_rows: Sequence[int], table: TableForm, catalogue: Catalogue
) -> list[Header]:
    """Return the headers of a form's table: runs of header rows, with the columns that they name and those unknown."""
    index = column_index(catalogue, table)
    furniture = furniture_cores(table)
    headers = []
    for run in _runs(rows, header_rows):
        cells = [
            (cell, label)
            for at in run
            for cell, label in zip(rows[at].cells, rows[at].labels, strict=True)
            if label is not None and label.core not in furniture
        ]
        leaves = _leaves(cells, index, rows[run[0]].geometry)
        leaves = _by_place(leaves, table, index)
        if any(leaf.position is not None for leaf in leaves):
            headers.append(Header(run, tuple(leaves), rows[run[0]].block, rows[run[0]].width))
    return headers


def _runs(rows: Sequence[TableRow], header_rows: Sequence[int]) -> list[range]:
    runs: list[range] = []
    for at in header_rows:
        if runs and runs[-1].stop == at and rows[at].block == rows[at - 1].block:
            runs[-1] = range(runs[-1].start, at + 1)
        else:
            runs.append(range(at, at + 1))
    return runs


def _leaves(cells: list[tuple[Cell, PrintedLabel]], index: LabelIndex, geometry: Geometry) -> list[Leaf]:
    """Return the cells of a header that name columns themselves: not what stands over others, nor what stands over labels."""
    leaves: list[Leaf] = []
    for cell, label in cells:
        known = column_positions(label.core, index)
        if any(index.axes[position].is_group for position in known):
            continue
        leaves.append(Leaf(known[0] if known else None, cell, label, bool(known)))
    first_known = min((leaf.first for leaf in leaves if leaf.is_exact), default=0)
    if geometry == "grid":
        leaves = [leaf for leaf in leaves if leaf.is_exact or not (leaf.last < first_known or _covers(leaf, leaves))]
        return sorted(leaves, key=lambda leaf: leaf.first)
    starts = {leaf.cell.row: leaf.first for leaf in reversed(leaves) if leaf.is_exact}
    return [leaf for leaf in leaves if leaf.is_exact or leaf.first > starts.get(leaf.cell.row, leaf.first)]


def _covers(upper: Leaf, leaves: list[Leaf]) -> bool:
    return any(
        leaf.cell.row > upper.cell.row and upper.first <= leaf.first and leaf.last <= upper.last for leaf in leaves
    )


def _by_place(leaves: list[Leaf], table: TableForm, index: LabelIndex) -> list[Leaf]:
    """Name damaged columns by their place: as many as the block has, the others exact, each like the label that stands there."""
    if all(leaf.is_exact for leaf in leaves) or not any(leaf.is_exact for leaf in leaves):
        return leaves
    for expected in _expected_columns(table):
        if len(expected) == len(leaves) and all(
            leaf.position == position if leaf.is_exact else _may_be(leaf.label.core, index.labels[position])
            for leaf, position in zip(leaves, expected, strict=True)
        ):
            return [
                Leaf(position, leaf.cell, leaf.label, leaf.is_exact)
                for leaf, position in zip(leaves, expected, strict=True)
            ]
    return leaves


def _may_be(core: str, variants: tuple[PrintedLabel, ...]) -> bool:
    cut = len(core) >= TRUNCATED and any(label.core.startswith(core) for label in variants)
    return cut or likeness(core, variants) >= ALIKE


def _expected_columns(table: TableForm) -> list[tuple[int, ...]]:
    position = {axis.code: at for at, axis in enumerate(table.columns)}
    if table.blocks:
        return [tuple(position[code] for code in block.columns) for block in table.blocks]
    return [tuple(at for at, axis in enumerate(table.columns) if not axis.is_group)]


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
    inside = [cell for cell in values if any(_overlap(cell, leaf) for leaf in leaves)]
    if len(inside) == len(leaves) and all(map(_overlap, inside, leaves)):
        return {leaf.position: Bound(c) for c, leaf in zip(inside, leaves, strict=True) if leaf.position is not None}
    bound: dict[int, Bound] = {}
    reaching = [*inside, *row.above]
    for leaf in leaves:
        over = [cell for cell in reaching if _overlap(cell, leaf)]
        if not over or len(values) == len(leaves) != len(inside):
            # A row too short for its header, or as long but beside it: nothing says where its cells belong.
            return all_bound([p for p in (leaf.position for leaf in leaves) if p is not None], values, MISMATCH)
        if leaf.position is not None:
            bound[leaf.position] = _settle(over, leaves, row.number)
    return bound


def _settle(over: list[Cell], leaves: Sequence[Leaf], number: int) -> Bound:
    filled = [cell for cell in over if cell.text.strip()]
    if not filled:
        return Bound(over[0])
    if len(over) > 1:
        return Bound(filled[0], AMBIGUOUS)
    alone = sum(_overlap(over[0], other) > 0 for other in leaves) == 1 and over[0].row == number
    return Bound(over[0], None if alone else MERGED)


def _overlap(cell: Cell, leaf: Leaf) -> int:
    return max(0, min(cell.col + cell.col_span - 1, leaf.last) - max(cell.col, leaf.first) + 1)


def surplus_cells(row: TableRow, label_at: int, header: Header | None) -> list[Cell]:
    """Return the cells of a row that hold something and stand under no column, or under one that the form does not know."""
    if header is None:
        return []
    surplus = []
    for cell in row.cells[label_at + 1 :]:
        over = [leaf for leaf in header.leaves if _overlap(cell, leaf)]
        if cell.text.strip() and not any(leaf.position is not None for leaf in over):
            surplus.append(cell)
    return surplus


def all_bound(expected: Iterable[int], cells: Sequence[Cell], reason: str) -> dict[int, Bound]:
    """Return every column with the same reason; the row's text is kept for each, as nobody knows which cell is whose."""
    text = " ".join(filter(None, (cell.text.strip() for cell in cells)))
    cell = cells[0] if cells else None
    return {position: Bound(cell, reason, text) for position in expected}


@dataclass(frozen=True, slots=True)
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
    sure: dict[tuple[int, int, int], set[int]] = {}
    for row, starts in zip(rows, fitting, strict=True):
        if len(starts) == 1 and not _has_blank_edge(row, starts[0]):
            sure.setdefault((len(row.cells), row.label_at, row.columns), set()).add(starts[0])
    return [_choose(row, starts, usual, sure) for row, starts in zip(rows, fitting, strict=True)]


def _choose(
    row: SequenceRow,
    starts: list[int],
    usual: dict[tuple[int, int], int],
    sure: dict[tuple[int, int, int], set[int]],
) -> int | str:
    if not starts:
        return BOUNDARIES_LOST
    readings = {tuple(cell.text.strip() for cell in row.cells[at : at + row.columns]) for at in starts}
    known = sure.get((len(row.cells), row.label_at, row.columns), set())
    if len(readings) > 1:
        if len(known) == 1 and next(iter(known)) in starts:
            return next(iter(known))
        return 0 if row.is_padded and not known and starts[0] == 0 else AMBIGUOUS
    length = usual.get((row.label_at, row.columns), len(row.cells))
    all_blank = not any(next(iter(readings)))
    if _has_blank_edge(row, starts[0]) and not all_blank and len(row.cells) != length:
        return AMBIGUOUS
    return starts[0]


def _windows(row: SequenceRow) -> list[int]:
    filled = [at for at, cell in enumerate(row.cells) if cell.text.strip()]
    spare = len(row.cells) - row.columns
    return [at for at in range(spare + 1) if not filled or (at <= filled[0] and filled[-1] < at + row.columns)]


def _has_blank_edge(row: SequenceRow, start: int) -> bool:
    window = row.cells[start : start + row.columns]
    return not (window[0].text.strip() and window[-1].text.strip())


def _usual_lengths(rows: Sequence[SequenceRow]) -> dict[tuple[int, int], int]:
    """Return the commonest number of cells behind the label, by place of the label and number of columns."""
    counts: dict[tuple[int, int], Counter[int]] = {}
    for row in rows:
        counts.setdefault((row.label_at, row.columns), Counter())[len(row.cells)] += 1
    return {key: max(lengths, key=lambda length: (lengths[length], length)) for key, lengths in counts.items()}
