"""Repairs of one step, found by arithmetic: most failing reports have one wrong number, and no programme need be solved for them.

Belongs here: which single steps make everything hold, and when no repair of more steps can be as small. Does not belong here:
repairs of several steps (``pipeline.edits.smallest_repair``).
"""

from collections.abc import Sequence

from pipeline.catalogue.localization import Localization
from pipeline.edits.repair import Repair
from pipeline.edits.repair_problem import RepairProblem
from pipeline.edits.slips import Slip


def single_step_repairs(
    problem: RepairProblem, slips: Sequence[Slip], declared: Localization
) -> tuple[list[Repair], bool] | None:
    """Return the smallest repairs, lightest first, and whether these are all; None where more than one step must be thought of.

    That is where no single step makes every rule hold, or where the two lightest steps together would weigh as little.
    """
    found: dict[tuple[tuple[int, int], ...], Repair] = {}
    for repair in sorted([*_slipped(problem, slips, declared), *_changed(problem)], key=lambda one: one.weight):
        # The same numbers by another explanation are the same repair; the lighter explanation comes first.
        found.setdefault(repair.numbers, repair)
    if not found:
        return None
    most = next(iter(found.values())).weight + declared.equally_small + ROUNDING
    weights = [cell.weight for cell in problem.cells] + [declared.slips[slip.kind] for slip in slips]
    if sum(sorted(weights)[:2]) <= most:
        return None
    repairs = sorted((r for r in found.values() if r.weight <= most), key=lambda r: (round(r.weight, 6), r.numbers))
    return repairs[: declared.most_solutions], len(repairs) <= declared.most_solutions


ROUNDING = 1e-6


def _slipped(problem: RepairProblem, slips: Sequence[Slip], declared: Localization) -> list[Repair]:
    must_change = {place for place, cell in enumerate(problem.cells) if cell.must_change}
    bases = [cell.base for cell in problem.cells]
    repairs = []
    for slip in slips:
        if not must_change <= {place for place, _ in slip.meant}:
            continue
        numbers = list(bases)
        for place, meant in slip.meant:
            numbers[place] = meant
        if not any(constraint.excess(numbers) for constraint in problem.constraints):
            changed = [p for p, cell in enumerate(problem.cells) if numbers[p] != cell.base or cell.must_change]
            repairs.append(Repair(tuple((p, numbers[p]) for p in changed), (slip,), declared.slips[slip.kind], True))
    return repairs


def _changed(problem: RepairProblem) -> list[Repair]:
    """Return the free changes of one cell each: the nearest number to the printed one with which every rule holds."""
    bases = [cell.base for cell in problem.cells]
    broken = [constraint.coefficients.keys() for constraint in problem.constraints if constraint.excess(bases)]
    must_change = [{place} for place, cell in enumerate(problem.cells) if cell.must_change]
    places = set(range(len(bases))).intersection(*broken, *must_change)
    repairs = []
    for place in sorted(places):
        cell, number, is_determined = problem.cells[place], *_nearest(problem, bases, place)
        if number is not None and (number != cell.base or cell.must_change):
            repairs.append(Repair(((place, number),), (), cell.weight, is_determined))
    return repairs


def _nearest(problem: RepairProblem, bases: Sequence[int], place: int) -> tuple[int | None, bool]:
    """Return the number of a cell nearest to its base with which the rules hold, and whether they leave no other."""
    low, high, is_determined = problem.cells[place].floor, None, False
    for constraint in problem.constraints:
        factor = constraint.coefficients.get(place, 0)
        if not factor:
            continue
        rest = sum(f * bases[p] for p, f in constraint.coefficients.items() if p != place)
        is_determined |= constraint.low is not None and constraint.low == constraint.high
        for bound, is_low in ((constraint.low, factor > 0), (constraint.high, factor < 0)):
            if bound is None:
                continue
            if is_low:  # factor × number + rest on the far side of the bound, rounded towards what holds.
                low = max(low, -((rest - bound) // factor))
            else:
                most = (bound - rest) // factor
                high = most if high is None else min(high, most)
    if high is not None and low > high:
        return None, is_determined
    nearest = max(low, bases[place])
    return (nearest if high is None else min(nearest, high)), is_determined
