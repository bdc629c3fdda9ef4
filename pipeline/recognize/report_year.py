"""The year that a report is about.

Belongs here: every place that tells the year, and which of them decides. A year that is only guessed is worse than none:
where the places of one kind disagree among themselves they decide nothing. Does not belong here: whether the year lies in
the future of the reader, which knows no clock.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from pipeline.catalogue.words import load_words
from pipeline.plain_text import to_plain
from pipeline.recognize.dates import FIRST_YEAR, LAST_YEAR, find_years, read_year
from pipeline.report import Section
from pipeline.values import record

FIRST_DAY = re.compile(r"(20\d\d) ?年? ?1 ?月 ?1 ?日")
LAST_DAY = re.compile(r"(20\d\d) ?年 ?12 ?月 ?31 ?日")
ENOUGH = 0.67


@record
class YearReading:
    """The year, the place that told it (title, period, announcement, headings, prose, date), and what other places say."""

    year: int | None
    told_by: str | None
    conflicts: tuple[str, ...]


def read_year_of_report(
    titles: Iterable[tuple[int, ...]], sections: tuple[Section, ...], days: Iterable[date | None]
) -> YearReading:
    """Return the year: the title's, else the period's, an announcement's, the headings', the prose's, the dates'.

    A period that an announcement and the prose agree against does not count.


    ``titles`` are the years of each title, best title first; where titles name different years (a page lists others) the
    period decides between them. ``days`` are those on which the report was published or signed, which count only where
    nothing else does, and only in the months in which such reports are due.
    """
    prose = [to_plain(section.text) for section in sections]
    beginning = "\n".join(prose[:2])
    period = _period(beginning) or _period("\n".join(prose))
    told = {
        "title": _title_year(list(titles), period),
        "period": period,
        "announcement": _only(_matches("year_announcements", beginning)),
        "headings": _only(year for section in sections for year in find_years(to_plain(section.heading))),
        "prose": _majority(_matches("sentence_years", "\n".join(prose))),
        "date": _by_dates(days),
    }
    place = next((place for place, year in told.items() if year is not None), None)
    if place == "period" and told["announcement"] is not None and told["announcement"] == told["prose"] != period:
        place = "announcement"  # A period left standing from last year's report.
    year = told[place] if place else None
    conflicts = tuple(f"{other} {value}" for other, value in told.items() if value is not None and value != year)
    return YearReading(year, place, conflicts)


def _title_year(titles: list[tuple[int, ...]], period: int | None) -> int | None:
    named = [years[0] for years in titles if len(years) == 1]
    return period if period in named else _only(next((years for years in titles if years), ()))


def _only(years: Iterable[int]) -> int | None:
    unique = {year for year in years if FIRST_YEAR <= year <= LAST_YEAR}
    return unique.pop() if len(unique) == 1 else None


def _majority(years: list[int]) -> int | None:
    """Return the year with which at least two thirds of the sentences begin that begin with a year."""
    plausible = [year for year in years if FIRST_YEAR <= year <= LAST_YEAR]
    (year, count), *_ = Counter(plausible).most_common(1) or [(0, 0)]
    return year if plausible and count >= ENOUGH * len(plausible) else None


def _matches(patterns: str, text: str) -> list[int]:
    found = (match.group(1) for pattern in load_words("identity")[patterns] for match in re.finditer(pattern, text))
    return [read_year(year) for year in found]


def _period(text: str) -> int | None:
    """Return the year of the statistical period, of damaged ones too (20241月1日); None where its two ends differ."""
    for match in re.finditer(load_words("identity")["period"], text):
        stretch = match.group("period")
        ends = [int(year) for pattern in (FIRST_DAY, LAST_DAY) for year in pattern.findall(stretch)]
        year = _only(ends or find_years(stretch))
        if year is not None:
            return year
    return None


def _by_dates(days: Iterable[date | None]) -> int | None:
    months = load_words("identity")["publication_months"]
    known = [day for day in days if day is not None]
    return _only(day.year - 1 for day in known) if known and all(day.month in months for day in known) else None
