"""Dates and years as Chinese documents print them.

Belongs here: finding days and years in plain text (``pipeline.plain_text``). Does not belong here: which of them is the report's.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from pipeline.values import record

FIRST_YEAR, LAST_YEAR = 2003, 2100
DIGITS = "〇一二三四五六七八九"
YEAR = rf"(?:20\d\d|二〇[{DIGITS}]{{2}})"
_NUMBER = rf"(?:\d{{1,2}}|[{DIGITS}十]{{1,3}})"
DAY = re.compile(rf"({YEAR}|19\d\d) ?[-年./] ?({_NUMBER}) ?[-月./] ?({_NUMBER})(?: ?[日号]|(?!\d))")
MONTH = re.compile(rf"({YEAR}) ?年 ?({_NUMBER}) ?月(?! ?{_NUMBER})")
_YEAR_OF = re.compile(rf"(?<!\d)({YEAR}) ?年")
COMPACT_DAY = re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")


@record
class PrintedDay:
    """A day and where it stands in the text."""

    day: date
    start: int
    end: int


def find_days(plain: str) -> Iterator[PrintedDay]:
    """Yield every day of the calendar in a text; what is written like one but is none (2月30日) is passed over."""
    for match in DAY.finditer(plain):
        try:
            day = date(read_year(match.group(1)), _small_number(match.group(2)), _small_number(match.group(3)))
        except ValueError:
            continue
        yield PrintedDay(day, match.start(), match.end())


def first_day(plain: str, *, compact: bool = False) -> date | None:
    """Return the first day in a text; with ``compact`` also one written 20200120, as addresses of pages have it."""
    found = next(find_days(plain), None)
    if found is None and compact and (match := COMPACT_DAY.search(plain)):
        try:
            return date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
        except ValueError:
            return None
    return found.day if found else None


@lru_cache(maxsize=1024)
def read_year(text: str) -> int:
    """Return a year written in digits or Chinese digits. Raises ValueError for anything else."""
    return int("".join(str(DIGITS.index(sign)) if sign in DIGITS else sign for sign in text))


def find_years(plain: str) -> list[int]:
    """Return the plausible report years in a text that are followed by 年, in order, each once."""
    years = map(read_year, _YEAR_OF.findall(plain))
    return list(dict.fromkeys(year for year in years if FIRST_YEAR <= year <= LAST_YEAR))


def _small_number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return read_year(text)
    return (read_year(tens) if tens else 1) * 10 + (read_year(ones) if ones else 0)
