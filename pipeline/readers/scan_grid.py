"""The ruling lines of a scanned page, as the same ``Ruling`` values that a born-digital page gives.

Belongs here: which ink is a drawn line. Lattices and cells are ``pdf_lattice``'s, as for every page.

Opening the picture with a long kernel alone turns strokes of Chinese characters in tight rows into lines. So an upright
line must fill the whole band between two level lines and be white on a side, and a level line must be white on a side.
"""

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.pdf_lattice import Lattice, find_lattices
from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.scan_image import SCALE, Grey

Ink = NDArray[np.uint8]

FAINT = 205
"""On paper made white, a line fainter than this is not seen."""
SHORTEST = round(30 * SCALE)
LONG = round(90 * SCALE)
SURELY = round(250 * SCALE)
"""Upright lines are looked for between level ones of ``LONG``; one shorter than ``SURELY`` must then end at upright ones."""
NEAR = 2.2 * SCALE
THICKEST = round(3.5 * SCALE)
BREAK = round(2.2 * SCALE)
"""Longest break in a level line that is mended."""
FILLED = 0.8
"""Share of a band that an upright line must fill."""
WHITE = 0.3
"""Most ink on the white side of a line."""
CLEAR = 0.12
UNBROKEN = 0.95
"""Share of a level line's length that has ink before its breaks are mended."""
LOWEST_BAND = round(5 * SCALE)


def find_rulings(grey: Grey) -> list[Ruling]:
    """Return the level and upright lines of a page, in points."""
    ink = np.asarray(grey < FAINT, dtype=np.uint8)
    level = _level_lines(ink)
    long = [ruling for ruling in level if ruling.end - ruling.start >= LONG]
    if len(long) < 2:
        return []
    upright = _upright_lines(ink, long)
    level = [ruling for ruling in level if ruling.end - ruling.start >= SURELY or _is_held(ruling, upright)]
    return [_in_points(ruling) for ruling in (*level, *upright)]


def find_tables(grey: Grey) -> list[Lattice]:
    """Return the tables of a page from the top down.

    One table at a time: lines of two tables that stand near the same place are not one line, and their mean is neither's.
    """
    rulings = find_rulings(grey)
    spans: list[list[float]] = []
    for ruling in sorted((r for r in rulings if not r.horizontal), key=lambda r: r.start):
        if spans and ruling.start <= spans[-1][1] + 1:
            spans[-1][1] = max(spans[-1][1], ruling.end)
        else:
            spans.append([ruling.start, ruling.end])
    tables: list[Lattice] = []
    for start, end in spans:
        tables += find_lattices([r for r in rulings if start - 2 <= (r.at if r.horizontal else r.start) <= end + 2])
    return tables


def _is_held(level: Ruling, upright: list[Ruling]) -> bool:
    """Tell whether a level line ends at upright ones on both sides."""
    across = [ruling.at for ruling in upright if ruling.start - NEAR <= level.at <= ruling.end + NEAR]
    return all(any(abs(at - end) <= NEAR for at in across) for end in (level.start, level.end))


def _in_points(ruling: Ruling) -> Ruling:
    return Ruling(ruling.horizontal, ruling.at / SCALE, ruling.start / SCALE, ruling.end / SCALE)


def _level_lines(ink: Ink) -> list[Ruling]:
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, SHORTEST), np.uint8))
    count, _, stats, centres = cv2.connectedComponentsWithStats(opened, connectivity=8)
    rulings = []
    for index in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[index])
        if width < SHORTEST or height > THICKEST + 3:
            continue
        above = ink[max(y - 4, 0) : max(y - 1, 0), x : x + width]
        below = ink[y + height + 1 : y + height + 4, x : x + width]
        filled = _share(ink[y + 1 : max(y + height - 1, y + 2), x : x + width])
        if _is_line(filled, *sorted((_share(above), _share(below)))):
            rulings.append(Ruling(True, float(centres[index][1]) + 0.5, x, x + width))
    return sorted(rulings, key=lambda ruling: ruling.at)


def _is_line(filled: float, less: float, more: float) -> bool:
    """Tell whether a level line is drawn: without breaks and white on a side, or broken and standing free.

    A row of strokes has ink on both sides; the feet of a line of characters have breaks, and ink on one.
    """
    if filled < UNBROKEN:
        return more < WHITE
    return less < CLEAR or more < WHITE


def _share(part: Ink) -> float:
    """Return the share of columns or rows of a strip that hold ink."""
    return float(part.any(axis=0).mean()) if part.size else 0.0


def _upright_lines(ink: Ink, level: list[Ruling]) -> list[Ruling]:
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((BREAK, 1), np.uint8))
    wide = np.asarray(cv2.dilate(closed, np.ones((1, 3), np.uint8)), dtype=np.uint8)
    left = max(round(min(r.start for r in level)) - 8, 0)
    right = round(max(r.end for r in level)) + 8
    heights = _distinct([r.at for r in level])
    rulings: list[Ruling] = []
    for top, bottom in itertools.pairwise(heights):
        if bottom - top >= LOWEST_BAND:
            rulings += _in_band(ink, wide, (round(top) + 3, round(bottom) - 2), (left, right), (top, bottom))
    return rulings + _beyond(wide, rulings, heights)


def _distinct(values: list[float]) -> list[float]:
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > 2 * SCALE:
            result.append(value)
    return result


def _in_band(
    ink: Ink, wide: Ink, rows: tuple[int, int], columns: tuple[int, int], ends: tuple[float, float]
) -> list[Ruling]:
    """Return the upright lines between two level ones."""
    left, right = columns
    filled = wide[rows[0] : rows[1], left:right].mean(axis=0)
    shares = ink[rows[0] : rows[1], left:right].mean(axis=0)
    rulings = []
    for start, stop in _runs(filled >= FILLED):
        if stop - start > THICKEST + 4:
            continue
        before, after = shares[max(start - 4, 0) : max(start - 1, 0)], shares[stop + 1 : stop + 4]
        if min(float(before.mean()) if before.size else 0.0, float(after.mean()) if after.size else 0.0) < WHITE:
            rulings.append(Ruling(False, left + (start + stop) / 2, ends[0], ends[1]))
    return rulings


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(edges[i]), int(edges[i + 1])) for i in range(0, len(edges), 2)]


def _beyond(wide: Ink, rulings: list[Ruling], heights: list[float]) -> list[Ruling]:
    """Return what runs on of upright lines past the first and last level line: a row that the page's end cut."""
    result = []
    for ruling in rulings:
        x = round(ruling.at)
        column = wide[:, max(x - 1, 0) : x + 2].max(axis=1)
        if ruling.start == heights[0]:
            top = _walk(column, round(ruling.start) - 3, -1)
            if ruling.start - top > 3 * SCALE:
                result.append(Ruling(False, ruling.at, top, ruling.start))
        if ruling.end == heights[-1]:
            bottom = _walk(column, round(ruling.end) + 3, 1)
            if bottom - ruling.end > 3 * SCALE:
                result.append(Ruling(False, ruling.at, ruling.end, bottom))
    return result


def _walk(column: Ink, start: int, step: int) -> int:
    at = start
    while 0 <= at < len(column) and column[at]:
        at += step
    return at
