"""What on a scanned page is ink, what is a speck, and whether the page keeps traces of all that was printed.

Belongs here: greys of a whole page. Does not belong here: cells and lines of text (``scan_lines``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.readers.scan_image import Grey
from pipeline.values import record

Mask = NDArray[np.bool_]

SPECK = 4
"""Ink no larger than this many pixels either way is a full stop or dirt: it makes no line of its own."""
FAINT_BELOW = 45
"""Ink that differs less from the paper is not seen, nor what is within six spreads of a noisy paper."""
CLEAR_BELOW = 22
"""The same of the thin strokes of ink that is seen."""
TRACE = 0.16
"""Share of the contrast between ink and paper that may be a stroke."""
FAINT_PAGE = 170
"""A page of less contrast may be worn, a dash worn away altogether: it is where its palest strokes are half as dark as others."""
PALEST = 0.5
FEWEST_STROKES = 20
MANY_SPECKS = 40
"""So many specks on a page are dirt, and none of them is a mark."""
OWN = 0.55
"""Share of the way from the darkest ink to white that is ink."""


@record
class PageInk:
    """The ink of a page without specks; ``is_dirty`` tells that specks lie all over it.

    ``faint`` is all that stands out from the paper; ``traces`` is all that a stroke worn to a sixth of the page's ink would
    leave, and more: a cell is blank only where there is none of it either, and not on a page that ``is_worn``.
    ``threshold`` is the grey below which ``ink`` lies, ``visible`` that of ``faint``; what is darker than ``clear`` is not noise.
    """

    ink: Mask
    grey: Grey
    faint: Mask
    specks: Mask
    is_dirty: bool
    traces: Mask
    is_worn: bool
    threshold: float
    visible: float
    clear: float


def page_ink(grey: Grey, lifted: Grey | None = None, *, keeps_strokes: bool = True) -> PageInk:
    """Return the ink of a page: darker than halfway between its own ink and its paper; of ``lifted`` where that is given.

    How dark ink and paper are is told by the whole page, what is ink by the page without its rules. What does not keep
    thin strokes (a fax) is as good as worn.
    """
    shown = grey if lifted is None else lifted
    dark = float(np.percentile(grey[::2, ::2], 0.7))
    # Of the page without its rules: thick ones may take a fifth of a page.
    paper, spread = (float(value) for value in np.percentile(shown[::2, ::2], (50, 16)))
    visible, clear = (paper - max(least, 6 * (paper - spread)) for least in (FAINT_BELOW, CLEAR_BELOW))
    threshold = _threshold(dark)
    faint, _, pieces = without_specks(shown < max(visible, threshold))
    strokes = _darkest(shown, faint, pieces)
    if len(strokes) >= FEWEST_STROKES:
        threshold = max(threshold, min(_threshold(float(np.median(strokes))), visible))
    ink, specks, labels = without_specks(shown < threshold)
    far = cv2.dilate(ink.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    lone = np.unique(labels[specks & ~far])
    contrast = paper - dark
    palest = float(np.percentile(strokes, 90)) if len(strokes) >= FEWEST_STROKES else 255.0
    even = palest <= paper - PALEST * contrast
    # A stroke of a dash is five pixels long at least, and may be one high.
    along = cv2.blur(shown, (5, 1))
    traces = np.asarray(along < paper - TRACE * contrast)
    is_worn = not keeps_strokes or (contrast < FAINT_PAGE and not even)
    return PageInk(ink, shown, faint, specks, len(lone) > MANY_SPECKS, traces, is_worn, threshold, visible, clear)


def _threshold(dark: float) -> float:
    """Return the grey below which something is ink where the darkest ink has a grey."""
    return min(max(dark + OWN * (255 - dark), 110), 205)


def _darkest(grey: Grey, ink: Mask, pieces: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return the darkest grey of every piece of some ink."""
    darkest = np.full(int(pieces.max()) + 1, 255, np.uint8)
    np.minimum.at(darkest, pieces[ink], grey[ink])
    return darkest[np.unique(pieces[ink])]


def without_specks(dark: Mask) -> tuple[Mask, Mask, NDArray[np.int32]]:
    """Return some ink without its specks, the specks, and the numbers of its pieces."""
    mask = dark.astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    # A short flat stroke is a minus sign at the lowest resolutions.
    small = (stats[:, 2] <= SPECK) & (stats[:, 3] <= SPECK) & ((stats[:, 2] < SPECK) | (stats[:, 3] > SPECK // 2))
    small[0] = False
    is_speck = small[labels]
    return np.asarray(dark & ~is_speck), np.asarray(is_speck), np.asarray(labels, dtype=np.int32)
