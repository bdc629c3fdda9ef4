"""Sentence by sentence: what a careful reader finds to hold, to contradict, or not to be decidable."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from pipeline.catalogue.load import load_catalogue
from pipeline.narrative.judge import Cell, FactValue, judge_prose
from pipeline.narrative.prose import read_prose
from pipeline.report import Scope, Section

CASES = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text(encoding="utf-8"))

ANNUAL = {
    "new_received": 35, "carried_over_in": 2, "granted": 12, "partially_granted": 3,
    "denied_state_secret": 1, "denied_prohibited_by_law": 0, "denied_security_stability": 0, "denied_third_party_rights": 2,
    "denied_internal_affairs": 2, "denied_process_information": 0, "denied_enforcement_file": 0,
    "denied_administrative_inquiry": 0, "unavailable_not_held": 6, "unavailable_needs_creation": 1,
    "unavailable_still_unclear": 1, "rejected_petition": 3, "rejected_repeat": 1, "rejected_publication": 0,
    "rejected_excessive": 0, "rejected_reconfirmation": 0, "other_overdue_correction": 1, "other_fee_unpaid": 0,
    "other_remaining": 3, "processed_total": 36, "carried_over_out": 1,
}  # fmt: skip
DISPUTES = {
    "review": {"upheld": 2, "corrected": 1, "other": 0, "pending": 0, "total": 3},
    "litigation_direct": {"upheld": 1, "corrected": 0, "other": 0, "pending": 1, "total": 2},
    "litigation_after_review": {"upheld": 1, "corrected": 0, "other": 0, "pending": 0, "total": 1},
}
STATISTICS = {
    "requests_received": 25, "requests_in_person": 1, "requests_by_fax": 0, "requests_online": 16, "requests_by_letter": 8,
    "requests_completed": 25, "replies_total": 25, "reply_already_public": 5, "reply_granted": 10,
    "reply_partially_granted": 1, "reply_denied": 3, "reply_not_this_agency": 2, "reply_not_exist": 3,
    "reply_supplement_required": 1, "reply_other_channel": 0, "reviews_total": 1, "review_upheld": 1,
    "review_corrected": 0, "review_other": 0, "litigation_total": 0,
}  # fmt: skip


def annual_facts() -> dict[Cell, FactValue]:
    facts = {("requests", row, "total"): FactValue(Decimal(value), "reported") for row, value in ANNUAL.items()}
    for channel, outcomes in DISPUTES.items():
        facts |= {("disputes", channel, o): FactValue(Decimal(v), "reported") for o, v in outcomes.items()}
    return facts


def statistics_facts() -> dict[Cell, FactValue]:
    return {("statistics", row, "year"): FactValue(Decimal(value), "reported") for row, value in STATISTICS.items()}


def setting(group: str) -> tuple[Scope, str, dict[Cell, FactValue], int]:
    """Return scope, form, facts and report year for a group of sentences."""
    if group == "statistics":
        return "aggregate", "2014", statistics_facts(), 2018
    return (
        ("aggregate" if group == "scope" else "own" if group == "own_scope" else "unknown"),
        "2021",
        annual_facts(),
        2023,
    )


@pytest.mark.parametrize(
    ("group", "case"),
    [(group, case) for group, cases in CASES.items() for case in cases],
    ids=lambda value: str(value)[:60],
)
def test_a_careful_reader_agrees(group: str, case: dict[str, object]) -> None:
    scope, form, facts, year = setting(group)
    catalogue = load_catalogue()
    prose = read_prose((Section(1, "", str(case["text"])),), scope=scope, form=form, catalogue=catalogue, year=year)
    results = judge_prose(prose.assertions, facts, frozenset(), catalogue)

    values = {str(claim.claim_no): claim.value for claim in prose.claims}
    if "claims" in case:
        assert [claim.value for claim in prose.claims] == case["claims"]
    said = [
        f"{r.check_id.removeprefix('narrative.')} {values[r.subject]:f} {r.outcome}".replace("not_assessable", "na")
        for r in results
    ]
    expected = Counter(map(str, case.get("says", ())))  # type: ignore[call-overload]
    judged = Counter(line for line in said if not line.endswith(" na"))
    assert judged == Counter({line: n for line, n in expected.items() if not line.endswith(" na")})
    assert not {line for line in expected if line.endswith(" na")} - set(said)


def test_there_are_enough_sentences_of_every_verdict() -> None:
    verdicts = Counter(
        line.rpartition(" ")[2] for cases in CASES.values() for case in cases for line in case.get("says", ())
    )
    assert sum(map(len, CASES.values())) >= 150
    assert min(verdicts["passed"], verdicts["failed"], verdicts["na"]) >= 30
