"""Numbers that a narrow cell of a printed page breaks over its lines, joined where the equations confirm it.

Belongs here: which cells look so, and what confirms that their lines are one number. Does not belong here: numbers that
stand in one line (``pipeline.numbers``), rows whose cells have run together (``pipeline.recognize.reconstruct``).
What an equation confirmed it does not prove: the cell is ``reconstructed`` and names the rules, which are not assessable for it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from pipeline.catalogue.model import Catalogue
from pipeline.edits.one_report import Key, by_key, instance_keys, linear_instances
from pipeline.edits.operands import CellCode, RuleInstance
from pipeline.numbers import fold_width, parse_number
from pipeline.report import Fact, ReportReading

NOTHING = ("blank", "not_applicable")


def join_wrapped_numbers(reading: ReportReading, catalogue: Catalogue) -> ReportReading:
    """Return the reading of a printed page with every number joined that stands broken over the lines of its cell.

    Taken only where an equation that binds the cell holds with the joined number and none fails; the others stay unreadable.
    """
    joined = {key: value for key, fact in by_key(reading.facts).items() if (value := joined_number(fact)) is not None}
    if not joined:
        return reading
    facts = by_key(reading.facts)
    rules = _confirmed(joined, facts, linear_instances(reading.facts, catalogue))
    for key, used in rules.items():
        facts[key] = facts[key]._replace(
            value=joined[key], status="reconstructed", reason=None, rules_used=tuple(sorted(used))
        )
    places = {(fact.table_no, fact.row, fact.col) for key, fact in facts.items() if key in rules}
    problems = tuple(
        problem
        for problem in reading.problems
        if problem.kind != "two_numbers" or (problem.table_no, problem.row, problem.col) not in places
    )
    return replace(reading, facts=tuple(facts.values()), problems=problems)


def joined_number(fact: Fact) -> Decimal | None:
    """Return the number that the lines of an unreadable cell make together; None where they do not look like one.

    All lines but the last must be equally long, as the width of the cell has made them, and hold nothing but digits.
    """
    if fact.status != "unreadable" or not fact.raw_text or "\n" not in fact.raw_text.strip():
        return None
    # A line that is set to fill its cell has gaps between its digits.
    lines = [line.replace(" ", "") for line in fold_width(fact.raw_text).strip().split("\n")]
    full = len(lines[0])
    if any(len(line) != full for line in lines[:-1]) or len(lines[-1]) > full:
        return None
    text = "".join(lines)
    return parse_number(text) if re.fullmatch(r"\d[\d,]*\d", text) and len(text) < 12 else None


def _confirmed(
    joined: Mapping[Key, Decimal], facts: Mapping[Key, Fact], instances: Iterable[RuleInstance]
) -> dict[Key, set[str]]:
    """Return the joined cells that some equation confirms and none refutes, with the rules that do."""
    touching = [(instance, set(instance_keys(instance)) & set(joined)) for instance in instances]
    touching = [(instance, cells) for instance, cells in touching if cells]
    taken = dict(joined)
    while True:
        verdicts = [(instance, cells, _holds(instance, facts, taken)) for instance, cells in touching]
        refuted = {key for _, cells, holds in verdicts if holds is False for key in cells} & set(taken)
        if not refuted:
            break
        # Their neighbours must do without them, and so may lose what confirmed them.
        taken = {key: value for key, value in taken.items() if key not in refuted}
    confirmed: dict[Key, set[str]] = {}
    for instance, cells, holds in verdicts:
        if holds:
            for key in cells:
                confirmed.setdefault(key, set()).add(instance.rule.check_id)
    return confirmed


def _holds(instance: RuleInstance, facts: Mapping[Key, Fact], taken: Mapping[Key, Decimal]) -> bool | None:
    """Tell whether an equation holds with the joined numbers; None where it cannot be told.

    A blank or a dash counts as nothing for this test alone: where the equation then fails, nothing is refuted.
    """
    left = _sum(instance, instance.left, facts, taken)
    right = _sum(instance, instance.right, facts, taken)
    if left is None or right is None:
        return None
    if left[0] == right[0]:
        return True
    return None if left[1] or right[1] else False


def _sum(
    instance: RuleInstance, side: tuple[CellCode, ...], facts: Mapping[Key, Fact], taken: Mapping[Key, Decimal]
) -> tuple[Decimal, bool] | None:
    """Return the sum of a side, and whether a cell of it prints nothing; None where a cell cannot be read."""
    total, prints_nothing = Decimal(0), False
    for row, column in side:
        key = (instance.table.fact_table, row, column)
        fact = facts.get(key)
        if key in taken:
            total += taken[key]
        elif fact is None and instance.table.rows_vary:
            continue
        elif fact is not None and fact.value is not None:
            total += fact.value
        elif fact is not None and fact.status in NOTHING:
            prints_nothing = True
        else:
            return None
    return total, prints_nothing
