"""The texts of all cells of a table at once, where nothing is odd about them.

Belongs here: which cells are plain (every character known and seen, painted in the order in which it is read, blanks at the
edges of lines only), and the texts of those. What ``pdf_text`` would say of them is said without looking at each character;
every other cell is left to it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.readers.pdf_page import Char

LEVEL = 0.2
"""Share of their height by which the middles of characters of one plain line may differ; ``pdf_text`` allows 0.45."""
APART = 0.6
"""Share of their height by which the middles of two plain lines differ at least."""
SPACE = 0.25
DOUBLE = 0.3


def plain_texts(chars: Sequence[Char], sides: Any, starts: Any) -> list[str | None]:
    """Return the text of each cell; None where it is not plain.

    ``sides`` are x0, top, x1, bottom of each character, the cells one after the other from ``starts`` on.
    """
    x0, top, x1, bottom = sides.T
    text = [char[0] for char in chars]
    height, middle = bottom - top, (top + bottom) / 2
    odd = np.fromiter((not (char[5] and char[6]) for char in chars), bool, len(chars))
    blank = np.fromiter(map(str.isspace, text), bool, len(text))
    first = np.zeros(len(chars), dtype=bool)
    first[starts] = True
    breaks = first.copy()
    breaks[1:] |= np.abs(middle[1:] - middle[:-1]) > LEVEL * np.maximum(height[1:], height[:-1])
    lines = np.flatnonzero(breaks)
    high, low = np.minimum.reduceat(middle, lines), np.maximum.reduceat(middle, lines)
    small, tall = np.minimum.reduceat(height, lines), np.maximum.reduceat(height, lines)
    odd[lines[(high < low - LEVEL * small) | (small <= 0)]] = True
    # A line of the same cell goes on clearly below the one before it.
    below = np.concatenate([[True], high[1:] - low[:-1] > APART * np.maximum(tall[1:], tall[:-1])])
    odd[lines[~below & ~first[lines]]] = True
    step = x0[1:] - x0[:-1]
    same = np.fromiter((one == other for one, other in zip(text[1:], text, strict=False)), bool, len(text) - 1)
    doubled = same & (step < DOUBLE * np.maximum(x1[:-1] - x0[:-1], 0.1))
    odd[1:] |= ~breaks[1:] & ((step <= 0) | doubled)
    spaced = ~breaks[1:] & (x0[1:] - x1[:-1] > SPACE * height[1:])
    if blank.any():
        odd |= _parts_words(blank, breaks, lines)
        spaced &= ~(blank[1:] | blank[:-1])
        for at in np.flatnonzero(blank).tolist():
            text[at] = ""
    for at in (np.flatnonzero(spaced) + 1).tolist():
        text[at] = " " + text[at]
    for at in lines[~first[lines]].tolist():
        text[at] = "\n" + text[at]
    plain = (~np.logical_or.reduceat(odd, starts)).tolist()
    stops = [*starts[1:].tolist(), len(text)]
    return [
        "".join(text[start:stop]) if is_plain else None
        for start, stop, is_plain in zip(starts.tolist(), stops, plain, strict=True)
    ]


def _parts_words(blank: Any, breaks: Any, lines: Any) -> Any:
    """Tell of each character whether it is a blank inside a line, or in a line of blanks; those at its edges are not printed."""
    place, line = np.arange(len(blank)), np.cumsum(breaks) - 1
    begins = np.minimum.reduceat(np.where(blank, len(blank), place), lines)[line]
    ends = np.maximum.reduceat(np.where(blank, -1, place), lines)[line]
    return blank & ((begins > ends) | ((begins < place) & (place < ends)))
