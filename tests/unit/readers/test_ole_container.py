"""One stream of a legacy Office file in a container of its own, which any reader of containers takes."""

import io
from pathlib import Path

import olefile
import pytest
import python_calamine as calamine

from pipeline.readers.ole_container import SECTOR, BrokenContainer, container_of, read_stream

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
