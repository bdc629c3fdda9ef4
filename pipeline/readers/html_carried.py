"""Markup that a page carries as text and shows by script: an article in a hidden ``<textarea>``, in a template, in ``srcdoc``.

Belongs here: finding it. Does not belong here: reading it (``html``), pages whose article a script builds from data.
"""

from typing import Any

from lxml import etree

from pipeline.readers.html_unseen import CARRIERS


def carried_markup(root: Any) -> tuple[str, str] | None:
    """Return the longest piece of markup with a table in it that a page carries as text, and the tag that carries it."""
    found = [
        (markup, element.tag) for element in root.iter(*CARRIERS) if "<table" in (markup := _markup(element)).lower()
    ]
    return max(found, key=lambda item: len(item[0]), default=None)


def _markup(element: Any) -> str:
    if element.tag == "script" and "javascript" in (element.get("type") or "javascript").lower():
        return ""
    # libxml2 takes what stands in a <textarea> for markup; written as entities it is text.
    inner = (etree.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "") + "".join(inner)
