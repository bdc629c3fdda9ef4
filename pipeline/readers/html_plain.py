"""Tables of nothing but text, read from their serialized form: several times as fast as visiting their elements.

Belongs here: cutting the markup of a table, which the parser has made sound, into rows and cells. Does not belong here: tables
that hold other tables, pictures, headings, lists or unprinted parts (``html_table``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipeline.document import Cell, UnreadableFile
from pipeline.readers.html_cells import text_of_markup
from pipeline.readers.html_places import Layout, Placed, lay_out
from pipeline.remembered import Remembered

MAX_CELLS = 50_000
PROSE_LENGTH = 400
"""A cell longer than this is prose in a layout table; the longest printed label with its note is about 120 characters."""
LONGEST_REMEMBERED, LARGEST_REMEMBERED = 400, 1000
"""Characters of markup of a cell, and rows and cells of a table, above which what was made of them is not kept."""
MOST_PARTS, MOST_CELLS = 16_384, 40_000
"""Kept; when there are more, all are forgotten."""
_TAG = re.compile(r"([rdh])(?=[ />])([^>]*)>")
_AROUND_ROWS = re.compile(r"(?:able|body|head|foot)[ />]")
_ROW_OR_CELL = re.compile(r"<t(?=[rdh][ />])")
_BEFORE_STRAY_CELL = re.compile(r"</tr>\s*(?:</?t(?:body|head|foot)[^>]*>\s*)*(?=<t[dh][ />])")
"""Where a browser begins a row that the page does not."""

_Part = tuple[str, str | None]
"""The tag as ``html_places.Layout`` has it, empty for what stands round rows; the text of a cell, None for any other tag."""
_OTHER: _Part = ("?", None)


def too_many_cells() -> UnreadableFile:
    """Return what becomes of a page with a table that is no report's."""
    return UnreadableFile(f"HTML table of more than {MAX_CELLS} cells: not one report")


def plain_cells(element: Any) -> list[Cell] | None:
    """Return the cells of a table that holds nothing but text; None where its elements have to be visited.

    That is where a text is long enough to be prose. Raises UnreadableFile: too many cells.
    """
    source = etree.tostring(element, encoding="unicode", with_tail=False)
    if _BEFORE_STRAY_CELL.search(source):
        source = _BEFORE_STRAY_CELL.sub(r"\g<0><tr>", source)
    parts = _parts(source.split("<t"))
    if _OTHER in parts:  # <tt>, <time>
        parts = [part for part in _parts(_ROW_OR_CELL.split(source)) if part is not _OTHER]
    # Layouts and the texts of cells come again and again, within a table and from report to report.
    layout = tuple([tag for tag, _ in parts if tag])
    texts = [text for _, text in parts if text is not None]
    if len(texts) > MAX_CELLS:
        raise too_many_cells()
    if texts and max(map(len, texts)) > PROSE_LENGTH:
        return None
    if len(layout) > LARGEST_REMEMBERED:
        return list(map(Cell, *_in_order(lay_out(layout), texts)))
    return remembered_cells(layout, texts)


def _in_order(
    placed: Placed, texts: list[str]
) -> tuple[Iterable[int], Iterable[int], list[str], Iterable[int], Iterable[int]]:
    rows, columns, row_spans, widths = placed
    return rows, columns, texts, row_spans, widths


def remembered_cells(layout: Layout, texts: list[str]) -> list[Cell]:
    """Return the cells of a table. In tables laid out alike most cells print the same from report to report."""
    if _MEMORY.count > MOST_CELLS:
        _MEMORY.layouts.clear()
        _MEMORY.count = 0
    known = _MEMORY.layouts.get(layout)
    if known is None:
        known = _MEMORY.layouts[layout] = lay_out(layout), tuple([{} for _ in texts])
    placed, by_text = known
    cells = [cells.get(text) for cells, text in zip(by_text, texts, strict=True)]
    if not all(cells):
        rows, columns, row_spans, widths = placed
        new = [at for at, cell in enumerate(cells) if cell is None]
        _MEMORY.count += len(new)
        for at in new:
            text = texts[at]
            cells[at] = by_text[at][text] = Cell(rows[at], columns[at], text, row_spans[at], widths[at])
    return cells  # type: ignore[return-value] # none is left out


@dataclass(slots=True)
class _Memory:
    """The cells of tables by their layout and, cell by cell, by text; ``count`` is about how many."""

    layouts: dict[Layout, tuple[Placed, tuple[dict[str, Cell], ...]]] = field(default_factory=dict)
    count: int = 0


_MEMORY = _Memory()


def _parts(pieces: list[str]) -> list[_Part]:
    """Return what each piece of a table's markup is; the first piece stands before any tag of a table's parts."""
    del pieces[0]
    return list(map(_known_part.__getitem__, pieces))


def _part(piece: str) -> _Part:
    end = piece.find("<")
    if piece[:2] == "d>" and piece.startswith("</t", end) and (text := piece[2:end]).isalnum():
        return "d", text  # <td>123</td>: nearly every cell
    tag = _TAG.match(piece)
    if tag is None:
        return ("", None) if _AROUND_ROWS.match(piece) else _OTHER
    kind, marks = tag.groups()
    named = kind + marks if "span" in marks else kind
    if kind == "r":
        return named, None
    # A cell without content is closed in itself.
    return named, "" if marks[-1:] == "/" else text_of_markup(piece[tag.end() :])


def is_remembered(piece: str | bytes) -> bool:
    """Tell whether a piece of markup is short enough to come again."""
    return len(piece) <= LONGEST_REMEMBERED


_known_part = Remembered(_part, MOST_PARTS, is_remembered)
