"""What a list asserts (``narrative.parts``): its parts make up the whole, or do not exceed it.

Belongs here: every way to read a list beside the natural one, because only a list that fails in all of them is a contradiction;
and what makes a mismatch no proof. Does not belong here: finding lists (``lists``), the judgement (``judge``).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.cells import alternatives_of, term_of
from pipeline.narrative.claims import Alternative, Assertion, PartsReading, Relation
from pipeline.narrative.lists import label_of
from pipeline.narrative.numerals import Mention
from pipeline.narrative.part_lists import (
    PartList,
    catch_alls,
    complete_set,
    is_closed,
    is_respective,
    shares_complete,
)
from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import alternation, any_of, prose_words

# A number inside a label: its counter is missing (``政策 55 动态 60 条``). A year, a hotline or an ordinal is none.
_NUMBER_WITHOUT_COUNTER = re.compile(r"(?<=[一-鿿])(?<!第)[0-9]+(?=[一-鿿])(?!年|月|日|号|热线|平台|项|类|个)")
_VAGUE = re.compile(r"(?:若干|多|数十|数百|数千|上百|上千|几十|几百|百余|千余|十余)$")


def assert_parts(
    read: ReadPassage, lists: tuple[PartList, ...], claim_nos: dict[int, int], catalogue: Catalogue
) -> tuple[Assertion, ...]:
    """Return one assertion per list; ``claim_nos`` gives the claim number of a mention by its index."""
    stated = [_assertion(read, found, claim_nos, catalogue) for found in lists]
    return (*stated, *_totals_behind(read, claim_nos, lists))


def _assertion(read: ReadPassage, found: PartList, claim_nos: dict[int, int], catalogue: Catalogue) -> Assertion:
    parts = [read.mentions[item.index] for item in found.items]
    closed = is_closed(found)
    total = sum((part.value for part in parts), Decimal(0))
    found = replace(found, whole=_whole_that_fits(read, found, total)) if closed else found
    whole = read.mentions[found.whole]
    is_outcomes = sum(bool(_outcome_phrases().search(item.label)) for item in found.items) > 1
    vague = any(_VAGUE.search(item.label) for item in found.items)
    return Assertion(
        check_id="narrative.parts",
        claim_no=claim_nos[found.whole],
        stated=whole.value,
        unit=whole.unit,
        subject=label_of(read, found.whole),
        relation="=" if closed else "<=",
        bar="approximate" if whole.is_approximate or vague or any(part.is_approximate for part in parts) else None,
        doubt=_doubt(read, found, closed=closed),
        doubt_over=_overlap(read, found, parts, whole),
        doubt_under=_may_miss(found, whole, total, closed),
        step=whole.step,
        readings=_readings(read, found, closed),
        annual=alternatives_of("replied", "annual", catalogue)[:1] if is_outcomes and closed else (),
        rest=_rest(found, catalogue) if closed else (),
    )


def _doubt(read: ReadPassage, found: PartList, *, closed: bool) -> str | None:
    if found.has_blank_part:
        return "blank_part"
    if found.mixed and closed:
        return "mixed_counters"
    if any(_NUMBER_WITHOUT_COUNTER.search(item.label) for item in found.items):
        return "loosely_worded"
    return "loosely_worded" if _whole_is_unclear(read, found) else None


@cache
def _outcome_phrases() -> re.Pattern[str]:
    return re.compile(alternation(phrase for entry in prose_words()["outcomes"] for phrase in entry["phrases"]))


def _readings(read: ReadPassage, found: PartList, closed: bool) -> tuple[PartsReading, ...]:
    """Return every way to read the list, the natural one first."""
    relation: Relation = "=" if closed else "<="
    near, far = _wholes(read, found)
    values = [read.mentions[item.index].value for item in found.items]
    natural = PartsReading(near, tuple(values), relation)
    ways: list[list[Decimal]] = []
    catching = catch_alls(found.items)
    for cut in range(1, len(values)):
        if found.is_nested or found.items[cut].after_break or cut - 1 in catching:
            ways.append(values[:cut])
    breaks = [0, *(cut for cut in range(1, len(values)) if found.items[cut].after_break), len(values)]
    if closed:
        # A list that counts by one aspect, then by another: each aspect alone may make up the whole.
        ways += [values[begin:end] for begin, end in pairwise(breaks) if begin]
        for count in range(1, len(found.tail) + 1):
            ways.append(values + [read.mentions[index].value for index in found.tail[:count]])
        bare = [read.mentions[item.index].value for item in found.items if read.mentions[item.index].kind != "bare"]
        ways += [bare] if len(bare) < len(values) else []
        for more in filter(None, (found.mixed, found.dated)):
            ways.append(values + [read.mentions[index].value for index in more])
        return (natural, *(PartsReading((*near, *far), tuple(way), "=") for way in [values, *ways]))
    return (natural, *(PartsReading(near, tuple(way), "<=") for way in ways))


def _whole_that_fits(read: ReadPassage, found: PartList, total: Decimal) -> int:
    """Return the nearest number of the sentence that the parts make up exactly, else the nearest one."""
    home = read.sentence_no(read.mentions[found.whole].start)
    for index in range(found.whole, -1, -1):
        mention = read.mentions[index]
        if read.sentence_no(mention.start) != home:
            break
        if mention.value == total and mention.unit == read.mentions[found.whole].unit:
            return index
    return found.whole


def _wholes(read: ReadPassage, found: PartList) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    """Return the numbers that the list may be of: nearest first, and further ones that count only where the sum is exact."""
    whole = read.mentions[found.whole]
    if found.opener.startswith("(") and not read.between(whole.unit_end, found.opened_at):
        return (whole.value,), ()
    at_home = read.sentence_no(whole.start)
    same = [
        mention
        for mention in read.mentions[: found.whole]
        if mention.unit == whole.unit and at_home - 1 <= read.sentence_no(mention.start)
    ]
    near = [whole.value, *(m.value for m in reversed(same) if read.sentence_no(m.start) == at_home)]
    far = [m.value for m in same if read.sentence_no(m.start) != at_home]
    sums = [sum(near[:count], Decimal(0)) for count in range(2, len(near) + 1)]
    return tuple(near), (*sums, *far)


def _overlap(read: ReadPassage, found: PartList, parts: list[Mention], whole: Mention) -> str | None:
    """Return why the parts may add up to more than the whole; a part that alone exceeds it has no such excuse."""
    values = [part.value for part in parts]
    if _is_whole_without_the_rest(found, values, whole.value) or _is_nested_unsaid(values):
        return "loosely_worded"
    if max(values) > whole.value:
        return None if is_closed(found) or _same_thing(read, found, whole) else "loosely_worded"
    if whole.value in values and len(values) > 1:
        return "steps_overlap"  # A part as large as the whole, and others beside it: they overlap.
    if sum(bool(any_of("lists", "channels").search(item.label)) for item in found.items) > 1:
        return "channels_overlap"
    if any(any_of("lists", "overlapping_steps").search(item.label) for item in found.items):
        return "steps_overlap"
    return "loosely_worded" if any(any_of("lists", "totals").search(item.label) for item in found.items) else None


def _is_whole_without_the_rest(found: PartList, values: list[Decimal], whole: Decimal) -> bool:
    """Tell whether the parts before a catch-all at the end make up the whole: 其他 was then said of something beside it."""
    catching = catch_alls(found.items)
    return bool(catching) and catching[-1] == len(values) - 1 > 1 and sum(values[:-1], Decimal(0)) == whole


def _is_nested_unsaid(values: list[Decimal]) -> bool:
    """Tell whether a part is the sum of all that follow it: its own parts, which nothing sets apart."""
    return any(values[at] == sum(values[at + 1 :], Decimal(0)) for at in range(len(values) - 2))


def _whole_is_unclear(read: ReadPassage, found: PartList) -> bool:
    """Tell whether a sentence-opening 其中 follows several numbers, of which any or all may be meant."""
    whole = read.mentions[found.whole]
    home = read.sentence_no(whole.start)
    return read.sentence_no(found.opened_at) != home and any(
        m.unit == whole.unit
        and read.sentence_no(m.start) == home
        and not any_of("changes").search(read.clause_before(index))
        for index, m in enumerate(read.mentions[: found.whole])
    )


def _same_thing(read: ReadPassage, found: PartList, whole: Mention) -> bool:
    """Tell whether a part that exceeds the whole is called by a word of the whole's: else 其中 was said loosely."""
    name = label_of(read, found.whole)
    large = [item.label for item in found.items if read.mentions[item.index].value > whole.value]
    return any(label[at : at + 2] in name for label in large for at in range(len(label) - 1))


def _may_miss(found: PartList, whole: Mention, total: Decimal, closed: bool) -> str | None:
    if not closed or catch_alls(found.items) or complete_set(found.items) or "其中" not in found.opener:
        return None
    if is_respective(found) and not shares_complete(found.items):
        allowed = Decimal(prose_words()["lists"]["respectively_may_miss"])
        return "partial_list" if whole.value and (whole.value - total) / whole.value >= allowed else None
    return None


def _rest(found: PartList, catalogue: Catalogue) -> tuple[Alternative, ...]:
    name = complete_set(found.items)
    entry = next((e for e in prose_words()["lists"]["complete_sets"] if e["name"] == name and "rest" in e), None)
    if entry is None or any("其他处理" in item.label or "其它处理" in item.label for item in found.items):
        return ()
    return (Alternative("", "", (term_of(entry["rest"], catalogue),)),)


def _totals_behind(read: ReadPassage, claim_nos: dict[int, int], lists: tuple[PartList, ...]) -> Iterator[Assertion]:
    """Yield totals that stand behind their parts: ``建议 45 件、提案 32 件，共 77 件``."""
    listed = {item.index for found in lists for item in found.items}
    for index, mention in enumerate(read.mentions):
        gap = read.between(read.mentions[index - 1].unit_end, mention.start) if index else ""
        if mention.kind != "count" or not re.fullmatch(r"[,、]?(?:等)?[,、]?(?:共|共计|合计|总计|总共)(?:为|有)?", gap):
            continue
        items = list(_joined_before(read, index))
        if len(items) < 2 or listed & {index, *items}:
            continue
        values = [read.mentions[i].value for i in items]
        relation: Relation = "<=" if "等" in gap else "="
        ways = [values[cut:] for cut in range(len(values) - 1)]
        bar = "approximate" if any(read.mentions[i].is_approximate for i in (index, *items)) else None
        yield Assertion(
            check_id="narrative.parts",
            claim_no=claim_nos[index],
            stated=mention.value,
            unit=mention.unit,
            subject=label_of(read, items[0]),
            relation=relation,
            bar=bar,
            step=mention.step,
            readings=tuple(PartsReading((mention.value,), tuple(way), relation) for way in ways),
        )


def _joined_before(read: ReadPassage, index: int) -> list[int]:
    """Return the numbers that 、 和 及 join to the one before ``index``, in text order, all in its counter."""
    items = [index - 1]
    while items[0] > 0:
        gap = read.between(read.mentions[items[0] - 1].unit_end, read.mentions[items[0]].start)
        if not re.match(r"[、和及与]", gap) or re.search(r"[,;:。]", gap):
            break
        items.insert(0, items[0] - 1)
    unit = read.mentions[index].unit
    return items if all(read.mentions[i].unit == unit for i in items) else []
