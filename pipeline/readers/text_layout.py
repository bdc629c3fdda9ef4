"""How a text dump parts the cells of a table, and the raw cells that this gives.

Belongs here: telling tabs, pipes, lines and blanks apart, and splitting by each. Does not belong here: which cell is a label
(``text_cells``).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from pipeline.readers.text_labels import Kind
from pipeline.readers.text_regions import Region
from pipeline.values import record


class Layout(Enum):
    """What parts the cells. In the ``_ROWS`` layouts a line of text is a row; in the others a row ends where a label begins."""

    TAB_ROWS = "a line a row, tabs between cells"
    PIPE_ROWS = "a line a row, pipes between cells"
    TAB_CELLS = "a line a cell, a tab before each"
    PIPE_CELLS = "pipes between cells, rows not told"
    LINES = "a line a cell"
    BLANKS = "blanks between cells, or nothing"

    @property
    def has_rows(self) -> bool:
        return self in (Layout.TAB_ROWS, Layout.PIPE_ROWS)


@record
class RawCell:
    """A stretch of the text that the layout takes for one cell; ``after_break`` where an empty line or a new row precedes it."""

    start: int
    end: int
    after_break: bool


_RULE = re.compile(r"[|\s:-]*-{3,}[|\s:-]*")  # What Markdown draws between a header and its rows.
_EMPTY_LINE = re.compile(r"\n[ ]*\n[ \n]*\Z")


def find_layout(text: str, region: Region) -> Layout:
    """Return how the rows of a region part their cells: what most of them do."""
    rows = [
        (label, text[label.end : after.start])
        for label, after in zip(region.labels, region.labels[1:], strict=False)
        if label.kind(region.table) == Kind.ROW
    ]
    zones = [zone for _, zone in rows if zone.strip(" \n\r")] or [text[region.labels[-1].end :][:100]]
    whole = text[region.start : region.labels[-1].end]

    def most(holds: Callable[[str], bool]) -> bool:
        return 2 * sum(map(holds, zones)) > len(zones)

    if most(lambda zone: "\t" in zone):
        lines = [line for line in whole.split("\n") if line.strip(" ")]
        single = sum(line.count("\t") <= 1 for line in lines)
        return Layout.TAB_CELLS if 5 * single >= 4 * len(lines) else Layout.TAB_ROWS
    if most(lambda zone: "|" in zone):
        return Layout.PIPE_ROWS if most(_has_cell_on_first_line) else Layout.PIPE_CELLS
    if most(lambda zone: len(zone.split("\n")[0].split()) <= 1) and whole.count("\n") >= len(region.labels) // 2:
        return Layout.LINES
    return Layout.BLANKS


def _has_cell_on_first_line(zone: str) -> bool:
    first = zone.split("\n")[0]
    return bool(first.replace("|", " ").strip()) or first.count("|") > 2


def raw_cells(text: str, start: int, end: int, layout: Layout) -> list[RawCell]:
    """Return the cells of a stretch of text; blank ones are kept where the layout marks them."""
    if layout is Layout.TAB_ROWS:
        return list(_by_rows(text, start, end, "\t"))
    if layout is Layout.PIPE_ROWS:
        return list(_by_rows(text, start, end, "|"))
    if layout is Layout.TAB_CELLS:
        return list(_by_separator(text, start, end, "\t"))
    if layout is Layout.PIPE_CELLS:
        return list(_by_separator(text, start, end, "|"))
    return list(_by_lines(text, start, end))


def _by_separator(text: str, start: int, end: int, separator: str) -> Iterator[RawCell]:
    at = start
    after_break = False
    for number, piece in enumerate(text[start:end].split(separator)):
        # What stands before the first separator is a cell only if it holds something.
        if number or piece.strip():
            yield RawCell(at, at + len(piece), after_break)
        after_break = _EMPTY_LINE.search(piece) is not None
        at += len(piece) + 1


def _by_rows(text: str, start: int, end: int, separator: str) -> Iterator[RawCell]:
    at = start
    lines = text[start:end].split("\n")
    piped = [line for line in lines if "|" in line]
    is_led = 2 * sum(line.startswith("|") for line in piped) > len(piped)
    for line in lines:
        pieces = [] if separator == "|" and _RULE.fullmatch(line) else line.split(separator)
        if separator == "|" and len(pieces) > 1:
            # What stands before a leading pipe and behind a trailing one is no cell.
            last = len(pieces) if pieces[-1].strip() else len(pieces) - 1
            yield from _pieces(at, pieces, int(is_led and not pieces[0].strip()), last)
        elif pieces and line.strip():
            yield from _pieces(at, pieces, 0, len(pieces))
        at += len(line) + 1


def _pieces(at: int, pieces: Sequence[str], first: int, last: int) -> Iterator[RawCell]:
    for number, piece in enumerate(pieces):
        if first <= number < last:
            yield RawCell(at, at + len(piece), number == first)
        at += len(piece) + 1


def _by_lines(text: str, start: int, end: int) -> Iterator[RawCell]:
    """Yield the lines that hold something; one that holds only a hard blank may be an empty cell and is kept."""
    at = start
    for line in text[start:end].split("\n"):
        if line.strip(" \t\r"):
            yield RawCell(at, at + len(line), False)
        at += len(line) + 1
