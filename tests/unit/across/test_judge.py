"""Rules across reports: one sound and one broken case each, what is not assessable, and that order is of no matter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import polars as pl
import pytest

from pipeline.across.history import current_reports, make_history
from pipeline.across.judge import AcrossChecks, background_of, judge_across
from pipeline.across.past import CELL, seen_by_report, seen_later, shares_of_long, watched_of_long
from pipeline.across.rollup import ROSTER, judge_rollup
from pipeline.catalogue.model import Catalogue
from tests.unit.across.conftest import Reports, outcomes

IN, OUT = "requests/carried_over_in/total", "requests/carried_over_out/total"


def judged(made: Reports, year: int, catalogue: Catalogue) -> pl.DataFrame:
    return judge_across(year, made.reports(), made.facts(), catalogue).check_results


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [(3, 3, "passed"), (3, 4, "failed"), ("blank", 0, "passed"), ("blank", 1, "not_assessable"),
     ("blank", "blank", "not_assessable"), ("unreadable", 0, "not_assessable"), ("missing", 0, "not_assessable")],
)  # fmt: skip
def test_what_came_in_is_what_was_carried_over(
    made: Reports, catalogue: Catalogue, before: object, now: object, outcome: str
) -> None:
    made.add("a", 2021, {OUT: before})
    made.add("a", 2022, {IN: now})
    assert outcomes(judged(made, 2022, catalogue), "carry_over.requests") == {("a-2022-own", "total"): outcome}


def test_without_the_report_before_nothing_can_be_told(made: Reports, catalogue: Catalogue) -> None:
    made.add("a", 2021, {OUT: 3}, scope="aggregate")
    made.add("a", 2022, {IN: 3})
    results = judged(made, 2022, catalogue)
    assert outcomes(results, "carry_over.requests") == {("a-2022-own", "total"): "not_assessable"}
    message = results.filter(check_id="carry_over.requests")["message_en"].item()
    assert "is not loaded" in message


def test_an_old_version_and_a_body_of_unknown_scope_are_no_report_before(made: Reports, catalogue: Catalogue) -> None:
    made.add("a", 2021, {OUT: 9}, report_id="old", is_current=False)
    made.add("b", 2021, {OUT: 9}, scope="unknown")
    made.add("a", 2022, {IN: 3})
    made.add("b", 2022, {IN: 3}, scope="unknown")
    assert set(outcomes(judged(made, 2022, catalogue), "carry_over.requests").values()) == {"not_assessable"}


def test_the_cumulative_number_grows_by_the_year(made: Reports, catalogue: Catalogue) -> None:
    made.add("a", 2012, {"statistics/disclosed_total/cumulative": 4359})
    cells = {"statistics/disclosed_total/year": 72804, "statistics/disclosed_total/cumulative": 76424}
    made.add("a", 2013, cells)
    row = judged(made, 2013, catalogue).filter(check_id="carry_over.cumulative").row(0, named=True)
    assert (row["outcome"], row["severity"], row["subject"]) == ("failed", "warning", "disclosed_total")
    assert (row["left_value"], row["right_value"], row["difference"]) == (Decimal(76424), Decimal(77163), Decimal(-739))
    assert "76424" in row["message_zh"] and "77163" in row["message_en"]


def test_what_is_in_force_follows_from_the_year_before(made: Reports, catalogue: Catalogue) -> None:
    stock = {"proactive/regulations/in_force": 10, "proactive/normative_documents/in_force": 10}
    made.add("a", 2021, stock)
    now = {f"proactive/{row}/{column}": n for row in ("regulations", "normative_documents")
           for column, n in (("created", 3), ("repealed", 1))}  # fmt: skip
    made.add("a", 2022, now | {"proactive/regulations/in_force": 12, "proactive/normative_documents/in_force": 14})
    expected = {("a-2022-own", "regulations"): "passed", ("a-2022-own", "normative_documents"): "failed"}
    assert outcomes(judged(made, 2022, catalogue), "carry_over.stock") == expected


def test_items_of_form_2019_follow_from_the_year_before(made: Reports, catalogue: Catalogue) -> None:
    made.add("a", 2019, {"proactive/fees/previous_year_items": 10, "proactive/fees/change": -4})
    made.add("a", 2020, {"proactive/fees/previous_year_items": 10, "proactive/fees/change": 0})
    assert outcomes(judged(made, 2020, catalogue), "carry_over.items") == {("a-2020-own", "fees"): "failed"}


def test_the_bridge_2018_2019_informs(made: Reports, catalogue: Catalogue) -> None:
    made.add(
        "a", 2018, {"statistics/requests_received/year": 12, "statistics/requests_completed/year": 10}, form="2014"
    )
    made.add("a", 2019, {IN: 3})
    row = judged(made, 2019, catalogue).filter(check_id="carry_over.pending").row(0, named=True)
    assert (row["outcome"], row["severity"], row["right_value"]) == ("failed", "info", Decimal(2))


@pytest.mark.parametrize(
    ("kind", "scope", "year", "day", "outcome"),
    [("department", "own", 2021, date(2022, 1, 31), "passed"), ("department", "own", 2021, date(2022, 2, 1), "failed"),
     ("county", "aggregate", 2021, date(2022, 2, 20), "passed"), ("county", "aggregate", 2021, date(2022, 2, 21), "failed"),
     ("prefecture", "aggregate", 2021, date(2022, 3, 10), "passed"), ("province", "aggregate", 2021, date(2022, 4, 1), "failed"),
     ("township", "own", 2016, date(2017, 3, 31), "passed"), ("township", "own", 2016, date(2017, 4, 1), "failed"),
     ("department", "own", 2021, date(2023, 1, 1), "not_assessable"), ("department", "own", 2021, None, "not_assessable"),
     ("department", "own", 2021, date(2021, 6, 1), "not_assessable"), ("unknown", "own", 2021, date(2022, 1, 1), "not_assessable"),
     ("county", "unknown", 2021, date(2022, 1, 1), "not_assessable")],
)  # fmt: skip
def test_the_due_date_is_that_of_body_and_scope(
    made: Reports, catalogue: Catalogue, kind: str, scope: str, year: int, day: date | None, outcome: str
) -> None:
    made.add("a", year, {}, issuer_kind=kind, scope=scope, published_on=day)
    assert list(outcomes(judged(made, year, catalogue), "timeliness.deadline").values()) == [outcome]


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [(2, 12, "passed"), (100, 499, "passed"), (100, 501, "failed"), (500, 99, "failed"), (0, 80, "failed"), (0, 20, "passed")],
)  # fmt: skip
def test_a_ratio_alarms_beyond_its_bounds_and_above_its_floor(
    made: Reports, catalogue: Catalogue, before: int, now: int, outcome: str
) -> None:
    made.add("a", 2021, {"requests/new_received/total": before})
    made.add("a", 2022, {"requests/new_received/total": now})
    found = outcomes(judged(made, 2022, catalogue), "drift.ratio")
    assert found["a-2022-own", "all"] == outcome
    assert (("a-2022-own", "new_received/total") in found) == (outcome == "failed")


def test_a_level_is_told_from_two_earlier_years(made: Reports, catalogue: Catalogue) -> None:
    cell = "requests/new_received/total"
    for body, numbers in {"steady": (100, 110, 105), "jumps": (100, 110, 2000), "few": (1, 2, 12)}.items():
        for year, number in zip((2020, 2021, 2022), numbers, strict=True):
            made.add(body, year, {cell: number})
    found = outcomes(judged(made, 2022, catalogue), "drift.level")
    assert found["steady-2022-own", "all"] == found["few-2022-own", "all"] == "passed"
    assert found["jumps-2022-own", "all"] == found["jumps-2022-own", "new_received/total"] == "failed"
    assert set(outcomes(judged(made, 2021, catalogue), "drift.level").values()) == {"not_assessable"}


def test_a_body_without_a_past_is_told_from_its_peers(made: Reports, catalogue: Catalogue) -> None:
    for number in range(14):
        made.add(f"b{number}", 2022, {"requests/new_received/total": 10 + number})
    made.add("far", 2022, {"requests/new_received/total": 9000})
    found = outcomes(judged(made, 2022, catalogue), "drift.level")
    assert {key[0] for key, outcome in found.items() if outcome == "failed"} == {"far-2022-own"}


@pytest.mark.parametrize(("numbers", "outcome"), [((1, 2, 3, 4, 5), "failed"), ((1, 2, 3, 4, 0), "passed")])
def test_a_report_that_repeats_the_year_before(
    made: Reports, catalogue: Catalogue, numbers: tuple[int, ...], outcome: str
) -> None:
    codes = ("new_received", "granted", "partially_granted", "other", "processed_total")
    cells: dict[str, object] = {f"requests/{c}/business": n for c, n in zip(codes, numbers, strict=True)}
    made.add("a", 2021, cells)
    made.add("a", 2022, cells)
    made.add("b", 2021, cells)
    made.add("b", 2022, cells | {"requests/granted/business": 77})
    found = outcomes(judged(made, 2022, catalogue), "drift.identical")
    assert found == {("a-2022-own", "all"): outcome, ("b-2022-own", "all"): "passed"}


def test_a_source_that_we_read_worse_than_before_is_our_fault(made: Reports, catalogue: Catalogue) -> None:
    for number in range(6):
        for site, status in (("worse", "missing"), ("same", 1)):
            source = f"http://{site}.example/x"
            made.add(f"{site}{number}", 2021, {IN: 1, OUT: 1}, source=source)
            made.add(f"{site}{number}", 2022, {IN: 1, OUT: status}, source=source)
    results = judged(made, 2022, catalogue).filter(check_id="drift.extraction")
    failed = results.filter(outcome="failed")
    assert failed.height == 6 and set(failed["verdict"]) == {"extraction"}
    assert all(report.startswith("worse") for report in failed["report_id"])


@pytest.mark.parametrize(
    ("second", "outcome"), [({"requests/granted/total": 5}, "passed"), ({"requests/granted/total": 4}, "failed"), (None, "not_assessable")]
)  # fmt: skip
def test_an_aggregate_is_the_sum_of_its_roster(
    made: Reports, catalogue: Catalogue, second: dict[str, object] | None, outcome: str
) -> None:
    made.add("county", 2022, {"requests/granted/total": 8}, scope="aggregate")
    made.add("d1", 2022, {"requests/granted/total": 3}, issuer_kind="department")
    if second is not None:
        made.add("d2", 2022, second, issuer_kind="department")
    rosters = pl.DataFrame([(2022, "county", "d1"), (2022, "county", "d2")], schema=ROSTER, orient="row")
    history = make_history(2022, made.reports(), made.facts(), background_of(2022, made.reports(), made.facts()))
    found = outcomes(judge_rollup(history, rosters, catalogue), "rollup.requests")
    assert found == {("county-2022-aggregate", "granted" if second is not None else "all"): outcome}


def judged_apart(
    year: int, reports: pl.DataFrame, facts: pl.DataFrame, catalogue: Catalogue, random: Random
) -> Iterator[AcrossChecks]:
    """Judge a year in three parts, each given no more facts than those of its reports and of the ones before them."""
    background = background_of(year, reports, facts)
    current = current_reports(year, reports)
    part_of = {report_id: random.randrange(3) for report_id in background.judged["report_id"]}
    for part in range(3):
        own = current.filter(pl.col("report_id").is_in([i for i, n in part_of.items() if n == part]))
        needed = [*own["report_id"], *own["previous_id"].drop_nulls()]
        some = facts.filter(pl.col("report_id").is_in(needed))
        assert some.height < facts.height
        yield judge_across(
            year, reports, some, catalogue, background=replace(background, judged=own.select("report_id"))
        )


def test_years_after_the_next_look_at_nothing_that_their_hash_does_not_cover(
    made: Reports, catalogue: Catalogue
) -> None:
    """Else a later year would keep results of a past that is another now."""
    random = Random(9)
    for body in range(12):
        for year in range(2019, 2024):
            cells = {f"requests/{row}/{column}": random.choice([0, 3, 40, 5000, "blank"])
                     for row in ("new_received", "granted", "carried_over_out") for column in ("business", "total")}  # fmt: skip
            made.add(f"b{body}", year, cells)
    reports, facts = made.reports(), made.facts()
    told = judge_across(2023, reports, facts, catalogue)
    old = pl.col("year") < 2022
    renamed = pl.when(old).then(pl.format("z{}", "report_id")).otherwise("report_id")
    anew = reports.with_columns(report_id=renamed, published_on=pl.when(old).then(None).otherwise("published_on"))
    watched = watched_of_long(facts)
    unwatched = facts.filter(old).join(watched, on=["report_id", *CELL], how="anti")
    others = unwatched.with_columns(value=pl.when(pl.col("value").is_not_null()).then(pl.col("value") + 17))
    changed = facts.join(others, on=["report_id", *CELL], how="anti")
    changed = pl.concat([changed, others.select(changed.columns)]).with_columns(report_id=renamed)
    assert not others.is_empty() and told.check_results["outcome"].is_in(["failed"]).any()

    def hashes(of: pl.DataFrame, cells: pl.DataFrame) -> list[str]:
        seen = seen_by_report(watched_of_long(cells), shares_of_long(cells))
        return [seen_later(of.filter(pl.col("year") == year), seen) for year in (2019, 2020, 2021)]

    assert hashes(anew, changed) == hashes(reports, facts)
    again = judge_across(2023, anew, changed, catalogue)
    assert again.check_results.equals(told.check_results) and again.compared_cells.equals(told.compared_cells)
    moved = facts.with_columns(
        value=pl.when(old & (pl.col("value") == 40)).then(pl.col("value") + 1).otherwise("value")
    )
    assert all(one != other for one, other in zip(hashes(reports, moved), hashes(reports, facts), strict=True))
    other_site = reports.with_columns(source=pl.lit("https://www.elsewhere.gov.cn/1.html"))
    assert all(one != other for one, other in zip(hashes(other_site, facts), hashes(reports, facts), strict=True))


def test_neither_order_nor_later_years_change_a_row(made: Reports, catalogue: Catalogue) -> None:
    random = Random(4)
    for body in range(20):
        for year in range(2019, 2024):
            cells = {
                f"requests/{row}/{column}": random.choice([0, 1, 7, 90, 4000, "blank", "missing"])
                for row in ("new_received", "carried_over_in", "carried_over_out")
                for column in ("business", "total")
            }
            made.add(f"b{body}", year, cells)
    reports, facts = made.reports(), made.facts()
    for year in range(2019, 2024):
        both = judge_across(year, reports, facts, catalogue)
        whole, cells = both.check_results, both.compared_cells
        mixed = (
            reports.sample(fraction=1.0, shuffle=True, seed=year),
            facts.sample(fraction=1.0, shuffle=True, seed=year),
        )
        again = judge_across(year, *mixed, catalogue)
        assert again.check_results.equals(whole) and again.compared_cells.equals(cells)
        so_far = reports.filter(pl.col("year") <= year), facts.filter(pl.col("year") <= year)
        again = judge_across(year, *so_far, catalogue)
        assert again.check_results.equals(whole) and again.compared_cells.equals(cells)
        parts = list(judged_apart(year, reports, facts, catalogue, random))
        again_results = pl.concat([part.check_results for part in parts]).sort("report_id", "check_id", "subject")
        assert again_results.equals(whole)
        assert pl.concat([part.compared_cells for part in parts]).sort(cells.columns).equals(cells.sort(cells.columns))
        assert not whole.select("report_id", "check_id", "subject").is_duplicated().any()
        assert whole.filter(pl.col("outcome") != "passed", pl.col("message_zh").is_null()).is_empty()
