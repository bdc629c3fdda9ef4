"""What a report reads as: the values that recognition returns and everything downstream takes.

Belongs here: plain values keyed by the codes of the catalogue. Does not belong here: how they are found
(``pipeline.recognize``), stored (``warehouse``) or judged (``pipeline.edits``, ``pipeline.narrative``).
"""

from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from pipeline.document import Cell
from pipeline.values import record

FactTable = Literal["requests", "proactive", "disputes", "statistics"]
Status = Literal["reported", "blank", "not_applicable", "unreadable", "missing", "reconstructed", "corrected"]
Scope = Literal["own", "aggregate", "unknown"]
Agreement = Literal["agree", "differ", "unknown"]
"""What a second, independent reading of the same file says of a cell."""


class Fact(NamedTuple):
    """One cell of a form: (fact_table, row_code, column_code) of a report.

    ``value`` is None unless ``status`` is reported, reconstructed or corrected; counts are integral, money is in 元.
    ``raw_text`` is the printed text (None where the document has no such cell); ``table_no``, ``row``, ``col`` point to the
    cell in ``ReportReading.cells``. ``reason`` says why a cell is unreadable or missing; ``note`` keeps printed remarks.
    ``form`` is the form recognised for this table, None where it cannot be told. ``rules_used`` are the checks without
    which the cell could not have been told from its neighbours: they are not assessable for it.
    """

    fact_table: FactTable
    row_code: str
    column_code: str
    value: Decimal | None
    status: Status
    unit: str
    form: str | None
    raw_text: str | None
    table_no: int | None
    row: int | None
    col: int | None
    reason: str | None = None
    note: str | None = None
    confidence: float | None = None
    rules_used: tuple[str, ...] = ()


@record
class Section:
    """A numbered section: ``section_no`` 0 is what stands before the first heading; ``text`` is its prose without tables.

    Paragraphs are joined by ``\\n``; ``claims`` offsets count characters of ``text``.
    """

    section_no: int
    heading: str
    text: str


class PlacedCell(NamedTuple):
    """A cell of the report: ``table_no`` counts the report's tables from 1; ``picture`` is its table's."""

    table_no: int
    cell: Cell
    picture: str | None = None


@record
class Problem:
    """Something in the document that the form does not know: an unknown label, a surplus column, a doubled row.

    ``kind`` is a code of ``problems`` in the catalogue; ``detail`` quotes the document.
    """

    kind: str
    detail: str
    table_no: int | None = None
    row: int | None = None
    col: int | None = None


@record
class ReportReading:
    """One report as read, before anything is known of other reports.

    ``place`` counts reports inside the file from 1. ``issuer`` is as printed; ``form`` is that of section 三 or of the
    statistics table. ``tables_found`` and ``tables_missing`` name fact tables. ``agreement`` maps ``fact_table/row/column`` to
    what a second reading says of the cell; empty where there was none.
    """

    place: int
    title: str | None
    issuer: str | None
    year: int | None
    published_on: date | None
    signed_on: date | None
    source: str | None
    scope: Scope
    form: str | None
    sections: tuple[Section, ...]
    cells: tuple[PlacedCell, ...]
    facts: tuple[Fact, ...]
    tables_found: tuple[FactTable, ...]
    tables_missing: tuple[FactTable, ...]
    problems: tuple[Problem, ...] = ()
    evidence: dict[str, str] = field(default_factory=dict)
    agreement: dict[str, Agreement] = field(default_factory=dict)
