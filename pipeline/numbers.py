"""Text of a cell, or of a number in prose, to its value.

Belongs here: how numbers are printed (digits of any width, Chinese numerals, thousands groups, signs, units, remarks).
Does not belong here: which cell is which (``pipeline.recognize``), or sentences (``pipeline.narrative``).
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from pipeline.catalogue.model import Catalogue, CellWords
from pipeline.plain_text import to_plain

CellStatus = Literal["reported", "blank", "not_applicable", "unreadable"]

# Full-width forms to ASCII and every kind of blank to a space. Not NFKC: that would turn ① into 1 and 5² into 52.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " "
)
_PLAIN = re.compile(r"(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+)(?:\.\d+)?")
_COUNT = re.compile(r"0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_MAGNITUDES = {
    "十": 10,
    "百": 100,
    "千": 1000,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "万亿": 10**12,
}
_WITH_MAGNITUDE = re.compile(rf"({_PLAIN.pattern}) ?(万亿|亿|千万|百万|十万|万|千|百)")
_DIGITS = (
    {d: n for n, d in enumerate("零一二三四五六七八九")}
    | {d: n for n, d in enumerate("〇壹贰叁肆伍陆柒捌玖")}
    | {"两": 2}
)
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CHINESE = re.compile(f"[{''.join(_DIGITS)}{''.join(_POWERS)}万亿]+")
LONGEST_CELL = 500
"""No number with its remark is longer."""
_LONGEST_NUMBER = 40
_MOST_DIGITS = 16  # more are cells run together, and would not survive decimal arithmetic
_NOTE = re.compile(r"\(([^()]*)\)")


class CellReading(NamedTuple):
    """What one cell says.

    ``value`` is None unless ``status`` is reported; ``reason`` says why a cell is unreadable; ``note`` is its remark.
    """

    value: Decimal | None
    status: CellStatus
    reason: str | None = None
    note: str | None = None


def fold_width(text: str) -> str:
    """Return the text with full-width forms as ASCII and every blank character as a plain space."""
    return text.translate(_WIDTH)


def parse_number(text: str) -> Decimal | None:
    """Return the value of a number as printed, or None where the text is not exactly one number.

    Reads ``1,474``, ``1 474``, ``４７``, ``-3.5``, ``1.2万``, ``3亿``, ``一百二十``, ``两千零五``.
    Thousands groups are held strictly (``1,47`` is None), a leading zero is refused (``007``: cells run together), and
    so are Chinese numerals that speech cuts short (``一百二`` is 120 or 102) or that are mere digits (``二〇一九``).
    """
    folded = fold_width(text).strip()
    if len(folded) > _LONGEST_NUMBER or sum(map(str.isdigit, folded)) > _MOST_DIGITS:
        return None
    sign = 1
    if folded[:1] in ("+", "-", "−"):
        sign = -1 if folded[0] != "+" else 1
        folded = folded[1:]
    if _PLAIN.fullmatch(folded):
        return sign * Decimal(folded.replace(",", "").replace(" ", ""))
    scaled = _WITH_MAGNITUDE.fullmatch(folded)
    if scaled:
        return sign * _shortest(Decimal(scaled[1].replace(",", "").replace(" ", "")) * _MAGNITUDES[scaled[2]])
    chinese = _chinese(folded)
    return None if chinese is None else sign * Decimal(chinese)


def _shortest(value: Decimal) -> Decimal:
    """Return the value without an exponent and without zeros after the point (12000, not 12000.0)."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _chinese(text: str) -> int | None:
    if not _CHINESE.fullmatch(text):
        return None
    value = 0
    above, _, rest = text.rpartition("亿")
    for part, size in ((above, 10**8), *zip(rest.rpartition("万")[::2], (10**4, 1), strict=True)):
        heard = _heard_section(part)
        value += (heard if heard is not None else _chinese(part) or 0) * size
    # What was heard is spelt back: only a numeral in full form survives the way there and back.
    return value if _bare(_spell(value)) == _bare(text) else None


def _heard_section(text: str) -> int | None:
    """Return the sum of a numeral below 万, however it is spelt; None where it holds 万 or 亿."""
    if "万" in text or "亿" in text:
        return None
    value = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            value += (digit or 1) * _POWERS[char]
            digit = 0
    return value + digit


def _bare(text: str) -> str:
    for char, digit in _DIGITS.items():
        text = text.replace(char, "零一二三四五六七八九"[digit])
    for formal, plain in (("拾", "十"), ("佰", "百"), ("仟", "千")):
        text = text.replace(formal, plain)
    return text.replace("一十", "十")


def _spell(value: int) -> str:
    if value == 0:
        return "零"
    spelt = ""
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, value = divmod(value, size)
        if not part:
            continue
        if spelt and part < 1000:
            spelt += "零"
        spelt += (_spell(part) if part >= 10**4 else _spell_section(part)) + name
    return spelt


def _spell_section(value: int) -> str:
    spelt, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            spelt += ("零" if gap and spelt else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return spelt


def number_text(money_units: dict[str, int], counters: tuple[str, ...], words: CellWords) -> re.Pattern[str]:
    """Return the pattern of what a cell of numbers may hold and a label may not (of text folded by ``plain_text``).

    Matched in full it tells number cells from labels; matched from a position it ends where words begin.
    """

    def either(printed: Iterable[str]) -> str:
        return "|".join(re.escape(to_plain(word)) for word in sorted(printed, key=len, reverse=True))

    sign = f"(?:{either((*words.plus, *words.minus))})"
    unit = f"(?:{either((*money_units, *counters))})"
    chinese = f"[{''.join(_DIGITS)}{''.join(_POWERS)}万亿]+(?:(?={unit})|(?![、.(\u3400-\u9fff]))"
    digits = r"\d[\d.,]*(?:[万千百亿]+(?![\u3400-\u9fff]))?"
    remark = r"(?:\((?![〇一二三四五六七八九十\d]{1,3}\))[^()]*\))?"
    signed = f"(?:{either(words.money_marks)})?(?:{sign}{{1,2}}\\s{{0,3}})?"
    number = f"{signed}(?:{digits}|{chinese}){remark}\\s*(?:{unit}|\\({unit}\\))?{remark}"
    mark = f"(?:{either((*words.zero, *words.not_applicable))})(?![\\u3400-\\u9fff])"
    # Possessive: a run of digits can be cut in countless ways, and none of them is worth trying twice.
    return re.compile(rf"(?:{number}|{mark}|[\s|*。…])*+")


def is_digits(text: str) -> bool:
    """Tell whether a cell holds nothing but digits, in groups or not, between blanks: most cells that hold anything."""
    if text.isdigit():
        return True
    alone = text.strip()
    return alone[:1].isdecimal() and len(text) <= LONGEST_CELL and alone.replace(",", "").isdecimal()


_NUMBERS_ONLY: dict[str, Callable[[str], bool]] = {}


def numbers_only(catalogue: Catalogue) -> Callable[[str], bool]:
    """Return the test whether a cell is blank or may be a number or a unit: it holds no words that a label is made of."""
    if catalogue.version not in _NUMBERS_ONLY:
        _NUMBERS_ONLY[catalogue.version] = _make_test(catalogue)
    return _NUMBERS_ONLY[catalogue.version]


def _make_test(catalogue: Catalogue) -> Callable[[str], bool]:
    pattern = number_text(catalogue.money_units, catalogue.counters, catalogue.cell_words)
    units = "|".join(map(re.escape, sorted({*catalogue.money_units, *catalogue.counters}, key=len, reverse=True)))
    matches = re.compile(rf"{pattern.pattern}|\s*(?:{units})\s*").fullmatch
    junk = catalogue.cell_words.junk.sub

    @lru_cache(maxsize=8192)
    def test(text: str) -> bool:
        if not text or text.isspace() or is_digits(text):
            return True
        return len(text) <= LONGEST_CELL and matches(to_plain(junk("", text))) is not None

    return test


def read_cell(
    text: str,
    *,
    unit: str,
    printed_unit: str | None,
    signed: bool,
    money_units: dict[str, int],
    counters: tuple[str, ...],
    words: CellWords,
) -> CellReading:
    """Read one cell along the rules of the form; ``words`` are those of ``cells.yaml``.

    ``unit`` is the published one: ``CNY`` gives 元, anything else an integral count. ``printed_unit`` is what row,
    header or form print for the cell; a unit in the cell itself goes before it. ``signed`` allows ``+49``, ``减2``;
    a minus on another count is kept as the negative number that it prints. Nothing is guessed: two numbers in a cell,
    a count with decimals, an amount without a unit, a leading zero are ``unreadable``, with the reason.
    """
    if unit != "CNY" and len(alone := text.strip()) < 10 and _COUNT.fullmatch(alone):
        return CellReading(
            Decimal(alone.replace(",", "")), "reported"
        )  # Nearly every cell: no need to go the long way.
    if len(text) > LONGEST_CELL and not text.isspace():
        return CellReading(None, "unreadable", "longer than a number with a remark")
    cleaned = re.sub(r" *\n *", "\n", fold_width(words.junk.sub("", text)).strip())
    if not cleaned:
        return CellReading(None, "blank")
    if unit != "CNY" and len(cleaned) < 10 and _COUNT.fullmatch(cleaned):
        return CellReading(Decimal(cleaned.replace(",", "")), "reported")
    if cleaned in words.not_applicable or (len(set(cleaned)) == 1 and cleaned[0] in words.not_applicable):
        return CellReading(None, "not_applicable")
    if cleaned in words.zero:
        return CellReading(Decimal(0), "reported")
    body, note = _split_note(cleaned, (*money_units, *counters))
    if body in words.dash_like_numerals:
        return CellReading(None, "unreadable", f"{body} may be a numeral or a dash", note)
    read = (
        _read_amount(body, printed_unit, money_units, words)
        if unit == "CNY"
        else _read_count(body, signed, counters, words)
    )
    if isinstance(read, str):
        return CellReading(None, "unreadable", read, note)
    if abs(read) >= 10**words.most_digits:
        return CellReading(None, "unreadable", "more digits than a number of a report has", note)
    return CellReading(read, "reported", None, note)


def _split_note(text: str, units: tuple[str, ...]) -> tuple[str, str | None]:
    """Split remarks in parentheses off.

    A unit in parentheses belongs to the number; a bare number in them is a second number, never a remark.
    """
    notes: list[str] = []

    def take(match: re.Match[str]) -> str:
        inner = match[1].strip()
        if inner in units:
            return inner
        if parse_number(inner) is not None or not inner:
            return match[0]
        notes.append(inner)
        return ""

    body = _NOTE.sub(take, text).strip()
    # Only a remark behind its number is one; without a number in front the cell is taken whole.
    if not notes or not body or text.startswith("("):
        return _join_unit(text, units), None
    return body, "；".join(notes)


def _join_unit(text: str, units: tuple[str, ...]) -> str:
    match = re.fullmatch(r"(.*?) *\(([^()]*)\)", text, re.DOTALL)
    return match[1] + match[2].strip() if match and match[2].strip() in units else text


def _read_count(body: str, signed: bool, counters: tuple[str, ...], words: CellWords) -> Decimal | str:
    number, _ = _strip_suffix(body.removesuffix("。"), counters)
    sign, digits = _split_sign(number, words)
    if sign is not None:
        word = number[: len(number) - len(digits)].strip()
        if not signed and word not in ("-", "−"):
            return "a sign where the form has none"
        if not signed and digits != digits.strip():
            return "more than one number in the cell"
        number = digits.strip()
    value = parse_number(number)
    if value is None or number[:1] in ("+", "-", "−"):
        return _why_not(number)
    if value != value.to_integral_value() or _printed_decimals(number):
        return "a count with decimals"
    return (-1 if sign == -1 and value else 1) * value


def _printed_decimals(number: str) -> bool:
    return bool(re.fullmatch(r"[\d, ]*\.\d+", number))


def _split_sign(number: str, words: CellWords) -> tuple[int | None, str]:
    for sign, group in ((1, words.plus), (-1, words.minus)):
        for word in _longest_first(group):
            if number.startswith(word) and len(number) > len(word):
                return sign, number[len(word) :]
    return None, number


def _read_amount(body: str, printed_unit: str | None, money_units: dict[str, int], words: CellWords) -> Decimal | str:
    number, unit = _strip_suffix(body.removesuffix("。"), tuple(money_units))
    for mark, its_unit in words.money_marks.items():
        if number.startswith(mark):
            number, unit = number[len(mark) :].strip(), unit or its_unit
    value = parse_number(number)
    if value is None:
        return _why_not(number)
    if value == 0:
        return Decimal(0)
    unit = unit or printed_unit
    if unit is None:
        return "unit not printed"
    if unit not in money_units:
        return f"unit {unit} is not one of money"
    return _shortest(value * money_units[unit])


@lru_cache(maxsize=64)
def _longest_first(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(words, key=len, reverse=True))


def _strip_suffix(text: str, units: tuple[str, ...]) -> tuple[str, str | None]:
    for unit in _longest_first(units):
        if text.endswith(unit):
            return text[: -len(unit)].strip(), unit
    return text, None


def _why_not(number: str) -> str:
    if not re.search(r"\d", number):
        return "no number in the cell"
    if sum(map(str.isdigit, number)) > _MOST_DIGITS:
        return "more digits than a number of a report has"
    if re.search(r"\d\s+\D*\d", number):
        return "more than one number in the cell"
    if re.fullmatch(r"0[\d,.]*", number):
        return "a leading zero: cells may have run together"
    if re.fullmatch(r"\d[\d,]*", number):
        return "thousands groups that do not hold"
    return "not exactly one number in the cell"
