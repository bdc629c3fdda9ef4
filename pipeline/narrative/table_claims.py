"""Numbers of the prose that a table of the report holds, too (``narrative.requests``, ``.outcomes``, ``.disputes``).

Belongs here: putting together what a number means, whose it is and of which year, as assertions over cells.
Does not belong here: the wording of each kind (``request_claims``, ``dispute_claims``, ``nothing``).
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.cells import alternatives_of, check_of
from pipeline.narrative.claims import Assertion
from pipeline.narrative.context import Limits, Report, limits_of, topic_at
from pipeline.narrative.dispute_claims import meaning_of_disputes
from pipeline.narrative.nothing import Nothing
from pipeline.narrative.request_claims import Meaning, Wording, meaning_of_requests
from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import compact, words

_QUOTE_LENGTH = 30


def assert_cells(
    read: ReadPassage, claim_nos: dict[int, int], report: Report, catalogue: Catalogue
) -> Iterator[Assertion]:
    """Yield one assertion per number that a table holds, too."""
    requests_in = (
        -1
    )  # The last sentence in which a number of requests was recognised: what follows there is still of requests.
    said_before: Decimal | None = None
    for index, mention in enumerate(read.mentions):
        if mention.kind != "count":
            continue
        before, after = read.clause_before(index), read.clause_after(index)
        if before.endswith(words("negations")):
            continue
        topic = topic_at(read, mention.start if before else _clause_end(read, index))
        if topic is None and read.sentence_no(mention.start) == requests_in:
            topic = "request"
        said = Wording(before, after, topic, read.sentence_before(index))
        meaning = meaning_of_disputes(said, _context(read, mention.start)) or meaning_of_requests(said, report)
        if meaning is None:
            continue
        if meaning.code in ("received", "handled"):
            # 收到 35 件，受理 33 件: what the second verb counts is not what the first does.
            if said_before not in (None, mention.value) and read.sentence_no(mention.start) == requests_in:
                meaning = replace(meaning, doubt=meaning.doubt or "loosely_worded")
            said_before = mention.value
        if check_of(meaning.code) == "narrative.requests":
            requests_in = read.sentence_no(mention.start)
        limits = limits_of(read, mention.start, report, carried=meaning.carried)
        bar = "approximate" if mention.is_approximate else None
        yield _assertion(
            meaning,
            claim_nos[index],
            mention.value,
            mention.unit,
            _quote(read, index),
            limits,
            bar,
            mention.step,
            catalogue,
        )


def assert_nothing(read: ReadPassage, found: Nothing, claim_no: int, report: Report, catalogue: Catalogue) -> Assertion:
    """Return the assertion of a statement of nothing: the cells are 0."""
    limits = limits_of(read, found.end, report)
    return _assertion(
        found.meaning,
        claim_no,
        Decimal(0),
        "",
        read.text[found.start : found.end] + found.subject,
        limits,
        None,
        Decimal(1),
        catalogue,
    )


def _assertion(
    meaning: Meaning, claim_no: int, stated: Decimal, unit: str, subject: str, limits: Limits, bar: str | None, step: Decimal,
    catalogue: Catalogue,
) -> Assertion:  # fmt: skip
    return Assertion(
        check_id=check_of(meaning.code),
        claim_no=claim_no,
        stated=stated,
        unit=unit,
        subject=subject,
        relation="<=" if limits.part_of_year else "=",
        bar=bar or limits.bar or ("part_of_year" if limits.part_of_year and not stated else None),
        doubt=meaning.doubt or limits.doubt,
        step=step,
        annual=alternatives_of(meaning.code, "annual", catalogue),
        statistics=alternatives_of(meaning.code, "statistics", catalogue),
    )


def _quote(read: ReadPassage, index: int) -> str:
    """Return the words around a number with the number, as a message quotes them."""
    mention = read.mentions[index]
    number = compact(read.text[mention.start : mention.unit_end])
    return read.clause_before(index)[-_QUOTE_LENGTH:] + number + read.clause_after(index)[:_QUOTE_LENGTH]


def _context(read: ReadPassage, position: int) -> str:
    """Return the heading and the text before a position, from the beginning of the sentence before."""
    number = read.sentence_no(position)
    start = read.passage.sentence_starts[max(number - 1, 0)]
    return compact(read.passage.heading) + "。" + compact(read.text[start:position])


def _clause_end(read: ReadPassage, index: int) -> int:
    return read.mentions[index].unit_end + len(read.clause_after(index))
