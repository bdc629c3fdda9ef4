"""Numbers broken over the lines of a narrow cell: joined where an equation confirms, left unread everywhere else."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.readers.html import read_html
from pipeline.reading import read_report
from pipeline.report import Fact, ReportReading
from pipeline.wrapped_numbers import join_wrapped_numbers, joined_number

CATALOGUE = load_catalogue()
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")


def _reading(cells: Mapping[str, str]) -> ReportReading:
    """A report whose 行政复议 prints these cells; every other cell of section 四 prints 0."""
    head = "".join(f"<td>{label}</td>" for label in ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"))
    numbers = "".join(f"<td>{cells.get(outcome, '0')}</td>" for outcome in OUTCOMES) + "<td>0</td>" * 10
    page = (
        "<meta charset=utf-8><p>安平县财政局2023年政府信息公开工作年度报告</p><p>四、政府信息公开行政复议、行政诉讼情况</p>"
        "<table><tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>"
        f"<tr>{head.replace('<td>', '<td rowspan=2>')}<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>"
        f"<tr>{head}{head}</tr><tr>{numbers}</tr></table>"
    )
    return read_report(read_html(page.encode(), "a.html"), 1, CATALOGUE)


def _fact(reading: ReportReading, outcome: str) -> Fact:
    return next(f for f in reading.facts if (f.row_code, f.column_code) == ("review", outcome))


def test_a_number_that_its_sum_confirms_is_joined() -> None:
    before = _reading({"upheld": "17<br>4", "corrected": "6", "total": "180"})
    assert _fact(before, "upheld").status == "unreadable"
    assert [problem.kind for problem in before.problems] == ["two_numbers"]
    after = join_wrapped_numbers(before, CATALOGUE)
    fact = _fact(after, "upheld")
    assert (fact.value, fact.status, fact.rules_used) == (Decimal(174), "reconstructed", ("disputes.channel_sum",))
    assert (fact.reason, fact.raw_text) == (None, "17\n4")
    assert after.problems == ()


def test_part_and_total_are_joined_together() -> None:
    after = join_wrapped_numbers(_reading({"upheld": "1,2<br>00", "total": "12<br>00"}), CATALOGUE)
    assert [_fact(after, code).value for code in ("upheld", "total")] == [Decimal(1200)] * 2


@pytest.mark.parametrize(
    "cells",
    [
        {"upheld": "17<br>4", "total": "21"},  # the sum of two numbers
        {"upheld": "17<br>4", "total": "17"},  # the first of them
        {"upheld": "17<br>4", "total": "x"},  # nothing confirms it
        {"upheld": "17<br>4<br>", "other": "3<br>5", "total": "174"},  # only one of them would fit
    ],
)
def test_what_no_equation_confirms_stays_unread(cells: dict[str, str]) -> None:
    before = _reading(cells)
    assert join_wrapped_numbers(before, CATALOGUE) == before


def test_a_dash_beside_it_counts_as_nothing() -> None:
    after = join_wrapped_numbers(_reading({"upheld": "17<br>4", "pending": "/", "total": "174"}), CATALOGUE)
    assert _fact(after, "upheld").value == Decimal(174)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("17\n4", 174),
        ("１２\n３４\n５", 12345),
        ("1,4\n74", 1474),
        ("1\n74", None),  # the first line is not full: two numbers
        ("17\n4件", None),
        ("17 4", None),
        ("0\n0", None),
        ("减\n2", None),
        ("174", None),
    ],
)
def test_which_lines_look_like_one_number(text: str, value: int | None) -> None:
    fact = _fact(_reading({"upheld": "1<br>2", "total": "9"}), "upheld")._replace(raw_text=text)
    assert joined_number(fact) == value
