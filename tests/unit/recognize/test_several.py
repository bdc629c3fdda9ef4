"""Several reports in one file: told apart by their titles, never made one, reported where no title divides them."""

import random
import re

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.reading import read_file
from tests.documents import dump, html
from tests.documents.made import MadeReport, make_report

CATALOGUE = load_catalogue()


def made(*seeds: int) -> list[MadeReport]:
    reports = [make_report(random.Random(seed), CATALOGUE, "2021", "plain") for seed in seeds]
    assert len({report.title for report in reports}) == len(reports)
    return reports


def page(reports: list[MadeReport], style: str = "plain") -> bytes:
    """One page with the bodies of several pages behind each other."""
    pages = [html.render(report, style, Utf8()).decode() for report in reports]
    bodies = [re.search("<body>(.*)</body>", text, re.DOTALL) for text in pages]
    head = pages[0][: pages[0].index("<body>")]
    return (head + "<body>" + "".join(body.group(1) for body in bodies if body) + "</body></html>").encode()


class Utf8(random.Random):
    """Chooses the first of everything: UTF-8, plainly declared."""

    def choice(self, seq):
        return seq[0]


def facts_are_right(reports: list[MadeReport], content: bytes, name: str) -> None:
    reading = read_file(content, name, CATALOGUE)
    assert [(r.place, r.issuer, r.year) for r in reading.reports] == [
        (place, report.issuer, report.year) for place, report in enumerate(reports, start=1)
    ]
    for read, report in zip(reading.reports, reports, strict=True):
        assert not read.problems
        assert set(read.tables_found) == set(report.forms)
        for fact in read.facts:
            truth = report.truth[fact.fact_table, fact.row_code, fact.column_code]
            assert fact.value == truth.value


@pytest.mark.parametrize("seeds", [(1, 2), (3, 4, 5)])
def test_a_page_of_several_reports(seeds: tuple[int, ...]) -> None:
    facts_are_right(made(*seeds), page(made(*seeds)), "a.html")


def test_a_text_of_several_reports() -> None:
    reports = made(1, 2, 6)
    text = b"\n\n".join(dump.render(report, "tab_cells", random.Random(1)) for report in reports)
    facts_are_right(reports, text, "a.txt")


def test_a_page_that_prints_its_report_twice_has_one() -> None:
    (report,) = made(1)
    reading = read_file(page([report, report]), "a.html", CATALOGUE)
    assert len(reading.reports) == 1
    kinds = {problem.kind for problem in reading.reports[0].problems}
    assert "doubled_table" in kinds


def test_titles_of_other_reports_divide_nothing() -> None:
    report, other = made(1, 2)
    content = page([report]).decode()
    links = f"<p>{other.title}</p>" * 3
    for spoilt in (content.replace("</body>", links + "</body>"), content.replace("<body>", "<body>" + links)):
        (read,) = read_file(spoilt.encode(), "a.html", CATALOGUE).reports
        assert set(read.tables_found) == set(report.forms)


def test_where_no_title_divides_them_it_is_told() -> None:
    reports = made(1, 2)
    content = page(reports).decode().replace(reports[1].title, "")
    (read,) = read_file(content.encode(), "a.html", CATALOGUE).reports
    assert "several_reports" in {problem.kind for problem in read.problems}


def test_a_part_that_cannot_be_read_is_told_and_the_rest_is_read() -> None:
    reports = made(1, 2)
    content = page(reports).decode().replace(str(reports[1].year), "")
    read = read_file(content.encode(), "a.html", CATALOGUE).reports
    assert [r.issuer for r in read][:1] == [reports[0].issuer]
    assert len(read) == 2 or "several_reports" in {problem.kind for problem in read[0].problems}
