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
FEW_DAMAGED = 3
DAMAGED_SHARE = 0.005
_DAMAGED = "\ufffd"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_text(content: bytes, _name: str, catalogue: Catalogue) -> Document:
    """Return the prose and the tables of a text in reading order; the tables as sequences of cells.

    Raises UnreadableFile: empty, or no text in UTF-8, UTF-16 with its mark, or GB18030.
    """
    if not content.strip():
        raise UnreadableFile("empty file")
    text, encoding = decode(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    notes = () if encoding == "utf-8" else (f"read as {encoding}",)
    return Document(MEDIA_TYPE, tuple(_blocks(text, catalogue)), notes=notes)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of some bytes and the encoding that it was in, with the number of characters that are damaged in it.

    A few damaged characters become U+FFFD, which no number survives. Raises UnreadableFile where no encoding fits.
    """
    tried: tuple[str, ...] = ("utf-8", "gb18030")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            tried, content = (encoding,), content[len(mark) :]
            break
    for encoding in tried:
        # Chinese in one encoding is damaged all over when it is read in the other.
        text = content.decode(encoding, "replace")
        damaged = text.count(_DAMAGED)
        few = damaged <= max(FEW_DAMAGED, len(text) * DAMAGED_SHARE) and damaged < len(text.strip())
        if few and "\0" not in text:
            return text, encoding if not damaged else f"{encoding} with {damaged} damaged characters"
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
