"""What stands around a number: its clause, the label before and behind it, the brackets and the sentence that hold it.

Belongs here: finding those stretches in a passage. Does not belong here: what their words mean.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.numerals import Mention, find_mentions
from pipeline.narrative.passages import Passage
from pipeline.narrative.words import compact

_CLAUSE_END = re.compile(r"[,;:。!?()]|(?<=[\u4e00-\u9fff)”])\.(?=\s|$|[\u4e00-\u9fff])")
_SENTENCE_MARK = re.compile(r"[。!?]|(?<=[\u4e00-\u9fff)”])\.(?=\s|$|[\u4e00-\u9fff])")
LIST_NUMBER = re.compile(r"^(?:[(]?[一二三四五六七八九十\d]{1,3}[)、.]|[①-⑳])+(?=[^\d])")


@dataclass(frozen=True)
class ReadPassage:
    """A passage with its numbers."""

    passage: Passage
    mentions: tuple[Mention, ...]

    @property
    def text(self) -> str:
        return self.passage.text

    @cached_property
    def brackets(self) -> tuple[tuple[int, int], ...]:
        """Return every closed pair of brackets as (position of the opening one, position of the closing one)."""
        pairs, open_at = [], []
        for position, char in enumerate(self.text):
            if char == "(":
                open_at.append(position)
            elif char == ")" and open_at:
                pairs.append((open_at.pop(), position))
        return tuple(pairs)

    def bracket(self, position: int) -> tuple[int, int] | None:
        """Return the innermost pair of brackets around a position."""
        around = [pair for pair in self.brackets if pair[0] < position < pair[1]]
        return max(around, default=None)

    def sentence_no(self, position: int) -> int:
        """Return which sentence of the passage a position stands in."""
        return self.passage.sentence_no(position)

    def between(self, start: int, end: int) -> str:
        """Return the text of a stretch without blanks and without what its own brackets hold."""
        stretch = self.text[start:end]
        while (shorter := re.sub(r"\([^()]*\)", "", stretch)) != stretch:
            stretch = shorter
        return compact(stretch)

    @cached_property
    def clause_ends(self) -> tuple[int, ...]:
        """Return where clauses begin behind a mark, in order; the first is 0."""
        return (0, *(match.end() for match in _CLAUSE_END.finditer(self.text)))

    def clause_before(self, index: int) -> str:
        """Return the words of the clause before a number, from the number before it or the last mark, without blanks."""
        mention = self.mentions[index]
        start = self.clause_ends[bisect_right(self.clause_ends, mention.start) - 1]
        if index and self.mentions[index - 1].unit_end > start:
            start = self.mentions[index - 1].unit_end
        return LIST_NUMBER.sub("", compact(self.text[start : mention.start]).lstrip("、"))

    def clause_after(self, index: int) -> str:
        """Return the words of the clause behind a number, up to the next number or mark, without blanks."""
        mention = self.mentions[index]
        end = self.mentions[index + 1].start if index + 1 < len(self.mentions) else len(self.text)
        mark = _CLAUSE_END.search(self.text, mention.unit_end, end)
        return compact(self.text[mention.unit_end : mark.start() if mark else end])

    def sentence_before(self, index: int) -> str:
        """Return the sentence up to a number, without blanks."""
        mention = self.mentions[index]
        start, _ = self.passage.sentence_span(mention.start)
        return compact(self.text[start : mention.start])

    def ends_sentence(self, start: int, end: int) -> bool:
        """Tell whether a sentence ends within a stretch."""
        return bool(_SENTENCE_MARK.search(self.text, start, end))


def read_passage(passage: Passage, catalogue: Catalogue) -> ReadPassage:
    """Find the numbers of a passage."""
    return ReadPassage(passage, find_mentions(passage.text, catalogue))
