"""Whose fault a failed equation is: the source's where two readings agree, ours where they differ, unknown without a second one."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

import pipeline.reading
from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Table
from pipeline.draft import judge_file
from pipeline.readers.sniff import DOCX, XLSX
from pipeline.reading import READERS
from tests.documents import docx, dump, html, pdf, xlsx
from tests.documents.made import MadeReport, Truth, make_report, with_cell

CATALOGUE = load_catalogue()
TOTAL = ("requests", "processed_total", "total")
RENDER: dict[str, Callable[[MadeReport, random.Random], bytes]] = {
    "report.pdf": lambda report, rng: pdf.render(report, "lines", rng),
    "report.html": lambda report, rng: html.render(report, "plain", rng),
    "report.docx": docx.render,
    "report.xlsx": xlsx.render,
    "report.txt": lambda report, rng: dump.render(report, "tab_rows", rng),
}
MEDIA_TYPES = {"report.html": "text/html", "report.docx": DOCX, "report.xlsx": XLSX}


def _report() -> MadeReport:
    return make_report(random.Random(3), CATALOGUE, "2021", "plain")


def _wrong_total() -> MadeReport:
    report = _report()
    value = report.truth[TOTAL].value
    assert value is not None
    return with_cell(report, TOTAL, str(value + 7), Truth(value + 7, "reported"), CATALOGUE)


@pytest.mark.parametrize(
    ("name", "verdict"), [(name, "unknown" if name.endswith("txt") else "source") for name in RENDER]
)
def test_verdict_of_a_wrong_printed_total(name: str, verdict: str) -> None:
    (judged,) = judge_file(RENDER[name](_wrong_total(), random.Random(3)), name)
    failed = [row for row in judged["check_results"] if row["outcome"] == "failed"]
    assert {row["check_id"] for row in failed} == {
        "requests.balance",
        "requests.processed_sum",
        "requests.applicant_sum",
    }
    assert {row["verdict"] for row in failed} == {verdict}
    assert {abs(row["difference"]) for row in failed} == {Decimal(7)}


def _other_number(document: Document) -> Document:
    """Read 4711 in the last cell of the largest table."""
    largest = max((b for b in document.blocks if isinstance(b, Table)), key=lambda table: len(table.cells))
    cells = list(largest.cells)
    place = max(n for n, cell in enumerate(cells) if cell.row == cells[-1].row)
    cells[place] = cells[place]._replace(text="4711")
    return replace(document, blocks=tuple(Table(tuple(cells)) if b is largest else b for b in document.blocks))


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_a_cell_that_we_misread_is_never_the_source_s(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    media_type = MEDIA_TYPES[name]
    read = READERS[media_type]
    monkeypatch.setitem(pipeline.reading.READERS, media_type, lambda c, n, k: _other_number(read(c, n, k)))
    (judged,) = judge_file(RENDER[name](_wrong_total(), random.Random(3)), name)
    assert not [row for row in judged["facts"] if row["value"] == 4711]


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_a_sound_report_asks_for_no_second_reading(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.reading.SECOND_READERS", {MEDIA_TYPES[name]: None})
    (judged,) = judge_file(RENDER[name](_report(), random.Random(3)), name)
    assert not [row for row in judged["check_results"] if row["outcome"] == "failed"]
