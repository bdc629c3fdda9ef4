"""Two readings of one report against each other: where they differ, who is right, and whose fault a failed equation is.

Belongs here: when to ask for a second reading, settling differences by the equations, the agreement that verdicts rest on.
Does not belong here: how a file is read. Rule: agreement alone never upgrades a cell; a difference that the equations do not
settle makes the cell unreadable.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from operator import attrgetter

from pipeline.catalogue.model import Catalogue
from pipeline.document import ODD_GRID, ROUTES_DIFFER
from pipeline.edits.one_report import Key, any_fails, by_key, holds, instance_keys, linear_instances
from pipeline.edits.operands import RuleInstance
from pipeline.report import Agreement, Fact, ReportReading

_UNREAD = frozenset(("missing", "unreadable"))
_STATUS, _ROUTE = attrgetter("status"), attrgetter("cell.route")
MOST_DIFFERENCES = 10
"""With more cells than this in dispute one of the readings has lost the grid, and no combination of theirs is worth trying."""


def is_doubtful(reading: ReportReading, catalogue: Catalogue) -> bool:
    """Tell whether a reading calls for a second one.

    It does where an equation fails, a cell is missing or unreadable, the document says what no form knows, or the grid of a
    table is odd.
    """
    if reading.problems or not _UNREAD.isdisjoint(map(_STATUS, reading.facts)):
        return True
    return ODD_GRID in map(_ROUTE, reading.cells) or any_fails(reading.facts, catalogue)


def doubted_pages(reading: ReportReading, catalogue: Catalogue) -> frozenset[int] | None:
    """Return the pages of the tables that call for a second reading, None where any page may hold what is missing.

    Tables that no fact is of are among them: one may be what another lacks.
    """
    lost = any(fact.status == "missing" for fact in reading.facts)
    if not any(placed.cell.page for placed in reading.cells):
        return None
    if reading.tables_missing or lost or any(problem.table_no is None for problem in reading.problems):
        return None
    facts = by_key(reading.facts)
    failed = (i for i in linear_instances(reading.facts, catalogue) if holds(i, facts) is False)
    tables = {table for instance in failed for table, _, _ in instance_keys(instance)}
    tables |= {fact.fact_table for fact in reading.facts if fact.status == "unreadable"}
    numbers = {problem.table_no for problem in reading.problems}
    numbers |= {placed.table_no for placed in reading.cells if placed.cell.route == ODD_GRID}
    of_table = {fact.table_no: fact.fact_table for fact in reading.facts if fact.table_no is not None}
    tables |= {of_table[number] for number in numbers if number in of_table}
    return frozenset(p.cell.page or 0 for p in reading.cells if of_table.get(p.table_no) in (None, *tables))


def settle(first: ReportReading, second: ReportReading, catalogue: Catalogue) -> ReportReading:
    """Return the first reading with differences settled and the agreement of every cell noted.

    A cell that both read the same stays as it is. Where both have a value and they differ, the one combination of the two
    readings that satisfies every equation is taken; where none or several do, the cells are unreadable. A number that only the
    cheap second way to its text did not confirm counts as read where the second reading prints the same.
    """
    theirs = by_key(second.facts)
    ours = {key: _two_of_three(fact, theirs.get(key)) for key, fact in by_key(first.facts).items()}
    agreement = {key: _agreement(fact, theirs.get(key)) for key, fact in ours.items()}
    disputed = [key for key, verdict in agreement.items() if verdict == "differ"]
    if disputed:
        instances = linear_instances(first.facts, catalogue)
        chosen = _combination(ours, theirs, disputed, instances)
        for key in disputed:
            ours[key] = _settled(ours[key], theirs[key], chosen.get(key) if chosen is not None else None)
    return replace(
        first,
        facts=tuple(ours.values()),
        agreement={"/".join(key): verdict for key, verdict in agreement.items()},
    )


def _two_of_three(first: Fact, second: Fact | None) -> Fact:
    if first.reason != ROUTES_DIFFER or second is None or _squeezed(first.raw_text) != _squeezed(second.raw_text):
        return first
    return first._replace(value=second.value, status=second.status, reason=second.reason, note=second.note)


def _squeezed(text: str | None) -> str:
    return "".join((text or "").split())


def _agreement(first: Fact, second: Fact | None) -> Agreement:
    if second is None or "missing" in (first.status, second.status) or "unreadable" in (first.status, second.status):
        return "unknown"
    if first.form != second.form:
        return "unknown"
    return "agree" if (first.value, first.status) == (second.value, second.status) else "differ"


def _combination(
    ours: Mapping[Key, Fact], theirs: Mapping[Key, Fact], disputed: list[Key], instances: tuple[RuleInstance, ...]
) -> dict[Key, Fact] | None:
    """Return the only choice between two readings under which every rule on a disputed cell holds, None if not only one.

    A disputed cell that no rule binds is never chosen.
    """
    touched = [i for i in instances if not set(instance_keys(i)).isdisjoint(disputed)]
    bound = {key for instance in touched for key in instance_keys(instance)}
    free = [key for key in disputed if key in bound]
    if not free or len(free) > MOST_DIFFERENCES:
        return None
    found: list[dict[Key, Fact]] = []
    for choice in product((ours, theirs), repeat=len(free)):
        facts = {**ours, **{key: source[key] for key, source in zip(free, choice, strict=True)}}
        if all(holds(instance, facts) is True for instance in touched):
            found.append({key: facts[key] for key in free})
            if len(found) > 1:
                return None
    return found[0] if found else None


def _settled(first: Fact, second: Fact, chosen: Fact | None) -> Fact:
    if chosen is not None:
        return first._replace(value=chosen.value, status=chosen.status, raw_text=chosen.raw_text, note=chosen.note)
    reason = f"two readings differ: {first.raw_text!r} and {second.raw_text!r}"
    return first._replace(value=None, status="unreadable", reason=reason)
