"""The linear rules over one report's facts, as plain values: for readers that must know at once if it adds up.

Belongs here: which instances hold, fail or cannot be judged for one report. Judging many reports at once, with
results and messages, is in ``evaluate``; a test holds the two together.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from pipeline.catalogue.model import Catalogue
from pipeline.edits.operands import RuleInstance, table_instances
from pipeline.report import Fact

Key = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""
MOST_INSTANCES = 10_000


def linear_instances(facts: Iterable[Fact], catalogue: Catalogue) -> tuple[RuleInstance, ...]:
    """Return the instances of the error-severity linear rules that the tables of a report are under."""
    found = frozenset((fact.fact_table, fact.form) for fact in facts if fact.form is not None)
    key = (catalogue.version, found)
    if key not in _INSTANCES:
        _INSTANCES[key] = _linear_instances(found, catalogue)
    return _INSTANCES[key]


_INSTANCES: dict[tuple[str, frozenset[tuple[str, str]]], tuple[RuleInstance, ...]] = {}


def _linear_instances(found: frozenset[tuple[str, str]], catalogue: Catalogue) -> tuple[RuleInstance, ...]:
    instances: list[RuleInstance] = []
    for rule in catalogue.rules.values():
        if rule.kind != "linear" or rule.severity != "error" or rule.relation != "=":
            continue
        for fact_table, form in sorted(found):
            if rule.fact_table == fact_table and form in rule.forms:
                instances += table_instances(rule, catalogue.forms[form].tables[fact_table])
    return tuple(instances)


def instance_keys(instance: RuleInstance) -> tuple[Key, ...]:
    """Return the cells that an instance binds, with their table."""
    return tuple((instance.table.fact_table, row, column) for row, column in instance.cells)


_Sides = tuple[tuple[tuple[Key, ...], int], ...]
_SIDES: dict[int, tuple[RuleInstance, _Sides]] = {}


def _sides(instance: RuleInstance) -> _Sides:
    """Return the cells of both sides with their table, and how many of them a table must have. Remembered by identity."""
    known = _SIDES.get(id(instance))
    if known is None or known[0] is not instance:
        if len(_SIDES) > MOST_INSTANCES:
            _SIDES.clear()
        name = instance.table.fact_table
        sides = ((instance.left, instance.needs_left), (instance.right, instance.needs_right))
        known = instance, tuple((tuple((name, *cell) for cell in side), needed) for side, needed in sides)
        _SIDES[id(instance)] = known
    return known[1]


def holds(instance: RuleInstance, facts: Mapping[Key, Fact]) -> bool | None:
    """Tell whether an instance holds for a report; None where it cannot be judged.

    Blank counts as 0 for the test alone: what fails with a blank cannot be judged (domain rules, 勾稽关系).
    """
    sums: list[Decimal] = []
    any_value = has_blank = False
    for side, needed in _sides(instance):
        total = Decimal(0)
        present = [fact for key in side if (fact := facts.get(key)) is not None]
        # A form whose rows vary may print a total without any of its parts: nothing to judge.
        if len(present) < needed or (len(present) < len(side) and not instance.table.rows_vary):
            return None
        for fact in present:
            if fact.value is not None:
                total += fact.value
                any_value = True
            elif fact.status == "blank":
                has_blank = True
            else:
                return None
        sums.append(total)
    if not any_value:
        return None
    if sums[0] == sums[1]:
        return True
    return None if has_blank else False


def by_key(facts: Iterable[Fact]) -> dict[Key, Fact]:
    """Return facts by their cell."""
    return {(fact.fact_table, fact.row_code, fact.column_code): fact for fact in facts}
