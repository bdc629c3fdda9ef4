"""Pictures in the body of a Word file: which are drawn, and whether whole.

Belongs here: drawings and the older VML pictures, what hides or cuts them. Does not belong here: their bytes (``docx_package``),
what is drawn on them (``pipeline.pictured_tables``).
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from pipeline.readers.docx_package import W
from pipeline.values import record

PICTURES = ("{*}blip", "{*}imagedata")
UNSEEN = frozenset(f"{W}{tag}" for tag in ("del", "moveFrom"))
RUN, PROPERTIES, VANISH, VALUE = (f"{W}{tag}" for tag in ("r", "rPr", "vanish", "val"))
EDGES = ("l", "t", "r", "b", "cropleft", "croptop", "cropright", "cropbottom")
OFF = ("0", "false", "off")


@record
class DrawnPicture:
    """The relation that names a picture's part; ``is_cut``: only some of it is shown."""

    relation: str
    is_cut: bool


def holds_picture(element: Any) -> bool:
    """Tell whether a part of the document names a picture, seen or not."""
    return any(True for _ in _relations(element))


def drawn_pictures(element: Any) -> Iterator[DrawnPicture]:
    """Yield the pictures that are seen in a paragraph or cell, those of a drawing's stand-in for older programs left out."""
    for picture, relation in _relations(element):
        if not _is_unseen(picture):
            yield DrawnPicture(relation, _is_cut(picture))


def _relations(element: Any) -> Iterator[tuple[Any, str]]:
    for picture in element.iter(*PICTURES):
        for key, value in picture.attrib.items():
            if etree.QName(key).localname in ("embed", "id") and "relationships" in key:
                yield picture, value


def _is_unseen(picture: Any) -> bool:
    for ancestor in picture.iterancestors():
        tag = ancestor.tag
        if tag in UNSEEN or (isinstance(tag, str) and etree.QName(tag).localname == "Fallback"):
            return True
        if tag == RUN:
            own = next(ancestor.iterchildren(PROPERTIES), None)
            vanish = next(own.iterchildren(VANISH), None) if own is not None else None
            if vanish is not None and vanish.get(VALUE) not in OFF:
                return True
        if isinstance(tag, str) and etree.QName(tag).localname in ("inline", "anchor"):
            named = next(ancestor.iterchildren("{*}docPr"), None)
            if named is not None and named.get("hidden", "0") not in OFF:
                return True
    return False


def _is_cut(picture: Any) -> bool:
    """Tell whether an edge of a picture is cut off: its bytes hold more than is seen."""
    source = next(picture.getparent().iterchildren("{*}srcRect"), None) if picture.getparent() is not None else None
    return any(part.get(edge, "0") not in ("0", "") for part in (picture, source) if part is not None for edge in EDGES)
