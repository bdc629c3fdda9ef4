"""Whose number it is, of which year, and what is being spoken of: what the sentence says before the number is reached.

Belongs here: topic, body and time of a number, and whether they bar a comparison with the report's own table.
Does not belong here: what the number itself means (``request_claims``, ``dispute_claims``).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import alternation, any_of, compact, one_of, prose_words
from pipeline.report import Scope

Topic = Literal["request", "dispute", "other"]

_MONTH = re.compile(
    r"(?<!\d)(?:1[01]|[1-9])(?:-\d{1,2})?月(?!\d{1,2}日)|(?<![十二])(?:十[一]?|[一二三四五六七八九])月(?!\d)"
)
_NAMED_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)年(?!\d{1,2}月\d{1,2}日)")
_CARRIED = re.compile(
    r"(?:上一?年度?|去年|往年|(?:19|20)\d\d年度?)[^,;。]{0,6}?(?:结转|转结|遗留|转入)|(?:结转|顺延|转入|延续|转到|延至|转)[^,;。]{0,3}?(?:[上下]一?年度?|次年|明年|(?:19|20)\d\d年度?)"
)
_COMPARED = re.compile(r"(?:较|比|与|同)(?:上一?年度?|去年|前年|(?:19|20)\d\d年)[^,;。]{0,4}|同期")
_SPAN = re.compile(
    r"(?:19|20)\d\d年?度?(?:[-~—]+|至|到)(?:19|20)\d\d年(?!\d)|[二两三四五六七八九十\d]年(?:来|间|内)|近[几二两三四五六七八九十\d]+年"
)
_REACH = 2  # A topic is remembered over this many sentences.


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the report whose prose is read; ``has_routes`` tells that its form counts the routes of requests."""

    scope: Scope
    year: int | None
    has_routes: bool


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
    groups = "|".join(f"(?P<{topic}>{one_of('topics', topic)})" for topic in ("dispute", "request", "other"))
    return re.compile(rf"(?P<none>依申请公开(?:的)?(?:政府)?信息(?!申请)|{outcome})|{groups}")


@dataclass(frozen=True, slots=True)
class TopicTrail:
    """Where a passage names its topics: (sentence, position, topic) in text order, the heading's before them."""

    named: tuple[tuple[int, int, Topic], ...]

    def at(self, read: ReadPassage, position: int) -> Topic | None:
        """Return what was last spoken of before a position: requests for information, disputes, or something else."""
        sentence = read.sentence_no(position)
        for number, end, topic in reversed(self.named):
            if end <= position and sentence - number <= _REACH:
                return topic
        return None


def follow_topics(read: ReadPassage) -> TopicTrail:
    """Go through a passage and its heading once, for the words that name a topic."""
    named: list[tuple[int, int, Topic]] = [(-1, 0, topic) for _, topic in _named_topics(compact(read.passage.heading))]
    # Words are sought without blanks (a line break may stand inside one), their places counted with them.
    begins, lengths, compacted = [], [0], 0
    for run in re.finditer(r"\S+", read.text):
        begins.append(run.start() - compacted)
        compacted += run.end() - run.start()
        lengths.append(compacted)
    for end, topic in _named_topics(compact(read.text)):
        at = end + begins[bisect_left(lengths, end) - 1]
        named.append((read.sentence_no(at - 1), at, topic))
    return TopicTrail(tuple(named))


def _named_topics(text: str) -> Iterator[tuple[int, Topic]]:
    for match in _topic_pattern().finditer(text):
        if match.lastgroup in ("request", "dispute", "other"):
            yield match.end(), match.lastgroup  # type: ignore[misc]


def limits_of(read: ReadPassage, position: int, report: Report) -> Limits:
    """Return what the sentence before a position says against comparing its number with the table."""
    start, stop = read.passage.sentence_span(position)
    sentence = compact(read.text[start:position])
    bar, doubt = _body_limits(sentence, report.scope)
    if len({match[0] for match in _named_body().finditer(compact(read.text[start:stop]))}) > 1:
        doubt = doubt or "unclear_body"
    year_bar, year_doubt, part_of_year = _year_limits(sentence, report.year)
    return Limits(bar or year_bar, doubt or year_doubt, part_of_year)


def _body_limits(sentence: str, scope: Scope) -> tuple[str | None, str | None]:
    body = "subject" if _body_as_subject().match(sentence) else None
    for clause in re.split(r"[,;:()]", sentence):
        body = _body_of(clause) or body
    barred = {("aggregate", "own"), ("aggregate", "office"), ("aggregate", "body"), ("aggregate", "represents")}
    barred |= {("aggregate", "subject")}
    doubted = {("own", "whole")} | {("unknown", said) for said in ("whole", "own", "office", "body", "subject")}
    doubted |= {("unknown", "government"), ("aggregate", "government")}
    if body == "others" or (scope, body) in barred:
        return "other_body", None
    return None, "unclear_body" if (scope, body) in doubted else None


def _body_of(clause: str) -> str | None:
    for body in ("whole", "represents", "own", "others", "office"):
        if any_of("levels", body).search(clause):
            return body
    named = _named_body().search(clause)
    if named and named["government"]:
        return "government"
    return "body" if named and not any_of("levels", "self").search(clause) else None


@cache
def _named_body() -> re.Pattern[str]:
    verbs = "|".join((one_of("requests", "verbs"), one_of("requests", "handled_verbs"), one_of("levels", "body_verbs")))
    bodies = (
        rf"(?P<government>{one_of('levels', 'government')})|(?![全我本该各])[一-鿿](?:{one_of('levels', 'body_ends')})"
    )
    return re.compile(rf"(?:{bodies})(?:全年|本年度?|累计|共|总共|尚|均|未|没有)*(?:{verbs})")


@cache
def _body_as_subject() -> re.Pattern[str]:
    """Match a named body that a sentence begins with and speaks of (``县水利局是…，收到申请20件``)."""
    name = rf"(?![我本该各全有])[一-鿿]{{2,12}}?(?:{one_of('levels', 'body_ends')})"
    return re.compile(rf"(?:\d{{4}}年度?,?)?{name}(?:是|作为|在|对|为|按|依|认真|严格)")


@cache
def _year_words() -> re.Pattern[str]:
    this, other = one_of("years", "this"), one_of("years", "other")
    return re.compile(rf"(?P<this>{this})|(?P<other>{other})|{_NAMED_YEAR.pattern}")


def _year_limits(sentence: str, year: int | None) -> tuple[str | None, str | None, bool]:
    text = re.sub(r"《[^》]*》|〔\d+〕", "", sentence)
    text = _COMPARED.sub("", _CARRIED.sub("", text))
    if _SPAN.search(text):
        return "cumulative", None, False
    said, names_this = "this", False
    for match in _year_words().finditer(text):
        is_this = match["this"] or (match["year"] and (year is None or int(match["year"]) == year))
        said, names_this = ("this", True) if is_this else ("other", names_this)
    if said == "other":
        return "other_year", None, False
    part = bool(_MONTH.search(text) or any_of("years", "partial").search(text))
    cumulative = bool(any_of("years", "cumulative").search(text)) and ("截" in text or not names_this)
    return None, "cumulative" if cumulative else None, part


def year_of(texts: list[str]) -> int | None:
    """Return the report year as the prose itself gives it: the span of its statistics, else the year named most often."""
    for text in texts:
        span = re.search(r"(20\d\d) *年 *1 *月 *1 *日[^。]{0,12}12 *月 *31 *日", text)
        if span:
            return int(span[1])
    years = [int(match["year"]) for text in texts for match in _NAMED_YEAR.finditer(text)]
    return max(set(years), key=lambda y: (years.count(y), -y)) if years else None
