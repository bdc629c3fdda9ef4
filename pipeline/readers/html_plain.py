"""Tables of nothing but text, read from their serialized form: several times as fast as visiting their elements.

Belongs here: cutting the markup of a table, which the parser has made sound, into rows and cells. Does not belong here: tables
that hold other tables, pictures, headings, lists or unprinted parts (``html_table``).
"""

import re
from functools import lru_cache
from typing import Any

from lxml import etree

from pipeline.document import Cell, UnreadableFile
from pipeline.readers.html_cells import text_of_markup
from pipeline.readers.html_places import lay_out, remembered_layout

MAX_CELLS = 50_000
PROSE_LENGTH = 400
"""A cell longer than this is prose in a layout table; the longest printed label with its note is about 120 characters."""
LONGEST_REMEMBERED, LARGEST_REMEMBERED = 400, 1000
"""Characters of markup of a cell, and rows and cells of a table, above which what was made of them is not kept."""
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
        parts = [part for part in _parts(_ROW_OR_CELL.split(source)) if part != _OTHER]
    # Layouts and the texts of cells come again and again, within a table and from report to report.
    layout = tuple([tag for tag, _ in parts if tag])
    texts = [text for _, text in parts if text is not None]
    if len(texts) > MAX_CELLS:
        raise too_many_cells()
    if texts and max(map(len, texts)) > PROSE_LENGTH:
        return None
    rows, columns, row_spans, widths = (remembered_layout if len(layout) <= LARGEST_REMEMBERED else lay_out)(layout)
    return list(map(_cell, rows, columns, texts, row_spans, widths))


def _parts(pieces: list[str]) -> list[_Part]:
    """Return what each piece of a table's markup is; the first piece stands before any tag of a table's parts."""
    return [_known_part(piece) if len(piece) <= LONGEST_REMEMBERED else _part(piece) for piece in pieces[1:]]


def _part(piece: str) -> _Part:
    tag = _TAG.match(piece)
    if tag is None:
        return ("", None) if _AROUND_ROWS.match(piece) else _OTHER
    kind, marks = tag.groups()
    text = None
    if kind != "r":
        # A cell without content is closed in itself.
        text = "" if marks[-1:] == "/" else text_of_markup(piece[tag.end() :])
    return (kind + marks if "span" in marks else kind), text


_known_part = lru_cache(maxsize=16384)(_part)
_cell = lru_cache(maxsize=16384)(Cell)
