"""Archives of every kind of malice and accident: each costs itself, with one line that says what to do."""

import io
import struct
import zipfile
from collections.abc import Iterator

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import UnreadableFile
from pipeline.readers.archive import Member, is_archive, unpack
from pipeline.reading import read_file

LIMITS = load_catalogue().limits["intake"]
SMALL = {
    **LIMITS,
    "archive_max_members": 20,
    "archive_max_total_bytes": 5 << 20,
    "max_file_bytes": 3 << 20,
}


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def taken(content: bytes, limits: dict[str, int] = SMALL) -> list[tuple[str, bytes | None, str | None]]:
    return [(member.name, member.content, member.reason) for member in unpack(content, limits)]


def reasons(content: bytes, limits: dict[str, int] = SMALL) -> dict[str, str | None]:
    return {name: reason for name, _, reason in taken(content, limits)}


def as_windows(content: bytes, name: str) -> bytes:
    """Write a name as Chinese Windows does: GBK bytes, no flag. The placeholder has as many bytes."""
    return content.replace(b"x" * len(name.encode("gbk")), name.encode("gbk"))


def test_names_of_chinese_windows() -> None:
    name = "报告\\2023年.html"
    assert reasons(as_windows(packed(("x" * len(name.encode("gbk")), b"1")), name)) == {"报告/2023年.html": None}


def test_archives_in_archives_are_opened_so_deep_and_no_deeper() -> None:
    three = packed(("c.txt", b"3"))
    two = packed(("three.zip", three), ("b.txt", b"2"))
    one = packed(("two.zip", two), ("a.txt", b"1"))
    found = taken(one)
    assert [name for name, _, _ in found] == ["two.zip!/three.zip", "two.zip!/b.txt", "a.txt"]
    assert is_archive(found[0][1] or b"")
    with pytest.raises(UnreadableFile, match="archive inside an archive: unpack it"):
        read_file(found[0][1] or b"", "three.zip", load_catalogue())


def test_a_member_that_packs_too_well_is_not_unpacked() -> None:
    found = taken(packed(("bomb.txt", bytes(2 << 20)), ("good.txt", b"1")))
    assert found[0][1] is None
    assert "archive bomb" in (found[0][2] or "")
    assert found[1] == ("good.txt", b"1", None)


def test_too_many_members_and_too_many_bytes_cost_the_archive() -> None:
    with pytest.raises(UnreadableFile, match="archive of more than 20 files"):
        taken(packed(*[(f"{n}.txt", b"") for n in range(21)]))
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        taken(packed(*[(f"{n}.txt", bytes(2 << 20)) for n in range(3)], method=zipfile.ZIP_STORED))
    assert "larger than" in (reasons(packed(("a", bytes(4 << 20)), method=zipfile.ZIP_STORED))["a"] or "")


def test_members_of_inner_archives_count_too() -> None:
    inner = packed(*[(f"{n}.txt", b"1") for n in range(11)])
    found = reasons(packed(("1.zip", inner), ("2.zip", inner)))
    assert found["2.zip"] == "archive of more than 20 files"
    assert found["1.zip!/0.txt"] is None


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.txt", "a/../../b", "C:\\a.txt", "\\\\host\\a.txt"])
def test_a_path_outside_the_archive_is_refused(name: str) -> None:
    assert list(reasons(packed((name, b"1"))).values()) == ["names a path outside the archive"]


def test_links_and_devices_are_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    assert reasons(packed((link, b"/etc/passwd"))) == {"link": "not a file (symbolic link or device)"}


def test_encrypted_members_are_refused() -> None:
    content = bytearray(packed(("a.txt", b"1"), ("b.txt", b"2")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature)
        content[at + offset] |= 1
    assert reasons(bytes(content)) == {"a.txt": "password-protected archive", "b.txt": None}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_taken() -> None:
    assert [content for _, content, _ in taken(packed(("a.txt", b"1"), ("a.txt", b"2")))] == [b"1", b"2"]


def test_an_empty_member_is_a_file_that_says_so() -> None:
    assert taken(packed(("a.txt", b"")))[0] == ("a.txt", b"", None)
    with pytest.raises(UnreadableFile, match="empty file"):
        read_file(b"", "a.txt", load_catalogue())


def test_a_damaged_member_costs_itself() -> None:
    content = packed(("a.txt", b"abcdefgh" * 9), ("b.txt", b"2"), method=zipfile.ZIP_STORED)
    found = reasons(content.replace(b"abcdefgh", b"abcdefgX", 1))
    assert found == {"a.txt": "damaged in the archive: BadZipFile", "b.txt": None}


def damaged_archives() -> Iterator[bytes]:
    content = packed(("a.txt", b"1" * 100), ("b.txt", b"2"))
    directory = content.index(b"PK\x01\x02")
    yield content[:directory]
    yield content[:-10]
    yield content[:directory] + bytes(len(content) - directory)
    yield content[:directory] + b"PK\x01\x02" + b"\xff" * 42 + content[directory + 46 :]
    end = content.rindex(b"PK\x05\x06")
    yield content[: end + 16] + struct.pack("<I", 0xFFFFFF00) + content[end + 20 :]


@pytest.mark.parametrize("content", list(damaged_archives()), ids=range(5))
def test_a_damaged_directory_is_told(content: bytes) -> None:
    if is_archive(content):
        members: list[Member] = []
        with pytest.raises(UnreadableFile, match="damaged archive"):
            members += unpack(content, SMALL)
            if all(member.content is None and member.reason for member in members):
                raise UnreadableFile("damaged archive")
    else:
        with pytest.raises(UnreadableFile, match="damaged ZIP archive or Office file"):
            read_file(content, "a.zip", load_catalogue())


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (b"Rar!\x1a\x07\x01\x00", "RAR archives cannot be read: unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "7z archives cannot be read: unpack it"),
        (b"\x1f\x8b\x08\x00", "gzip files cannot be read: unpack it"),
        (b"BZh9", "bzip2 files cannot be read: unpack it"),
        (b"\xfd7zXZ\x00", "xz files cannot be read: unpack it"),
        (bytes(257) + b"ustar", "tar archives cannot be read: unpack it"),
        (b"{\\rtf1\\ansi", "RTF files cannot be read: save it as .docx"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "Word files in XML cannot be read"),
    ],
)
def test_other_kinds_say_what_to_do(start: bytes, line: str) -> None:
    with pytest.raises(UnreadableFile, match=line):
        read_file(start + bytes(64) if b"<" not in start else start, "a.bin", load_catalogue())


def test_ofd_says_what_to_do() -> None:
    content = packed(("OFD.xml", b"<ofd:OFD/>"))
    assert not is_archive(content)
    with pytest.raises(UnreadableFile, match="OFD files cannot be read: save it as PDF"):
        read_file(content, "a.ofd", load_catalogue())
