"""The title of a report and the public body that a title names.

Belongs here: which line (or two or three lines) is the title, and cutting it into issuer and year. Does not belong here: other
places that name the issuer (``issuer_names``), or who that is (``pipeline.issuers``).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from pipeline.catalogue.words import load_words
from pipeline.plain_text import to_plain
from pipeline.recognize.dates import FIRST_YEAR, LAST_YEAR, YEAR, read_year
from pipeline.values import record

LONGEST_TITLE, LONGEST_LINE, FIRST_LINES = 70, 200, 40
LONGEST_NAME, LONGEST_REMARK = 38, 20
"""Characters of a body's name without its suffix, and of a remark in brackets behind it."""
SEPARATORS = re.compile(r"\s*[>»›_|\t]\s*|\s+-{1,2}\s*|-{2,}")
SPACE_INSIDE = re.compile(r"\s+")
YEAR_TOKEN = re.compile(rf"[(\[〔]?(?<!\d)({YEAR}) ?年?(?:度)?[)\]〕]?(?!\d)(?!年?[\d〇一二三四五六七八九十]{{1,2}}月)")
BEFORE_TOPIC = re.compile(r"^(?P<body>.*?)(?:关于|的)?(?:政府信息|政务信息|信息公开|政务公开)")
NOT_IN_A_NAME = re.compile(r"[。;!?:>»›|A-Za-z]|,.*,")
AFTER_TITLE = re.compile(r"(?:[(\[].*|全文|摘要|[-—].*|\.?(?:pdf|docx?|wps|html?))?$", re.IGNORECASE)


@record
class Title:
    """A title as printed (without the spaces of its layout), the issuer and the years that it names."""

    text: str
    issuer: str | None
    years: tuple[int, ...]
    lines: int = 1

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Return what makes one title better than another: it names the issuer, it names one year, it stands on one line."""
        return (self.issuer is not None, len(self.years) == 1, -self.lines)


def find_titles(stated: Iterable[str], preamble: str) -> list[Title]:
    """Return the titles of a report, best first: those that the page states, then those that stand before the first chapter."""
    found = [title for text in stated for title in _in_line(text)]
    found += _in_lines([line for line in preamble.split("\n") if line.strip()][:FIRST_LINES])
    unique = {title.text: title for title in reversed(found)}
    in_order = list(unique.values())[::-1]
    return sorted(in_order, key=lambda title: title.rank, reverse=True)


@lru_cache(maxsize=2048)
def read_title(text: str, lines: int = 1) -> Title | None:
    """Return a text as a title, None where it is not the title of a disclosure report."""
    printed = SPACE_INSIDE.sub("", text).strip("《》【】[]*#")
    words = load_words("identity")
    if len(printed) > LONGEST_TITLE + max(map(len, words["page_keys"]["title"])):
        return None  # Before anything dear is tried: nearly every line of prose.
    plain = to_plain(printed)
    key = next((key for key in words["page_keys"]["title"] if plain.startswith(key)), "")
    printed, plain = printed[len(key) :], plain[len(key) :]
    mark = re.search(words["title_mark"], plain) if len(plain) <= LONGEST_TITLE else None
    if mark is None or any(re.search(word, plain) for word in words["no_title"]):
        return None
    if NOT_IN_A_NAME.search(plain[: mark.end()]) or not AFTER_TITLE.match(plain, mark.end()):
        return None
    years = tuple(dict.fromkeys(read_year(year) for year in YEAR_TOKEN.findall(plain)))
    return Title(printed, body_before_topic(printed), tuple(y for y in years if FIRST_YEAR <= y <= LAST_YEAR), lines)


def is_body_name(text: str) -> bool:
    """Tell whether a line is nothing but the name of a public body."""
    squeezed = SPACE_INSIDE.sub("", text)
    longest, endings = _body_ends()
    if not squeezed or len(squeezed) > longest:
        return False
    plain = to_plain(squeezed)
    # Before anything dear is tried: hardly a line ends like one.
    return plain.endswith(endings) and _body_name().fullmatch(plain) is not None


def _in_line(line: str) -> Iterator[Title]:
    """Yield the titles in one line: the whole of it, its parts between signs of a path, its words."""
    parts = SEPARATORS.split(line) if len(line) <= LONGEST_LINE else []
    words = SPACE_INSIDE.split(line)
    for part in dict.fromkeys((line, *parts, *words)):
        title = read_title(part)
        if title is not None:
            yield title


def _in_lines(lines: list[str]) -> Iterator[Title]:
    for first, line in enumerate(lines):
        alone = list(_in_line(line))
        yield from alone
        if any(title.issuer and title.years for title in alone):
            continue
        for count in (2, 3):
            window = lines[first : first + count]
            if len(window) < count or any(len(part.strip()) > LONGEST_LINE // 4 for part in window):
                break
            if _could_begin(window[0]) and not any(mark in to_plain("".join(window)) for mark in ",。:"):
                title = read_title("".join(window), count)
                if title is not None and title.text not in {other.text for other in alone}:
                    yield title


def _could_begin(line: str) -> bool:
    """Tell whether a line may be the first of a title on several: a body's name, or a name and a year."""
    plain = to_plain(SPACE_INSIDE.sub("", line))
    return is_body_name(YEAR_TOKEN.sub("", plain)) or bool(YEAR_TOKEN.search(plain)) or "信息公开" in plain


def body_before_topic(printed: str) -> str | None:
    """Return what stands in a title before its topic, less the year: 2018年龙泉市政府信息公开年度报告 names 龙泉市."""
    plain = to_plain(printed)
    kept = list(range(len(plain)))
    for year in YEAR_TOKEN.finditer(plain):
        kept = [position for position in kept if not year.start() <= position < year.end()]
    without_year = "".join(plain[position] for position in kept)
    match = BEFORE_TOPIC.match(without_year)
    length = len(match.group("body")) if match else 0
    if without_year[:length].endswith("人民"):  # 某县人民政府信息公开…: 政府 belongs to both
        length += len("政府")
    name = "".join(printed[position] for position in kept[:length]).strip("、-—·: ：")
    name = name.removeprefix("关于").removeprefix("關於")
    return name if len(name) > 1 and re.search(r"[一-龥]{2}", to_plain(name)) else None


@cache
def _body_ends() -> tuple[int, tuple[str, ...]]:
    """Return how long the name of a body is at most, and what it ends with: a suffix or a remark."""
    suffixes = load_words("identity")["body_suffixes"]
    return LONGEST_NAME + max(map(len, suffixes)) + LONGEST_REMARK + len("()"), (*suffixes, ")")


@cache
def _body_name() -> re.Pattern[str]:
    suffixes = "|".join(sorted(load_words("identity")["body_suffixes"], key=len, reverse=True))
    remark = rf"(?:\([一-龥]{{2,{LONGEST_REMARK}}}\))?"
    return re.compile(rf"[一-龥()〇·、]{{1,{LONGEST_NAME}}}?(?:{suffixes}){remark}")
