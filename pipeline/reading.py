"""One file to all that can be known of it alone.

Belongs here: the order of the steps, and which reader reads which kind of file. Does not belong here: what a step does, and
anything that needs a second report (issuers, series, equations over frames).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.catalogue.model import Catalogue
from pipeline.cycles import no_look_for_cycles
from pipeline.document import Document, Picture, UnreadableFile
from pipeline.narrative.claims import Prose
from pipeline.narrative.prose import read_prose
from pipeline.pictured_tables import with_pictured_tables, with_unread_pictures
from pipeline.readers.sniff import DOC, DOCX, PDF, XLS, XLSB, XLSX, sniff
from pipeline.recognize.identity import read_identity
from pipeline.recognize.sections import split_sections
from pipeline.recognize.several import SEVERAL_REPORTS, split_reports, undivided
from pipeline.recognize.tables import missing_tables, recognize_tables
from pipeline.report import Problem, ReportReading
from pipeline.scanned_numbers import vouch_for_numbers
from pipeline.second_opinion import doubted_pages, is_doubtful, settle
from pipeline.wrapped_numbers import join_wrapped_numbers

PICTURES = ("image/png", "image/jpeg", "image/tiff")
PRINTED = (PDF, *PICTURES)
"""Kinds whose cells have the width of paper, so that a long number may be broken over lines."""
Reader = Callable[[bytes, str, Catalogue], Document]
SecondReader = Callable[[bytes, frozenset[int] | None, Catalogue], Document]
"""Reads some pages (all where None, or where the kind has none) of a file."""
ReadAgain = Callable[[frozenset[int] | None], Document]


@dataclass(frozen=True, slots=True)
class FileReading:
    """A file as read: its reports in the order in which they stand, and the prose of each, in the same order."""

    media_type: str
    reports: tuple[ReportReading, ...]
    prose: tuple[Prose, ...]


def read_file(content: bytes, name: str, catalogue: Catalogue) -> FileReading:
    """Return every report in a file.

    A function of the bytes, of the suffix of ``name`` where the bytes alone do not tell the kind, and of declared data.
    Raises UnreadableFile with the one line that becomes ``files.error``.
    """
    media_type, reports = read_facts(content, name, catalogue)
    prose = tuple(read_prose(r.sections, scope=r.scope, form=r.form, catalogue=catalogue, year=r.year) for r in reports)
    return FileReading(media_type, reports, prose)


def read_facts(content: bytes, name: str, catalogue: Catalogue) -> tuple[str, tuple[ReportReading, ...]]:
    """Return the media type of a file and its reports, the prose not looked into yet. Raises UnreadableFile."""
    with no_look_for_cycles():
        return _read_facts(content, name, catalogue)


def _read_facts(content: bytes, name: str, catalogue: Catalogue) -> tuple[str, tuple[ReportReading, ...]]:
    media_type = sniff(content, name)
    read = READERS.get(media_type)
    if read is None:
        raise UnreadableFile(UNREAD_KINDS.get(media_type, f"files of the kind {media_type} cannot be read"))
    document, unread = with_pictured_tables(read(content, name, catalogue), catalogue)
    again = SECOND_READERS.get(media_type)
    read_again = (lambda pages: again(content, pages, catalogue)) if again else None
    try:
        reports = _reports(document, read_again, catalogue)
    except UnreadableFile as error:
        if unread is None:
            raise
        raise UnreadableFile(f"{error}; {unread}") from error
    return media_type, tuple(with_unread_pictures(report, unread) for report in reports)


def _reports(document: Document, again: ReadAgain | None, catalogue: Catalogue) -> tuple[ReportReading, ...]:
    parts = split_reports(document)
    if len(parts) > 1:
        return _read_parts(parts, again if document.media_type in PRINTED else None, catalogue)
    report = read_report(document, 1, catalogue)
    return (_with_count(_vouched(report, again, None, catalogue), document),)


def _read_parts(parts: Sequence[Document], again: ReadAgain | None, catalogue: Catalogue) -> tuple[ReportReading, ...]:
    """Return the reports of a file that holds several. One that cannot be read is told with the first that can.

    A second reading knows pages, not reports: it is asked of paper, where no page holds two. Raises UnreadableFile: none is one.
    """
    reports: list[ReportReading] = []
    refused: list[str] = []
    pages = [frozenset(block.page or 0 for block in part.blocks) for part in parts]
    for place, part in enumerate(parts, start=1):
        try:
            report = read_report(part, place, catalogue)
        except UnreadableFile as error:
            refused.append(f"report {place} of {len(parts)} in the file: {error}")
            continue
        others = frozenset().union(*(own for at, own in enumerate(pages, start=1) if at != place))
        shared = bool(pages[place - 1] & others)
        report = _vouched(report, None if shared else again, pages[place - 1], catalogue)
        reports.append(report)
    if not reports:
        raise UnreadableFile(refused[0])
    problems = tuple(Problem(SEVERAL_REPORTS, line) for line in refused)
    reports[0] = replace(reports[0], problems=(*reports[0].problems, *problems))
    return tuple(reports)


def _with_count(report: ReportReading, document: Document) -> ReportReading:
    """Return a report, with a problem where its document seems to hold more than one that no title divides."""
    count = undivided(document)
    if count <= 1:
        return report
    problem = Problem(SEVERAL_REPORTS, f"its chapters begin {count} times, each with tables; read as one report")
    return replace(report, problems=(*report.problems, problem))


def _vouched(
    report: ReportReading, read_again: ReadAgain | None, own: frozenset[int] | None, catalogue: Catalogue
) -> ReportReading:
    """Return a report with its numbers weighed again: those of a scan by equations, those in doubt by a second reading.

    ``own`` are the pages of the report, None where it is alone in its file.
    """
    if any(placed.cell.confidence is not None for placed in report.cells):
        report = vouch_for_numbers(report, catalogue)
        if len({placed.picture is None for placed in report.cells}) == 1:
            return report  # A page of paper as well: what is no picture there may be text that lies under one.
    if read_again and is_doubtful(report, catalogue):
        return _settled(report, read_again, doubted_pages(report, catalogue) or own, catalogue)
    return report


def _settled(
    report: ReportReading, read_again: ReadAgain, pages: frozenset[int] | None, catalogue: Catalogue
) -> ReportReading:
    """Return a doubtful report with what a second reading says of the tables of some pages (all where None)."""
    try:
        document = read_again(pages)
        tables = recognize_tables(document, catalogue)
    except UnreadableFile as error:
        return replace(report, evidence=report.evidence | {"second_reading": str(error)})
    seen = {(f.fact_table, f.row_code, f.column_code) for f in report.facts if f.confidence is not None}
    facts = tuple(f for f in tables.facts if (f.fact_table, f.row_code, f.column_code) not in seen)
    second = replace(report, facts=facts, problems=tables.problems)
    if document.media_type in PRINTED:
        second = join_wrapped_numbers(second, catalogue)
    return settle(report, second, catalogue)


def read_report(document: Document, place: int, catalogue: Catalogue) -> ReportReading:
    """Return what one report says: its tables, its sections, what it is of whom. ``place`` counts reports in a file from 1.

    Raises UnreadableFile: no disclosure report, or one of no year.
    """
    tables = recognize_tables(document, catalogue)
    sections = split_sections(document, set(tables.table_blocks), catalogue)
    identity = read_identity(document, sections)
    chapters = {section.section_no for section in sections}
    reading = ReportReading(
        place=place,
        title=identity.title,
        issuer=identity.issuer,
        year=identity.year,
        published_on=identity.published_on,
        signed_on=identity.signed_on,
        source=identity.source,
        scope=identity.scope,
        form=tables.form,
        sections=sections,
        cells=tables.cells,
        facts=tables.facts,
        tables_found=tables.tables_found,
        tables_missing=missing_tables(tables.tables_found, identity.year, chapters),
        problems=tables.problems,
        evidence=identity.evidence | _remarks(document),
    )
    has_width = document.media_type in PRINTED or any(placed.picture for placed in reading.cells)
    return join_wrapped_numbers(reading, catalogue) if has_width else reading


def report_identifier(file_id: str, place: int) -> str:
    """Return the report_id: 16 hexadecimal digits of the hash of the main file's id and the report's place in it."""
    return hashlib.sha256(f"{file_id}/{place}".encode()).hexdigest()[:16]


def _remarks(document: Document) -> dict[str, str]:
    """Return what the reader remarked, the page's attachments and the pictures that stand in the place of text."""
    pictures = [block.address for block in document.blocks if isinstance(block, Picture) and block.content is None]
    remarks = {
        "reader_notes": "; ".join(document.notes),
        "attachments": document.meta.get("attachments", ""),
        "pictures": "\n".join(dict.fromkeys(pictures)),
    }
    return {key: value for key, value in remarks.items() if value}


# Readers are imported when a file of their kind is met: a load of pages does not pay for the PDF library.
def _text(content: bytes, name: str, catalogue: Catalogue) -> Document:
    from pipeline.readers.text import read_text

    return read_text(content, name, catalogue)


def _html(content: bytes, name: str, _catalogue: Catalogue) -> Document:
    from pipeline.readers.html import read_html

    return read_html(content, name)


def _web_archive(content: bytes, name: str, _catalogue: Catalogue) -> Document:
    from pipeline.readers.web_archive import read_web_archive

    return read_web_archive(content, name)


def _pdf(content: bytes, name: str, _catalogue: Catalogue) -> Document:
    from pipeline.readers.pdf import read_pdf

    return read_pdf(content, name)


def _pdf_again(content: bytes, pages: frozenset[int] | None, _catalogue: Catalogue) -> Document:
    from pipeline.readers.pdf_reference import read_pdf_reference

    return read_pdf_reference(content, pages)


def _html_again(content: bytes, _pages: frozenset[int] | None, _catalogue: Catalogue) -> Document:
    from pipeline.readers.html_reference import read_html_reference

    return read_html_reference(content)


def _docx_again(content: bytes, _pages: frozenset[int] | None, _catalogue: Catalogue) -> Document:
    from pipeline.readers.docx_reference import read_docx_reference

    return read_docx_reference(content)


def _sheet_again(content: bytes, _pages: frozenset[int] | None, catalogue: Catalogue) -> Document:
    from pipeline.readers.sheet_reference import read_sheet_reference

    return read_sheet_reference(content, catalogue)


def _docx(content: bytes, name: str, _catalogue: Catalogue) -> Document:
    from pipeline.readers.docx import read_docx

    return read_docx(content, name)


def _picture(content: bytes, name: str, _catalogue: Catalogue) -> Document:
    from pipeline.readers.scan_extra import require_installed

    require_installed("a picture")
    from pipeline.readers.scan import read_picture

    return read_picture(content, sniff(content, name))


def _doc(content: bytes, name: str, _catalogue: Catalogue) -> Document:
    from pipeline.readers.doc import read_doc

    return read_doc(content, name)


def _sheet(content: bytes, name: str, catalogue: Catalogue) -> Document:
    from pipeline.readers.sheet import read_sheet

    return read_sheet(content, name, catalogue)


READERS: dict[str, Reader] = {
    "text/plain": _text,
    "text/html": _html,
    "multipart/related": _web_archive,
    PDF: _pdf,
    DOCX: _docx,
    DOC: _doc,
    XLSX: _sheet,
    XLSB: _sheet,
    XLS: _sheet,
    **dict.fromkeys(PICTURES, _picture),
}
SECOND_READERS: dict[str, SecondReader] = {
    "text/html": _html_again,
    PDF: _pdf_again,
    DOCX: _docx_again,
    XLSX: _sheet_again,
}
"""Readers of another make, asked where the first reading is doubtful (``pipeline.second_opinion``).

They share no code with the first from the bytes to the grid; what a grid means is recognised by the same code for both.
"""

UNREAD_KINDS = {
    "application/zip": "an archive inside an archive: unpack it and load its files",
    "application/vnd.rar": "RAR archives cannot be read: unpack it and load its files",
    "application/x-7z-compressed": "7z archives cannot be read: unpack it and load its files",
    "application/gzip": "gzip files cannot be read: unpack it and load what it holds",
    "application/x-bzip2": "bzip2 files cannot be read: unpack it and load what it holds",
    "application/x-xz": "xz files cannot be read: unpack it and load what it holds",
    "application/x-tar": "tar archives cannot be read: unpack it and load its files",
    "application/ofd": "OFD files cannot be read: save it as PDF",
    "application/rtf": "RTF files cannot be read: save it as .docx",
    "application/x-ole-storage": "an Office file that is neither Word nor Excel",
    "application/xml": "Word files in XML cannot be read: save it as .docx",
    "text/xml": "an XML file, not a report",
}
