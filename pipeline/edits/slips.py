"""Typical slips, known by their trace in the digits: one event that explains a wrong number, or two neighbouring ones.

Belongs here: printed number × number that the equations imply → kind of slip; neighbours in print. Does not belong
here: which explanation is the smallest (``pipeline.edits.smallest_repair``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.catalogue.model import TableForm
from pipeline.edits.repair_problem import RepairProblem


@dataclass(frozen=True, slots=True)
class Slip:
    """One event: the numbers (by place in the problem) that were meant, and what kind of slip it was."""

    kind: str
    meant: tuple[tuple[int, int], ...]


def find_slips(problem: RepairProblem, neighbours: list[tuple[int, int]]) -> list[Slip]:
    """Return the slips that would explain something of what is broken, without a number twice for the same cells.

    ``neighbours``: pairs of places that stand side by side in print, the first one before.
    """
    found: dict[tuple[tuple[int, int], ...], Slip] = {}
    for slip in (*_single_slips(problem), *_pair_slips(problem, neighbours)):
        found.setdefault(slip.meant, slip)
    return list(found.values())


def digit_slip(printed: int, meant: int) -> str | None:
    """Return how the digits of ``printed`` may come from those of ``meant`` by one slip, None where they do not."""
    a, b = str(printed), str(meant)
    if printed < 0 or meant < 0 or printed == meant:
        return None
    if len(b) == len(a) + 1 and any(b[:i] + b[i + 1 :] == a for i in range(len(b))):
        return "digit_dropped"
    if len(a) == len(b) + 1 and any(a[:i] + a[i + 1 :] == b and a[i] == a[i + 1] for i in range(len(b))):
        return "digit_doubled"
    if len(a) == len(b) > 1:
        unlike = [i for i in range(len(a)) if a[i] != b[i]]
        if len(unlike) == 1:
            return "digit_mistaken"
        if (
            len(unlike) == 2
            and unlike[1] == unlike[0] + 1
            and a[unlike[0]] == b[unlike[1]]
            and a[unlike[1]] == b[unlike[0]]
        ):
            return "digits_transposed"
    return None


def split_digits(printed: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of numbers that ``printed`` may be run together from: 123 → (1, 23), (12, 3)."""
    digits = str(printed)
    for cut in range(1, len(digits)):
        if digits[cut] != "0" or cut == len(digits) - 1:
            yield int(digits[:cut]), int(digits[cut:])


def print_neighbours(table: TableForm, cells: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Return the pairs of places in ``cells`` (print order) that stand side by side or one below the other in the
    form."""
    place = {cell: number for number, cell in enumerate(cells)}
    row_codes, column_codes = ([a.code for a in axes if not a.is_group] for axes in (table.rows, table.columns))
    rows = [code for code in row_codes if any(row == code for row, _ in cells)]
    columns = [code for code in column_codes if any(column == code for _, column in cells)]
    across = [((row, one), (row, two)) for row in rows for one, two in pairwise(columns)]
    down = [((one, column), (two, column)) for column in columns for one, two in pairwise(rows)]
    if table.layout == "one_row":
        # The rows stand beside each other: the last cell of one is the neighbour of the first of the next.
        across += [((one, columns[-1]), (two, columns[0])) for one, two in pairwise(rows)]
    return [(place[one], place[two]) for one, two in (*across, *down) if one in place and two in place]


def _single_slips(problem: RepairProblem) -> Iterator[Slip]:
    """Yield slips of one cell: the number that one broken equation implies for it, where the trace fits."""
    numbers = [cell.base for cell in problem.cells]
    for equation in problem.equations:
        rule = equation.instance.rule
        if rule.kind != "linear" or rule.relation != "=":
            continue
        difference = sum(numbers[p] for p in equation.left) - sum(numbers[p] for p in equation.right)
        is_total = len(equation.left) == 1
        for place in equation.places if difference else ():
            meant = numbers[place] + (-difference if place in equation.left else difference)
            kind = _single_kind(problem, place, meant, is_total and place == equation.left[0])
            if kind is not None and meant >= problem.cells[place].floor:
                yield Slip(kind, ((place, meant),))


def _single_kind(problem: RepairProblem, place: int, meant: int, is_total: bool) -> str | None:
    cell, unit = problem.cells[place], problem.unit
    if cell.must_change:
        return "sign" if cell.printed.value is not None and -cell.printed.value * unit == meant else None
    if is_total and cell.base == 0 and meant > 0:
        return "total_left_zero"
    if cell.printed.value is None or cell.base % unit or meant % unit:
        return None
    return digit_slip(cell.base // unit, meant // unit)


def _pair_slips(problem: RepairProblem, neighbours: list[tuple[int, int]]) -> Iterator[Slip]:
    """Yield slips of two neighbours that leave less broken than there was."""
    numbers = [cell.base for cell in problem.cells]
    binding: dict[int, list[int]] = {}
    for number, constraint in enumerate(problem.constraints):
        for place in constraint.coefficients:
            binding.setdefault(place, []).append(number)

    def mends(meant: tuple[tuple[int, int], ...]) -> bool:
        touched = {number for place, _ in meant for number in binding.get(place, ())}
        before = sum(abs(problem.constraints[number].excess(numbers)) for number in touched)
        if not before:
            return False
        after_numbers = list(numbers)
        for place, value in meant:
            after_numbers[place] = value
        return sum(abs(problem.constraints[number].excess(after_numbers)) for number in touched) < before

    for one, two in neighbours:
        if problem.cells[one].must_change or problem.cells[two].must_change:
            continue
        candidates = [("neighbours_swapped", numbers[two], numbers[one])] if numbers[one] != numbers[two] else []
        for full, empty in ((one, two), (two, one)):
            if numbers[empty] == 0 and numbers[full] >= 10 * problem.unit and numbers[full] % problem.unit == 0:
                split = split_digits(numbers[full] // problem.unit)
                candidates += [("cells_merged", a * problem.unit, b * problem.unit) for a, b in split]
        for kind, first, second in candidates:
            meant = tuple((place, value) for place, value in ((one, first), (two, second)) if value != numbers[place])
            if meant and mends(meant):
                yield Slip(kind, meant)
