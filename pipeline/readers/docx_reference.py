"""The reference reading of a Word file, by the standard library: shares no code with ``docx`` from the bytes to the grid.

Belongs here: a doubtful file's tables read again: final text, fields, merged cells. Does not belong here: what becomes of a
difference (``pipeline.second_opinion``). Refused, so that nothing is said: embedded parts, merges that do not fit, a cell whose
text is an automatic number.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from pipeline.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.package_parts import Package, attribute

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DEEPEST = 60
WIDEST = 200
MOST_LINES = 8
"""A table of one cell with more paragraphs than this is a frame round prose."""
GONE = frozenset(
    ("del", "moveFrom", "txbxContent", "instrText", "delText", "rPr", "pPr", "AlternateContent", "drawing", "pict")
)
PICTURES = frozenset(("blip", "imagedata"))
MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_docx_reference(content: bytes) -> Document:
    """Return the tables of a Word file and the paragraphs between them. Raises UnreadableFile where it cannot be sure."""
    package = Package(content)
    root = package.part(package.document())
    body = root.find("body") if root is not None else None
    if body is None:
        raise UnreadableFile("no second reading of a Word file without a body")
    if next(body.iter("altChunk"), None) is not None or next(body.iter("hMerge"), None) is not None:
        raise UnreadableFile("no second reading of a Word file with embedded parts or merges across")
    blocks: list[Block] = []
    _blocks(body, blocks, 0)
    return Document(MEDIA_TYPE, tuple(blocks))


def _final(parent: ET.Element, *tags: str, depth: int = 0) -> Iterator[ET.Element]:
    """Yield the nearest elements of these names below one, through content controls and tracked changes, less what is gone."""
    if depth > DEEPEST:
        raise UnreadableFile("Word file nested too deep for a second reading")
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag not in GONE and child.tag not in ("tbl", "tc", "p"):
            yield from _final(child, *tags, depth=depth + 1)


def _blocks(parent: ET.Element, blocks: list[Block], depth: int) -> None:
    if depth > DEEPEST:
        raise UnreadableFile("Word file nested too deep for a second reading")
    for element in _final(parent, "p", "tbl"):
        if element.tag == "tbl":
            _table(element, blocks, depth)
        else:
            blocks += [Paragraph(line.strip()) for line in _text(element).split("\n") if line.strip()]


def _rows(table: ET.Element) -> list[ET.Element]:
    return [row for row in _final(table, "tr") if row.find("trPr/del") is None]


def _table(table: ET.Element, blocks: list[Block], depth: int) -> None:
    rows = [(row, list(_final(row, "tc"))) for row in _rows(table)]
    if len(rows) == 1 and len(rows[0][1]) == 1 and _frames(rows[0][1][0]):
        _blocks(rows[0][1][0], blocks, depth + 1)
        return
    grid: dict[tuple[int, int], Cell] = {}
    nested: list[ET.Element] = []
    above: dict[int, Cell] = {}
    for number, (row, elements) in enumerate(rows, start=1):
        column = 1 + _number(row.find("trPr/gridBefore"), 0)
        merged: dict[int, Cell] = {}
        for element in elements:
            width = _number(element.find("tcPr/gridSpan"), 1) or 1
            merge = element.find("tcPr/vMerge")
            if merge is not None and attribute(merge, "val") != "restart":
                cell = _longer(above.get(column), width)
            else:
                text, inner = _content(element, depth)
                nested += inner
                is_picture = not text.strip() and any(part.tag in PICTURES for part in element.iter())
                route = "picture in place of text" if is_picture else None
                cell = Cell(number, column, text, 1, width, route=route)
            grid[cell.row, cell.col] = cell
            if merge is not None:
                merged[column] = cell
            column += width
        above = merged
    if any(cell.text.strip() or cell.route for cell in grid.values()):
        blocks.append(Table(tuple(grid[place] for place in sorted(grid))))
    for inner_table in nested:
        _table(inner_table, blocks, depth + 1)


def _longer(cell: Cell | None, width: int) -> Cell:
    """Return a merged cell with one row more."""
    if cell is None or cell.col_span != width:
        raise UnreadableFile("no second reading of a Word table whose merged cells do not fit")
    return Cell(cell.row, cell.col, cell.text, cell.row_span + 1, width, route=cell.route)


def _number(element: ET.Element | None, otherwise: int) -> int:
    printed = (attribute(element, "val") or "") if element is not None else ""
    return min(int(printed), WIDEST) if re.fullmatch(r"[0-9]{1,6}", printed) else otherwise


def _frames(cell: ET.Element) -> bool:
    return cell.find(".//tbl") is not None or sum(1 for _ in cell.iter("p")) > MOST_LINES


def _content(cell: ET.Element, depth: int) -> tuple[str, list[ET.Element]]:
    """Return a cell's text and the tables inside it; a table of one cell is part of the text."""
    if depth > DEEPEST:
        raise UnreadableFile("Word file nested too deep for a second reading")
    if next(cell.iter("txbxContent"), None) is not None:
        raise UnreadableFile("no second reading of a Word table with text boxes")
    lines: list[str] = []
    inner: list[ET.Element] = []
    for part in _final(cell, "p", "tbl"):
        if part.tag == "p":
            lines.append(_text(part).strip(" \t"))
            if not lines[-1] and part.find("pPr/numPr") is not None:
                raise UnreadableFile("no second reading of a Word table with automatic numbers")
        elif len(list(part.iter("tc"))) == 1:
            text, deeper = _content(next(part.iter("tc")), depth + 1)
            lines.append(text)
            inner += deeper
        else:
            inner.append(part)
    return "\n".join(line for line in lines if line), inner


def _text(paragraph: ET.Element) -> str:
    """Return a paragraph as printed: fields by their result, hidden and deleted runs left out."""
    pieces: list[str] = []
    codes: list[bool] = []  # of each open field: are we in its code still?
    for run in _final(paragraph, "r"):
        hidden = run.find("rPr/vanish")
        is_shown = hidden is None or attribute(hidden, "val") in ("0", "false", "off")
        for part in run:
            if part.tag == "fldChar":
                _field(part, codes)
            elif part.tag in ("ins", "hyperlink", "smartTag", "sdt", "ruby"):
                raise UnreadableFile("no second reading of a Word file with runs inside runs")
            elif is_shown and part.tag == "t" and not any(codes):
                pieces.append(part.text or "")
            elif is_shown and part.tag in MARKS:
                pieces.append(MARKS[part.tag])
            elif is_shown and part.tag == "sym":
                pieces.append("�")
    return "".join(pieces)


def _field(mark: ET.Element, codes: list[bool]) -> None:
    kind = attribute(mark, "fldCharType")
    if kind == "begin":
        codes.append(True)
    elif codes and kind == "separate":
        codes[-1] = False
    elif codes and kind == "end":
        codes.pop()
