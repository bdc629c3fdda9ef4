"""Lists of parts behind a stated whole: where a list opens, what belongs to it, whether it is complete.

Belongs here: finding 其中 lists as a careful reader does: levels kept apart, nested lists stepped over, the list's end seen.
Does not belong here: what closes a list (``part_lists``), what it asserts (``parts``), percentages (``shares``), own level
against subordinates (``levels``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from pipeline.narrative.part_lists import Item, PartList, catch_alls
from pipeline.narrative.surroundings import LIST_NUMBER, ReadPassage
from pipeline.narrative.words import any_of, compact, one_of, prose_words, words

_YEAR = re.compile(r"(?:19|20)\d\d年|上年|去年|上一年|往年|历年")
_EXCLUDED = re.compile(r"不含|不包括|不包含|扣除|除|二级|三级|下设|子栏目")
_STRETCH = 24  # A whole and the word that opens its list right behind it stand no further apart.


def read_lists(read: ReadPassage) -> tuple[PartList, ...]:
    """Return every list of a passage whose whole is stated and which has at least one part in the whole's counter."""
    lists: list[PartList] = []
    for opener, start, end in _openers(read.text):
        whole = _whole_of(read, opener, start)
        if whole is None:
            continue
        whole = _beyond_a_part(read, lists, whole, start)
        is_inner = any(whole == item.index for earlier in lists for item in earlier.items)
        found = _read_items(read, whole, opener, start, end, is_inner=is_inner)
        if found.items and ("其中" in opener or opener.startswith("在") or _fits_singly(read, found)):
            nested = any(
                earlier.opened_at < start <= read.mentions[earlier.items[-1].index].unit_end + _STRETCH
                and read.bracket(earlier.opened_at) == read.bracket(end)
                and earlier.items[-1].index >= whole
                for earlier in lists
            )
            lists.append(replace(found, is_nested=nested))
    return tuple(lists)


@cache
def _opener_pattern() -> re.Pattern[str]:
    word = f"{one_of('lists', 'plain')}|{one_of('lists', 'close')}"
    among = rf"在[^,。;:()\d]{{2,20}}中[,:](?:\s*(?:{word})[,:]?)?"
    word = rf"(?!{one_of('lists', 'not_openers')})(?:{word})"
    item_number = r"\((?![\d一二三四五六七八九十]{1,3}\))"  # (1) belongs to the first item.
    return re.compile(rf"{among}|[(,:]?\s*(?:{word})(?:[\s,:]|{item_number}|{word})*|[:(]")


def _openers(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (words, start, end) of what opens a list; words that stand together (``(其中:``) are one opener."""
    for match in _opener_pattern().finditer(text):
        yield compact(match[0]).strip(","), match.start(), match.end()


def _whole_of(read: ReadPassage, opener: str, start: int) -> int | None:
    """Return the index of the number that a list opened here is of, or None."""
    outside = start if not opener.startswith("(") else start - 1
    bracket = read.bracket(start if not opener.startswith("(") else max(start - 1, 0))
    index = next(
        (
            i
            for i in reversed(range(len(read.mentions)))
            if read.mentions[i].unit_end <= max(outside, start)
            and read.mentions[i].kind in ("count", "money")
            and not any_of("changes").search(read.clause_before(i))
            and _encloses(read.bracket(read.mentions[i].start), bracket)
        ),
        None,
    )
    if index is None:
        return None
    whole = read.mentions[index]
    gap = read.text[whole.unit_end : start]
    if "其中" in opener or opener.startswith("在"):
        apart = read.sentence_no(start) - read.sentence_no(whole.start)
        return index if apart <= prose_words()["lists"]["reach"] else None
    gap = compact(gap)
    word = opener.strip("(,:")
    if re.search(r"[;。:()]", gap) or any_of("lists", "plain").search(gap):
        return None
    if not word:
        return index if len(gap) <= 4 and "," not in gap else None
    if word and read.clause_before(index).startswith(word):
        return None  # 涉及征地的 20 件，涉及规划的 8 件: side by side.
    if word.startswith(words("lists", "right_behind")):
        return index if re.fullmatch(r",?(?:主要|共|申请内容|内容|分别)?", gap) else None
    return index if len(gap) <= _STRETCH // 2 and gap.count(",") <= 1 else None


def _fits_singly(read: ReadPassage, found: PartList) -> bool:
    """Tell whether no part alone exceeds the whole: else a colon or a bracket opened something other than its parts."""
    return all(read.mentions[item.index].value <= read.mentions[found.whole].value for item in found.items)


def _beyond_a_part(read: ReadPassage, lists: list[PartList], whole: int, start: int) -> int:
    """Return the whole of the list that a sentence-opening 其中 goes on with, where the number before it was only a part."""
    if read.sentence_no(start) == read.sentence_no(read.mentions[whole].start):
        return whole
    of_list = next((found.whole for found in lists if any(item.index == whole for item in found.items)), whole)
    if of_list == whole and (
        _is_no_part(read.clause_before(whole)) or read.clause_before(whole).startswith(words("lists", "close"))
    ):
        unit, home = read.mentions[whole].unit, read.sentence_no(read.mentions[whole].start)
        before = [
            i
            for i in range(whole)
            if read.mentions[i].unit == unit and read.sentence_no(read.mentions[i].start) == home
        ]
        return before[-1] if before else whole
    return of_list


def _encloses(outer: tuple[int, int] | None, inner: tuple[int, int] | None) -> bool:
    return outer is None or (inner is not None and outer[0] <= inner[0] and inner[1] <= outer[1])


@dataclass(slots=True)
class _Parts:
    """The numbers of a list while it is read."""

    items: list[Item] = field(default_factory=list)
    mixed: list[int] = field(default_factory=list)
    dated: list[int] = field(default_factory=list)
    has_blank: bool = False

    def take(self, read: ReadPassage, index: int, gap: str, unit: str) -> None:
        """Take in the number behind a gap: a part, the share of one, or a part in another counter."""
        mention = read.mentions[index]
        if mention.kind == "percent":
            if self.items and any_of("shares").search(gap):
                self.items[-1] = replace(self.items[-1], share=mention.value)
        elif mention.unit == unit or mention.kind == "bare":
            if mention.unit == unit and _YEAR.search(_label(gap)):
                self.dated.append(index)
            if not _is_no_part(gap):
                label = _label(gap) or read.clause_after(index)
                self.items.append(Item(index, label, None, bool(re.search("[;。]", gap))))
                self.has_blank |= _has_blank_part(gap, unit)
        elif not _is_no_part(gap):
            self.mixed.append(index)


def _read_items(read: ReadPassage, whole: int, opener: str, start: int, end: int, *, is_inner: bool) -> PartList:
    """Go through the numbers behind an opener, at its level of brackets, until the list ends.

    A list inside a part (``包含 …``) is stepped over to the next ``;``, where it ends (``is_inner``) and the outer one goes on.
    """
    unit, bracket = read.mentions[whole].unit, read.bracket(end)
    limit = bracket[1] if bracket else len(read.text)
    parts = _Parts()
    tail: tuple[int, ...] = ()
    position, steps_over = end, False
    for index in range(whole + 1, len(read.mentions)):
        mention = read.mentions[index]
        if mention.start < end or read.bracket(mention.start) != bracket:
            continue
        gap = read.between(position, mention.start)
        ends_sentence = read.ends_sentence(position, mention.start)
        if mention.start >= limit or (ends_sentence and not _goes_on(read, parts.items, index, gap)):
            break
        steps_over = (steps_over or bool(parts.items and _opens_inside(gap))) and ";" not in gap
        if not steps_over:
            if is_inner and ";" in gap and parts.items and not any(item.after_break for item in parts.items):
                break
            if mention.kind != "percent" and _ends_list(gap, parts.items, read, whole):
                tail = _tail(read, index, bracket, unit)
                break
            parts.take(read, index, gap, unit)
        position = mention.unit_end
    return PartList(
        whole, tuple(parts.items), opener, start, tail, tuple(parts.mixed), tuple(parts.dated), False,
        _ends_open(read, parts.items), parts.has_blank,
    )  # fmt: skip


@cache
def _inner_opener() -> re.Pattern[str]:
    return re.compile(rf"[,;(]?(?:{one_of('lists', 'close')})[^,;。]")


def _opens_inside(gap: str) -> bool:
    """Tell whether the words right behind a part open a list of its own parts."""
    return bool(_inner_opener().match(gap))


def _label(gap: str) -> str:
    """Return what names a part in the words before its number: those behind the last mark, without list numbers."""
    return LIST_NUMBER.sub("", re.split(r"[,;:。]", gap)[-1].lstrip("、.和及与以"))


def _tail(read: ReadPassage, first: int, bracket: tuple[int, int] | None, unit: str) -> tuple[int, ...]:
    """Return the numbers in the whole's counter between the end of a list and the end of its sentence."""
    home = read.sentence_no(read.mentions[first].start)
    return tuple(
        index
        for index in range(first, len(read.mentions))
        if read.mentions[index].unit == unit
        and read.sentence_no(read.mentions[index].start) == home
        and read.bracket(read.mentions[index].start) == bracket
    )


def _ends_list(gap: str, items: list[Item], read: ReadPassage, whole: int) -> bool:
    """Tell whether the words before a number begin a new subject, a step of handling, or a list inside the list."""
    segments = [segment for segment in re.split(r"[,;:。]", gap) if segment]
    if items and ("其中" in gap or re.search(r"[:(]$", gap)):
        return True
    if any(segment.startswith(words("lists", "enders")) for segment in segments):
        return True
    if any_of("topics", "dispute").search(gap) and not any_of("topics", "dispute").search(label_of(read, whole)):
        return True
    label = segments[-1] if segments else ""
    if not items:
        return False
    turns = words("lists", "turns")
    if any(segment.startswith(turns) for segment in segments) and not items[0].label.startswith(turns):
        return True
    return _is_step(label) and not _is_step(items[0].label)


def _is_step(label: str) -> bool:
    return label.startswith(words("lists", "steps")) and not label.startswith(words("lists", "not_steps"))


def label_of(read: ReadPassage, index: int) -> str:
    """Return the words on both sides of a number."""
    return read.clause_before(index) + read.clause_after(index)


def _is_no_part(gap: str) -> bool:
    """Tell whether a number behind these words is a change, of another year, or expressly left out."""
    label = re.split(r"[,;。]", gap)[-1]
    return bool(any_of("changes").search(label) or _YEAR.search(label) or _EXCLUDED.match(label))


def _goes_on(read: ReadPassage, items: list[Item], index: int, gap: str) -> bool:
    """Tell whether a sentence that follows a list goes on with it: not closed yet, and made like the item before it."""
    if not items or read.mentions[index].kind == "percent":
        return False
    label = gap.rpartition("。")[2]
    if catch_alls(items) or not label or re.search(r"[,;:]", label) or label.startswith(words("lists", "enders")):
        return False
    shares = [item.share for item in items]
    if None not in shares:
        following = read.mentions[index + 1] if index + 1 < len(read.mentions) else None
        behind = read.between(read.mentions[index].unit_end, following.start) if following else ""
        has_share = following is not None and following.kind == "percent" and bool(any_of("shares").search(behind))
        return has_share and sum(share for share in shares if share is not None) < 99
    return len(label) > 4 and label[-4:] == items[-1].label[-4:]


def _has_blank_part(gap: str, unit: str) -> bool:
    segments = re.split(r"[,;、]", gap)[:-1]
    return any(
        segment.endswith(unit) and len(segment) > len(unit) and not segment.endswith("头条") for segment in segments
    )


def _ends_open(read: ReadPassage, items: list[Item]) -> bool:
    """Tell whether 等 (or parts without numbers and 等) follows the last part."""
    if not items:
        return False
    last = items[-1].index
    end = read.mentions[last].unit_end
    behind = read.mentions[last + 1] if last + 1 < len(read.mentions) else None
    if behind and behind.kind == "percent" and any_of("shares").search(read.between(end, behind.start)):
        end = behind.unit_end
    following = compact(read.text[end : end + 40])
    return following.startswith("等") or bool(re.match(r"[^\d。;:()]{0,24}等[^,、\d]{0,8}(?:[。;,)]|$)", following))
