"""Tables that stand as pictures inside a page or Word file: read in their place, where the file lacks a table as text.

Belongs here: when a picture inside a file is looked at, how many, and what is said of those that were not read. Does not belong
here: how a picture is read (``pipeline.readers.scan``), whether its numbers stand (``pipeline.scanned_numbers``).
"""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.catalogue.model import Catalogue
from pipeline.document import Block, Document, Picture, Table, UnreadableFile
from pipeline.readers.scan_extra import INSTALL, is_installed
from pipeline.readers.sniff import sniff
from pipeline.recognize.tables import SIX_SECTIONS, recognize_tables
from pipeline.report import Problem, ReportReading
from pipeline.values import record

PICTURE_NOT_READ = "picture_not_read"
KINDS = ("image/png", "image/jpeg", "image/tiff")


@record
class _Taken:
    """What came of one picture: its blocks (none: no table on it), how many pages; ``refused`` where nobody knows."""

    blocks: tuple[Block, ...] = ()
    pages: int = 0
    refused: str | None = None


def with_pictured_tables(document: Document, catalogue: Catalogue) -> tuple[Document, str | None]:
    """Return a document with the tables on its pictures in their place, and one line on the pictures that were not read.

    Nothing is looked at where the file has all tables of a form as text. A cell that is read so has a confidence, and its table
    the name of the picture.
    """
    pictures = [block for block in document.blocks if isinstance(block, Picture) and block.content]
    if not pictures or _has_all(document, catalogue):
        return document, None
    limits = catalogue.limits["pictures"]
    pictures = [picture for picture in pictures if len(picture.content or b"") >= limits["least_bytes"]]
    taken: dict[str, _Taken] = {}
    for number, picture in enumerate(pictures):
        pages = sum(one.pages for one in taken.values())
        if number >= limits["looked_at"]:
            taken[picture.address] = _Taken(refused=f"more than {limits['looked_at']} pictures")
        elif picture.address not in taken:
            taken[picture.address] = _take(picture, pages, limits)
    blocks: list[Block] = []
    for block in document.blocks:
        read = taken.get(block.address) if isinstance(block, Picture) and block.content else None
        blocks += read.blocks if read and read.blocks else (block,)
    names = [address for address, one in taken.items() if one.blocks]
    notes = (*document.notes, *(f"table read from the picture {name}" for name in names))
    return replace(document, blocks=tuple(blocks), notes=notes), _not_read(taken)


def with_unread_pictures(report: ReportReading, unread: str | None) -> ReportReading:
    """Return a report that lacks a table with a problem where pictures that may hold it were not read."""
    if unread is None or not report.tables_missing:
        return report
    return replace(report, problems=(*report.problems, Problem(PICTURE_NOT_READ, unread)))


def _has_all(document: Document, catalogue: Catalogue) -> bool:
    found = recognize_tables(document, catalogue).tables_found
    return "statistics" in found or set(SIX_SECTIONS) <= set(found)


def _take(picture: Picture, pages: int, limits: Mapping[str, int]) -> _Taken:
    content = picture.content or b""
    kind = _kind(content)
    if len(content) > limits["max_bytes"]:
        return _Taken(refused=f"larger than {limits['max_bytes'] // 2**20} MiB")
    if kind not in KINDS:
        return _Taken(refused=f"{kind} cannot be read: save it as PNG")
    if not is_installed():
        return _Taken(refused=INSTALL)
    from pipeline.readers.scan import read_tables_on

    try:
        blocks, count = read_tables_on(content, pages + 1, limits["read"] - pages)
    except UnreadableFile as error:
        return _Taken(refused=str(error))
    named = (replace(block, picture=picture.address) if isinstance(block, Table) else block for block in blocks)
    return _Taken(tuple(named), count)


def _kind(content: bytes) -> str:
    try:
        return sniff(content, "")
    except UnreadableFile:
        return "this kind of picture"


def _not_read(taken: Mapping[str, _Taken]) -> str | None:
    """Return a line on the pictures that were not read, with the first reason; None where all were."""
    unread = {address: one.refused for address, one in taken.items() if one.refused}
    if not unread:
        return None
    address, reason = next(iter(unread.items()))
    more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
    return f"a picture that may hold a missing table was not read ({address}{more}): {reason}"
