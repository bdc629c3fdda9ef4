"""The text of a table cell as a person sees it, from its elements or from its serialized form.

Belongs here: which parts of a cell break its line, what is printed in it. Does not belong here: where a cell stands
(``html_places``), which cells there are (``html_table``, ``html_plain``).
"""

import re
from html import unescape
from typing import Any

from lxml import etree

from pipeline.readers.html_unseen import UNSEEN_TAGS, Unseen

LINE_TAGS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 table".split())
LINE_MARK = "\0"
"""Stands for a line break while a cell's text is gathered; no page holds this character."""
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_EDGES = f" {LINE_MARK}"
# Over serialized markup: tags that do not break a line, the tags that do.
_INLINE = re.compile(r"<(?!/?(?:td|th|tr|p|div|br|li|h[1-6])[\s/>])[^>]*>")
_LINE = re.compile(r"</?(?:p|div|br|li|h[1-6])(?:[\s/][^>]*)?>")


def collapse(text: str) -> str:
    """Return the text with every run of the blanks that HTML collapses as one space."""
    return text if text.isalnum() else _BLANKS.sub(" ", text)


def text_of_markup(body: str) -> str:
    """Return the text of a cell from its serialized content, which ends with the cell's end tag and what follows it."""
    first = body.find("<")
    if body.startswith("</t", first):
        text = body[:first]
        return text if text.isalnum() else unescape(_BLANKS.sub(" ", text).strip(" "))
    return printed(marked_lines(body))


def marked_lines(body: str) -> str:
    """Return the text of a cell's serialized content as it stands there, ``LINE_MARK`` for what breaks its line."""
    source = _LINE.sub(LINE_MARK, _INLINE.sub("", body))
    return source[: source.find("<")]


def printed(marked: str) -> str:
    """Return as it is seen what ``marked_lines`` says of a cell."""
    if marked.isalnum():
        return marked
    text = _BLANKS.sub(" ", marked).strip(_EDGES)
    if LINE_MARK in text:
        text = "\n".join([line for part in text.split(LINE_MARK) if (line := part.strip(" "))])
    return unescape(text) if "&" in text else text


def cell_text(element: Any, unseen: Unseen) -> str:
    """Return the text of a cell as seen: inline parts joined without a space, lines and paragraphs by a line break."""
    if len(element) == 0:
        return collapse(element.text or "").strip(" ")
    if element not in unseen.cells and _is_one_line(element):
        return collapse(etree.tostring(element, method="text", encoding="unicode", with_tail=False)).strip(" ")
    pieces: list[str] = []
    _gather(element, pieces, unseen)
    text = "".join(pieces)
    if LINE_MARK not in text:
        return collapse(text).strip(" ")
    lines = [collapse(line).strip(" ") for line in text.split(LINE_MARK) if line]
    return "\n".join(filter(None, lines))


def _is_one_line(cell: Any) -> bool:
    """Tell whether nothing in a cell breaks its line: no paragraphs, or one that holds all."""
    only = cell[0]
    lines = list(cell.iter(*LINE_TAGS)) if len(cell) > 1 or len(only) else [only] if only.tag in LINE_TAGS else []
    if not lines:
        return True
    return len(lines) == len(cell) == 1 and lines[0] is only and not (only.tag == "br" or cell.text or only.tail)


def _gather(element: Any, pieces: list[str], unseen: Unseen) -> None:
    if element.text:
        pieces.append(element.text)
    for child in element:
        tag = child.tag
        if child in unseen.hidden or tag in UNSEEN_TAGS or not isinstance(tag, str):
            pass
        elif tag in LINE_TAGS:
            pieces.append(LINE_MARK)
            _gather(child, pieces, unseen)
            pieces.append(LINE_MARK)
        elif tag == "input":
            pieces.append(child.get("value") or "" if (child.get("type") or "text").lower() == "text" else "")
        else:
            _gather(child, pieces, unseen)
        if child.tail:
            pieces.append(child.tail)
