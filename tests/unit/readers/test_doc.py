"""Legacy Word files: what the bytes say of themselves, and one line for each way of being unreadable."""

import struct
from pathlib import Path

import pytest

from pipeline.document import Paragraph, Table, UnreadableFile
from pipeline.readers.doc import read_doc
from pipeline.readers.doc_file import DocParagraph
from pipeline.readers.doc_properties import CellBox, modifiers
from pipeline.readers.ole_container import container_of

DOC = (Path(__file__).parents[2] / "fixtures/report_hybrid.doc").read_bytes()


def _header(magic: int = 0xA5EC, version: int = 0xC1, flags: int = 0) -> bytes:
    """A container that holds only the beginning of a Word text."""
    word = bytearray(0x400)
    struct.pack_into("<HH", word, 0, magic, version)
    struct.pack_into("<H", word, 0x0A, flags)
    return container_of("WordDocument", bytes(word))


def test_tables_are_grids_with_their_spans() -> None:
    tables = [block for block in read_doc(DOC, "a.doc").blocks if isinstance(block, Table)]
    assert [table.geometry for table in tables] == ["grid"] * 3
    (note,) = (cell for cell in tables[1].cells if cell.row == cell.col == 1)
    assert (note.row_span, note.col_span) == (3, 3)
    for table in tables:
        places = [
            (r, c)
            for cell in table.cells
            for r in range(cell.row, cell.row + cell.row_span)
            for c in range(cell.col, cell.col + cell.col_span)
        ]
        assert len(places) == len(set(places)) == table.row_count * table.col_count


def test_deleted_text_is_not_in_the_final_text() -> None:
    document = read_doc(DOC, "a.doc")
    assert not any("删去" in block.text for block in document.blocks if isinstance(block, Paragraph))
    assert not any(cell.text == "88" for b in document.blocks if isinstance(b, Table) for cell in b.cells)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_header(flags=0x0100), "password-protected Word file"),
        (_header(version=0x68), "Word 95 or older"),
        (_header(magic=0x1234), "no Word header"),
        (_header(), "its table stream is missing"),
        (container_of("Workbook", b""), "holds no Word text"),
        (DOC[:3000], "damaged Word file"),
        (b"", "damaged Word file"),
    ],
)
def test_what_cannot_be_read_is_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as caught:
        read_doc(content, "a.doc")
    assert "\n" not in str(caught.value)


def test_modifiers_are_told_apart_by_the_size_of_their_operands() -> None:
    # in table (1 byte), depth (4 bytes), a row's definition (its own length, less one), deleted (1 byte)
    stored = struct.pack("<HB", 0x2416, 1) + struct.pack("<Hi", 0x6649, 2) + struct.pack("<HH", 0xD608, 4) + b"abc"
    stored += struct.pack("<HB", 0x0800, 1)
    assert list(modifiers(stored)) == [
        (0x2416, b"\x01"),
        (0x6649, b"\x02\0\0\0"),
        (0xD608, b"abc"),
        (0x0800, b"\x01"),
    ]


def _paragraph(text: str, depth: int, cell: bool = False, row: bool = False, boxes: int = 0) -> DocParagraph:
    return DocParagraph(text, depth, cell, row, [CellBox(100 * at, 100 * at + 100) for at in range(boxes)])


def _read_paragraphs(monkeypatch: pytest.MonkeyPatch, *paragraphs: DocParagraph) -> tuple[object, ...]:
    monkeypatch.setattr("pipeline.readers.doc.read_paragraphs", lambda _: (list(paragraphs), ()))
    return read_doc(b"", "a.doc").blocks


def test_a_table_in_the_one_cell_of_another_is_a_table_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = (_paragraph("规章", 2, cell=True), _paragraph("5", 2, cell=True), _paragraph("", 2, row=True, boxes=2))
    outer = (_paragraph("末", 1, cell=True), _paragraph("", 1, row=True, boxes=1))
    first, table, last = _read_paragraphs(monkeypatch, _paragraph("前", 1), *inner, *outer)
    assert (first, last) == (Paragraph("前"), Paragraph("末"))
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells] == ["规章", "5"]


def test_a_number_in_a_box_is_the_text_of_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    box = (_paragraph("7", 2, cell=True), _paragraph("", 2, row=True, boxes=1), _paragraph("", 1, cell=True))
    (table,) = _read_paragraphs(
        monkeypatch, _paragraph("规章", 1, cell=True), *box, _paragraph("", 1, row=True, boxes=2)
    )
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells] == ["规章", "7"]
