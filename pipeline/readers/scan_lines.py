"""Where the lines of text stand on a scanned page: in the cells of its tables, and in the prose between them.

Belongs here: lines, crops of lines. Does not belong here: what is ink (``scan_ink``), what a line says (``scan_text``).
All boxes are (x0, top, x1, bottom) in pixels of ``SCALE``.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_edges import without_rules
from pipeline.readers.scan_image import SCALE, Grey
from pipeline.readers.scan_ink import OWN, PageInk, without_specks
from pipeline.readers.scan_shapes import Shape, shapes_of
from pipeline.values import record

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

SMALLEST_TEXT, LARGEST_TEXT = 4.5 * SCALE, 20 * SCALE
CLEAN_INSET = 3
FRAME = 14
"""Pixels by which a thick frame may stand out from the middle of its lines; no line of text is so low."""
BEYOND = round(4 * SCALE)
"""Ink so near both sides of a rule is one stroke across it."""
MOST_TOUCHED = 0.8
"""Share of the height of a line along which a digit may touch a rule: a one, or half of another, touches it all along."""
LIGHTER = 6
"""Grey levels by which a cell's own threshold must be lighter than its page's to be taken."""


@record
class Line:
    """A line of text: its box of ink, whether it ran into the edge of its cell, what it looks like without and with pale strokes.

    ``touches`` are the sides, 0 left and -1 right, at which its ink reaches a rule at one place only, as a round stroke does.
    """

    box: Box
    is_cut: bool
    shape: Shape
    pale: Shape
    touches: tuple[int, ...] = ()


@record
class CellInk:
    """The lines of a cell, or what keeps it from being blank: a lone dot, or traces that may be a worn stroke.

    A cell that ``has_speck`` and still ``is_clean`` holds nothing but dirt such as lies all over its page.
    """

    lines: tuple[Line, ...]
    has_speck: bool
    is_clean: bool


def cell_ink(page: PageInk, box: Box, inside: Box, height: float, *, is_ruled: bool = True) -> CellInk:
    """Return the lines of text ``inside`` a cell whose rules run along ``box``; ``height`` is that of a line of text.

    A cell is never blank where not all its rules were seen: what was taken for one may be its digits.
    """
    x0, top, x1, bottom = inside
    if not page.ink[top:bottom, x0:x1].size:
        return CellInk((), False, False)
    part, specks = _own_ink(page, inside)
    part = without_rules(part)
    if not part.any():
        part = without_rules(page.faint[top:bottom, x0:x1])
    lines = []
    for start, stop in _rows(part, height):
        row = part[start:stop]
        columns = np.flatnonzero(row.any(axis=0))
        if not len(columns):
            continue
        left, right = _with_specks(specks[start:stop], columns, 0.5 * height)
        reached = [side for side, at in ((0, left == 0), (-1, right == part.shape[1])) if at]
        touches = tuple(side for side in reached if _touches_once(row[:, side]))
        is_cut = len(touches) < len(reached) or start == 0 or stop == part.shape[0]
        whole = (row | specks[start:stop])[:, left:right]
        place = (x0 + left, top + start, x0 + right, top + stop)
        shape, pale = shapes_of(whole, page.grey, place, inside, height)
        is_mark = shape.tall == 0 or shape.is_slash
        lines.append(Line(place, is_cut or (is_mark and _goes_on(page, place, box)), shape, pale, touches))
    has_speck = not lines and bool(specks[2:-2, 2:-2].any())
    return CellInk(tuple(lines), has_speck, not lines and is_ruled and _is_clean(page, inside))


def _own_ink(page: PageInk, inside: Box) -> tuple[Mask, Mask]:
    """Return the ink of a cell and its specks, against its own darkest ink where that is paler than the page's.

    Thin print beside bold, or beside thick rules, falls apart into specks at the page's threshold.
    """
    x0, top, x1, bottom = inside
    place = slice(top, bottom), slice(x0, x1)
    grey = page.grey[place]
    inner = grey[CLEAN_INSET:-CLEAN_INSET, CLEAN_INSET:-CLEAN_INSET]
    dark = float(inner.min()) if inner.size else 255.0
    own = min(dark + OWN * (255 - dark), page.clear)
    if dark >= page.visible or own <= page.threshold + LIGHTER:
        return page.ink[place], page.specks[place]
    ink, specks, _ = without_specks(grey < own)
    return ink, specks


def _goes_on(page: PageInk, line: Box, box: Box) -> bool:
    """Tell whether a stroke that ends near a rule goes on beyond it: a pen's, and no dash."""
    rows = slice(max(line[1] - BEYOND // 2, 0), line[3] + BEYOND // 2)
    left = line[0] - box[0] <= BEYOND and page.ink[rows, max(box[0] - BEYOND, 0) : box[0]].any()
    right = box[2] - line[2] <= BEYOND and page.ink[rows, box[2] : box[2] + BEYOND].any()
    return bool(left or right)


def _touches_once(column: Mask) -> bool:
    """Tell whether the ink of a line reaches a rule at one place, and not along it: more of it would show in two."""
    runs = _runs(column)
    return len(runs) == 1 and runs[0][1] - runs[0][0] <= MOST_TOUCHED * len(column)


def _is_clean(page: PageInk, inside: Box) -> bool:
    """Tell whether nothing at all is printed in a cell, dirt such as lies all over the page apart."""
    x0, top, x1, bottom = inside
    place = slice(top + CLEAN_INSET, bottom - CLEAN_INSET), slice(x0 + CLEAN_INSET, x1 - CLEAN_INSET)
    traces = page.traces[place]
    if page.is_dirty and traces.any():
        dirt = cv2.dilate(page.specks[place].astype(np.uint8), np.ones((3, 7), np.uint8))
        traces = traces & (dirt == 0)
    return not page.is_worn and traces.size > 0 and not traces.any()


def _with_specks(specks: Mask, columns: NDArray[np.intp], near: float) -> tuple[int, int]:
    """Return the ends of a line, with the specks just beside it: a point, a short minus sign."""
    left, right = int(columns[0]), int(columns[-1]) + 1
    filled = np.flatnonzero(specks.any(axis=0))
    before = filled[(filled < left) & (filled >= left - near)]
    after = filled[(filled >= right) & (filled < right + near)]
    return int(before[0]) if len(before) else left, int(after[-1]) + 1 if len(after) else right


def _rows(part: Mask, height: float) -> list[tuple[int, int]]:
    """Return the lines of some text from the top down: runs of rows with ink, small ones joined, tall ones parted."""
    filled = part.sum(axis=1)
    runs = _joined(_runs(filled > 0), height)
    result = []
    for start, stop in runs:
        count = round((stop - start) / (1.2 * height)) if stop - start > 1.65 * height else 1
        edges = [start]
        for number in range(1, count):
            middle = start + (stop - start) * number // count
            reach = max(round(0.25 * height), 1)
            low, high = max(middle - reach, edges[-1] + 1), min(middle + reach, stop)
            edges.append(low + int(filled[low:high].argmin()) if high > low else middle)
        result += list(zip(edges, [*edges[1:], stop], strict=True))
    return [(start, stop) for start, stop in result if stop > start]


def _joined(runs: list[tuple[int, int]], height: float) -> list[tuple[int, int]]:
    """Return runs of rows with those joined that are one line: 二, 三, = and dots over letters fall apart."""
    joined: list[tuple[int, int]] = []
    for start, stop in runs:
        if joined:
            last = joined[-1]
            whole = stop - last[0]
            small = min(stop - start, last[1] - last[0]) < 0.6 * height
            if (start - last[1] <= 1 and whole <= 1.3 * height) or (small and whole <= 1.12 * height):
                joined[-1] = (last[0], stop)
                continue
        joined.append((start, stop))
    return joined


def _runs(mask: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(edges[i]), int(edges[i + 1])) for i in range(0, len(edges), 2)]


def text_height(page: PageInk, boxes: Iterable[Box]) -> float:
    """Return the height of a line of Chinese text in some cells, in pixels; that of 9 points where they hold none."""
    heights = []
    for x0, top, x1, bottom in boxes:
        part = page.ink[top:bottom, x0:x1]
        if part.size and part.any():
            heights += [stop - start for start, stop in _runs(np.asarray(without_rules(part).any(axis=1)))]
    sizes = sorted(h for h in heights if SMALLEST_TEXT <= h <= LARGEST_TEXT)
    # Digits are lower than characters, and lines that touch are higher: the middle of the upper half.
    return float(sizes[len(sizes) * 2 // 3]) if sizes else 9 * SCALE


def prose_lines(page: PageInk, tables: Sequence[Box]) -> list[Box]:
    """Return the lines of text outside the tables, from the top down; what is left of a table's thick frame is none."""
    ink = page.ink.copy()
    for x0, top, x1, bottom in tables:
        ink[max(top - 3, 0) : bottom + 4, max(x0 - 6, 0) : x1 + 7] = False
    lines: list[Box] = []
    enough = max(round(1.2 * SCALE), 2)
    for start, stop in _joined_prose(_runs(ink.sum(axis=1) > 1)):
        if stop - start < enough:
            continue
        part = ink[start:stop]
        columns = np.flatnonzero(part.any(axis=0))
        lines += _parted(part, start, int(columns[0]), int(columns[-1]) + 1)
    return [
        line for line in lines if line[2] - line[0] >= 3 * SCALE and not any(_is_frame(line, box) for box in tables)
    ]


def _is_frame(line: Box, table: Box) -> bool:
    """Tell whether some ink lies wholly within a table and the frame round it."""
    return (
        line[0] >= table[0] - FRAME
        and line[1] >= table[1] - FRAME
        and line[2] <= table[2] + FRAME
        and line[3] <= table[3] + FRAME
    )


def _joined_prose(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    sizes = sorted(stop - start for start, stop in runs if SMALLEST_TEXT <= stop - start <= 1.5 * LARGEST_TEXT)
    return _joined(runs, sizes[len(sizes) * 2 // 3] if sizes else 12 * SCALE)


def _parted(part: Mask, top: int, left: int, right: int) -> list[Box]:
    """Return a line cut at gaps of more than four characters (two columns, a title beside a seal), each with its own rows."""
    columns_filled = np.asarray(part[:, left:right].any(axis=0), dtype=np.uint8)[None]
    filled = np.asarray(cv2.dilate(columns_filled, np.ones((1, 4 * part.shape[0]), np.uint8)))[0]
    boxes = []
    for start, stop in _runs(filled > 0):
        columns = left + start + np.flatnonzero(part[:, left + start : left + stop].any(axis=0))
        if len(columns):
            x0, x1 = int(columns[0]), int(columns[-1]) + 1
            rows = np.flatnonzero(part[:, x0:x1].any(axis=1))
            boxes.append((x0, top + int(rows[0]), x1, top + int(rows[-1]) + 1))
    return boxes


def crop(grey: Grey, box: Box, height: float, margin: float = 0.2, inside: Box | None = None) -> Grey:
    """Return a line cut out with white around it, at least one line of text high; only what lies ``inside`` is shown."""
    x0, top, x1, bottom = box
    edge = round(margin * height)
    more = max(round((height - (bottom - top)) / 2), 0)
    area = (x0 - edge, top - more - edge, x1 + edge, bottom + more + edge)
    shown = inside or (0, 0, grey.shape[1], grey.shape[0])
    result = np.full((area[3] - area[1], area[2] - area[0]), 255, np.uint8)
    left, upper = max(area[0], shown[0], 0), max(area[1], shown[1], 0)
    right, lower = min(area[2], shown[2], grey.shape[1]), min(area[3], shown[3], grey.shape[0])
    if right > left and lower > upper:
        result[upper - area[1] : lower - area[1], left - area[0] : right - area[0]] = grey[upper:lower, left:right]
    return result
