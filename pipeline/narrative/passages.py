"""The text of a section as passages that can be read on: lines that a page or a converter broke are joined again.

Belongs here: which line breaks end a passage, what is junk or page furniture, where sentences end. Nothing is moved: a
passage is the section's text position for position, with junk and soft line breaks blanked out.
Does not belong here: numbers and their meaning.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from pipeline.plain_text import to_plain

_JUNK = re.compile(
    r"!?\[(?:bookmark|image|图片)[^\]]*\](?:\([^)]*\))?|<!--.*?-->|\*\*|&nbsp;?|<?https?://[\w./?=&%#:-]+>?|www\.[\w./-]+|[\w.-]+@[\w.-]+",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_FURNITURE = re.compile(r"^[ \-]*(?:第? *\d{1,3} *页?(?: */ *(?:共 *)?\d{1,3} *页?)?)[ \-]*$", re.MULTILINE)
_CUT = re.compile(r"\[(?:…|\.\.\.)\]")  # Somebody left text out here: nothing is read across it.
_BREAK = "\x00"
_MARKER = re.compile(
    r" *(?:[一二三四五六七八九十]{1,3}[、.]|[(][一二三四五六七八九十\d]{1,3}[)]|\d{1,2}[、.](?!\d)|[①-⑳]"
    r"|第[一二三四五六七八九十]+[,章节部])"
)
_HEADING_LENGTH = 40
_SENTENCE_END = re.compile(r"[。!?\n]|(?<=[\u4e00-\u9fff)”])\.(?=\s|$|[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Passage:
    """A stretch of a section's text that is read on without a break. ``start`` is its offset in ``Section.text``.

    ``heading`` is the line above it that names its topic, empty where there is none.
    """

    section_no: int
    start: int
    text: str
    heading: str

    @cached_property
    def sentence_starts(self) -> tuple[int, ...]:
        """Return where sentences begin, in order; the first is 0."""
        return (0, *(match.end() for match in _SENTENCE_END.finditer(self.text)))

    def sentence_no(self, position: int) -> int:
        """Return which sentence (from 0) a position stands in."""
        return bisect_right(self.sentence_starts, position) - 1

    def sentence_span(self, position: int) -> tuple[int, int]:
        """Return the bounds of the sentence around a position."""
        number = self.sentence_no(position)
        starts = (*self.sentence_starts, len(self.text))
        return starts[number], starts[number + 1]


def read_passages(section_no: int, text: str) -> tuple[Passage, ...]:
    """Split a section's text into passages, in order; headings are no passages, they name the topic of what follows."""
    plain = _blank_out(to_plain(text))
    passages: list[Passage] = []
    heading, start = "", 0
    for piece in re.split(f"([\n{_BREAK}])", _join_broken_lines(plain)):
        if piece.strip(f"{_BREAK} \n"):
            if _is_heading(piece):
                heading = piece.strip()
            else:
                passages.append(Passage(section_no, start, piece, heading))
        start += len(piece)
    return tuple(passages)


def _blank_out(plain: str) -> str:
    for junk in (_JUNK, _FURNITURE):
        plain = junk.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), plain)
    return _CUT.sub(lambda match: _BREAK * len(match[0]), plain)


def _join_broken_lines(plain: str) -> str:
    """Blank out the line breaks (and empty lines) inside a sentence; its length stays the same."""
    joined: list[str] = []
    lines = plain.split("\n")
    for number, line in enumerate(lines[:-1]):
        joined.append(line)
        before = next((text for text in reversed(lines[: number + 1]) if text.strip()), "")
        after = next((text for text in lines[number + 1 :] if text.strip()), "")
        joined.append("\n" if _ends_passage(before.strip(), after.strip()) else " ")
    return "".join([*joined, lines[-1]])


def _ends_passage(before: str, after: str) -> bool:
    if not before or not after or before[-1] in "。!?" or _is_heading(before):
        return True
    if before[-1] in ",;:、":
        return False
    return bool(_MARKER.match(after)) or _is_heading(after)


def _is_heading(line: str) -> bool:
    """Tell whether a line is a heading: it begins like one, is short, and neither ends nor contains a sentence."""
    stripped = line.strip()
    return bool(
        _MARKER.match(stripped)
        and len(stripped) <= _HEADING_LENGTH
        and not re.search(r"[。;,]|\d+ *[件条份]", stripped)
    )
