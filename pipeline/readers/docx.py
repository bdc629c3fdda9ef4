"""Word files (.docx) to ``Document``, straight from ``word/document.xml``: the final text, tables as grids.

Belongs here: the walk over the body, blocks in order, tables' grids. The package is in ``docx_package``, what stands in a
paragraph in ``docx_text``, automatic numbering in ``docx_numbering``. Does not belong here: which table is which form
(``pipeline.recognize``). Legacy ``.doc`` is read by ``doc``.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from pipeline.document import Block, Cell, Document, Paragraph, Picture, Table, UnreadableFile
from pipeline.readers.docx_cells import KnownCell, Markup, known_cell, remember, table_markup
from pipeline.readers.docx_numbering import Numbering, read_numbering
from pipeline.readers.docx_package import (
    W,
    main_part,
    parse_data,
    part_bytes,
    properties,
    read_data,
    read_part,
    related_parts,
)
from pipeline.readers.docx_pictures import PICTURES, drawn_pictures, holds_picture
from pipeline.readers.docx_text import PARAGRAPH, TRANSPARENT, paragraph_text, text_boxes

PICTURE, EMBEDDED = "picture in place of text", "embedded part in place of text"
MAX_GRID = 200
MAX_CELLS = 50_000
"""Of a whole file; a report has some 300. Counted before anything is parsed: parsing a million takes ten seconds."""
MAX_DEPTH = 60
TABLE, ROW, CELL = (f"{W}{tag}" for tag in ("tbl", "tr", "tc"))
MOST_PICTURE_BYTES = 128 * 1024 * 1024
"""Of all pictures of a file together; the largest real file has some 60 MB."""
CHUNK = f"{W}altChunk"
ROW_PROPERTIES, CELL_PROPERTIES = f"{W}trPr", f"{W}tcPr"
SPAN, MERGE, VALUE = f"{W}gridSpan", f"{W}vMerge", f"{W}val"


@dataclass
class _Reading:
    numbering: Numbering
    pictures: dict[str, str]
    chunks: dict[str, str]
    markup: Markup
    package: zipfile.ZipFile
    may_hold_pictures: bool
    may_embed: bool
    drawn: set[str] = field(default_factory=set)
    picture_bytes: int = 0
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_docx(content: bytes, _name: str, may_embed: bool = True) -> Document:
    """Return the paragraphs and tables of a Word file in reading order.

    ``may_embed`` allows Word files inside it: one level, for a file can hold itself.

    Raises UnreadableFile: password-protected, not a Word file, damaged, larger than is sound.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFile("damaged Word file: not a readable zip package") from error
    with package:
        main = main_part(package)
        data = read_data(package, main)
        if data is None:
            raise UnreadableFile("damaged Word file: its document part is missing")
        if data.count(b"<w:tc>") + data.count(b"<w:tc ") > MAX_CELLS:
            raise UnreadableFile(f"Word file of more than {MAX_CELLS} cells: not one report")
        root = parse_data(data, main)
        body = root.find(f"{W}body")
        if body is None:
            raise UnreadableFile("damaged Word file: no body in its document part")
        folder = posixpath.dirname(main)
        lists = read_part(package, f"{folder}/numbering.xml")
        reading = _Reading(
            read_numbering(lists, read_part(package, f"{folder}/styles.xml") if lists is not None else None),
            related_parts(package, main, "image"),
            related_parts(package, main, "aFChunk"),
            table_markup(data, root),
            package,
            may_hold_pictures=next(body.iter(*PICTURES), None) is not None,
            may_embed=may_embed,
        )
        _walk(body, reading, 0)
        meta = properties(package)
    media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Document(media, tuple(reading.blocks), meta, tuple(dict.fromkeys(reading.notes)))


def _walk(parent: Any, reading: _Reading, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnreadableFile(f"Word file nested deeper than {MAX_DEPTH} levels")
    for child in parent:
        tag = child.tag
        if tag == PARAGRAPH:
            _paragraph(child, reading, depth)
        elif tag == TABLE:
            _table(child, reading, depth)
        elif tag == CHUNK:
            _chunk(child, reading)
        elif tag in TRANSPARENT:
            _walk(child, reading, depth + 1)


def _chunk(element: Any, reading: _Reading) -> None:
    """Take what a part of another format holds in its place: a page, or a Word file inside this one."""
    part = next((reading.chunks.get(value) for value in element.attrib.values() if value in reading.chunks), None)
    content = part_bytes(reading.package, part) if part else None
    if content and content.startswith(b"PK") and reading.may_embed:
        inner = read_docx(content, "", may_embed=False)
    elif content and b"<" in content[:200] and b"mime-version" not in content[:200].lower():
        from pipeline.readers.html import read_html

        inner = read_html(content, "")
    else:
        reading.notes.append(f"embedded part left out: {part}")
        return
    reading.blocks += inner.blocks
    reading.notes += inner.notes


def _paragraph(element: Any, reading: _Reading, depth: int) -> None:
    text = paragraph_text(element, reading.numbering, reading.notes)
    for line in text.split("\n"):
        if line.strip():
            reading.blocks.append(Paragraph(line.strip(" \t")))
    for box in text_boxes(element):
        _walk(box, reading, depth + 1)
    _pictures(element, reading)


def _pictures(element: Any, reading: _Reading) -> None:
    """Take the pictures of a paragraph or a table, each part once: its bytes where all of it is shown."""
    for drawn in drawn_pictures(element) if reading.may_hold_pictures else ():
        part = reading.pictures.get(drawn.relation)
        if part is None or part in reading.drawn:
            continue
        reading.drawn.add(part)
        if drawn.is_cut:
            reading.notes.append(f"picture of which a part is shown: {part}")
        content = (
            None if drawn.is_cut else part_bytes(reading.package, part, MOST_PICTURE_BYTES - reading.picture_bytes)
        )
        reading.picture_bytes += len(content or b"")
        reading.blocks.append(Picture(part, content=content))


def _table(element: Any, reading: _Reading, depth: int) -> None:
    """Emit a table, then the tables that stand inside its cells; a one-cell table that holds prose is dissolved."""
    rows = [(row, list(_row_cells(row))) for row in _table_rows(element)]
    if len(rows) == 1 and len(rows[0][1]) == 1 and _holds_blocks(rows[0][1][0]):
        _walk(rows[0][1][0], reading, depth + 1)
        return
    cells: list[Cell] = []
    open_merges: dict[int, int] = {}  # column → index in ``cells`` of the merged cell that runs down through it
    nested: list[Any] = []
    counts = [len(elements) for _, elements in rows]
    markups = reading.markup.cells(element, counts, bool(reading.numbering.levels))
    for number, (row, elements) in enumerate(rows, start=1):
        column = 1 + _grid_before(row)
        for cell, markup in zip(elements, markups, strict=False):
            known = known_cell(markup)
            width, merge = (known.width, known.merge) if known is not None else _cell_shape(cell)
            above = open_merges.get(column) if merge == "continue" else None
            if above is not None and cells[above].col == column:
                cells[above] = _down_to(cells[above], number)
            else:
                if known is None:
                    known, inner = _read_cell(cell, width, merge, markup, reading, depth)
                    nested += inner
                cells.append(Cell(number, column, known.text, 1, width, None, None, None, known.route))
                if open_merges:
                    for covered in range(column, column + width):
                        open_merges.pop(covered, None)
                if merge:
                    open_merges[column] = len(cells) - 1
            column += width
    if any(cell.text.strip() or cell.route for cell in cells):
        reading.blocks.append(Table(tuple(sorted(cells, key=attrgetter("row", "col")))))
    for inner_table in nested:
        _table(inner_table, reading, depth + 1)
    _pictures(element, reading)


def _read_cell(
    cell: Any, width: int, merge: str, markup: bytes | None, reading: _Reading, depth: int
) -> tuple[KnownCell, list[Any]]:
    """Return what stands in a cell and the tables inside it; what its markup tells alone is remembered."""
    remarks = len(reading.notes)
    text, inner = _cell_content(cell, reading, depth)
    is_picture = not text.strip() and reading.may_hold_pictures and holds_picture(cell)
    route = PICTURE if is_picture else EMBEDDED if next(cell.iter(CHUNK), None) is not None else None
    read = KnownCell(width, merge, text, route)
    if markup is not None and len(reading.notes) == remarks:
        remember(markup, read)
    return read, inner


def _down_to(cell: Cell, row: int) -> Cell:
    return Cell(cell.row, cell.col, cell.text, row - cell.row + 1, cell.col_span, route=cell.route)


def _child(element: Any, tag: str) -> Any:
    """Return the first child of a tag, None where there is none. Several times as fast as ``find``."""
    return next(element.iterchildren(tag), None)


def _table_rows(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == ROW:
            own = _child(child, ROW_PROPERTIES)
            if own is None or _child(own, f"{W}del") is None:
                yield child
        elif child.tag in TRANSPARENT:
            yield from _table_rows(child)


def _row_cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == CELL:
            yield child
        elif child.tag in TRANSPARENT:
            yield from _row_cells(child)


def _grid_before(row: Any) -> int:
    own = _child(row, ROW_PROPERTIES)
    gap = _child(own, f"{W}gridBefore") if own is not None else None
    return min(_integer(gap.get(VALUE), 0), MAX_GRID) if gap is not None else 0


def _cell_shape(cell: Any) -> tuple[int, str]:
    """Return how many columns a cell takes, and whether it begins (``restart``) or goes on with (``continue``) a merge down."""
    width, merge = 1, ""
    own = _child(cell, CELL_PROPERTIES)
    if own is not None:
        for mark in own.iterchildren(SPAN, MERGE):
            if mark.tag == SPAN:
                width = min(max(_integer(mark.get(VALUE), 1), 1), MAX_GRID)
            else:
                merge = "restart" if mark.get(VALUE) == "restart" else "continue"
    return width, merge


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text) else default


def _holds_blocks(cell: Any) -> bool:
    return next(cell.iter(TABLE), None) is not None or sum(1 for _ in cell.iter(PARAGRAPH)) > 8


def _cell_content(cell: Any, reading: _Reading, depth: int) -> tuple[str, list[Any]]:
    """Return the text of a cell, a line per paragraph, and the tables inside it; a one-cell table is part of the text."""
    if depth > MAX_DEPTH:
        raise UnreadableFile(f"Word file nested deeper than {MAX_DEPTH} levels")
    lines: list[str] = []
    inner: list[Any] = []
    for block in _cell_blocks(cell):
        if block.tag == PARAGRAPH:
            lines.append(paragraph_text(block, reading.numbering, reading.notes).strip(" \t"))
            for box in text_boxes(block):
                lines += [paragraph_text(p, reading.numbering, reading.notes) for p in box.iter(PARAGRAPH)]
        elif len(list(_table_rows(block))) == 1 and sum(1 for _ in block.iter(CELL)) == 1:
            text, deeper = _cell_content(next(block.iter(CELL)), reading, depth + 1)
            lines.append(text)
            inner += deeper
        else:
            inner.append(block)
    if len(lines) == 1:
        return lines[0], inner
    return "\n".join(filter(None, lines)), inner


def _cell_blocks(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag in (PARAGRAPH, TABLE):
            yield child
        elif child.tag in TRANSPARENT:
            yield from _cell_blocks(child)
