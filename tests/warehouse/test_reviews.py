"""A decision on a finding across reports: kept while the cells of both sides read the same, also when a report is replaced."""

from datetime import date

import pytest

from pipeline.cli.reviews_file import Review, append_reviews
from pipeline.reading import FileReading
from tests.warehouse.made_lake import NOON, VERSION, made_fact, made_prose, made_report
from tests.warehouse.test_load_orders import TABLE, Store
from warehouse.extracted import ReadContent, write_extracted_batch
from warehouse.query import run_query
from warehouse.raw_store import take_in

BODY = "文成县人民政府"
FINDING = ("carry_over.requests", "total")


def put(store: Store, name: str, year: int, day: int, **printed: int) -> None:
    """Load a report of one body whose section 三 holds the numbers given, and compute what it touches."""
    facts = tuple(
        made_fact(row, column, printed.get(row, 0) if column == "total" else 0, row=n, col=1)
        for n, (row, column) in enumerate(TABLE.cells, start=1)
    )
    title = f"{BODY}{year}年政府信息公开工作年度报告"
    more = {"issuer": BODY, "title": title, "facts": facts, "cells": (), "published_on": date(year + 1, 2, day)}
    (store.inbox / name).write_text(name, encoding="utf-8")
    (file_id,) = take_in(store.home, [store.inbox / name], now=NOON).file_ids
    reading = FileReading("text/plain", (made_report(year, **more),), (made_prose(7),))
    write_extracted_batch(store.home, [ReadContent(file_id, len(name), "text/plain", reading)], VERSION)
    store.compute()
    store.publish()


def findings(store: Store) -> list[tuple[str, str]]:
    sql = "SELECT check_id, subject FROM anomalies WHERE check_id LIKE 'carry_over%' ORDER BY ALL"
    return [(check_id, subject) for check_id, subject in run_query(store.home, sql).rows]


@pytest.fixture
def dismissed(tmp_path) -> Store:
    """Two years that do not fit, and a person who said that this is no fault."""
    store = Store(tmp_path / "store")
    put(store, "before", 2021, 1, carried_over_out=3)
    put(store, "now", 2022, 1, carried_over_in=5)
    assert findings(store) == [FINDING]
    ((series, evidence),) = run_query(
        store.home, "SELECT series_id, evidence FROM anomalies WHERE check_id LIKE 'carry%'"
    ).rows
    append_reviews(store.home.reviews, [Review(series, *FINDING, "dismiss", "", "2026-01-02T03:04:05+00:00", evidence)])
    store.publish()
    assert findings(store) == []
    return store


def test_it_holds_when_a_report_is_replaced_by_one_that_reads_the_same(dismissed):
    put(dismissed, "before again", 2021, 9, carried_over_out=3)
    put(dismissed, "now again", 2022, 9, carried_over_in=5)
    assert findings(dismissed) == []
    assert run_query(dismissed.home, "SELECT count(*) FROM reports WHERE is_current").rows == [(2,)]


@pytest.mark.parametrize("side", ["before", "now"])
def test_it_comes_up_again_when_either_side_reads_otherwise(dismissed, side):
    printed = {"carried_over_out": 4} if side == "before" else {"carried_over_in": 6}
    put(dismissed, f"{side} again", 2021 if side == "before" else 2022, 9, **printed)
    assert findings(dismissed) == [FINDING]


def test_it_holds_again_when_the_old_report_counts_again(dismissed):
    put(dismissed, "before again", 2021, 9, carried_over_out=4)
    assert findings(dismissed) == [FINDING]
    put(dismissed, "before once more", 2021, 19, carried_over_out=3)
    assert findings(dismissed) == []
