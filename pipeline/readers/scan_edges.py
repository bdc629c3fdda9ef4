"""What of a scanned cell's ink belongs to its rules: rules lifted off the page, their soft edges too.

Belongs here: the inside of a cell, and what is left of its rules there. Does not belong here: lines of text (``scan_lines``).

Digits printed close to a rule stand in its soft edge. So a rule is not cut off at a fixed distance: its grey is learned along
the rule over several rows, its core is made white, and beside that every pixel is held against the grey that the rule has there.
"""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_image import SCALE, Grey
from pipeline.values import record

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

INSET = 3
"""Pixels of a cell's edge that belong to a rule of which nothing is known."""
RULE_REST = 2
"""Pixels at the edge of a cell in which a rule that is not quite straight may leave ink."""
BEFORE = 4
"""Pixels by which a rule may stand farther out than its place says."""
REACH = 14
"""Pixels that a thick or doubled rule may reach into a cell."""
ALONG = round(32 * SCALE)
"""A rule's grey is learned from so much of it on either side of a cell."""
CORNER = 3
"""Pixels about a crossing rule that tell nothing."""
FEWEST = 6
MARGIN = 2
"""Pixels beside those in which no digit stands."""
DRAWN = 0.25
"""Share of a cell's side along which its rule must show: dashes."""
WHOLE = 0.9
PALE_SHARE = 0.1
"""Of a pale rule, no more than what is printed beside it shows; between is a rule of dots."""
VISIBLE = 215
"""A rule that is lighter has no core."""
CORE = 0.25
"""Share of the way from a rule's grey to white that is still its core."""
PALE_CORE = 0.5
"""The same of the second stroke of a doubled rule."""
PIECE = round(50 * SCALE)
LIGHT_ROWS = 80
"""Percentile along a rule that tells its grey: digits beside it darken fewer of its pixels."""
SECOND = 0.95
"""Share of a doubled rule's length that its second stroke must fill."""
SOFT = 3
"""Pixels of the soft edge of a rule."""


@record
class LiftedPage:
    """A page without the rules of its tables, the inside of every cell, and if all its rules were seen, table by table."""

    grey: Grey
    insides: tuple[tuple[Box, ...], ...]
    are_ruled: tuple[tuple[bool, ...], ...]


@record
class _Edge:
    """Where a cell begins behind a rule, in pixels from the rule's place, and the greys of the rule's soft edge there."""

    inside: int
    soft: NDArray[np.float32]


NOTHING_KNOWN = _Edge(INSET, np.empty(0, np.float32))


def lift_rules(grey: Grey, tables: Sequence[Sequence[Box]]) -> LiftedPage:
    """Return a page without the rules round the cells of its tables; boxes run along the middles of the rules."""
    lifted = grey.copy()
    insides, are_ruled = [], []
    for boxes in tables:
        ys = sorted({y for box in boxes for y in (box[1], box[3])})
        xs = sorted({x for box in boxes for x in (box[0], box[2])})
        cells = [_lift(grey, lifted, box, xs, ys) for box in boxes]
        insides.append(tuple(inside for inside, _ in cells))
        are_ruled.append(tuple(is_ruled for _, is_ruled in cells))
    return LiftedPage(lifted, tuple(insides), tuple(are_ruled))


def _lift(grey: Grey, lifted: Grey, box: Box, xs: Sequence[int], ys: Sequence[int]) -> tuple[Box, bool]:
    """Make the rules round a cell white on one picture, as the other shows them; return its inside, if they are rules."""
    x0, top, x1, bottom = box
    reach_x, reach_y = min(REACH, (x1 - x0) // 3), min(REACH, (bottom - top) // 3)
    upright, level = (grey, lifted, ys), (grey.T, lifted.T, xs)
    left = _lift_side(*upright, (top, bottom), x0, reach_x, 1)
    right = _lift_side(*upright, (top, bottom), x1, reach_x, -1)
    above = _lift_side(*level, (x0, x1), top, reach_y, 1)
    below = _lift_side(*level, (x0, x1), bottom, reach_y, -1)
    inside = x0 + left[0], top + above[0], x1 - right[0] + 1, bottom - below[0] + 1
    return inside, left[1] and right[1] and above[1] and below[1]


def _lift_side(
    grey: Grey, lifted: Grey, crossings: Sequence[int], span: tuple[int, int], at: int, reach: int, step: int
) -> tuple[int, bool]:
    """Make an upright rule white, piece by piece, for it may lean or bend; return how far it reaches, if it is one."""
    count = max(round((span[1] - span[0]) / PIECE), 1)
    ends = [span[0] + (span[1] - span[0]) * number // count for number in range(count + 1)]
    inside, is_rule = -BEFORE, True
    for piece in itertools.pairwise(ends):
        edge = _edge(grey, piece, at, reach, step, crossings)
        _whiten(lifted, piece, at, edge, step)
        inside, is_rule = max(inside, edge.inside), is_rule and edge is not NOTHING_KNOWN
    return inside, is_rule


def _edge(grey: Grey, span: tuple[int, int], at: int, reach: int, step: int, crossings: Sequence[int]) -> _Edge:
    """Return where a cell begins behind an upright rule at column ``at``; ``step`` is 1 where it lies to the right of it."""
    if reach < INSET or not max(BEFORE, reach) <= at < grey.shape[1] - max(BEFORE, reach):
        return NOTHING_KNOWN
    first, last = max(min(crossings), span[0] - ALONG, 0), min(max(crossings), span[1] + ALONG, grey.shape[0])
    strip = _inward(grey[first:last], at, reach, step)
    tells = np.ones(last - first, bool)
    for crossing in crossings:
        tells[max(crossing - CORNER - first, 0) : max(crossing + CORNER + 1 - first, 0)] = False
    tells &= strip[:, -3:].max(axis=1) >= VISIBLE  # A crossing rule may be thick.
    own = np.zeros(last - first, bool)
    own[span[0] - first : span[1] - first] = True
    if (tells & own).sum() < FEWEST:
        return NOTHING_KNOWN
    shows = strip[:, : 2 * BEFORE + 1].min(axis=1) < VISIBLE
    share = float(shows[own].mean())
    if share > PALE_SHARE and not _is_rule(shows & tells, tells, share, crossings, first):
        return NOTHING_KNOWN
    strip = strip[tells & shows] if share >= DRAWN else strip[tells]
    profile = np.percentile(strip, LIGHT_ROWS, axis=0)
    dark = float(profile[: 2 * BEFORE + 1].min())
    if dark >= VISIBLE:  # A pale rule is no ink, but what is printed beside it is darker there.
        return _Edge(1 - SOFT, profile[BEFORE + 1 - SOFT : BEFORE + SOFT].astype(np.float32))
    limit = dark + CORE * (255 - dark)
    core = profile <= limit
    stop = int(np.flatnonzero(core[: 2 * BEFORE + 1])[-1])
    while stop + 1 < len(core) and core[stop + 1]:
        stop += 1
    second = np.flatnonzero((strip <= dark + PALE_CORE * (255 - dark)).mean(axis=0) >= SECOND)
    stop = max(stop, int(second[-1])) if len(second) else stop
    inside = stop + 1 - BEFORE
    soft = profile[stop + 1 : stop + 1 + SOFT].astype(np.float32)
    return _Edge(inside, soft)


def _is_rule(
    shows: NDArray[np.bool_], tells: NDArray[np.bool_], share: float, crossings: Sequence[int], first: int
) -> bool:
    """Tell whether what is seen at a rule's place is one, whole or of dashes: it shows close to the rules across it as well.

    Digits under each other that stand where no rule is do not reach so far; lifted off, they would leave blank cells.
    """
    if shows.sum() < FEWEST or share < DRAWN:
        return False
    margin = np.zeros(len(tells), bool)
    for crossing in crossings:
        for start in (crossing - CORNER - MARGIN, crossing + CORNER + 1):
            margin[max(start - first, 0) : max(start + MARGIN - first, 0)] = True
    margin &= tells
    return bool(shows[margin].mean() >= DRAWN) if margin.sum() >= FEWEST else share >= WHOLE


def _inward(part: Grey, at: int, reach: int, step: int) -> Grey:
    """Return columns from ``BEFORE`` outside a rule to ``reach`` inside, in this order."""
    if step > 0:
        return part[:, at - BEFORE : at + reach + 1]
    return part[:, at - reach : at + BEFORE + 1][:, ::-1]


def _whiten(lifted: Grey, span: tuple[int, int], at: int, edge: _Edge, step: int) -> None:
    """Make the core of an upright rule white, and its soft edge as light as paper where nothing else is printed."""
    rows = slice(*span)
    for column in range(edge.inside):
        if 0 <= at + step * column < lifted.shape[1]:
            lifted[rows, at + step * column] = 255
    for column, grey in enumerate(edge.soft, start=edge.inside):
        place = at + step * column
        if 0 <= place < lifted.shape[1] and grey < 255:
            lightened = lifted[rows, place].astype(np.float32) * (255 / max(float(grey), 1.0))
            lifted[rows, place] = np.minimum(lightened, 255).astype(np.uint8)


def without_rules(part: Mask) -> Mask:
    """Return the ink of a cell without what is left of its rules: thin pieces along its edges, and round its corners."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8), connectivity=8)
    high, wide = part.shape
    inner = labels[RULE_REST:-RULE_REST, RULE_REST:-RULE_REST]
    drop = np.ones(count, bool)
    drop[np.unique(inner)] = False
    for index in np.flatnonzero(~drop[1:]) + 1:
        x, y, width, height, _ = (int(value) for value in stats[index])
        upright = (x < RULE_REST or x + width > wide - RULE_REST) and width <= 3 * RULE_REST and height > 0.9 * high
        level = (y < RULE_REST or y + height > high - RULE_REST) and height <= 3 * RULE_REST and width > 0.6 * wide
        drop[index] = upright or level
    drop[0] = False
    return part & ~drop[labels] if drop.any() else part
