"""Numbers of the prose that a table of the report holds, too (``narrative.requests``, ``.outcomes``, ``.disputes``).

Belongs here: putting together what a number means, whose it is and of which year, as assertions over cells.
Does not belong here: the wording of each kind (``request_claims``, ``dispute_claims``, ``nothing``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.cells import alternatives_of, check_of
from pipeline.narrative.claims import Assertion
from pipeline.narrative.context import Limits, Report, TopicTrail, limits_of
from pipeline.narrative.dispute_claims import meaning_of_disputes
from pipeline.narrative.nothing import Nothing
from pipeline.narrative.numerals import Mention
from pipeline.narrative.request_claims import Meaning, Wording, meaning_of_requests
from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import compact, words

_QUOTE_LENGTH = 30
_RECEIVED = frozenset({"received", "handled"})
_TELLS = re.compile("申请|复议|诉讼")


def assert_cells(
    read: ReadPassage, topics: TopicTrail, claim_nos: dict[int, int], report: Report, catalogue: Catalogue
) -> Iterator[Assertion]:
    """Yield one assertion per number that a table holds, too."""
    of_requests: Mention | None = (
        None  # The last number of requests: what follows in its sentence is still of requests.
    )
    for index, mention in enumerate(read.mentions):
        if mention.kind != "count":
            continue
        goes_on = of_requests is not None and read.sentence_no(of_requests.start) == read.sentence_no(mention.start)
        meaning = _meaning(read, topics, index, report, of_requests=goes_on)
        if meaning is None:
            continue
        if check_of(meaning.code) == "narrative.requests":
            if goes_on and of_requests is not None and of_requests.value != mention.value:
                meaning = _second_verb(meaning)
            of_requests = mention
        limits = limits_of(read, mention.start, report)
        bar = "approximate" if mention.is_approximate else limits.bar
        quote = _quote(read, index)
        stated = Stated(claim_nos[index], mention.value, mention.unit, quote, mention.step)
        yield _assertion(meaning, stated, replace(limits, bar=bar), catalogue)


def _meaning(read: ReadPassage, topics: TopicTrail, index: int, report: Report, *, of_requests: bool) -> Meaning | None:
    """Return what a number means; ``of_requests`` tells that its sentence has already spoken of requests."""
    mention = read.mentions[index]
    before, after = read.clause_before(index), read.clause_after(index)
    topic = topics.at(read, mention.start if before else mention.unit_end + len(after))
    if topic is None and of_requests:
        topic = "request"
    sentence = read.sentence_before(index)
    if (topic in (None, "other") and not _TELLS.search(sentence + after)) or before.endswith(words("negations")):
        return None
    rest = compact(read.text[mention.unit_end : read.passage.sentence_span(mention.start)[1]])
    said = Wording(before, after, topic, sentence, _context(read, mention.start), rest)
    return meaning_of_disputes(said) or meaning_of_requests(said, report)


def _second_verb(meaning: Meaning) -> Meaning:
    """Doubt a second number of the same sentence: in 收到 35 件，受理 33 件 the verbs do not count the same."""
    return replace(meaning, doubt=meaning.doubt or "loosely_worded") if meaning.code in _RECEIVED else meaning


@dataclass(frozen=True, slots=True)
class Stated:
    """A number as stated: whose claim it is, its value, its counter, the words to quote, the size of its last digit."""

    claim_no: int
    value: Decimal
    unit: str
    quote: str
    step: Decimal = Decimal(1)


def assert_nothing(read: ReadPassage, found: Nothing, claim_no: int, report: Report, catalogue: Catalogue) -> Assertion:
    """Return the assertion of a statement of nothing: the cells are 0."""
    limits = limits_of(read, found.end, report)
    if limits.part_of_year:
        limits = replace(limits, bar=limits.bar or "part_of_year")
    quote = read.text[found.start : found.end] + found.subject
    return _assertion(found.meaning, Stated(claim_no, Decimal(0), "", quote), limits, catalogue)


def _assertion(meaning: Meaning, stated: Stated, limits: Limits, catalogue: Catalogue) -> Assertion:
    return Assertion(
        check_id=check_of(meaning.code),
        claim_no=stated.claim_no,
        stated=stated.value,
        unit=stated.unit,
        subject=stated.quote,
        relation="<=" if limits.part_of_year else "=",
        bar=limits.bar,
        doubt=meaning.doubt or limits.doubt,
        step=stated.step,
        annual=alternatives_of(meaning.code, "annual", catalogue),
        statistics=alternatives_of(meaning.code, "statistics", catalogue),
    )


def _quote(read: ReadPassage, index: int) -> str:
    """Return the words around a number with the number, as a message quotes them."""
    mention = read.mentions[index]
    number = compact(read.text[mention.start : mention.unit_end])
    return (
        read.clause_before(index)[-_QUOTE_LENGTH:]
        + number
        + read.clause_after(index).partition("、")[0][:_QUOTE_LENGTH]
    )


def _context(read: ReadPassage, position: int) -> str:
    """Return the heading and the text before a position, from the beginning of the sentence before."""
    number = read.sentence_no(position)
    start = read.passage.sentence_starts[max(number - 1, 0)]
    return compact(read.passage.heading) + "。" + compact(read.text[start:position])
