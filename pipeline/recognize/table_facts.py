"""Bound cells to facts: every cell of the form with its value, status, unit and place.

Belongs here: reading the bound cells, units of rows and headers, cells that the document does not have, two copies that differ.
Does not belong here: which cell is which (``table_match``, ``table_headers``), how a number is written (``pipeline.numbers``).
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.document import SPLIT_AT_BLANKS
from pipeline.numbers import CellReading, read_cell
from pipeline.recognize.labels import PrintedLabel
from pipeline.recognize.table_grid import Bound
from pipeline.remembered import Remembered
from pipeline.report import Fact, Problem, Status
from pipeline.values import record

NOT_IN_TABLE = "the table has no such cell"
TWO_READINGS = "printed twice with different values"
TWO_NUMBERS = "more than one number in the cell"

CellKey = tuple[str, str]
"""(row_code, column_code)."""


@record
class BoundTable:
    """A table of a report with its cells told apart.

    ``form`` is None where the document does not say which of several forms it is; ``keys`` are then the cells of all of them.
    ``blocks`` has the block of each bound cell; ``units`` the unit that row or header print for a cell.
    """

    table: TableForm
    form: str | None
    keys: tuple[CellKey, ...]
    cells: Mapping[CellKey, Bound]
    blocks: Mapping[CellKey, int]
    units: Mapping[CellKey, str]


_READERS: dict[tuple[str, str, str | None, bool], Remembered[str, CellReading]] = {}
MOST_READ, LONGEST_READ = 4096, 64
"""Texts of each kind of cell that are remembered, and characters above which none is."""


def cell_readings(
    unit: str, printed_unit: str | None, signed: bool, catalogue: Catalogue
) -> Remembered[str, CellReading]:
    """Return how cells of one kind are read. Remembered: most cells of all reports print the same few texts."""
    key = (catalogue.version, unit, printed_unit, signed)
    if key not in _READERS:

        def read(text: str) -> CellReading:
            return read_cell(
                text,
                unit=unit,
                printed_unit=printed_unit,
                signed=signed,
                money_units=catalogue.money_units,
                counters=catalogue.counters,
                words=catalogue.cell_words,
            )

        _READERS[key] = Remembered(read, MOST_READ, lambda text: len(text) <= LONGEST_READ)
    return _READERS[key]


@record
class _CellSpec:
    unit: str
    printed_unit: str | None
    signed: bool


def read_facts(
    bound: BoundTable, table_numbers: Mapping[int, int], catalogue: Catalogue
) -> tuple[list[Fact], list[Problem]]:
    """Return a fact for every cell of the form, and a problem for every cell that holds two numbers.

    Cells without a place in the document are ``missing``; in forms whose rows vary they give no fact.
    """
    facts: list[Fact] = []
    problems: list[Problem] = []
    printed_rows = {row for row, _ in bound.cells}
    specs = cell_specs(bound.table.fact_table, catalogue)
    for key in bound.keys:
        cell = bound.cells.get(key)
        if bound.table.rows_vary and key[0] not in printed_rows:
            continue
        fact = _fact(bound, key, cell, table_numbers, specs[key], catalogue)
        facts.append(fact)
        if fact.reason == TWO_NUMBERS:
            problems.append(two_numbers(fact))
    return facts, problems


def _fact(
    bound: BoundTable,
    key: CellKey,
    cell: Bound | None,
    table_numbers: Mapping[int, int],
    spec: _CellSpec,
    catalogue: Catalogue,
) -> Fact:
    place = cell.cell if cell else None
    status: Status = "unreadable"
    value: Decimal | None = None
    reason: str | None = None
    note: str | None = None
    if cell is None or (place is None and not cell.reason):
        status, reason = "missing", NOT_IN_TABLE
    elif cell.rebuilt is not None:
        status, value = "reconstructed", Decimal(cell.rebuilt)
    elif cell.reason or place is None:
        reason = cell.reason
    elif place.route and place.route != SPLIT_AT_BLANKS:
        reason = place.route
    else:
        printed_unit = bound.units.get(key) or spec.printed_unit
        reading = cell_readings(spec.unit, printed_unit, spec.signed, catalogue)[place.text]
        value, status, reason, note = reading.value, reading.status, reading.reason, reading.note
    # By position: a report is some two hundred of these.
    return Fact(
        bound.table.fact_table,
        key[0],
        key[1],
        value,
        status,
        spec.unit,
        bound.form,
        cell.printed if cell else None,
        table_numbers.get(bound.blocks[key]) if key in bound.blocks else None,
        place.row if place else None,
        place.col if place else None,
        reason,
        note,
        place.confidence if place else None,
        cell.rules_used if cell else (),
    )


def two_numbers(fact: Fact) -> Problem:
    """Return the problem of a cell that holds two numbers."""
    detail = f"{fact.row_code}/{fact.column_code}: {fact.raw_text}"
    return Problem("two_numbers", detail, fact.table_no, fact.row, fact.col)


_SPECS: dict[tuple[str, str], dict[CellKey, _CellSpec]] = {}


def cell_specs(fact_table: str, catalogue: Catalogue) -> dict[CellKey, _CellSpec]:
    """Return what the forms say of every cell of a table: its unit, the unit that is printed for it, whether it has a sign."""
    at = (catalogue.version, fact_table)
    if at not in _SPECS:
        _SPECS[at] = {
            key: _CellSpec(
                table.cell_unit(*key),
                table.cell_printed_unit(*key),
                table.column(key[1]).signed or table.row(key[0]).signed,
            )
            for table in reversed(catalogue.table_forms(fact_table))
            for key in table.cells
        }
    return _SPECS[at]


def money_unit(labels: Iterable[PrintedLabel], money_units: Mapping[str, int]) -> str | None:
    """Return the unit that remarks of a header or row name (（单位：万元）); of two different ones neither counts."""
    named = set()
    for label in labels:
        for remark in label.remarks:
            text = remark.replace("单位", "").strip(" :：")
            if text in money_units:
                named.add(text)
    return named.pop() if len(named) == 1 else None


_ALL_CELLS: dict[tuple[str, ...], tuple[CellKey, ...]] = {}


def all_cells(tables: Sequence[TableForm], catalogue: Catalogue) -> tuple[CellKey, ...]:
    """Return the cells of several forms of one table, each once, in the order of print."""
    if len(tables) == 1:
        return tables[0].cells
    at = (catalogue.version, tables[0].fact_table, *(table.form for table in tables))
    if at not in _ALL_CELLS:
        merged: list[CellKey] = []
        for table in tables:
            place = 0
            for key in table.cells:
                if key in merged:
                    place = merged.index(key) + 1
                else:
                    merged.insert(place, key)
                    place += 1
        _ALL_CELLS[at] = tuple(merged)
    return _ALL_CELLS[at]


def reconcile(facts: list[Fact], others: list[Fact]) -> tuple[list[Fact], list[str]]:
    """Return the facts of a table that stands twice: those that both copies give alike, the others unreadable.

    Second, the cells in which the copies differ, as ``row_code/column_code``.
    """
    second = {(fact.row_code, fact.column_code): fact for fact in others}
    settled, differing = [], []
    for fact in facts:
        other = second.get((fact.row_code, fact.column_code))
        if other is not None and _differ(fact, other):
            differing.append(f"{fact.row_code}/{fact.column_code}")
            fact = fact._replace(value=None, status="unreadable", reason=TWO_READINGS)
        settled.append(fact)
    return settled, differing


def _differ(one: Fact, other: Fact) -> bool:
    if "missing" in (one.status, other.status):
        return False
    return (one.value, one.status) != (other.value, other.status)
