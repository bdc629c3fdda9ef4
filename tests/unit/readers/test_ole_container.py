"""One stream of a legacy Office file in a container of its own, which any reader of containers takes."""

import io
from pathlib import Path

import olefile
import pytest
import python_calamine as calamine

from pipeline.readers.ole_container import SECTOR, BrokenContainer, container_of, open_container, read_stream
from tests.documents import bombs

XLS = (Path(__file__).parents[2] / "fixtures/report_2019.xls").read_bytes()


@pytest.mark.parametrize("size", [0, 1, SECTOR, SECTOR + 1, 3 * 1024 * SECTOR])
def test_a_stream_comes_back_from_its_container(size: int) -> None:
    stream = bytes(n % 251 for n in range(size))
    content = container_of("Workbook", stream)
    with olefile.OleFileIO(io.BytesIO(content), raise_defects=olefile.DEFECT_UNSURE) as ole:
        assert ole.openstream("Workbook").read() == stream.ljust(SECTOR, b"\0")
    assert read_stream(content, ("Book", "Workbook")) == ("Workbook", stream.ljust(SECTOR, b"\0"))


def test_calamine_reads_the_same_from_it() -> None:
    def rows(content: bytes) -> list[list[object]]:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    name, stream = read_stream(XLS, ("Workbook", "Book"))
    assert rows(container_of(name, stream)) == rows(XLS)


@pytest.mark.parametrize("content", [b"", XLS[:600], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)])
def test_a_broken_container_is_told(content: bytes) -> None:
    with pytest.raises(BrokenContainer):
        read_stream(content, ("Workbook",))


def test_a_container_without_the_stream_is_told() -> None:
    with pytest.raises(BrokenContainer, match="no WordDocument"):
        read_stream(XLS, ("WordDocument",))


@pytest.mark.parametrize("fat", [[0xFFFFFFFD, 0xFFFFFFFE, 3, 2], [0xFFFFFFFD, 1, 3, 2], [0xFFFFFFFD, 0xFFFFFFFE, 2]])
def test_a_chain_that_loops_gives_no_more_than_the_file_holds(fat: list[int]) -> None:
    content = bombs.ole(4, fat)  # Its one stream claims a gigabyte.
    with open_container(content) as ole:
        assert len(ole.openstream("WordDocument").read()) <= len(content)


def test_an_allocation_table_larger_than_its_file_is_told() -> None:
    content = bytearray(bombs.ole(4, [0xFFFFFFFD, 0xFFFFFFFE, 3, 2]))
    many = 2**31
    content[44:48] = many.to_bytes(4, "little")
    content[68:72] = (0).to_bytes(4, "little")  # Its sectors are named by sector 0, again and again.
    content[72:76] = ((many - 109 + 126) // 127).to_bytes(4, "little")
    with pytest.raises(BrokenContainer, match="allocation table is larger than the file"):
        read_stream(bytes(content), ("WordDocument",))
