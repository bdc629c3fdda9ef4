"""Header rows: which columns of the form a table names, and where.

Belongs here: finding header rows and naming their columns. Does not belong here: binding a row's cells to them
(``table_grid`` by geometry and count, ``table_sequence`` by count).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import Cell, Geometry
from pipeline.recognize.labels import LabelIndex, PrintedLabel, column_index, furniture_cores, likeness
from pipeline.recognize.table_rows import TableRow
from pipeline.values import record

ALIKE = 0.6
TRUNCATED = 3
"""A header cut short by a converter still says this many characters of its label (本年新)."""
_YEAR = re.compile(r"^(?:19|20)\d\d")


@record
class Leaf:
    """A column as the header names it: ``position`` on the column axis (None: unknown to the form), its place in the grid."""

    position: int | None
    cell: Cell
    label: PrintedLabel
    is_exact: bool
    first: int
    last: int


@record
class Header:
    """Consecutive header rows: the columns that they name, in the order of the document. Made by ``make_header``.

    ``named`` are the positions of ``leaves``, None among them where the form does not know one. ``above`` are the columns
    that the foot of the page before names, where a page break cut the header. ``names_twice`` tells that a column is named
    by two of them.
    """

    rows: range
    leaves: tuple[Leaf, ...]
    block: int
    width: int
    named: frozenset[int | None]
    above: frozenset[int]
    names_twice: bool


def make_header(
    rows: range, leaves: Sequence[Leaf], block: int, width: int, above: frozenset[int] = frozenset()
) -> Header:
    """Return the header that some rows of a table make."""
    known = [leaf.position for leaf in leaves if leaf.position is not None]
    named = frozenset(leaf.position for leaf in leaves)
    return Header(rows, tuple(leaves), block, width, named, above, len(set(known)) < len(known))


def find_header_rows(rows: Sequence[TableRow], tables: Iterable[TableForm], catalogue: Catalogue) -> list[int]:
    """Return the rows that name columns of any of the given forms of one table."""
    indexes = [(column_index(catalogue, table), furniture_cores(catalogue, table)) for table in tables]
    return [
        at
        for at, row in enumerate(rows)
        if row.leading and not row.holds_numbers and any(_is_header(row, *index) for index in indexes)
    ]


def _is_header(row: TableRow, index: LabelIndex, furniture: frozenset[str]) -> bool:
    named = stubs = 0
    for label in row.labels:
        if label is None:
            continue
        if column_positions(label.core, index):
            named += 1
        elif label.core in furniture:
            stubs += 1
    return named >= 2 or (named == 1 and (stubs >= 1 or len(row.cells) == 1))


def column_positions(core: str, index: LabelIndex) -> tuple[int, ...]:
    """Return the columns that a bare text names; a year before it counts for nothing (2012年度 is 年度)."""
    named = index.exact.get(core)
    if named is None and core[:1].isdigit():
        named = index.exact.get(_YEAR.sub("", core))
    return named or ()


def read_headers(
    rows: Sequence[TableRow], header_rows: Sequence[int], table: TableForm, catalogue: Catalogue
) -> list[Header]:
    """Return the headers of a form's table: runs of header rows, with the columns that they name and those unknown."""
    index = column_index(catalogue, table)
    furniture = furniture_cores(catalogue, table)
    headers: list[Header] = []
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
            above = _named_above(headers[-1], run, rows) if headers else frozenset()
            headers.append(make_header(run, leaves, rows[run[0]].block, rows[run[0]].width, above))
    return headers


def _named_above(before: Header, run: range, rows: Sequence[TableRow]) -> frozenset[int]:
    """Return the columns that a header right before this one names at the end of the table before."""
    if before.rows.stop != run.start or before.block == rows[run.start].block:
        return frozenset()
    return frozenset(leaf.position for leaf in before.leaves if leaf.position is not None)


def _runs(rows: Sequence[TableRow], header_rows: Sequence[int]) -> list[range]:
    """Return runs of header rows of one table; blank rows between them belong to the header."""
    runs: list[range] = []
    for at in header_rows:
        between = rows[runs[-1].stop : at] if runs else ()
        if runs and rows[at].block == rows[runs[-1].start].block and all(row.is_blank for row in between):
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
        leaves.append(make_leaf(known[0] if known else None, cell, label, bool(known)))
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
            return [replace(leaf, position=at) for leaf, at in zip(leaves, expected, strict=True)]
    return leaves


def _may_be(core: str, variants: tuple[PrintedLabel, ...]) -> bool:
    cut = len(core) >= TRUNCATED and any(label.core.startswith(core) for label in variants)
    return cut or likeness(core, variants) >= ALIKE


def _expected_columns(table: TableForm) -> list[tuple[int, ...]]:
    position = {axis.code: at for at, axis in enumerate(table.columns)}
    if table.blocks:
        return [tuple(position[code] for code in block.columns) for block in table.blocks]
    return [tuple(at for at, axis in enumerate(table.columns) if not axis.is_group)]


def make_leaf(position: int | None, cell: Cell, label: PrintedLabel, is_exact: bool) -> Leaf:
    """Return the column that a header cell names."""
    return Leaf(position, cell, label, is_exact, cell.col, cell.col + cell.col_span - 1)


def header_weight(header: Header, table: TableForm, catalogue: Catalogue) -> float:
    """Return how much a header speaks for a form: a column in the issued wording more than one in another."""
    index = column_index(catalogue, table)
    return sum(
        1.0 if leaf.label.core == index.labels[leaf.position][0].core else 0.9
        for leaf in header.leaves
        if leaf.position is not None and leaf.is_exact
    )
