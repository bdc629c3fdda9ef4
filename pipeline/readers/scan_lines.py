"""Where the lines of text stand on a scanned page: in the cells of its tables, and in the prose between them.

Belongs here: ink, specks, lines, crops of lines. Does not belong here: what a line says (``scan_text``).
All boxes are (x0, top, x1, bottom) in pixels of ``SCALE``.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_edges import INSET, within_rules, without_rules
from pipeline.readers.scan_image import SCALE, Grey
from pipeline.values import record

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

SPECK = 4
"""Ink no larger than this many pixels either way is a full stop or dirt: it makes no line of its own."""
FAINT_BELOW = 45
"""Ink that differs less from the paper is not seen, nor what is within six spreads of a noisy paper."""
SMALLEST_TEXT, LARGEST_TEXT = 4.5 * SCALE, 20 * SCALE
TRACE = 0.16
"""Share of the contrast between ink and paper that may be a stroke."""
FAINT_PAGE = 170
"""Less contrast is a worn page, on which a dash may be worn away altogether."""
CLEAN_INSET = 6
MANY_SPECKS = 40
"""So many specks on a page are dirt, and none of them is a mark."""


@record
class PageInk:
    """The ink of a page without specks; ``is_dirty`` tells that specks lie all over it.

    ``faint`` is all that stands out from the paper; ``traces`` is all that a stroke worn to a sixth of the page's ink would
    leave, and more: a cell is blank only where there is none of it either, on a page that is neither dirty nor ``is_faint``.
    """

    ink: Mask
    faint: Mask
    specks: Mask
    is_dirty: bool
    traces: Mask
    is_faint: bool


@record
class Shape:
    """What the ink of a short line looks like, whatever it says.

    ``tall``: pieces about as high as digits; ``dashes``: level strokes; ``dots``: for every small piece low and right of the
    first tall one, how many tall ones stand left of it; ``is_slash``: one thin slanting stroke; ``is_spaced``: a gap wider
    than between the full-width digits of a number.
    """

    tall: int
    dashes: int
    dash_is_wide: bool
    dots: tuple[int, ...]
    is_slash: bool
    is_spaced: bool


@record
class Line:
    """A line of text: its box of ink, whether it ran into the edge of its cell, what it looks like."""

    box: Box
    is_cut: bool
    shape: Shape


@record
class CellInk:
    """The lines of a cell, or what keeps it from being blank: a lone dot, or traces that may be a worn stroke."""

    lines: tuple[Line, ...]
    has_speck: bool
    is_clean: bool


def page_ink(grey: Grey) -> PageInk:
    """Return the ink of a page: darker than halfway between its own ink and its paper."""
    dark = float(np.percentile(grey[::2, ::2], 0.7))
    threshold = min(max(dark + 0.55 * (255 - dark), 110), 205)
    ink, specks, labels = _without_specks(grey < threshold)
    paper, spread = (float(value) for value in np.percentile(grey[::2, ::2], (50, 16)))
    faint, _, _ = _without_specks(grey < max(paper - max(FAINT_BELOW, 6 * (paper - spread)), threshold))
    far = cv2.dilate(ink.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    lone = np.unique(labels[specks & ~far])
    contrast = paper - dark
    # A stroke of a dash is five pixels long at least, and may be one high.
    along = cv2.blur(grey, (5, 1))
    traces = np.asarray(along < paper - TRACE * contrast)
    return PageInk(ink, faint, specks, len(lone) > MANY_SPECKS, traces, contrast < FAINT_PAGE)


def _without_specks(dark: Mask) -> tuple[Mask, Mask, NDArray[np.int32]]:
    """Return some ink without its specks, the specks, and the numbers of its pieces."""
    mask = dark.astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    # A short flat stroke is a minus sign at the lowest resolutions.
    small = (stats[:, 2] <= SPECK) & (stats[:, 3] <= SPECK) & ((stats[:, 2] < SPECK) | (stats[:, 3] > SPECK // 2))
    small[0] = False
    is_speck = small[labels]
    return np.asarray(dark & ~is_speck), np.asarray(is_speck), np.asarray(labels, dtype=np.int32)


def cell_ink(page: PageInk, box: Box, height: float) -> CellInk:
    """Return the lines of text in a cell whose rules run along ``box``; ``height`` is that of a line of text."""
    x0, top, x1, bottom = within_rules(page.ink, box)
    part = page.ink[top:bottom, x0:x1]
    if not part.size:
        return CellInk((), False, False)
    part = without_rules(part)
    if not part.any():
        part = without_rules(page.faint[top:bottom, x0:x1])
    lines = []
    for start, stop in _rows(part, height):
        row = part[start:stop]
        columns = np.flatnonzero(row.any(axis=0))
        if not len(columns):
            continue
        left, right = _with_specks(page.specks[top + start : top + stop, x0:x1], columns, 0.5 * height)
        is_cut = left == 0 or right == part.shape[1] or (start == 0) or (stop == part.shape[0])
        whole = (row | page.specks[top + start : top + stop, x0:x1])[:, left:right]
        lines.append(Line((x0 + left, top + start, x0 + right, top + stop), is_cut, shape_of(whole, height)))
    has_speck = not lines and bool(page.specks[top:bottom, x0:x1][2:-2, 2:-2].any())
    return CellInk(tuple(lines), has_speck, not lines and _is_clean(page, box))


def _is_clean(page: PageInk, box: Box) -> bool:
    """Tell whether nothing at all is printed in a cell, on a page where what is printed shows."""
    x0, top, x1, bottom = box
    inside = page.traces[top + CLEAN_INSET : bottom - CLEAN_INSET, x0 + CLEAN_INSET : x1 - CLEAN_INSET]
    return not page.is_dirty and not page.is_faint and inside.size > 0 and not inside.any()


def _with_specks(specks: Mask, columns: NDArray[np.intp], near: float) -> tuple[int, int]:
    """Return the ends of a line, with the specks just beside it: a point, a short minus sign."""
    left, right = int(columns[0]), int(columns[-1]) + 1
    filled = np.flatnonzero(specks.any(axis=0))
    before = filled[(filled < left) & (filled >= left - near)]
    after = filled[(filled >= right) & (filled < right + near)]
    return int(before[0]) if len(before) else left, int(after[-1]) + 1 if len(after) else right


def shape_of(ink: Mask, height: float) -> Shape:
    """Return what the ink of a line looks like, specks included."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    boxes = sorted(((*(int(v) for v in stats[index][:4]), index) for index in range(1, count)), key=lambda b: b[0])
    digit = 0.72 * height
    tall = [box for box in boxes if box[3] >= 0.6 * digit]
    dashes = [b for b in boxes if b[3] <= max(0.26 * digit, 4) and b[2] >= max(0.26 * digit, 1.6 * b[3])]
    dots: tuple[int, ...] = ()
    if tall:
        low = max(box[1] + box[3] for box in tall) - 0.35 * digit
        dots = tuple(
            sum(piece[0] + piece[2] / 2 < b[0] + b[2] / 2 for piece in tall)
            for b in boxes
            if b[0] > tall[0][0] and b[1] + b[3] > low and b[2] * b[3] >= 3 and b not in tall and b not in dashes
        )
    gaps = [right[0] - max(b[0] + b[2] for b in tall[: at + 1]) for at, right in enumerate(tall[1:])]
    is_slash = len(tall) == 1 and len(boxes) == 1 and _slants(labels == tall[0][4])
    is_wide = any(box[2] > 0.6 * height for box in dashes)
    return Shape(len(tall), len(dashes), is_wide, dots, is_slash, max(gaps, default=0) > 0.85 * height)


def _slants(stroke: Mask) -> bool:
    """Tell whether a piece of ink is a thin stroke that leans to the right."""
    rows = [np.flatnonzero(row) for row in stroke if row.any()]
    if len(rows) < 6:
        return False
    third = len(rows) // 3
    lean = float(np.mean([row.mean() for row in rows[:third]]) - np.mean([row.mean() for row in rows[-third:]]))
    widest = max(int(row[-1] - row[0]) + 1 for row in rows[1:-1])
    return lean >= 0.17 * len(rows) and widest <= 0.3 * len(rows)


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
        part = page.ink[top + INSET : bottom - INSET, x0 + INSET : x1 - INSET]
        if part.size and part.any():
            heights += [stop - start for start, stop in _runs(np.asarray(without_rules(part).any(axis=1)))]
    sizes = sorted(h for h in heights if SMALLEST_TEXT <= h <= LARGEST_TEXT)
    # Digits are lower than characters, and lines that touch are higher: the middle of the upper half.
    return float(sizes[len(sizes) * 2 // 3]) if sizes else 9 * SCALE


def prose_lines(page: PageInk, tables: Iterable[Box]) -> list[Box]:
    """Return the lines of text outside the tables, from the top down."""
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
    return [line for line in lines if line[2] - line[0] >= 3 * SCALE]


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
