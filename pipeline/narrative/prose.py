"""The prose of a report as claims and assertions.

Belongs here: going through the sections, numbering what is stated, gathering what can be checked of it.
Does not belong here: how numbers, lists, shares and meanings are read (the modules beside this one).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.claims import Assertion, Claim, Prose
from pipeline.narrative.context import Report, TopicTrail, follow_topics, year_of
from pipeline.narrative.levels import assert_levels
from pipeline.narrative.lists import read_lists
from pipeline.narrative.nothing import Nothing, find_nothing
from pipeline.narrative.parts import assert_parts
from pipeline.narrative.passages import read_passages
from pipeline.narrative.shares import assert_shares
from pipeline.narrative.surroundings import ReadPassage, read_passage
from pipeline.narrative.table_claims import assert_cells, assert_nothing
from pipeline.narrative.words import any_of, words
from pipeline.report import Scope, Section

_SUBJECT_LENGTH = 40
_SENTENCE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class _Stated:
    """A number (``index`` of a mention) or a statement of nothing, before it has its claim number."""

    start: int
    index: int | None
    nothing: Nothing | None = None


def read_prose(
    sections: tuple[Section, ...], *, scope: Scope, form: str | None, catalogue: Catalogue, year: int | None = None
) -> Prose:
    """Return what the prose states (claims, in text order over all sections) and what can be checked of it (assertions).

    ``scope`` and ``form`` are the report's; ``year`` is its report year, taken from the prose itself where not given. A whole
    with two lists has an assertion for each.
    """
    has_routes = form in catalogue.forms and "statistics" in catalogue.forms[form].tables
    report = Report(scope, year or year_of([section.text for section in sections]), has_routes)
    claims: list[Claim] = []
    assertions: list[Assertion] = []
    for section in sections:
        for passage in read_passages(section.section_no, section.text):
            read = read_passage(passage, catalogue)
            if not read.mentions and not any_of("negations").search(passage.text):
                continue
            topics = follow_topics(read)
            nothing = tuple(find_nothing(read, topics))
            read = _without_nothing(read, nothing)
            stated = _stated(read, nothing)
            numbers = dict(
                zip((s.start for s in stated), range(len(claims) + 1, len(claims) + len(stated) + 1), strict=True)
            )
            claims += [_claim(read, s, numbers[s.start], section.text) for s in stated]
            assertions += _assertions(read, topics, stated, numbers, report, catalogue)
    return Prose(tuple(claims), tuple(sorted(assertions, key=lambda a: (a.claim_no, a.check_id))))


def _without_nothing(read: ReadPassage, nothing: tuple[Nothing, ...]) -> ReadPassage:
    """Leave out numbers inside a statement of nothing (未发生一起行政复议)."""
    kept = tuple(m for m in read.mentions if not any(found.start <= m.start < found.stop for found in nothing))
    return replace(read, mentions=kept)


def _stated(read: ReadPassage, nothing: tuple[Nothing, ...]) -> list[_Stated]:
    numbers = [_Stated(m.start, index) for index, m in enumerate(read.mentions) if m.kind != "bare"]
    return sorted((*numbers, *(_Stated(found.start, None, found) for found in nothing)), key=lambda s: s.start)


def _assertions(
    read: ReadPassage,
    topics: TopicTrail,
    stated: list[_Stated],
    numbers: dict[int, int],
    report: Report,
    catalogue: Catalogue,
) -> Iterator[Assertion]:
    claim_nos = {s.index: numbers[s.start] for s in stated if s.index is not None}
    lists = read_lists(read)
    yield from assert_parts(read, lists, claim_nos, catalogue)
    yield from assert_levels(read, lists, claim_nos)
    yield from assert_shares(read, lists, claim_nos)
    yield from assert_cells(read, topics, claim_nos, report, catalogue)
    for s in stated:
        if s.nothing:
            yield assert_nothing(read, s.nothing, numbers[s.start], report, catalogue)


def _claim(read: ReadPassage, stated: _Stated, number: int, printed: str) -> Claim:
    passage = read.passage
    begin, end = passage.sentence_span(stated.start)
    sentence = re.sub(r"\s*\n\s*", "", printed[passage.start + begin : passage.start + end]).strip()[:_SENTENCE_LENGTH]
    if stated.nothing is not None:
        subject, value, unit, approximate = stated.nothing.subject[:_SUBJECT_LENGTH], Decimal(0), "", False
        start, stop = stated.nothing.start, stated.nothing.end
    else:
        assert stated.index is not None
        mention = read.mentions[stated.index]
        subject, value, unit, approximate = (
            _subject(read, stated.index),
            mention.value,
            mention.unit,
            mention.is_approximate,
        )
        start, stop = mention.start, mention.end
    section_no, offset = passage.section_no, passage.start
    return Claim(number, section_no, subject, value, unit, approximate, sentence, offset + start, offset + stop)


def _subject(read: ReadPassage, index: int) -> str:
    """Return what is counted, as printed: the label before the number, or behind it where only a verb stands before."""
    label = read.clause_before(index)
    if any_of("shares").fullmatch(label) and index:
        label = read.clause_before(index - 1) + label
    for word in (*words("lists", "plain"), "共计", "共有", "共"):
        label = label.removeprefix(word)
    behind = read.clause_after(index)
    if not label or (behind and label.endswith(("收到", "受理", "发生", "有", "引发", "办理", "接到"))):
        label = behind or label
        return label[:_SUBJECT_LENGTH]
    return label[-_SUBJECT_LENGTH:]
