"""Which cells a repair names, with which numbers, and how sure it says it is."""

import random

import polars as pl
import pytest

from checks.schemas import validate
from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.localize import SUGGESTION_SCHEMA, localize

ONE = ("granted", "natural_person")


def request_cells(items, applicant="natural_person", carried_out=0):
    """Return the cells of a section 三 whose only applicant has these items, every sum right."""
    done = sum(items.values())
    rows = {**items, "processed_total": done, "carried_over_out": carried_out, "new_received": done + carried_out}
    return {(row, column): number for row, number in rows.items() for column in (applicant, "total")}


def channel(name, *numbers):
    return dict(
        zip([(name, code) for code in ("upheld", "corrected", "other", "pending", "total")], numbers, strict=True)
    )


def told(suggestions):
    """Return {solution: {row/column: suggested}}."""
    solutions = {}
    for row in suggestions.iter_rows(named=True):
        solutions.setdefault(row["solution"], {})[f"{row['row_code']}/{row['column_code']}"] = row["suggested"]
    return solutions


def test_a_line_of_totals_left_at_0_is_one_slip(make_facts, catalogue):
    cells = request_cells({"granted": 6, "denied_state_secret": 2})
    cells |= {("processed_total", "natural_person"): 0, ("processed_total", "total"): 0}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    assert told(found) == {1: {"processed_total/natural_person": 8, "processed_total/total": 8}}
    assert found["is_unique"].all() and found["reported"].to_list() == [0, 0]
    assert found["reason_en"][1] == (
        "（七）总计 / 总计 printed 0; the items add up to 8 and 新收 + 结转 is 8: should be 8; "
        "a whole line of totals seems to have been left at 0"
    )
    assert found["reason_zh"][1] == (
        "（七）总计 / 总计：印作 0；各项之和为 8，新收 + 结转 为 8：应为 8，一整行（列）总计似漏填而留作 0"
    )


def test_a_line_of_totals_is_seen_across_equations_that_share_no_cell(make_facts, catalogue):
    cells = channel("review", 10, 1, 0, 0, 0) | channel("litigation_after_review", 5, 0, 0, 0, 0)
    found = localize(make_facts("disputes", "2019", cells), catalogue)
    assert told(found) == {1: {"review/total": 11, "litigation_after_review/total": 5}}
    assert found["is_unique"].all()


def test_one_total_at_0_may_as_well_be_a_stray_item(make_facts, catalogue):
    found = localize(make_facts("disputes", "2019", channel("review", 5, 0, 0, 0, 0)), catalogue)
    assert told(found) == {1: {"review/total": 5}, 2: {"review/upheld": 0}}
    assert not found["is_unique"].any()
    assert "（同样小的改法共 2 种，这是第 1 种）" in found["reason_zh"][0]


def test_sums_of_a_column_that_both_fail_leave_two_repairs(make_facts, catalogue):
    items = {"granted": 6, "partially_granted": 6, "unavailable_not_held": 4, "rejected_repeat": 3}
    cells = request_cells(items)
    for column in ("natural_person", "total"):
        cells |= {("processed_total", column): 13, ("new_received", column): 13}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    wrong = [
        {f"{row}/{column}": 0 for column in ("natural_person", "total")} for row in ("granted", "partially_granted")
    ]
    assert told(found) == {1: wrong[0], 2: wrong[1]}


def test_a_wrong_item_is_where_its_row_and_its_column_cross(make_facts, catalogue):
    cells = request_cells({"granted": 6, "other": 31}) | {ONE: 9}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    assert told(found) == {1: {"granted/natural_person": 6}} and found["is_unique"].all()


def test_a_sound_report_gets_nothing(make_facts, catalogue):
    found = localize(make_facts("requests", "2019", request_cells({"granted": 6})), catalogue)
    assert found.height == 0 and found.schema == pl.Schema(SUGGESTION_SCHEMA)


def test_a_report_that_only_breaks_a_warning_gets_nothing(make_facts, catalogue):
    cells = {("fees", "previous_year_items"): 3, ("fees", "change"): -4}
    assert localize(make_facts("proactive", "2019", cells), catalogue).height == 0


def test_neighbours_that_changed_places_are_named_together(make_facts, catalogue):
    cells = request_cells({"granted": 6, "partially_granted": 21, "other": 3})
    cells |= {ONE: 21, ("partially_granted", "natural_person"): 6}
    # Another applicant, so that the two totals have not changed places as well as their items.
    for row in ("granted", "processed_total", "new_received"):
        cells |= {(row, "business"): 2, (row, "total"): cells[row, "total"] + 2}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    assert told(found) == {1: {"granted/natural_person": 6, "partially_granted/natural_person": 21}}
    assert "“（二）部分公开 / 自然人”错位" in found["reason_zh"][0]


def test_two_cells_run_together_are_taken_apart(make_facts, catalogue):
    cells = request_cells({"granted": 29}) | request_cells({"granted": 16}, applicant="business")
    cells |= {(row, "total"): 45 for row in ("granted", "processed_total", "new_received")}
    cells |= {ONE: 2916, ("granted", "business"): 0}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    assert told(found) == {1: {"granted/natural_person": 29, "granted/business": 16}}
    assert found["is_unique"].all() and "seem to be run together" in found["reason_en"][0]


def test_with_one_equation_as_witness_run_together_is_but_the_likeliest(make_facts, catalogue):
    cells = channel("review", 29, 16, 0, 0, 45) | {("review", "upheld"): 2916, ("review", "corrected"): 0}
    found = localize(make_facts("disputes", "2019", cells), catalogue)
    assert told(found)[1] == {"review/upheld": 29, "review/corrected": 16}
    assert not found["is_unique"].any() and "may be run together" in found["reason_en"][0]


@pytest.mark.parametrize(
    ("printed", "meant", "words"),
    [(2, 24, "漏一位"), (244, 24, "重复一位"), (42, 24, "颠倒"), (94, 24, "错一位")],
)
def test_a_digit_slip_comes_first_but_does_not_decide(make_facts, catalogue, printed, meant, words):
    cells = channel("litigation_direct", 5, 300, meant, 3, 308 + meant) | {("litigation_direct", "other"): printed}
    found = localize(make_facts("disputes", "2019", cells), catalogue)
    assert told(found)[1] == {"litigation_direct/other": meant}
    assert words in found["reason_zh"][0] and not found["is_unique"].any()


def test_a_reconstructed_cell_is_distrusted_before_a_printed_one(make_facts, catalogue):
    facts = make_facts("disputes", "2019", channel("review", 5, 3, 2, 0, 17))
    is_inferred = (pl.col("row_code") == "review") & (pl.col("column_code") == "corrected")
    facts = facts.with_columns(status=pl.when(is_inferred).then(pl.lit("reconstructed")).otherwise("status"))
    found = localize(facts, catalogue)
    assert told(found) == {1: {"review/corrected": 10}} and found["is_unique"].all()


def test_a_cell_that_a_character_reader_doubts_is_distrusted_first(make_facts, catalogue):
    facts = make_facts("disputes", "2019", channel("review", 5, 3, 2, 0, 17))
    is_doubted = (pl.col("row_code") == "review") & (pl.col("column_code") == "other")
    facts = facts.with_columns(confidence=pl.when(is_doubted).then(0.3).otherwise(0.98))
    assert told(localize(facts, catalogue)) == {1: {"review/other": 9}}


def test_a_negative_number_must_change(make_facts, catalogue):
    cells = request_cells({"granted": 6, "other": 3}) | {ONE: -6}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    assert told(found) == {1: {"granted/natural_person": 6}}
    assert "不得为负数" in found["reason_zh"][0] and "负号" in found["reason_zh"][0]


def test_a_blank_is_filled_only_where_the_rules_need_it(make_facts, catalogue):
    cells = request_cells({"granted": 6}) | {ONE: 5, ("other", "natural_person"): "blank"}
    assert "other/natural_person" not in str(told(localize(make_facts("requests", "2019", cells), catalogue)))
    # Both the row and the column of the blank lack 4: nothing but a 4 there mends them, and yet no rule fails, for a blank
    # that breaks an equation makes it not assessable.
    cells = request_cells({"granted": 6, "other": 4}) | {("other", "natural_person"): "blank"}
    assert localize(make_facts("requests", "2019", cells), catalogue).height == 0


def test_what_is_not_assessable_asks_for_nothing(make_facts, catalogue):
    cells = channel("review", 5, 0, 0, 0, 9) | {("review", "other"): "unreadable"}
    assert localize(make_facts("disputes", "2019", cells), catalogue).height == 0


def test_an_equation_that_reconstructed_a_row_is_not_broken_by_a_repair(make_facts, catalogue):
    rows = {"new_received": 20, "processed_total": 20, "granted": 6, "partially_granted": 6, "other_remaining": 14}
    cells = {(row, column): n for row, n in rows.items() for column in ("natural_person", "total")}
    columns = [axis.code for axis in catalogue.forms["2021"].tables["requests"].columns if not axis.is_group]
    used = {(row, column): ["requests.applicant_sum"] for row in rows for column in columns}
    found = localize(make_facts("requests", "2021", cells, used=used), catalogue)
    rows_of = found.group_by("solution").agg(pl.col("row_code").unique(), pl.col("column_code").sort()).sort("solution")
    # One row or another, never a cell of each.
    assert rows_of["row_code"].to_list() == [["granted"], ["partially_granted"], ["other_remaining"]]
    assert rows_of["column_code"].to_list() == [["natural_person", "total"]] * 3


def test_a_table_that_was_misread_altogether_gets_nothing_and_takes_no_time(make_facts, catalogue):
    table = catalogue.forms["2021"].tables["requests"]
    cells = {cell: (n * 7919) % 500 for n, cell in enumerate(table.cells)}
    assert localize(make_facts("requests", "2021", cells), catalogue).is_empty()


def test_a_part_above_its_whole_moves_no_further_than_it_must(make_facts, catalogue):
    cells = {("press_conferences", "year"): 5, ("press_conferences_by_heads", "year"): 7}
    found = localize(make_facts("statistics", "2014", cells), catalogue)
    repairs = list(told(found).values())
    assert {"press_conferences/year": 7} in repairs and {"press_conferences_by_heads/year": 5} in repairs
    assert not found["is_unique"].any()


def test_a_warning_that_holds_goes_on_holding(make_facts, catalogue):
    # Raising 主动公开数 to 9 would mend 其中 but put it above the sum of the channels.
    cells = {("disclosed_total", "year"): 4, ("channel_website", "year"): 4}
    cells |= {("normative_documents_disclosed", "year"): 9, ("normative_documents_issued", "year"): 9}
    found = localize(make_facts("statistics", "2014", cells), catalogue)
    assert told(found) == {1: {"normative_documents_disclosed/year": 4}}


def test_very_different_magnitudes_are_solved_exactly(make_facts, catalogue):
    cells = request_cells({"granted": 640020470, "other": 12})
    cells |= {("granted", "total"): 640020471, ("carried_over_out", "business"): 1}
    found = localize(make_facts("requests", "2019", cells), catalogue)
    assert told(found) == {1: {"granted/total": 640020470, "carried_over_out/business": 0}}


def test_rows_in_another_order_and_other_reports_change_nothing(make_facts, catalogue):
    one = make_facts("requests", "2019", request_cells({"granted": 6}) | {ONE: 9}, report_id="a")
    two = make_facts("disputes", "2019", channel("review", 5, 0, 0, 0, 0), report_id="b")
    shuffled = pl.concat([two, one]).sample(fraction=1, shuffle=True, seed=1)
    assert localize(shuffled, catalogue).equals(pl.concat([localize(one, catalogue), localize(two, catalogue)]))


def test_suggestions_satisfy_the_published_schema(make_facts, catalogue):
    found = localize(make_facts("disputes", "2019", channel("review", 5, 0, 0, 0, 0)), catalogue)
    validate(found, catalogue.tables["suggestions"])


def test_every_first_solution_mends_its_report(make_facts, catalogue):
    rng = random.Random(11)
    frames = []
    for number in range(12):
        form = rng.choice(("2019", "2021"))
        cells = request_cells(
            {"granted": rng.randint(0, 40), "rejected_repeat": rng.randint(0, 9)}, carried_out=rng.randint(0, 3)
        )
        for _ in range(rng.randint(1, 3)):
            cells[rng.choice(catalogue.forms[form].tables["requests"].cells)] = rng.randint(0, 99)
        frames.append(make_facts("requests", form, cells, report_id=f"r{number:02}"))
    facts = pl.concat(frames)
    repairs = localize(facts, catalogue).filter(pl.col("solution") == 1)
    keys = ["report_id", "fact_table", "row_code", "column_code"]
    mended = facts.join(repairs.select(*keys, "suggested"), on=keys, how="left").with_columns(
        value=pl.coalesce("suggested", "value")
    )
    assert (evaluate_rules(facts, catalogue)["outcome"] == "failed").any()
    assert not (evaluate_rules(mended, catalogue)["outcome"] == "failed").any()
    assert (repairs["reported"] != repairs["suggested"]).all()
