"""Made dumps in every layout, whole and damaged: every cell right or marked, none silently wrong."""

import random

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.readers.text import read_text
from pipeline.recognize.tables import recognize_tables
from pipeline.report import Fact
from tests.documents import dump
from tests.documents.made import MadeReport, make_report

CATALOGUE = load_catalogue()
KINDS = ("2019", "2021", "hybrid", "2014", "fujian")
MARKED = ("unreadable", "missing")
SEPARATORS = "\t|\n "
WHOLE = ("tab_cells", "tab_rows")
"""Layouts that mark every cell: nothing of a sound dump is lost."""


def _made(seed: str, style: str) -> tuple[MadeReport, random.Random]:
    rng = random.Random(seed)
    return make_report(rng, CATALOGUE, KINDS[rng.randrange(len(KINDS))], style), rng


def _read(text: str) -> list[Fact]:
    return list(recognize_tables(read_text(text.encode(), "x.txt", CATALOGUE), CATALOGUE).facts)


def _wrong(facts: list[Fact], report: MadeReport) -> list[tuple[object, ...]]:
    wrong: list[tuple[object, ...]] = []
    for fact in facts:
        truth = report.truth.get((fact.fact_table, fact.row_code, fact.column_code))
        if fact.status in MARKED or (
            truth and truth.value == fact.value and fact.status in (truth.status, "reconstructed")
        ):
            continue
        wrong.append((fact.row_code, fact.column_code, fact.status, fact.value, fact.raw_text, truth))
    return wrong


@pytest.mark.parametrize("layout", dump.LAYOUTS)
def test_a_sound_dump_is_right_or_marked(layout: str) -> None:
    for seed in range(6):
        report, rng = _made(f"sound {layout} {seed}", "any")
        facts = _read(dump.render(report, layout, rng).decode())
        assert _wrong(facts, report) == [], seed
        assert {(f.fact_table, f.row_code, f.column_code) for f in facts} >= set(report.truth), seed
        if layout in WHOLE:
            assert not [f for f in facts if f.status in MARKED], seed


@pytest.mark.parametrize("layout", ["glued", "spaces", "lines_with_blanks"])
def test_plain_digits_are_read_whole_even_where_nothing_parts_them(layout: str) -> None:
    """Sections 三 and 四 of glued dumps come back by their sums; the statistics table of 2014 has one number a row."""
    for seed in range(4):
        report, rng = _made(f"plain {layout} {seed}", "plain")
        facts = _read(dump.render(report, layout, rng).decode())
        assert _wrong(facts, report) == []
        marked = [f for f in facts if f.status in MARKED]
        if layout != "glued":
            assert marked == []
        else:
            assert {f.fact_table for f in marked} <= {"proactive", "statistics", "requests", "disputes"}
            assert sum(f.fact_table == "requests" for f in marked) <= 14


def _damage(text: str, rng: random.Random) -> str:
    """Drop, insert or double a separator or a line."""
    kind = rng.choice(("drop", "insert", "stray", "line"))
    places = [at for at, char in enumerate(text) if char in SEPARATORS]
    at = rng.choice(places)
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "insert":
        return text[:at] + text[at] + text[at:]
    if kind == "stray":
        at = rng.randrange(len(text))
        return text[:at] + rng.choice(SEPARATORS) + text[at:]
    lines = text.split("\n")
    # A dropped line of digits is a number that the document does not print any more: only doubled here.
    number = rng.randrange(len(lines))
    return "\n".join([*lines[: number + 1], *lines[number:]])


@pytest.mark.parametrize("layout", dump.LAYOUTS)
def test_a_damaged_dump_is_right_or_marked(layout: str) -> None:
    for seed in range(12):
        report, rng = _made(f"damaged {layout} {seed}", rng_style(seed))
        text = dump.render(report, layout, rng).decode()
        head = min(at for at in (text.find("第二十条"), text.find("统 计"), len(text)) if at >= 0)
        damaged = text[:head] + _damage(text[head:], rng)
        assert _wrong(_read(damaged), report) == [], (layout, seed)


def rng_style(seed: int) -> str:
    return "plain" if seed % 2 else "any"
