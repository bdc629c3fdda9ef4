"""What the page round a report says of it: ``发布时间：…``, ``来源：…``, the path of headings above it, addresses of pages.

Belongs here: keys and values of page furniture and of text dumps' header lines; what the file says of itself (``Document.meta``).
Does not belong here: the report's own words (``titles``, ``report_year``, ``identity``).
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from pipeline.catalogue.words import load_words
from pipeline.document import Document
from pipeline.plain_text import to_plain
from pipeline.recognize.dates import COMPACT_DAY, find_days, first_day
from pipeline.values import record

FURNITURE = 1500
BEHIND_A_KEY, BEHIND_A_DAYS_KEY = (":", "\t", "|"), (":", "\t", "|", " 20")
"""One of these stands between every key and its value; a day may follow behind a blank."""
URL = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)+(?:gov\.cn|cn|com|net|org|tw|hk)(?::\d+)?(?:/[^\s<>()，。；、）》]*)?",
    re.IGNORECASE,
)
HOST = re.compile(r"^(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})", re.IGNORECASE)
MOMENT = r"(20\d\d ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} ?日?)(?: +\d{1,2}:\d{2}(?::\d{2})?)?"
# A line that is nothing but a moment, begins with one before other furniture, or ends with one behind the name of a website.
LONE_MOMENT = re.compile(
    rf"^[\s•·*-]*{MOMENT}(?=\s*$|\s+(?:发布|来源|作者|点击|浏览|阅读|字号|打印))"
    rf"|^[^\n。]{{0,40}}(?:网|gov\.cn)\s+{MOMENT}\s*$",
    re.MULTILINE,
)


@record
class PageFacts:
    """What the page says: every value as printed, the strongest first. ``site`` are hosts that the text itself names."""

    titles: tuple[str, ...]
    issuers: tuple[str, ...]
    published_on: date | None
    published_conflict: str | None
    source: str | None
    url_day: date | None
    breadcrumb: str | None
    sites: tuple[str, ...]


def read_page_facts(document: Document, preamble: str, ending: str) -> PageFacts:
    """Return what page furniture and meta data say.

    ``preamble`` is what stands before the first chapter, ``ending`` the last lines.
    """
    furniture = preamble[:FURNITURE]
    source = next(iter(_values(furniture, "source")), None) or document.meta.get("source")
    source = source if source and URL.match(source) else None
    published, conflict = _published_on(document, furniture, ending)
    meta_issuer = document.meta.get("issuer")
    issuers = [*_values(furniture, "issuer"), *([meta_issuer] if meta_issuer else [])]
    titles = [*_values(furniture, "title"), *([document.meta["title"]] if document.meta.get("title") else [])]
    plain = to_plain(preamble)
    hosts = [host_of(url) for url in URL.findall(plain)] if "." in plain else []
    breadcrumb = _breadcrumb(furniture) or document.meta.get("column")
    return PageFacts(
        titles=tuple(dict.fromkeys(titles)),
        issuers=tuple(issuer for issuer in dict.fromkeys(issuers) if names_a_body(issuer)),
        published_on=published,
        published_conflict=conflict,
        source=source,
        url_day=_url_day(source),
        breadcrumb=breadcrumb,
        sites=tuple(dict.fromkeys(host for host in hosts if host and host.endswith(".gov.cn"))),
    )


def host_of(address: str | None) -> str | None:
    """Return the host of an address in lower case, None where there is none."""
    match = HOST.match(address or "")
    return match.group(1).lower() if match else None


def names_a_body(name: str) -> bool:
    """Tell whether a value of 来源 may be a public body, not a website or a mask of asterisks."""
    plain = to_plain(name)
    return 1 < len(plain.strip()) <= 40 and not _no_issuer().search(plain)


@cache
def _no_issuer() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in load_words("identity")["no_issuer"]))


def _published_on(document: Document, furniture: str, ending: str) -> tuple[date | None, str | None]:
    """Return the page's date: the strongest key's, else the file's own, else that of a line that holds nothing but a moment."""
    found = [day for text in (furniture, ending) for day in _key_days(text)]
    meta = first_day(to_plain(document.meta.get("published_on", "")))
    days = list(dict.fromkeys([*found, *([meta] if meta else [])]))
    if not days:
        moment = LONE_MOMENT.search(to_plain(furniture))
        return (first_day(moment.group(1) or moment.group(2)) if moment else None), None
    return days[0], " / ".join(day.isoformat() for day in days) if len(days) > 1 else None


def _key_days(text: str) -> Iterator[date]:
    for value in _values(text, "published_on"):
        day = next(iter(find_days(to_plain(value))), None)
        if day is not None and day.start <= 1:
            yield day.day


def _values(text: str, fact: str) -> list[str]:
    """Return the printed values of a key, the strongest key's first."""
    plain = to_plain(text)
    if not any(map(plain.__contains__, BEHIND_A_DAYS_KEY if fact == "published_on" else BEHIND_A_KEY)):
        return []
    values: list[tuple[int, int, str]] = []
    for match in _key_pattern(fact).finditer(plain):
        value = text[match.start("value") : match.end("value")].strip().strip("|：: ")
        if value:
            values.append((_strength(fact)[match.group("key").replace(" ", "")], match.start(), value))
    return [value for _, _, value in sorted(values)]


@cache
def _strength(fact: str) -> dict[str, int]:
    return {key: rank for rank, key in enumerate(load_words("identity")["page_keys"][fact])}


@cache
def _key_pattern(fact: str) -> re.Pattern[str]:
    words = load_words("identity")
    longest_first = sorted((key for keys in words["page_keys"].values() for key in keys), key=len, reverse=True)
    ends = "|".join(map(_spaced, [*longest_first, *words["value_ends"]]))
    keys = "|".join(map(_spaced, sorted(words["page_keys"][fact], key=len, reverse=True)))
    holds_spaces = fact in ("published_on", "title", "column")
    value = rf"(?P<value>[^\n\t|{'' if holds_spaces else ' '}\[【]{{2,200}}?)"
    bare_day = r"|(?= +20\d\d[-/.年])" if fact == "published_on" else ""
    return re.compile(
        rf"(?<![一-龥])(?P<key>{keys})(?: *: *[\t|]?[ \t|]*| *[\t|][ \t|]*{bare_day}) *(?!(?:{ends})\s*:){value}"
        rf"(?=\s*(?:{ends})\s*:?|\s{{2,}}|[\n\t|\[【]|$|{'(?!)' if holds_spaces else ' '})",
    )


def _spaced(key: str) -> str:
    """Return a pattern for a key that a layout may have spread (索 引 号, 名  称)."""
    return " {0,2}".join(map(re.escape, key))


def _breadcrumb(text: str) -> str | None:
    plain = to_plain(text)
    has_path = any(map(plain.__contains__, ">»›"))
    if has_path:
        text = re.sub(r"\s*\n\s*(?=[>»›])", " ", text)
        plain = to_plain(text)
    values = [value for value in _values(text, "column") if value.strip()]
    if values or not has_path:
        return values[0] if values else None
    for printed, line in zip(text.split("\n"), plain.split("\n"), strict=True):
        if sum(line.count(sign) for sign in ">»›") >= 2 and len(line) < 200:
            return printed.strip()
    return None


def _url_day(source: str | None) -> date | None:
    """Return the day that a page's address names (…/202001/t20200120_80576.htm), None where it names none or two."""
    days = {match.group() for match in COMPACT_DAY.finditer(source or "")}
    slashed = re.search(r"/(20\d\d)/(\d{1,2})/(\d{1,2})/", source or "")
    if slashed:
        days.add("{}{:0>2}{:0>2}".format(*slashed.groups()))
    return first_day(days.pop(), compact=True) if len(days) == 1 else None
