"""The declared words of ``prose.yaml`` as patterns.

Belongs here: compiling word lists; every pattern matches text as ``pipeline.plain_text`` leaves it, blanks taken out.
Does not belong here: the words (``pipeline/catalogue/prose.yaml``) or what follows from them.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from pipeline.catalogue.words import load_words


def prose_words() -> dict[str, Any]:
    """Return the content of ``prose.yaml``."""
    return load_words("prose")


@cache
def words(*path: str) -> tuple[str, ...]:
    """Return one word list of ``prose.yaml``, longest word first."""
    entry: Any = prose_words()
    for key in path:
        entry = entry[key]
    return tuple(sorted(entry, key=len, reverse=True))


@cache
def one_of(*path: str) -> str:
    """Return the words of one list as an alternation, to be set in a pattern."""
    return alternation(words(*path))


@cache
def any_of(*path: str) -> re.Pattern[str]:
    """Return a pattern that matches any word of one list."""
    return re.compile(one_of(*path))


def alternation(choices: Iterable[str]) -> str:
    """Return the choices as one alternation, longest first."""
    return "|".join(map(re.escape, sorted(choices, key=len, reverse=True)))


@lru_cache(maxsize=4096)
def compact(text: str) -> str:
    """Return the text without blanks, as labels are compared."""
    return re.sub(r"\s+", "", text)


def reason(code: str | None) -> tuple[str, str]:
    """Return the Chinese and English wording of a reason. Raises KeyError: an undeclared code."""
    entry = prose_words()["reasons"][code]
    return entry["zh"], entry["en"]
