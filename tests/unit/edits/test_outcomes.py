"""What makes a rule passed, failed or not assessable, and what a person is told."""

from decimal import Decimal

import polars as pl
import pytest

from pipeline.edits.evaluate import evaluate_rules


def result(facts, catalogue, check_id, subject):
    rows = evaluate_rules(facts, catalogue).filter((pl.col("check_id") == check_id) & (pl.col("subject") == subject))
    assert rows.height == 1, f"{check_id} {subject}: {rows.height} rows"
    return rows.row(0, named=True)


TOTAL, PERSON = ("processed_total", "natural_person"), ("granted", "natural_person")


def test_a_wrong_total_is_told_in_both_languages(make_facts, catalogue):
    facts = make_facts("requests", "2019", {PERSON: 6, ("denied_state_secret", "natural_person"): 2})
    told = result(facts, catalogue, "requests.processed_sum", "natural_person")
    assert (told["left_value"], told["right_value"], told["difference"]) == (0, 8, -8)
    assert told["message_zh"] == "（七）总计 / 自然人：印作 0，各项之和为 8，相差 -8"
    assert told["message_en"] == "（七）总计 / 自然人 is printed as 0; its items add up to 8; difference -8"


def test_a_blank_counts_as_0_where_the_equation_then_holds(make_facts, catalogue):
    facts = make_facts("requests", "2019", {PERSON: "blank", TOTAL: 0})
    assert result(facts, catalogue, "requests.processed_sum", "natural_person")["outcome"] == "passed"


def test_a_blank_that_breaks_the_equation_is_not_assessable(make_facts, catalogue):
    facts = make_facts("requests", "2019", {PERSON: "blank", TOTAL: 8})
    told = result(facts, catalogue, "requests.processed_sum", "natural_person")
    assert told["outcome"] == "not_assessable"
    assert told["left_value"] == 8
    assert told["right_value"] is told["difference"] is told["verdict"] is None
    assert "“（一）予以公开 / 自然人”为空（空格作零计则左边为 8，右边为 0，不成立）" in told["message_zh"]


@pytest.mark.parametrize("status", ["not_applicable", "unreadable", "missing"])
def test_any_other_cell_without_value_is_not_assessable_even_where_0_would_fit(make_facts, catalogue, status):
    facts = make_facts("requests", "2019", {PERSON: status})
    told = result(facts, catalogue, "requests.processed_sum", "natural_person")
    assert told["outcome"] == "not_assessable"
    assert "（一）予以公开 / 自然人" in told["message_zh"] and "（一）予以公开 / 自然人" in told["message_en"]


def test_all_blank_is_not_assessable_and_no_0(make_facts, catalogue):
    channels = ("upheld", "corrected", "other", "pending", "total")
    facts = make_facts("disputes", "2019", {("review", code): "blank" for code in channels})
    told = result(facts, catalogue, "disputes.channel_sum", "review")
    assert (told["outcome"], told["left_value"], told["right_value"]) == ("not_assessable", None, None)
    assert told["message_zh"] == "行政复议 / 总计：不作判断，所涉各格都没有数字"


def test_a_blank_total_beside_zeros_passes_without_becoming_a_0(make_facts, catalogue):
    told = result(
        make_facts("disputes", "2019", {("review", "total"): "blank"}), catalogue, "disputes.channel_sum", "review"
    )
    assert (told["outcome"], told["left_value"], told["right_value"], told["difference"]) == ("passed", None, 0, None)


def test_many_causes_are_counted(make_facts, catalogue):
    blank = {(row, "total"): "blank" for row in ("granted", "partially_granted", "other", "rejected_repeat")}
    facts = make_facts("requests", "2019", {**blank, ("processed_total", "total"): 3})
    told = result(facts, catalogue, "requests.processed_sum", "total")
    assert told["message_zh"].count("为空") == 3
    assert "等 4 格" in told["message_zh"] and "and so on, 4 cells" in told["message_en"]


def test_a_rule_that_reconstructed_a_cell_does_not_judge_it(make_facts, catalogue):
    facts = make_facts("requests", "2019", used={PERSON: ["requests.processed_sum"]})
    told = result(facts, catalogue, "requests.processed_sum", "natural_person")
    assert told["outcome"] == "not_assessable"
    assert "此式已用来还原“（一）予以公开 / 自然人”" in told["message_zh"]
    assert result(facts, catalogue, "requests.processed_sum", "business")["outcome"] == "passed"
    assert result(facts, catalogue, "requests.applicant_sum", "granted")["outcome"] == "passed"


def test_a_table_cut_off_before_its_end_is_judged_where_its_cells_stand(make_facts, catalogue):
    columns = [column.code for column in catalogue.forms["2019"].tables["requests"].columns if not column.is_group]
    gone = {(row, column): "missing" for row in ("other", "processed_total", "carried_over_out") for column in columns}
    facts = make_facts("requests", "2019", {**gone, ("granted", "total"): 1}, printed_form=None)
    assert result(facts, catalogue, "requests.balance", "total")["outcome"] == "not_assessable"
    assert result(facts, catalogue, "requests.processed_sum", "total")["outcome"] == "not_assessable"
    assert result(facts, catalogue, "requests.applicant_sum", "granted")["outcome"] == "failed"
    assert result(facts, catalogue, "requests.applicant_sum", "new_received")["outcome"] == "passed"


def test_a_cut_off_table_without_rows_for_its_end_is_no_more_assessable(make_facts, catalogue):
    columns = [column.code for column in catalogue.forms["2019"].tables["requests"].columns if not column.is_group]
    facts = make_facts("requests", "2019", {("other", column): None for column in columns}, printed_form=None)
    told = result(facts, catalogue, "requests.processed_sum", "total")
    assert told["outcome"] == "not_assessable" and "表中没有" in told["message_zh"]


def test_rows_that_a_varying_form_does_not_print_are_no_operands(make_facts, catalogue):
    gone = {("requests_by_email", period): None for period in ("year", "cumulative")}
    facts = make_facts(
        "statistics", "fujian", {**gone, ("requests_received", "year"): 4, ("requests_online", "year"): 4}
    )
    assert result(facts, catalogue, "statistics.requests_sum", "year")["outcome"] == "passed"


def test_a_varying_form_without_its_total_or_without_parts_is_not_assessable(make_facts, catalogue):
    table = catalogue.forms["fujian"].tables["statistics"]
    no_total = make_facts("statistics", "fujian", {("replies_total", "year"): None})
    assert result(no_total, catalogue, "statistics.replies_sum", "year")["outcome"] == "not_assessable"
    no_parts = {(row, "year"): None for row in table.codes("row", "reply")} | {("replies_total", "year"): 3}
    told = result(make_facts("statistics", "fujian", no_parts), catalogue, "statistics.replies_sum", "year")
    assert (told["outcome"], told["left_value"], told["right_value"]) == ("not_assessable", 3, None)


def test_channels_bound_the_total_from_below_and_above(make_facts, catalogue):
    cells = {("channel_website", "year"): 5, ("channel_weibo", "year"): 3}
    for printed, outcome, right in ((4, "failed", 5), (5, "passed", 8), (8, "passed", 8), (9, "failed", 8)):
        facts = make_facts("statistics", "2014", {**cells, ("disclosed_total", "year"): printed})
        told = result(facts, catalogue, "statistics.channel_bound", "year")
        assert (told["outcome"], told["right_value"]) == (outcome, right)


def test_single_cells_give_one_row_a_report_and_one_per_breaking_cell(make_facts, catalogue):
    facts = make_facts("requests", "2019", {PERSON: -3, TOTAL: "2.5"})
    rows = evaluate_rules(facts, catalogue).filter(pl.col("check_id") == "requests.nonnegative")
    assert rows["subject"].to_list() == ["all", "granted/natural_person", "processed_total/natural_person"]
    assert rows["left_value"].to_list() == [2, -3, Decimal("2.5")]
    assert rows["message_zh"][1] == "（一）予以公开 / 自然人：印作 -3，应为不小于零的整数"
    assert rows["message_en"][2] == "（七）总计 / 自然人 is printed as 2.5; it must be an integer of at least 0"


def test_single_cells_with_one_unread_are_not_assessable_as_a_whole(make_facts, catalogue):
    told = result(make_facts("requests", "2019", {PERSON: "unreadable"}), catalogue, "requests.nonnegative", "all")
    assert told["outcome"] == "not_assessable" and "（一）予以公开 / 自然人" in told["message_zh"]
    told = result(
        make_facts("requests", "2019", {PERSON: "unreadable", TOTAL: -1}), catalogue, "requests.nonnegative", "all"
    )
    assert told["outcome"] == "failed"


def test_money_and_signed_changes_keep_their_decimals(make_facts, catalogue):
    cells = {("fees", "previous_year_items"): 3, ("fees", "change"): -4}
    told = result(make_facts("proactive", "2019", cells), catalogue, "proactive.stock_floor", "fees")
    assert (told["outcome"], told["severity"], told["left_value"]) == ("failed", "warning", -1)
    assert told["message_zh"] == "行政事业性收费：上一年项目数量加本年增/减为 -1，小于零"


def test_labels_that_tell_nothing_alone_are_printed_with_their_heading(make_facts, catalogue):
    facts = make_facts("requests", "2021", {("other_remaining", "other_organization"): -1})
    told = result(facts, catalogue, "requests.nonnegative", "other_remaining/other_organization")
    assert told["message_zh"].startswith("（六）其他处理·3.其他 / 法人或其他组织·其他：印作 -1")


def test_a_report_is_judged_alike_alone_and_among_others(make_facts, catalogue):
    broken = make_facts("requests", "2021", {PERSON: 2}, report_id="a")
    other = make_facts("statistics", "2014", {("replies_total", "year"): 1}, report_id="b", year=2018)
    alone = evaluate_rules(broken, catalogue)
    among = evaluate_rules(pl.concat([other, broken]).sample(fraction=1, shuffle=True, seed=3), catalogue)
    assert among.filter(pl.col("report_id") == "a").equals(alone)


def test_no_facts_give_no_results(make_facts, catalogue):
    assert evaluate_rules(make_facts("requests", "2019").clear(), catalogue).height == 0


class TestFactsThatCannotBeJudged:
    def test_a_cell_twice(self, make_facts, catalogue):
        facts = make_facts("requests", "2019")
        with pytest.raises(ValueError, match="twice"):
            evaluate_rules(pl.concat([facts, facts.head(1)]), catalogue)

    def test_two_forms_of_one_table(self, make_facts, catalogue):
        facts = make_facts("requests", "2019")
        mixed = facts.with_columns(form=pl.when(pl.int_range(pl.len()) < 9).then(pl.lit("2021")).otherwise("form"))
        with pytest.raises(ValueError, match="two forms"):
            evaluate_rules(mixed, catalogue)

    def test_an_unknown_form(self, make_facts, catalogue):
        with pytest.raises(ValueError, match="form"):
            evaluate_rules(make_facts("requests", "2019", printed_form="1999"), catalogue)

    def test_a_value_beside_a_status_without_value(self, make_facts, catalogue):
        facts = make_facts("requests", "2019").with_columns(status=pl.lit("blank"))
        with pytest.raises(ValueError, match="a value stands exactly where the status says so"):
            evaluate_rules(facts, catalogue)

    def test_an_unknown_rule_used(self, make_facts, catalogue):
        with pytest.raises(ValueError, match="no_such_rule"):
            evaluate_rules(make_facts("requests", "2019", used={PERSON: ["no_such_rule"]}), catalogue)

    def test_a_lazy_frame(self, make_facts, catalogue):
        with pytest.raises(TypeError, match="eager"):
            evaluate_rules(make_facts("requests", "2019").lazy(), catalogue)

    def test_a_missing_column(self, make_facts, catalogue):
        with pytest.raises(ValueError, match="status"):
            evaluate_rules(make_facts("requests", "2019").drop("status"), catalogue)
