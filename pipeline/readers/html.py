"""HTML pages to ``Document``: what a person sees on the page, in reading order, tables as grids.

Belongs here: charset, the walk over the page, what is furniture, what the page says of itself. Grids are built in
``html_table``. Does not belong here: which table is which form (``pipeline.recognize``).
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from lxml import etree

from pipeline.catalogue.words import load_words
from pipeline.document import Block, Document, Paragraph, Picture, Table, UnreadableFile
from pipeline.readers.html_carried import carried_markup
from pipeline.readers.html_cells import collapse
from pipeline.readers.html_pictures import own_pictures_in, shown_address, take_out, with_own_bytes
from pipeline.readers.html_sound import MARK, all_stand_in, cut_out
from pipeline.readers.html_table import TableCutter
from pipeline.readers.html_unseen import Unseen, find_unseen, without_hidden_comments
from pipeline.readers.strict_text import strict_text

BLOCK_TAGS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
NEVER_FURNITURE = frozenset("html body table tr td th tbody".split())
BLANKS = " \t\r\n\f"
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 400
CHAPTER_HEADING = re.compile(
    r"[一二三四五六七八]\s*、\s*\S{0,16}(?:总体情况|概述|主动公开|收到和处理|依申请公开|行政复议|主要问题|其他需要)"
)
# Downlevel-revealed conditionals of Word (`<![if !supportMisalignedColumns]>`): the mark goes, what it encloses stays.
# Case by groups: with a flag each character of a page is tried.
CONDITIONAL = re.compile(r"<!(?i:(?:--)?\[(?:if[^\]>]{0,200}|endif)\](?:--)?>)")
DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
DATE = re.compile(r"((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")


@cache
def page_words() -> dict[str, Any]:
    """Return the declared words of ``catalogue/web_pages.yaml``."""
    return load_words("web_pages")


def read_html(content: bytes, name: str) -> Document:
    """Return the blocks of a page in reading order, and what the page says of itself.

    Raises UnreadableFile: too large, nothing in it, nested too deep.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(f"HTML page larger than {MAX_BYTES // 2**20} MiB")
    text, notes = decode_page(content)
    text, own_pictures = take_out(text)
    root, walk = _walked(text, 0)
    if not any(isinstance(block, Paragraph) and CHAPTER_HEADING.search(block.text) for block in walk.blocks):
        walk.carried(root)
    meta = _meta(root)
    if walk.attachments:
        meta["attachments"] = "\n".join(dict.fromkeys(walk.attachments))
    return Document("text/html", with_own_bytes(walk.blocks, own_pictures), meta, (*notes, *walk.notes))


def decode_page(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a page and a note where its declaration was wrong.

    The bytes decide, not the declaration: what decodes strictly as UTF-8 is UTF-8; gb2312 and gbk are read as GB18030.
    """
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(codec, "replace"), ()
    found = DECLARED.search(content[:4096])
    declared = found.group(1).decode("ascii").lower() if found else ""
    candidates = ["utf-8", "gb18030"] + (["big5hkscs"] if "big5" in declared else [])
    if "big5" in declared:
        candidates = ["utf-8", "big5hkscs", "gb18030"]
    for codec in candidates:
        if (text := strict_text(content, codec)) is not None:
            same = codec.startswith(declared) or (codec == "gb18030" and declared in ("gb2312", "gbk"))
            return text, () if same or not declared else (f"declared {declared}, read as {codec}",)
    # A page with a few broken bytes: whichever codec loses least; what is lost shows as U+FFFD, never as a number.
    best = min(candidates, key=lambda codec: content.decode(codec, "replace").count("�"))
    text = content.decode(best, "replace")
    return text, (f"{text.count(chr(0xFFFD))} bytes could not be decoded as {best}",)


def _walked(text: str, depth: int) -> tuple[Any, "_Walk"]:
    """Return the root of a page and the walk over it. Raises UnreadableFile: nothing in it, nested too deep."""
    if "<![" in text or "<!--[" in text:
        text = CONDITIONAL.sub("", without_hidden_comments(text) if "<!--[" in text else text)
    whole = text.replace("\0", "").encode("utf-8", "replace")
    source, tables = cut_out(whole)
    root = _parse(source)
    if not all_stand_in(root, tables):
        source, tables = whole, []
        root = _parse(whole)
    walk = _Walk(find_unseen(root, source), tables)
    walk.visit(root, depth)
    walk.end_paragraph()
    return root, walk


def _parse(source: bytes) -> Any:
    """Return the root of a page. Raises UnreadableFile: nothing in it."""
    # Not lxml.html: its own element classes cost more than the parsing.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise UnreadableFile("HTML page with nothing in it") from error
    if root is None:
        raise UnreadableFile("HTML page with nothing in it")
    return root


def _meta(root: Any) -> dict[str, str]:
    """Return title, issuer, published_on, source, site and column as the page's own tags state them."""
    stated: dict[str, str] = {}
    titles: list[Any] = []
    canonical: list[str] = []
    for tag in root.iter("meta", "title", "link"):
        if tag.tag == "title":
            titles.append(tag)
        elif tag.tag == "link":
            if (tag.get("rel") or "").lower() == "canonical" and tag.get("href"):
                canonical.append(tag.get("href"))
        else:
            name = (tag.get("name") or tag.get("property") or "").strip().lower()
            value = " ".join((tag.get("content") or "").split())
            if name and value:
                stated.setdefault(name, value)
    meta = {}
    for key, names in page_words()["meta"].items():
        value = next((stated[name] for name in names if name in stated), "")
        if key == "published_on":
            value = iso_date(value)
        if value:
            meta[key] = value
    if titles and titles[0].text and titles[0].text.strip():
        meta.setdefault("title", " ".join(titles[0].text.split()))
    if canonical:
        meta.setdefault("source", canonical[0])
    return meta


def iso_date(text: str) -> str:
    """Return the first date in a text as YYYY-MM-DD, empty where there is none."""
    found = DATE.search(text)
    return f"{found.group(1)}-{int(found.group(2)):02d}-{int(found.group(3)):02d}" if found else ""


class _Walk:
    """The state of one walk over a page: blocks so far, the paragraph being gathered, what was met."""

    def __init__(self, unseen: Unseen, cut_out: Sequence[Table]) -> None:
        self.unseen = unseen
        self.cut_out = cut_out
        self.tables = TableCutter(unseen)
        self.blocks: list[Block] = []
        self.pieces: list[str] = []
        self.attachments: list[str] = []
        self.notes: list[str] = []

    def end_paragraph(self) -> None:
        """Close the paragraph being gathered; ``<br>`` inside it separates paragraphs too, as a reader sees them."""
        pieces = self.pieces
        if not pieces:
            return
        for line in pieces[0].split("\n") if len(pieces) == 1 else "".join(pieces).split("\n"):
            text = collapse(line).strip(" ")
            if text:
                self.blocks.append(Paragraph(text))
        self.pieces = []

    def text(self, text: str | None) -> None:
        # Blanks at the start of a line are not printed.
        if text and (self.pieces or text.strip(BLANKS)):
            self.pieces.append(collapse(text))

    def visit(self, element: Any, depth: int) -> None:
        """Walk one element and what stands in it."""
        tag = element.tag
        if tag == "iframe" and element.get("srcdoc"):
            self.end_paragraph()
            self.inner_page(element.get("srcdoc"), depth + MAX_DEPTH // 4)
        if not isinstance(tag, str) or tag in _unseen_tags():
            return
        if depth > MAX_DEPTH:
            raise UnreadableFile(f"HTML page nested deeper than {MAX_DEPTH} elements")
        if element in self.unseen.hidden or _is_furniture(element, tag):
            return
        if tag == "table":
            self.end_paragraph()
            self.table(element, depth)
        elif tag == "br":
            self.pieces.append("\n")
        elif tag == "img":
            self.picture(element)
        else:
            self.inside(element, tag, depth)

    def inside(self, element: Any, tag: str, depth: int) -> None:
        """Walk what stands in an element of text."""
        if tag == "a":
            self.link(element)
        is_block = tag in BLOCK_TAGS
        if is_block:
            self.end_paragraph()
        self.text(element.text)
        for child in element:
            self.visit(child, depth + 1)
            self.text(child.tail)
        if is_block:
            self.end_paragraph()

    def table(self, element: Any, depth: int) -> None:
        """Emit the data rows of a table as tables, and dissolve rows that only lay the page out."""
        mark = element.get(MARK) if self.cut_out else None
        if mark is not None:
            self.blocks.append(self.cut_out[int(mark)])
            return
        walked = set()
        for part in self.tables.cut(element):
            if isinstance(part, Table):
                self.blocks.append(part)
                continue
            walked.add(part)
            self.text(part.text)
            for child in part:
                self.visit(child, depth + 1)
                self.text(child.tail)
            self.end_paragraph()
        if element in self.unseen.mixed:
            for picture in own_pictures_in(element, walked):
                self.picture(picture)

    def picture(self, element: Any) -> None:
        address = shown_address(element)
        if address:
            self.end_paragraph()
            self.blocks.append(Picture(address))

    def inner_page(self, markup: str, depth: int) -> None:
        """Take what a page inside this one holds, in its place."""
        if not markup.strip() or depth > MAX_DEPTH:
            return
        _, inner = _walked(markup, depth)
        self.blocks += inner.blocks
        self.attachments += inner.attachments
        self.notes += inner.notes

    def carried(self, root: Any) -> None:
        """Take the article that the page carries as text, where it shows none."""
        found = carried_markup(root)
        if found:
            self.notes.append(f"article taken from <{found[1]}>")
            self.inner_page(found[0], MAX_DEPTH // 2)

    def link(self, element: Any) -> None:
        address = (element.get("href") or "").strip()
        if address.lower().split("?")[0].endswith(tuple(page_words()["attachment_suffixes"])):
            self.attachments.append(address)


def _is_furniture(element: Any, tag: str) -> bool:
    """Tell whether a part of the page is navigation, footer and the like: by its tag or its id and class words."""
    if tag in NEVER_FURNITURE:
        return False
    named = tag in _furniture_tags() or _names_furniture(element.get("id"), element.get("class"))
    return named and element.find(".//table") is None and not CHAPTER_HEADING.search("".join(element.itertext()))


@lru_cache(maxsize=1024)
def _names_furniture(*names: str | None) -> bool:
    words = re.split(r"[\s_\-\d]+", " ".join(filter(None, names)).lower())
    return not set(words).isdisjoint(page_words()["furniture_words"])


@cache
def _furniture_tags() -> frozenset[str]:
    return frozenset(page_words()["furniture_tags"])


@cache
def _unseen_tags() -> frozenset[str]:
    return frozenset(page_words()["unseen_tags"])
