"""The real reports whose cells are known by hand: which equations fail, and what localization makes of them."""

import json
from decimal import Decimal

import polars as pl
import pytest

from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.localize import localize

pytestmark = pytest.mark.real_reports


@pytest.fixture(scope="module")
def known(real_reports, catalogue):
    """Return the facts of every table in truth.json, report_id being the file's name."""
    rows = []
    for name, report in json.loads((real_reports / "truth.json").read_text(encoding="utf-8")).items():
        for fact_table in ("requests", "proactive", "disputes", "statistics"):
            cells = {
                (row, column): number
                for row, columns in report.get(fact_table, {}).items()
                for column, number in (columns.items() if isinstance(columns, dict) else [("year", columns)])
            }
            tables = [table for table in catalogue.table_forms(fact_table) if set(table.cells) == set(cells)]
            assert len(tables) == bool(cells), f"{name}: {fact_table} is of {len(tables)} forms"
            rows += [
                (name, report["year"], fact_table, *cell, Decimal(str(number)), "reported", table.form)
                for table in tables
                for cell, number in cells.items()
            ]
    schema = {
        "report_id": pl.String,
        "year": pl.Int32,
        **dict.fromkeys(("fact_table", "row_code", "column_code"), pl.String),
        "value": pl.Decimal(20, 4),
        **dict.fromkeys(("status", "form"), pl.String),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_only_the_known_equations_fail(known, catalogue):
    failed = evaluate_rules(known, catalogue).filter(pl.col("outcome") == "failed")
    found = {
        (name[:3], check, subject) for name, check, subject in failed.select("report_id", "check_id", "subject").rows()
    }
    assert failed.height == len(found) == 8
    assert found == {
        *(
            ("001", f"requests.{rule}", who)
            for rule in ("balance", "processed_sum")
            for who in ("natural_person", "total")
        ),
        *(("pdf", "disputes.channel_sum", channel) for channel in ("review", "litigation_after_review")),
        *(("tex", "requests.processed_sum", who) for who in ("natural_person", "total")),
    }


def test_the_culprits_are_those_that_a_careful_reader_names(known, catalogue):
    found = localize(known, catalogue)
    sure = found.filter("is_unique").select("report_id", "row_code", "column_code", "suggested").rows()
    assert {(name[:3], row, column, int(number)) for name, row, column, number in sure} == {
        ("001", "processed_total", "natural_person", 8),
        ("001", "processed_total", "total", 8),
        ("pdf", "review", "total", 11),
        ("pdf", "litigation_after_review", "total", 5),
    }
    # 平潭 2020: the items add up to 27 against 21, while balance and rows hold: either 予以公开 or 部分公开 is 6 too many.
    unsure = found.filter(~pl.col("is_unique"))
    assert set(unsure["report_id"]) == {"text/pingtan_2020.txt"}
    assert unsure.select("solution", "row_code", "column_code").rows() == [
        (1, "granted", "natural_person"),
        (1, "granted", "total"),
        (2, "partially_granted", "natural_person"),
        (2, "partially_granted", "total"),
    ]
