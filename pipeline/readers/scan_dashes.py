"""Broken ruling lines of a scanned page, dashed or dotted, drawn through: after this a line is a line.

Belongs here: which small level strokes in a row are one line. Does not belong here: which lines make a table (``scan_grid``).

A piece is thin, longer than it is thick, and white above and below. Strokes of characters are so at times, but not five in a row
at one height, a dash apart.
"""

import itertools
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_image import SCALE, Grey
from pipeline.values import record

Ink = NDArray[np.uint8]

MEND = round(2.2 * SCALE)
"""Gaps of dotted lines no longer than this are mended before pieces are looked for."""
SHORTEST_PIECE = round(2.5 * SCALE)
THICKEST = 2.2 * SCALE
SLANT = 0.004
"""What is left of a page's skew: a line may run so much up or down."""
LONGEST_GAP = round(5 * SCALE)
REACH = round(6 * SCALE)
"""A broken line may end so far from the line that it ends at."""
CLEAR = 0.35
"""Most columns of a piece with ink above it, or below it: a line that crosses it."""
FEWEST = 3
MANY = 7
DOTS = (1.0, 1.0)
"""Pattern of lines whose pieces are mended to one: few dashes make no line there."""
OVERWRITTEN = round(100 * SCALE)
SHORTEST = round(21 * SCALE)
FEWEST_SURE = 5
SHORTEST_SURE = round(45 * SCALE)
FILLED = 0.35
SHINES = 0.45
DOTTED = 0.05
"""A line through so much of whose length the paper shines is dots."""
LEVEL = 1.6
"""Pixels by which neighbouring pieces may stand higher or lower."""


@record
class _Piece:
    """A thin level stroke: its box, its number in the picture of pieces, and the heights of its ends."""

    x: int
    y: int
    width: int
    height: int
    label: int
    begins: float
    ends: float

    @property
    def stop(self) -> int:
        return self.x + self.width


@record
class _Broken:
    """The thin level lines of some ink, and the picture of the pieces that they are made of."""

    chains: tuple[tuple[_Piece, ...], ...]
    labels: NDArray[np.int32]


def drawn_through(grey: Grey, threshold: int) -> Grey:
    """Return a page whose broken lines, level and upright, are whole; the page itself where there are none."""
    level = _thin_lines(grey, threshold, FEWEST_SURE, SHORTEST_SURE)
    if sum(len(chain) >= FEWEST_SURE or _is_dotted(grey, chain) for chain in level.chains) < 2:
        return grey
    upright = _thin_lines(np.ascontiguousarray(grey.T), threshold, FEWEST, SHORTEST, _pattern(level.chains) or DOTS)
    if not upright.chains:
        return grey
    dark = int(np.median(grey[grey < threshold]))
    whole = grey.copy()
    whole[_drawn(level, upright)] = dark
    whole.T[_drawn(upright, level)] = dark
    return whole


def _pattern(chains: Iterable[Sequence[_Piece]]) -> tuple[float, float] | None:
    """Return the usual length of a dash and of a gap; None where lines are dots or whole."""
    dashes = [piece.width for chain in chains if len(chain) >= FEWEST_SURE for piece in chain[1:-1]]
    gaps = [after.x - before.stop for chain in chains for before, after in itertools.pairwise(chain)]
    return (float(np.median(dashes)), float(np.median(gaps))) if dashes and gaps else None


def _thin_lines(
    grey: Grey, threshold: int, fewest: int, shortest: int, pattern: tuple[float, float] | None = None
) -> _Broken:
    """Return the thin level lines of a picture, whole, dotted or dashed; of few dashes only such as fit a pattern."""
    pieces, labels = _pieces(np.asarray(grey < threshold, dtype=np.uint8))
    waiting: list[list[_Piece]] = []
    done: list[list[_Piece]] = []
    for piece in pieces:
        done += [chain for chain in waiting if piece.x - chain[-1].stop > LONGEST_GAP]
        waiting = [chain for chain in waiting if piece.x - chain[-1].stop <= LONGEST_GAP]
        near = (chain for chain in waiting if abs(chain[-1].ends - piece.begins) <= LEVEL and piece.x >= chain[-1].stop)
        home = next(near, None)
        if home is None:
            waiting.append([piece])
        else:
            home.append(piece)
    chains = [tuple(chain) for chain in (*done, *waiting)]
    lines = [chain for chain in chains if _is_line(chain, fewest, shortest, pattern)]
    if pattern is None:
        lines = _whole(lines, [chain for chain in chains if len(chain) > 1 and chain not in lines])
    return _Broken(tuple(lines), labels)


def _whole(lines: Sequence[tuple[_Piece, ...]], scraps: Sequence[tuple[_Piece, ...]]) -> list[tuple[_Piece, ...]]:
    """Return lines with those joined that something written over the line parted, and with scraps beyond that."""
    joined: list[tuple[bool, tuple[_Piece, ...]]] = []
    for is_sure, line in sorted(((one in lines, one) for one in (*lines, *scraps)), key=lambda each: each[1][0].x):
        for at, (other_is_sure, other) in enumerate(joined):
            if abs(other[-1].ends - line[0].begins) <= 2 * LEVEL and 0 < line[0].x - other[-1].stop <= OVERWRITTEN:
                joined[at] = (is_sure or other_is_sure, (*other, *line))
                break
        else:
            joined.append((is_sure, line))
    return [line for is_sure, line in joined if is_sure]


def _pieces(ink: Ink) -> tuple[list[_Piece], NDArray[np.int32]]:
    """Return thin level strokes with white above and below, from left to right, and the picture of their numbers."""
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, MEND), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, SHORTEST_PIECE), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    x, y, width, height, area = stats.T
    thin = (area <= THICKEST * width) & (height <= 1.4 * THICKEST + SLANT * width) & (width >= 1.1 * height)
    thin[0] = False
    pieces = []
    for label in sorted(np.flatnonzero(thin), key=lambda at: int(x[at])):
        left, top, wide, high = int(x[label]), int(y[label]), int(width[label]), int(height[label])
        above, below = ink[max(top - 3, 0) : max(top - 1, 0)], ink[top + high + 1 : top + high + 3]
        if all(_share(side[:, left : left + wide]) <= CLEAR for side in (above, below)):
            rows = labels[top : top + high, [left, left + wide - 1]] == label
            begins, ends = (float(np.flatnonzero(rows[:, side]).mean()) + top for side in (0, 1))
            pieces.append(_Piece(left, top, wide, high, int(label), begins, ends))
    return pieces, np.asarray(labels, dtype=np.int32)


def _share(part: Ink) -> float:
    return float(part.any(axis=0).mean()) if part.size else 0.0


def _is_line(chain: Sequence[_Piece], fewest: int, shortest: int, pattern: tuple[float, float] | None) -> bool:
    """Tell whether pieces are a line: one long piece, or enough of them that are not strokes under each other by chance."""
    length = chain[-1].stop - chain[0].x
    if length < shortest or sum(piece.width for piece in chain) < FILLED * length:
        return False
    if len(chain) == 1 or len(chain) >= MANY or pattern is None:
        return len(chain) in (1, *range(fewest, len(chain) + 1))
    dash, gap = pattern
    return (
        len(chain) >= fewest
        and all(abs(piece.width - dash) <= 0.3 * dash for piece in chain[1:-1])
        and all(abs(after.x - before.stop - gap) <= 0.6 * gap for before, after in itertools.pairwise(chain))
    )


def _is_dotted(grey: Grey, chain: Sequence[_Piece]) -> bool:
    """Tell whether the paper shines through a line all along."""
    shining = 0
    for piece in chain:
        along = grey[piece.y : piece.y + piece.height, piece.x : piece.stop].min(axis=0)
        dark = float(np.percentile(along, 25))
        shining += int((along > dark + SHINES * (255 - dark)).sum())
    return shining >= DOTTED * (chain[-1].stop - chain[0].x)


def _drawn(lines: _Broken, across: _Broken) -> NDArray[np.bool_]:
    """Return which pixels broken lines cover once drawn through, run on to the broken line that they end at."""
    numbers = [piece.label for chain in lines.chains for piece in chain]
    member = np.zeros(int(lines.labels.max()) + 1, bool)
    member[numbers] = True
    drawn = member[lines.labels]
    for chain in lines.chains:
        thick = max(round(float(np.median([piece.height for piece in chain if piece.width < 100] or [3]))), 1)
        for before, after in itertools.pairwise(chain):
            _fill(drawn, before.stop, after.x, (before.ends + after.begins) / 2, thick)
        first, last = chain[0], chain[-1]
        _fill(drawn, _end_near(first.x, first.begins, across, -REACH), first.x, first.begins, thick)
        _fill(drawn, last.stop, _end_near(last.stop, last.ends, across, REACH), last.ends, thick)
    return np.asarray(drawn)


def _fill(drawn: NDArray[np.bool_], start: int, stop: int, at: float, thick: int) -> None:
    top = max(round(at - (thick - 1) / 2), 0)
    drawn[top : top + thick, start:stop] = True


def _end_near(x: int, at: float, across: _Broken, reach: int) -> int:
    """Return where a line that ends at ``x`` meets a line across it no farther than ``reach`` away; ``x`` where there is none."""
    places = [round(place) for place in _places(across.chains, at)]
    found = [place for place in places if min(x, x + reach) <= place <= max(x, x + reach)]
    return (max(found) + 1 if reach > 0 else min(found)) if found else x


def _places(chains: Iterable[Sequence[_Piece]], at: float) -> Iterable[float]:
    """Yield where lines across stand that reach a place ``at`` along them."""
    for chain in chains:
        if chain[0].x - REACH <= at <= chain[-1].stop + REACH:
            nearest = min(chain, key=lambda piece: abs(piece.x + piece.width / 2 - at))
            yield (nearest.begins + nearest.ends) / 2
