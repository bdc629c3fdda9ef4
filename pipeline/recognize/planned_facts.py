"""Facts of a table whose cells are known beforehand (``table_plans``): made all at once, column by column.

Belongs here: facts out of cells whose places are known. Does not belong here: which cell is which (``table_plans``), facts of a
table that is recognised anew (``table_facts``).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell
from pipeline.numbers import CellReading
from pipeline.recognize.table_facts import (
    TWO_NUMBERS,
    BoundTable,
    CellKey,
    cell_readings,
    cell_specs,
    two_numbers,
)
from pipeline.remembered import Remembered
from pipeline.report import Fact, FactTable, Problem


class PlannedCells(NamedTuple):
    """Which cell of a table is which of its form, in the order of the form.

    ``take`` picks them out of ``Table.cells``; ``row_codes``, ``column_codes`` and ``units`` are theirs, ``readings`` how each is
    read.
    """

    fact_table: FactTable
    form: str | None
    take: Callable[[Sequence[Cell]], tuple[Cell, ...]]
    row_codes: tuple[str, ...]
    column_codes: tuple[str, ...]
    units: tuple[str, ...]
    readings: tuple[Remembered[str, CellReading], ...]


def planned_cells(bound: BoundTable, position: Mapping[CellKey, int], catalogue: Catalogue) -> PlannedCells:
    """Return where the cells of a bound table stand, in the order of the form; ``position`` counts ``Table.cells`` from 0."""
    specs = cell_specs(bound.table.fact_table, catalogue)
    keys = [key for key in bound.keys if key in position]
    units = [bound.units.get(key) or specs[key].printed_unit for key in keys]
    return PlannedCells(
        bound.table.fact_table,
        bound.form,
        _picker([position[key] for key in keys]),
        tuple(row for row, _ in keys),
        tuple(column for _, column in keys),
        tuple(specs[key].unit for key in keys),
        tuple(
            cell_readings(specs[key].unit, printed, specs[key].signed, catalogue)
            for key, printed in zip(keys, units, strict=True)
        ),
    )


def _picker(places: Sequence[int]) -> Callable[[Sequence[Cell]], tuple[Cell, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[at] for at in places)


def read_places(planned: PlannedCells, cells: Sequence[Cell], table_no: int | None) -> tuple[list[Fact], list[Problem]]:
    """Return what ``read_facts`` does, of cells whose places are known."""
    printed = planned.take(cells)
    if not printed:
        return [], []
    rows, columns, texts, _, _, _, _, confidences, _, _ = zip(*printed, strict=True)
    readings = [known[text] for known, text in zip(planned.readings, texts, strict=True)]
    values, statuses, reasons, notes = zip(*readings, strict=True)
    count = len(printed)
    in_order = zip(
        repeat(planned.fact_table, count),
        planned.row_codes,
        planned.column_codes,
        values,
        statuses,
        planned.units,
        repeat(planned.form, count),
        texts,
        repeat(table_no, count),
        rows,
        columns,
        reasons,
        notes,
        confidences,
        repeat((), count),
        strict=True,
    )
    facts = list(map(_FACT, in_order))
    return facts, [two_numbers(fact) for fact in facts if fact.reason == TWO_NUMBERS] if TWO_NUMBERS in reasons else []


_FACT = partial(tuple.__new__, Fact)
