import io
import random
import zipfile

import pytest

from pipeline.document import UnreadableFile
from pipeline.readers.sniff import DOCX, XLSX, sniff


def archive(*members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for member in members:
            made.writestr(member, "x")
    return target.getvalue()


PAGE = "<html><head><title>年报</title></head><body><p>一、总体情况</p></body></html>"
WORDS = "某县2020年政府信息公开工作年度报告\n一、总体情况\n平稳。\n"


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"%PDF-1.7 ...", "a", "application/pdf"),
        (b"\n\n%PDF-1.4 ...", "a.pdf", "application/pdf"),
        (archive("[Content_Types].xml", "word/document.xml"), "a.wps", DOCX),
        (archive("xl/workbook.xml"), "a", XLSX),
        (archive("page.html", "form.pdf"), "a.docx", "application/zip"),
        (archive("OFD.xml"), "a.ofd", "application/ofd"),
        (b"\x89PNG\r\n\x1a\n....", "a.txt", "image/png"),
        (b"\xff\xd8\xff\xe0....", "a", "image/jpeg"),
        (b"{\\rtf1 ...", "a.doc", "application/rtf"),
        (PAGE.encode(), "a.txt", "text/html"),
        (PAGE.encode("gb18030"), "a", "text/html"),
        (PAGE.encode("utf-16"), "a", "text/html"),
        (b"<div>a</div>", "a.html", "text/html"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related;", "a.doc", "multipart/related"),
        (WORDS.encode(), "a.pdf", "text/plain"),
        (WORDS.encode("gb18030"), "a.txt", "text/plain"),
        (WORDS.encode("utf-8-sig"), "a.txt", "text/plain"),
        (WORDS.encode("utf-16"), "a.txt", "text/plain"),
        ("见<http://www.example.gov.cn/>。<!--[if !supportLists]-->7、".encode(), "a.txt", "text/plain"),
        ("规章\t0\t0\n\f第2页".encode(), "a.txt", "text/plain"),
    ],
)
def test_kinds(content: bytes, name: str, media_type: str) -> None:
    assert sniff(content, name) == media_type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b" \r\n\0\0", "empty file"),
        (archive("word/document.xml")[:-30], "damaged ZIP archive or Office file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged Office file (OLE container)"),
        (random.Random(1).randbytes(4000), "not a document: unknown binary data"),
        (bytes(range(128, 256)) * 30, "not a document: neither UTF-8 nor GB18030 text"),
    ],
)
def test_what_is_no_document_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        sniff(content, "a.doc")
    assert str(raised.value) == reason


def test_whatever_the_bytes_it_answers_or_refuses_in_one_line() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        content = chance.choice(
            [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PD", b"\xff\xfe"]
        ) + chance.randbytes(chance.randrange(2000))
        try:
            assert "/" in sniff(content, "a.bin")
        except UnreadableFile as refusal:
            assert str(refusal) and "\n" not in str(refusal)
