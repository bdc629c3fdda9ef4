"""The bytes of a Word 97-2003 file: text by its piece table, paragraph and row properties by their FKP pages.

Belongs here: what [MS-DOC] says about places. What the properties say is in ``doc_properties``, what it means as a table in
``doc``. All offsets are checked; a file that points outside itself is damaged, never a crash.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import field

from pipeline.document import UnreadableFile
from pipeline.readers.doc_properties import CellBox, ParagraphProperties, is_unseen, paragraph_properties
from pipeline.readers.ole_container import open_container
from pipeline.values import record

DAMAGED = "damaged Word file: its tables point outside the file"
MAX_CHARACTERS = 20_000_000

# Places in the FIB ([MS-DOC] 2.5): flags, length of the main text, and the pairs (offset, length) of what is used here.
FLAGS, CCP_TEXT = 0x0A, 0x4C
FC_CHPX, FC_PAPX, FC_CLX = 0xFA, 0x102, 0x1A2
ENCRYPTED, TABLE_ONE = 0x0100, 0x0200


@record
class DocParagraph:
    """A paragraph: ``depth`` is how many tables it stands in; ``boxes`` are the cells of the row that it ends."""

    text: str
    depth: int
    ends_cell: bool
    ends_row: bool
    boxes: list[CellBox] = field(default_factory=list)


@record
class _Piece:
    first: int
    last: int
    offset: int
    wide: bool


def read_paragraphs(content: bytes) -> tuple[list[DocParagraph], tuple[str, ...]]:
    """Return the paragraphs of the main text, in order, and notes.

    Raises UnreadableFile: password-protected, another format, damaged.
    """
    word, table, data = _streams(content)
    try:
        return _paragraphs(word, table, data)
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise UnreadableFile(DAMAGED) from error


def _streams(content: bytes) -> tuple[bytes, bytes, bytes]:
    try:
        with open_container(content) as ole:
            if not ole.exists("WordDocument"):
                raise UnreadableFile("not a Word file: the OLE file holds no Word text")
            word = ole.openstream("WordDocument").read()
            if len(word) < 0x1AA or struct.unpack_from("<H", word)[0] not in (0xA5EC, 0xA5DC):
                raise UnreadableFile("damaged Word file: no Word header")
            flags = struct.unpack_from("<H", word, FLAGS)[0]
            version = struct.unpack_from("<H", word, 2)[0]
            if flags & ENCRYPTED:
                raise UnreadableFile("password-protected Word file")
            if version < 0xC1:
                raise UnreadableFile("Word 95 or older: save it as .docx first")
            name = "1Table" if flags & TABLE_ONE else "0Table"
            if not ole.exists(name):
                raise UnreadableFile("damaged Word file: its table stream is missing")
            table = ole.openstream(name).read()
            data = ole.openstream("Data").read() if ole.exists("Data") else b""
    except UnreadableFile:
        raise
    except (
        Exception
    ) as error:  # olefile raises what the broken file makes it raise: OSError, IndexError, struct.error, ...
        raise UnreadableFile("damaged Word file: not a readable OLE file") from error
    return word, table, data


def _paragraphs(word: bytes, table: bytes, data: bytes) -> tuple[list[DocParagraph], tuple[str, ...]]:
    pieces = _pieces(word, table)
    length = min(struct.unpack_from("<i", word, CCP_TEXT)[0], pieces[-1].last if pieces else 0)
    if not 0 <= length <= MAX_CHARACTERS:
        raise UnreadableFile(DAMAGED)
    text = "".join(_piece_text(word, piece) for piece in pieces)[:length]
    paragraphs = _Runs(word, table, FC_PAPX)
    unseen = _unseen_ranges(_Runs(word, table, FC_CHPX))
    result = []
    start = 0
    for end in range(len(text)):
        if text[end] not in "\r\x07\x0c":
            continue
        properties = paragraph_properties(paragraphs.at(_file_offset(pieces, end)), data)
        shown = _without_unseen(text, start, end, pieces, unseen)
        result.append(_paragraph(_plain(shown), text[end], properties))
        start = end + 1
    if start < len(text):
        result.append(DocParagraph(_plain(text[start:]), 0, False, False))
    return result, ("deleted or hidden text left out",) if unseen else ()


def _paragraph(text: str, mark: str, properties: ParagraphProperties) -> DocParagraph:
    depth = max(properties.depth, 1 if properties.in_table or mark == "\x07" else 0)
    if depth <= 1:
        return DocParagraph(
            text, depth, mark == "\x07" and not properties.row_end, properties.row_end, properties.boxes
        )
    return DocParagraph(text, depth, properties.inner_cell, properties.inner_row_end, properties.boxes)


def _pieces(word: bytes, table: bytes) -> list[_Piece]:
    """Return the pieces of the text in order ([MS-DOC] 2.8.35 PlcPcd)."""
    position, size = struct.unpack_from("<II", word, FC_CLX)
    clx = table[position : position + size]
    place = 0
    while place < len(clx) and clx[place] == 1:
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    if place >= len(clx) or clx[place] != 2:
        raise UnreadableFile(DAMAGED)
    length = struct.unpack_from("<I", clx, place + 1)[0]
    plc = clx[place + 5 : place + 5 + length]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc)
    pieces = []
    for index in range(count):
        offset = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
        wide = not offset & 0x40000000
        start = offset & 0x3FFFFFFF if wide else (offset & 0x3FFFFFFF) // 2
        if ends[index + 1] < ends[index] or start + (ends[index + 1] - ends[index]) * (2 if wide else 1) > len(word):
            raise UnreadableFile(DAMAGED)
        pieces.append(_Piece(ends[index], ends[index + 1], start, wide))
    return pieces


def _piece_text(word: bytes, piece: _Piece) -> str:
    size = (piece.last - piece.first) * (2 if piece.wide else 1)
    raw = word[piece.offset : piece.offset + size]
    if piece.wide:
        # One code unit a character, so that positions stay positions; a lone surrogate shows as U+FFFD.
        return "".join(
            chr(unit) if not 0xD800 <= unit <= 0xDFFF else "�" for unit in struct.unpack(f"<{len(raw) // 2}H", raw)
        )
    return raw.decode("cp1252", "replace")


def _file_offset(pieces: list[_Piece], position: int) -> int:
    """Return where in the file a character stands."""
    index = bisect_right(pieces, position, key=lambda piece: piece.first) - 1
    piece = pieces[index]
    return piece.offset + (position - piece.first) * (2 if piece.wide else 1)


class _Runs:
    """Properties by file offset: the FKP pages that a bin table names ([MS-DOC] 2.9.174, 2.9.32), read when asked."""

    def __init__(self, word: bytes, table: bytes, fib_place: int) -> None:
        self.word = word
        self.is_paragraph = fib_place == FC_PAPX
        position, size = struct.unpack_from("<II", word, fib_place)
        plc = table[position : position + size]
        count = max((len(plc) - 4) // 8, 0)
        self.starts = struct.unpack_from(f"<{count + 1}I", plc) if count else ()
        self.pages = [n & 0x3FFFFF for n in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1))] if count else []
        self.read: dict[int, tuple[tuple[int, ...], list[bytes]]] = {}

    def at(self, offset: int) -> bytes:
        """Return the property modifiers in force at a file offset, empty where none are stored."""
        index = bisect_right(self.starts, offset) - 1
        if not 0 <= index < len(self.pages):
            return b""
        starts, properties = self._page(self.pages[index])
        run = bisect_right(starts, offset) - 1
        return properties[run] if 0 <= run < len(properties) else b""

    def all(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield (start, stop, modifiers) of every run in the file."""
        for number in self.pages:
            starts, properties = self._page(number)
            yield from zip(starts, starts[1:], properties, strict=False)

    def _page(self, number: int) -> tuple[tuple[int, ...], list[bytes]]:
        if number not in self.read:
            page = self.word[number * 512 : number * 512 + 512]
            if len(page) < 512:
                raise UnreadableFile(DAMAGED)
            count = page[511]
            starts = struct.unpack_from(f"<{count + 1}I", page)
            step = 13 if self.is_paragraph else 1
            self.read[number] = (
                starts,
                [self._entry(page, page[4 * (count + 1) + step * i] * 2) for i in range(count)],
            )
        return self.read[number]

    def _entry(self, page: bytes, place: int) -> bytes:
        if place == 0:
            return b""
        if not self.is_paragraph:
            return page[place + 1 : place + 1 + page[place]]
        if page[place]:
            return page[place + 1 : place + 2 * page[place]][2:]  # the first two bytes name the style
        return page[place + 2 : place + 2 + 2 * page[place + 1]][2:]


def _unseen_ranges(runs: _Runs) -> list[tuple[int, int]]:
    """Return the file ranges whose characters are not in the final text: deleted or hidden."""
    return [(start, stop) for start, stop, stored in runs.all() if stored and is_unseen(stored)]


def _without_unseen(text: str, start: int, end: int, pieces: list[_Piece], unseen: list[tuple[int, int]]) -> str:
    """Return the characters of a paragraph that are in the final text."""
    if not unseen:
        return text[start:end]
    offsets = ((position, _file_offset(pieces, position)) for position in range(start, end))
    return "".join(text[position] for position, at in offsets if not any(a <= at < b for a, b in unseen))


def _plain(text: str) -> str:
    """Return text without field codes and anchors: of ``\\x13 code \\x14 result \\x15`` the result stays."""
    shown: list[str] = []
    fields: list[bool] = []  # per open field: still in its code
    for character in text:
        if character == "\x13":
            fields.append(True)
        elif character == "\x14" and fields:
            fields[-1] = False
        elif character == "\x15" and fields:
            fields.pop()
        elif True not in fields:
            shown.append({"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": ""}.get(character, character))
    return "".join(c for c in shown if c >= " " or c in "\t\n")
