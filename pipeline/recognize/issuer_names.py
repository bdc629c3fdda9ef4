"""Where else than in its title a report names the body that it is of.

Belongs here: the preamble's announcement, who compiled it, the signature under the text, whom to contact, the address.
Names are as printed. Does not belong here: the title (``titles``), who the body is (``pipeline.issuers``).
"""

import re
from collections.abc import Iterable
from datetime import date

from pipeline.catalogue.words import load_words
from pipeline.plain_text import to_plain
from pipeline.recognize.dates import MONTH, PrintedDay, find_days
from pipeline.recognize.titles import BEFORE_TOPIC, body_before_topic, is_body_name
from pipeline.values import record

LAST_LINES, LAST_DAYS, NEAR = 15, 5, 45
WE = re.compile(
    r"我|^(?:由|对|经|在|据|按|为|使|让|与|请|本|该|各|全|上级|有关|相关|所属)"
    r"|^[省市县区州]?(?:委|政府|人民政府)$|^[省市县区州]委"
)
# Words of running text, but for those that stand in names (同城化发展工作局, 经济和信息化局, 大数据管理局).
RUNNING_TEXT = re.compile(
    r"工作(?![局委部办站厅]|领导|中心)|信息(?!化|中心|产业|[局办])|数据(?!管理|中心|资源|发展|[局办])"
    r"|情况|要求|精神|条例|规定|通知|报告|年度|以来|如下|电子版|方面"
)


@record
class Signature:
    """What stands under the text. ``month_only`` is a date without its day, as printed: it is no day and is never made one."""

    body: str | None
    signed_on: date | None
    month_only: str | None


def find_named(patterns: str, text: str) -> list[str]:
    """Return the names that the declared patterns of one kind (announcements, compilers, contacts, …) find, in order."""
    plain = to_plain(text)
    names = []
    for pattern in load_words("identity")[patterns]:
        for match in re.finditer(pattern, plain):
            name = text[match.start(1) : match.end(1)].strip()
            if BEFORE_TOPIC.match(to_plain(name)):  # 某市人民政府信息公开工作领导小组办公室: the body is 某市人民政府
                name = body_before_topic(name) or ""
            if patterns == "addresses" or _may_be_a_body(name):
                names.append(name)
    return list(dict.fromkeys(names))


def first_line_body(preamble: str) -> str | None:
    """Return the first line where it is nothing but the name of a body (the title of some reports is no more than that)."""
    line = next((line.strip() for line in preamble.split("\n") if line.strip()), "")
    return line if len(line) > 4 and _may_be_a_body(line) else None


def read_signature(blocks_of_lines: Iterable[list[str]]) -> Signature:
    """Return the body and the day under a report's text: the last line that is nothing but a day, and the body's name beside it.

    Takes the lines of the sections, last section first; a day inside a sentence is none of this.
    """
    body: str | None = None
    month: str | None = None
    for lines in blocks_of_lines:
        last = lines[-LAST_LINES:]
        for position in range(len(last) - 1, -1, -1):
            alone = _day_alone(last[position])
            if alone is not None:
                return Signature(_body_beside(last, position) or body, alone.day, month)
            month = month or _month_alone(last[position])
            body = body or (last[position].strip() if is_body_name(last[position].strip()) else None)
        if body or month:
            break
    return Signature(body, None, month)


def day_under_title(preamble: str) -> date | None:
    """Return the day of the last line before the text that holds nothing but a day in words (2021年1月27日)."""
    lines = [line for line in preamble.split("\n") if "年" in line]
    days = [day.day for line in reversed(lines) if (day := _day_alone(line)) is not None]
    return days[0] if days else None


def _day_alone(line: str) -> PrintedDay | None:
    """Return the day of a line that holds nothing but a day, or a body's name and a day; on one long line: a day between gaps."""
    plain = to_plain(line)
    for day in list(find_days(plain))[-LAST_DAYS:][::-1]:
        before, after = plain[max(day.start - NEAR, 0) : day.start].removesuffix("("), plain[day.end : day.end + NEAR]
        if after.strip(" )。") and not after.startswith(" "):
            continue
        word = (before.split() or [""])[-1]
        is_gap = not before.strip() or before.endswith((" ", "]")) or is_body_name(word)
        fills_line = len(plain.strip()) <= NEAR and not after.strip(" )。") and is_body_name(before.strip() or "某局")
        if fills_line or (is_gap and plain[day.start] == "二" and ":" not in word):
            return day
    return None


def _month_alone(line: str) -> str | None:
    plain = to_plain(line)
    for match in MONTH.finditer(plain):
        beside = plain[max(match.start() - 1, 0) : match.start()] + plain[match.end() : match.end() + 1]
        if not beside.strip(" ]") and (plain.strip() == match.group() or match.group().startswith("二")):
            return line[match.start() : match.end()].strip()
    return None


def _body_beside(lines: list[str], position: int) -> str | None:
    """Return the body's name on the day's own line, the line before it, or the one after it."""
    plain = to_plain(lines[position])
    own_line = [part for part in re.split(r"\s+|(?=20\d\d|二〇)", plain) if is_body_name(part)]
    if own_line:
        start = plain.rfind(own_line[-1])
        return lines[position][start : start + len(own_line[-1])]
    beside = [*lines[max(position - 2, 0) : position][::-1], *lines[position + 1 : position + 2]]
    return next((line.strip() for line in beside if is_body_name(line.strip())), None)


def _may_be_a_body(name: str) -> bool:
    plain = to_plain(name)
    return is_body_name(plain) and not WE.search(plain) and not RUNNING_TEXT.search(plain)
