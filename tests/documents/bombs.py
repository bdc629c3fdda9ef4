"""Files made to cost far more than their size: what a reader must give up on, or read for what they are.

Belongs here: the bytes. Does not belong here: what has to come of them (``tests/unit/readers/test_bombs``).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

REPORT = "<h1>清河县人民政府2023年政府信息公开工作年度报告</h1><p>一、总体情况</p>"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def package(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": TYPES, **parts}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(body: str, before: str = "") -> bytes:
    xml = f'<?xml version="1.0"?>{before}<w:document {W}><w:body>{body}</w:body></w:document>'
    return package({"word/document.xml": xml})


def xlsx(sheet: str, before: str = "") -> bytes:
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "http://schemas.openxmlformats.org/package/2006/relationships"
    return package(
        {
            "xl/workbook.xml": f'<?xml version="1.0"?><workbook {S} xmlns:r="{rels}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<?xml version="1.0"?><Relationships xmlns="{kind}"><Relationship Id="r1" Type="{rels}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{before}<worksheet {S}>{sheet}</worksheet>',
        }
    )


def billion_laughs(root: str) -> str:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY l0 "哈哈哈">{lines}]>'


def pdf(objects: dict[int, bytes]) -> bytes:
    """A PDF of these objects, number 1 its catalog, with a cross-reference table."""
    out, places = b"%PDF-1.4\n", {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    last = max(objects)
    table = b"".join(
        b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(last + 1)
    )
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (last + 1, len(out))
    return out + b"xref\n0 %d\n%s" % (last + 1, table) + trailer


def pdf_of_pages(count: int) -> bytes:
    stream = b"BT /F1 9 Tf 50 700 Td (page) Tj ET"
    kids = b" ".join(b"%d 0 R" % (number + 4) for number in range(count))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        3: b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    }
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>"
    return pdf({**objects, **{number + 4: page for number in range(count)}})


def pdf_that_loops() -> bytes:
    """Pages that hold each other, and a form that draws itself."""
    stream = b"/X Do"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 5>>stream\n/X Do\nendstream"
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 9/Kids[3 0 R 2 0 R 2 0 R]/Parent 2 0 R>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</X 4 0 R>>>>/Contents 5 0 R>>",
            4: form,
            5: b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        }
    )


def pdf_that_unpacks() -> bytes:
    """A page of 700 MB of strokes, packed twice."""
    packed = zlib.compress(zlib.compress(b"0 0 m 9 9 l S\n" * 50_000_000, 1), 9)
    head = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(packed)
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            4: head + packed + b"\nendstream",
        }
    )


def ole(sectors: int, fat: list[int], directory_start: int = 1, name: str = "WordDocument") -> bytes:
    """An OLE container whose allocation table is ``fat``: chains may loop."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 0) + b"\xff" * 4 * 108
    table = struct.pack("<128I", *(fat + [0xFFFFFFFF] * (128 - len(fat))))
    entry = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(name, 2, 0xFFFFFFFF, 2, 1 << 30)
    return head.ljust(512, b"\0") + table + entry.ljust(512, b"\0") + bytes(512 * sectors)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    body = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return body + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6)
    return head + b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\x02\x02\x4c\x01\0;"


def tiff(width: int, height: int) -> bytes:
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, height),
        (279, 4, 9),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + body + bytes(4)


def nested_packages() -> bytes:
    content = package({"a.txt": bytes(1 << 20)})
    for depth in range(6):
        content = package({f"{depth}.{n}.zip": content for n in range(8)})
    return content


def _rows(cells: str) -> str:
    return f"{REPORT}<table><tr><td>项目</td><td>数</td></tr><tr>{cells}</tr></table>"


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "spans": ("a.html", lambda: _rows('<td rowspan="65535" colspan="65535">1</td>' * 50).encode()),
    "spans in every row": (
        "a.html",
        lambda: (_rows("") + "<table>" + "<tr><td rowspan=65535 colspan=1000>1" * 3000).encode(),
    ),
    "deep tags": ("a.html", lambda: (REPORT + "<div>" * 100_000 + "x").encode()),
    "deep tables": ("a.html", lambda: (REPORT + "<table><tr><td>" * 100_000 + "1").encode()),
    "many cells": ("a.html", lambda: (REPORT + "<table>" + "<tr>" + "<td>1" * 1_000_000).encode()),
    "one long line": (
        "a.txt",
        lambda: ("清河县2023年政府信息公开工作年度报告\n一、总体情况" + "12," * 3_000_000).encode(),
    ),
    "entities in a page": ("a.html", lambda: (billion_laughs("html") + f"<html><body>{REPORT}&l9;").encode()),
    "entities in Word": ("a.docx", lambda: docx("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", billion_laughs("w:document"))),
    "outer entity in Word": (
        "a.docx",
        lambda: docx(
            "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        ),
    ),
    "many cells in Word": (
        "a.docx",
        lambda: docx("<w:tbl>" + ("<w:tr>" + "<w:tc><w:p/></w:tc>" * 1000 + "</w:tr>") * 1000 + "</w:tbl>"),
    ),
    "spans in Word": (
        "a.docx",
        lambda: docx(
            "<w:tbl>"
            + '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p/></w:tc></w:tr>' * 99
            + "</w:tbl>"
        ),
    ),
    "deep Word": ("a.docx", lambda: docx("<w:tbl><w:tr><w:tc>" * 40_000)),
    "Word that unpacks": ("a.docx", lambda: docx("<w:p/>" * 60_000_000)),
    "wide sheet": (
        "a.xlsx",
        lambda: xlsx(
            '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    ),
    "merged sheet": (
        "a.xlsx",
        lambda: xlsx(
            '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        ),
    ),
    "entities in a sheet": (
        "a.xlsx",
        lambda: xlsx(
            '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>',
            billion_laughs("worksheet"),
        ),
    ),
    "pages": ("a.pdf", lambda: pdf_of_pages(10_000)),
    "PDF that loops": ("a.pdf", pdf_that_loops),
    "PDF that unpacks": ("a.pdf", pdf_that_unpacks),
    "OLE that loops": ("a.doc", lambda: ole(4, [0xFFFFFFFD, 0xFFFFFFFE, 3, 2])),
    "OLE directory that loops": ("a.doc", lambda: ole(4, [0xFFFFFFFD, 1, 3, 2])),
    "OLE sheet that loops": ("a.xls", lambda: ole(4, [0xFFFFFFFD, 0xFFFFFFFE, 3, 2], name="Workbook")),
    "picture": ("a.png", lambda: png(100_000, 100_000)),
    "GIF": ("a.gif", lambda: gif(65_535, 65_535)),
    "TIFF": ("a.tif", lambda: tiff(100_000, 100_000)),
    "packages in packages": ("a.zip", nested_packages),
}
"""Name → name of the file, and what makes its bytes."""
