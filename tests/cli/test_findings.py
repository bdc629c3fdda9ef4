"""Findings as people read them."""

from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.cli.findings import count_by_severity, evidence_text, finding_lines, group_by_report, suspect_texts
from pipeline.cli.report_findings import findings_of
from pipeline.edits.labels import printed_names
from tests.cli import rows


@pytest.fixture(scope="module")
def names():
    return printed_names(load_catalogue())


def finding(
    report_id: str, severity: str, difference: int | None, check_id: str = "requests.balance"
) -> dict[str, object]:
    value = None if difference is None else Decimal(difference)
    return {"report_id": report_id, "severity": severity, "difference": value, "check_id": check_id, "subject": "total"}


def test_reports_stand_together_and_the_worst_first():
    findings = [
        finding("c", "warning", 1000),
        finding("b", "error", -1),
        finding("a", "error", 5),
        finding("a", "warning", None),
        finding("d", "error", 2),
        finding("d", "error", -300, "requests.processed_sum"),
    ]
    groups = group_by_report(findings)
    assert [group[0]["report_id"] for group in groups] == ["d", "a", "b", "c"]
    assert [f["check_id"] for f in groups[0]] == ["requests.processed_sum", "requests.balance"]
    assert groups == group_by_report(reversed(findings)), "the order does not depend on the order of the rows"


def test_counts_leave_out_what_there_is_none_of():
    findings = [finding("a", "error", 1), finding("a", "info", 1), finding("a", "info", 1)]
    assert count_by_severity(findings) == "1 error, 2 info"


def test_a_finding_says_what_is_wrong_whom_to_distrust_and_what_it_rests_on(names):
    lines = [line.plain for line in finding_lines(rows.ANOMALY, names)]
    text = "\n".join(lines)
    assert "error" in lines[0]
    assert "disputes.channel_sum / review" in lines[0]
    assert rows.FAILED["message_zh"] in text
    assert rows.FAILED["message_en"] in text
    assert "总计 ‹0› → 11" in text
    assert "printed 0, against 11, difference -11" in text
    assert "the document itself is wrong" in text


def test_evidence_of_prose_quotes_its_sentence():
    text = evidence_text({**rows.ANOMALY, "section_no": 1, "sentence": "全年办结\n五件。", "verdict": "unknown"})
    assert "section 1: “全年办结 五件。”" in text


def test_repairs_stand_before_numbers_and_numbers_before_blanks(names):
    plain = {**rows.SUSPECT, "suggested": None}
    suspects = [
        {**plain, "column_code": "upheld", "value": None, "raw_text": "", "status": "blank"},
        {**plain, "column_code": "pending", "value": Decimal(7), "raw_text": "7"},
        rows.SUSPECT,
    ]
    assert [text.partition("‹")[2] for text in suspect_texts(suspects, names, "r")] == ["0› → 11", "7›", "›"]


def test_a_cell_that_no_form_knows_is_named_by_its_codes(names):
    unknown = {**rows.SUSPECT, "row_code": "nosuch"}
    assert suspect_texts([unknown], names, "r") == ["nosuch/total ‹0› → 11"]


def test_findings_from_a_reports_own_rows_have_the_suspects_of_the_view():
    (found,) = findings_of(rows.REPORT, rows.PARTS)
    assert found["suspects"] == [rows.SUSPECT]
    without_repair = {**rows.PARTS, "suggestions": []}
    (found,) = findings_of(rows.REPORT, without_repair)
    assert [s["column_code"] for s in found["suspects"]] == ["total", "upheld", "corrected", "other", "pending"]


def test_a_repair_elsewhere_in_the_report_leaves_the_rules_own_cells_suspect():
    elsewhere = {**rows.SUGGESTION, "row_code": "litigation_direct"}
    (found,) = findings_of(rows.REPORT, {**rows.PARTS, "suggestions": [elsewhere]})
    assert len(found["suspects"]) == 5


def test_the_summary_of_a_rule_over_cells_is_no_finding_beside_its_cells():
    summary = {**rows.FAILED, "check_id": "disputes.nonnegative", "subject": "all"}
    single = {**summary, "subject": "review/upheld"}
    found = findings_of(rows.REPORT, {**rows.PARTS, "check_results": [summary, single]})
    assert [f["subject"] for f in found] == ["review/upheld"]
    assert [s["column_code"] for s in found[0]["suspects"]] == ["upheld"]


def test_a_finding_about_prose_has_its_sentence_and_no_cells():
    stated = {**rows.FAILED, "check_id": "narrative.parts", "subject": "2", "severity": "warning"}
    claims = [
        {"claim_no": 1, "section_no": 1, "sentence": "一。"},
        {"claim_no": 2, "section_no": 5, "sentence": "二。"},
    ]
    (found,) = findings_of(rows.REPORT, {**rows.PARTS, "check_results": [stated], "claims": claims})
    assert (found["section_no"], found["sentence"], found["suspects"]) == (5, "二。", [])


def test_a_suspect_in_another_report_is_told_with_that_report(names):
    cell = {"fact_table": "x", "row_code": "a", "column_code": "b", "raw_text": "4359", "report_id": "r2"}
    assert suspect_texts([cell, {**cell, "report_id": "r1"}], names, "r1") == ["a/b ‹4359› (report r2)", "a/b ‹4359›"]
