"""How rows, columns and cells are called in sentences: by the labels that the form prints.

Belongs here: printed names. Does not belong here: sentences (``pipeline.edits.wording``), matching of labels
(``pipeline.recognize``).
"""

import re
from collections import Counter

from pipeline.catalogue.model import Axis, Catalogue
from pipeline.edits.operands import FORMLESS, CellCode, RuleInstance

NUMBERING = re.compile(r"^(其中：|（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\d+[.、])")

PrintedNames = dict[tuple[str, str, str, str], str]
"""(fact_table, form, "row" or "column", code) → printed name; "" for the only column of a form, which nobody needs to
be told."""


def printed_names(catalogue: Catalogue) -> PrintedNames:
    """Return the name of every row and column of every form, and of the tables whose form is unknown (the oldest
    form's name)."""
    names: PrintedNames = {}
    for form in catalogue.forms.values():
        for fact_table, table in form.tables.items():
            for side, axes in (("row", table.rows), ("column", table.columns)):
                values = [axis for axis in axes if not axis.is_group]
                for axis in values:
                    is_only = side == "column" and len(values) == 1
                    name = "" if is_only else _axis_name(axis, axes, catalogue.messages.need_their_heading)
                    names[fact_table, form.code, side, axis.code] = name
                    names.setdefault((fact_table, FORMLESS, side, axis.code), name)
    return names


def cell_name(names: PrintedNames, fact_table: str, form: str, cell: CellCode) -> str:
    """Return ``row / column`` in printed labels; the row alone where the form has one column of values."""
    row, column = names[fact_table, form, "row", cell[0]], names[fact_table, form, "column", cell[1]]
    return f"{row} / {column}" if column else row


def subject_name(names: PrintedNames, instance: RuleInstance) -> str:
    """Return the printed name of what an instance runs over: its row or column, else its first cell, else the table's
    heading."""
    rule = instance.rule
    if rule.kind == "cell":
        return instance.table.heading
    name = names[str(rule.fact_table), instance.form, rule.subject, instance.subject] if rule.subject else ""
    return name or cell_name(names, str(rule.fact_table), instance.form, instance.left[0])


def _axis_name(axis: Axis, siblings: tuple[Axis, ...], need_their_heading: tuple[str, ...]) -> str:
    """Return a label, its heading before it where the label alone would not tell which row or column is meant."""
    bare = NUMBERING.sub("", axis.label)
    same = Counter(NUMBERING.sub("", other.label) for other in siblings if not other.is_group)[bare]
    if axis.parent is None or (same == 1 and bare not in need_their_heading):
        return axis.label
    heading = next(other for other in siblings if other.code == axis.parent)
    return f"{heading.label}·{axis.label}"
