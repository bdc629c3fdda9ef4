"""Tables of nothing but text, read from their serialized form: several times as fast as visiting their elements.

Belongs here: cutting the markup of a table, which the parser has made sound, into rows and cells. Does not belong here: tables
that hold other tables, pictures, headings, lists or unprinted parts (``html_table``).
"""

import re
from functools import partial
from itertools import repeat
from typing import Any

from lxml import etree

from pipeline.document import Cell, UnreadableFile
from pipeline.readers.html_cells import text_of_markup
from pipeline.readers.html_places import Layout, lay_out
from pipeline.remembered import Remembered

MAX_CELLS = 50_000
PROSE_LENGTH = 400
"""A cell longer than this is prose in a layout table; the longest printed label with its note is about 120 characters."""
LONGEST_REMEMBERED, LARGEST_REMEMBERED = 400, 1000
"""Characters of markup of a cell, and rows and cells of a table, above which what was made of them is not kept."""
MOST_PARTS, MOST_LAYOUTS = 16_384, 512
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
    return laid_out_cells(layout, texts)


def laid_out_cells(layout: Layout, texts: list[str]) -> list[Cell]:
    """Return the cells of a table from its tags and their texts. Layouts come again and again, from report to report."""
    placed = lay_out(layout) if len(layout) > LARGEST_REMEMBERED else _placed[layout]
    rows, columns, row_spans, widths = placed
    nothing_more = [repeat(value, len(texts)) for value in _NOTHING_MORE]
    # Made without a step of Python each: a page is some hundreds of them.
    return list(map(_CELL, zip(rows, columns, texts, row_spans, widths, *nothing_more, strict=True)))


_CELL = partial(tuple.__new__, Cell)
_NOTHING_MORE = Cell(1, 1, "")[5:]
_placed = Remembered(lay_out, MOST_LAYOUTS)


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
