"""The one recogniser of tables: a document of any kind to the cells of the forms that it prints.

Belongs here: which tables a document holds, in which form each, and what of them goes into the report's cells, facts and
problems. Does not belong here: how rows are found (``table_match``), columns bound (``table_columns``), numbers read
(``pipeline.numbers``).
"""

import re
from collections.abc import Collection, Mapping
from functools import partial
from itertools import repeat

from pipeline.catalogue.model import Catalogue
from pipeline.document import Document, Paragraph, Table
from pipeline.plain_text import to_plain
from pipeline.recognize.labels import row_cores
from pipeline.recognize.planned_facts import PlannedCells, read_places
from pipeline.recognize.table_breaks import join_over_pages
from pipeline.recognize.table_choice import RecognisedTable, recognise_disputes, recognise_rows
from pipeline.recognize.table_headers import find_header_rows
from pipeline.recognize.table_plans import planned_tables
from pipeline.recognize.table_rows import TableRow, read_rows
from pipeline.report import Fact, FactTable, PlacedCell, Problem
from pipeline.values import record

SIX_SECTIONS: tuple[FactTable, ...] = ("proactive", "requests", "disputes")
IN_ORDER: tuple[FactTable, ...] = (*SIX_SECTIONS, "statistics")
LAST_STATISTICS_YEAR = 2018
ENCOURAGED_YEAR = 2019
"""For this report year the six sections were only encouraged (国办公开办函〔2019〕60号): a report may have no table."""
_HEADING = re.compile(r"\s*[一二三四五六]\s*、")


@record
class TablesReading:
    """What the tables of a document say. ``table_blocks`` are the positions in ``document.blocks`` of recognised tables."""

    facts: tuple[Fact, ...]
    cells: tuple[PlacedCell, ...]
    tables_found: tuple[FactTable, ...]
    forms: Mapping[FactTable, str | None]
    problems: tuple[Problem, ...]
    table_blocks: frozenset[int]

    @property
    def form(self) -> str | None:
        """The form of the report: that of its section 三, or of its statistics table."""
        return self.forms.get("requests") or self.forms.get("statistics")


def recognize_tables(document: Document, catalogue: Catalogue) -> TablesReading:
    """Return every cell of the form of each table found, the printed cells, and what the forms do not know.

    A table that is not found gives no facts. Nothing is guessed: a row, column or number that text and place do not settle is
    ``unreadable`` or a Problem, or both.
    """
    planned = planned_tables(document, catalogue, partial(_find_by_itself, catalogue=catalogue))
    if planned is not None:
        return _read_planned(document, planned, catalogue)
    rows, found, strangers, _ = _find(document, catalogue)
    blocks = frozenset(block for table in found for block in table.blocks)
    numbers = number_tables(document, blocks)
    claimed = {at for table in found for at in table.claimed}
    facts: list[Fact] = []
    problems: list[Problem] = []
    for table in found:
        read, met = table.read(rows, claimed, numbers, catalogue)
        facts += read
        problems += met
    return TablesReading(
        facts=tuple(facts),
        cells=tuple(_placed(document, numbers)),
        tables_found=tuple(table.bound.table.fact_table for table in found),
        forms={table.bound.table.fact_table: table.bound.form for table in found},
        problems=(*problems, *strangers),
        table_blocks=blocks,
    )


def _find(
    document: Document, catalogue: Catalogue
) -> tuple[list[TableRow], list[RecognisedTable], list[Problem], set[int]]:
    """Return the rows of a document, its tables in the order of ``IN_ORDER``, and what looked like one and is none.

    Last, the rows that name columns, and those of section 四: none of another table's.
    """
    rows = join_over_pages(read_rows(document, catalogue), row_cores(catalogue).__contains__, catalogue)
    found: list[RecognisedTable] = []
    strangers: list[Problem] = []
    disputes = recognise_disputes(rows, catalogue)
    headers = {table: find_header_rows(rows, catalogue.table_forms(table), catalogue) for table in IN_ORDER}
    skipped = set(disputes.claimed if disputes else ()).union(*headers.values())
    for fact_table in IN_ORDER:
        table: RecognisedTable | None = disputes
        unknown: list[Problem] = []
        if fact_table != "disputes":
            table, unknown = recognise_rows(rows, fact_table, headers[fact_table], skipped, catalogue)
        found += [table] if table else []
        strangers += unknown
    return rows, found, strangers, skipped


def _find_by_itself(document: Document, catalogue: Catalogue) -> tuple[list[TableRow], list[RecognisedTable], bool]:
    rows, found, strangers, skipped = _find(document, catalogue)
    return [row for at, row in enumerate(rows) if at not in skipped], found, bool(strangers)


def _read_planned(document: Document, planned: Mapping[int, PlannedCells], catalogue: Catalogue) -> TablesReading:
    """Return what tables say whose cells are told apart already."""
    numbers = number_tables(document, planned)
    facts: list[Fact] = []
    problems: list[Problem] = []
    in_order = sorted(planned.items(), key=lambda item: IN_ORDER.index(item[1].fact_table))
    for block, plan in in_order:
        table = document.blocks[block]
        if isinstance(table, Table):
            read, met = read_places(plan, table.cells, numbers.get(block))
            facts += read
            problems += met
    return TablesReading(
        facts=tuple(facts),
        cells=tuple(_placed(document, numbers)),
        tables_found=tuple(plan.fact_table for _, plan in in_order),
        forms={plan.fact_table: plan.form for _, plan in in_order},
        problems=tuple(problems),
        table_blocks=frozenset(planned),
    )


def number_tables(document: Document, recognised: Collection[int]) -> dict[int, int]:
    """Return table numbers from 1 by block, over the tables that are recognised or stand between the report's headings."""
    headings = [at for at, block in enumerate(document.blocks) if isinstance(block, Paragraph) and _is_heading(block)]
    ends = [*headings, *recognised]
    inside = range(min(ends), max(ends) + 1) if ends else range(0)
    tables = [at for at, block in enumerate(document.blocks) if isinstance(block, Table) and at in inside]
    return {block: number for number, block in enumerate(tables, start=1)}


def _is_heading(paragraph: Paragraph) -> bool:
    beginning = paragraph.text[:20]
    return "、" in beginning and _HEADING.match(to_plain(beginning)) is not None


def _placed(document: Document, numbers: Mapping[int, int]) -> list[PlacedCell]:
    placed: list[PlacedCell] = []
    for block, number in numbers.items():
        table = document.blocks[block]
        if isinstance(table, Table):
            placed += map(_PLACED, zip(repeat(number), table.cells, repeat(table.picture), strict=False))
    return placed


_PLACED = partial(tuple.__new__, PlacedCell)


def missing_tables(
    found: Collection[FactTable], year: int | None, section_numbers: Collection[int]
) -> tuple[FactTable, ...]:
    """Return the tables that a report of this kind ought to have and that were not found.

    ``section_numbers`` are those of the report's headings. Sections 二 to 四 (from report year 2020 on; before that where any of
    them was found) want their three tables, a report up to 2018 its statistics table. For 2019 the three are only wanted where
    the headings of 二, 三 and 四 stand as the form has them.
    """
    if "statistics" in found and not set(found) & set(SIX_SECTIONS):
        return ()
    six = bool(set(found) & set(SIX_SECTIONS)) or (year is not None and year > ENCOURAGED_YEAR)
    if not six and (year is None or year == ENCOURAGED_YEAR):
        six = {2, 3, 4} <= set(section_numbers)
    if six:
        return tuple(table for table in SIX_SECTIONS if table not in found)
    if year is not None and year <= LAST_STATISTICS_YEAR:
        return () if "statistics" in found else ("statistics",)
    return ()
