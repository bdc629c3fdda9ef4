"""Typical slips, known by their trace in the digits: one event that explains a wrong number, or two neighbouring ones.

Belongs here: printed number × number that the equations imply → kind of slip; neighbours in print. Does not belong
here: which explanation is the smallest (``pipeline.edits.smallest_repair``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pipeline.catalogue.model import TableForm
from pipeline.edits.operands import RuleInstance
from pipeline.edits.repair_problem import CellKey, PrintedCell, RepairProblem


@dataclass(frozen=True, slots=True)
class Slip:
    """One event: the numbers (by place in the problem) that were meant, and what kind of slip it was."""

    kind: str
    meant: tuple[tuple[int, int], ...]


def find_slips(
    problem: RepairProblem, neighbours: list[tuple[int, int]], empty_totals: Collection[CellKey] = ()
) -> list[Slip]:
    """Return the slips that would explain something of what is broken, without a number twice for the same cells.

    ``neighbours``: pairs of places that stand side by side in print, the first one before. ``empty_totals``: see the
    function of that name.
    """
    found: dict[tuple[tuple[int, int], ...], Slip] = {}
    lines = _line_slips(problem, empty_totals)
    for slip in (*lines, *_single_slips(problem), *_pair_slips(problem, neighbours)):
        found.setdefault(slip.meant, slip)
    return list(found.values())


def empty_totals(printed: Mapping[CellKey, PrintedCell], judged: Iterable[tuple[RuleInstance, bool]]) -> set[CellKey]:
    """Return the totals of a report that belong to a whole line of totals at 0, though at least two of them should
    not be.

    A line are the totals of one rule: the row （七）总计, the column 总计. Looked for over the whole report, for the
    totals of a line need not hang together by their equations.
    """
    lines: dict[str, list[tuple[CellKey, bool]]] = {}
    for instance, is_broken in judged:
        rule = instance.rule
        if rule.kind == "linear" and rule.relation == "=" and len(instance.left) == 1:
            lines.setdefault(rule.check_id, []).append(((str(rule.fact_table), *instance.left[0]), is_broken))
    return {
        key
        for line in lines.values()
        if all(not printed[key].value for key, _ in line) and sum(is_broken for _, is_broken in line) >= 2
        for key, is_broken in line
        if is_broken
    }


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
    """Yield the pairs of numbers that ``printed`` may be run together from: 120 → (1, 20), (12, 0)."""
    digits = str(printed)
    for cut in range(1, len(digits)):
        # A number of several digits does not begin with 0.
        if digits[cut] != "0" or cut == len(digits) - 1:
            yield int(digits[:cut]), int(digits[cut:])


def print_neighbours(table: TableForm, cells: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Return the pairs of places in ``cells`` (print order) that stand side by side or one below the other in the
    form."""
    place = {cell: number for number, cell in enumerate(cells)}
    row_codes, column_codes = ([a.code for a in axes if not a.is_group] for axes in (table.rows, table.columns))
    own_rows, own_columns = {row for row, _ in cells}, {column for _, column in cells}
    rows = [code for code in row_codes if code in own_rows]
    columns = [code for code in column_codes if code in own_columns]
    across = [((row, one), (row, two)) for row in rows for one, two in pairwise(columns)]
    down = [((one, column), (two, column)) for column in columns for one, two in pairwise(rows)]
    if table.layout == "one_row":
        # The rows stand beside each other: the last cell of one is the neighbour of the first of the next.
        across += [((one, columns[-1]), (two, columns[0])) for one, two in pairwise(rows)]
    return [(place[one], place[two]) for one, two in (*across, *down) if one in place and two in place]


def _line_slips(problem: RepairProblem, empty: Collection[CellKey]) -> list[Slip]:
    """Return, for each line of totals left at 0, the slip that gives them the sums of their items."""
    meant: dict[str, list[tuple[int, int]]] = {}
    for equation in problem.equations:
        key = problem.cells[equation.left[0]].printed.key
        if len(equation.left) == 1 and key in empty:
            total = sum(problem.cells[place].base for place in equation.right)
            meant.setdefault(equation.instance.rule.check_id, []).append((equation.left[0], total))
    return [Slip("totals_left_zero", tuple(line)) for line in meant.values()]


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
    numbers, unit = [cell.base for cell in problem.cells], problem.unit
    state = _state(problem)
    broken = {
        place for c, by in zip(problem.constraints, state.missed_by, strict=True) if by for place in c.coefficients
    }
    for one, two in neighbours:
        unfit = problem.cells[one].must_change or problem.cells[two].must_change
        if unfit or not broken & {one, two}:
            continue
        if numbers[one] != numbers[two]:
            exchanged = ((one, numbers[two]), (two, numbers[one]))
            if _mended(problem, state, exchanged)[0]:
                yield Slip("neighbours_swapped", exchanged)
        for full, empty in ((one, two), (two, one)):
            if numbers[empty] == 0 and numbers[full] >= 10 * unit and numbers[full] % unit == 0:
                for first, second in split_digits(numbers[full] // unit):
                    pair = ((one, first * unit), (two, second * unit))
                    meant = tuple((place, number) for place, number in pair if number != numbers[place])
                    _, made_exact = _mended(problem, state, meant)
                    if made_exact:
                        # One equation alone comes out right by chance too often to bear witness to digits.
                        is_sure = made_exact > 1 and first and second
                        yield Slip("cells_merged" if is_sure else "cells_perhaps_merged", meant)


@dataclass(frozen=True, slots=True)
class _State:
    """The constraints at the printed numbers: their sums, what is missed, and for each place those that bind it, with factors."""

    sums: list[int]
    missed_by: list[int]
    binding: dict[int, list[tuple[int, int]]]


def _state(problem: RepairProblem) -> _State:
    binding: dict[int, list[tuple[int, int]]] = {}
    sums = []
    for number, constraint in enumerate(problem.constraints):
        sums.append(sum([factor * problem.cells[place].base for place, factor in constraint.coefficients.items()]))
        for place, factor in constraint.coefficients.items():
            binding.setdefault(place, []).append((number, factor))
    missed = [constraint.missed_by(total) for constraint, total in zip(problem.constraints, sums, strict=True)]
    return _State(sums, missed, binding)


def _mended(problem: RepairProblem, state: _State, meant: Iterable[tuple[int, int]]) -> tuple[bool, int]:
    """Return whether less is amiss with the meant numbers, and how many broken equations come out exactly right."""
    moved: dict[int, int] = {}
    for place, number in meant:
        by = number - problem.cells[place].base
        for number_of, factor in state.binding.get(place, ()):
            moved[number_of] = moved.get(number_of, 0) + factor * by
    was = now = made_exact = 0
    for number_of, by in moved.items():
        constraint, before = problem.constraints[number_of], abs(state.missed_by[number_of])
        after = abs(constraint.missed_by(state.sums[number_of] + by))
        was, now = was + before, now + after
        made_exact += constraint.low == constraint.high and before > 0 and after == 0
    return now < was, made_exact if now < was else 0
