"""Whether the lines of a scanned page run across it, told by their shape alone.

Belongs here: what tells a page from one that lies on its side. Does not belong here: which of two ways is up, for which the
text must be read (``scan``). The network reads a character that lies on its side as well as one that stands.
"""

from collections.abc import Iterable

WIDEST = 8
FEWEST_LINES = 12
LEVEL = 6.0
"""Line heights. The widest lines in the cells of an upright page are labels: 8 and more heights wide. Where the page lies on
its side every character of a label is a line, as wide as the label has lines: at most 4."""


def lies_on_its_side(widths: Iterable[float]) -> bool:
    """Tell whether cells whose lines are so wide, in line heights, are those of a page on its side; few lines tell nothing."""
    widest = sorted(widths, reverse=True)
    if len(widest) < FEWEST_LINES:
        return False
    return sum(widest[:WIDEST]) / WIDEST < LEVEL
