"""When a PDF is read a second time, and what becomes of a cell that the two readings see differently."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

import pipeline.reading
from pipeline.catalogue.load import load_catalogue
from pipeline.document import ODD_GRID, ROUTES_DIFFER, Document, Table, UnreadableFile
from pipeline.readers.pdf import read_pdf
from pipeline.readers.pdf_reference import read_pdf_reference
from pipeline.reading import read_facts, read_report
from pipeline.report import Fact, ReportReading
from pipeline.second_opinion import doubted_pages, is_doubtful, settle
from tests.documents import bombs, pdf
from tests.documents.made import Truth, make_report, with_cell

CATALOGUE = load_catalogue()
REPORT = make_report(random.Random(5), CATALOGUE, "2021", "plain")
TOTAL = ("requests", "processed_total", "total")
BUSINESS = ("requests", "granted", "business")
LICENSING = ("proactive", "licensing", "decisions")
Key = tuple[str, str, str]


def _content(key: Key | None = None, value: int = 0) -> bytes:
    report = REPORT if key is None else with_cell(REPORT, key, str(value), Truth(Decimal(value), "reported"), CATALOGUE)
    return pdf.render(report, "lines", random.Random(5))


SOUND = _content()
FIRST = read_report(read_pdf(SOUND, "r.pdf"), 1, CATALOGUE)


def _fact(reading: ReportReading, key: Key) -> Fact:
    return next(fact for fact in reading.facts if (fact.fact_table, fact.row_code, fact.column_code) == key)


def _with(reading: ReportReading, key: Key, **changes: object) -> ReportReading:
    facts = tuple(
        fact._replace(**changes) if (fact.fact_table, fact.row_code, fact.column_code) == key else fact  # type: ignore[arg-type]
        for fact in reading.facts
    )
    return replace(reading, facts=facts)


def _plus(key: Key, amount: int) -> dict[str, object]:
    value = (_fact(FIRST, key).value or Decimal(0)) + amount
    return {"value": value, "raw_text": str(value)}


def _through_file(
    monkeypatch: pytest.MonkeyPatch, content: bytes, change: Callable[[Document], Document]
) -> ReportReading:
    """Read a file whose first reading is changed on the way."""
    monkeypatch.setitem(pipeline.reading.READERS, "application/pdf", lambda c, n, _: change(read_pdf(c, n)))
    return read_facts(content, "r.pdf", CATALOGUE)[1][0]


def _instead(document: Document, key: Key, text: str | None = None, route: str | None = None) -> Document:
    """Return the document with another text or route in the cell of a fact."""
    place = next(p.cell for p in FIRST.cells if (p.table_no, p.cell.row, p.cell.col) == _place(key))
    blocks = tuple(
        replace(
            block,
            cells=tuple(
                cell._replace(text=cell.text if text is None else text, route=route)
                if (cell.page, cell.bbox) == (place.page, place.bbox)
                else cell
                for cell in block.cells
            ),
        )
        if isinstance(block, Table)
        else block
        for block in document.blocks
    )
    return replace(document, blocks=blocks)


def _place(key: Key) -> tuple[int | None, int | None, int | None]:
    fact = _fact(FIRST, key)
    return fact.table_no, fact.row, fact.col


def test_a_sound_reading_is_not_doubted() -> None:
    assert not is_doubtful(FIRST, CATALOGUE)
    assert read_facts(SOUND, "r.pdf", CATALOGUE)[1][0].agreement == {}


@pytest.mark.parametrize(
    "doubted",
    [
        _with(FIRST, TOTAL, **_plus(TOTAL, 1)),
        _with(FIRST, BUSINESS, value=None, status="missing"),
        _with(FIRST, LICENSING, value=None, status="unreadable"),
        replace(FIRST, cells=(FIRST.cells[0]._replace(cell=FIRST.cells[0].cell._replace(route=ODD_GRID)), *FIRST.cells[1:])),
    ],
    ids=["an equation fails", "a cell is missing", "a cell is unreadable", "the grid is odd"],
)  # fmt: skip
def test_a_second_reading_is_asked_for(doubted: ReportReading) -> None:
    assert is_doubtful(doubted, CATALOGUE)


def test_the_equations_choose_between_two_readings() -> None:
    wrong = _with(FIRST, TOTAL, **_plus(TOTAL, 1))
    settled = settle(wrong, FIRST, CATALOGUE)
    assert _fact(settled, TOTAL).value == _fact(FIRST, TOTAL).value
    assert settled.agreement["/".join(TOTAL)] == "differ"
    assert settle(FIRST, wrong, CATALOGUE).facts == FIRST.facts


def test_where_no_reading_satisfies_the_equations_the_cell_is_unreadable() -> None:
    one, other = (_with(FIRST, TOTAL, **_plus(TOTAL, amount)) for amount in (1, 2))
    fact = _fact(settle(one, other, CATALOGUE), TOTAL)
    assert (fact.value, fact.status) == (None, "unreadable")
    assert fact.reason is not None and fact.reason.startswith("two readings differ")


def test_a_cell_that_no_equation_binds_is_never_chosen() -> None:
    other = _with(FIRST, LICENSING, **_plus(LICENSING, 1))
    fact = _fact(settle(FIRST, other, CATALOGUE), LICENSING)
    assert (fact.value, fact.status) == (None, "unreadable")


def test_agreement_makes_no_unread_cell_right() -> None:
    unread = _with(FIRST, LICENSING, value=None, status="unreadable", reason="no unicode map")
    settled = settle(unread, FIRST, CATALOGUE)
    assert _fact(settled, LICENSING).status == "unreadable"
    assert settled.agreement["/".join(LICENSING)] == "unknown"


@pytest.mark.parametrize(("printed", "status"), [("same", "reported"), ("other", "unreadable")])
def test_a_number_that_the_cheap_route_does_not_confirm_needs_the_second_reading(printed: str, status: str) -> None:
    unread = _with(FIRST, LICENSING, value=None, status="unreadable", reason=ROUTES_DIFFER)
    second = FIRST if printed == "same" else _with(FIRST, LICENSING, **_plus(LICENSING, 5))
    fact = _fact(settle(unread, second, CATALOGUE), LICENSING)
    assert fact.status == status
    assert fact.value == (_fact(FIRST, LICENSING).value if status == "reported" else None)


def test_a_misreading_planted_in_the_first_reading_is_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = str(_plus(TOTAL, 7)["raw_text"])
    read = _through_file(monkeypatch, SOUND, lambda document: _instead(document, TOTAL, wrong))
    assert _fact(read, TOTAL).value == _fact(FIRST, TOTAL).value
    assert read.agreement["/".join(TOTAL)] == "differ"
    assert set(read.agreement.values()) == {"agree", "differ"}


def test_a_misreading_where_no_equation_binds_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheap route has doubted it; pdfplumber prints another number."""
    wrong = str(_plus(LICENSING, 7)["raw_text"])
    read = _through_file(monkeypatch, SOUND, lambda document: _instead(document, LICENSING, wrong, ROUTES_DIFFER))
    assert (_fact(read, LICENSING).value, _fact(read, LICENSING).status) == (None, "unreadable")


def test_a_number_doubted_by_the_cheap_route_alone_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    read = _through_file(monkeypatch, SOUND, lambda document: _instead(document, LICENSING, None, ROUTES_DIFFER))
    assert _fact(read, LICENSING).value == _fact(FIRST, LICENSING).value


def test_a_wrong_printed_total_is_the_source_s() -> None:
    read = read_facts(_content(TOTAL, 99999), "r.pdf", CATALOGUE)[1][0]
    assert _fact(read, TOTAL).value == 99999
    assert set(read.agreement.values()) == {"agree"}


def test_a_character_without_a_unicode_map_is_never_the_source_s(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _content(TOTAL, 99999)
    read = _through_file(monkeypatch, content, lambda document: _instead(document, BUSINESS, None, "no unicode map"))
    assert _fact(read, BUSINESS).status == "unreadable"
    assert read.agreement["/".join(BUSINESS)] == "unknown"


def test_the_second_reading_is_of_the_pages_asked_for() -> None:
    whole = read_pdf_reference(SOUND)
    pages = {block.page for block in whole.blocks}
    assert len(pages) > 1
    assert {block.page for block in read_pdf_reference(SOUND, frozenset({2})).blocks} == {2}


def test_a_crowded_page_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reading stands, its failed sums unexplained, and says why."""
    monkeypatch.setattr("pipeline.readers.pdf_reference.LARGEST_CONTENT", 1000)
    read = read_facts(_content(TOTAL, 99999), "r.pdf", CATALOGUE)[1][0]
    assert read.evidence["second_reading"] == "pages too crowded for a second reading"
    assert read.agreement == {}
    assert _fact(read, TOTAL).value == 99999


def test_a_page_of_no_size_costs_the_second_reading_not_the_file() -> None:
    kids = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>"}
    content = bombs.pdf({**kids, 3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 /wide 842]>>"})
    with pytest.raises(UnreadableFile, match="second reading"):
        read_pdf_reference(content)


def test_only_the_pages_of_doubted_tables_are_read_again() -> None:
    def pages(table: str) -> set[int]:
        numbers = {fact.table_no for fact in FIRST.facts if fact.fact_table == table}
        return {placed.cell.page or 0 for placed in FIRST.cells if placed.table_no in numbers}

    assert doubted_pages(_with(FIRST, TOTAL, **_plus(TOTAL, 1)), CATALOGUE) == pages("requests")
    unread = _with(FIRST, LICENSING, value=None, status="unreadable")
    assert doubted_pages(unread, CATALOGUE) == pages("proactive")
    assert pages("proactive") != pages("requests")


def test_what_is_missing_may_stand_on_any_page() -> None:
    missing = _with(FIRST, LICENSING, value=None, status="missing")
    assert doubted_pages(missing, CATALOGUE) is None
    assert doubted_pages(replace(FIRST, tables_missing=("disputes",)), CATALOGUE) is None
