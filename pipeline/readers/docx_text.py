"""The text of Word paragraphs as printed: runs, fields by their result, the final text of tracked changes, text boxes.

Belongs here: what stands inside a paragraph. Does not belong here: tables and the order of blocks (``docx``), list numbers
(``docx_numbering``).
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from pipeline.readers.docx_numbering import Numbering
from pipeline.readers.docx_package import W

RUN, TEXT, RUN_PROPERTIES, VANISH, FIELD_MARK = (f"{W}{tag}" for tag in ("r", "t", "rPr", "vanish", "fldChar"))
SYMBOL, TEXT_BOX, PARAGRAPH, VALUE = (f"{W}{tag}" for tag in ("sym", "txbxContent", "p", "val"))
PRINTED = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
# Containers whose content is part of the text: content controls, inserted and moved-in text, links, smart tags. Deleted and
# moved-away text (del, moveFrom) is not among them: it is not in the final text.
TRANSPARENT = frozenset(
    f"{W}{tag}"
    for tag in ("sdt", "sdtContent", "ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "dir", "bdo")
)


def paragraph_text(element: Any, numbering: Numbering, notes: list[str]) -> str:
    """Return the text of a paragraph as printed: its list number first, fields by their result, no text boxes."""
    pieces: list[str] = []
    _gather(element, pieces, notes, [])
    return numbering.label(element) + "".join(pieces)


def _gather(element: Any, pieces: list[str], notes: list[str], fields: list[str]) -> None:
    """Gather text; ``fields`` is the stack of open fields: ``code`` until the separator, ``result`` after it."""
    for child in element:
        tag = child.tag
        if tag == RUN:
            _gather_run(child, pieces, notes, fields)
        elif tag in TRANSPARENT:
            _gather(child, pieces, notes, fields)
        elif tag == FIELD_MARK:
            _field_mark(child, fields)


def _gather_run(run: Any, pieces: list[str], notes: list[str], fields: list[str]) -> None:
    for child in run:
        tag = child.tag
        if tag == TEXT:
            if "code" not in fields:
                pieces.append(child.text or "")
        elif tag == RUN_PROPERTIES:
            # The schema wants properties first: nothing of a hidden run has been gathered yet.
            if len(child) and _is_on(next(child.iterchildren(VANISH), None)):
                notes.append("hidden text left out")
                for mark in run.iter(FIELD_MARK):
                    _field_mark(mark, fields)
                return
        elif tag in PRINTED:
            pieces.append(PRINTED[tag])
        elif tag == FIELD_MARK:
            _field_mark(child, fields)
        elif tag == SYMBOL:
            pieces.append(_symbol(str(child.get(f"{W}char") or "")))
        elif tag in TRANSPARENT:
            _gather(child, pieces, notes, fields)


def _field_mark(mark: Any, fields: list[str]) -> None:
    kind = mark.get(f"{W}fldCharType")
    if kind == "begin":
        fields.append("code")
    elif kind == "separate" and fields:
        fields[-1] = "result"
    elif kind == "end" and fields:
        fields.pop()


def _symbol(code: str) -> str:
    """Return a symbol-font character; private-use codes have no meaning outside their font and show as U+FFFD."""
    try:
        value = int(code, 16)
    except ValueError:
        return "�"
    return chr(value) if 0x20 <= value < 0xD800 or 0xF900 <= value < 0x110000 else "�"


def _is_on(element: Any) -> bool:
    return element is not None and element.get(VALUE) not in ("0", "false", "off")


def text_boxes(element: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, each once: a drawing and its fallback hold the same text."""
    for box in element.iter(TEXT_BOX):
        ancestors = [etree.QName(a).localname for a in box.iterancestors() if isinstance(a.tag, str)]
        inside = ancestors.index("p") if "p" in ancestors else 0
        if "Fallback" in ancestors and _has_choice(box):
            continue
        if "txbxContent" in ancestors[:inside]:
            continue
        nearest = next(a for a in box.iterancestors(PARAGRAPH))
        if nearest is element:
            yield box


def _has_choice(box: Any) -> bool:
    for ancestor in box.iterancestors():
        if etree.QName(ancestor).localname == "AlternateContent":
            return any(
                etree.QName(c).localname == "Choice" and c.find(f".//{W}txbxContent") is not None for c in ancestor
            )
    return False
