"""What belongs to a page: the attachments and the pictures of its article.

Belongs here: finding their addresses in the bytes of a page. Does not belong here: fetching them (``crawl``), and what the
page says (``pipeline.readers``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from pipeline.fetch.addresses import AddressRefused, joined
from pipeline.fetch.settings import Settings
from pipeline.readers.html import decode_page, page_words

ATTACHMENT, PICTURE = "attachment", "picture"
_PAGES = (".html", ".htm", ".shtml", ".jsp", ".aspx", ".asp", ".php")


@dataclass(frozen=True, slots=True)
class Link:
    """Something that belongs to a page. ``urls``: where it is; a second one where the page's encoding makes another of it."""

    urls: tuple[str, ...]
    role: str


def links_of(content: bytes, url: str, settings: Settings) -> tuple[Link, ...]:
    """Return the links of a page's article in its order, each once.

    Attachments may stand beside the article, pictures must stand in it; what lies in navigation and footers is neither.
    """
    root = _parse(content)
    if root is None:
        return ()
    encoding = "utf-8" if _is_utf8(content) else "gb18030"
    base = _base(root, url)
    article = _article(root, settings)
    found: dict[str, Link] = {}
    for element, address in _addresses(root):
        role = _role(element, address, article, settings)
        urls = _urls(base, address, encoding) if role else ()
        if role and urls and urls[0] != url:
            found.setdefault(urls[0], Link(urls, role))
    return tuple(found.values())


def _parse(content: bytes) -> Any:
    text, _ = decode_page(content)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _base(root: Any, url: str) -> str:
    for element in root.iter("base"):
        try:
            return joined(url, element.get("href") or "")
        except AddressRefused:
            break
    return url


def _article(root: Any, settings: Settings) -> Any:
    """Return the part that holds the article: of those that are named so the one with the most text; None where none is."""
    named = [
        element
        for element in root.iter("div", "td", "article", "ucapcontent", "section")
        if _names(element) & settings.article_words
    ]
    return max(named, key=lambda element: len("".join(element.itertext())), default=None)


def _names(element: Any) -> set[str]:
    return {*(element.get("class") or "").lower().split(), (element.get("id") or "").lower()}


def _addresses(root: Any) -> Iterator[tuple[Any, str]]:
    for element in root.iter("a", "img", "iframe", "embed", "object"):
        for name in ("href", "src", "data"):
            address = (element.get(name) or "").strip()
            if (
                address
                and not address.startswith("#")
                and not address.lower().startswith(("javascript:", "data:", "mailto:"))
            ):
                yield element, address


def _role(element: Any, address: str, article: Any, settings: Settings) -> str | None:
    in_article = article is not None and (element is article or article in element.iterancestors())
    if not in_article and _in_furniture(element):
        return None
    suffix = _suffix(address)
    if element.tag == "img":
        return PICTURE if (in_article or article is None) and suffix not in _PAGES else None
    if suffix in settings.attachments:
        return ATTACHMENT
    if suffix in settings.pictures:
        return PICTURE if in_article or article is None else None
    if element.tag != "a" or suffix in _PAGES:
        return None
    text = f"{''.join(element.itertext())} {element.get('title') or ''} {element.get('download') or ''}".strip().lower()
    if any(mark in text for mark in settings.attachments):
        return ATTACHMENT
    says_so = any(word in f"{text} {address.lower()}" for word in settings.attachment_words)
    return ATTACHMENT if in_article and says_so and not suffix else None


def _suffix(address: str) -> str:
    """Return the suffix of a link's file name, which some systems hide in the query; "" where there is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    names = [unquote(parts.path), *(unquote(value.partition("=")[2]) for value in parts.query.split("&"))]
    for name in names:
        last = name.replace("\\", "/").rpartition("/")[2].lower()
        if "." in last and 1 < len(last) - last.rindex(".") <= 6:
            return last[last.rindex(".") :]
    return ""


def _in_furniture(element: Any) -> bool:
    words = page_words()
    tags, names = set(words["furniture_tags"]), set(words["furniture_words"])
    return any(
        isinstance(ancestor.tag, str) and (ancestor.tag in tags or _names(ancestor) & names)
        for ancestor in element.iterancestors()
    )


def _urls(base: str, address: str, encoding: str) -> tuple[str, ...]:
    """Return where a link leads: encoded as browsers do, and as the page's own encoding would have it."""
    found = []
    for codec in ("utf-8", encoding):
        try:
            found.append(joined(base, address, codec))
        except AddressRefused:
            continue
    return tuple(dict.fromkeys(found))
