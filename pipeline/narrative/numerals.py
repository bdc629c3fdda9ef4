"""Numbers in running text: where they stand, what they are worth, what they count.

Belongs here: finding numerals (Arabic, full width, thousands separators, Chinese, 万, %, 百分之) with their counters, and telling
approximate ones; leaving out what is no count (dates, ordinals, article and document numbers, telephones, idioms).
Does not belong here: how a numeral is valued (``pipeline.numbers``), or what it is said of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.words import alternation, prose_words, words
from pipeline.numbers import parse_number

Kind = Literal["count", "money", "percent", "bare"]

NEAR = 60
"""What stands farther from a number than this many characters says nothing about it; looking at all of it takes forever."""
_DIGITS = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|(?<!\d )\d{1,3}(?: \d{3})+(?![ ]?\d)|\d+(?:\.\d+)?"
_CHINESE = r"[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万亿]*"
# Signs and digits before a numeral make it a part of something else: 〔2019〕60, 0577-590, 1.5; letters do, too (F2V), unless
# they make a word and a counter follows (APP1个).
_NOT_AFTER = r"(?<![0-9./_\[〔#№])"
_QUOTED = re.compile(r"“[^”。,;]{0,20}”|《[^》]{0,80}》|\"[^\"。,;]{0,20}\"")
_PERCENT_WORDS = re.compile(rf"百分之({_CHINESE}(?:点[零一二三四五六七八九]+)?)")
_RANGE = re.compile(r"\d[\d.,%]*(?:[万亿]?[件条份个次人元]?)?[ ]*[-~～至到][ ]*$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a passage. ``start`` and ``end`` bound the numeral, ``unit_end`` the numeral with its counter.

    ``value`` is in 元 for money. ``step`` is the size of the last digit printed; it matters where the number is given in 万.
    ``bare`` mentions have no counter: they are no claims, but a list may hold them.
    """

    start: int
    end: int
    unit_end: int
    value: Decimal
    unit: str
    kind: Kind
    is_approximate: bool
    step: Decimal
    decimals: int = 0


@lru_cache(maxsize=8)
def _patterns(counters: tuple[str, ...], money: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    numerals = prose_words()["numerals"]
    units = alternation({*counters, *numerals["counters"], *money} - {"万"})
    scales, more = alternation(numerals["scales"]), alternation(numerals["approximate_after"])
    behind = alternation(numerals["approximate_behind"])
    arabic = re.compile(
        rf"{_NOT_AFTER}(?P<number>(?:{_DIGITS}))(?P<more>\s*(?:{more}))?(?P<scale>\s*(?:{scales})(?![元]))?(?P<more2>\s*(?:{more}))?"
        rf"(?:\s*(?P<unit>{units}|[%﹪])(?P<behind>\s*(?:{behind}))?)?"
    )
    chinese = re.compile(
        rf"(?P<number>{_CHINESE})(?P<more>(?:{more}))?\s*(?P<unit>{alternation(numerals['chinese_before'])})(?P<behind>(?:{behind}))?"
    )
    return arabic, chinese


def find_mentions(text: str, catalogue: Catalogue) -> tuple[Mention, ...]:
    """Return every number of a passage (plain text), in text order."""
    arabic, chinese = _patterns(catalogue.counters, tuple(catalogue.money_units))
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    found = [*_arabic(text, arabic, catalogue.money_units), *_chinese(text, chinese), *_percent_words(text)]
    found = [m for m in found if not any(begin <= m.start and m.unit_end <= end for begin, end in quoted)]
    return tuple(sorted(found, key=lambda mention: mention.start))


def _before(text: str, match: re.Match[str]) -> str:
    return text[max(match.start() - NEAR, 0) : match.start()]


def _behind(text: str, end: int) -> str:
    return text[end : end + NEAR]


def _arabic(text: str, pattern: re.Pattern[str], money: dict[str, int]) -> Iterator[Mention]:
    for match in pattern.finditer(text):
        unit, right_before = match["unit"] or "", _before(text, match)
        before = right_before.rstrip()
        if before.endswith("-") and not (unit and _RANGE.search(right_before)):
            continue
        letters = re.search(r"[A-Za-z]+$", right_before)
        if before.endswith("第") or (letters and (not unit or len(letters[0]) < 2)):
            continue
        value = parse_number(match["number"].replace(" ", "") + (match["scale"] or "").strip())
        if value is None:
            continue
        is_approximate = _is_approximate(match, before) or bool(_RANGE.search(right_before))
        # A number that a blank or the end of a line cuts in two (6 0条) is not known for certain.
        is_approximate = is_approximate or bool(re.search(r"\d\s+$", right_before))
        end = match.end("scale") if match["scale"] else match.end("number")
        decimals = len(match["number"].partition(".")[2])
        step = Decimal(1) if not match["scale"] else _scale_of(match["scale"].strip()) / 10**decimals
        if unit in ("%", "﹪"):
            yield Mention(match.start(), end, match.end(), value, "%", "percent", is_approximate, step, decimals)
        elif unit in money:
            amount, step = (
                _shortest(value * money[unit]),
                step * money[unit] / 10 ** (0 if match["scale"] else decimals),
            )
            yield Mention(match.start(), end, match.end(), amount, "元", "money", is_approximate, step, decimals)
        elif unit and not _begins_a_word(unit, _behind(text, match.end("unit"))):
            if value == value.to_integral_value():
                yield Mention(match.start(), end, match.end(), value, unit, "count", is_approximate, step)
        elif _is_bare(match, text):
            yield Mention(match.start(), end, end, value, "", "bare", is_approximate, step)


def _chinese(text: str, pattern: re.Pattern[str]) -> Iterator[Mention]:
    numerals = prose_words()["numerals"]
    for match in pattern.finditer(text):
        number, unit, before = match["number"], match["unit"], _before(text, match).rstrip()
        behind = _behind(text, match.end("unit")).lstrip()
        value = parse_number(number)
        if (
            value is None
            or before[-1:] in numerals["no_count_after"]
            or (behind and behind[0] in numerals["idiom_after"])
            or _begins_a_word(unit, behind)
            or (number == "一" and unit not in numerals["one_before"])
            or (number + unit == "一起" and not _is_one_case(before, behind))
            or any(idiom in text[max(0, match.start() - 4) : match.end() + 2] for idiom in words("numerals", "idioms"))
        ):
            continue
        is_approximate = _is_approximate(match, before)
        yield Mention(match.start(), match.end("number"), match.end(), value, unit, "count", is_approximate, Decimal(1))


def _is_one_case(before: str, behind: str) -> bool:
    """Tell 一起 (one case) from 一起 (together)."""
    return behind.startswith(words("numerals", "one_case_behind")) or before.endswith(
        words("numerals", "one_case_before")
    )


def _percent_words(text: str) -> Iterator[Mention]:
    for match in _PERCENT_WORDS.finditer(text):
        whole, _, fraction = match[1].partition("点")
        value = parse_number(whole)
        if value is None:
            continue
        digits = "".join(str("零一二三四五六七八九".index(digit)) for digit in fraction)
        value += Decimal(f"0.{digits}") if digits else 0
        before = _before(text, match).rstrip()
        is_approximate = before.endswith(words("numerals", "approximate_before"))
        yield Mention(
            match.start(), match.end(), match.end(), value, "%", "percent", is_approximate, Decimal(1), len(digits)
        )


def _is_approximate(match: re.Match[str], before: str) -> bool:
    groups = match.groupdict()
    return bool(groups["more"] or groups.get("more2") or groups["behind"]) or before.endswith(
        words("numerals", "approximate_before")
    )


def _shortest(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _scale_of(scale: str) -> Decimal:
    value = parse_number(f"1{scale}")
    if value is None:
        raise ValueError(f"prose.yaml names the scale {scale}, which pipeline.numbers does not read")
    return value


def _begins_a_word(unit: str, behind: str) -> bool:
    not_before: dict[str, list[Any]] = prose_words()["numerals"]["not_before"]
    return behind.lstrip().startswith(tuple(map(str, not_before.get(unit, ()))))


def _is_bare(match: re.Match[str], text: str) -> bool:
    """Tell whether a number without a counter may be an item of a list: a label before it, a separator behind it."""
    number, behind = match["number"], _behind(text, match.end("number")).lstrip()
    label = _before(text, match).rstrip()[-1:]
    return bool(
        not match["scale"]
        and len(number) <= 7
        and "." not in number
        and not re.fullmatch(r"(?:19|20)\d\d", number)
        and re.match(r"[一-鿿”)]", label)
        and label not in "第号楼室路年月日至到和与及"
        and behind[:1] in (",", "、", ";", "。", ")", "")
    )
