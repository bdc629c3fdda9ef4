"""Stated percentages (``narrative.percent``): which part they are of, and which stated numbers may be the whole.

Belongs here: pairing ``23 条，占 53.4 %`` and gathering the wholes that it may be a share of.
Does not belong here: the judgement.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from pipeline.narrative.claims import Assertion, Share
from pipeline.narrative.part_lists import PartList
from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import any_of, words

_PLAIN_SHARE = re.compile(
    r"[,、;(]?(?:数量|数)?(?:占|占比|比例|比重|占比例)(?:总数|总量|总体|全部|总|比例|比|的|为|达|达到|到|重)*"
)
_NAMED_SHARE = re.compile(r"[,、;(]?(?:数量|数)?(?:占|占比)[^,;。]{1,20}?(?:的|比例为|比为)?")
_REACH = 2

Pairs = dict[int, tuple[int | None, bool]]
"""By the index of a percentage: the index of the number it is of, and whether the text names the whole in words."""


def assert_shares(read: ReadPassage, lists: tuple[PartList, ...], claim_nos: dict[int, int]) -> Iterator[Assertion]:
    """Yield one assertion per percentage; those without a part are barred."""
    pairs = {index: _part_of(read, index) for index, m in enumerate(read.mentions) if m.kind == "percent"}
    for index, (part, is_named) in pairs.items():
        stated = read.mentions[index]
        base = Assertion("narrative.percent", claim_nos[index], stated.value, "%", read.clause_before(index))
        before = read.clause_before(index)
        if stated.is_approximate or _is_about(read, index):
            yield replace(base, bar="approximate")
        elif part is None or read.mentions[part].kind not in ("count", "money", "bare"):
            yield replace(base, bar="year_on_year" if any_of("changes").search(before) else "rate")
        elif read.mentions[part].is_approximate:
            yield replace(base, bar="approximate")
        else:
            wholes = _wholes(read, lists, pairs, part, is_all=stated.value == 100)
            share = Share(read.mentions[part].value, wholes, stated.decimals)
            doubt = None
            if is_named or not _whole_is_known(read, lists, pairs, index, part, wholes):
                doubt = "whole_unknown"
            elif _is_made_to_fit(read, pairs, index, part, wholes):
                doubt = "made_to_fit"
            yield replace(base, subject=read.clause_before(part), share=share, doubt=doubt)


def _is_made_to_fit(read: ReadPassage, pairs: Pairs, index: int, part: int, wholes: tuple[Decimal, ...]) -> bool:
    """Tell whether a share that is off by less than its last digit makes the shares of its run add up to exactly 100."""
    run = _run(read, pairs, part)
    stated = read.mentions[index]
    shares = [read.mentions[at].value for at, (its_part, _) in pairs.items() if its_part in run]
    last = Decimal(1).scaleb(-stated.decimals)
    nearly = any(abs(read.mentions[part].value / whole * 100 - stated.value) < last for whole in wholes)
    return nearly and sum(shares, Decimal(0)) == 100


def _is_about(read: ReadPassage, index: int) -> bool:
    """Tell whether the words between part and percentage make it approximate (约占…)."""
    start = read.mentions[index - 1].unit_end if index else 0
    gap = read.between(start, read.mentions[index].start)
    return any(about in gap for about in words("numerals", "approximate_before"))


def _part_of(read: ReadPassage, index: int) -> tuple[int | None, bool]:
    """Return the index of the number that a percentage is of, and whether the text names the whole in words."""
    if index == 0:
        return None, False
    part = read.mentions[index - 1]
    gap = read.between(part.unit_end, read.mentions[index].start)
    if read.ends_sentence(part.unit_end, read.mentions[index].start) or any_of("changes").search(gap):
        return None, False
    if _PLAIN_SHARE.fullmatch(gap):
        return index - 1, False
    return (index - 1, True) if _NAMED_SHARE.fullmatch(gap) else (None, False)


def _run(read: ReadPassage, pairs: Pairs, part: int) -> list[int]:
    """Return the parts with shares that stand together with this one: same counter, at most a sentence apart."""
    parts = [p for p, _ in pairs.values() if p is not None and _unit(read, p) in (_unit(read, part), "")]
    here = [part]
    for candidates, step in (([p for p in parts if p > part], 1), ([p for p in reversed(parts) if p < part], -1)):
        for candidate in candidates:
            end = here[-1] if step > 0 else here[0]
            apart = abs(read.sentence_no(read.mentions[candidate].start) - read.sentence_no(read.mentions[end].start))
            if apart > 1 or (candidate - end) * step > 4:
                break
            here = [*here, candidate] if step > 0 else [candidate, *here]
    return here


def _unit(read: ReadPassage, index: int) -> str:
    return read.mentions[index].unit


def _wholes(
    read: ReadPassage, lists: tuple[PartList, ...], pairs: Pairs, part: int, *, is_all: bool
) -> tuple[Decimal, ...]:
    """Return what the part may be a share of: nearest stated numbers first, then sums of parts.

    ``is_all``: the share is 100 %, so that another number as large as the part may be its whole.
    """
    own = read.mentions[part]
    run = _run(read, pairs, part)
    units = {_unit(read, p) for p in run} - {""}
    home = read.sentence_no(own.start)
    stated = [
        m.value
        for m in reversed(read.mentions[:part])
        if m.kind in ("count", "money")
        and (m.unit in units or not units)
        and home - _REACH <= read.sentence_no(m.start)
    ]
    of_lists = [read.mentions[found.whole].value for found in lists if any(item.index == part for item in found.items)]
    sums = [
        sum((read.mentions[i].value for i in group), Decimal(0))
        for group in (run, *(_indexes(f) for f in lists if part in _indexes(f)))
    ]
    earlier = [m.value for m in read.mentions if m.unit in units and m.kind in ("count", "money")]
    others = (w for w in (*stated, *sums, *earlier) if w > own.value or (is_all and w == own.value))
    wholes = dict.fromkeys(w for w in (*of_lists, *others) if w > 0 and w >= own.value)
    return tuple(sorted(wholes, key=lambda whole: -_fitting(read, pairs, run, whole)))


def _fitting(read: ReadPassage, pairs: Pairs, run: list[int], whole: Decimal) -> int:
    """Return how many shares of a run fit a whole: the one that most of them fit is the one that is meant."""
    return sum(
        share_fits(read.mentions[at].value, read.mentions[part].value, whole, read.mentions[at].decimals)
        for at, (part, _) in pairs.items()
        if part is not None and part in run
    )


def _indexes(found: PartList) -> list[int]:
    return [item.index for item in found.items]


def _whole_is_known(
    read: ReadPassage, lists: tuple[PartList, ...], pairs: Pairs, index: int, part: int,
    wholes: tuple[Decimal, ...],
) -> bool:  # fmt: skip
    """Tell whether the text shows of what the share is.

    It does where the part stands in a list, or where another share of the run fits a stated whole.
    """
    if any(part in _indexes(found) for found in lists):
        return True
    run = set(_run(read, pairs, part))
    for other, (its_part, _) in pairs.items():
        if its_part is None or its_part == part or other == index or its_part not in run:
            continue
        sibling, stated = read.mentions[its_part], read.mentions[other]
        if any(w > sibling.value and share_fits(stated.value, sibling.value, w, stated.decimals) for w in wholes):
            return True
    return False


def share_fits(stated: Decimal, part: Decimal, whole: Decimal, decimals: int) -> bool:
    """Tell whether a stated percentage is part / whole, rounded or cut to the printed precision."""
    exact, last = part / whole * 100, Decimal(1).scaleb(-decimals)
    return abs(exact - stated) <= last / 2 or 0 <= exact - stated < last
