"""Numbers of a scan: which readings stand, which the equations settle, which nobody can vouch for.

Belongs here: what makes a number read from a picture good enough. Does not belong here: how a picture is read and how sure the
recogniser is (``pipeline.readers.scan``), numbers of born-digital files.

A number stands if the recogniser is sure, or if equations confirm it. An equation that chose between readings confirms nothing
by itself: a cell read otherwise than at first sight needs two that hold, and one more sure cell in each; two misreadings in
one equation can cancel out. All else is ``unreadable``, its text kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import product
from math import prod

from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words
from pipeline.document import Cell
from pipeline.edits.one_report import Key, by_key, holds, instance_keys, linear_instances
from pipeline.edits.operands import RuleInstance
from pipeline.numbers import parse_number
from pipeline.report import Fact, ReportReading
from pipeline.values import record

UNSURE = "not read with confidence"
REFUTED = "another reading fits the equations"
READ = ("reported", "blank", "not_applicable")


@record
class _Thresholds:
    confident: float
    confident_alone: float
    most_combinations: int
    dashes: frozenset[str]
    whole_stroke: float
    alike: tuple[str, ...]


@cache
def _thresholds() -> _Thresholds:
    words = load_words("scans")
    return _Thresholds(
        float(words["confident"]),
        float(words["confident_alone"]),
        int(words["most_combinations"]),
        frozenset(words["dashes"]),
        float(words["whole_stroke"]),
        tuple(words["alike"]),
    )


def vouch_for_numbers(reading: ReportReading, catalogue: Catalogue) -> ReportReading:
    """Return the reading of a scan with every number that nothing vouches for unreadable; others as they are."""
    if not any(fact.confidence is not None for fact in reading.facts):
        return reading
    facts = by_key(reading.facts)
    instances = linear_instances(reading.facts, catalogue)
    bound = _by_cell(instances)
    cells = {(placed.table_no, placed.cell.row, placed.cell.col): placed.cell for placed in reading.cells}
    choices = {
        key: _choices(fact, cells.get((fact.table_no or 0, fact.row or 0, fact.col or 0)))
        for key, fact in facts.items()
        if fact.confidence is not None
    }
    facts.update(_dashes(facts, choices, bound))
    doubted = [key for key in choices if _is_unsure(facts[key], key in bound)]
    dashed = {key for key in doubted if any(not any(c.isdigit() for c in text) for text in _others(facts[key], cells))}
    for group in _connected(doubted, bound):
        facts.update(_settled(group, facts, choices, bound, dashed))
    facts.update(_refuted(facts, choices, bound))
    return replace(reading, facts=tuple(facts.values()))


def _dashes(
    facts: Mapping[Key, Fact], choices: Mapping[Key, tuple[Fact, ...]], bound: Mapping[Key, list[RuleInstance]]
) -> dict[Key, Fact]:
    """Return as dashes the wide level strokes that cannot be the numeral one: an equation holds with nothing there.

    Each is tried alone, the others counting as nothing; where a one would do as well, or another cell is open, it stays open.
    """
    strokes = [
        key
        for key in choices
        if (facts[key].raw_text or "").strip() in _thresholds().dashes
        and (facts[key].confidence or 0) >= _thresholds().whole_stroke
    ]
    nothing = {key: facts[key]._replace(value=None, status="blank") for key in strokes}
    dashes: dict[Key, Fact] = {}
    for key in strokes:
        one = facts[key]._replace(value=Decimal(1), status="reported")
        as_dash, as_one = {**facts, **nothing}, {**facts, **nothing, key: one}
        rules = bound.get(key, ())
        if any(holds(i, as_dash) is True for i in rules) and not any(holds(i, as_one) is True for i in rules):
            sure = facts[key]._replace(value=None, status="not_applicable", reason=None, note=None, confidence=1.0)
            dashes[key] = sure
    return dashes


def _by_cell(instances: Iterable[RuleInstance]) -> dict[Key, list[RuleInstance]]:
    bound: dict[Key, list[RuleInstance]] = {}
    for instance in instances:
        for key in instance_keys(instance):
            bound.setdefault(key, []).append(instance)
    return bound


def _is_unsure(fact: Fact, is_bound: bool) -> bool:
    thresholds = _thresholds()
    needed = thresholds.confident if is_bound else thresholds.confident_alone
    if fact.status == "unreadable":
        return True
    return fact.status in READ and fact.confidence is not None and fact.confidence < needed


def _others(fact: Fact, cells: Mapping[tuple[int, int, int], Cell]) -> tuple[str, ...]:
    cell = cells.get((fact.table_no or 0, fact.row or 0, fact.col or 0))
    return cell.others if cell else ()


def _choices(fact: Fact, cell: Cell | None) -> tuple[Fact, ...]:
    """Return a cell as read, where that is a reading, and as its other texts would have it read (counts only)."""
    first = (fact,) if fact.status in READ else ()
    if cell is None or fact.unit != "count" or fact.rules_used:
        return first
    found: dict[Decimal, Fact] = {}
    prints_number = any(char.isdigit() for char in cell.text)
    for text in cell.others:
        value = parse_number(text)
        # No sum tells a 0 from a dash or from nothing at all.
        if value is not None and value == int(value) and value >= (0 if prints_number else 1) and value != fact.value:
            found.setdefault(value, fact._replace(value=value, status="reported", reason=None, note=None))
    return (*first, *found.values())


def _connected(doubted: Sequence[Key], bound: Mapping[Key, list[RuleInstance]]) -> list[list[Key]]:
    """Return doubted cells in groups that share an equation."""
    waiting, groups = set(doubted), []
    for start in doubted:
        if start not in waiting:
            continue
        waiting.discard(start)
        group, queue = [], [start]
        while queue:
            key = queue.pop()
            group.append(key)
            for instance in bound.get(key, ()):
                for other in instance_keys(instance):
                    if other in waiting:
                        waiting.discard(other)
                        queue.append(other)
        groups.append(group)
    return groups


def _settled(
    group: list[Key],
    facts: Mapping[Key, Fact],
    choices: Mapping[Key, tuple[Fact, ...]],
    bound: Mapping[Key, list[RuleInstance]],
    dashed: Collection[Key],
) -> dict[Key, Fact]:
    """Return a group of doubted cells with those settled that the equations vouch for, the others unreadable.

    ``dashed`` are cells that may print a dash: no sum tells it from a 0.
    """
    group = [key for key in group if choices[key]]
    rest = {key: _unreadable(facts[key]) for key in choices if key in group}
    chosen = _only_combination(group, facts, choices, bound)
    if chosen is None:
        return rest
    merged = {**facts, **chosen}
    for key, fact in chosen.items():
        holding = [instance for instance in bound.get(key, ()) if holds(instance, merged) is True]
        if fact is choices[key][0] and fact.status in READ and fact is facts[key]:
            vouched = _vouches(holding, key, group)
        else:
            vouched = len(holding) >= 2 and _vouches(holding, key, group)
        if vouched and not (fact.value == 0 and key in dashed):
            used = () if fact is facts[key] else tuple(sorted({instance.rule.check_id for instance in holding}))
            rest[key] = fact._replace(rules_used=used)
    return rest


def _vouches(holding: Sequence[RuleInstance], key: Key, group: Sequence[Key]) -> bool:
    """Tell whether equations that hold say something of one cell: alone in doubt in one of them, or held by two."""
    others = set(group) - {key}
    return len(holding) >= 2 or any(others.isdisjoint(instance_keys(instance)) for instance in holding)


def _only_combination(
    group: Sequence[Key],
    facts: Mapping[Key, Fact],
    choices: Mapping[Key, tuple[Fact, ...]],
    bound: Mapping[Key, list[RuleInstance]],
) -> dict[Key, Fact] | None:
    """Return the one choice of readings under which no equation on these cells fails; None where none or several do."""
    touched = list({id(instance): instance for key in group for instance in bound.get(key, ())}.values())
    if not group or not touched or prod(len(choices[key]) for key in group) > _thresholds().most_combinations:
        return None
    found: list[dict[Key, Fact]] = []
    for combination in product(*(choices[key] for key in group)):
        taken = dict(zip(group, combination, strict=True))
        merged = {**facts, **taken}
        if all(holds(instance, merged) is not False for instance in touched):
            found.append(taken)
            if len(found) > 1:
                return None
    return found[0] if found else None


def _unreadable(fact: Fact) -> Fact:
    if fact.status == "unreadable":
        return fact
    return fact._replace(value=None, status="unreadable", reason=UNSURE, note=None)


def _refuted(
    facts: Mapping[Key, Fact], choices: Mapping[Key, tuple[Fact, ...]], bound: Mapping[Key, list[RuleInstance]]
) -> dict[Key, Fact]:
    """Return as unreadable the sure cells of a failing equation whose other reading makes all their equations hold.

    Printed wrong or read wrong: the picture does not say which. The recogniser may be sure of an 8 that is a 6.
    """
    result = {}
    # A sum that fails with its blank cells as nothing is not assessable; here it is told from one that another reading mends.
    facts = {key: fact._replace(value=Decimal(0)) if fact.status == "blank" else fact for key, fact in facts.items()}
    for key, options in choices.items():
        fact = facts[key]
        if fact.status not in READ or all(holds(instance, facts) is not False for instance in bound.get(key, ())):
            continue
        failing = sum(holds(instance, facts) is False for instance in bound[key])
        for other in (*options, *(_like(fact) if failing > 1 else ())):
            merged = {**facts, key: other}
            if other.value != fact.value and all(holds(i, merged) is not False for i in bound[key]):
                result[key] = _unreadable(fact)._replace(reason=REFUTED)
    return result


def _like(fact: Fact) -> tuple[Fact, ...]:
    """Return a count with each of its digits read as another that looks like it."""
    if fact.unit != "count" or fact.value is None or fact.value != int(fact.value) or fact.value < 0:
        return ()
    digits = str(int(fact.value))
    return tuple(
        fact._replace(value=Decimal(digits[:at] + other + digits[at + 1 :]))
        for at, digit in enumerate(digits)
        for group in _thresholds().alike
        if digit in group
        for other in group
        if other != digit
    )
