"""The whole area against its own level plus its subordinates (``narrative.scope``).

Belongs here: 全县 N = 县本级 a + 下属 b, and 区直 + 各乡镇, also where other numbers stand between them.
Does not belong here: other lists (``parts``); whose number may be compared with the table (``context``).
"""

from dataclasses import replace
from decimal import Decimal

from pipeline.narrative.claims import Assertion, PartsReading
from pipeline.narrative.lists import label_of
from pipeline.narrative.part_lists import PartList
from pipeline.narrative.surroundings import ReadPassage
from pipeline.narrative.words import any_of, prose_words


def assert_levels(read: ReadPassage, lists: tuple[PartList, ...], claim_nos: dict[int, int]) -> tuple[Assertion, ...]:
    """Return an assertion for each list whose parts are the own level and the subordinates of one area."""
    sets = [entry["sets"] for entry in prose_words()["lists"]["complete_sets"] if entry.get("scope")]
    found = []
    for part_list in lists:
        for own, below in sets:
            numbers = _in_list(read, part_list)
            parts = _parts(read, numbers, (own, below))
            if parts is not None:
                others = set(numbers) - set(parts)
                doubt = None if all(_is_of_disputes(read, index) for index in others) else "partial_list"
                found.append(replace(_assertion(read, part_list, parts, claim_nos), doubt=doubt))
                break
    return tuple(found)


def _in_list(read: ReadPassage, part_list: PartList) -> list[int]:
    """Return the numbers in the whole's counter from the list's opening to the end of its sentence (or of the list)."""
    begin, last = part_list.opened_at, part_list.items[-1].index
    end = max(read.passage.sentence_span(begin)[1], read.mentions[last].unit_end)
    return [
        index
        for index in range(part_list.whole + 1, len(read.mentions))
        if begin <= read.mentions[index].start < end
        and read.mentions[index].unit == read.mentions[part_list.whole].unit
        and not any_of("changes").search(read.clause_before(index))
    ]


def _is_of_disputes(read: ReadPassage, index: int) -> bool:
    return bool(any_of("disputes", "marks").search(label_of(read, index)))


def _parts(read: ReadPassage, numbers: list[int], levels: tuple[list[str], list[str]]) -> list[int] | None:
    """Return the numbers of the two levels: each the only number that the level's name labels."""
    parts: dict[int, int] = {}
    for index in numbers:
        label = read.clause_before(index)
        level = next((n for n, names in enumerate(levels) if any(name in label for name in names)), None)
        if level is None or any_of("disputes", "marks").search(label):
            continue
        if level in parts:
            return None
        parts[level] = index
    return [parts[0], parts[1]] if len(parts) == 2 else None


def _assertion(read: ReadPassage, part_list: PartList, parts: list[int], claim_nos: dict[int, int]) -> Assertion:
    whole = read.mentions[part_list.whole]
    numbers = [read.mentions[index] for index in parts]
    values = tuple(number.value for number in numbers)
    wholes = (whole.value, *_other_wholes(read, part_list.whole))
    return Assertion(
        check_id="narrative.scope",
        claim_no=claim_nos[part_list.whole],
        stated=whole.value,
        unit=whole.unit,
        subject=label_of(read, part_list.whole),
        bar="approximate" if whole.is_approximate or any(n.is_approximate for n in numbers) else None,
        step=whole.step,
        readings=(PartsReading(wholes, values, "="),),
    )


def _other_wholes(read: ReadPassage, whole: int) -> list[Decimal]:
    unit, home = read.mentions[whole].unit, read.sentence_no(read.mentions[whole].start)
    return [m.value for m in read.mentions[:whole] if m.unit == unit and read.sentence_no(m.start) == home]
