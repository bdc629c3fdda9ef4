"""Text dumps: what text extractors left of a page or a file, bytes to ``Document``.

Belongs here: decoding, and the order of prose and tables. Does not belong here: labels, regions, layouts and cells of tables
(``text_labels``, ``text_regions``, ``text_layout``, ``text_cells``).
"""

import codecs
from collections.abc import Iterator
from itertools import zip_longest

from pipeline.catalogue.model import Catalogue
from pipeline.document import Block, Document, Paragraph, UnreadableFile
from pipeline.readers.text_cells import cut_table
from pipeline.readers.text_labels import find_labels
from pipeline.readers.text_regions import find_regions

MEDIA_TYPE = "text/plain"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_text(content: bytes, _name: str, catalogue: Catalogue) -> Document:
    """Return the prose and the tables of a text in reading order; the tables as sequences of cells.

    Raises UnreadableFile: empty, or no text in UTF-8, UTF-16 with its mark, or GB18030.
    """
    text, encoding = decode(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise UnreadableFile("empty file")
    notes = () if encoding == "utf-8" else (f"read as {encoding}",)
    return Document(MEDIA_TYPE, tuple(_blocks(text, catalogue)), notes=notes)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of some bytes and the encoding that it was in. Raises UnreadableFile where no encoding fits."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            tried: tuple[str, ...] = (encoding,)
            content = content[len(mark) :]
            break
    else:
        tried = ("utf-8", "gb18030")
    for encoding in tried:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise UnreadableFile("not a text file: neither UTF-8, UTF-16 nor GB18030")


def _blocks(text: str, catalogue: Catalogue) -> Iterator[Block]:
    regions = find_regions(text, find_labels(text, catalogue))
    at = 0
    for region, after in zip_longest(regions, regions[1:]):
        cut = cut_table(text, region, after.start if after else len(text), catalogue)
        yield from _paragraphs(text, at, cut.start)
        yield cut.table
        at = cut.end
    yield from _paragraphs(text, at, len(text))


def _paragraphs(text: str, start: int, end: int) -> Iterator[Paragraph]:
    """Yield a paragraph a line; pages count where the dump marks them by form feeds."""
    has_pages = "\f" in text
    page = text.count("\f", 0, start) + 1
    for line in text[start:end].split("\n"):
        page += line.count("\f")
        printed = line.replace("\f", "").rstrip()
        if printed.strip(" \t|"):
            yield Paragraph(printed, page if has_pages else None)
