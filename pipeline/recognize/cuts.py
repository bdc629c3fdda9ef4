"""Digits that have run together, cut into numbers in every way there is.

Belongs here: the ways. Does not belong here: which of them is right (``reconstruct``, ``cut_proof``).
"""

from collections.abc import Iterator

Cut = tuple[int, ...]
MOST_DIGITS = 40


def cuts_of(text: str, parts: int) -> Iterator[Cut]:
    """Yield every cut of a text into so many numbers, none with a leading zero; a blank always parts two."""
    digits = text.replace(" ", "")
    if len(digits) <= MOST_DIGITS:
        yield from digit_cuts(digits, 0, len(digits), parts, frozenset(borders_of(text)))


def borders_of(text: str) -> Iterator[int]:
    """Yield after which digits of a text, counted without its blanks, a blank stands."""
    at = 0
    for token in text.split():
        at += len(token)
        yield at


def digit_cuts(digits: str, start: int, end: int, parts: int, borders: frozenset[int]) -> Iterator[Cut]:
    """Yield every cut of ``digits[start:end]`` into so many numbers."""
    if parts == 0:
        if start == end:
            yield ()
        return
    for stop in range(start + 1, end - parts + 2):
        for rest in digit_cuts(digits, stop, end, parts - 1, borders):
            yield (int(digits[start:stop]), *rest)
        if digits[start] == "0" or stop in borders:
            return
