"""Statements of nothing: 未收到政府信息公开申请, 无行政复议.

Belongs here: finding them, and telling what exactly there was none of. Only plain statements count: any word between the negation
and its noun that is not declared makes it a statement of something narrower (没有败诉的行政诉讼).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.narrative.context import Topic, TopicTrail
from pipeline.narrative.request_claims import Meaning
from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import any_of, compact, one_of, words

# The body that no case was brought against may be named (未发生针对本乡有关政府信息公开事务的行政复议).
_AGAINST = re.compile(r"针对[一-鿿]{2,10}?(?=有关|政府信息|信息公开)")


@dataclass(frozen=True, slots=True)
class Nothing:
    """A statement that there was none: the bounds of its negation, where it stops, what there was none of, its meaning."""

    start: int
    end: int
    stop: int
    subject: str
    meaning: Meaning


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?P<no>{one_of('negations')})(?P<of>[^,;:。()!?\d\n]{{2,80}})")


@cache
def _plain(subject: str) -> re.Pattern[str]:
    return re.compile(f"(?:{one_of('negation_tokens', subject)})*")


def find_nothing(read: ReadPassage, topics: TopicTrail) -> Iterator[Nothing]:
    """Yield the statements of nothing about requests, reviews and litigation, in text order."""
    for match in _pattern().finditer(read.text):
        of = _AGAINST.sub("针对", compact(match["of"]).removesuffix("."))
        before = read.text[: match.start()].rstrip()
        if before.endswith(words("conditional_before")):
            continue
        meaning = _of_requests(of, match["no"], topics.at(read, match.start())) or _of_disputes(of)
        if meaning:
            yield Nothing(match.start(), match.end("no"), match.end(), of, meaning)


def _of_requests(of: str, negation: str, topic: Topic | None) -> Meaning | None:
    if not _plain("request").fullmatch(of) or "申请" not in of:
        return None
    if not re.search("公开|依申请|政府信息", of) and topic != "request":
        return None
    if any_of("applicants", "kinds").search(of) and not _names_all_applicants(of):
        return None
    return Meaning("handled" if "办理" in negation else "none_received")


def _names_all_applicants(of: str) -> bool:
    named = {match[0] for match in any_of("applicants", "kinds").finditer(of)}
    return bool(any_of("applicants", "all").search(of)) or {"公民", "法人"} <= named or {"自然人", "法人"} <= named


def _of_disputes(of: str) -> Meaning | None:
    if not _plain("dispute").fullmatch(of):
        return None
    review, litigation = "复议" in of, "诉讼" in of
    if review and litigation:
        return Meaning("disputes_both")
    return Meaning("reviews") if review else Meaning("litigation") if litigation else None
