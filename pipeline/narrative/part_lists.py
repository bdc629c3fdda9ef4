"""What a list of parts is, and whether it is complete: a catch-all, 分别为, a complete set, shares of 100 %.

Belongs here: lists as read, and what closes them. Does not belong here: finding them in a text (``lists``).
"""

from dataclasses import dataclass
from decimal import Decimal

from pipeline.narrative.words import any_of, prose_words, words


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a list: the index of its number, its label, the share printed behind it.

    ``after_break`` tells that a ``;`` or the end of a sentence stands before it.
    """

    index: int
    label: str
    share: Decimal | None = None
    after_break: bool = False


@dataclass(frozen=True, slots=True)
class PartList:
    """A list as read: the index of its whole, its items, how it was opened, and what makes it doubtful.

    ``tail`` are numbers behind its end in the same sentence, ``mixed`` parts in other counters, ``dated`` parts whose label
    names a year.
    """

    whole: int
    items: tuple[Item, ...]
    opener: str
    opened_at: int
    tail: tuple[int, ...]
    mixed: tuple[int, ...]
    dated: tuple[int, ...]
    is_nested: bool
    ends_open: bool
    has_blank_part: bool


def catch_alls(items: list[Item] | tuple[Item, ...]) -> list[int]:
    """Return the places of parts that a catch-all label begins."""
    catch, exceptions = words("lists", "catch_all"), words("lists", "not_catch_all")
    return [n for n, item in enumerate(items) if item.label.startswith(catch) and not item.label.startswith(exceptions)]


def complete_set(items: tuple[Item, ...]) -> str | None:
    """Return the name of the set that the labels complete, if one."""
    for entry in prose_words()["lists"]["complete_sets"]:
        found = [any(any(word in item.label for word in member) for item in items) for member in entry["sets"]]
        if all(found) and len(items) >= len(entry["sets"]):
            return str(entry["name"])
    return None


def shares_complete(items: tuple[Item, ...]) -> bool:
    """Tell whether every part prints its share and the shares make 100 %, rounding allowed for."""
    shares = [item.share for item in items if item.share is not None]
    return (
        len(items) > 1
        and len(shares) == len(items)
        and abs(sum(shares, Decimal(0)) - 100) <= Decimal("0.06") * len(items)
    )


def is_closed(found: PartList) -> bool:
    """Tell whether a list is complete: a catch-all, 分别为, a complete set, shares of 100 %; 等 and 主要 never close."""
    if found.ends_open:
        return False
    if catch_alls(found.items) or shares_complete(found.items) or complete_set(found.items):
        return True
    return is_respective(found)


def is_respective(found: PartList) -> bool:
    """Tell whether 分别为 gives the parts their numbers."""
    respectively = any_of("lists", "respectively")
    return len(found.items) > 1 and bool(respectively.search(found.opener + found.items[0].label))
