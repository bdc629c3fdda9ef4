"""`anomalies` and `status`: what is asked of the warehouse, and how the answer is listed."""

import json
from datetime import datetime

import pytest

from tests.cli import rows
from tests.cli.test_show import result

ANOMALIES = [
    rows.ANOMALY,
    {
        **rows.ANOMALY,
        "check_id": "narrative.parts",
        "subject": "3",
        "severity": "warning",
        "sentence": "共五件。",
        "section_no": 1,
    },
    {**rows.ANOMALY, "report_id": "b" * 16, "severity": "warning", "issuer_kind": "county", "issuer": "云中县人民政府"},
]


@pytest.fixture
def asked(monkeypatch):
    """Make the warehouse hold these findings, and record how it was asked."""
    questions = []

    def answer(home, **question):
        questions.append(question)
        return result([] if question["year"] == 1999 else ANOMALIES)

    monkeypatch.setattr("warehouse.query.anomalies", answer)
    monkeypatch.setattr("warehouse.query.run_query", lambda home, sql: result([{"n": 0 if "1999" in sql else 5}]))
    return questions


def test_reports_are_listed_the_worst_first_with_explanation_suspects_and_evidence(gongkai, published, asked):
    out = gongkai("anomalies", "--home", published).out
    heads = [line for line in out.splitlines() if "   report " in line]
    assert heads == [
        f"云中县水务局 2023 (own): 1 error, 1 warning   report {rows.REPORT_ID}",
        f"云中县人民政府 2023 (own): 1 warning   report {'b' * 16}",
    ]
    for words in (rows.FAILED["message_zh"], rows.FAILED["message_en"], "‹0› → 11", "section 1: “共五件。”"):
        assert words in out
    assert "1 error, 2 warnings in 2 reports." in out
    assert f"gongkai show {rows.REPORT_ID}" in out


@pytest.mark.parametrize(
    ("arguments", "question", "found"),
    [
        (("--year", "2023"), {"year": 2023, "issuer": None, "kind": None}, 3),
        (("--issuer", "水务"), {"year": None, "issuer": "水务", "kind": None}, 3),
        (("--kind", "narrative"), {"year": None, "issuer": None, "kind": "narrative"}, 3),
        (("--kind", "requests.balance"), {"year": None, "issuer": None, "kind": "requests.balance"}, 3),
        (("--kind", "error"), {"year": None, "issuer": None, "kind": None}, 1),
        (("--kind", "county"), {"year": None, "issuer": None, "kind": None}, 1),
    ],
)
def test_filters(gongkai, published, asked, arguments, question, found):
    listed = json.loads(gongkai("anomalies", *arguments, "--json", "--home", published).out)
    assert asked == [question]
    assert len(listed) == found


def test_a_long_list_is_cut_and_says_how_to_see_the_rest(gongkai, published, asked, monkeypatch):
    monkeypatch.setattr("pipeline.cli.anomalies_command.REPORTS_SHOWN", 1)
    out = gongkai("anomalies", "--home", published).out
    assert out.count("   report ") == 1
    assert "… and 1 more reports (--all" in out
    assert "1 error, 2 warnings in 2 reports." in out
    assert gongkai("anomalies", "--all", "--home", published).out.count("   report ") == 2


def test_an_unknown_kind_is_told_with_those_that_there_are(gongkai, published, asked):
    ended = gongkai("anomalies", "--kind", "typo", "--home", published)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    for kind in ("narrative", "requests.balance", "error", "county"):
        assert kind in ended.err


def test_json_is_the_list_of_findings_in_order(gongkai, published, asked):
    listed = json.loads(gongkai("anomalies", "--json", "--home", published).out)
    assert [(f["report_id"], f["check_id"]) for f in listed] == [
        (rows.REPORT_ID, "disputes.channel_sum"),
        (rows.REPORT_ID, "narrative.parts"),
        ("b" * 16, "disputes.channel_sum"),
    ]
    assert listed[0]["suspects"][0] == {**rows.SUSPECT, "value": 0, "suggested": 11}


def test_nothing_found_in_nothing_is_not_said_to_be_right(gongkai, published, asked):
    assert gongkai("anomalies", "--year", 1999, "--home", published).out == "No report of 1999 is loaded.\n"


NOT_APPLIED = {
    "file_id": "e" * 64,
    "table_no": 1,
    "row": 2,
    "col": 3,
    "outcome": "refused",
    "detail": None,
    "source": "in/b.pdf",
}


def test_status_lists_years_and_quarantined_files(gongkai, published, monkeypatch):
    parts = {
        "years": result([{"year": 2019, "reports": 3, "current": 2, "errors": 4, "stale": True}]),
        "quarantined": result([{"file_id": "e" * 64, "source": "in/a\x1b[2J.pdf", "error": "password-protected PDF"}]),
        "pending": result([]),
        "corrections": result([{**NOT_APPLIED, "detail": "it reads\x1b 7"}, {**NOT_APPLIED, "outcome": "not_loaded"}]),
        "last_load": result(
            [{"load_id": 3, "published_at": datetime.fromisoformat("2026-01-02T03:04:00"), "code_version": "0.1.0+x"}]
        ),
    }
    monkeypatch.setattr("warehouse.query.status", lambda home: parts)
    out = gongkai("status", "--home", published).out
    assert [line.split() for line in out.splitlines() if line.startswith("2019")] == [["2019", "3", "2", "4", "stale"]]
    assert r"in/a\x1b[2J.pdf: password-protected PDF" in out
    assert "e" * 64 in out
    assert "in/b.pdf: table 1, row 2, column 3: it reads\\x1b 7" in out
    assert "in/b.pdf: table 1, row 2, column 3: the file is not loaded" in out
    assert "load 3 at 2026-01-02 03:04 UTC" in out
    told = json.loads(gongkai("status", "--json", "--home", published).out)
    assert told["quarantined"][0]["error"] == "password-protected PDF"
