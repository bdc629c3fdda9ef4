"""Automatic numbering of Word paragraphs: the ``1.`` or ``（一）`` that a list prints though no run holds it.

Belongs here: numbering.xml, the counters of a document. Source: ECMA-376 part 1, 17.9.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipeline.values import record

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PROPERTIES = f"{W}pPr"
DIGITS = "零一二三四五六七八九"


@record
class Level:
    start: int
    number_format: str
    text: str


@dataclass
class Numbering:
    """The lists of a document and how far each has counted. ``label`` must be called once per paragraph, in order."""

    levels: dict[tuple[str, int], Level] = field(default_factory=dict)
    abstract_of: dict[str, str] = field(default_factory=dict)
    style_numbers: dict[str, tuple[str, int]] = field(default_factory=dict)
    counters: dict[tuple[str, int], int] = field(default_factory=dict)

    def label(self, paragraph: Any) -> str:
        """Return the printed number of a paragraph, empty where it has none; counts it."""
        if not self.levels:
            return ""
        number, level = self._reference(paragraph)
        if number is None or number == "0" or (number, level) not in self.levels:
            return ""
        family = self.abstract_of.get(number, number)
        self.counters[family, level] = self.counters.get((family, level), self.levels[number, level].start - 1) + 1
        for deeper in range(level + 1, 9):
            self.counters.pop((family, deeper), None)
        spec = self.levels[number, level]

        def shown(found: re.Match[str]) -> str:
            wanted = int(found.group(1)) - 1
            other = self.levels.get((number, wanted), spec)
            return format_number(self.counters.get((family, wanted), other.start), other.number_format)

        return re.sub(r"%([1-9])", shown, spec.text) if spec.number_format not in ("bullet", "none") else ""

    def _reference(self, paragraph: Any) -> tuple[str | None, int]:
        properties = next(paragraph.iterchildren(PROPERTIES), None)
        if properties is None:
            return None, 0
        style = properties.find(f"{W}pStyle")
        inherited = self.style_numbers.get(style.get(f"{W}val")) if style is not None else None
        numbering = properties.find(f"{W}numPr")
        if numbering is None:
            return inherited if inherited is not None else (None, 0)
        number, level = numbering.find(f"{W}numId"), numbering.find(f"{W}ilvl")
        name = number.get(f"{W}val") if number is not None else (inherited[0] if inherited else None)
        return name, _integer(level.get(f"{W}val"), 0) if level is not None else 0


def read_numbering(root: Any, styles: Any) -> Numbering:
    """Return the lists that a document declares (none where it has no numbering part)."""
    result = Numbering()
    if root is None:
        return result
    abstracts = {a.get(f"{W}abstractNumId"): a for a in root.iter(f"{W}abstractNum")}
    for number in root.iter(f"{W}num"):
        name = number.get(f"{W}numId")
        reference = number.find(f"{W}abstractNumId")
        if name is None or reference is None:
            continue
        abstract = reference.get(f"{W}val")
        result.abstract_of[name] = abstract
        for level in abstracts.get(abstract, ()):
            if level.tag == f"{W}lvl":
                result.levels[name, _integer(level.get(f"{W}ilvl"), 0)] = _level(level)
        for override in number.iter(f"{W}lvlOverride"):
            index = _integer(override.get(f"{W}ilvl"), 0)
            own, start = override.find(f"{W}lvl"), override.find(f"{W}startOverride")
            if own is not None:
                result.levels[name, index] = _level(own)
            if start is not None and (name, index) in result.levels:
                old = result.levels[name, index]
                result.levels[name, index] = Level(_integer(start.get(f"{W}val"), 1), old.number_format, old.text)
                # A list that starts anew counts for itself.
                result.abstract_of[name] = f"{abstract}/{name}"
    if styles is not None:
        for style in styles.iter(f"{W}style"):
            numbering = style.find(f"{W}pPr/{W}numPr")
            number = numbering.find(f"{W}numId") if numbering is not None else None
            if numbering is None or number is None:
                continue
            level = numbering.find(f"{W}ilvl")
            index = _integer(level.get(f"{W}val"), 0) if level is not None else 0
            result.style_numbers[style.get(f"{W}styleId")] = (number.get(f"{W}val"), index)
    return result


def _level(element: Any) -> Level:
    def value(name: str, default: str) -> str:
        child = element.find(f"{W}{name}")
        return str(child.get(f"{W}val", default)) if child is not None else default

    return Level(_integer(value("start", "0"), 0), value("numFmt", "decimal"), value("lvlText", ""))


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text) else default


def chinese(number: int) -> str:
    """Return a number below 100 in Chinese counting style (十二); larger ones digit by digit."""
    if number < 10:
        return DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")
    return "".join(DIGITS[int(digit)] for digit in str(number))


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    result = ""
    for value, sign in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while number >= value:
            result, number = result + sign, number - value
    return result


FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "ideographDigital": chinese,
    "lowerLetter": _letter,
    "upperLetter": lambda n: _letter(n).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda n: _roman(n).upper(),
    "decimalEnclosedCircle": lambda n: chr(0x2460 + n - 1) if 1 <= n <= 20 else str(n),
    "decimalEnclosedCircleChinese": lambda n: chr(0x2460 + n - 1) if 1 <= n <= 20 else str(n),
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": lambda n: "".join(chr(ord(digit) + 0xFEE0) for digit in str(n)),
}


def format_number(number: int, number_format: str) -> str:
    """Return a counter as a list prints it; formats not named here print as decimal."""
    return FORMATS.get(number_format, str)(max(number, 0))
