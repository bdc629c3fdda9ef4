"""Which rows of the document are which rows of a form: labels by their text, confirmed by their place.

Belongs here: finding a form's rows in the stream of table rows, damaged labels told by their neighbours, rows that are doubled,
out of place or unknown. Does not belong here: columns (``table_headers``) and values (``table_facts``).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.recognize.labels import (
    LabelIndex,
    Ordinal,
    PrintedLabel,
    furniture_cores,
    likeness,
    row_index,
    split_label,
)
from pipeline.recognize.table_rows import TableRow
from pipeline.values import record

ALIKE = 0.75
"""A damaged label must be this much like the one it is taken for: 其他法律行政止公开 is 0.86, 行政检查 for 行政强制 0.5."""
ALONE = 0.6
"""…and no other row that its place allows may be more like it than this."""
MOST_COPIES = 4
MOST_CANDIDATES = 500
MOST_ALIKE = 16_384
"""Comparisons remembered; when there are more, all are forgotten."""
SECOND_COPY = 3
"""A jump back to the top of the form is a second copy of the table only after so many rows; before, it is a row out of place."""


@record
class FoundRow:
    """A row of the form found in the document: ``position`` on the row axis, ``at`` the stream, ``label_at`` in its cells."""

    position: int
    at: int
    label_at: int
    weight: float
    is_damaged: bool = False


@dataclass(slots=True)
class FoundTable:
    """One copy of a table of a form: its rows by position, and the rows between them that are none of the form's."""

    table: TableForm
    rows: dict[int, FoundRow]
    doubled: list[FoundRow] = field(default_factory=list)
    misplaced: list[FoundRow] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)

    @property
    def first(self) -> int:
        return min(row.at for row in self.rows.values())

    @property
    def last(self) -> int:
        return max(row.at for row in self.rows.values())

    @property
    def weight(self) -> float:
        return sum(row.weight for row in self.rows.values())


def find_tables(
    rows: Sequence[TableRow], headers: Iterable[int], table: TableForm, catalogue: Catalogue
) -> list[FoundTable]:
    """Return every copy of a form's table in the stream of rows; ``headers`` are rows already known to name columns."""
    index = row_index(catalogue, table)
    skipped = set(headers)
    known = index.exact.keys()
    candidates = [
        found
        for at, row in enumerate(rows)
        if row.leading and at not in skipped and not known.isdisjoint(row.leading_cores)
        for found in _candidates(at, row, index, table.rows_vary)
    ]
    tables = []
    for copy in _copies(candidates, len(index.axes)):
        chain = _best_chain(copy)
        if chain:
            tables.append(
                _complete(
                    FoundTable(table, {row.position: row for row in chain}), copy, rows, skipped, index, catalogue
                )
            )
    return tables


def _candidates(at: int, row: TableRow, index: LabelIndex, ordinals_vary: bool) -> list[FoundRow]:
    """Return what a row may be: the rightmost of its leading labels that the form knows, and that has cells behind it."""
    for label_at in reversed(row.leading):
        label = row.labels[label_at]
        if label is None or label.core not in index.exact or label_at + 1 >= len(row.cells):
            continue
        positions = [p for p in index.exact[label.core] if not index.axes[p].is_group]
        if positions:
            return [FoundRow(p, at, label_at, _weight(label, index, p, ordinals_vary)) for p in positions]
    return []


def _weight(label: PrintedLabel, index: LabelIndex, position: int, ordinals_vary: bool) -> float:
    """Return how much a label speaks for a row: the issued wording and the right number before it more than others."""
    weight = 1.0 if label.core == index.labels[position][0].core else 0.9
    expected = index.ordinal(position)
    if ordinals_vary or label.ordinal is None or expected is None:
        return weight
    return weight + 0.2 if label.ordinal == expected else weight - 0.4 - (0.3 if len(label.core) < 3 else 0)


def _copies(candidates: list[FoundRow], form_rows: int) -> list[list[FoundRow]]:
    """Cut the candidates where the document starts the form over again: a second copy of the table."""
    copies: list[list[FoundRow]] = [[]]
    seen: set[int] = set()
    rows: set[int] = set()
    for found in candidates:
        if found.position in seen and len(rows) >= SECOND_COPY:
            is_top = found.position <= min(seen) + 1
            if is_top and max(seen) - found.position >= min(SECOND_COPY, form_rows // 2):
                copies.append([])
                seen, rows = set(), set()
        copies[-1].append(found)
        seen.add(found.position)
        rows.add(found.at)
    return [copy[:MOST_CANDIDATES] for copy in copies[:MOST_COPIES] if copy]


def _best_chain(candidates: list[FoundRow]) -> list[FoundRow]:
    """Return the heaviest run of candidates that goes down the document and down the form at once."""
    best: list[tuple[float, int]] = []
    # Places on the form with the best run that ends there, both rising; of equal runs the one found first is taken.
    ends: list[tuple[int, float, int]] = []
    entered = 0
    for found in candidates:
        while candidates[entered].at < found.at:
            _enter(ends, candidates[entered].position, best[entered][0], entered)
            entered += 1
        below = bisect_left(ends, found.position, key=_POSITION)
        _, score, previous = ends[below - 1] if below else (0, 0.0, -1)
        best.append((score + found.weight, previous) if score > 0 else (found.weight, -1))
    if not best:
        return []
    at = max(range(len(best)), key=lambda i: best[i][0])
    chain = []
    while at != -1:
        chain.append(candidates[at])
        at = best[at][1]
    return chain[::-1]


def _enter(ends: list[tuple[int, float, int]], position: int, score: float, number: int) -> None:
    """Enter a run among the best, unless one that ends no further down the form is worth as much."""
    at = bisect_right(ends, position, key=_POSITION)
    if at and ends[at - 1][1] >= score:
        return
    start = stop = bisect_left(ends, position, key=_POSITION)
    while stop < len(ends) and ends[stop][1] < score:
        stop += 1
    ends[start:stop] = [(position, score, number)]


_POSITION = itemgetter(0)


def _complete(
    found: FoundTable,
    copy: list[FoundRow],
    rows: Sequence[TableRow],
    skipped: set[int],
    index: LabelIndex,
    catalogue: Catalogue,
) -> FoundTable:
    """Add damaged labels told by their place, and sort out every other row between the first and the last."""
    taken = {row.at for row in found.rows.values()}
    known = {row.at: row for row in copy}
    furniture = furniture_cores(catalogue, found.table)
    for at in _span(found, rows, skipped):
        row = rows[at]
        if at in taken or at in skipped or row.is_blank:
            continue
        if at in known:
            same = known[at]
            (found.doubled if same.position in found.rows else found.misplaced).append(same)
            continue
        own = _own_label(row, index, furniture)
        if own is None:
            continue
        damaged = _by_place(found, at, row, own, index, catalogue.cell_words.junk)
        if damaged:
            found.rows[damaged.position] = damaged
        else:
            found.unknown.append(at)
    return found


def _span(found: FoundTable, rows: Sequence[TableRow], skipped: set[int]) -> range:
    """Return the rows that can belong to a copy: from under the header before it to the end of the block after it."""
    first, last = found.first, found.last
    block_above, block_below = rows[first].block, rows[last].block
    while first and first - 1 not in skipped and rows[first - 1].block == block_above:
        first -= 1
    while last + 1 < len(rows) and last + 1 not in skipped and rows[last + 1].block == block_below:
        last += 1
    return range(first, last + 1)


def _own_label(row: TableRow, index: LabelIndex, furniture: frozenset[str]) -> int | None:
    """Return the position of the label that a row with cells behind it goes by; None for heading rows and furniture."""
    if not row.leading:
        return -1 if len(row.cells) > 1 else None
    last = row.leading[-1]
    label = row.labels[last]
    if label is None or last + 1 >= len(row.cells) or label.core in furniture:
        return None
    return None if index.exact.get(label.core) else last


def _by_place(
    found: FoundTable, at: int, row: TableRow, own: int, index: LabelIndex, junk: re.Pattern[str]
) -> FoundRow | None:
    """Return the one row of the form that a damaged label can be: between its neighbours, alike, its number not against it."""
    label = row.labels[own] if own >= 0 else None
    if label is None:
        return None
    above, below = -1, len(index.axes)
    for position, other in found.rows.items():
        if other.at < at:
            above = max(above, position)
        else:
            below = min(below, position)
    free = [position for position in range(above + 1, below) if not index.axes[position].is_group]
    overprinted = _line_alone(row.cells[own].text, free, index, junk)
    if overprinted is not None:
        return FoundRow(overprinted, at, own, 0.7, is_damaged=True)
    alike = _most_alike(label.core, above, below, index)
    if not alike or alike[0][0] < ALIKE or (len(alike) > 1 and alike[1][0] > ALONE):
        return None
    position = alike[0][1]
    if _contradicts(label.ordinal, index.ordinal(position)):
        return None
    return FoundRow(position, at, own, 0.7, is_damaged=True)


_ALIKE: dict[tuple[int, str, int, int], tuple[tuple[float, int], ...]] = {}


def _most_alike(core: str, above: int, below: int, index: LabelIndex) -> tuple[tuple[float, int], ...]:
    """Return the two rows between two places of a form that a text is most like, with how much. Remembered by all it asks."""
    key = (index.number, core, above, below)
    if key not in _ALIKE:
        if len(_ALIKE) >= MOST_ALIKE:
            _ALIKE.clear()
        free = [position for position in range(above + 1, below) if not index.axes[position].is_group]
        compared = sorted(((likeness(core, index.labels[position]), position) for position in free), reverse=True)
        _ALIKE[key] = tuple(compared[:2])
    return _ALIKE[key]


def _line_alone(text: str, free: Sequence[int], index: LabelIndex, junk: re.Pattern[str]) -> int | None:
    """Return the row whose label is one line of a cell, its number included, where other lines have run in from elsewhere."""
    labels = [split_label(line, junk) for line in text.split("\n")] if "\n" in text else []
    found = {
        position
        for label in labels
        for position in index.exact.get(label.core, ())
        if position in free and label.ordinal is not None and label.ordinal == index.ordinal(position)
    }
    return found.pop() if len(found) == 1 else None


def _contradicts(printed: Ordinal | None, expected: Ordinal | None) -> bool:
    return printed is not None and expected is not None and printed != expected
