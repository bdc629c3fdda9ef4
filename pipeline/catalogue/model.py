"""The frozen values that the declared data loads into. No behaviour beyond look-ups."""

import re
from dataclasses import dataclass, field
from typing import Literal

from pipeline.report import FactTable

Severity = Literal["error", "warning", "info"]
Subject = Literal["row", "column"]


class CatalogueError(ValueError):
    """Declared data that does not hang together; the message names the file and the code."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A row or column of a form. ``label`` is as issued, ``variants`` are other printed wordings of it.

    ``is_group`` marks a heading row or column that holds no cells of its own. ``role`` is what rules sum over.
    ``unit`` is the published one (``count``, ``persons``, ``CNY``); ``printed_unit`` is what the form itself prints for it.
    """

    code: str
    label: str
    variants: tuple[str, ...]
    position: int
    is_group: bool = False
    parent: str | None = None
    role: str | None = None
    unit: str | None = None
    printed_unit: str | None = None
    signed: bool = False
    definition: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.label, *self.variants)


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """A part of a table with a header of its own (section 二): its title row, and which columns its rows have."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableForm:
    """One fact table as one form prints it. ``cells`` is every (row_code, column_code) that the form has, in print order."""

    form: str
    fact_table: FactTable
    heading: str
    row_axis: str
    column_axis: str
    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    blocks: tuple[BlockSpec, ...]
    furniture: tuple[str, ...]
    layout: Literal["rows", "one_row"]
    rows_vary: bool
    cells: tuple[tuple[str, str], ...]
    unit: str | None

    def row(self, code: str) -> Axis:
        return next(axis for axis in self.rows if axis.code == code)

    def column(self, code: str) -> Axis:
        return next(axis for axis in self.columns if axis.code == code)

    def cell_unit(self, row_code: str, column_code: str) -> str:
        """Return the published unit of a cell: the row's, else the column's, else the table's."""
        return self.row(row_code).unit or self.column(column_code).unit or self.unit or "count"

    def cell_printed_unit(self, row_code: str, column_code: str) -> str | None:
        """Return the unit that the form itself prints for a cell (None where the form leaves it to the document)."""
        return self.row(row_code).printed_unit or self.column(column_code).printed_unit

    def codes(self, axis: Subject, role: str) -> tuple[str, ...]:
        """Return the codes of an axis that carry a role, in print order."""
        return tuple(
            a.code for a in (self.rows if axis == "row" else self.columns) if a.role == role and not a.is_group
        )


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its tables by fact table, where it is fixed, and for which report years it was issued."""

    code: str
    name: str
    source: str
    first_year: int
    last_year: int | None
    tables: dict[str, TableForm]


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared check. ``left`` and ``right`` hold operand codes or ``role:<name>``; see ``rules.yaml`` for the kinds."""

    check_id: str
    kind: Literal["linear", "cell", "bound", "subset", "narrative", "across", "files"]
    severity: Severity
    formula: str
    meaning_zh: str
    meaning_en: str
    source: str
    forms: tuple[str, ...] = ()
    fact_table: FactTable | None = None
    subject: Subject | None = None
    relation: Literal["=", "<=", ">="] = "="
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    low: str | None = None
    middle: str | None = None
    high: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in Chinese and English, with ``{placeholders}``."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CheckMessages:
    """The sentences of check results, by rule or by kind of rule (``failed``) and by cause (``not_assessable``)."""

    need_their_heading: tuple[str, ...]
    failed: dict[str, Sentence]
    not_assessable: dict[str, Sentence]

    def of_failed(self, rule: Rule) -> Sentence:
        """Return the sentence of a failed rule: its own, else that of its kind."""
        return self.failed.get(rule.check_id) or self.failed[rule.kind]


@dataclass(frozen=True, slots=True)
class PublishedColumn:
    """A column of a published table: its DuckDB type, whether it may be NULL, its COMMENT, and the codes it may hold."""

    name: str
    type: str
    nullable: bool
    comment: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table or view of the warehouse: its grain in words, its key, its columns in order.

    ``layer`` says what it is made from: ``facts``, ``checks``, ``ledger``, ``declared``, ``history``, or ``view``.
    """

    name: str
    grain: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[PublishedColumn, ...]
    partitioned: bool
    layer: str = ""


@dataclass(frozen=True, slots=True)
class CellWords:
    """How numbers stand in cells, apart from digits and units: the words and marks of ``cells.yaml``."""

    zero: tuple[str, ...]
    not_applicable: tuple[str, ...]
    plus: tuple[str, ...]
    minus: tuple[str, ...]
    money_marks: dict[str, str]
    junk: re.Pattern[str]
    dash_like_numerals: tuple[str, ...]
    most_digits: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All declared data. ``version`` is a hash over the files, stored with every publication."""

    forms: dict[str, Form]
    rules: dict[str, Rule]
    tables: dict[str, PublishedTable]
    money_units: dict[str, int]
    counters: tuple[str, ...]
    messages: CheckMessages
    version: str
    cell_words: CellWords
    problems: dict[str, str] = field(default_factory=dict)
    views: dict[str, PublishedTable] = field(default_factory=dict)
    limits: dict[str, dict[str, int]] = field(default_factory=dict)

    def table_forms(self, fact_table: str) -> tuple[TableForm, ...]:
        """Return every form of one fact table, oldest form first."""
        return tuple(form.tables[fact_table] for form in self.forms.values() if fact_table in form.tables)
