"""Sound tables of nothing but text, cut out of a page's source before it is parsed: most of a page is its tables.

Belongs here: telling from the source alone that a table can mean one thing only, its cells, and the mark
that stands in its place. Does not belong here: every other table (``html_table``), the text of a cell (``html_cells``), where
cells stand (``html_places``).

Sound is what every parser takes alike: innermost, lower-case tags, attributes without brackets, rows of cells of inline text,
paragraphs and line breaks, well-known entities. A row that says it is not displayed is left out; whatever else may hide
something makes a table unsound. ``tests/unit/readers/test_html_sound.py`` holds that both ways read the same.
"""

import re
from collections.abc import Sequence
from itertools import chain, compress, islice
from operator import itemgetter
from typing import Any

from pipeline.document import Cell, Table
from pipeline.readers.html_cells import marked_lines, printed
from pipeline.readers.html_plain import LARGEST_REMEMBERED, MOST_PARTS, PROSE_LENGTH, is_remembered, laid_out_cells
from pipeline.remembered import Remembered

MARK = "data-cut-out"
"""The attribute of what stands in the page in place of a table: its number."""
_IN_ITS_PLACE = f'<table {MARK}="%d"><tr><td>.</td><td>.</td></tr></table>'.encode()
_NEVER = (b"<textarea", b"<template", b"<noscript", b"<xmp", b"<plaintext", b"srcdoc")
"""Where markup may be carried as text, nothing is cut out; nor where control characters stand, which parsers take differently."""
FEWEST_FILLED = 2
"""Cells; one is a number or label in a box, part of the cell around it."""
MOST_LAYOUTS = 512

_ATTRIBUTES = rb"""[^<>"']*+(?:(?:"[^"<>]*+"|'[^'<>]*+')[^<>"']*+)*+"""
_INNER = rb"p|span|b|strong|font|o:p|u|i|em|a|div|sup|sub|small|big"
_START = re.compile(
    rb"(?=[\s>])" + _ATTRIBUTES + rb"(?<!/)>\s*(?:</?col(?:group)?(?=[\s>/])" + _ATTRIBUTES + rb">\s*)*"
)
_ROW = re.compile(rb"r(?=[\s>])(" + _ATTRIBUTES + rb")(?<!/)>\s*")
_AROUND_ROWS = re.compile(rb"(?:body|head|foot)(?=[\s>])" + _ATTRIBUTES + rb"(?<!/)>\s*")
# What a cell says between its tags: what stands in its place in a frame.
# Possessive: where no tag follows, a text of any length is given up at once.
_TEXT = re.compile(rb">(\s*+[^<>\s][^<>]*+)(?=<|\Z)")
_SLOT = "\x01"
_IN_SLOT = f">{_SLOT}".encode()
_CELL = re.compile(
    rb"([dh])(?=[\s>])(?P<attributes>" + _ATTRIBUTES + rb")(?<!/)>"
    rb"(?P<body>(?:[^<]++|</?(?:"
    + _INNER
    + rb")(?=[\s>])"
    + _ATTRIBUTES
    + rb"(?<!/)>|<br(?=[\s>/])"
    + _ATTRIBUTES
    + rb">)*+)"
    rb"(?P<closed></t\1>\s*)?(?P<end>(?:</t(?:r|body|head|foot)>\s*)+)?"
)
_NOT_DISPLAYED = re.compile(rb"\sstyle\s*=\s*([\"'])\s*(?:[^\"':;]+:[^\"';]*;\s*)*display\s*:\s*none\s*(?:;[^\"']*)?\1")
_BLOCK = re.compile(rb"<(/?)(p|div)(?=[\s>/])")
_SPAN = re.compile(rb"\s(row|col)span\s*=\s*(?:\"(\d{1,4})\"|'(\d{1,4})'|(\d{1,4})(?=\s|\Z))")
_ENTITY = re.compile(r"&(?!(?:nbsp|amp|lt|gt|quot|ensp|emsp|mdash|ndash|ldquo|rdquo|hellip|middot|times);)")
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\f\r")
_CONTROLS_BEYOND_ASCII = re.compile(rb"\xc2[\x80-\x9f]")

_Frame = tuple[str, tuple[str, ...]]
"""What a piece of a table's source is, and what stands round and between the texts of a cell (``html_cells.marked_lines``)."""
_Part = tuple[str, str]
"""What a piece of a table's source is, and the text of a cell.

Kinds: ``b`` round rows, ``r`` a row, ``x`` a row that is not displayed, ``d`` and ``h`` a cell with the spans it prints, in
upper case where it ends its row.
"""


def cut_out(source: bytes) -> tuple[bytes, list[Table]]:
    """Return a page's source with a mark in place of every sound table, and those tables by the number of their marks."""
    first, *pieces = source.split(b"<table")
    if not pieces:
        return source, []
    kept, tables = [first], list[Table]()
    for piece in pieces:
        end = piece.find(b"</table>")
        cells = _sound_cells(piece[:end]) if end >= 0 else None
        if cells is None or not _has_filled(cells):
            kept += b"<table", piece
        else:
            kept += _IN_ITS_PLACE % len(tables), piece[end + len(b"</table>") :]
            tables.append(Table(tuple(cells)))
    rest = b"".join(kept)
    # No sound table holds what is looked for here: its pieces were tried one by one.
    lower = rest.lower()
    if any(word in lower for word in _NEVER) or rest.count(MARK.encode()) != len(tables) or _has_controls(rest):
        return source, []
    return rest, tables


def _has_filled(cells: Sequence[Cell]) -> bool:
    """Tell whether enough cells of a table are filled."""
    return sum(1 for _ in islice(filter(str.strip, map(_TEXT_OF, cells)), FEWEST_FILLED)) == FEWEST_FILLED


_TEXT_OF = itemgetter(Cell._fields.index("text"))


def _has_controls(source: bytes) -> bool:
    if b"\xc2" in source and _CONTROLS_BEYOND_ASCII.search(source):
        return True
    return len(source.translate(None, _CONTROLS)) != len(source)


def all_stand_in(root: Any, tables: Sequence[Table]) -> bool:
    """Tell whether the mark of every table became an element of the page; one in a script or a comment did not."""
    marks = [mark for element in root.iter("table") if (mark := element.get(MARK)) is not None]
    return marks == [str(number) for number in range(len(tables))]


def _sound_cells(source: bytes) -> Sequence[Cell] | None:
    start, *pieces = source.split(b"<t")
    if not pieces or len(pieces) > LARGEST_REMEMBERED or not _known_start[start]:
        return None
    kinds, texts = zip(*map(_known_part.__getitem__, pieces), strict=True)
    layout = _layouts[kinds]
    if layout is None:
        return None
    tags, cells = layout
    return laid_out_cells(tags, list(compress(texts, cells)))


def _is_sound_start(start: bytes) -> bool:
    return _START.fullmatch(start) is not None and not _may_hide(start) and not _is_odd(start)


def _is_odd(piece: bytes) -> bool:
    """Tell whether a piece holds what nothing is cut out for."""
    return MARK.encode() in piece or b"srcdoc" in piece.lower() or _has_controls(piece)


def _part(piece: bytes) -> _Part:
    if _is_odd(piece):
        return _UNSOUND
    if piece[:2] == b"d>":  # <td>123</td>: nearly every cell
        alone, end, after = piece[2:].decode().partition("</td>")
        if end and after in ("", "</tr>") and "<" not in alone and "&" not in alone:
            text = printed(alone)
            return ("D" if after else "d", text) if len(text) <= PROSE_LENGTH else _UNSOUND
    # What is round a text comes again, whatever the text.
    around = _TEXT.split(piece)
    frame = _known_frame[_IN_SLOT.join(around[::2])]
    if frame is None:
        return _UNSOUND
    if b"&" in piece and any(_ENTITY.search(text.decode()) for text in around[1::2]):
        return _UNSOUND
    kind, between = frame
    if len(around) == 3:
        text = printed(f"{between[0]}{around[1].decode()}{between[1]}")
    else:
        texts = [text.decode() for text in around[1::2]]
        text = printed("".join(chain.from_iterable(zip(between, (*texts, ""), strict=True))))
    return (kind, text) if len(text) <= PROSE_LENGTH else _UNSOUND


def _frame(piece: bytes) -> _Frame | None:
    """Return what a piece is with ``_SLOT`` for each of its texts; None where it may be read in two ways."""
    if piece[:1] == b"r":
        row = _ROW.fullmatch(piece)
        if row is None or not _may_hide(piece):
            return ("r", ("",)) if row else None
        return ("x", ("",)) if _NOT_DISPLAYED.search(row.group(1)) else None
    cell = _CELL.fullmatch(piece)
    if cell is None:
        return ("b", ("",)) if _AROUND_ROWS.fullmatch(piece) and not _may_hide(piece) else None
    body = cell["body"]
    if not cell["closed"] and body.count(b"<") - body.count(b"<br") != 2 * body.count(b"</"):
        return None  # parsers end a cell without an end tag where elements in it are open each in its own way
    spans = _spans(cell["attributes"])
    source = body.decode()
    if spans is None or _may_hide(piece) or not _closes_what_it_opens(body) or _ENTITY.search(source):
        return None
    kind = cell.group(1).decode()
    return (kind.upper() if cell["end"] else kind) + spans, tuple(marked_lines(f"{source}</td>").split(_SLOT))


def _may_hide(piece: bytes) -> bool:
    lower = piece.lower()
    return b"hidden" in lower or b"display" in lower or b"visibility" in lower or b"mso-hide" in lower


_UNSOUND: _Part = ("?", "")
_known_start = Remembered(_is_sound_start, MOST_LAYOUTS, is_remembered)
_known_part = Remembered(_part, MOST_PARTS, is_remembered)
_known_frame = Remembered(_frame, MOST_PARTS, is_remembered)


def _spans(attributes: bytes) -> str | None:
    """Return the spans of a cell as ``html_places`` wants them; None where they are not written plainly."""
    named = attributes.lower().count(b"span")
    if not named:
        return ""
    found = [(name, a or b or c) for name, a, b, c in _SPAN.findall(attributes)]
    if len(found) != named or len(dict(found)) != len(found):
        return None
    return "".join(f' {name.decode()}span="{span.decode()}"' for name, span in found)


def _closes_what_it_opens(body: bytes) -> bool:
    """Tell whether each end tag of a paragraph or division has its own beginning: a stray one breaks the line or does not."""
    opened: list[bytes] = []
    for ends, name in _BLOCK.findall(body):
        if not ends:
            if b"p" in opened:  # a paragraph ends where another block begins
                opened.remove(b"p")
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return b"div" not in opened


def _layout(kinds: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[bool, ...]] | None:
    """Return the tags of a table as ``html_places.Layout`` and which parts are its cells.

    None where a part is unsound or a cell is in no row.
    """
    if _UNSOUND[0] in kinds:
        return None
    tags: list[str] = []
    cells = [False] * len(kinds)
    in_row = is_shown = False
    for at, kind in enumerate(kinds):
        if kind == "b":
            if in_row:
                return None
        elif kind in "rx":
            in_row, is_shown = True, kind == "r"
            if is_shown:
                tags.append("r")
        elif not in_row:
            return None
        else:
            if is_shown:
                tags.append(kind[0].lower() + kind[1:])
                cells[at] = True
            in_row = kind[0].islower()
    return tuple(tags), tuple(cells)


_layouts = Remembered(_layout, MOST_LAYOUTS)
