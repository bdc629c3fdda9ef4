"""Which rows and columns of a workbook are hidden: nobody who opens it sees them, and calamine does not tell.

Belongs here: the marks in the raw bytes of .xlsx ([ECMA-376] 18.3.1) and .xls ([MS-XLS] 2.4). Does not belong here: what stands
in the cells (``sheet``), hidden sheets (calamine tells those). Numbers count from 0.
"""

import io
import posixpath
import re
import struct
import zipfile

from lxml import etree

from pipeline.values import record

ROW, COLUMNS, BOUND_SHEET, END = 0x0208, 0x007D, 0x0085, 0x000A
ROW_HIDDEN, COLUMNS_HIDDEN = 0x20, 0x01
MOST = 20_000
_HIDDEN = re.compile(rb"""<(?:\w+:)?(row|col)\s[^<>]*?\bhidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
_NUMBER = {name: re.compile(rb"""\s%b\s*=\s*["'](\d{1,7})["']""" % name) for name in (b"r", b"min", b"max")}


@record
class HiddenLines:
    rows: frozenset[int]
    columns: frozenset[int]


SHOWN = HiddenLines(frozenset(), frozenset())


def hidden_in_package(content: bytes) -> dict[str, HiddenLines]:
    """Return what is hidden by name of sheet; sheets that hide nothing, or that cannot be found, are left out."""
    found: dict[str, HiddenLines] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        try:
            parts = _sheet_parts(package)
        except etree.XMLSyntaxError:
            return {}
        for name, part in parts.items():
            marks = [match.group() for match in _HIDDEN.finditer(package.read(part))]
            if marks:
                rows = {number - 1 for mark in marks if b"row" in mark[:8] for number in _numbers(mark, b"r", b"r")}
                columns = {
                    number - 1 for mark in marks if b"col" in mark[:8] for number in _numbers(mark, b"min", b"max")
                }
                found[name] = HiddenLines(frozenset(rows), frozenset(columns))
    return found


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    names = set(package.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    book = etree.fromstring(package.read("xl/workbook.xml"), parser)
    relations = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"), parser)
    if book is None or relations is None:
        return {}
    targets = {r.get("Id"): posixpath.normpath(posixpath.join("xl", r.get("Target") or "")) for r in relations}
    parts = {}
    for sheet in book.iter("{*}sheet"):
        relation = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), None)
        part = targets.get(relation, "").lstrip("/")
        if part in names:
            parts[sheet.get("name") or ""] = part
    return parts


def _numbers(mark: bytes, first: bytes, last: bytes) -> range:
    start, stop = _NUMBER[first].search(mark), _NUMBER[last].search(mark)
    return range(int(start[1]), min(int(stop[1]), MOST) + 1) if start and stop else range(0)


def hidden_in_stream(stream: bytes) -> dict[str, HiddenLines]:
    """Return what is hidden by name of sheet, of a workbook in BIFF records."""
    found: dict[str, HiddenLines] = {}
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + size]
        if kind == BOUND_SHEET and size > 8:
            wide = body[7] & 1
            name = body[8 : 8 + body[6] * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", "replace")
            lines = _hidden_lines(stream, struct.unpack_from("<I", body)[0])
            if lines != SHOWN:
                found[name] = lines
        elif kind == END:
            break
        place += 4 + size
    return found


def _hidden_lines(stream: bytes, place: int) -> HiddenLines:
    rows: set[int] = set()
    columns: set[int] = set()
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + size]
        if kind == ROW and size >= 14 and struct.unpack_from("<H", body, 12)[0] & ROW_HIDDEN:
            rows.add(struct.unpack_from("<H", body)[0])
        elif kind == COLUMNS and size >= 10 and struct.unpack_from("<H", body, 8)[0] & COLUMNS_HIDDEN:
            columns |= set(range(*struct.unpack_from("<HH", body))) | {struct.unpack_from("<H", body, 2)[0]}
        elif kind == END:
            break
        place += 4 + size
    return HiddenLines(frozenset(rows), frozenset(columns))
