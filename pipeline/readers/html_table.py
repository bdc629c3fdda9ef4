"""The grid of an HTML table: spans expanded as a browser does, layout rows told from data rows.

Belongs here: one ``<table>`` element to ``Table`` values and the elements to dissolve into prose; the walk is in ``html``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Any

from lxml import etree

from pipeline.document import Cell, Table
from pipeline.values import record

MAX_COL_SPAN = 100
MAX_CELLS = 50_000
PROSE_LENGTH = 400
"""A cell longer than this is prose in a layout table; the longest printed label with its note is about 120 characters."""
NOT_DATA_TAGS = ("h1", "h2", "iframe")
LIST_TAGS = ("ul", "ol")
LONGEST_LIST = 2
"""A list with more entries than this lays the page out; Word's export writes the number of a label as a list of one."""
LINE_TAGS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 table".split())
CARRIERS = ("textarea", "script", "template", "noscript")
"""Elements that may carry an article as text, which a script shows (``html_carried``)."""
UNSEEN_TAGS = frozenset(("script", "style", "template", "del", "s", "strike"))
"""What stands in a cell and is not printed there, or struck out."""
LONGEST_REMEMBERED, LARGEST_REMEMBERED = 400, 1000
"""Characters of markup in a cell, and rows and cells of a table, above which what was made of them is not kept."""
LINE_MARK = "\0"
"""Stands for a line break while a cell's text is gathered; no page holds this character."""
_SPAN = re.compile(r"\s*(\d{1,6})")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_EDGES = f" {LINE_MARK}"
# Over serialized markup: tags that do not break a line, the tags that do, rows, cells, spans.
_INLINE = re.compile(r"<(?!/?(?:td|th|tr|p|div|br|li|h[1-6])[\s/>])[^>]*>")
_LINE = re.compile(r"</?(?:p|div|br|li|h[1-6])(?:[\s/][^>]*)?>")
_PARTS = re.compile(r"<t([rdh])(?=[\s/>])([^>]*)>")
_SPANS = re.compile(r"""\s(row|col)span="\s*(\d{1,6})""")
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


# Asked once a page, in C: asking each element for its style costs as much as its text.
_MAY_BE_HIDDEN: Any = etree.XPath(
    "//@hidden/.. | //@style[contains(., 'none') or contains(., 'NONE') or contains(., 'None')"
    " or contains(., 'idden') or contains(., 'IDDEN')]/.."
)


@record
class Unseen:
    """What the reader of a page does not see: ``hidden`` elements.

    ``cells`` and ``tables`` hold such or other unprinted parts and need a closer look.
    """

    hidden: frozenset[Any]
    cells: frozenset[Any]
    tables: frozenset[Any]


def find_unseen(root: Any, may_hide: bool = True) -> Unseen:
    """Return the hidden elements of a page (``hidden``, ``display:none``) and what needs a closer look.

    ``may_hide`` is whether the page's source holds the words at all.
    """
    hidden = [
        e
        for e in (_MAY_BE_HIDDEN(root) if may_hide else ())
        if e.get("hidden") is not None or HIDDEN_STYLE.search(e.get("style") or "")
    ]
    parts = [part for part in (*hidden, *list(root.iter(*UNSEEN_TAGS, "input"))) if not _drop(part)]
    around = [element for part in parts for element in part.iterancestors("td", "th", "table")]
    cells = frozenset(element for element in around if element.tag != "table")
    return Unseen(frozenset(hidden), cells, frozenset(element for element in around if element.tag == "table"))


def _drop(part: Any) -> bool:
    """Take an unseen part out of the table that it stands in, if no article can be carried in it; tell whether it is gone."""
    parent = part.getparent()
    if parent is None or next(part.iterancestors("table"), None) is None:
        return False
    if part.tag == "input" or part.tag in CARRIERS or next(part.iter("table", *CARRIERS), None) is not None:
        return False
    if part.tail:
        before = part.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + part.tail
        else:
            parent.text = (parent.text or "") + part.tail
    parent.remove(part)
    return True


def cut_table(element: Any, unseen: Unseen) -> Iterator[Table | Any]:
    """Yield, in reading order, a ``Table`` per run of data rows and the cell elements of layout rows.

    A layout row holds another table, a heading or a long text: its cells are dissolved into the page's prose.
    """
    tables = element.iter("table", *NOT_DATA_TAGS, *LIST_TAGS, "img")
    is_plain = element not in unseen.tables and next(tables) is element and next(tables, None) is None
    plain = plain_cells(element) if is_plain else None
    if plain is not None:
        if any(cell.text.strip() for cell in plain):
            yield Table(tuple(plain))
        return
    rows = [_cells(row, unseen) for row in _rows(element, unseen)]
    nests = any(inner is not element for inner in element.iter("table", *NOT_DATA_TAGS, *LIST_TAGS))
    is_layout = [nests and any(map(_holds_layout, cells)) for cells in rows]
    # Spans reach over rows, so the grid is built once over all rows and then cut.
    grid = _grid(
        [
            [_raw_cell(cell, unseen, is_text=not layout) for cell in cells]
            for cells, layout in zip(rows, is_layout, strict=True)
        ],
        is_layout,
    )
    start = 0
    for index, (elements, placed) in enumerate(zip(rows, grid, strict=False)):
        if is_layout[index] or any(len(cell.text) > PROSE_LENGTH for cell in placed):
            yield from _emit(grid, start, index)
            yield from elements
            start = index + 1
    yield from _emit(grid, start, len(grid))


RawCell = tuple[int, int, str, str | None]
"""Rows and columns that a cell spans as printed (0: all that is left), its text, its route."""


def plain_cells(element: Any) -> list[Cell] | None:
    """Return the cells of a table that holds nothing but text; None where one is long enough to be prose, or there are too many.

    From the table's serialized form, which the parser has made sound: several times as fast as visiting its elements.
    """
    parts = _PARTS.split(etree.tostring(element, encoding="unicode", with_tail=False))
    # Layouts and the texts of cells come again and again, within a table and from report to report.
    layout = tuple(
        [kind + marks if "span" in marks else kind for kind, marks in zip(parts[1::3], parts[2::3], strict=True)]
    )
    placed = _laid_out(layout) if len(layout) <= LARGEST_REMEMBERED else _lay_out(layout)
    texts = [
        # A cell without content is closed in itself.
        "" if marks[-1:] == "/" else _body_text(body) if len(body) <= LONGEST_REMEMBERED else _read_body(body)
        for kind, marks, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
        if kind != "r"
    ]
    if len(texts) > MAX_CELLS or (texts and max(map(len, texts)) > PROSE_LENGTH):
        return None
    rows, columns, row_spans, widths = placed
    return list(map(Cell, rows, columns, texts, row_spans, widths))


def _read_body(body: str) -> str:
    """Return the text of a cell from its serialized content, which ends with the cell's end tag and what follows it."""
    source = _BLANKS.sub(" ", _LINE.sub(LINE_MARK, _INLINE.sub("", body)))
    text = source[: source.find("<")].strip(_EDGES)
    if LINE_MARK in text:
        text = "\n".join([line for part in text.split(LINE_MARK) if (line := part.strip(" "))])
    return unescape(text)


_body_text = lru_cache(maxsize=16384)(_read_body)

Layout = tuple[str, ...]
"""The tags of a table's rows and cells in order: the letter that tells them apart, and the attributes where they name spans."""
Placed = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Row, column, rows and columns of each cell."""


def _lay_out(layout: Layout) -> Placed:
    """Return where the cells of a table stand."""
    places = _Places(layout.count("r") + sum(tag[0] == "r" and len(tag) > 1 for tag in layout))
    placed: list[tuple[int, int, int, int]] = []
    for tag in layout:
        if tag[0] == "r":
            places.next_row()
        elif len(tag) > 1 or places.occupied:
            column, row_span, width = places.take(*_spans(tag[1:]))
            placed.append((places.row, column, row_span, width))
        else:
            placed.append((places.row, places.column, 1, 1))
            places.column += 1
    rows, columns, row_spans, widths = zip(*placed, strict=True) if placed else ((), (), (), ())
    return rows, columns, row_spans, widths


_laid_out = lru_cache(maxsize=512)(_lay_out)


def _spans(attributes: str) -> tuple[int, int]:
    printed = dict(_SPANS.findall(attributes))
    return int(printed.get("row", 1)), int(printed.get("col", 1))


def cell_text(element: Any, unseen: Unseen) -> str:
    """Return the text of a cell as seen: inline parts joined without a space, lines and paragraphs by a line break."""
    if len(element) == 0:
        return collapse(element.text or "").strip(" ")
    if element not in unseen.cells and _is_one_line(element):
        return collapse(etree.tostring(element, method="text", encoding="unicode", with_tail=False)).strip(" ")
    pieces: list[str] = []
    _gather(element, pieces, unseen)
    text = "".join(pieces)
    if LINE_MARK not in text:
        return collapse(text).strip(" ")
    lines = [collapse(line).strip(" ") for line in text.split(LINE_MARK) if line]
    return "\n".join(filter(None, lines))


def _is_one_line(cell: Any) -> bool:
    """Tell whether nothing in a cell breaks its line: no paragraphs, or one that holds all."""
    only = cell[0]
    lines = list(cell.iter(*LINE_TAGS)) if len(cell) > 1 or len(only) else [only] if only.tag in LINE_TAGS else []
    if not lines:
        return True
    return len(lines) == len(cell) == 1 and lines[0] is only and not (only.tag == "br" or cell.text or only.tail)


def _rows(element: Any, unseen: Unseen) -> Iterator[Any]:
    for child in element:
        if child in unseen.hidden:
            continue
        if child.tag == "tr":
            yield child
        elif child.tag not in ("table", "caption", "colgroup") and len(child):
            # Besides the parts of a table, what its author left open around rows: <form>, <center>, <font>.
            yield from _rows(child, unseen)


def _cells(row: Any, unseen: Unseen) -> list[Any]:
    return [child for child in row.iterchildren("td", "th") if child not in unseen.hidden]


def _holds_layout(cell: Any) -> bool:
    if len(cell) == 0:
        return False
    for table in cell.iter("table"):
        # A nested table with one filled cell is a number or label in a box, part of its cell.
        filled = (inner for inner in table.iter("td", "th") if any(map(str.strip, inner.itertext())))
        if next(filled, None) is not None and next(filled, None) is not None:
            return True
    if any(sum(1 for _ in lines.iter("li")) > LONGEST_LIST for lines in cell.iter(*LIST_TAGS)):
        return True
    return next(cell.iter(*NOT_DATA_TAGS), None) is not None


def _span(cell: Any, name: str) -> int:
    printed = cell.get(name)
    found = _SPAN.match(printed) if printed else None
    return int(found.group(1)) if found else 1


def _raw_cell(element: Any, unseen: Unseen, is_text: bool) -> RawCell:
    text = cell_text(element, unseen) if is_text else ""
    is_picture = len(element) and not text.strip("\xa0\u3000 ") and next(element.iter("img"), None) is not None
    route = "picture in place of text" if is_picture and is_text else None
    return _span(element, "rowspan"), _span(element, "colspan"), text, route


@dataclass(slots=True)
class _Places:
    """Where the next cell of a table goes, as a browser lays them out; rows and columns count from 1.

    ``occupied``: column → the last row that a cell above covers.
    """

    rows: int
    row: int = 0
    column: int = 1
    occupied: dict[int, int] = field(default_factory=dict)

    def next_row(self) -> None:
        self.row += 1
        self.column = 1

    def take(self, row_span: int, col_span: int) -> tuple[int, int, int]:
        """Return column, rows and columns of the next cell; spans as printed (0 rows: all that are left)."""
        occupied, row, column = self.occupied, self.row, self.column
        while occupied.get(column, 0) >= row:
            column += 1
        width = 1
        # A span never runs over a cell that comes down from above: no two cells overlap.
        while width < min(col_span, MAX_COL_SPAN) and occupied.get(column + width, 0) < row:
            width += 1
        rest = self.rows - row + 1
        row_span = min(row_span or rest, rest)
        if row_span > 1:
            for covered in range(column, column + width):
                occupied[covered] = row + row_span - 1
        self.column = column + width
        return column, row_span, width


def _grid(rows: list[list[RawCell]], is_layout: list[bool]) -> list[list[Cell]]:
    """Return the cells of each row with their places. Layout rows only take up theirs."""
    places = _Places(len(rows))
    grid: list[list[Cell]] = []
    count = 0
    for raw, only_layout in zip(rows, is_layout, strict=True):
        places.next_row()
        count += len(raw)
        if count > MAX_CELLS:
            return grid
        placed: list[Cell] = []
        for row_span, col_span, text, route in raw:
            column, down, width = places.take(row_span, col_span)
            if not only_layout:
                placed.append(Cell(places.row, column, text, down, width, route=route))
        grid.append(placed)
    return grid


def _emit(grid: list[list[Cell]], start: int, stop: int) -> Iterator[Table | Any]:
    """Yield the rows ``start`` to ``stop`` of a grid as a table of its own, rows counted anew from 1."""
    cells = []
    for row in grid[start:stop]:
        for cell in row:
            row_span = min(cell.row_span, stop - cell.row + 1)
            if start or row_span != cell.row_span:
                cell = Cell(cell.row - start, cell.col, cell.text, row_span, cell.col_span, route=cell.route)
            cells.append(cell)
    if any(cell.text.strip() or cell.route for cell in cells):
        yield Table(tuple(cells))


def _gather(element: Any, pieces: list[str], unseen: Unseen) -> None:
    if element.text:
        pieces.append(element.text)
    for child in element:
        tag = child.tag
        if child in unseen.hidden or tag in UNSEEN_TAGS or not isinstance(tag, str):
            pass
        elif tag in LINE_TAGS:
            pieces.append(LINE_MARK)
            _gather(child, pieces, unseen)
            pieces.append(LINE_MARK)
        elif tag == "input":
            pieces.append(child.get("value") or "" if (child.get("type") or "text").lower() == "text" else "")
        else:
            _gather(child, pieces, unseen)
        if child.tail:
            pieces.append(child.tail)


def collapse(text: str) -> str:
    """Return the text with every run of the blanks that HTML collapses as one space."""
    return text if text.isalnum() else _BLANKS.sub(" ", text)
