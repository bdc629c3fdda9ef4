"""The rules of carrying over against a plain reading of the domain's words, over random reports with every kind of gap."""

import random
from decimal import Decimal

import polars as pl
import pytest

from pipeline.across.judge import judge_across
from pipeline.catalogue.model import Catalogue
from tests.unit.across.conftest import Reports, outcomes

GAPS = ("blank", "blank", "not_applicable", "unreadable", "missing")
ITEMS = ("licensing", "fees")
APPLICANTS = ("natural_person", "business", "total")
Cells = dict[str, object]


def random_cells(rng: random.Random, year: int) -> Cells:
    """Cells of the tables that a report of the year may have, some not there at all."""
    if year < 2019:
        places = [f"statistics/disclosed_total/{period}" for period in ("year", "cumulative")]
        places += [f"statistics/{row}/year" for row in ("requests_received", "requests_completed")]
    else:
        places = [f"requests/{row}/{a}" for row in ("carried_over_in", "carried_over_out") for a in APPLICANTS]
        columns = ("previous_year_items", "change") if year < 2021 else ("in_force", "created", "repealed")
        places += [f"proactive/{item}/{column}" for item in ITEMS for column in columns]
    share = rng.choice((0, 0, 0.2, 0.6))
    cells: Cells = {}
    for place in places:
        if rng.random() < 0.9:
            cells[place] = rng.choice(GAPS) if rng.random() < share else rng.randint(0, 1)
    return cells


def judge(left: object, right: list[tuple[int, object]] | None) -> str:
    """Return the outcome of one equation: contents of cells, None for one that is not there; ``right`` None: no report."""
    if right is None:
        return "not_assessable"
    contents = [left, *(content for _, content in right)]
    if any(c is None or (isinstance(c, str) and c != "blank") for c in contents) or set(contents) == {"blank"}:
        return "not_assessable"
    number = {c: Decimal(0) if c == "blank" else Decimal(str(c)) for c in contents}
    if number[left] == sum(sign * number[content] for sign, content in right):
        return "passed"
    return "not_assessable" if "blank" in contents else "failed"


def expected(year: int, now: Cells, before: Cells | None) -> dict[tuple[str, str], str]:
    """Return {(check_id, subject): outcome} as domain.md has them."""

    def was(place: str) -> object:
        return (before or {}).get(place)

    rules: dict[tuple[str, str], tuple[str, list[tuple[int, object]]]] = {}
    for a in APPLICANTS:
        rules["carry_over.requests", a] = (
            f"requests/carried_over_in/{a}",
            [(1, was(f"requests/carried_over_out/{a}"))],
        )
    for item in ITEMS:
        change = [(1, was(f"proactive/{item}/{column}")) for column in ("previous_year_items", "change")]
        rules["carry_over.items", item] = (f"proactive/{item}/previous_year_items", change)
        stock = [(1, was(f"proactive/{item}/in_force"))]
        stock += [(sign, now.get(f"proactive/{item}/{c}")) for sign, c in ((1, "created"), (-1, "repealed"))]
        rules["carry_over.stock", item] = (f"proactive/{item}/in_force", stock)
    grown = [(1, was("statistics/disclosed_total/cumulative")), (1, now.get("statistics/disclosed_total/year"))]
    rules["carry_over.cumulative", "disclosed_total"] = ("statistics/disclosed_total/cumulative", grown)
    pending = [(1, was("statistics/requests_received/year")), (-1, was("statistics/requests_completed/year"))]
    rules["carry_over.pending", "total"] = ("requests/carried_over_in/total", pending)
    first = {
        "carry_over.requests": 2020,
        "carry_over.items": 2020,
        "carry_over.stock": 2022,
        "carry_over.cumulative": 2008,
    }
    return {
        key: judge(now[place], None if before is None else right)
        for key, (place, right) in rules.items()
        if place in now and (year == 2019 if key[0] == "carry_over.pending" else year >= first[key[0]])
    }


@pytest.mark.parametrize("seed", range(3))
def test_random_reports(made: Reports, catalogue: Catalogue, seed: int) -> None:
    rng = random.Random(seed)
    years = range(2017, 2024)
    printed: dict[tuple[str, int], Cells] = {}
    for number in range(40):
        for year in years:
            if rng.random() < 0.85:
                cells = random_cells(rng, year)
                form = "fujian" if year < 2019 else "2019" if year < 2021 else "2021"
                made.add(f"b{number}", year, cells, form=form)
                printed[f"b{number}", year] = cells
    reports, facts = made.reports(), made.facts()
    seen: set[str] = set()
    for year in years:
        results = judge_across(year, reports, facts, catalogue).check_results
        carried = results.filter(pl.col("check_id").str.starts_with("carry_over"))
        found = {
            (report, check_id, subject): outcome
            for check_id in carried["check_id"].unique()
            for (report, subject), outcome in outcomes(carried, check_id).items()
        }
        wanted = {
            (f"{body}-{year}-own", *key): outcome
            for (body, of), cells in printed.items()
            if of == year
            for key, outcome in expected(year, cells, printed.get((body, year - 1))).items()
        }
        assert found == wanted
        seen |= set(found.values())
    assert seen == {"passed", "failed", "not_assessable"}
