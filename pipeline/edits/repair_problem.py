"""What there is to repair in one report: groups of equations that share cells, with the numbers as printed.

Belongs here: rule instances × printed values → constraints over whole numbers. Does not belong here: solving them
(``pipeline.edits.smallest_repair``), traces of slips (``pipeline.edits.slips``), words
(``pipeline.edits.repair_reasons``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.catalogue.localization import Localization
from pipeline.catalogue.model import TableForm
from pipeline.edits.operands import CellCode, RuleInstance

CellKey = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell as printed: its value (None where it is blank) and how sure the reading is."""

    key: CellKey
    value: Decimal | None
    status: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class RepairCell:
    """A cell that a repair may change.

    ``base`` is its number in the problem's unit: the printed one, 0 where it is blank or cannot stand
    (``must_change``). ``floor`` is the lowest number that it may become. ``weight`` is what changing it costs.
    """

    printed: PrintedCell
    base: int
    floor: int
    weight: float
    must_change: bool


@dataclass(frozen=True, slots=True)
class Equation:
    """A rule instance over the places of its cells in the problem; only cells that the document has."""

    instance: RuleInstance
    left: tuple[int, ...]
    right: tuple[int, ...]
    is_broken: bool

    @property
    def places(self) -> tuple[int, ...]:
        """Return the places of the cells that it binds, left side first."""
        return (*self.left, *self.right)


@dataclass(frozen=True, slots=True)
class Constraint:
    """``low <= Σ coefficient × number <= high`` over places of cells; None where there is no bound."""

    coefficients: Mapping[int, int]
    low: int | None
    high: int | None

    def excess(self, numbers: Sequence[int]) -> int:
        """Return by how much the numbers miss the bounds: 0 where they hold."""
        return self.missed_by(sum([factor * numbers[place] for place, factor in self.coefficients.items()]))

    def missed_by(self, total: int) -> int:
        """Return by how much a weighted sum of the numbers misses the bounds."""
        if self.low is not None and total < self.low:
            return total - self.low
        if self.high is not None and total > self.high:
            return total - self.high
        return 0


@dataclass(frozen=True, slots=True)
class RepairProblem:
    """A group of equations that hang together by their cells, at least one of them broken. ``unit``: 1 stands for
    1/unit."""

    cells: tuple[RepairCell, ...]
    equations: tuple[Equation, ...]
    constraints: tuple[Constraint, ...]
    unit: int


def repair_problems(
    printed: Mapping[CellKey, PrintedCell],
    judged: Sequence[tuple[RuleInstance, bool]],
    unfit: Iterable[CellKey],
    declared: Localization,
) -> list[RepairProblem]:
    """Return the groups of a report in which something is wrong, in print order.

    ``judged``: the instances that were assessed, with whether they are broken. ``unfit``: cells whose number cannot
    stand by itself (negative, a fraction). Cells that no assessed equation binds are in no group: nothing tells what
    they should be.
    """
    wrong = set(unfit)
    bound = [(instance, _present(instance, printed), broken) for instance, broken in judged]
    problems = []
    for group in _connected(bound):
        keys = _in_print_order({key for _, cells, _ in group for key in cells}, group[0][0].table)
        if any(broken for _, _, broken in group) or wrong & set(keys):
            problems.append(_problem([printed[key] for key in keys], group, wrong, declared))
    return problems


_Bound = tuple[RuleInstance, tuple[CellKey, ...], bool]


def _present(instance: RuleInstance, printed: Mapping[CellKey, PrintedCell]) -> tuple[CellKey, ...]:
    table = str(instance.rule.fact_table)
    return tuple(key for cell in instance.cells if (key := (table, *cell)) in printed)


def _in_print_order(keys: Iterable[CellKey], table: TableForm) -> list[CellKey]:
    order = {cell: number for number, cell in enumerate(table.cells)}
    # A table of unknown form may hold cells of another form than the one that stands for it: they come last.
    return sorted(keys, key=lambda key: (order.get(key[1:], len(order)), key))


def _connected(bound: Sequence[_Bound]) -> list[list[_Bound]]:
    """Split instances into groups that share no cell."""
    groups: list[tuple[set[CellKey], list[_Bound]]] = []
    for entry in bound:
        cells = set(entry[1])
        touching = [group for group in groups if not cells.isdisjoint(group[0])]
        merged = (cells.union(*(group[0] for group in touching)), [e for group in touching for e in group[1]] + [entry])
        groups = [group for group in groups if cells.isdisjoint(group[0])] + [merged]
    return [entries for _, entries in groups]


def _problem(
    printed: Sequence[PrintedCell], group: Sequence[_Bound], wrong: set[CellKey], declared: Localization
) -> RepairProblem:
    counts_only = all(cell.value is None or cell.value == int(cell.value) for cell in printed if cell.key not in wrong)
    unit = 1 if counts_only else 10_000
    place = {cell.key: number for number, cell in enumerate(printed)}
    cells = tuple(_repair_cell(cell, cell.key in wrong, unit, declared) for cell in printed)
    equations = []
    for instance, _, broken in group:
        left, right = (_places(instance, side, place) for side in (instance.left, instance.right))
        equations.append(Equation(instance, left, right, broken))
    constraints = tuple(constraint for equation in equations for constraint in _constraints(equation))
    return RepairProblem(cells, tuple(equations), constraints, unit)


def _places(instance: RuleInstance, side: Iterable[CellCode], place: Mapping[CellKey, int]) -> tuple[int, ...]:
    table = str(instance.rule.fact_table)
    return tuple(place[key] for cell in side if (key := (table, *cell)) in place)


def _repair_cell(cell: PrintedCell, must_change: bool, unit: int, declared: Localization) -> RepairCell:
    base = 0 if must_change or cell.value is None else int(cell.value * unit)
    weight = declared.cells[cell.status]
    if cell.confidence is not None and cell.status == "reported":
        weight = declared.least_confident + (weight - declared.least_confident) * cell.confidence
    return RepairCell(cell, base, min(0, base), weight, must_change)


def _constraints(equation: Equation) -> list[Constraint]:
    rule, left, right = equation.instance.rule, equation.left, equation.right
    difference = dict.fromkeys(left, 1) | dict.fromkeys(right, -1)
    if rule.kind == "bound":
        below_each_part = [Constraint({left[0]: 1, part: -1}, 0, None) for part in right]
        return [*below_each_part, Constraint(difference, None, 0)]
    if rule.kind == "subset" or rule.relation == "<=":
        return [Constraint(difference, None, 0)]
    return [Constraint(difference, 0, None if rule.relation == ">=" else 0)]
