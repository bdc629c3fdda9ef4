"""Characters to text: lines by height, paragraphs by indent and line end, page furniture left out.

Belongs here: geometry on plain values. No PDF library is known here.
"""

import re
from collections.abc import Iterable, Sequence

from pipeline.readers.pdf_page import Char

PAGE_NUMBER = re.compile(r"^[\s\-—–－~·第页共/of\d０-９一二三四五六七八九十]{1,14}$|^P\.?\s*\d+$", re.IGNORECASE)
MARGIN_SHARE = 0.09
"""Header and footer stand at the top and bottom of a page, within this share of its longer side."""
SAME_HEIGHT = 4.0
SENTENCE_END = "。！？；：.!?;:”’）)》…"


def lines_of(chars: Iterable[Char]) -> list[list[Char]]:
    """Return characters as lines from the top down, each from left to right; overprinted doubles are taken once."""
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda c: ((c.top + c.bottom) / 2, c.x0)):
        middle, height = (char.top + char.bottom) / 2, char.bottom - char.top
        if lines:
            first = lines[-1][0]
            if abs(middle - (first.top + first.bottom) / 2) <= 0.45 * max(height, first.bottom - first.top):
                lines[-1].append(char)
                continue
        lines.append([char])
    return [_without_doubles(sorted(line, key=lambda c: c.x0)) for line in lines]


def _without_doubles(line: list[Char]) -> list[Char]:
    """Return a line without characters printed twice in the same place, which is how some writers make bold."""
    result: list[Char] = []
    for char in line:
        if result:
            last = result[-1]
            if char.text == last.text and char.x0 - last.x0 < 0.3 * max(last.x1 - last.x0, 0.1):
                continue
        result.append(char)
    return result


def line_text(line: list[Char]) -> str:
    """Return the text of a line; a gap wider than a quarter of its height is a space, so numbers never run together."""
    pieces: list[str] = []
    last: Char | None = None
    for char in line:
        if last is not None and char.x0 - last.x1 > 0.25 * (char.bottom - char.top):
            pieces.append(" ")
        pieces.append(char.text)
        last = char
    return re.sub(r" {2,}", " ", "".join(pieces)).strip()


def text_of(chars: Iterable[Char]) -> str:
    """Return the text of a cell: its lines joined by line breaks."""
    return "\n".join(text for text in map(line_text, lines_of(chars)) if text)


def without_furniture(pages: Sequence[tuple[list[list[Char]], float, float]]) -> list[list[list[Char]]]:
    """Return the lines of each page without page numbers and running heads; ``pages`` are (lines, width, height).

    Furniture stands in the margin. A running head is what stands in the same place on another page too, its numbers apart; it
    stays where it is met first, since it may be the only title.
    """
    seen: set[tuple[str, int]] = set()
    result = []
    for lines, width, height in pages:
        kept, here = [], set()
        margin = MARGIN_SHARE * max(width, height)
        for line in lines:
            middle = (line[0].top + line[0].bottom) / 2
            if margin <= middle <= height - margin:
                kept.append(line)
                continue
            text = line_text(line)
            key = (re.sub(r"\d", "", text), round(middle / SAME_HEIGHT))
            here.add(key)
            if not PAGE_NUMBER.match(text) and key not in seen:
                kept.append(line)
        seen |= here
        result.append(kept)
    return result


def starts_paragraph(line: list[Char], left: float) -> bool:
    """Tell whether a line is indented by more than one character from the column's left edge."""
    size = line[0].bottom - line[0].top
    return line[0].x0 - left > 0.9 * size


def ends_paragraph(line: list[Char], right: float) -> bool:
    """Tell whether a line stops clearly short of the column's right edge."""
    size = line[-1].bottom - line[-1].top
    return right - line[-1].x1 > 1.8 * size
