"""Word files (.docx) to ``Document``, straight from ``word/document.xml``: the final text, tables as grids.

Belongs here: the package, the walk over the body, paragraphs, tables' grids. Automatic numbering is in ``docx_numbering``.
Does not belong here: which table is which form (``pipeline.recognize``). Legacy ``.doc`` is read by ``doc``.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from pipeline.document import Block, Cell, Document, Paragraph, Picture, Table, UnreadableFile
from pipeline.readers.docx_numbering import Numbering, read_numbering

MAX_PART_BYTES = 64 * 1024 * 1024
MAX_GRID = 200
MAX_DEPTH = 60
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{TRANSITIONAL}}}"
# Containers whose content is part of the text: content controls, inserted and moved-in text, links, smart tags.
TRANSPARENT = frozenset(
    f"{W}{tag}"
    for tag in ("sdt", "sdtContent", "ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "dir", "bdo")
)
# Deleted and moved-away text is not in the final text; properties carry none.
DROPPED = frozenset(
    f"{W}{tag}"
    for tag in (
        "del",
        "moveFrom",
        "rPr",
        "tblPr",
        "sectPr",
        "sdtPr",
        "sdtEndPr",
        "instrText",
        "delText",
        "footnoteReference",
        "endnoteReference",
        "commentReference",
    )
)


@dataclass
class _Reading:
    numbering: Numbering
    pictures: dict[str, str]
    package: zipfile.ZipFile
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_docx(content: bytes, name: str) -> Document:
    """Return the paragraphs and tables of a Word file in reading order.

    Raises UnreadableFile: password-protected, not a Word file, damaged, larger than is sound.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFile("damaged Word file: not a readable zip package") from error
    with package:
        main = _main_part(package)
        root = _part(package, main)
        if root is None:
            raise UnreadableFile("damaged Word file: its document part is missing")
        body = root.find(f"{W}body")
        if body is None:
            raise UnreadableFile("damaged Word file: no body in its document part")
        folder = posixpath.dirname(main)
        reading = _Reading(
            read_numbering(_part(package, f"{folder}/numbering.xml"), _part(package, f"{folder}/styles.xml")),
            _pictures(package, main),
            package,
        )
        _walk(body, reading, 0)
        meta = _properties(package)
    media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Document(media, tuple(reading.blocks), meta, tuple(dict.fromkeys(reading.notes)))


def _main_part(package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    if "EncryptedPackage" in names:
        raise UnreadableFile("password-protected Word file")
    root = _part(package, "_rels/.rels")
    if root is not None:
        for relation in root:
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                target = str(relation.get("Target", "")).lstrip("/")
                if target in names:
                    return target
    if "word/document.xml" in names:
        return "word/document.xml"
    raise UnreadableFile("not a Word file: the package has no document part")


def _part(package: zipfile.ZipFile, name: str) -> Any:
    """Return the root element of a part, None where the package has no such part. No entity is ever resolved."""
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 0x1:
        raise UnreadableFile("password-protected Word file")
    if info.file_size > MAX_PART_BYTES:
        raise UnreadableFile(f"Word file whose {posixpath.basename(name)} is larger than {MAX_PART_BYTES // 2**20} MiB")
    try:
        with package.open(info) as stream:
            data = stream.read(MAX_PART_BYTES + 1)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"damaged Word file: {posixpath.basename(name)} cannot be unpacked") from error
    except Exception as error:  # zlib.error has no public base
        if type(error).__name__ != "error":
            raise
        raise UnreadableFile(f"damaged Word file: {posixpath.basename(name)} cannot be unpacked") from error
    if len(data) > MAX_PART_BYTES:
        raise UnreadableFile(f"Word file whose {posixpath.basename(name)} is larger than {MAX_PART_BYTES // 2**20} MiB")
    if b"<!DOCTYPE" in data[:2048] or b"<!ENTITY" in data[:4096]:
        raise UnreadableFile("Word file with an XML document type, which no word processor writes")
    data = data.replace(STRICT.encode(), TRANSITIONAL.encode())
    try:
        return etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
        )
    except etree.XMLSyntaxError as error:
        raise UnreadableFile(f"damaged Word file: {posixpath.basename(name)} is not well-formed XML") from error


def _pictures(package: zipfile.ZipFile, main: str) -> dict[str, str]:
    """Return relation id → part name of the pictures of the document."""
    folder, base = posixpath.split(main)
    root = _part(package, f"{folder}/_rels/{base}.rels")
    if root is None:
        return {}
    return {
        str(r.get("Id")): posixpath.normpath(posixpath.join(folder, str(r.get("Target"))))
        for r in root
        if str(r.get("Type", "")).endswith("/image") and r.get("TargetMode") != "External"
    }


def _properties(package: zipfile.ZipFile) -> dict[str, str]:
    root = _part(package, "docProps/core.xml")
    if root is None:
        return {}
    found = {etree.QName(child).localname: (child.text or "").strip() for child in root if isinstance(child.tag, str)}
    return {
        key: value
        for key, value in (("title", found.get("title", "")), ("created", found.get("created", "")[:10]))
        if value
    }


def _walk(parent: Any, reading: _Reading, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnreadableFile(f"Word file nested deeper than {MAX_DEPTH} levels")
    for child in parent:
        tag = child.tag
        if tag == f"{W}p":
            _paragraph(child, reading, depth)
        elif tag == f"{W}tbl":
            _table(child, reading, depth)
        elif tag in TRANSPARENT:
            _walk(child, reading, depth + 1)


def _paragraph(element: Any, reading: _Reading, depth: int) -> None:
    text = paragraph_text(element, reading.numbering, reading.notes)
    for line in text.split("\n"):
        if line.strip():
            reading.blocks.append(Paragraph(line.strip(" \t")))
    for box in _text_boxes(element):
        _walk(box, reading, depth + 1)
    for relation in _picture_relations(element):
        part = reading.pictures.get(relation)
        if part is not None:
            reading.blocks.append(Picture(part, content=_picture_bytes(reading.package, part)))


def paragraph_text(element: Any, numbering: Numbering, notes: list[str]) -> str:
    """Return the text of a paragraph as printed: its list number first, fields by their result, no text boxes."""
    pieces = [numbering.label(element)]
    _run_text(element, pieces, notes, [])
    return "".join(pieces)


def _run_text(element: Any, pieces: list[str], notes: list[str], fields: list[str]) -> None:
    """Gather text; ``fields`` is the stack of open fields: ``code`` until the separator, ``result`` after it."""
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in DROPPED:
            continue
        if tag == f"{W}t":
            if "code" not in fields:
                pieces.append(child.text or "")
        elif tag == f"{W}r":
            properties = child.find(f"{W}rPr")
            if properties is not None and _is_on(properties.find(f"{W}vanish")):
                notes.append("hidden text left out")
                _field_marks(child, fields)
                continue
            _run_text(child, pieces, notes, fields)
        elif tag == f"{W}tab":
            pieces.append("\t")
        elif tag in (f"{W}br", f"{W}cr"):
            pieces.append("\n")
        elif tag == f"{W}noBreakHyphen":
            pieces.append("-")
        elif tag == f"{W}sym":
            code = str(child.get(f"{W}char") or "")
            pieces.append(_symbol(code))
        elif tag == f"{W}fldChar":
            _field_mark(child, fields)
        elif tag in TRANSPARENT:
            _run_text(child, pieces, notes, fields)


def _field_marks(run: Any, fields: list[str]) -> None:
    for mark in run.iter(f"{W}fldChar"):
        _field_mark(mark, fields)


def _field_mark(mark: Any, fields: list[str]) -> None:
    kind = mark.get(f"{W}fldCharType")
    if kind == "begin":
        fields.append("code")
    elif kind == "separate" and fields:
        fields[-1] = "result"
    elif kind == "end" and fields:
        fields.pop()


def _symbol(code: str) -> str:
    """Return a symbol-font character; private-use codes have no meaning outside their font and show as U+FFFD."""
    try:
        value = int(code, 16)
    except ValueError:
        return "�"
    return "�" if 0xE000 <= value <= 0xF8FF else chr(value)


def _is_on(element: Any) -> bool:
    return element is not None and element.get(f"{W}val") not in ("0", "false", "off")


def _text_boxes(element: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, each once: a drawing and its fallback hold the same text."""
    for box in element.iter(f"{W}txbxContent"):
        ancestors = [etree.QName(a).localname for a in box.iterancestors() if isinstance(a.tag, str)]
        inside = ancestors.index("p") if "p" in ancestors else 0
        if "Fallback" in ancestors and _has_choice(box):
            continue
        if "txbxContent" in ancestors[:inside]:
            continue
        nearest = next(a for a in box.iterancestors(f"{W}p"))
        if nearest is element:
            yield box


def _has_choice(box: Any) -> bool:
    for ancestor in box.iterancestors():
        if etree.QName(ancestor).localname == "AlternateContent":
            return any(
                etree.QName(c).localname == "Choice" and c.find(f".//{W}txbxContent") is not None for c in ancestor
            )
    return False


def _picture_relations(element: Any) -> Iterator[str]:
    for blip in element.iter():
        if isinstance(blip.tag, str) and etree.QName(blip).localname in ("blip", "imagedata"):
            for key, value in blip.attrib.items():
                if etree.QName(key).localname in ("embed", "id") and "relationships" in key:
                    yield value


def _picture_bytes(package: zipfile.ZipFile, part: str) -> bytes | None:
    try:
        info = package.getinfo(part)
        return package.read(info) if info.file_size <= MAX_PART_BYTES else None
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        return None


def _table(element: Any, reading: _Reading, depth: int) -> None:
    """Emit a table, then the tables that stand inside its cells; a one-cell table that holds prose is dissolved."""
    rows = list(_table_rows(element))
    if len(rows) == 1 and len(list(_row_cells(rows[0]))) == 1 and _holds_blocks(next(_row_cells(rows[0]))):
        _walk(next(_row_cells(rows[0])), reading, depth + 1)
        return
    cells: list[Cell] = []
    open_merges: dict[int, int] = {}  # column → index in ``cells`` of the merged cell that runs down through it
    nested: list[Any] = []
    for number, row in enumerate(rows, start=1):
        column = 1 + _grid_gap(row, "gridBefore")
        for cell in _row_cells(row):
            properties = cell.find(f"{W}tcPr")
            width = _span(properties)
            merge = properties.find(f"{W}vMerge") if properties is not None else None
            continues = merge is not None and merge.get(f"{W}val") != "restart"
            if continues and column in open_merges and cells[open_merges[column]].col == column:
                above = open_merges[column]
                cells[above] = replace(cells[above], row_span=number - cells[above].row + 1)
            else:
                text, inner = _cell_content(cell, reading, depth)
                nested += inner
                route = "picture in place of text" if not text.strip() and any(_picture_relations(cell)) else None
                cells.append(Cell(number, column, text, 1, width, route=route))
                for covered in range(column, column + width):
                    open_merges.pop(covered, None)
                if merge is not None:
                    open_merges[column] = len(cells) - 1
            column += width
    if any(cell.text.strip() or cell.route for cell in cells):
        reading.blocks.append(Table(tuple(sorted(cells, key=lambda c: (c.row, c.col)))))
    for inner_table in nested:
        _table(inner_table, reading, depth + 1)


def _table_rows(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{W}tr":
            properties = child.find(f"{W}trPr")
            if properties is None or properties.find(f"{W}del") is None:
                yield child
        elif child.tag in TRANSPARENT:
            yield from _table_rows(child)


def _row_cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == f"{W}tc":
            yield child
        elif child.tag in TRANSPARENT:
            yield from _row_cells(child)


def _grid_gap(row: Any, name: str) -> int:
    gap = row.find(f"{W}trPr/{W}{name}")
    return min(_integer(gap.get(f"{W}val"), 0), MAX_GRID) if gap is not None else 0


def _span(properties: Any) -> int:
    span = properties.find(f"{W}gridSpan") if properties is not None else None
    return min(max(_integer(span.get(f"{W}val"), 1), 1), MAX_GRID) if span is not None else 1


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text) else default


def _holds_blocks(cell: Any) -> bool:
    return cell.find(f".//{W}tbl") is not None or sum(1 for _ in cell.iter(f"{W}p")) > 8


def _cell_content(cell: Any, reading: _Reading, depth: int) -> tuple[str, list[Any]]:
    """Return the text of a cell, a line per paragraph, and the tables inside it; a one-cell table is part of the text."""
    if depth > MAX_DEPTH:
        raise UnreadableFile(f"Word file nested deeper than {MAX_DEPTH} levels")
    lines: list[str] = []
    inner: list[Any] = []
    for block in _cell_blocks(cell):
        if block.tag == f"{W}p":
            lines.append(paragraph_text(block, reading.numbering, reading.notes).strip(" \t"))
            for box in _text_boxes(block):
                lines += [paragraph_text(p, reading.numbering, reading.notes) for p in box.iter(f"{W}p")]
        elif len(list(_table_rows(block))) == 1 and sum(1 for _ in block.iter(f"{W}tc")) == 1:
            lines += [paragraph_text(p, reading.numbering, reading.notes) for p in block.iter(f"{W}p")]
        else:
            inner.append(block)
    return "\n".join(line for line in lines if line), inner


def _cell_blocks(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in TRANSPARENT:
            yield from _cell_blocks(child)
