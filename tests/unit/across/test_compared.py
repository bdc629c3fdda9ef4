"""Which side of a finding across reports is distrusted: what the reports' own equations say of the cells compared."""

import polars as pl
import pytest

from pipeline.across import compared
from pipeline.across.compared import CELL, KnownRepairs
from pipeline.across.judge import AcrossChecks, judge_across
from pipeline.across.rollup import ROSTER
from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue
from pipeline.edits.localize import localize
from pipeline.edits.operands import rule_instances
from tests.unit.across.conftest import Reports

CATALOGUE = load_catalogue()
TABLE = CATALOGUE.forms["2021"].tables["requests"]


def section_three(**more: object) -> dict[str, object]:
    """A whole section 三 of zeros in which ``more`` stands under natural_person and 总计."""
    cells: dict[str, object] = {f"requests/{row}/{column}": 0 for row, column in TABLE.cells}
    for row, value in more.items():
        cells |= {f"requests/{row}/natural_person": value, f"requests/{row}/total": value}
    return cells


SOUND_OUT_3 = section_three(new_received=5, granted=2, processed_total=2, carried_over_out=3)
SOUND_IN_3 = section_three(carried_over_in=3, granted=3, processed_total=3)
SOUND_IN_4 = section_three(carried_over_in=4, granted=4, processed_total=4)
WRONG_IN_4 = section_three(carried_over_in=4, new_received=2, granted=5, processed_total=5)
WRONG_OUT_3 = section_three(new_received=6, granted=2, processed_total=2, carried_over_out=3)


def judged(made: Reports, catalogue: Catalogue, before: dict[str, object], now: dict[str, object]) -> AcrossChecks:
    made.add("a", 2021, before)
    made.add("a", 2022, now)
    return judge_across(2022, made.reports(), made.facts(), catalogue)


def sides(checks: AcrossChecks, subject: str = "total") -> dict[str, tuple[str, bool]]:
    own = checks.compared_cells.filter(check_id="carry_over.requests", subject=subject)
    rows = own.select("cell_report_id", "standing", "is_suspect").iter_rows()
    return {report: (standing, suspect) for report, standing, suspect in rows}


@pytest.mark.parametrize(
    ("before", "now", "expected", "said"),
    [(SOUND_OUT_3, SOUND_IN_4, (("holds", True), ("holds", True)), ""),
     (SOUND_OUT_3, WRONG_IN_4, (("holds", False), ("fails", True)), "this report's own equations contradict its cell"),
     (WRONG_OUT_3, SOUND_IN_4, (("fails", True), ("holds", False)), "the other report's own equations contradict"),
     (WRONG_OUT_3, WRONG_IN_4, (("fails", True), ("fails", True)), "the equations of both sides contradict")],
)  # fmt: skip
def test_the_side_that_does_not_add_up_itself_is_the_suspect(
    made: Reports, catalogue: Catalogue, before: dict[str, object], now: dict[str, object], expected: object, said: str
) -> None:
    checks = judged(made, catalogue, before, now)
    found = sides(checks)
    assert (found["a-2021-own"], found["a-2022-own"]) == expected
    row = checks.check_results.filter(check_id="carry_over.requests", subject="total").row(0, named=True)
    assert said in row["message_en"] and row["message_en"].count(";") == 2 + bool(said)
    assert (said != "") == ("；" in row["message_zh"])


def test_a_cell_that_no_equation_binds_is_distrusted_before_one_whose_equations_hold(
    made: Reports, catalogue: Catalogue
) -> None:
    lone = {"requests/carried_over_out/total": 3, "requests/carried_over_out/natural_person": "unreadable"}
    found = sides(judged(made, catalogue, lone, SOUND_IN_4))
    assert found == {"a-2021-own": ("unbound", True), "a-2022-own": ("holds", False)}


def test_what_holds_is_compared_by_nobody(made: Reports, catalogue: Catalogue) -> None:
    checks = judged(made, catalogue, SOUND_OUT_3, SOUND_IN_3)
    assert checks.compared_cells.is_empty()


def test_every_term_of_a_longer_equation_is_named(made: Reports, catalogue: Catalogue) -> None:
    made.add("a", 2012, {"statistics/disclosed_total/cumulative": 4359}, form="fujian")
    now = {"statistics/disclosed_total/year": 72804, "statistics/disclosed_total/cumulative": 76424}
    made.add("a", 2013, now, form="fujian")
    checks = judge_across(2013, made.reports(), made.facts(), catalogue)
    cells = checks.compared_cells.filter(check_id="carry_over.cumulative")
    assert set(cells.select("cell_report_id", "column_code", "value").iter_rows()) == {
        ("a-2012-own", "cumulative", 4359), ("a-2013-own", "cumulative", 76424), ("a-2013-own", "year", 72804),
    }  # fmt: skip
    message = checks.check_results.filter(check_id="carry_over.cumulative")["message_en"].item()
    assert message.startswith("主动公开信息数 / 历年累计: this report prints 76424")


def test_of_an_aggregate_the_member_that_does_not_add_up_is_the_suspect(made: Reports, catalogue: Catalogue) -> None:
    made.add("county", 2022, section_three(new_received=9, granted=9, processed_total=9), scope="aggregate")
    made.add("d1", 2022, section_three(new_received=4, granted=4, processed_total=4), issuer_kind="department")
    made.add("d2", 2022, section_three(new_received=5, granted=3, processed_total=4), issuer_kind="department")
    rosters = pl.DataFrame([(2022, "county", "d1"), (2022, "county", "d2")], schema=ROSTER, orient="row")
    checks = judge_across(2022, made.reports(), made.facts(), catalogue, rosters)
    failed = checks.check_results.filter(check_id="rollup.requests", outcome="failed")
    assert set(failed["subject"]) == {"granted", "processed_total"}
    suspects = checks.compared_cells.filter(pl.col("is_suspect") & (pl.col("check_id") == "rollup.requests"))
    assert set(suspects["cell_report_id"]) == {"d2-2022-own"}
    assert checks.compared_cells.filter(subject="granted").height == 3


@pytest.mark.parametrize(
    ("county", "second", "outcome"),
    [("blank", "blank", "not_assessable"), (8, "blank", "not_assessable"), (3, "blank", "passed"), (8, None, "not_assessable")],
)  # fmt: skip
def test_a_sum_that_is_short_of_a_cell_is_not_assessable(
    made: Reports, catalogue: Catalogue, county: object, second: object, outcome: str
) -> None:
    row = "requests/other_remaining/total"
    first: object = "blank" if county == "blank" else 3
    made.add("county", 2022, {row: county}, scope="aggregate")
    made.add("d1", 2022, {row: first}, issuer_kind="department")
    # The other member still uses form 2019, which has no such row.
    cells = {"requests/other/total": 5} if second is None else {row: second}
    made.add("d2", 2022, cells, issuer_kind="department", form="2019" if second is None else "2021")
    rosters = pl.DataFrame([(2022, "county", "d1"), (2022, "county", "d2")], schema=ROSTER, orient="row")
    results = judge_across(2022, made.reports(), made.facts(), catalogue, rosters).check_results
    found = results.filter(check_id="rollup.requests", subject="other_remaining")
    assert found["outcome"].to_list() == [outcome]


def test_a_report_of_2019_in_form_2014_gives_nothing_to_carry_over(made: Reports, catalogue: Catalogue) -> None:
    statistics = {"statistics/requests_received/year": 12, "statistics/requests_completed/year": 10}
    made.add("a", 2018, statistics, form="2014")
    made.add("a", 2019, statistics, form="2014")
    made.add("a", 2020, {"requests/carried_over_in/total": 2}, form="2019")
    of_2019 = judge_across(2019, made.reports(), made.facts(), catalogue).check_results
    assert of_2019.filter(pl.col("check_id").str.starts_with("carry_over")).is_empty()
    of_2020 = judge_across(2020, made.reports(), made.facts(), catalogue).check_results
    carried = of_2020.filter(pl.col("check_id").str.starts_with("carry_over"))
    assert carried.select("check_id", "outcome").rows() == [("carry_over.requests", "not_assessable")]


def test_of_two_reports_of_a_series_only_the_current_one_is_judged_and_looked_back_at(
    made: Reports, catalogue: Catalogue
) -> None:
    made.add("zone", 2021, SOUND_OUT_3, issuer_kind="zone", report_id="first", is_current=False)
    made.add("zone", 2021, section_three(new_received=4, carried_over_out=4), issuer_kind="zone", report_id="second")
    made.add("zone", 2022, SOUND_IN_4, issuer_kind="zone", report_id="now")
    made.add("zone", 2022, SOUND_IN_3, issuer_kind="zone", report_id="old", is_current=False)
    results = judge_across(2022, made.reports(), made.facts(), catalogue).check_results
    carried = results.filter(check_id="carry_over.requests")
    assert set(carried.select("report_id", "outcome").iter_rows()) == {("now", "passed")}
    assert results.filter(check_id="timeliness.deadline")["outcome"].to_list() == ["not_assessable"]


@pytest.mark.parametrize("now", [SOUND_IN_4, WRONG_IN_4])
@pytest.mark.parametrize("before", [SOUND_OUT_3, WRONG_OUT_3])
def test_equations_that_bind_no_compared_cell_tell_nothing_of_it(
    made: Reports,
    catalogue: Catalogue,
    before: dict[str, object],
    now: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Something wrong elsewhere in both reports, and a report that is wrong elsewhere alone.
    elsewhere = {"requests/denied_state_secret/natural_person": 7}
    made.add("b", 2021, SOUND_OUT_3 | elsewhere)
    made.add("b", 2022, SOUND_IN_4)
    found = judged(made, catalogue, before | elsewhere, now)
    everything = [i for i in rule_instances(catalogue) if i.rule.severity == "error"]
    monkeypatch.setattr(compared, "_binding", lambda _cells, _catalogue: everything)
    of_all = judge_across(2022, made.reports(), made.facts(), catalogue)
    assert found.compared_cells.height > 0
    assert of_all.compared_cells.equals(found.compared_cells)
    assert of_all.check_results.equals(found.check_results)


def test_repairs_that_are_known_are_taken_and_not_looked_for(made: Reports, catalogue: Catalogue) -> None:
    made.add("a", 2021, SOUND_OUT_3)
    made.add("a", 2022, WRONG_IN_4)
    reports, facts, years = made.reports(), made.facts(), frozenset((2021, 2022))
    repairs = localize(facts, catalogue).select("report_id", *CELL)
    plain = judge_across(2022, reports, facts, catalogue)
    known = judge_across(2022, reports, facts, catalogue, known=KnownRepairs(years, repairs))
    assert known.compared_cells.equals(plain.compared_cells) and known.check_results.equals(plain.check_results)
    # One that changes another cell clears the cell that is compared: what is given is believed.
    other = repairs.head(1).with_columns(row_code=pl.lit("denied_state_secret"))
    told = judge_across(2022, reports, facts, catalogue, known=KnownRepairs(years, other))
    assert sides(plain)["a-2022-own"] == ("fails", True)
    assert sides(told)["a-2022-own"][0] == "unbound"
