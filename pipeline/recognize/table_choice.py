"""Which of several forms a table is printed in, and the whole of one recognised table.

Belongs here: trying the forms of one fact table and choosing, what counts as evidence that it is that table at all, and putting
rows, columns and problems together. Does not belong here: the single steps (``table_match``, ``table_headers``, ``table_facts``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.recognize.labels import furniture_cores
from pipeline.recognize.reconstruct import reconstruct, reconstruct_disputes
from pipeline.recognize.table_binding import RowTask, bind_rows, headers_weight, row_tasks, row_text
from pipeline.recognize.table_disputes import FoundDisputes, find_disputes
from pipeline.recognize.table_facts import BoundTable, CellKey, all_cells, read_facts, reconcile
from pipeline.recognize.table_headers import Header, find_header_rows, read_headers
from pipeline.recognize.table_match import FoundTable, find_tables
from pipeline.recognize.table_rows import TableRow
from pipeline.report import Fact, FactTable, Problem
from pipeline.values import record

BARE_ROWS = {"requests": 2, "statistics": 8}
"""So many rows of a form must stand together for its table to be believed without a header.

The rows of section 二 (行政许可, 行政处罚) stand in tables of every kind: they want their header or the title of a block.
"""
HEADED_ROWS = {"proactive": 1, "requests": 1, "statistics": 3, "disputes": 2}


@record
class RecognisedTable:
    """A table of the report: its bound cells, those of a second copy if there is one, what was met, which rows it took.

    ``is_headed`` tells that every row has a header of this table's own over it.
    """

    bound: BoundTable
    copies: tuple[BoundTable, ...]
    problems: tuple[tuple[str, int, str], ...]
    unknown: tuple[int, ...]
    claimed: frozenset[int]
    blocks: frozenset[int]
    is_headed: bool = True

    def read(
        self, rows: Sequence[TableRow], claimed: Collection[int], numbers: Mapping[int, int], catalogue: Catalogue
    ) -> tuple[list[Fact], list[Problem]]:
        """Return the facts and problems; a row that another table claimed is not unknown."""
        facts, problems = read_facts(self.bound, numbers, catalogue)
        for copy in self.copies:
            others, _ = read_facts(copy, numbers, catalogue)
            facts, differing = reconcile(facts, others)
            detail = f"{self.bound.table.fact_table}: {', '.join(differing[:5]) or 'same numbers'}"
            problems.append(Problem("doubled_table", detail, numbers.get(min(copy.blocks.values(), default=-1))))
        met = [*self.problems, *(("unknown_row", at, row_text(rows[at])) for at in self.unknown if at not in claimed)]
        problems += [Problem(kind, text, numbers.get(rows[at].block), rows[at].number) for kind, at, text in met]
        return facts, problems


@record
class _Candidate:
    found: FoundTable
    tasks: tuple[RowTask, ...]
    weight: float


def recognise_rows(
    rows: Sequence[TableRow],
    fact_table: FactTable,
    header_rows: Sequence[int],
    skipped: Collection[int],
    catalogue: Catalogue,
    tables: Sequence[TableForm] = (),
) -> tuple[RecognisedTable | None, list[Problem]]:
    """Return the table of one fact table whose rows carry labels, and what of the document looked like it and is not.

    ``header_rows`` are the rows that name its columns, ``skipped`` those that name columns of any table; ``tables`` are the
    forms to try (the catalogue's where none are given). Of several forms the one whose own labels the document prints is
    taken; where none is ahead the form is None.
    """
    tables = tables or catalogue.table_forms(fact_table)
    best: dict[str, list[_Candidate]] = {}
    strangers: list[Problem] = []
    for table in tables:
        candidates = []
        headers = read_headers(rows, header_rows, table, catalogue)
        for found in find_tables(rows, skipped, table, catalogue):
            if not _is_believed(found, headers, header_rows, rows, furniture_cores(catalogue, table)):
                strangers += _strange_form(found, rows)
                continue
            tasks = row_tasks(rows, found, headers, catalogue)
            weight = found.weight + headers_weight(tasks, found, catalogue)
            candidates.append(_Candidate(found, tuple(tasks), weight))
        if candidates:
            best[table.form] = sorted(candidates, key=lambda c: -c.weight)
    if not best:
        return None, strangers[:1]
    leading = sorted(best.values(), key=lambda candidates: -candidates[0].weight)
    tied = [c for c in leading if abs(c[0].weight - leading[0][0].weight) < 1e-6]
    form = leading[0][0].found.table.form if len(tied) == 1 else None
    keys = all_cells([candidates[0].found.table for candidates in tied], catalogue)
    return _recognised(rows, leading[0], form, keys, catalogue), []


def _is_believed(
    found: FoundTable,
    headers: Sequence[Header],
    header_rows: Sequence[int],
    rows: Sequence[TableRow],
    titles: frozenset[str],
) -> bool:
    """Tell whether the rows found are the table: under a header that names its columns, or many of them together."""
    fact_table = found.table.fact_table
    headed = [header for header in headers if header.rows.stop <= found.last]
    if fact_table == "statistics" and _has_strange_header(found, headed, header_rows, rows, titles):
        return False
    titled = fact_table == "proactive" and any(_is_title(row, titles) for row in rows[: found.last])
    needed = HEADED_ROWS if headed or titled else BARE_ROWS
    return fact_table in needed and len(found.rows) >= needed[fact_table]


def _is_title(row: TableRow, titles: frozenset[str]) -> bool:
    return any(label is not None and label.core in titles for label in row.labels)


def _has_strange_header(
    found: FoundTable,
    headed: Sequence[Header],
    header_rows: Sequence[int],
    rows: Sequence[TableRow],
    titles: frozenset[str],
) -> bool:
    """Tell whether a statistics table's own header names columns that the form does not have: it is another form's."""
    if headed:
        named = {leaf.position for leaf in headed[-1].leaves}
        return None in named or len(named) < len(found.table.columns)
    block = rows[found.first].block
    return any(at in header_rows or _is_title(rows[at], titles) for at in range(found.first) if rows[at].block == block)


def _strange_form(found: FoundTable, rows: Sequence[TableRow]) -> list[Problem]:
    if len(found.rows) < HEADED_ROWS["statistics"] or found.table.fact_table != "statistics":
        return []
    return [
        Problem(
            "unknown_form",
            f"{len(found.rows)} rows like those of form {found.table.form}: {row_text(rows[found.first])}",
        )
    ]


def _recognised(
    rows: Sequence[TableRow],
    candidates: list[_Candidate],
    form: str | None,
    keys: tuple[CellKey, ...],
    catalogue: Catalogue,
) -> RecognisedTable:
    bound = [bind_rows(rows, candidate.found, candidate.tasks, catalogue) for candidate in candidates]
    used = [header for one in bound for header in one.headers]
    claimed = {row.at for c in candidates for row in (*c.found.rows.values(), *c.found.doubled, *c.found.misplaced)}
    return RecognisedTable(
        bound=reconstruct(bound[0].table(form, keys), catalogue),
        copies=tuple(one.table(form, keys) for one in bound[1:]),
        problems=bound[0].problems,
        unknown=tuple(candidates[0].found.unknown),
        claimed=frozenset(claimed | {at for header in used for at in header.rows}),
        blocks=frozenset().union(*(one.row_blocks for one in bound), {header.block for header in used}),
        is_headed=all(task.header is not None for candidate in candidates for task in candidate.tasks),
    )


def recognise_disputes(rows: Sequence[TableRow], catalogue: Catalogue) -> RecognisedTable | None:
    """Return section 四: the one table of channels over outcomes, the same form since 2019.

    Printed as the form has it (one row of 15 numbers under two rows of names), or with a row for each channel or outcome.
    """
    table = catalogue.table_forms("disputes")[-1]
    copies = find_disputes(rows, table, catalogue)
    numbered = [copy for copy in copies if copy.numbers is not None]
    if not numbered:
        labelled = _labelled_disputes(rows, table, catalogue)
        if labelled is not None or not copies:
            return labelled
    claimed = {at for copy in copies for at in copy.header} | {c.numbers for c in copies if c.numbers is not None}
    main, *others = numbered or copies[:1]
    return RecognisedTable(
        bound=reconstruct_disputes(_disputes_table(main, rows, table), catalogue),
        copies=tuple(_disputes_table(copy, rows, table) for copy in others),
        problems=tuple(("unknown_row", at, row_text(rows[at])) for at in main.surplus if at not in claimed),
        unknown=(),
        claimed=frozenset(claimed),
        blocks=frozenset(rows[at].block for at in claimed),
    )


def _labelled_disputes(rows: Sequence[TableRow], table: TableForm, catalogue: Catalogue) -> RecognisedTable | None:
    """Return section 四 laid out with channels as rows and outcomes as columns, or the other way round."""
    header_rows = find_header_rows(rows, (table,), catalogue)
    found, _ = recognise_rows(rows, "disputes", header_rows, header_rows, catalogue, (table,))
    if found is not None:
        return found
    turned = turn(table)
    header_rows = find_header_rows(rows, (turned,), catalogue)
    found, _ = recognise_rows(rows, "disputes", header_rows, header_rows, catalogue, (turned,))
    return _turned_back(found, table) if found is not None else None


def turn(table: TableForm) -> TableForm:
    """Return a form with rows and columns changed over, under a name of its own."""
    cells = tuple((column, row) for row, column in table.cells)
    return replace(table, form=f"{table.form} turned", rows=table.columns, columns=table.rows, cells=cells)


def _turned_back(found: RecognisedTable, table: TableForm) -> RecognisedTable:
    def back(bound: BoundTable) -> BoundTable:
        return BoundTable(
            table,
            table.form,
            table.cells,
            {(row, column): cell for (column, row), cell in bound.cells.items()},
            {(row, column): block for (column, row), block in bound.blocks.items()},
            {(row, column): unit for (column, row), unit in bound.units.items()},
        )

    return replace(found, bound=back(found.bound), copies=tuple(map(back, found.copies)))


def _disputes_table(found: FoundDisputes, rows: Sequence[TableRow], table: TableForm) -> BoundTable:
    block = rows[found.numbers if found.numbers is not None else found.header.start].block
    return BoundTable(table, table.form, table.cells, found.cells, dict.fromkeys(found.cells, block), {})
