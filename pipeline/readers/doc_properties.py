"""Property modifiers of a Word 97-2003 file: what the bits stored with a run of its text say of a paragraph and its row.

Belongs here: what [MS-DOC] says about single property modifiers (sprm) and their operands. Where they are stored is in
``doc_file``, what they mean as a table in ``doc``. A damaged operand raises struct.error or IndexError, which ``doc_file`` tells.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.values import record

# Single property modifiers (sprm) by opcode, and the operand sizes that the top three bits of an opcode tell.
OPERAND_SIZE = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
P_IN_TABLE, P_ROW_END, P_DEPTH = 0x2416, 0x2417, 0x6649
P_INNER_CELL, P_INNER_ROW_END, P_HUGE = 0x244B, 0x244C, (0x6645, 0x6646)
T_DEF_TABLE, T_VERTICAL_MERGE, T_MERGE, P_CHANGE_TABS = 0xD608, 0xD62B, 0x5624, 0xC615
C_DELETED, C_HIDDEN = 0x0800, 0x083C


@record
class CellBox:
    """The left and right edge of a cell in twentieths of a point, and how it is merged."""

    left: int
    right: int
    continues_left: bool = False
    starts_merge: bool = False
    continues_above: bool = False


@dataclass(slots=True)
class ParagraphProperties:
    """What a paragraph's modifiers say of the tables round it; ``boxes`` are the cells of the row that it ends."""

    in_table: bool = False
    row_end: bool = False
    depth: int = 0
    inner_cell: bool = False
    inner_row_end: bool = False
    boxes: list[CellBox] = field(default_factory=list)


def modifiers(properties: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (opcode, operand) of a list of property modifiers ([MS-DOC] 2.2.5.1)."""
    place = 0
    while place + 2 <= len(properties):
        opcode = struct.unpack_from("<H", properties, place)[0]
        place += 2
        kind = opcode >> 13
        if opcode == T_DEF_TABLE:
            size = struct.unpack_from("<H", properties, place)[0] - 1 if place + 2 <= len(properties) else 0
            place += 2
        elif kind == 6:
            size = properties[place] if place < len(properties) else 0
            if opcode == P_CHANGE_TABS and size == 255:
                return
            place += 1
        else:
            size = OPERAND_SIZE[kind]
        yield opcode, properties[place : place + size]
        place += size


def paragraph_properties(stored: bytes, data: bytes) -> ParagraphProperties:
    """Return what the modifiers stored with a paragraph say; those of large tables lie in the data stream."""
    found = ParagraphProperties()
    for opcode, operand in modifiers(stored):
        if opcode in P_HUGE and len(operand) == 4:
            place = struct.unpack("<I", operand)[0]
            size = struct.unpack_from("<H", data, place)[0]
            for inner, inner_operand in modifiers(data[place + 2 : place + 2 + size]):
                _apply(found, inner, inner_operand)
        else:
            _apply(found, opcode, operand)
    return found


def _apply(found: ParagraphProperties, opcode: int, operand: bytes) -> None:
    if opcode == P_IN_TABLE:
        found.in_table = bool(operand[0])
    elif opcode == P_ROW_END:
        found.row_end = bool(operand[0])
    elif opcode == P_DEPTH:
        found.depth = struct.unpack("<i", operand)[0]
    elif opcode == P_INNER_CELL:
        found.inner_cell = bool(operand[0])
    elif opcode == P_INNER_ROW_END:
        found.inner_row_end = bool(operand[0])
    elif opcode == T_DEF_TABLE:
        found.boxes = _boxes(operand)
    elif opcode == T_VERTICAL_MERGE and len(operand) >= 2 and operand[0] < len(found.boxes):
        box = found.boxes[operand[0]]
        found.boxes[operand[0]] = CellBox(box.left, box.right, box.continues_left, operand[1] == 3, operand[1] == 1)
    elif opcode == T_MERGE and len(operand) == 2:
        for index in range(operand[0] + 1, min(operand[1], len(found.boxes))):
            box = found.boxes[index]
            found.boxes[index] = CellBox(box.left, box.right, True, box.starts_merge, box.continues_above)


def _boxes(operand: bytes) -> list[CellBox]:
    """Return the cells that a row definition declares ([MS-DOC] 2.9.325 TDefTableOperand, 2.9.305 TC80)."""
    count = operand[0]
    edges = struct.unpack_from(f"<{count + 1}h", operand, 1)
    boxes = []
    for index in range(count):
        place = 1 + 2 * (count + 1) + 20 * index
        flags = struct.unpack_from("<H", operand, place)[0] if place + 2 <= len(operand) else 0
        down = flags >> 5 & 0x3
        boxes.append(CellBox(edges[index], edges[index + 1], flags & 0x3 == 1, down == 3, down == 1))
    return boxes


def is_unseen(stored: bytes) -> bool:
    """Tell whether the characters that modifiers are stored with are deleted or hidden."""
    return any(operand[:1] == b"\x01" for opcode, operand in modifiers(stored) if opcode in (C_DELETED, C_HIDDEN))
