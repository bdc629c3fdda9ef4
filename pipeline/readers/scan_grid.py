"""The ruling lines of a scanned page, as the same ``Ruling`` values that a born-digital page gives.

Belongs here: which ink is a drawn line. Does not belong here: which lines make a table (``scan_tables``).

Opening the picture with a long kernel alone turns strokes of Chinese characters in tight rows into lines. So an upright
line must fill the whole band between two level lines and be white on a side, and a level line must be white on a side.
"""

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.scan_dashes import drawn_through
from pipeline.readers.scan_image import SCALE, Grey
from pipeline.readers.scan_levels import BREAK, LONG, SHORTEST, SURELY, THICKEST, UNBROKEN, WHITE, Level, level_lines
from pipeline.values import record

Ink = NDArray[np.uint8]

FAINT = 205
"""On paper made white, a line fainter than this is not seen."""
FAINTEST = 245
NOISE = 16
"""Times the distance from the middle of the paper's greys to their third decile: eight spreads."""
SMOOTH = 7
"""Faint lines are looked for on a page smoothed along them."""
NEAR = 2.2 * SCALE
FILLED = 0.8
"""Share of a band that an upright line must fill."""
LOWEST_BAND = round(5 * SCALE)
SHINES = 0.45
"""Share of the way from a line's grey to white that tells of a break in it."""
END = 4
"""Pixels at the ends of an upright line where it must be as dark as between."""
MOST_WORN = 0.2
TWICE = 3 * SCALE
"""Lines no farther apart are one line drawn twice, as for ``pdf_lattice``: of cells drawn apart, or doubled."""
TOUCHING = 20 * SCALE
"""So much of a level line may be text that touches it."""


@record
class _Band:
    """A row between two level lines: its white rows, and the middles of the lines."""

    top: int
    bottom: int
    ends: tuple[float, float]

    @classmethod
    def between(cls, above: list[Level], below: list[Level]) -> "_Band":
        """Return the row between two groups of level lines that are one each."""
        middles = [sum(line.ruling.at for line in group) / len(group) for group in (above, below)]
        return cls(max(line.bottom for line in above), min(line.top for line in below), (middles[0], middles[1]))


@record
class _Stroke:
    """An upright stroke in a row: ``is_sure`` where it runs from rule to rule, ``may_be`` where it may be a worn line."""

    at: float
    band: _Band
    grey: float
    is_sure: bool
    may_be: bool


def find_rulings(grey: Grey, *, faint: bool = False) -> list[Ruling]:
    """Return the level and upright lines of a page, in points; ``faint`` looks for lines hardly darker than the paper."""
    along, down = (cv2.blur(grey, (SMOOTH, 1)), cv2.blur(grey, (1, SMOOTH))) if faint else (grey, grey)
    threshold = _faintest(np.asarray(along, dtype=np.uint8)) if faint else FAINT
    whole = drawn_through(grey, threshold)
    if whole is not grey:
        along, down = np.minimum(along, whole), np.minimum(down, whole)
    lines = level_lines(np.asarray(along < threshold, dtype=np.uint8))
    long = [line for line in lines if line.ruling.end - line.ruling.start >= LONG]
    if len(long) < 2:
        return []
    upright = _upright_lines(np.asarray(down, dtype=np.uint8), np.asarray(down < threshold, dtype=np.uint8), long)
    sure = [line.ruling for line in lines if line.ruling.end - line.ruling.start >= SURELY]
    held = (_held(line.ruling, upright, sure) for line in lines)
    level = [ruling for ruling in held if ruling is not None]
    return [_in_points(ruling) for ruling in (*level, *upright)]


def _faintest(smoothed: Grey) -> int:
    """Return the lightest grey of a line, darker than the noise of the paper."""
    paper, noise = np.percentile(smoothed[::2, ::2], (50, 30))
    return min(FAINTEST, round(float(paper - NOISE * (paper - noise))))


def _held(level: Ruling, upright: list[Ruling], sure: list[Ruling]) -> Ruling | None:
    """Return a level line that is long, or ends at upright ones on both sides; less what text or a seal that it touches adds.

    Where a table has no line at its side, it ends where the ``sure`` lines end.
    """
    across = [ruling.at for ruling in upright if ruling.start - NEAR <= level.at <= ruling.end + NEAR]
    if level.end - level.start >= SURELY:
        first, last = min(across, default=level.start), max(across, default=level.end)
        start = first if NEAR < first - level.start <= TOUCHING else level.start
        end = last if NEAR < level.end - last <= TOUCHING else level.end
        return Ruling(True, level.at, start, end)
    starts, stops = [ruling.start for ruling in sure], [ruling.end for ruling in sure]
    begins = [at for at in (*across, *starts) if abs(at - level.start) <= NEAR] or [
        at for at in across if 0 <= at - level.start <= TOUCHING
    ]
    ends = [at for at in (*across, *stops) if abs(at - level.end) <= NEAR] or [
        at for at in across if 0 <= level.end - at <= TOUCHING
    ]
    if not begins or not ends or max(ends) - min(begins) < SHORTEST:
        return None
    return Ruling(True, level.at, min(begins), max(ends))


def _in_points(ruling: Ruling) -> Ruling:
    return Ruling(ruling.horizontal, ruling.at / SCALE, ruling.start / SCALE, ruling.end / SCALE)


def _upright_lines(grey: Grey, ink: Ink, level: list[Level]) -> list[Ruling]:
    closed = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((BREAK, 1), np.uint8)), dtype=np.uint8)
    wide = np.asarray(cv2.dilate(closed, np.ones((1, 3), np.uint8)), dtype=np.uint8)
    darkest = np.asarray(cv2.erode(grey, np.ones((1, 3), np.uint8)), dtype=np.uint8)
    left = max(round(min(line.ruling.start for line in level)) - 8, 0)
    right = round(max(line.ruling.end for line in level)) + 8
    rows = _clusters(level)
    bands = [band for band in map(_Band.between, rows, rows[1:]) if band.bottom - band.top >= LOWEST_BAND]
    strokes = [stroke for band in bands for stroke in _in_band(ink, wide, darkest, (left, right), band)]
    lightest = _lightest(grey, level)
    strokes = [stroke for stroke in strokes if stroke.grey <= lightest]
    known = [stroke.at for stroke in strokes if stroke.is_sure] + _corners(level)
    rulings = [
        Ruling(False, stroke.at, *stroke.band.ends)
        for stroke in strokes
        if stroke.is_sure or (stroke.may_be and _is_near(stroke.at, known))
    ]
    return rulings + _beyond(wide, rulings)


def _corners(level: list[Level]) -> list[float]:
    """Return where two or more level lines begin, or end: what runs there from one to the other is a line."""
    ends = sorted(end for line in level for end in (line.ruling.start + 1, line.ruling.end - 1))
    return [before for before, after in itertools.pairwise(ends) if after - before <= NEAR / 2]


def _lightest(grey: Grey, level: list[Level]) -> float:
    """Return the lightest grey that an upright line may have: the level ones tell. A seal's ring is lighter."""
    darks = [
        float(np.median(grey[line.top : line.bottom, round(line.ruling.start) : round(line.ruling.end)].min(axis=0)))
        for line in level
    ]
    dark = float(np.median(darks))
    return dark + SHINES * (255 - dark)


def _is_near(at: float, places: list[float]) -> bool:
    return any(abs(at - place) <= NEAR / 2 for place in places)


def _clusters(level: list[Level]) -> list[list[Level]]:
    """Return level lines in groups: a line drawn twice, a line that is not quite level."""
    result: list[list[Level]] = []
    for line in level:
        if result and line.ruling.at - result[-1][-1].ruling.at <= TWICE:
            result[-1].append(line)
        else:
            result.append([line])
    return result


def _in_band(ink: Ink, wide: Ink, darkest: Grey, columns: tuple[int, int], band: _Band) -> list[_Stroke]:
    """Return the upright strokes that may be lines between the rows of ink of two level ones."""
    (left, right), top, bottom = columns, band.top, band.bottom
    filled = wide[top + 1 : bottom - 1, left:right].mean(axis=0)
    shares = ink[top + 1 : bottom - 1, left:right].mean(axis=0)
    strokes = []
    for start, stop in _runs(filled >= FILLED):
        if stop - start > THICKEST + 4:
            continue
        before, after = shares[max(start - 4, 0) : max(start - 1, 0)], shares[stop + 1 : stop + 4]
        sides = sorted(float(side.mean()) if side.size else 0.0 for side in (before, after))
        profile = darkest[top - 1 : bottom + 1, left + start : left + stop].min(axis=1)
        light = _light(profile)
        is_whole = _is_unbroken(light)
        may_be = is_whole or _may_be_broken(light)
        place = left + start + _middle(ink[top + 1 : bottom - 1, left + start : left + stop])
        strokes.append(_Stroke(place, band, float(np.median(profile)), is_whole and sides[0] < WHITE, may_be))
    return strokes


def _middle(stroke: Ink) -> float:
    """Return the middle of an upright stroke, less the digits that touch it: of its fullest columns."""
    shares = stroke.mean(axis=0)
    return float(np.flatnonzero(shares >= 0.95 * shares.max()).mean()) + 0.5


def _light(profile: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell of each pixel along a stroke whether the paper shines through."""
    dark = float(np.median(profile))
    return np.asarray(profile > dark + SHINES * (255 - dark))


def _is_unbroken(light: NDArray[np.bool_]) -> bool:
    """Tell whether an upright stroke runs from line to line, as dark at its ends as between.

    A stroke of a character in a tight row ends before the line, and there the paper shines through.
    """
    return not light[:END].any() and not light[-END:].any() and float(light.mean()) <= 1 - UNBROKEN


def _may_be_broken(light: NDArray[np.bool_]) -> bool:
    """Tell whether an upright stroke is a worn line, where other rows have one: it reaches a rule at one end at least."""
    return not (light[:END].any() and light[-END:].any()) and float(light.mean()) <= MOST_WORN


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(edges[i]), int(edges[i + 1])) for i in range(0, len(edges), 2)]


def _beyond(wide: Ink, rulings: list[Ruling]) -> list[Ruling]:
    """Return what runs on of upright lines past the last level line of their table: an open row, or one that the page's end cut.

    Where another upright line runs on in the same row, level lines close it, and what else runs on is a stroke of its text.
    So is what ends before others do, and what goes on alone of several.
    """
    above, below = [], []
    begins, ends = [ruling.start for ruling in rulings], [ruling.end for ruling in rulings]
    for ruling in rulings:
        x = round(ruling.at)
        column = wide[:, max(x - 1, 0) : x + 2].max(axis=1)
        if not _is_near(ruling.start, ends):
            top = _walk(column, round(ruling.start) - 3, -1)
            above.append(Ruling(False, ruling.at, top, ruling.start))
        if not _is_near(ruling.end, begins):
            bottom = _walk(column, round(ruling.end) + 3, 1)
            below.append(Ruling(False, ruling.at, ruling.end, bottom))
    result = []
    for group, near in ((above, 3), (below, 2)):
        for one in group:
            beside = [_length(other) - _length(one) for other in group if abs(other[near] - one[near]) <= NEAR]
            together = sum(abs(more) <= NEAR for more in beside)
            if _length(one) > LOWEST_BAND and max(beside) <= NEAR and together >= min(len(beside), 2):
                result.append(one)
    return result


def _length(ruling: Ruling) -> float:
    return ruling.end - ruling.start


def _walk(column: Ink, start: int, step: int) -> int:
    at = start
    while 0 <= at < len(column) and column[at]:
        at += step
    return at
