"""Whole paragraphs with every verdict that a careful reader gives: what fails is complete, what holds is found."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from pipeline.catalogue.load import load_catalogue
from pipeline.narrative.judge import Cell, FactValue, judge_prose
from pipeline.narrative.prose import read_prose
from pipeline.report import Scope, Section
from tests.unit.narrative.test_sentences import annual_facts, statistics_facts

CASES = yaml.safe_load((Path(__file__).parent / "adversarial.yaml").read_text(encoding="utf-8"))
SETTINGS: dict[str, Scope] = {"own": "own", "whole_area": "aggregate", "statistics": "aggregate"}


def said_of(group: str, text: str) -> Counter[str]:
    """Return what is said of a paragraph, as ``check value outcome``."""
    of_2018 = group == "statistics"
    facts: dict[Cell, FactValue] = statistics_facts() if of_2018 else annual_facts()
    catalogue = load_catalogue()
    prose = read_prose(
        (Section(1, "", text),),
        scope=SETTINGS.get(group, "own"),
        form="2014" if of_2018 else "2021",
        catalogue=catalogue,
        year=2018 if of_2018 else 2023,
    )
    values = {str(claim.claim_no): claim.value for claim in prose.claims}
    return Counter(
        f"{r.check_id.removeprefix('narrative.')} {values[r.subject]:f} {r.outcome}"
        for r in judge_prose(prose.assertions, facts, frozenset(), catalogue)
    )


def lines(case: dict[str, object], verdict: str, outcome: str) -> Counter[str]:
    return Counter(f"{line} {outcome}" for line in case.get(verdict, ()))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("group", "case"),
    [(group, case) for group, cases in CASES.items() for case in cases],
    ids=lambda value: str(value)[:60],
)
def test_a_careful_reader_agrees(group: str, case: dict[str, object]) -> None:
    said = said_of(group, str(case["text"]))
    assert Counter({line: n for line, n in said.items() if line.endswith(" failed")}) == lines(case, "fails", "failed")
    assert not lines(case, "holds", "passed") - said
    assert not set(lines(case, "na", "not_assessable")) - set(said)


def test_there_are_enough_paragraphs_of_every_verdict() -> None:
    verdicts = Counter(
        verdict
        for cases in CASES.values()
        for case in cases
        for verdict in ("fails", "holds", "na")
        if case.get(verdict)
    )
    assert sum(map(len, CASES.values())) >= 300
    assert min(verdicts.values()) >= 35
