"""Prose against tables: which cells are asked, and when a mismatch is no contradiction."""

from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.check_result import CheckResult
from pipeline.narrative.judge import Cell, FactValue, judge_prose
from pipeline.narrative.prose import read_prose
from pipeline.report import Section, Status

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_organization")


def cell(value: int | None, status: Status | None = None) -> FactValue:
    return FactValue(None if value is None else Decimal(value), status or ("blank" if value is None else "reported"))


def judge(text: str, facts: dict[Cell, FactValue], failed: frozenset[Cell] = frozenset()) -> CheckResult:
    """Return the only result of a sentence."""
    catalogue = load_catalogue()
    prose = read_prose((Section(1, "", text),), scope="own", form="2021", catalogue=catalogue, year=2023)
    (result,) = judge_prose(prose.assertions, facts, failed, catalogue)
    return result


def requests(**rows: int | None) -> dict[Cell, FactValue]:
    return {("requests", row, "total"): cell(value) for row, value in rows.items()}


NEW = ("requests", "new_received", "total")
SOUND = requests(new_received=8, carried_over_in=1, processed_total=7, carried_over_out=2)


def test_a_contradiction_says_both_numbers_in_a_sentence() -> None:
    result = judge("全年收到政府信息公开申请5件。", SOUND)
    assert (result.outcome, result.left_value, result.right_value, result.difference) == ("failed", 5, 8, -3)
    assert (result.severity, result.verdict, result.subject) == ("warning", "unknown", "1")
    assert result.message_zh == (
        "文中称“全年收到政府信息公开申请5件”，即 5；表中“本年新收”为 8、“新收加上年结转”为 9、“办理结果总计加结转下年度”为 9，相差 3"
    )
    assert result.message_en and "new 8" in result.message_en


@pytest.mark.parametrize("stated", [8, 9])
def test_any_alternative_holds(stated: int) -> None:
    assert judge(f"全年收到政府信息公开申请{stated}件。", SOUND).outcome == "passed"


@pytest.mark.parametrize(("replied", "outcome"), [(7, "passed"), (6, "passed"), (5, "failed")])
def test_answered_is_what_was_processed_or_new_less_what_was_carried_over(replied: int, outcome: str) -> None:
    assert judge(f"答复政府信息公开申请{replied}件。", SOUND).outcome == outcome


def test_a_cell_that_fails_an_equation_proves_nothing() -> None:
    for stated in (5, 8):
        assert judge(f"全年收到政府信息公开申请{stated}件。", SOUND, frozenset(SOUND)).outcome == "not_assessable"


def test_an_alternative_of_sound_cells_still_holds() -> None:
    failed = frozenset({("requests", "processed_total", "total")})
    assert judge("全年收到政府信息公开申请8件。", SOUND, failed).outcome == "passed"


@pytest.mark.parametrize("status", ["unreadable", "missing", "not_applicable"])
def test_a_cell_without_a_number_proves_nothing(status: Status) -> None:
    facts = SOUND | {NEW: cell(None, status)}
    assert judge("全年收到政府信息公开申请5件。", facts).outcome == "not_assessable"


def test_what_the_balance_implies_need_not_be_printed() -> None:
    facts = {NEW: cell(3), ("requests", "carried_over_in", "total"): cell(0)}
    missing = {("requests", row, "total"): cell(None, "missing") for row in ("processed_total", "carried_over_out")}
    assert judge("受理政府信息公开申请2件。", facts | missing).outcome == "failed"


def test_without_a_table_nothing_is_judged() -> None:
    result = judge("全年收到政府信息公开申请5件。", {})
    assert (result.outcome, result.right_value, result.verdict) == ("not_assessable", None, None)
    assert result.message_zh == "不作判断：报告中没有相应的表"


def test_a_blank_total_is_what_its_row_adds_up_to() -> None:
    facts = {("requests", "granted", "total"): cell(None)}
    facts |= {("requests", "granted", a): cell(v) for a, v in zip(APPLICANTS, (258, 12, None, None, 1, 1), strict=True)}
    facts |= requests(partially_granted=3)
    assert judge("政府信息公开申请中，予以公开272件。", facts).outcome == "passed"
    assert judge("政府信息公开申请中，予以公开258件。", facts).outcome == "failed"


def test_a_blank_row_counts_as_nothing_where_the_group_then_agrees_and_proves_nothing_else() -> None:
    facts = {("requests", row, "total"): cell(None) for row in ("rejected_publication", "rejected_excessive")}
    facts |= requests(rejected_petition=149, rejected_repeat=9)
    assert judge("政府信息公开申请中，不予处理158件。", facts).outcome == "passed"
    assert judge("政府信息公开申请中，不予处理160件。", facts).outcome == "not_assessable"


def test_groups_take_the_rows_of_whichever_form_is_in_hand() -> None:
    assert judge("政府信息公开申请其他处理4件。", requests(other=4)).outcome == "passed"
    assert (
        judge("政府信息公开申请其他处理4件。", requests(other_overdue_correction=1, other_remaining=3)).outcome
        == "passed"
    )


def test_litigation_is_both_kinds_together() -> None:
    facts = {
        ("disputes", "litigation_direct", "total"): cell(2),
        ("disputes", "litigation_after_review", "total"): cell(None),
    }
    assert judge("因政府信息公开引发行政诉讼2件。", facts).outcome == "passed"
    assert judge("因政府信息公开引发行政诉讼3件。", facts).outcome == "not_assessable"
    facts["disputes", "litigation_after_review", "total"] = cell(1)
    assert judge("因政府信息公开引发行政诉讼3件。", facts).outcome == "passed"
    assert judge("因政府信息公开引发行政诉讼2件。", facts).outcome == "failed"


def test_a_list_that_misses_its_whole_says_by_how_much() -> None:
    result = judge("公开信息9550条，其中政策类9000条、其他类517条。", {})
    assert result.message_zh == "文中称 9550 条，所列各项之和为 9517，相差 33"
    assert result.message_en == "the text says 9550 条; the parts it lists add up to 9517; difference 33"


def test_outcomes_that_the_list_leaves_out_may_stand_in_the_table() -> None:
    text = "答复政府信息公开申请20件，其中予以公开5件、部分公开3件、不予公开4件、无法提供5件、不予处理1件。"
    catalogue = load_catalogue()
    prose = read_prose((Section(1, "", text),), scope="own", form="2021", catalogue=catalogue, year=2023)
    for other, outcome in ((2, "not_assessable"), (0, "failed")):
        facts = requests(other=other, processed_total=18 + other)
        if other == 0:
            facts = requests(other=0, processed_total=20)
        results = {r.check_id: r for r in judge_prose(prose.assertions, facts, frozenset(), catalogue)}
        assert results["narrative.parts"].outcome == outcome


def test_of_two_lists_of_one_whole_the_failed_one_counts() -> None:
    text = "收到咨询35件，其中网上20件、其他15件；其中业务30件、其他4件。"
    catalogue = load_catalogue()
    prose = read_prose((Section(1, "", text),), scope="own", form="2021", catalogue=catalogue, year=2023)
    results = judge_prose(prose.assertions, {}, frozenset(), catalogue)
    assert len({(r.check_id, r.subject) for r in results}) == len(results)
