"""What the reader of an HTML page does not see, and which tables hold more than text.

Belongs here: one look over the whole page before it is walked. Does not belong here: the walk (``html``), grids (``html_table``).
"""

import re
from typing import Any

from lxml import etree

from pipeline.values import record

NOT_DATA_TAGS = ("h1", "h2", "iframe")
LIST_TAGS = ("ul", "ol")
CARRIERS = ("textarea", "script", "template", "noscript")
"""Elements that may carry an article as text, which a script shows (``html_carried``)."""
UNSEEN_TAGS = frozenset(("script", "style", "template", "del", "s", "strike"))
"""What stands in a cell and is not printed there, or struck out."""
_UNPRINTED = (*UNSEEN_TAGS, "input")
_MORE_THAN_TEXT = ("table", *NOT_DATA_TAGS, *LIST_TAGS, "img")
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


# Asked once a page, in C, for the words that its source holds: asking each element for its style costs as much as its text.
_MAY_BE_HIDDEN: dict[tuple[bool, bool], Any] = {
    (attribute, odd_case): etree.XPath(
        " | ".join(
            (
                *(("//@hidden/..", "//@style[contains(., 'idden')]/..") if attribute else ()),
                "//@style[contains(., 'none')]/..",
                *(f"//@style[contains(., '{word}')]/.." for word in ("NONE", "None", "IDDEN") if odd_case),
            )
        )
    )
    for attribute in (False, True)
    for odd_case in (False, True)
}
HIDDEN_FROM = re.compile(r"<!--\[(?i:if[^\]>]{0,200}\]>)")
HIDDEN_TO = re.compile(r"<!\[(?i:endif\]-->)")
_MAY_HIDE = re.compile(rb"display[^a-z]*:[^a-z]*none")


@record
class Unseen:
    """What the reader of a page does not see: ``hidden`` elements.

    ``cells`` and ``tables`` hold such or other unprinted parts and need a closer look; ``mixed`` are tables that hold other
    tables, headings, lists or pictures.
    """

    hidden: frozenset[Any]
    cells: frozenset[Any]
    tables: frozenset[Any]
    mixed: frozenset[Any]


def find_unseen(root: Any, source: bytes) -> Unseen:
    """Return the hidden elements of a page (``hidden``, ``display:none``) and what needs a closer look.

    ``source`` is the page's own, which tells quickly that it hides nothing. What is not seen in a table is emptied.
    """
    hidden = _hidden(root, source)
    met = list(root.iter(*_UNPRINTED, *_MORE_THAN_TEXT))
    unprinted = [element for element in met if element.tag in _UNPRINTED]
    parts = [part for part in (*hidden, *unprinted) if not _drop(part)]
    around = [element for part in parts for element in part.iterancestors("td", "th", "table")]
    tables = (next(element.iterancestors("table"), None) for element in met if element.tag in _MORE_THAN_TEXT)
    return Unseen(
        frozenset(hidden),
        frozenset(element for element in around if element.tag != "table"),
        frozenset(element for element in around if element.tag == "table"),
        frozenset(table for table in tables if table is not None),
    )


def _hidden(root: Any, source: bytes) -> list[Any]:
    lower = source.lower()
    attribute = b"hidden" in lower
    if not attribute and not _MAY_HIDE.search(lower):
        return []
    odd_case = any(word in source for word in (b"NONE", b"None", b"IDDEN"))
    found = _MAY_BE_HIDDEN[attribute, odd_case](root)
    return [e for e in found if e.get("hidden") is not None or HIDDEN_STYLE.search(e.get("style") or "")]


def _drop(part: Any) -> bool:
    """Empty an unseen part of a table, if no article can be carried in it; tell whether nothing of it is left."""
    if part.getparent() is None or next(part.iterancestors("table"), None) is None:
        return False
    if part.tag == "input" or part.tag in CARRIERS or next(part.iter("table", *CARRIERS), None) is not None:
        return False
    # Not taken out: the text behind it would have to be moved, once for each of the parts before it.
    part.clear(keep_tail=True)
    part.tag = "span"
    return True


def without_hidden_comments(text: str) -> str:
    """Return a page without what only Word reads. Each end is looked for once: a page may open thousands and close none."""
    kept: list[str] = []
    at = 0
    for opening in HIDDEN_FROM.finditer(text):
        if opening.start() < at:
            continue
        end = HIDDEN_TO.search(text, opening.end())
        if end is None:
            break
        kept.append(text[at : opening.start()])
        at = end.end()
    return "".join((*kept, text[at:]))
