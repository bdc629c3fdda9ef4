"""The cells of a text dump's table put into rows.

Belongs here: where a row begins, by the document's own breaks or, where it marks none, by its labels. Does not belong
here: what is a cell (``text_cells``).
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.readers.text_labels import Kind
from pipeline.values import record


@record
class Piece:
    """A cell: ``kind`` is that of its label, None for words that no form knows and for values."""

    start: int
    end: int
    kind: Kind | None
    is_value: bool
    after_break: bool
    may_be_group: bool = False


def rows_by_breaks(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return rows as the document breaks them."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        if piece.after_break or not rows:
            rows.append([])
        rows[-1].append(piece)
    return rows


def rows_by_labels(text: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return rows where the document marks none: a row begins with a label behind values, or where the kind of label changes."""
    rows: list[list[Piece]] = [[]]
    for at, piece in enumerate(pieces):
        row = rows[-1]
        if row and _begins_row(text, row, piece, pieces[at:]):
            held = [row.pop()] if _is_stray_label(row, piece) else []
            rows.append(held)
        rows[-1].append(piece)
    return [row for row in rows if row]


def _begins_row(text: str, row: Sequence[Piece], piece: Piece, rest: Sequence[Piece]) -> bool:
    last = next((p for p in reversed(row) if not p.is_value), row[-1])
    heads = (Kind.TITLE, Kind.HEADER)
    if piece.is_value:
        if _blanks_before_label(text, rest):
            return True
        is_head = next((p.kind for p in row if not p.is_value), None) in heads
        holds = any(p.is_value and _is_filled(text, p) for p in row)
        return is_head and not holds and (piece.after_break or _is_filled(text, piece))
    if _has_values(row) and not (last.kind is Kind.HEADER and piece.kind is Kind.HEADER):
        return True
    if piece.kind is None:
        return last.kind is Kind.TITLE
    if piece.kind in heads:
        return last.kind is not Kind.HEADER and last.kind is not None
    return last.kind in heads or (last.kind is Kind.ROW and not last.may_be_group)


def _is_filled(text: str, piece: Piece) -> bool:
    return bool(text[piece.start : piece.end].strip())


def _has_values(row: Sequence[Piece]) -> bool:
    """Tell whether a row has cells behind a label; blank ones before it are of groups that reach down from above."""
    return any(piece.is_value and not before.is_value for before, piece in pairwise(row))


def _is_stray_label(row: Sequence[Piece], piece: Piece) -> bool:
    """Tell whether the words at the end of a header are the label of the row that the value begins."""
    return piece.is_value and len(row) > 1 and row[-1].kind is None and not row[-1].is_value


def _blanks_before_label(text: str, rest: Sequence[Piece]) -> bool:
    """Tell whether this blank cell is the first after the last break before a label: a group's cell, of the row that follows."""
    if not rest[0].after_break:
        return False
    for piece in rest:
        if not piece.is_value:
            return True
        if text[piece.start : piece.end].strip() or (piece.after_break and piece is not rest[0]):
            return False
    return False


def is_first_of_group(text: str, row: Sequence[Piece]) -> bool:
    """Tell whether a row is the first under a heading row: its label is numbered 1."""
    return bool(row) and re.match(r"\s*[(（]?[1１](?!\d)", text[row[0].start : row[0].end]) is not None
