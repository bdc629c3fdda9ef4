"""The smallest repairs of a group of equations: error localization after Fellegi and Holt (1976).

Belongs here: constraints, weights and slips → sets of cells with the numbers that make everything hold. Does not
belong here: where the numbers come from (``pipeline.edits.repair_problem``), words
(``pipeline.edits.repair_reasons``), repairs of one step, which need no programme (``pipeline.edits.single_steps``). A
mixed-integer programme solved by HiGHS; every answer is checked again in whole numbers before it is believed.
"""

from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np

from pipeline.catalogue.localization import Localization
from pipeline.edits.repair import Repair
from pipeline.edits.repair_problem import RepairProblem
from pipeline.edits.single_steps import single_step_repairs
from pipeline.edits.slips import Slip

UNBOUNDED = float("inf")
ROUNDING = 1e-6
Row = tuple[dict[int, float], float, float]
"""A row of a programme: coefficient by column, lower and upper bound."""


def smallest_repairs(
    problem: RepairProblem, slips: Sequence[Slip], declared: Localization
) -> tuple[list[Repair], bool]:
    """Return the smallest repairs, lightest first, and whether these are all that are equally small.

    Two repairs are equally small when their weights differ by no more than ``declared.equally_small``. None is
    returned when more equations are broken than ``declared.most_broken``, when none was found within the declared work, or
    when the numbers are too large to be solved exactly: then nothing is suggested. The work is counted in nodes of the search
    and steps of the simplex method, not in seconds: a busy machine must not suggest something else.
    """
    broken = sum(equation.is_broken for equation in problem.equations)
    if broken > declared.most_broken:
        return [], False
    by_one_step = single_step_repairs(problem, slips, declared)
    return repairs_by_programme(problem, slips, declared) if by_one_step is None else by_one_step


def repairs_by_programme(
    problem: RepairProblem, slips: Sequence[Slip], declared: Localization
) -> tuple[list[Repair], bool]:
    """Return the same for repairs of any number of steps, found by the solver."""
    repairs, is_all, is_exact = _enumerate(problem, slips, declared, are_moves_whole=False)
    if not is_exact:
        # Solving for whole numbers is up to a hundred times slower and hardly ever needed.
        repairs, is_all, _ = _enumerate(problem, slips, declared, are_moves_whole=True)
    return repairs, is_all


def _enumerate(
    problem: RepairProblem, slips: Sequence[Slip], declared: Localization, are_moves_whole: bool
) -> tuple[list[Repair], bool, bool]:
    """Return the repairs, whether they are all, and whether every solution came out exact."""
    count = len(problem.cells)
    weights = [cell.weight for cell in problem.cells] + [declared.slips[slip.kind] for slip in slips]
    solver = _solver(_localization_model(problem, slips, weights, are_moves_whole), declared)
    found: dict[tuple[tuple[int, int], ...], Repair] = {}
    # Not every solution is another repair: the same numbers can have many explanations.
    for _ in range(declared.most_solves):
        values = _solve(solver)
        if values is None:
            return _ordered(found), solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible, True
        steps = [number for number in range(count + len(slips)) if values[count + number] > 0.5]
        weight = sum(weights[number] for number in steps)
        repair = _repair(problem, slips, values, steps, weight, declared)
        if repair is None:
            return _ordered(found), False, False
        if not found:
            _bound_weight(solver, count, weights, weight + declared.equally_small)
        # The same numbers by another explanation are the same repair; the lighter explanation came first.
        found.setdefault(repair.numbers, repair)
        if len(found) == declared.most_solutions:
            break
        _forbid(solver, [count + number for number in steps])
    return _ordered(found), False, True


def _ordered(found: dict[tuple[tuple[int, int], ...], Repair]) -> list[Repair]:
    return sorted(found.values(), key=lambda repair: (round(repair.weight, 6), repair.numbers))


def _localization_model(
    problem: RepairProblem, slips: Sequence[Slip], weights: Sequence[float], are_moves_whole: bool
) -> highspy.HighsLp:
    """Return the programme: for each cell how far a free change moves it and whether it does, for each slip whether
    it happened."""
    count, reach = len(problem.cells), _reach(problem)
    lowest = [float(max(cell.floor - cell.base, -reach)) for cell in problem.cells]
    steps = count + len(slips)
    return _model(
        costs=[0.0] * count + list(weights),
        lower=lowest + [0.0] * steps,
        upper=[float(reach)] * count + [1.0] * steps,
        rows=[
            *_rows_of_rules(problem, slips),
            *_rows_of_changes(problem, slips, lowest, float(reach)),
            *_rows_of_covering(problem, slips),
        ],
        whole=[are_moves_whole] * count + [True] * steps,
    )


def _rows_of_rules(problem: RepairProblem, slips: Sequence[Slip]) -> list[Row]:
    count, bases = len(problem.cells), [cell.base for cell in problem.cells]
    rows: list[Row] = []
    for constraint in problem.constraints:
        factors = constraint.coefficients
        at_base = sum(factor * bases[place] for place, factor in factors.items())
        terms = {place: float(factor) for place, factor in factors.items()}
        for number, slip in enumerate(slips):
            moved = sum(factors.get(place, 0) * (meant - bases[place]) for place, meant in slip.meant)
            if moved:
                terms[2 * count + number] = float(moved)
        low = -UNBOUNDED if constraint.low is None else float(constraint.low - at_base)
        high = UNBOUNDED if constraint.high is None else float(constraint.high - at_base)
        rows.append((terms, low, high))
    return rows


def _rows_of_changes(problem: RepairProblem, slips: Sequence[Slip], lowest: Sequence[float], reach: float) -> list[Row]:
    """Return what ties the columns of a cell: it moves only if it is changed, and by one step only."""
    count = len(problem.cells)
    rows: list[Row] = []
    for place, cell in enumerate(problem.cells):
        changed = count + place
        rows.append(({place: 1.0, changed: -lowest[place]}, 0.0, UNBOUNDED))
        rows.append(({place: 1.0, changed: -reach}, -UNBOUNDED, 0.0))
        steps = {changed: 1.0}
        steps |= {2 * count + number: 1.0 for number, slip in enumerate(slips) if place in dict(slip.meant)}
        if cell.must_change or len(steps) > 1:
            rows.append((steps, 1.0 if cell.must_change else 0.0, 1.0))
    return rows


def _rows_of_covering(problem: RepairProblem, slips: Sequence[Slip]) -> list[Row]:
    """Return what follows for the steps alone, which makes the programme some hundred times faster.

    A broken rule needs a step in one of its cells (Fellegi and Holt's covering of failed edits); in an equation that
    holds, no cell changes alone.
    """
    count, numbers = len(problem.cells), [cell.base for cell in problem.cells]
    rows: list[Row] = []
    for constraint in problem.constraints:
        factors = constraint.coefficients
        moved = [sum(factors.get(place, 0) * (meant - numbers[place]) for place, meant in slip.meant) for slip in slips]
        steps = {count + place: 1.0 for place in factors}
        steps |= {2 * count + number: 1.0 for number, by in enumerate(moved) if by}
        if constraint.excess(numbers):
            rows.append((steps, 1.0, UNBOUNDED))
        elif constraint.low == constraint.high:
            rows += [({**steps, step: -1.0}, 0.0, UNBOUNDED) for step in steps]
    return rows


def _reach(problem: RepairProblem) -> int:
    """Return how far a number may move: twice all that is amiss, for a repair only carries differences from rule to
    rule."""
    numbers = [cell.base for cell in problem.cells]
    return max(1, 2 * sum(abs(constraint.excess(numbers)) for constraint in problem.constraints))


def _repair(
    problem: RepairProblem,
    slips: Sequence[Slip],
    values: Sequence[float],
    steps: Sequence[int],
    weight: float,
    declared: Localization,
) -> Repair | None:
    """Return the repair that a solution stands for; None where its whole numbers do not satisfy every rule after
    all."""
    count = len(problem.cells)
    numbers = [cell.base + round(values[place]) for place, cell in enumerate(problem.cells)]
    used = tuple(slips[number - count] for number in steps if number >= count)
    for slip in used:
        for place, meant in slip.meant:
            numbers[place] = meant
    changed = [place for place, cell in enumerate(problem.cells) if numbers[place] != cell.base or cell.must_change]
    free = [number for number in steps if number < count]
    is_determined = _is_determined(problem, free)
    if not is_determined:
        nearest = _nearest(problem, numbers, free, declared)
        if nearest is None:
            return None
        numbers = nearest
    if any(constraint.excess(numbers) for constraint in problem.constraints):
        return None
    return Repair(tuple((place, numbers[place]) for place in changed), used, weight, is_determined)


def _is_determined(problem: RepairProblem, free: Sequence[int]) -> bool:
    """Return whether the equations fix the numbers of freely changed cells: their columns are linearly independent."""
    equations = [c.coefficients for c in problem.constraints if c.low is not None and c.low == c.high]
    matrix = np.array([[factors.get(place, 0) for place in free] for factors in equations], dtype=float)
    return not free or (matrix.size > 0 and int(np.linalg.matrix_rank(matrix)) == len(free))


def _nearest(
    problem: RepairProblem, numbers: Sequence[int], free: Sequence[int], declared: Localization
) -> list[int] | None:
    """Return the numbers with the free cells as near to what is printed as the rules allow."""
    column = {place: number for number, place in enumerate(free)}
    rows: list[Row] = []
    for constraint in problem.constraints:
        terms = {column[place]: float(factor) for place, factor in constraint.coefficients.items() if place in column}
        fixed = sum(f * numbers[place] for place, f in constraint.coefficients.items() if place not in column)
        low = -UNBOUNDED if constraint.low is None else float(constraint.low - fixed)
        high = UNBOUNDED if constraint.high is None else float(constraint.high - fixed)
        if terms:
            rows.append((terms, low, high))
    bases = [float(problem.cells[place].base) for place in free]
    count, reach = len(free), float(_reach(problem))
    for number, base in enumerate(bases):
        rows.append(({number: 1.0, count + number: -1.0}, -UNBOUNDED, base))
        rows.append(({number: 1.0, count + number: 1.0}, base, UNBOUNDED))
    lower = [max(float(problem.cells[place].floor), base - reach) for place, base in zip(free, bases, strict=True)]
    upper = [base + reach for base in bases]
    costs, whole = [0.0] * count + [1.0] * count, [True] * (2 * count)
    model = _model(costs, lower + [0.0] * count, upper + [2 * reach] * count, rows, whole)
    values = _solve(_solver(model, declared))
    if values is None:
        return None
    nearest = list(numbers)
    for place, number in column.items():
        nearest[place] = round(values[number])
    return nearest


def _model(
    costs: list[float], lower: list[float], upper: list[float], rows: Sequence[Row], whole: list[bool]
) -> highspy.HighsLp:
    """Return a programme to be minimized; ``whole`` says which columns are whole numbers."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(rows)
    model.col_cost_, model.col_lower_, model.col_upper_ = (np.array(column) for column in (costs, lower, upper))
    model.row_lower_ = np.array([low for _, low, _ in rows])
    model.row_upper_ = np.array([high for _, _, high in rows])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in rows)])
    model.a_matrix_.index_ = np.array([column for terms, _, _ in rows for column in terms])
    model.a_matrix_.value_ = np.array([value for terms, _, _ in rows for value in terms.values()])
    kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
    model.integrality_ = [kinds[is_whole] for is_whole in whole]
    return model


def _solver(model: highspy.HighsLp, declared: Localization) -> Any:
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_max_nodes": declared.most_nodes,
        "simplex_iteration_limit": declared.most_iterations,
        # A change of 1 beside changes of up to a thousand million must not pass for rounding.
        "mip_feasibility_tolerance": 1e-10,
        "primal_feasibility_tolerance": 1e-10,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": ROUNDING,
    }
    for option, value in options.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    return solver


def _solve(solver: Any) -> Sequence[float] | None:
    """Return the column values of an optimum, None where there is none or none was found in time."""
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values: Sequence[float] = solver.getSolution().col_value
    return values


def _bound_weight(solver: Any, first: int, weights: Sequence[float], most: float) -> None:
    """Ask only for repairs that are as small: to know that there is none is quick, to find the next best is not."""
    indices = np.arange(first, first + len(weights), dtype=np.int32)
    solver.addRow(-UNBOUNDED, most + ROUNDING, len(weights), indices, np.array(weights))


def _forbid(solver: Any, columns: Sequence[int]) -> None:
    """Forbid this set of steps, and with it every larger one."""
    indices = np.array(columns, dtype=np.int32)
    solver.addRow(-UNBOUNDED, len(columns) - 1.0, len(columns), indices, np.ones(len(columns)))
