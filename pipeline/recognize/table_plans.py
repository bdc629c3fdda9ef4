"""Recognition remembered: a table laid out and labelled like one seen before is bound without being recognised anew.

Bodies print a few hundred layouts again and again. Belongs here: the outline of a table (all that recognition looks at but the
numbers), when a plan may stand in for recognition, and its use. Does not belong here: recognition itself (``tables``). A plan is
made only of a table that is recognised whole, by itself, and the same way whatever its numbers; every other document is
recognised anew. ``tests/unit/recognize/test_table_plans.py`` holds that both ways say the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise, takewhile

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell, Document, Table
from pipeline.numbers import is_digits
from pipeline.recognize.labels import PrintedLabel, column_index, furniture_cores, row_cores, row_index, split_label
from pipeline.recognize.planned_facts import PlannedCells, planned_cells
from pipeline.recognize.table_choice import RecognisedTable
from pipeline.recognize.table_facts import BoundTable, CellKey
from pipeline.recognize.table_rows import TableRow, label_reader
from pipeline.remembered import Remembered
from pipeline.values import record

MOST_OUTLINES = 4000
"""Outlines remembered; when there are more, all are forgotten."""
MOST_TEXTS = 16_384
NUMBER = "0"
"""Stands for every number where only its being one counts."""

_Met = tuple[list[TableRow], list[RecognisedTable], bool]
Find = Callable[[Document], _Met]
"""Recognises a document: the rows that may be rows of a form, its tables, whether something looked like one and is none."""
Outline = tuple[object, ...]


@dataclass(slots=True)
class _Known:
    """What is known of an outline: how often it was seen, the cells whose text counts too, the plan by those texts."""

    seen: int = 1
    beside: tuple[int, ...] = ()
    plans: dict[tuple[str, ...], PlannedCells | None] = field(default_factory=dict)


@record
class _Sketch:
    """What tables have in common whose cells stand alike with the same labels in them.

    ``rows`` are first and last cell of each row, as a slice; ``counted`` the cells without a label whose text counts.
    """

    number: int
    is_known: bool
    rows: tuple[tuple[int, int], ...]
    counted: tuple[int, ...]


_Places = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Row, column, rows and columns of each cell."""
_Shape = tuple[_Places, tuple[int, ...]]


@dataclass(slots=True)
class _Memory:
    """``marks``: the number of the label that a text is (-1: none), and whether it may be a number; ``printed``: whether it is a
    label that a form prints."""

    marks: Remembered[str, tuple[int, bool]]
    printed: Callable[[str], bool]
    known: dict[Outline, _Known] = field(default_factory=dict)
    sketches: dict[_Shape, _Sketch] = field(default_factory=dict)


@record
class _Edge:
    """The outermost row of a table at one side: its own label, whether it has labels, whether it holds anything."""

    text: str
    has_labels: bool
    is_filled: bool


_MEMORIES: dict[str, _Memory] = {}


def planned_tables(document: Document, catalogue: Catalogue, find: Find) -> dict[int, PlannedCells] | None:
    """Return the plans of a document's tables by their blocks, None where it must be recognised anew.

    Every table of the document has a plan, of a fact table of its own, or prints no label of any form.
    """
    memory = _memory(catalogue)
    tables = [(at, block) for at, block in enumerate(document.blocks) if isinstance(block, Table)]
    found: dict[int, PlannedCells] = {}
    taken: set[str] = set()
    for at, table in tables:
        outline = _outline(table, memory)
        if outline is None:
            return None
        if outline is INERT:
            continue
        plan = _plan(outline, table, memory, catalogue, find)
        if plan is None or plan.fact_table in taken:
            return None
        taken.add(plan.fact_table)
        found[at] = plan
    if not found or any(_may_touch(one, other, catalogue) for (_, one), (_, other) in pairwise(tables)):
        return None
    return found


INERT: Outline = ("no label of a form",)


def _outline(table: Table, memory: "_Memory") -> Outline | None:
    """Return all that recognition looks at in a table but the numbers behind its labels; None for one that has no outline.

    Of a cell without a label its text counts where labels follow in its row, and for every row whether it holds numbers.
    """
    cells = table.cells
    if not cells:
        return INERT
    if table.geometry != "grid":
        return None
    rows, columns, texts, down, wide, _, _, _, routes, _ = zip(*cells, strict=True)
    if any(routes):
        return None
    # One number is as good as another to the memories, which then know them all.
    alike = [NUMBER if text.isdigit() else text for text in texts]
    labels, filled = zip(*map(memory.marks.__getitem__, alike), strict=True)
    shape = (rows, columns, down, wide), labels
    sketch = memory.sketches.get(shape)
    if sketch is None:
        if len(memory.sketches) >= MOST_OUTLINES:
            memory.sketches.clear()
        sketch = memory.sketches[shape] = _sketch(*shape, any(map(memory.printed, texts)))
    if not sketch.is_known:
        return INERT
    return (
        sketch.number,
        *[True in filled[start:stop] for start, stop in sketch.rows],
        *[texts[at] for at in sketch.counted],
    )


_NUMBERS = count()


def _sketch(places: _Places, labels: Sequence[int], is_known: bool) -> "_Sketch":
    """Return what follows from where the cells of a table stand and which labels they hold."""
    of, _, down, _ = places
    starts = [0, *(at for at in range(1, len(of)) if of[at] != of[at - 1]), len(of)]
    rows = tuple(pairwise(starts)) if of else ()
    counted: list[int] = []
    for start, stop in rows:
        last = max((at for at in range(start, stop) if labels[at] >= 0), default=start)
        counted += [at for at in range(start, stop) if labels[at] < 0 and (at < last or down[at] > 1)]
    return _Sketch(next(_NUMBERS), is_known, rows, tuple(counted))


def _plan(outline: Outline, table: Table, memory: _Memory, catalogue: Catalogue, find: Find) -> PlannedCells | None:
    known = memory.known.get(outline)
    if known is None:
        if len(memory.known) >= MOST_OUTLINES:
            memory.known.clear()
        memory.known[outline] = _Known()
        return None
    known.seen += 1
    met: _Met | None = None
    if known.seen == 2:
        # Plans are made of what comes again: making one costs as much as recognising three documents.
        met = find(Document("", (table,)))
        known.beside = _beside(table, met, memory)
    texts = tuple(table.cells[at].text for at in known.beside)
    if texts not in known.plans:
        if len(known.plans) >= MOST_OUTLINES:
            known.plans.clear()
        known.plans[texts] = _make_plan(table, met or find(Document("", (table,))), catalogue, find)
    return known.plans[texts]


def _beside(table: Table, met: _Met, memory: _Memory) -> tuple[int, ...]:
    """Return the cells that may hold numbers and are none of a form's: units, remarks. Their text counts."""
    _, found, _ = met
    bound = {(b.cell.row, b.cell.col) for one in found for b in one.bound.cells.values() if b.cell is not None}
    return tuple(
        at
        for at, cell in enumerate(table.cells)
        if memory.marks[cell.text][0] < 0 and (cell.row, cell.col) not in bound
    )


def _make_plan(table: Table, met: _Met, catalogue: Catalogue, find: Find) -> PlannedCells | None:
    """Return the plan of a table that is recognised whole, by itself, and the same way whatever its numbers."""
    places = _places(table, met, catalogue)
    if places is None:
        return None
    numbers = {at for _, at in places[1]}
    flags = {
        row: any(table.cells[at].text.strip() for at in numbers if table.cells[at].row == row)
        for row in _rows(table, numbers)
    }
    for keep_all in (True, False):
        last = {table.cells[at].row: at for at in sorted(numbers)}
        cells = tuple(
            cell._replace(text="1" if flags[cell.row] and (keep_all or last[cell.row] == at) else "")
            if at in numbers
            else cell
            for at, cell in enumerate(table.cells)
        )
        other = replace(table, cells=cells)
        probe = _places(other, find(Document("", (other,))), catalogue)
        if probe is None or probe[1] != places[1]:
            return None
    bound, position = places[0], dict(places[1])
    return planned_cells(bound, position, catalogue)


def _rows(table: Table, numbers: set[int]) -> set[int]:
    return {table.cells[at].row for at in numbers}


def _places(table: Table, met: _Met, catalogue: Catalogue) -> tuple[BoundTable, tuple[tuple[CellKey, int], ...]] | None:
    """Return the one table of a form that a table is, and where its cells stand; None where anything is odd about it."""
    rows, found, strange = met
    if strange or len(found) != 1:
        return None
    one = found[0]
    bound = one.bound
    odd = one.problems or one.unknown or one.copies or not one.is_headed
    whole = set(bound.cells) == set(bound.keys) or bound.table.rows_vary
    if odd or not whole or _prints_others(rows, bound.table.fact_table, catalogue):
        return None
    position = {(cell.row, cell.col): at for at, cell in enumerate(table.cells)}
    places: list[tuple[CellKey, int]] = []
    for key, cell in bound.cells.items():
        if cell.cell is None or cell.reason or cell.rules_used or cell.rebuilt is not None or cell.cell.row_span > 1:
            return None
        places.append((key, position[cell.cell.row, cell.cell.col]))
    return (bound, tuple(places)) if len({at for _, at in places}) == len(places) else None


def _prints_others(rows: Sequence[TableRow], fact_table: str, catalogue: Catalogue) -> bool:
    """Tell whether a table has a row that another table of the forms could take."""
    others = [t for form in catalogue.forms.values() for name, t in form.tables.items() if name != fact_table]
    indexes = [row_index(catalogue, table) for table in others if table.layout != "one_row"]
    return any(
        any(not index.axes[p].is_group for p in index.exact.get(core, ()))
        for index in indexes
        for row in rows
        for core in row.leading_cores
    )


def _may_touch(upper: Table, lower: Table, catalogue: Catalogue) -> bool:
    """Tell whether a row may have been cut by a break between two tables: its label in two, or its numbers from its label."""
    last, first = upper.cells[-1].row, lower.cells[0].row
    foot = _edge(reversed(list(takewhile(lambda cell: cell.row == last, reversed(upper.cells)))), catalogue)
    head = _edge(takewhile(lambda cell: cell.row == first, lower.cells), catalogue)
    if not head.has_labels and head.is_filled:
        return True
    if not head.text or not foot.text:
        return False
    whole = split_label(foot.text + head.text, catalogue.cell_words.junk)
    return whole.core in row_cores(catalogue)


def _edge(row: Iterable[Cell], catalogue: Catalogue) -> _Edge:
    look = label_reader(catalogue)
    text, has_labels, is_filled, numbers = "", False, False, False
    for cell in row:
        label, filled = look(cell.text)
        is_filled |= filled
        if label is None:
            numbers |= filled
        elif not numbers:
            text, has_labels = cell.text, True
    return _Edge(text, has_labels, is_filled)


def _memory(catalogue: Catalogue) -> _Memory:
    if catalogue.version not in _MEMORIES:
        look, vocabulary = label_reader(catalogue), _vocabulary(catalogue)
        numbers: dict[PrintedLabel, int] = {}

        def mark(text: str) -> tuple[int, bool]:
            if is_digits(text):
                return -1, True
            label, filled = look(text)
            return (-1, filled) if label is None else (numbers.setdefault(label, len(numbers)), False)

        def is_printed(text: str) -> bool:
            label, _ = look(text)
            return label is not None and not vocabulary.isdisjoint((label.core, label.core.lstrip("0123456789")))

        _MEMORIES[catalogue.version] = _Memory(Remembered(mark, MOST_TEXTS), is_printed)
    return _MEMORIES[catalogue.version]


def _vocabulary(catalogue: Catalogue) -> frozenset[str]:
    """Return the bare text of everything that a table of a form prints: rows, columns, titles, notes."""
    tables = [table for form in catalogue.forms.values() for table in form.tables.values()]
    columns = {core for table in tables for core in column_index(catalogue, table).exact}
    return row_cores(catalogue) | columns | {core for table in tables for core in furniture_cores(catalogue, table)}
