"""What is recorded of every load, and what is told from it: how findings moved, and where we read worse than before."""

import pytest

from warehouse.load_history import failures_by_load, read_worse
from warehouse.loads import changed_findings, distributions, read_loads

LIMITS = {"least_reports": 5, "least_rise": 0.05}


def counted(unread, reports=6, cells=100):
    return {
        ("report", "extraction", "complete"): reports,
        ("cell", "requests", "reported"): cells - unread,
        ("cell", "requests", "missing"): unread,
    }


def test_a_load_records_the_years_that_changed(home, load, publish_now):
    finding = {"report_id": "r", "check_id": "requests.balance", "outcome": "failed"}
    load("a.txt", 2021, results=(finding,))
    publish_now()
    load("b.txt", 2022, number=3)
    publish_now()
    first, second = read_loads(home)
    assert {row[0] for row in first.findings} == {2021} and {row[0] for row in second.findings} == {2022}
    years = distributions([first, second])
    assert years[2021]["check", "requests.balance", "failed"] == 1
    assert years[2022]["cell", "requests", "reported"] == 1
    assert failures_by_load([first, second], 2021, 5) == [(1, {"requests.balance": 1})]
    assert failures_by_load([first, second], 2022, 5) == [(2, {})]
    assert changed_findings([*first.findings, *second.findings], [first, second]) == ()


def test_the_published_history_can_be_asked(home, load, publish_now):
    from warehouse.query import run_query

    load("a.txt", 2021)
    publish_now()
    sql = "select f.measure, f.code, f.outcome, f.n from (select unnest(findings) as f from loads) where f.measure = 'cell'"
    assert run_query(home, sql).rows == [("cell", "requests", "blank", 1), ("cell", "requests", "reported", 1)]


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [(counted(2), counted(8), 1), (counted(2), counted(6), 0), (counted(2, reports=4), counted(60), 0),
     (counted(8), counted(2), 0), (counted(0), {("report", "extraction", "no_tables"): 6}, 0)],
)  # fmt: skip
def test_a_share_of_unread_cells_that_rose_is_told(before, now, found):
    worse = read_worse({2021: before}, {2021: now, 2022: counted(90)}, LIMITS)
    assert len(worse) == found
    if found:
        assert (worse[0].year, worse[0].fact_table, worse[0].before, worse[0].now) == (2021, "requests", 0.02, 0.08)


def test_the_worst_comes_first():
    years = {2020: counted(0), 2021: counted(0)}
    worse = read_worse(years, {2020: counted(10), 2021: counted(50)}, LIMITS)
    assert [reading.year for reading in worse] == [2021, 2020]
