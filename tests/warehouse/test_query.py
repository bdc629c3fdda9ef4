"""The questions of the command line: anomalies, one report, what is loaded; and the views behind them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pipeline.home import Home
from pipeline.reading import report_identifier
from tests.warehouse.made_lake import NOON, VERSION, made_fact, made_reading
from warehouse.errors import SchemaMismatch, WarehouseError
from warehouse.extracted import ReadContent, write_extracted_batch
from warehouse.query import anomalies, report, run_query, status
from warehouse.raw_store import take_in

Compute = Callable[..., None]
PublishNow = Callable[..., Any]

TOTAL_ZERO = (
    made_fact("new_received", "total", 8),
    made_fact("carried_over_in", "total", 0),
    made_fact("processed_total", "total", 0),
    made_fact("carried_over_out", "total", 0),
    made_fact("granted", "business", "-1"),
)


@pytest.fixture
def one_report(home: Home, tmp_path: Any) -> str:
    """A report of 2021, form 2021, taken in and read; its id."""
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    (file_id,) = take_in(home, [tmp_path / "a.txt"], now=NOON).file_ids
    reading = made_reading(2021, facts=TOTAL_ZERO)
    write_extracted_batch(home, [ReadContent(file_id, 1, "text/plain", reading)], VERSION)
    return report_identifier(file_id, 1)


def failed(report_id: str, check_id: str, subject: str, **more: Any) -> dict[str, Any]:
    return {"report_id": report_id, "check_id": check_id, "subject": subject, "outcome": "failed", **more}


def cells(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(suspect["row_code"], suspect["column_code"]) for suspect in row["suspects"]}


def test_a_failed_equation_is_an_anomaly_with_the_cells_that_it_binds(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(
        2021,
        failed(
            one_report,
            "requests.balance",
            "total",
            left_value=Decimal(8),
            right_value=Decimal(0),
            difference=Decimal(8),
        ),
        {"report_id": one_report, "check_id": "requests.applicant_sum", "subject": "granted"},
        {"report_id": one_report, "check_id": "requests.balance", "subject": "business", "outcome": "not_assessable"},
    )
    publish_now()
    (row,) = anomalies(home).dicts()
    assert (row["check_id"], row["subject"], row["difference"]) == ("requests.balance", "total", Decimal(8))
    assert cells(row) == {
        (code, "total") for code in ("new_received", "carried_over_in", "processed_total", "carried_over_out")
    }
    assert {s["raw_text"] for s in row["suspects"]} == {"8", "0"}
    assert (row["title"], row["issuer_kind"]) == ("清河县2021年政府信息公开工作年度报告", "county")
    assert row["decision"] is None


def test_single_cells_are_findings_and_their_summary_is_not(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(
        2021,
        failed(one_report, "requests.nonnegative", "all"),
        failed(one_report, "requests.nonnegative", "granted/business"),
        failed(one_report, "drift.identical", "all", severity="warning"),
    )
    publish_now()
    found = anomalies(home).dicts()
    assert [(row["check_id"], row["subject"]) for row in found] == [
        ("requests.nonnegative", "granted/business"),
        ("drift.identical", "all"),
    ]
    assert cells(found[0]) == {("granted", "business")}
    assert found[1]["suspects"] == []


def test_a_suggested_repair_narrows_the_suspects(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    repair = {
        "report_id": one_report,
        "fact_table": "requests",
        "row_code": "processed_total",
        "column_code": "total",
        "reported": Decimal(0),
        "suggested": Decimal(8),
        "solution": 1,
    }
    compute_year(2021, failed(one_report, "requests.balance", "total"), suggestions=(repair,))
    publish_now()
    (row,) = anomalies(home).dicts()
    assert [(s["row_code"], s["suggested"]) for s in row["suspects"]] == [("processed_total", Decimal(8))]


def test_only_current_reports_have_anomalies(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    import polars as pl

    from warehouse.year_writer import write_check_results, write_facts
    from warehouse.years import read_check_results, read_facts

    compute_year(2021, failed(one_report, "requests.balance", "total"))
    frames = read_facts(home, 2021)
    frames["reports"] = frames["reports"].with_columns(is_current=pl.lit(False))
    fingerprint = write_facts(home, 2021, frames)
    write_check_results(home, 2021, read_check_results(home, 2021)["check_results"], fingerprint)
    publish_now()
    assert anomalies(home).rows == []


def review(home: Home, *lines: str) -> None:
    header = "series_id,check_id,subject,decision,note,decided_at,evidence"
    home.reviews.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def test_a_dismissed_finding_stays_away_while_it_reads_the_same(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(
        2021, failed(one_report, "requests.balance", "total"), failed(one_report, "requests.balance", "business")
    )
    publish_now()
    found = {row["subject"]: row for row in anomalies(home).dicts()}
    head = f"{found['total']['series_id']},requests.balance,total"
    evidence = found["total"]["evidence"]
    assert evidence != found["business"]["evidence"]
    review(home, f'{head},dismiss,"a note, quoted",2026-03-01 12:00:00.000001,{evidence}')
    publish_now()
    assert [row["subject"] for row in anomalies(home).dicts()] == ["business"]
    assert run_query(home, "SELECT note FROM reviews").rows == [("a note, quoted",)]
    # The judgement may change its words; what was printed is the same.
    compute_year(2021, failed(one_report, "requests.balance", "total", message_en="told better"))
    publish_now()
    assert anomalies(home).rows == []
    # Another decision later on the same finding.
    review(
        home,
        f"{head},dismiss,,2026-03-01T12:00:00,{evidence}",
        f"{head},confirm,,2026-03-02T08:00:00+08:00,{evidence}",
    )
    publish_now()
    assert [(row["subject"], row["decision"]) for row in anomalies(home).dicts()] == [("total", "confirm")]
    # A decision on what read otherwise.
    review(home, f"{head},dismiss,,2026-03-03T12:00:00,0000000000000000")
    publish_now()
    assert [row["subject"] for row in anomalies(home).dicts()] == ["total"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "its first line must be"),
        ("series_id,check_id,subject,decision,note,decided_at,evidence\nx,y\n", "line 2: has 2 columns"),
        ("series_id,check_id,subject,decision,note,decided_at,evidence\na,b,c,dismiss,,soon,e\n", "no date and time"),
    ],
)
def test_a_broken_reviews_file_is_told_with_its_line(
    text: str, message: str, home: Home, publish_now: PublishNow
) -> None:
    home.root.mkdir()
    home.reviews.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaMismatch, match=message):
        publish_now()


def test_prose_findings_come_with_their_sentence(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(2021, failed(one_report, "narrative.requests", "1", severity="warning"))
    publish_now()
    (row,) = anomalies(home).dicts()
    assert (row["section_no"], row["sentence"]) == (1, "全年收到申请7件。")


def test_the_worst_come_first_and_filters_hold(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(
        2021,
        failed(one_report, "narrative.parts", "1", severity="warning", difference=Decimal(900)),
        failed(one_report, "requests.balance", "business", difference=Decimal(-20)),
        failed(one_report, "requests.balance", "total", difference=Decimal(8)),
        failed(one_report, "timeliness.deadline", "all", severity="info"),
    )
    publish_now()

    def subjects(**filters: Any) -> list[str]:
        return [f"{row['check_id']}/{row['subject']}" for row in anomalies(home, **filters).dicts()]

    everything = [
        "requests.balance/business", "requests.balance/total", "narrative.parts/1", "timeliness.deadline/all",
    ]  # fmt: skip
    assert subjects() == everything
    assert subjects(year=2021, issuer="清河") == everything
    assert subjects(year=2020) == []
    assert subjects(issuer="没有") == []
    assert subjects(kind="requests") == everything[:2]
    assert subjects(kind="narrative.parts") == everything[2:3]
    assert subjects(kind="request") == []
    assert subjects(issuer="'; DROP TABLE reports; --") == []


def test_one_report_comes_with_everything_that_hangs_on_it(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(2021, failed(one_report, "requests.balance", "total"))
    publish_now()
    found = {name: result.dicts() for name, result in report(home, one_report[:8]).items()}
    assert found["reports"][0]["report_id"] == one_report
    counts = {name: len(rows) for name, rows in found.items()}
    assert counts == {
        "reports": 1,
        "report_files": 1,
        "sections": 1,
        "cells": 1,
        "facts": 5,
        "claims": 1,
        "problems": 1,
        "check_results": 1,
        "suggestions": 0,
        "compared_cells": 0,
        "anomalies": 1,
        "corrections": 0,
    }
    with pytest.raises(WarehouseError, match="there is no report ffff"):
        report(home, "ffff")


def test_a_beginning_that_several_reports_have_is_refused(
    home: Home, load: Callable[..., str], publish_now: PublishNow
) -> None:
    load("a.txt", 2020, 2021)
    publish_now()
    with pytest.raises(WarehouseError, match="2 reports begin with"):
        report(home, "")


def test_wide_requests_have_one_row_per_report_and_printed_totals(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow, load: Callable[..., str]
) -> None:
    load("prose_only.txt", 2020)
    compute_year(2021)
    publish_now()
    wide = run_query(home, "SELECT year, form, new_received, processed_total, granted, other FROM requests_wide").rows
    assert sorted(wide) == [(2020, "2021", 7, None, None, None), (2021, "2021", 8, 0, None, None)]


def test_facts_are_the_four_tables_as_one(
    home: Home, one_report: str, compute_year: Compute, publish_now: PublishNow
) -> None:
    compute_year(2021)
    publish_now()
    sql = "SELECT fact_table, row_code, column_code, value, unit, raw_text FROM facts WHERE row_code = 'granted'"
    assert run_query(home, sql).rows == [("requests", "granted", "business", Decimal(-1), "count", "-1")]


def test_dictionary_and_rules_are_those_declared(home: Home, publish_now: PublishNow, catalogue: Any) -> None:
    publish_now()
    codes = set(run_query(home, "SELECT form, fact_table, axis, code, is_group FROM dictionary").rows)
    for form in catalogue.forms.values():
        for table in form.tables.values():
            for axis, entries in ((table.row_axis, table.rows), (table.column_axis, table.columns)):
                assert {(form.code, table.fact_table, axis, e.code, e.is_group) for e in entries} <= codes
    assert {row[0] for row in run_query(home, "SELECT check_id FROM rules").rows} == set(catalogue.rules)
    # Every rule over one report's facts says which cells it binds, or it could have no suspects.
    bound = {row[0] for row in run_query(home, "SELECT DISTINCT check_id FROM rule_cells").rows}
    assert bound == {rule.check_id for rule in catalogue.rules.values() if rule.fact_table and rule.kind != "across"}


def test_status_tells_what_is_loaded_stale_quarantined_and_pending(
    home: Home, load: Callable[..., str], publish_now: PublishNow, tmp_path: Any
) -> None:
    load("a.txt", 2021)
    (tmp_path / "novel.txt").write_text("novel", encoding="utf-8")
    (tmp_path / "later.txt").write_text("later", encoding="utf-8")
    (novel,) = take_in(home, [tmp_path / "novel.txt"], now=NOON).file_ids
    write_extracted_batch(home, [ReadContent(novel, 5, None, None, "not a report")], VERSION)
    (later,) = take_in(home, [tmp_path / "later.txt"], now=NOON).file_ids
    publish_now()
    found = {name: result.dicts() for name, result in status(home).items()}
    (year,) = found["years"]
    # The made facts were not computed by the project's own code, so that the year counts as stale.
    assert (year["year"], year["reports"], year["current"], year["stale"]) == (2021, 1, 1, True)
    assert [(row["file_id"], row["error"]) for row in found["quarantined"]] == [(novel, "not a report")]
    assert [row["file_id"] for row in found["pending"]] == [later]
    assert found["last_load"][0]["load_id"] == 1
