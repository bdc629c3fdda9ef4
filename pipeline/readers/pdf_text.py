"""Characters to text: lines by height, paragraphs by indent and line end, page furniture left out.

Belongs here: geometry on plain values. No PDF library is known here.
"""

import re
from collections.abc import Iterable, Sequence
from operator import eq, itemgetter

from pipeline.readers.pdf_page import Char

PAGE_NUMBER = re.compile(r"^[\s\-—–－~·第页共/of\d０-９一二三四五六七八九十]{1,14}$|^P\.?\s*\d+$", re.IGNORECASE)
MARGIN_SHARE = 0.09
"""Header and footer stand at the top and bottom of a page, within this share of its longer side."""
SPACES = re.compile(r" {2,}")
SAME_HEIGHT = 4.0
SENTENCE_END = "。！？；：.!?;:”’）)》…"


def lines_of(chars: Iterable[Char]) -> list[list[Char]]:
    """Return characters as lines from the top down, each from left to right; overprinted doubles are taken once."""
    # Sorted by the middle of their height, then from left to right; what stands in one place stays as painted.
    placed = sorted([((c[2] + c[4]) / 2, c[1], n, c) for n, c in enumerate(chars)])
    lines: list[list[Char]] = []
    line: list[Char] = []
    first_middle = first_height = 0.0
    for middle, _, _, char in placed:
        height = char[4] - char[2]
        tallest = height if height > first_height else first_height
        if line and abs(middle - first_middle) <= 0.45 * tallest:
            line.append(char)
            continue
        line = [char]
        lines.append(line)
        first_middle, first_height = middle, height
    return [_without_doubles(sorted(line, key=_LEFT) if len(line) > 1 else line) for line in lines]


_LEFT = itemgetter(1)


def _without_doubles(line: list[Char]) -> list[Char]:
    """Return a line without characters printed twice in the same place, which is how some writers make bold."""
    texts = [char[0] for char in line]
    if not any(map(eq, texts, texts[1:])):
        return line
    result = line[:1]
    text, x0, _, x1, _, _, _ = line[0]
    for char in line[1:]:
        if char[0] == text and char[1] - x0 < 0.3 * (x1 - x0 if x1 - x0 > 0.1 else 0.1):
            continue
        result.append(char)
        text, x0, _, x1, _, _, _ = char
    return result


def line_text(line: list[Char]) -> str:
    """Return the text of a line; a gap wider than a quarter of its height is a space, so numbers never run together."""
    pieces: list[str] = []
    end = line[0][1] if line else 0.0
    for text, x0, top, x1, bottom, _, _ in line:
        if x0 - end > 0.25 * (bottom - top):
            pieces.append(" ")
        pieces.append(text)
        end = x1
    joined = "".join(pieces)
    return (SPACES.sub(" ", joined) if "  " in joined else joined).strip()


def text_of(chars: Sequence[Char]) -> str:
    """Return the text of a cell: its lines joined by line breaks."""
    if len(chars) < 2:
        return chars[0].text.strip() if chars else ""
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
