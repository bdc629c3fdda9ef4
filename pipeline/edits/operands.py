"""Which cells a rule binds: the declared rules spelled out, form by form, into instances with their operands.

Belongs here: rule × form × subject → cells, as values. Does not belong here: facts, sums, messages, repairs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.catalogue.load import operand_codes
from pipeline.catalogue.model import Catalogue, CatalogueError, Rule, TableForm

Side = Literal["left", "right"]
CellCode = tuple[str, str]
"""(row_code, column_code)"""

FORMLESS = ""
"""Stands for "the form could not be told" where a join key is needed: a rule then binds the cells of every form it
knows."""

EQUATION_KINDS = ("linear", "bound", "subset")
SINGLE_REPORT_KINDS = (*EQUATION_KINDS, "cell")


@dataclass(frozen=True, slots=True)
class RuleInstance:
    """One rule on one subject of one form of a table.

    ``left`` and ``right`` are the cells of the two sides, in print order. ``bound``: left holds the middle, right the
    parts whose greatest is the low bound and whose sum is the high one. ``cell``: left holds every cell that the
    condition is asked of. ``needs_left`` and ``needs_right`` say how many cells of a side a table must have for the
    rule to be assessable: all of them, but where the rows of the form vary only the ones that the rule names and one
    of each role.
    """

    rule: Rule
    table: TableForm
    form: str
    subject: str
    left: tuple[CellCode, ...]
    right: tuple[CellCode, ...]
    needs_left: int
    needs_right: int

    @property
    def cells(self) -> tuple[CellCode, ...]:
        """Return every cell that the instance binds, left side first."""
        return tuple(dict.fromkeys((*self.left, *self.right)))


def single_report_rules(catalogue: Catalogue) -> tuple[Rule, ...]:
    """Return the rules that are judged over the facts of one report."""
    return tuple(rule for rule in catalogue.rules.values() if rule.kind in SINGLE_REPORT_KINDS)


def rule_instances(catalogue: Catalogue) -> tuple[RuleInstance, ...]:
    """Return every instance of every single-report rule, for each form it names and for tables of unknown form.

    Raises CatalogueError when a rule binds no cell at all: it would silently check nothing.
    """
    instances: list[RuleInstance] = []
    for rule in single_report_rules(catalogue):
        known = [
            i for code in rule.forms for i in table_instances(rule, catalogue.forms[code].tables[str(rule.fact_table)])
        ]
        if not known:
            raise CatalogueError(f"{rule.check_id}: it binds no cell in any form that it names")
        instances += known
        instances += _formless(known)
    return tuple(instances)


def table_instances(rule: Rule, table: TableForm) -> tuple[RuleInstance, ...]:
    """Return the instances of a rule in one form of its table, subjects in print order."""
    if rule.kind == "cell":
        return (RuleInstance(rule, table, table.form, "all", table.cells, (), 0, 0),)
    if rule.kind == "subset":
        return tuple(_subset_instances(rule, table))
    return tuple(_axis_instances(rule, table))


def bound_cells(rule: Rule, subject: str, table: TableForm) -> tuple[CellCode, ...]:
    """Return the cells that a rule binds for one subject of ``check_results``: the suspects when it fails.

    A failing cell of a ``cell`` rule is its own and only suspect. Raises KeyError when the rule has no such subject
    there.
    """
    if rule.kind == "cell" and "/" in subject:
        row_code, _, column_code = subject.partition("/")
        if (row_code, column_code) not in table.cells:
            raise KeyError(f"{rule.check_id}: form {table.form} has no cell {subject}")
        return ((row_code, column_code),)
    for instance in table_instances(rule, table):
        if instance.subject == subject:
            return instance.cells
    raise KeyError(f"{rule.check_id}: form {table.form} has no subject {subject}")


def _axis_instances(rule: Rule, table: TableForm) -> Iterator[RuleInstance]:
    """Yield a linear or bound rule's instances: one per code of its axis for which the form prints the cells."""
    left, right = ((rule.middle or "",), (rule.high or "",)) if rule.kind == "bound" else (rule.left, rule.right)
    for axis in table.rows if rule.subject == "row" else table.columns:
        if axis.is_group:
            continue
        left_cells, right_cells = (_cells(rule, side, axis.code, table) for side in (left, right))
        needs_left, needs_right = (_needed(rule, side, table) for side in (left, right))
        # A subject whose cells the form itself does not print (an item without this measure) is no subject of the rule.
        if len(left_cells) >= needs_left > 0 and len(right_cells) >= needs_right:
            yield RuleInstance(rule, table, table.form, axis.code, left_cells, right_cells, needs_left, needs_right)


def _cells(rule: Rule, side: Iterable[str], subject: str, table: TableForm) -> tuple[CellCode, ...]:
    codes = operand_codes(rule, side, table)
    cells = ((subject, code) if rule.subject == "row" else (code, subject) for code in codes)
    return tuple(cell for cell in cells if cell in table.cells)


def _needed(rule: Rule, side: Iterable[str], table: TableForm) -> int:
    operands = tuple(side)
    if table.rows_vary:
        return len(operands)
    return len(operand_codes(rule, operands, table))


def _subset_instances(rule: Rule, table: TableForm) -> Iterator[RuleInstance]:
    parts = [part for part, _ in rule.pairs]
    for part, whole in rule.pairs:
        for period in table.columns:
            left, right = (part, period.code), (whole, period.code)
            if left in table.cells and right in table.cells:
                # The first two codes are always the part's cell; a part of two wholes names the whole as well.
                subject = f"{part}/{period.code}" + (f"/{whole}" if parts.count(part) > 1 else "")
                yield RuleInstance(rule, table, table.form, subject, (left,), (right,), 1, 1)


def _formless(instances: list[RuleInstance]) -> list[RuleInstance]:
    """Merge the forms' instances of a rule by subject: where the form is unknown, every cell that any form has is
    needed."""
    merged: dict[str, RuleInstance] = {}
    for instance in instances:
        other = merged.get(instance.subject, instance)
        left = tuple(dict.fromkeys((*other.left, *instance.left)))
        right = tuple(dict.fromkeys((*other.right, *instance.right)))
        is_cell = instance.rule.kind == "cell"
        merged[instance.subject] = RuleInstance(
            instance.rule, other.table, FORMLESS, instance.subject, left, right,
            0 if is_cell else len(left), 0 if is_cell else len(right),
        )  # fmt: skip
    return list(merged.values())
