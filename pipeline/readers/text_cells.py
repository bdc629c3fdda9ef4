"""A table of a text dump to rows of cells.

Belongs here: what of the raw cells is label and what is value, where the table ends. Does not belong here: which cells make a row
(``text_rows``), what a label means and which column a value stands in (``pipeline.recognize``).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from pipeline.catalogue.model import Catalogue
from pipeline.document import BOUNDARIES_LOST, SPLIT_AT_BLANKS, Cell, Table
from pipeline.numbers import number_text, numbers_only, parse_number
from pipeline.plain_text import to_plain
from pipeline.readers.text_labels import Kind, TextLabel
from pipeline.readers.text_layout import Layout, RawCell, find_layout, raw_cells
from pipeline.readers.text_regions import Region
from pipeline.readers.text_rows import Piece, is_first_of_group, rows_by_breaks, rows_by_labels
from pipeline.recognize.labels import column_index, split_label
from pipeline.values import record

FEW_LETTERS = 6
"""A cell of digits and at most so many letters (约3, 30余件) is a number that cannot be read, not a label."""
FEW_ROWS = 3
LONGEST_TAIL = 4000
"""So far behind its last known label a table may go on."""
LABEL_LETTERS = 60
"""A longer text behind the last known row is prose, not a row that the form does not know."""


@record
class CutTable:
    """A table cut out of a text: [``start``, ``end``) is what it takes of it."""

    start: int
    end: int
    table: Table


class _Tests:
    """The tests on a piece of text that the declared data gives for one table."""

    def __init__(self, catalogue: Catalogue, region: Region) -> None:
        forms = catalogue.table_forms(region.table)
        self.columns = frozenset(core for form in forms for core in column_index(catalogue, form).exact)
        sideways = [form for form in forms if form.layout == "one_row"]
        # The header of section 四 may come in pieces and in any order; nothing but its own letters stands in it.
        self.letters = frozenset(char for t in sideways for axis in (*t.rows, *t.columns) for char in axis.label)
        self.is_number: Callable[[str], bool] = numbers_only(catalogue)
        self.numbers = number_text(catalogue.money_units, catalogue.counters, catalogue.cell_words)
        units = sorted({*catalogue.money_units, *catalogue.counters}, key=len, reverse=True)
        self.junk = catalogue.cell_words.junk
        self.unit_first = re.compile(rf"\s*({'|'.join(map(re.escape, units))})(?=[\s\d无/—\-]|$)")


def cut_table(text: str, region: Region, limit: int, catalogue: Catalogue) -> CutTable:
    """Return the table of a region; it ends before ``limit`` and where its last row does."""
    limit = min(limit, region.labels[-1].end + LONGEST_TAIL)
    layout = find_layout(text, region)
    start = _start(text, region)
    tests = _Tests(catalogue, region)
    pieces = list(_pieces(text, region, raw_cells(text, start, limit, layout), layout, tests))
    last = max(at for at, piece in enumerate(pieces) if piece.start <= region.labels[-1].start)
    pieces = pieces[: last + 1] + list(_tail(text, pieces[last + 1 :], layout))
    rows = rows_by_breaks(pieces) if layout.has_rows else rows_by_labels(text, pieces)
    end = pieces[-1].end
    while end < limit and text[end] in " \t|":
        end += 1
    lost = layout in (Layout.LINES, Layout.BLANKS)
    if layout in (Layout.PIPE_ROWS, Layout.PIPE_CELLS) and region.table == "requests":
        columns = min(sum(not c.is_group for c in form.columns) for form in catalogue.table_forms(region.table))
        rows = [_without_padding(text, row, columns) for row in rows]
    if lost and region.table == "statistics" and _keeps_first_lines_only(text, rows, tests):
        rows = [[piece for piece in row if not piece.is_value] for row in rows]
    route = SPLIT_AT_BLANKS if lost else None
    return CutTable(start, end, Table(tuple(_cells(text, rows, route, lost)), "sequence"))


def _start(text: str, region: Region) -> int:
    start = region.start
    while start and text[start - 1] in " \t|(（":
        start -= 1
    return start


def _pieces(text: str, region: Region, cells: Sequence[RawCell], layout: Layout, tests: _Tests) -> Iterator[Piece]:
    """Yield labels, words and values in order: each label whole, even over several raw cells, and what stands between."""
    starts = [cell.start for cell in cells]
    labels = [label for label in region.labels if not _is_inside(text, label, starts, layout)]
    number = 0
    done = 0
    seen = False
    for cell in cells:
        at = max(cell.start, done)
        fresh = cell.after_break
        if at >= cell.end and cell.end > cell.start:
            continue
        while number < len(labels) and labels[number].start < cell.end:
            label = labels[number]
            if tests.junk.sub("", text[at : label.start]).strip("()（）：: \t\n\xa0\u3000"):
                yield from _free(text, at, label.start, fresh, seen, layout, tests)
                fresh = False
            seen = seen or label.kind(region.table) is Kind.ROW
            roles = {kind for table, kind in label.roles if table == region.table}
            end = _label_end(text, label, cell, labels[number + 1 :], layout, tests)
            yield Piece(label.start, end, label.kind(region.table), False, fresh, Kind.GROUP in roles)
            at = done = max(end, at)
            fresh = False
            number += 1
            if end > cell.end:
                break
        at = max(at, cell.start)
        if at == cell.start or (at < cell.end and text[at : cell.end].strip("()（）：: \t\n\xa0\u3000")):
            yield from _free(text, at, cell.end, fresh, seen, layout, tests)


def _is_inside(text: str, label: TextLabel, starts: Sequence[int], layout: Layout) -> bool:
    """Tell whether a label stands in the middle of a cell's words, where the layout would have given it a cell of its own."""
    at = bisect_right(starts, label.start)
    if layout is not Layout.LINES or not at:
        return False
    return len(re.findall(r"[\u3400-\u9fff]", text[starts[at - 1] : label.start])) > FEW_LETTERS


def _label_end(
    text: str, label: TextLabel, cell: RawCell, following: Sequence[TextLabel], layout: Layout, tests: _Tests
) -> int:
    """Return where a label's cell ends: words right behind a known label in the same cell belong to it."""
    if label.end >= cell.end or layout is Layout.BLANKS:
        return label.end
    stop = min(cell.end, following[0].start) if following else cell.end
    rest = text[label.end : stop]
    if not rest.strip() or tests.is_number(rest) or tests.unit_first.match(rest):
        return label.end
    match = re.compile(r"[^\d\n]*").match(rest)
    return label.end + (match.end() if match else 0)


def _free(
    text: str, start: int, end: int, after_break: bool, rows_seen: bool, layout: Layout, tests: _Tests
) -> Iterator[Piece]:
    """Yield the cells of a stretch without known labels; before the first row the short names of columns are headers too."""
    for first, last in _stretches(text, start, end, layout, tests):
        piece = text[first:last]
        is_value = tests.is_number(piece) or _is_broken_number(piece)
        core = "" if is_value else split_label(piece).core
        is_header = (core in tests.columns and not rows_seen) or (core != "" and tests.letters >= set(core))
        yield Piece(first, last, Kind.HEADER if is_header else None, is_value, after_break)
        after_break = False


def _stretches(text: str, start: int, end: int, layout: Layout, tests: _Tests) -> Iterator[tuple[int, int]]:
    if layout is Layout.BLANKS:
        for token in re.finditer(r"\S+", text[start:end]):
            yield from _unglued(text, start + token.start(), start + token.end(), tests)
        return
    piece = text[start:end]
    if layout is Layout.LINES and _is_several_numbers(piece, tests):
        yield from ((start + token.start(), start + token.end()) for token in re.finditer(r"\S+", piece))
        return
    unit = tests.unit_first.match(piece) if layout is Layout.LINES else None
    if unit and piece[unit.end() :].strip():
        yield start + unit.start(), start + unit.end()
        start += unit.end()
        piece = text[start:end]
    stop = _end_of_cell(piece, layout, tests)
    yield start, start + stop
    if piece[stop:].strip():
        yield start + stop, end


def _is_several_numbers(piece: str, tests: _Tests) -> bool:
    tokens = piece.split()
    return len(tokens) > 1 and parse_number(piece) is None and all(map(tests.is_number, tokens))


def _unglued(text: str, start: int, end: int, tests: _Tests) -> Iterator[tuple[int, int]]:
    """Yield the runs of numbers and of words of a token; a unit before a number is a cell of its own."""
    while start < end:
        unit = tests.unit_first.match(text, start, end)
        match = unit or tests.numbers.match(to_plain(text[start:end]))
        stop = unit.end() if unit else start + (match.end() if match else 0)
        if stop == start:
            words = re.compile(r"[^\d]+").match(text, start, end)
            stop = words.end() if words else end
        yield start, stop
        start = stop


def _end_of_cell(piece: str, layout: Layout, tests: _Tests) -> int:
    """Return where a cell ends that runs on into the text behind the table: at an empty line, or where words follow a number."""
    gap = re.search(r"\n[ \xa0]*\n\s*(?=\S)", piece)
    if gap and (piece[: gap.start()].strip() or layout is Layout.TAB_CELLS):
        return gap.start()
    lines = piece.split("\n")
    for number in range(1, len(lines)):
        head, tail = "\n".join(lines[:number]), lines[number].strip()
        if head.strip() and tests.is_number(head) and tail and not tests.is_number(tail) and tail[0] not in "(（":
            return len(head)
    return len(piece)


def _is_broken_number(piece: str) -> bool:
    letters = re.findall(r"[A-Za-z\u3400-\u9fff]", piece)
    if len(letters) > FEW_LETTERS or not re.search(r"\d", piece):
        return False
    return split_label(piece).ordinal is None


def _tail(text: str, pieces: Sequence[Piece], layout: Layout) -> Iterator[Piece]:
    """Yield what still belongs to the table behind its last known label: values, and rows that the form does not know."""
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if not piece.is_value and piece.kind is None:
            if layout in (Layout.LINES, Layout.BLANKS) or not _starts_row(text, pieces[at : at + 3], layout):
                return
        elif layout.has_rows and piece.after_break and piece.is_value and not _line_is_row(text, pieces[at:]):
            return
        yield piece
        at += 1


def _starts_row(text: str, pieces: Sequence[Piece], layout: Layout) -> bool:
    label = text[pieces[0].start : pieces[0].end]
    letters = re.findall(r"[\u3400-\u9fff]", label)
    if len(letters) > LABEL_LETTERS or re.search(r"[。;；]|^\s*[一二三四五六]、", label) or "\n\n" in label.strip():
        return False
    follows = len(pieces) > 1 and pieces[1].is_value and (not layout.has_rows or not pieces[1].after_break)
    return follows and bool(text[pieces[1].start : pieces[1].end].strip())


def _line_is_row(text: str, pieces: Sequence[Piece]) -> bool:
    line = [pieces[0]]
    for piece in pieces[1:]:
        if piece.after_break:
            break
        line.append(piece)
    return len(line) > 1 and all(piece.is_value for piece in line) and any(text[p.start : p.end].strip() for p in line)


def _keeps_first_lines_only(text: str, rows: Sequence[Sequence[Piece]], tests: _Tests) -> bool:
    """Tell whether the dump kept only the first of equal lines: rows without a number, and no number that stands twice.

    Labels that the form prints twice are lost then, too, and the number behind them would pass to the row above.
    """
    known = [row for row in rows if any(piece.kind is Kind.ROW for piece in row)]
    values = [text[p.start : p.end].strip() for row in known for p in row if p.is_value]
    numbers = [value for value in values if value and not tests.unit_first.fullmatch(value)]
    return len(known) - len(numbers) >= FEW_ROWS and len(set(numbers)) == len(numbers)


def _without_padding(text: str, row: Sequence[Piece], columns: int) -> list[Piece]:
    """Return a row without the pipes at its end where they stand for merged cells: fewer cells than columns are printed.

    Converters put the pipes of all cells that were merged behind the row (``| | 0 | |||||||``); which column the 0 stands in
    nobody can say then, and too few cells are left to say it.
    """
    end = len(row)
    while end and row[end - 1].is_value and row[end - 1].start == row[end - 1].end:
        end -= 1
    if end == len(row):
        return list(row)
    if row[end - 1].is_value and not _is_filled(text, row[end - 1]):
        end -= 1
    cells = [piece for piece in row[:end] if piece.is_value]
    is_merged = len(cells) < columns and any(_is_filled(text, piece) for piece in cells)
    return list(row[:end] if is_merged else row)


def _is_filled(text: str, piece: Piece) -> bool:
    return bool(text[piece.start : piece.end].strip())


def _cells(text: str, rows: Sequence[Sequence[Piece]], route: str | None, lost: bool) -> Iterator[Cell]:
    nothing: Sequence[Piece] = ()
    for number, (row, after) in enumerate(zip_longest(rows, rows[1:], fillvalue=nothing), start=1):
        for col, piece in enumerate(row, start=1):
            printed = text[piece.start : piece.end].strip()
            yield Cell(number, col, printed, route=route if piece.is_value else None)
        # A row whose cells are gone altogether is still a row of the document.
        if lost and row[-1].kind is Kind.ROW and not (row[-1].may_be_group and is_first_of_group(text, after)):
            yield Cell(number, len(row) + 1, "", route=BOUNDARIES_LOST)
