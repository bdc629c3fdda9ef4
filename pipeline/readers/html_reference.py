"""The reference reading of an HTML page, by the standard library: shares no code with ``html`` from the bytes to the grid.

Belongs here: a doubtful page's tables read again: charset, tags, spans, what is hidden. Does not belong here: what becomes of a
difference (``pipeline.second_opinion``), what a page says of itself.

It mends nothing: where rows and cells are not nested as they should be it refuses, and nothing is said of any cell.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from pipeline.catalogue.words import load_words
from pipeline.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.html_outline import CELLS, SECTIONS, Element, Outline

MEDIA_TYPE = "text/html"
LARGEST = 8 * 1024 * 1024
"""The standard library reads about a megabyte a second; a larger page would cost the file its first reading."""
MOST_PLACES = 200_000
LONGEST_ENTRY = 400
MOST_POINTS = 2
MOST_LEFT_OPEN = 100
"""Comments or tags without an end: for each the standard library searches the rest of the page."""
LINES = frozenset(
    "p div br li tr table h1 h2 h3 h4 h5 h6 ul ol dl dt dd center section article form body hr pre".split()
)
NOT_PRINTED = frozenset(("del", "s", "strike", "textarea"))
NOT_A_CELL = frozenset(("h1", "h2", "iframe"))
_CHARSET = re.compile(rb"charset\W{1,4}([\w-]+)", re.IGNORECASE)


def read_html_reference(content: bytes) -> Document:
    """Return the tables of a page and the lines between them. Raises UnreadableFile where it cannot be sure of the grid."""
    if len(content) > LARGEST:
        raise UnreadableFile("page too large for a second reading")
    outline = Outline()
    _parse_into(outline, _decoded(content))
    blocks: list[Block] = []
    _Page(blocks).visit(outline.root)
    return Document(MEDIA_TYPE, tuple(blocks))


def _parse_into(outline: Outline, text: str) -> None:
    """Feed a page to the parser. Raises UnreadableFile where it gives up, or would take too long."""
    for start, end in (("<", ">"), ("<!--", "-->"), ("<![", "]")):
        if text.count(start, text.rfind(end) + 1) > MOST_LEFT_OPEN:
            raise UnreadableFile("no second reading of a page whose end is left open")
    try:
        outline.feed(text)
        outline.close()
    except AssertionError as error:
        raise UnreadableFile("page that the second reading cannot parse") from error


def _decoded(content: bytes) -> str:
    """Return the text: of the charsets under which every byte is sound, that with the fewest characters.

    UTF-8 read as GB18030 has half as many again; the other way round is never sound.
    """
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            codecs = [codec]
            break
    else:
        declared = _CHARSET.search(content[:4096])
        codecs = ["big5hkscs"] if declared and declared[1].lower().startswith(b"big5") else []
        codecs += ["gb18030", "utf-8"]
    texts = []
    for codec in codecs:
        try:
            texts.append(content.decode(codec))
        except UnicodeDecodeError:
            continue
    if not texts:
        raise UnreadableFile("page with bytes of no charset: no second reading")
    return min(texts, key=len)


@cache
def _unprinted() -> frozenset[str]:
    return frozenset(load_words("web_pages")["unseen_tags"]) | NOT_PRINTED


@cache
def _furniture() -> frozenset[str]:
    return frozenset(load_words("web_pages")["furniture_tags"])


def _is_seen(element: Element) -> bool:
    return element.tag not in _unprinted() and not element.is_hidden


@dataclass
class _Page:
    """One walk over the page: blocks so far, and the text of the line being gathered."""

    blocks: list[Block]
    line: list[str] = field(default_factory=list)

    def visit(self, element: Element) -> None:
        """Take what an element shows: tables as grids, the rest as lines."""
        if not _is_seen(element) or (element.tag in _furniture() and not any(e.tag == "table" for e in element.all())):
            return
        if element.tag == "table":
            self.end_line()
            self.table(element)
            return
        if element.tag in LINES or element.tag in CELLS:
            self.end_line()
        for part in element.parts:
            if isinstance(part, str):
                self.line.append(part)
            else:
                self.visit(part)
        if element.tag in LINES or element.tag in CELLS:
            self.end_line()

    def end_line(self) -> None:
        text = " ".join("".join(self.line).split())
        self.line.clear()
        if text:
            self.blocks.append(Paragraph(text))

    def table(self, table: Element) -> None:
        """Emit a table; rows that lay the page out are walked like the page, and cut the table in two."""
        rows = [row for row in _rows(table) if not row.is_hidden]
        placed = _placed([[cell for cell in row.elements() if cell.tag in CELLS and _is_seen(cell)] for row in rows])
        run: list[list[Cell]] = []
        for row, cells in zip(rows, placed, strict=True):
            if _lays_out(row) or any(len(cell.text) > LONGEST_ENTRY for cell in cells):
                self.emit(run)
                run = []
                for cell in row.elements():
                    self.visit(cell)
                self.end_line()
            else:
                run.append(cells)
        self.emit(run)

    def emit(self, run: list[list[Cell]]) -> None:
        if not any(cell.text.strip() or cell.route for row in run for cell in row):
            return
        first = next(cell.row for row in run for cell in row)
        skipped = next(number for number, row in enumerate(run) if row)
        cells = [
            Cell(
                cell.row - first + skipped + 1,
                cell.col,
                cell.text,
                min(cell.row_span, len(run) - number),
                cell.col_span,
                route=cell.route,
            )
            for number, row in enumerate(run)
            for cell in row
        ]
        self.blocks.append(Table(tuple(cells)))


def _rows(table: Element) -> Iterator[Element]:
    for child in table.elements():
        if child.is_hidden or child.tag in ("caption", "colgroup"):
            continue
        if child.tag == "tr":
            yield child
        elif child.tag in SECTIONS or any(inner.tag == "tr" for inner in child.elements()):
            yield from _rows(child)


def _lays_out(row: Element) -> bool:
    for element in (inner for cell in row.elements() for inner in cell.all()):
        if element.tag in NOT_A_CELL:
            return True
        if element.tag == "table" and sum(bool(_text(e).strip()) for e in element.all() if e.tag in CELLS) > 1:
            return True
        if element.tag in ("ul", "ol") and sum(e.tag == "li" for e in element.all()) > MOST_POINTS:
            return True
    return False


def _placed(rows: list[list[Element]]) -> list[list[Cell]]:
    """Return the cells of each row in their places: each takes the first free place of its row and all that it spans.

    Raises UnreadableFile where two cells would lie on each other, or spans take too many places.
    """
    taken: set[tuple[int, int]] = set()
    grid: list[list[Cell]] = []
    for number, elements in enumerate(rows, start=1):
        column = 1
        cells = []
        for element in elements:
            while (number, column) in taken:
                column += 1
            width = max(_span(element, "colspan"), 1)
            height = _span(element, "rowspan") or len(rows)
            height = min(height, len(rows) - number + 1)
            if len(taken) + width * height > MOST_PLACES:
                raise UnreadableFile("table too large for a second reading")
            places = {(row, col) for row in range(number, number + height) for col in range(column, column + width)}
            if not taken.isdisjoint(places):
                raise UnreadableFile("table whose cells lie on each other: no second reading")
            taken |= places
            text = _text(element)
            is_picture = not text.strip() and any(inner.tag == "img" for inner in element.all())
            cells.append(
                Cell(number, column, text, height, width, route="picture in place of text" if is_picture else None)
            )
            column += width
        grid.append(cells)
    return grid


def _span(cell: Element, name: str) -> int:
    digits = re.match(r"\d{1,4}", cell.attributes.get(name, "").strip())
    return int(digits[0]) if digits else 1


def _text(cell: Element) -> str:
    pieces: list[str] = []
    _gather(cell, pieces)
    lines = (re.sub(r"[ \t\r\f]+", " ", line).strip(" ") for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _gather(element: Element, pieces: list[str]) -> None:
    for part in element.parts:
        if isinstance(part, str):
            pieces.append(part.replace("\n", " "))
        elif part.tag == "input":
            is_text = part.attributes.get("type", "text").lower() == "text"
            pieces.append(part.attributes.get("value", "") if is_text and not part.is_hidden else "")
        elif _is_seen(part):
            mark = "\n" if part.tag in LINES else ""
            pieces.append(mark)
            _gather(part, pieces)
            pieces.append(mark)
