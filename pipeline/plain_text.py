"""Text as patterns want it, position for position: simplified characters, half-width signs, plain spaces.

Belongs here: replacements of one character by one character, so that what is found at a position of the plain text stands
at the same position of the printed one. Does not belong here: the folding of labels, which drops characters
(``pipeline.recognize.labels``).
"""

import re
from functools import cache, lru_cache

from pipeline.catalogue.words import load_words

SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u3000\ufeff\t\v\f"
)
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
ZEROS = "○◯"
"""Signs that stand for 〇, the zero of a Chinese year."""
SHORT = 4000
"""Characters up to which a text's plain form is remembered."""


def to_plain(text: str) -> str:
    """Return the text with simplified characters, half-width letters, digits and signs, plain spaces; as long as before."""
    return _short_plain(text) if len(text) <= SHORT else _made_plain(text)


def _made_plain(text: str) -> str:
    replaced, replacements = _replaced(), replacements_by_character()
    # Several times as fast as str.translate: a text holds few different ones of the thousand that may be replaced.
    for character in set(replaced.findall(text)):
        text = text.replace(character, replacements[character])
    return text


# Titles, furniture and the beginning of a report are asked for again and again.
_short_plain = lru_cache(maxsize=1024)(_made_plain)


@cache
def replacements_by_character() -> dict[str, str]:
    """Return what each character is replaced by; no replacement is itself replaced."""
    table = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= dict.fromkeys(SPACES, " ") | dict.fromkeys(DASHES, "-") | dict.fromkeys(ZEROS, "〇")
    for line in load_words("traditional")["lines"]:
        table |= dict(zip(line["from"], line["to"], strict=True))
    return table


@cache
def _replaced() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(replacements_by_character()))}]")
