"""Whose number it is, of which year, and what is being spoken of: what the sentence says before the number is reached.

Belongs here: topic, body and time of a number, and whether they bar a comparison with the report's own table.
Does not belong here: what the number itself means (``request_claims``, ``dispute_claims``).
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import alternation, any_of, compact, prose_words, words
from pipeline.report import Scope

Topic = Literal["request", "dispute", "other"]

_MONTH = re.compile(
    r"(?<!\d)(?:1[01]|[1-9])(?:-\d{1,2})?月(?!\d{1,2}日)|(?<![十二])(?:十[一]?|[一二三四五六七八九])月(?!\d)"
)
_NAMED_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)年(?!\d{1,2}月\d{1,2}日)")
_CARRIED = re.compile(
    r"(?:上一?年度?|去年|往年|(?:19|20)\d\d年度?)[^,;。]{0,6}?(?:结转|转结|遗留|转入)|(?:结转|顺延|转入|延续|转到|延至)[^,;。]{0,3}?(?:下一?年度?|次年|明年|(?:19|20)\d\d年度?)"
)
_COMPARED = re.compile(r"(?:较|比|与|同)(?:上一?年度?|去年|前年|(?:19|20)\d\d年)[^,;。]{0,4}|同期")
_REACH = 2  # A topic is remembered over this many sentences.


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the report whose prose is read."""

    scope: Scope
    form: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Why a comparison with the report's table is barred, or a mismatch no proof; ``part_of_year`` bounds it from above only."""

    bar: str | None = None
    doubt: str | None = None
    part_of_year: bool = False


@cache
def _topic_pattern() -> re.Pattern[str]:
    """Match words that name a topic; outcome labels and kinds of information are passed over, whatever words they hold."""
    outcome = alternation(phrase for entry in prose_words()["outcomes"] for phrase in entry["phrases"])
    groups = "|".join(
        f"(?P<{topic}>{alternation(words('topics', topic))})" for topic in ("dispute", "request", "other")
    )
    return re.compile(rf"(?P<none>依申请公开(?:的)?(?:政府)?信息(?!申请)|{outcome})|{groups}")


def topic_at(read: ReadPassage, position: int) -> Topic | None:
    """Return what was last spoken of before a position: requests for information, disputes, or something else."""
    text = read.passage.heading + "。" + read.text[:position]
    sentences = re.split(r"[。!?]", compact(text))[-1 - _REACH :]
    topic: Topic | None = None
    for match in _topic_pattern().finditer("。".join(sentences)):
        if match.lastgroup in ("request", "dispute", "other"):
            topic = match.lastgroup  # type: ignore[assignment]
    return topic


def limits_of(read: ReadPassage, position: int, report: Report, *, carried: bool = False) -> Limits:
    """Return what the sentence before a position says against comparing its number with the table.

    ``carried`` numbers speak of the year before or after by their very meaning.
    """
    start, _ = read.passage.sentence_span(position)
    sentence = compact(read.text[start:position])
    bar, doubt = _body_limits(sentence, report.scope)
    part_of_year = False
    if not carried:
        year_bar, year_doubt, part_of_year = _year_limits(sentence, report.year)
        bar, doubt = bar or year_bar, doubt or year_doubt
    return Limits(bar, doubt, part_of_year)


def _body_limits(sentence: str, scope: Scope) -> tuple[str | None, str | None]:
    body = None
    for clause in re.split(r"[,;:()]", sentence):
        body = _body_of(clause) or body
    barred = {("aggregate", "own"), ("aggregate", "office"), ("aggregate", "body"), ("aggregate", "represents")}
    doubted = {("own", "whole"), ("unknown", "own"), ("unknown", "office"), ("unknown", "body")}
    doubted |= {("unknown", "government"), ("aggregate", "government")}
    if body == "others" or (scope, body) in barred:
        return "other_body", None
    return None, "unclear_body" if (scope, body) in doubted else None


def _body_of(clause: str) -> str | None:
    for body in ("whole", "represents", "own", "others", "office"):
        if any_of("levels", body).search(clause):
            return body
    verbs = alternation(
        (*words("requests", "verbs"), *words("requests", "handled_verbs"), *words("levels", "body_verbs"))
    )
    governing = alternation(words("levels", "government"))
    if re.search(rf"(?:{governing})(?:全年|本年度?|累计|共|总共)*(?:{verbs})", clause):
        return "government"
    named = re.search(
        rf"[一-鿿](?:{alternation(words('levels', 'body_ends'))})(?:累计|共|总共|全年)?(?:{verbs})", clause
    )
    return "body" if named and not any_of("levels", "self").search(clause) else None


def _year_limits(sentence: str, year: int | None) -> tuple[str | None, str | None, bool]:
    text = re.sub(r"《[^》]*》|〔\d+〕", "", sentence)
    text = _COMPARED.sub("", _CARRIED.sub("", text))
    said = "this"
    this, other = alternation(words("years", "this")), alternation(words("years", "other"))
    pattern = rf"(?P<this>{this})|(?P<other>{other})|{_NAMED_YEAR.pattern}"
    for match in re.finditer(pattern, text):
        if match["year"]:
            said = "this" if year is None or int(match["year"]) == year else "other"
        else:
            said = "this" if match["this"] else "other"
    if said == "other":
        return "other_year", None, False
    part = bool(_MONTH.search(text) or any_of("years", "partial").search(text))
    cumulative = bool(any_of("years", "cumulative").search(text)) and (
        "截" in text or not re.search(rf"{this}|{_NAMED_YEAR.pattern}", text)
    )
    return None, "cumulative" if cumulative else None, part


def year_of(texts: list[str]) -> int | None:
    """Return the report year as the prose itself gives it: the span of its statistics, else the year named most often."""
    for text in texts:
        span = re.search(r"(20\d\d) *年 *1 *月 *1 *日[^。]{0,12}12 *月 *31 *日", text)
        if span:
            return int(span[1])
    years = [int(match["year"]) for text in texts for match in _NAMED_YEAR.finditer(text)]
    return max(set(years), key=lambda y: (years.count(y), -y)) if years else None
