"""Which places of a text are chapter headings.

Belongs here: finding candidates (一、…, at a line's start or inside one long line) and choosing the chain that numbers a report's
chapters. Works on plain text (``pipeline.plain_text``); words are those of ``catalogue/sections.yaml``.
Does not belong here: the sections' text (``sections``).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from pipeline.catalogue.words import load_words
from pipeline.values import record

NUMERALS = "一二三四五六七八九十"
LONGEST, INDENT = 45, 60
ORDINAL = re.compile(
    rf"(?:第(?=[{NUMERALS}]{{1,2}}部分))?(?<![{NUMERALS}])([{NUMERALS}]{{1,3}})(?:部分[、:.]?|、|\.|,(?=[^\s,]{{2}}))[ *]*"
)
HARD_END = re.compile(r"[\n\t|。;!?\[【]|\((?=一\))")
SOFT_END = re.compile(r" +|:|(?:20\d\d|二〇[〇一二三四五六七八九]{2}) ?年|,|\(")
TABLE_VALUE = re.compile(r"[-\d|]|万?元|[件条次]\d")
BEFORE_HEADING = re.compile(r"[\s。;:.!?)\]】>》|*#]")
# What a heading is worth; the chain with the highest sum is the report's. Words that only disclosure reports use count most.
AT_LINE_START, AFTER_A_GAP, GLUED = 3.0, 2.0, 1.5
GENERIC_WORD_COSTS, NO_WORD, BARE = 0.4, 1.0, 2.0
STATISTICS_LABEL_FACTOR = 0.3
GAP_COSTS, REPEATED_NUMBER_COSTS = 0.3, 0.8


@record
class Heading:
    """A place that may be a chapter heading: ``start`` is where its number begins, ``end`` where its text begins."""

    start: int
    end: int
    number: int
    title: str
    weight: float
    is_known: bool
    about_disclosure: bool


@record
class _Chain:
    value: float
    last: Heading
    before: "_Chain | None"


def find_headings(plain: str, never: Iterable[str], seldom: Iterable[str]) -> list[Heading]:
    """Return every place that may be a chapter heading, in order.

    ``never`` are row labels that look like headings, ``seldom`` group labels that are chapter titles in some reports too.
    """
    never, seldom = tuple(never), tuple(seldom)
    found = [*_numbered(plain, never, seldom), *_bare(plain)]
    return sorted(found, key=lambda heading: heading.start)


def choose_headings(candidates: list[Heading]) -> list[Heading]:
    """Return the chain of headings that is worth most; of two of one worth the later one: a list of contents comes first."""
    best: dict[
        int, list[_Chain]
    ] = {}  # by the number that a chain ends with; two each, for the better may overlap the next
    for heading in candidates:
        chain = _Chain(heading.weight - GAP_COSTS * min(heading.number - 1, 3), heading, None)
        for earlier in sorted((chain for chains in best.values() for chain in chains), key=lambda c: c.last.start):
            costs = _step_costs(earlier.last, heading)
            if costs is not None and earlier.value + heading.weight - costs >= chain.value:
                chain = _Chain(earlier.value + heading.weight - costs, heading, earlier)
        rivals = [chain, *best.get(heading.number, [])]
        best[heading.number] = sorted(rivals, key=lambda rival: (rival.value, rival.last.start), reverse=True)[:2]
    ends = [chain for chains in best.values() for chain in chains]
    last = max(ends, key=lambda chain: (chain.value, chain.last.start), default=None)
    chosen = []
    while last is not None:
        chosen.append(last.last)
        last = last.before
    return chosen[::-1]


def number_sections(chain: list[Heading]) -> list[int]:
    """Return the number of each heading: the printed one, counted on where a report prints one twice."""
    numbers: list[int] = []
    for heading in chain:
        numbers.append(max(heading.number, numbers[-1] + 1 if numbers else 1))
    return numbers


def _step_costs(earlier: Heading, later: Heading) -> float | None:
    if later.start < earlier.end:
        return None
    if later.number > earlier.number:
        return GAP_COSTS * (later.number - earlier.number - 1)
    is_chapter = later.about_disclosure or later.title.replace(" ", "") in _bare_headings()
    repeated = later.number == earlier.number and is_chapter and earlier.is_known and later.title != earlier.title
    return REPEATED_NUMBER_COSTS if repeated and min(later.weight, earlier.weight) >= BARE else None


def _numbered(plain: str, never: tuple[str, ...], seldom: tuple[str, ...]) -> Iterator[Heading]:
    for match in ORDINAL.finditer(plain):
        number = _number(match.group(1))
        rest = plain[match.end() : match.end() + LONGEST + 20]
        squeezed = rest.replace(" ", "")
        if number is None or squeezed.startswith(never):
            continue
        title, is_cut = _title(rest)
        known, about = _known(title)
        weight = _weight(plain, match.start(), title, is_cut, known, about)
        if weight is None:
            continue
        label = next((label for label in seldom if squeezed.startswith(label)), None)
        if label is not None:
            if TABLE_VALUE.match(squeezed, len(label)):
                continue
            weight *= STATISTICS_LABEL_FACTOR
        yield Heading(match.start(), match.end() + len(title), number, title.strip(), weight, known, about)


def _bare(plain: str) -> Iterator[Heading]:
    start = 0
    for line in plain.split("\n"):
        title = line.strip(" *#|:\t")
        number = _bare_headings().get(title.replace(" ", ""))
        if number is not None:
            yield Heading(start, start + len(line), number, title, BARE, True, _known(title)[1])
        start += len(line) + 1


def _weight(plain: str, start: int, title: str, is_cut: bool, known: bool, about: bool) -> float | None:
    """Return what a heading is worth by where it stands and what it says; None where it is none."""
    line = plain.rfind("\n", max(start - INDENT, 0), start)
    line_start = (line >= 0 or start <= INDENT) and not plain[line + 1 : start].strip(" *#|\t>")
    before = plain[start - 1 : start]
    if not known:
        is_short = bool(title.strip()) and is_cut and len(title) <= LONGEST and "," not in title
        return NO_WORD if line_start and is_short else None
    costs = 0 if about else GENERIC_WORD_COSTS
    if line_start:
        return AT_LINE_START - costs
    if BEFORE_HEADING.match(before):
        return AFTER_A_GAP - costs
    is_canonical = any(title.replace(" ", "").startswith(words) for words in _bare_headings())
    return GLUED - costs if is_canonical or before.isdigit() else None


def _title(rest: str) -> tuple[str, bool]:
    """Return the title at the start of a text, and whether something ended it before the text ran out."""
    hard = HARD_END.search(rest)
    limit = hard.start() if hard else len(rest)
    line = rest[:limit]
    words = load_words("sections")
    ends = [line.find(word) + len(word) for word in words["heading_ends"] if word in line]
    cuts = [soft.start() for soft in SOFT_END.finditer(line, 1)]
    cuts += [end for end in ends if line[end:].startswith(tuple(words["text_starts"]))]
    for cut in sorted(cuts):
        if _known(line[:cut])[0]:
            return line[:cut], True
    ends_a_line = hard is not None and (rest[limit] in "\n\t|[【" or len(line) <= LONGEST // 2)
    return line, ends_a_line or len(rest) < LONGEST


@lru_cache(maxsize=4096)
def _known(title: str) -> tuple[bool, bool]:
    """Tell whether a title holds a word of a chapter heading, and one that only disclosure reports use."""
    squeezed = title.replace(" ", "")
    about = any(word in squeezed for word in _heading_words(True))
    return about or any(word in squeezed for word in _heading_words(False)), about


def _number(numeral: str) -> int | None:
    """Return 1 to 19; None for what is not written as a number (一一)."""
    tens, _, ones = numeral.partition("十") if "十" in numeral else ("", "", numeral)
    if tens or len(ones) > 1:
        return None
    return (10 if "十" in numeral else 0) + (NUMERALS.index(ones) + 1 if ones else 0)


@cache
def _heading_words(about_disclosure: bool) -> tuple[str, ...]:
    chapters = load_words("sections")["chapters"]
    chosen = [chapter for chapter in chapters if chapter.get("about_disclosure", False) is about_disclosure]
    return tuple(word for chapter in chosen for word in chapter["words"])


@cache
def _bare_headings() -> dict[str, int]:
    return {title: number for number, titles in load_words("sections")["bare_headings"].items() for title in titles}
