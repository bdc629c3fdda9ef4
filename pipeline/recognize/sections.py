"""The chapters of a report: the prose before, under and between its headings.

Belongs here: the prose without the tables' text, cut at the headings. Does not belong here: what is a heading
(``headings``), what the report is and whose (``identity``), what its tables hold (``tables``), what its prose says
(``pipeline.narrative``).
"""

import re
from collections.abc import Iterator

from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words
from pipeline.document import Document, Paragraph, Table, UnreadableFile
from pipeline.plain_text import to_plain
from pipeline.recognize.headings import ORDINAL, Heading, choose_headings, find_headings, number_sections
from pipeline.report import Section

BEGINNING = 3000


def split_sections(document: Document, table_blocks: set[int], catalogue: Catalogue) -> tuple[Section, ...]:
    """Return the numbered sections of a report; section 0 is what stands before the first heading.

    ``table_blocks`` are the positions in ``document.blocks`` of the tables that were recognised: their text is not prose,
    the text of every other table is. Numbers are those printed; one that a report prints twice is counted on. Raises
    UnreadableFile where nothing says that this is a disclosure report: no heading, no recognised table, no title of one.
    """
    printed = prose_text(document, table_blocks)
    plain = to_plain(printed)
    candidates = find_headings(
        plain, _numbered_labels(catalogue, "requests"), _numbered_labels(catalogue, "statistics")
    )
    headings = choose_headings(candidates)
    if not table_blocks and not _is_report(plain, headings):
        raise UnreadableFile("not a report: no section heading found")
    starts = [*(heading.start for heading in headings), len(printed)]
    preamble = printed[: starts[0]].strip()
    sections = [Section(0, "", preamble)] if preamble else []
    for number, heading, end in zip(number_sections(headings), headings, starts[1:], strict=True):
        title = " ".join(printed[heading.start : heading.end].split()).strip("*#|: ：")
        sections.append(Section(number, title, printed[heading.end : end].lstrip("：: *").strip()))
    return tuple(sections)


def prose_text(document: Document, table_blocks: set[int]) -> str:
    """Return the text without the recognised tables, by lines; the cells of a row of another table stand behind tabs."""
    return "\n".join(line for line in _prose_lines(document, table_blocks) if line.strip(" \t|\u3000\u00a0"))


def _prose_lines(document: Document, table_blocks: set[int]) -> Iterator[str]:
    for position, block in enumerate(document.blocks):
        if position in table_blocks:
            continue
        if isinstance(block, Paragraph):
            yield from block.text.split("\n")
        elif isinstance(block, Table):
            rows: dict[int, list[str]] = {}
            for cell in block.cells:
                rows.setdefault(cell.row, []).append(cell.text.strip())
            for texts in rows.values():
                yield from "\t".join(text for text in texts if text).split("\n")


_NUMBERED: dict[tuple[str, str], list[str]] = {}


def _numbered_labels(catalogue: Catalogue, fact_table: str) -> list[str]:
    """Return the row labels of a table that look like chapter headings (一、本年新收…), without their number."""
    key = (catalogue.version, fact_table)
    if key not in _NUMBERED:
        rows = [row for form in catalogue.table_forms(fact_table) for row in form.rows]
        labels = {to_plain(label) for row in rows for label in row.labels}
        _NUMBERED[key] = sorted(
            label[match.end() :].replace(" ", "") for label in labels if (match := ORDINAL.match(label))
        )
    return _NUMBERED[key]


def _is_report(plain: str, headings: list[Heading]) -> bool:
    words = load_words("sections")
    beginning = plain[:BEGINNING]
    if any(heading.about_disclosure for heading in headings):
        return True
    if any(heading.is_known for heading in headings) and any(word in beginning for word in words["disclosure_words"]):
        return True
    return any(re.search(mark, beginning, re.MULTILINE) for mark in words["report_marks"])
