"""What report a document is, of whom, for when: the composition of what its places say.

Belongs here: the order in which places are believed, and the evidence that is kept of all of them. Does not belong here:
finding what a place says (``titles``, ``page_facts``, ``issuer_names``, ``report_year``, ``scope``), or who the issuer is
(``pipeline.issuers``).
"""

from dataclasses import field
from datetime import date

from pipeline.document import Document, UnreadableFile
from pipeline.plain_text import to_plain
from pipeline.recognize.issuer_names import Signature, day_under_title, find_named, first_line_body, read_signature
from pipeline.recognize.page_facts import PageFacts, host_of, read_page_facts
from pipeline.recognize.report_year import read_year_of_report
from pipeline.recognize.scope import read_scope
from pipeline.recognize.titles import Title, find_titles
from pipeline.report import Scope, Section
from pipeline.values import record

PREAMBLE, FIRST_SENTENCES, ENDING = 3000, 300, 600


@record
class Identity:
    """What a report says of itself. ``evidence`` keeps the words, under the names that ``pipeline.issuers.resolve`` reads.

    Keys of ``evidence``, each present only where the document says something: ``issuer_from`` (the place that named the
    issuer), ``title``, ``announced_issuer``, ``first_line``, ``signature``, ``page_issuer``, ``compiler``, ``subject``,
    ``contact``, ``address``, ``breadcrumb``, ``host`` (of the page's address), ``sites`` (hosts named in the text),
    ``preamble``; ``year_from``, ``year_conflict``, ``scope_from``, ``signed_month`` (a date without its day),
    ``other_titles``, ``published_on_conflict``.
    """

    title: str | None
    issuer: str | None
    year: int
    published_on: date | None
    signed_on: date | None
    source: str | None
    scope: Scope
    evidence: dict[str, str] = field(default_factory=dict)


def read_identity(document: Document, sections: tuple[Section, ...]) -> Identity:
    """Return what the report says of itself. Raises UnreadableFile where no place tells its year."""
    before = next((section.text for section in sections if section.section_no == 0), "")
    first = next((section.text for section in sections if section.section_no > 0), "")
    page = read_page_facts(document, before[:PREAMBLE], sections[-1].text[-ENDING:] if sections else "")
    titles = find_titles(page.titles, before)
    chapters = [section for section in reversed(sections) if section.section_no > 0] or list(sections)
    signature = read_signature(section.text.split("\n") for section in chapters)
    signed_on = signature.signed_on or day_under_title(before)
    year = read_year_of_report((title.years for title in titles), sections, _days(page, signed_on))
    if year.year is None:
        raise UnreadableFile("report year not found")
    titles = sorted(titles, key=lambda title: bool(title.years) and year.year not in title.years)
    names = _issuer_names(titles, page, signature, before[:PREAMBLE], first[:PREAMBLE])
    issuer_from = next((place for place, name in names.items() if name), None)
    issuer = names[issuer_from] if issuer_from else None
    prose = "\n".join(section.text for section in sections if section.section_no > 0)
    scope = read_scope(issuer, before[:PREAMBLE], prose, in_title=issuer_from in ("title", "announced_issuer"))
    best = next((title for title in titles if not title.years or year.year in title.years), None)
    evidence = {
        "issuer_from": issuer_from,
        "title": best.text if best else None,
        "other_titles": " | ".join(title.text for title in titles if _differs(title, best)),
        **{place: name for place, name in names.items() if place != "title"},
        "address": " | ".join(find_named("addresses", before[:PREAMBLE])),
        "breadcrumb": page.breadcrumb,
        "host": host_of(page.source),
        "sites": " ".join(page.sites),
        "preamble": " ".join(before[:PREAMBLE].split())[:400] or " ".join(first.split())[:200],
        "year_from": year.told_by,
        "year_conflict": ", ".join(year.conflicts),
        "scope_from": scope.told_by,
        "signed_month": signature.month_only,
        "published_on_conflict": page.published_conflict,
    }
    return Identity(
        title=best.text if best else None,
        issuer=issuer,
        year=year.year,
        published_on=page.published_on,
        signed_on=signed_on,
        source=page.source,
        scope=scope.scope,
        evidence={key: value for key, value in evidence.items() if value},
    )


def _days(page: PageFacts, signed_on: date | None) -> tuple[date | None, ...]:
    """Return the days that may tell the year: those printed; the one in the page's address where none is printed."""
    printed = (page.published_on, signed_on)
    return printed if any(printed) else (page.url_day,)


def _issuer_names(
    titles: list[Title], page: PageFacts, signature: Signature, before: str, first: str
) -> dict[str, str | None]:
    """Return what each place calls the issuer, the place that is believed first at the head."""
    return {
        "title": next((title.issuer for title in titles if title.issuer), None),
        "announced_issuer": next(iter(find_named("announcements", f"{before}\n{first}")), None),
        "first_line": first_line_body(before),
        "signature": signature.body,
        "page_issuer": next(iter(page.issuers), None),
        "compiler": next(iter(find_named("compilers", f"{before}\n{first}")), None),
        "subject": next(iter(find_named("subjects", f"{before}\n{first[:FIRST_SENTENCES]}")), None),
        "contact": next(iter(find_named("contacts", before)), None),
    }


def _differs(title: Title, best: Title | None) -> bool:
    """Tell whether another title names another body or another year, which is worth keeping."""
    if best is None:
        return False
    issuers = {to_plain(name) for name in (title.issuer, best.issuer) if name}
    return len(issuers) > 1 or bool(title.years and best.years and title.years != best.years)
