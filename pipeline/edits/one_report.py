"""The linear rules over one report's facts, as plain values: for readers that must know at once if it adds up.

Belongs here: which instances hold, fail or cannot be judged for one report. Judging many reports at once, with
results and messages, is in ``evaluate``; a test holds the two together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter, itemgetter

from pipeline.catalogue.model import Catalogue
from pipeline.edits.operands import RuleInstance, table_instances
from pipeline.report import Fact

Key = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""
MOST_INSTANCES, MOST_FORMS = 10_000, 256


def linear_instances(facts: Iterable[Fact], catalogue: Catalogue) -> tuple[RuleInstance, ...]:
    """Return the instances of the error-severity linear rules that the tables of a report are under."""
    found = frozenset(table for table in frozenset(map(_TABLE, facts)) if table[1] is not None)
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


_Side = tuple[tuple[Key, ...], int]
_Sides = tuple[_Side, _Side]
_SIDES: dict[int, tuple[RuleInstance, _Sides]] = {}


def _sides(instance: RuleInstance) -> _Sides:
    """Return the cells of both sides with their table, and how many of them a table must have. Remembered by identity."""
    known = _SIDES.get(id(instance))
    if known is None or known[0] is not instance:
        if len(_SIDES) > MOST_INSTANCES:
            _SIDES.clear()
        name = instance.table.fact_table
        left = tuple((name, *cell) for cell in instance.left)
        right = tuple((name, *cell) for cell in instance.right)
        known = instance, ((left, instance.needs_left), (right, instance.needs_right))
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


def any_fails(facts: Sequence[Fact], catalogue: Catalogue) -> bool:
    """Tell whether an instance of the error-severity linear rules fails for a report."""
    # What cannot be judged never fails, and what has no value counts as 0 for the sum alone: equal sums fail nothing.
    if not facts:
        return False
    tables, rows, columns, values, _, _, forms, *_ = zip(*facts, strict=True)
    printed = [*[value or 0 for value in values], 0]
    # Nearly always all are whole; sums of int take a third of the time.
    whole = list(map(int, printed))
    summed = whole if whole == printed else printed
    compared = _compared((tables, rows, columns, forms), facts, catalogue)
    unequal = [instance for instance, left, right in compared if sum(left(summed)) != sum(right(summed))]
    known = by_key(facts) if unequal else {}
    return any(holds(instance, known) is False for instance in unequal)


_KEY, _TABLE = attrgetter("fact_table", "row_code", "column_code"), attrgetter("fact_table", "form")
_Operands = Callable[[Sequence[Decimal | int]], Iterable[Decimal | int]]
_Compared = tuple[tuple[RuleInstance, _Operands, _Operands], ...]
_COMPARED: dict[tuple[str, tuple[object, ...]], _Compared] = {}


def _compared(cells: tuple[object, ...], facts: Sequence[Fact], catalogue: Catalogue) -> _Compared:
    """Return the instances that reports with these cells are under, and what takes the values of both sides out of theirs.

    Remembered by the cells. The values of the cells have a 0 behind them, which stands on every side.
    """
    known = _COMPARED.get((catalogue.version, cells))
    if known is None:
        if len(_COMPARED) >= MOST_FORMS:
            _COMPARED.clear()
        place = {_KEY(fact): at for at, fact in enumerate(facts)}

        def operands(side: tuple[Key, ...]) -> _Operands:
            return itemgetter(*[place[key] for key in side if key in place], len(facts), len(facts))

        known = _COMPARED[catalogue.version, cells] = tuple(
            (instance, operands(_sides(instance)[0][0]), operands(_sides(instance)[1][0]))
            for instance in linear_instances(facts, catalogue)
        )
    return known


def by_key(facts: Iterable[Fact]) -> dict[Key, Fact]:
    """Return facts by their cell."""
    return {_KEY(fact): fact for fact in facts}
