"""Repairs of one step found by arithmetic are those that the programme finds."""

import random
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.localization import load_localization
from pipeline.edits.operands import rule_instances
from pipeline.edits.repair import Repair
from pipeline.edits.repair_problem import Constraint, Equation, PrintedCell, RepairCell, RepairProblem
from pipeline.edits.single_steps import single_step_repairs
from pipeline.edits.slips import Slip, find_slips
from pipeline.edits.smallest_repair import repairs_by_programme

DECLARED = load_localization()
INSTANCE = rule_instances(load_catalogue())[0]
KINDS: tuple[tuple[int | None, int | None], ...] = ((0, 0), (0, 0), (0, 0), (None, 0), (0, None))


def drawn(rng: random.Random) -> tuple[RepairProblem, list[Slip]]:
    """Return a chain of sums and bounds over a few cells in which one number was changed, with its slips."""
    sides = []
    cells = 3 * rng.randint(1, 3)
    for _ in range(rng.randint(1, 4)):
        places = rng.sample(range(cells), rng.randint(2, min(cells, 4)))
        sides.append((places[:1], places[1:], rng.choice(KINDS)))
    numbers = [rng.choice((0, 1, 3, 12, 40)) for _ in range(cells)]
    for left, right, _ in sides:
        numbers[left[0]] = sum(numbers[place] for place in right)
    wrong = rng.randrange(cells)
    numbers[wrong] = rng.choice((0, numbers[wrong] + 1, numbers[wrong] * 10, rng.randint(0, 99)))
    must_change = rng.random() < 0.2
    made = []
    for place, number in enumerate(numbers):
        printed = PrintedCell(("t", f"r{place}", "c"), Decimal(number), "reported")
        bad = must_change and place == wrong
        made.append(RepairCell(printed, 0 if bad else number, 0, rng.choice((1.0, 1.0, 0.6, 1.4)), bad))
    base = [cell.base for cell in made]
    constraints = [Constraint(dict.fromkeys(left, 1) | dict.fromkeys(right, -1), *kind) for left, right, kind in sides]
    equations = [
        Equation(INSTANCE, tuple(left), tuple(right), bool(constraint.excess(base)))
        for (left, right, _), constraint in zip(sides, constraints, strict=True)
    ]
    problem = RepairProblem(tuple(made), tuple(equations), tuple(constraints), 1)
    return problem, find_slips(problem, [(place, place + 1) for place in range(cells - 1)])


def told(repairs: list[Repair]) -> list[tuple[object, ...]]:
    return [(repair.numbers, round(repair.weight, 6), repair.is_determined) for repair in repairs]


def test_what_arithmetic_finds_is_what_the_programme_finds() -> None:
    rng, compared, undetermined = random.Random(4), 0, 0
    while compared < 150:
        problem, slips = drawn(rng)
        if not any(equation.is_broken for equation in problem.equations):
            continue
        quick = single_step_repairs(problem, slips, DECLARED)
        if quick is None or len(quick[0]) == DECLARED.most_solutions:
            continue
        slow = repairs_by_programme(problem, slips, DECLARED)
        assert (told(quick[0]), quick[1]) == (told(slow[0]), slow[1]), problem
        compared += 1
        undetermined += not all(repair.is_determined for repair in quick[0])
    assert undetermined  # Bounds that leave a choice were among them.


def test_a_number_that_must_go_and_may_be_zero_needs_one_step() -> None:
    minus = RepairCell(PrintedCell(("t", "a", "c"), Decimal(-3), "reported"), 0, 0, 1.0, must_change=True)
    others = [RepairCell(PrintedCell(("t", row, "c"), Decimal(2), "reported"), 2, 0, 1.0, False) for row in "bc"]
    sums = Constraint({1: 1, 2: -1, 0: -1}, 0, 0)
    problem = RepairProblem((minus, *others), (Equation(INSTANCE, (1,), (2, 0), False),), (sums,), 1)
    found = single_step_repairs(problem, [], DECLARED)
    assert found is not None
    assert told(found[0]) == [(((0, 0),), 1.0, True)] and found[1]


@pytest.mark.parametrize("weights", [(0.5, 0.5, 1.0), (1.0, 1.0, 1.0)])
def test_two_light_steps_are_left_to_the_programme(weights: tuple[float, ...]) -> None:
    numbers = (5, 2, 2)
    cells = tuple(
        RepairCell(PrintedCell(("t", f"r{n}", "c"), Decimal(number), "reported"), number, 0, weight, False)
        for n, (number, weight) in enumerate(zip(numbers, weights, strict=True))
    )
    sums = Constraint({0: 1, 1: -1, 2: -1}, 0, 0)
    problem = RepairProblem(cells, (Equation(INSTANCE, (0,), (1, 2), True),), (sums,), 1)
    quick = single_step_repairs(problem, [], DECLARED)
    assert (quick is None) == (sum(sorted(weights)[:2]) <= min(weights) + DECLARED.equally_small)
    both_wrong = RepairProblem(cells, problem.equations, (sums, Constraint({1: 1}, 9, 9), Constraint({2: 1}, 9, 9)), 1)
    assert single_step_repairs(both_wrong, [], DECLARED) is None
