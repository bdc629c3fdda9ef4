"""Facts of a table whose cells are known beforehand (``table_plans``): what a cell printed before need not be read again.

Belongs here: facts remembered by cell and text. Does not belong here: which cell is which (``table_plans``), facts of a table
that is recognised anew (``table_facts``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from pipeline.catalogue.model import Catalogue
from pipeline.document import Cell
from pipeline.recognize.table_facts import (
    TWO_NUMBERS,
    BoundTable,
    CellKey,
    cell_readings,
    cell_specs,
    two_numbers,
)
from pipeline.report import Fact, FactTable, Problem

MOST_FACTS = 40_000
"""Facts remembered; when there are more, all are forgotten."""
_CONFIDENCE, _TEXT, _REASON = attrgetter("confidence"), attrgetter("text"), attrgetter("reason")


class CellPlace(NamedTuple):
    """A cell of a form in a table known beforehand.

    ``at`` is its position in ``Table.cells``, ``printed_unit`` what row, header or form print for it.
    """

    key: CellKey
    at: int
    unit: str
    printed_unit: str | None
    signed: bool


class PlannedCells(NamedTuple):
    """Which cell of a table is which of its form, in the order of the form. ``number`` is that of no other plan.

    Where a cell stands follows from the plan, so its text tells all that its fact says.
    """

    number: int
    fact_table: FactTable
    form: str | None
    places: tuple[CellPlace, ...]


@dataclass(slots=True)
class _Memory:
    """Facts by planned table and its number in the document, then cell by cell, by text."""

    tables: dict[tuple[int, int | None], tuple[dict[str, Fact], ...]] = field(default_factory=dict)
    count: int = 0


_MEMORY = _Memory()


def cell_places(bound: BoundTable, position: Mapping[CellKey, int], catalogue: Catalogue) -> tuple[CellPlace, ...]:
    """Return where the cells of a bound table stand, in the order of the form."""
    specs = cell_specs(bound.table.fact_table, catalogue)
    return tuple(
        CellPlace(
            key, position[key], specs[key].unit, bound.units.get(key) or specs[key].printed_unit, specs[key].signed
        )
        for key in bound.keys
        if key in position
    )


def read_places(
    planned: PlannedCells, cells: Sequence[Cell], table_no: int | None, catalogue: Catalogue
) -> tuple[list[Fact], list[Problem]]:
    """Return what ``read_facts`` does, of cells whose places are known."""
    printed = [cells[place.at] for place in planned.places]
    if any(confidence is not None for confidence in map(_CONFIDENCE, printed)):
        facts = [_fact(planned, *pair, table_no, catalogue) for pair in zip(planned.places, printed, strict=True)]
    else:
        facts = _remembered(planned, printed, table_no, catalogue)
    doubled = [fact for fact in facts if fact.reason == TWO_NUMBERS] if TWO_NUMBERS in map(_REASON, facts) else []
    return facts, [two_numbers(fact) for fact in doubled]


def _remembered(
    planned: PlannedCells, printed: Sequence[Cell], table_no: int | None, catalogue: Catalogue
) -> list[Fact]:
    if _MEMORY.count > MOST_FACTS:
        _MEMORY.tables.clear()
        _MEMORY.count = 0
    table = planned.number, table_no
    known = _MEMORY.tables.get(table)
    if known is None:
        known = _MEMORY.tables[table] = tuple({} for _ in planned.places)
    facts = [by_text.get(text) for by_text, text in zip(known, map(_TEXT, printed), strict=True)]
    new = [at for at, fact in enumerate(facts) if fact is None]
    _MEMORY.count += len(new)
    for at in new:
        cell = printed[at]
        facts[at] = known[at][cell.text] = _fact(planned, planned.places[at], cell, table_no, catalogue)
    return facts  # type: ignore[return-value] # none is left out


def _fact(planned: PlannedCells, place: CellPlace, cell: Cell, table_no: int | None, catalogue: Catalogue) -> Fact:
    (row_code, column_code), _, unit, printed_unit, signed = place
    reading = cell_readings(unit, printed_unit, signed, catalogue)[cell.text]
    return Fact(
        planned.fact_table,
        row_code,
        column_code,
        reading.value,
        reading.status,
        unit,
        planned.form,
        cell.text,
        table_no,
        cell.row,
        cell.col,
        reading.reason,
        reading.note,
        cell.confidence,
    )
