"""Extracted rows: nothing lost on the way in, a batch exists only with its ledger, the latest reading counts."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.home import Home
from pipeline.narrative.claims import Assertion, Claim, Prose
from pipeline.reading import FileReading, report_identifier
from pipeline.report import Section
from tests.warehouse.made_lake import NOON, VERSION, made_fact, made_prose, made_reading, made_report
from warehouse import extracted as extracted_module
from warehouse.durable import write_bytes
from warehouse.extracted import (
    ReadContent,
    extracted_fingerprint,
    extracted_years,
    read_extracted,
    write_extracted_batch,
)
from warehouse.ledger import active_ledger, unread_file_ids
from warehouse.raw_store import take_in
from warehouse.schemas import EXTRACTED
from warehouse.sweep import sweep


@pytest.fixture
def three(home: Home, tmp_path: Path) -> list[str]:
    """Three contents taken in, unread."""
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(str(number), encoding="utf-8")
    return sorted(take_in(home, [tmp_path / f"{number}.txt" for number in range(3)], now=NOON).file_ids)


def read(file_id: str, reading: FileReading | None, error: str | None = None) -> ReadContent:
    return ReadContent(file_id, 1, "text/plain", reading, error)


def test_every_field_of_a_reading_comes_back(home: Home, three: list[str]) -> None:
    report = made_report(
        2021,
        published_on=date(2022, 1, 20),
        signed_on=date(2022, 1, 18),
        source="https://example.gov.cn/1.html",
        facts=(
            made_fact("granted", "total", "5", confidence=0.5, rules_used=("requests.applicant_sum",)),
            made_fact("fees", "amount", "4313800.25", fact_table="proactive", unit="CNY", note="（预算）"),
            made_fact(
                "new_received", "total", None, "missing", table_no=None, row=None, col=None, reason="row not found"
            ),
        ),
    )
    report = replace(report, agreement={"requests/granted/total": "agree", "proactive/fees/amount": "differ"})
    reading = FileReading("text/html", (report,), (made_prose(),))
    write_extracted_batch(home, [ReadContent(three[0], 1, "text/html", reading)], VERSION)
    found = read_extracted(home, 2021)
    assert {name: frame.columns for name, frame in found.items()} == {n: list(s) for n, s in EXTRACTED.items()}
    report_id = report_identifier(three[0], 1)
    (head,) = found["reports"].rows(named=True)
    assert head == {
        "report_id": report_id,
        "file_id": three[0],
        "year": 2021,
        "place": 1,
        "issuer": "清河县人民政府",
        "title": "清河县2021年政府信息公开工作年度报告",
        "scope": "aggregate",
        "form": "2021",
        "published_on": date(2022, 1, 20),
        "signed_on": date(2022, 1, 18),
        "source": "https://example.gov.cn/1.html",
        "tables_found": ["requests"],
        "tables_missing": ["proactive", "disputes"],
        "media_type": "text/html",
        "evidence": '{"host": "example.gov.cn"}',
    }
    values = {row["row_code"]: row for row in found["facts"].rows(named=True)}
    assert values["fees"]["value"] == Decimal("4313800.2500")
    assert (values["fees"]["unit"], values["fees"]["note"]) == ("CNY", "（预算）")
    assert values["granted"]["confidence"] == 0.5
    assert values["granted"]["rules_used"] == ["requests.applicant_sum"]
    assert {code: row["agreement"] for code, row in values.items()} == {
        "granted": "agree", "fees": "differ", "new_received": None,
    }  # fmt: skip
    assert values["new_received"]["value"] is None
    assert values["new_received"]["reason"] == "row not found"
    (cell,) = found["cells"].rows(named=True)
    assert (cell["row"], cell["col"], cell["page"], cell["bbox"]) == (4, 2, 2, [1.0, 2.0, 3.0, 4.5])
    assert cell["picture"] == "data:#1"
    (claim,) = found["claims"].rows(named=True)
    assert (claim["value"], claim["char_start"], claim["char_end"]) == (Decimal(7), 6, 7)
    (assertion,) = found["assertions"].rows(named=True)
    assert Assertion.from_json(assertion["body"]) == made_prose().assertions[0]
    assert found["problems"].select("problem_no", "kind", "detail").rows() == [(1, "unknown_label", "其他事项")]
    assert found["sections"].select("section_no", "heading", "text").rows() == [
        (1, "一、总体情况", "全年收到申请7件。")
    ]


def test_a_file_of_two_reports_gives_both_years(home: Home, three: list[str]) -> None:
    write_extracted_batch(home, [read(three[0], made_reading(2019, 2021))], VERSION)
    assert extracted_years(home) == [2019, 2021]
    assert read_extracted(home, 2021)["reports"]["place"].to_list() == [2]
    assert active_ledger(home)["years"].to_list() == [[2019, 2021]]


def test_no_batch_exists_without_its_ledger(home: Home, three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Crash(BaseException):
        pass

    def crash(*args: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(extracted_module, "write_ledger_part", crash)
        with pytest.raises(Crash):
            write_extracted_batch(home, [read(three[0], made_reading(2021))], VERSION)
    assert extracted_years(home) == []
    assert read_extracted(home, 2021)["reports"].is_empty()
    assert unread_file_ids(home, VERSION) == three
    write_extracted_batch(home, [read(three[0], made_reading(2021, number=9))], VERSION)
    assert read_extracted(home, 2021)["facts"]["value"].drop_nulls().to_list() == [Decimal(9)]


def test_what_no_reading_uses_is_swept(home: Home, three: list[str]) -> None:
    write_extracted_batch(home, [read(three[0], made_reading(2021))], "old")
    write_extracted_batch(home, [read(three[0], made_reading(2021, number=9))], "new")
    orphan = home.lake / "extracted" / "facts" / "year=2021" / "00000009-abandoned.parquet"
    orphan.write_bytes(b"half a part")
    half_written = home.lake / "facts" / "requests" / "year=2021" / ".part.parquet.0123456789ab.tmp"
    write_bytes(half_written, b"half a part")
    before = read_extracted(home, 2021)
    assert sweep(home) == 9
    assert not orphan.exists()
    assert not half_written.exists()
    assert sweep(home) == 0
    after = read_extracted(home, 2021)
    assert all(after[name].equals(before[name]) for name in before)


def test_the_latest_reading_of_a_content_counts_alone(home: Home, three: list[str]) -> None:
    write_extracted_batch(home, [read(i, made_reading(2021, number=1)) for i in three], "old")
    assert unread_file_ids(home, "old") == []
    assert unread_file_ids(home, "new") == three
    write_extracted_batch(home, [read(three[1], made_reading(2020, number=2))], "new")
    assert unread_file_ids(home, "new") == [three[0], three[2]]
    assert read_extracted(home, 2021)["reports"]["file_id"].sort().to_list() == [three[0], three[2]]
    assert read_extracted(home, 2020)["reports"]["file_id"].to_list() == [three[1]]


def test_a_quarantined_content_is_tried_again_only_by_another_reader(home: Home, three: list[str]) -> None:
    write_extracted_batch(home, [read(three[0], None, "not a report")], VERSION)
    assert unread_file_ids(home, VERSION) == three[1:]
    assert three[0] in unread_file_ids(home, "another")
    row = active_ledger(home).row(0, named=True)
    assert (row["status"], row["error"], row["years"]) == ("quarantined", "not a report", [])


def test_load_order_makes_no_difference(home: Home, three: list[str], tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    take_in(other, [tmp_path / f"{number}.txt" for number in (2, 0, 1)], now=NOON)
    readings = [read(file_id, made_reading(2021, number=n)) for n, file_id in enumerate(three)]
    write_extracted_batch(home, readings, VERSION)
    for reading in reversed(readings):
        write_extracted_batch(other, [reading], VERSION)
    assert extracted_fingerprint(home, 2021) == extracted_fingerprint(other, 2021) != extracted_fingerprint(home, 2020)
    one, two = read_extracted(home, 2021), read_extracted(other, 2021)
    assert all(one[name].equals(two[name]) for name in one)


def test_a_number_beyond_what_is_kept_is_unreadable_with_its_text(home: Home, three: list[str]) -> None:
    facts = (
        made_fact("granted", "total", "12345678901234567"),
        made_fact("carried_over_out", "total", "1234567890123456"),
        made_fact("new_received", "total", "0.00001"),
        made_fact("processed_total", "total", "1.50000"),
    )
    reading = FileReading("text/plain", (made_report(2021, facts=facts),), (made_prose(),))
    write_extracted_batch(home, [read(three[0], reading)], VERSION)
    found = {row["row_code"]: row for row in read_extracted(home, 2021)["facts"].rows(named=True)}
    for code in ("granted", "new_received"):
        assert (found[code]["value"], found[code]["status"]) == (None, "unreadable")
        assert "does not fit" in found[code]["reason"]
        assert found[code]["raw_text"] is not None
    assert found["carried_over_out"]["value"] == Decimal("1234567890123456")
    assert found["processed_total"]["value"] == Decimal("1.5")


def test_a_claim_beyond_what_is_kept_is_recorded_as_a_problem(home: Home, three: list[str]) -> None:
    claim = Claim(1, 1, "占比", Decimal("0.00001"), "%", False, "占比0.00001%", 2, 9)
    prose = Prose((claim,), (Assertion("narrative.percent", 1, claim.value, "%", "占比"),))
    reading = FileReading("text/plain", (made_report(2021),), (prose,))
    write_extracted_batch(home, [read(three[0], reading)], VERSION)
    found = read_extracted(home, 2021)
    assert found["claims"].is_empty()
    assert found["assertions"].is_empty()
    assert found["problems"]["kind"].to_list() == ["unknown_label", "number_does_not_fit"]
    assert "0.00001" in found["problems"]["detail"].to_list()[1]


def test_a_reading_that_cannot_be_stored_costs_only_its_content(home: Home, three: list[str]) -> None:
    broken = made_reading(2021, sections=(Section(1, "一、", "half a character: \ud800"),))
    contents = [read(three[0], made_reading(2021)), read(three[1], broken), read(three[2], made_reading(None))]
    write_extracted_batch(home, contents, VERSION)
    assert active_ledger(home).select("file_id", "status", "error").rows() == [
        (three[0], "read", None),
        (three[1], "quarantined", "its text is not valid Unicode"),
        (three[2], "quarantined", "report year not found"),
    ]
    assert read_extracted(home, 2021)["reports"]["file_id"].to_list() == [three[0]]


def test_evidence_is_written_the_same_way_every_time(home: Home, three: list[str]) -> None:
    reading = FileReading("text/plain", (made_report(2021, evidence={"b": "二", "a": "一"}),), (made_prose(),))
    write_extracted_batch(home, [read(three[0], reading)], VERSION)
    text = read_extracted(home, 2021)["reports"]["evidence"].item()
    assert text == '{"a": "一", "b": "二"}'
    assert json.loads(text) == {"a": "一", "b": "二"}


def test_an_empty_batch_is_none(home: Home) -> None:
    assert write_extracted_batch(home, [], VERSION) == ""
    assert extracted_years(home) == []
    assert all(frame.schema == pl.Schema(EXTRACTED[name]) for name, frame in read_extracted(home, 2021).items())
