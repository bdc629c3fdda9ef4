"""Pictures that a page carries in itself (``data:`` addresses), taken out of its source before it is parsed.

Belongs here: which part of the source is a picture, its bytes. Does not belong here: what is drawn on it
(``pipeline.pictured_tables``). A parser gives up a page at an attribute of ten million characters; a picture has as many.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from pipeline.document import Block, Picture

CARRIED = re.compile(
    r"""(?<=["'])\s*data:image/[^"'<>;,]{1,40};base64,[^"'<>]*|(?<![\w"'])data:image/[\w.+-]{1,40};base64,[A-Za-z0-9+/=%]*""",
    re.IGNORECASE,
)
MAY_CARRY = re.compile(r":[iI][mM][aA][gG][eE]/")
"""Looked for first, by its colon: a page in lower case costs as much as its parsing."""
MOST_BYTES = 16 * 1024 * 1024
"""A scanned page has a few million bytes."""


def take_out(text: str) -> tuple[str, dict[str, bytes | None]]:
    """Return a page with ``data:#1``, ``data:#2``, ... in the place of its own pictures, and what each holds.

    None for what is no base64 or larger than is sound.
    """
    found: dict[str, bytes | None] = {}
    if MAY_CARRY.search(text) is None:
        return text, found

    def mark(match: re.Match[str]) -> str:
        name = f"data:#{len(found) + 1}"
        found[name] = _content(match.group().partition(",")[2])
        return name

    return CARRIED.sub(mark, text), found


def shown_address(element: Any) -> str:
    """Return the address of an ``<img>``, "" where it has none: the one that a script is to fetch before its stand-in."""
    address, later = element.get("src") or "", element.get("data-src") or ""
    return str(later if later and (not address or address.startswith("data:")) else address)


def with_own_bytes(blocks: Iterable[Block], found: Mapping[str, bytes | None]) -> tuple[Block, ...]:
    """Return blocks in which the page's own pictures hold their bytes."""
    if not found:
        return tuple(blocks)
    return tuple(
        Picture(block.address, block.page, found.get(block.address)) if isinstance(block, Picture) else block
        for block in blocks
    )


def own_pictures_in(table: Any, walked: Collection[Any]) -> Iterator[Any]:
    """Yield the page's own pictures in the cells of a table, without those in elements that are walked anyhow."""
    for picture in table.iter("img"):
        if (picture.get("src") or "").startswith("data:") and not any(a in walked for a in picture.iterancestors()):
            yield picture


def _content(encoded: str) -> bytes | None:
    if len(encoded) > MOST_BYTES * 4 // 3:
        return None
    try:
        packed = unquote_to_bytes(encoded) if "%" in encoded else encoded.encode("ascii")
        return base64.b64decode(packed) or None
    except (ValueError, binascii.Error):
        return None
