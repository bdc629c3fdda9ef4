"""Whose fault a failed equation is: the source's where two readings agree, unknown where there is no second one."""

import random
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.draft import judge_file
from tests.documents import html, pdf
from tests.documents.made import MadeReport, Truth, make_report, with_cell

CATALOGUE = load_catalogue()
TOTAL = ("requests", "processed_total", "total")


def _wrong_total() -> MadeReport:
    report = make_report(random.Random(3), CATALOGUE, "2021", "plain")
    value = report.truth[TOTAL].value
    assert value is not None
    return with_cell(report, TOTAL, str(value + 7), Truth(value + 7, "reported"), CATALOGUE)


@pytest.mark.parametrize(("name", "verdict"), [("report.pdf", "source"), ("report.html", "unknown")])
def test_verdict_of_a_wrong_printed_total(name: str, verdict: str) -> None:
    rng = random.Random(3)
    report = _wrong_total()
    content = pdf.render(report, "lines", rng) if name.endswith("pdf") else html.render(report, "plain", rng)
    (judged,) = judge_file(content, name)
    failed = [row for row in judged["check_results"] if row["outcome"] == "failed"]
    assert {row["check_id"] for row in failed} == {
        "requests.balance",
        "requests.processed_sum",
        "requests.applicant_sum",
    }
    assert {row["verdict"] for row in failed} == {verdict}
    assert {abs(row["difference"]) for row in failed} == {Decimal(7)}
