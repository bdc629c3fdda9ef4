"""Several files of one report: joined only where both say so, the best reading gives the facts, differences are told."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.issuers.resolve import issuer_of_report
from pipeline.reading import FileReading, report_identifier
from pipeline.report_files import join_files
from pipeline.year_checks import judge_year
from pipeline.year_facts import facts_of_year
from tests.warehouse.made_lake import made_fact, made_prose, made_report
from warehouse.companions import COMPANIONS
from warehouse.extracted import frames_of_reading

CATALOGUE = load_catalogue()
PAGE, FILE, OTHER = "a" * 64, "b" * 64, "c" * 64
COUNTY = "洪泽区人民政府"


def numbers(values: dict[str, int | None], **more: Any) -> tuple[Any, ...]:
    """Facts: the total of each item; None: unreadable."""
    rows = enumerate(values.items(), start=1)
    return tuple(
        made_fact(item, "total", value, "unreadable" if value is None else "reported", row=row, **more)
        for row, (item, value) in rows
    )


FULL = {"new_received": 9, "carried_over_in": 1, "granted": 6, "processed_total": 8}


def extracted(files: dict[str, dict[str, Any]], seed: int = 0) -> dict[str, pl.DataFrame]:
    order = list(files)
    random.Random(seed).shuffle(order)
    frames = []
    for file_id in order:
        more = {"issuer": COUNTY, "title": f"{COUNTY}2023年政府信息公开工作年度报告", "evidence": {}, **files[file_id]}
        reading = FileReading(more.pop("media_type", "text/html"), (made_report(2023, **more),), (made_prose(),))
        frames.append(frames_of_reading(file_id, reading))
    return {name: pl.concat([frame[name] for frame in frames]) for name in frames[0]}


def pairs(*rows: tuple[str, str, str, str, bool]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=COMPANIONS, orient="row")


def published(files: dict[str, dict[str, Any]], companions: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return facts and check results, the same whatever the order of the rows."""
    ways = []
    for seed in range(4):
        joined = join_files(
            extracted(files, seed), companions.sample(fraction=1, shuffle=True, seed=seed), issuer_of_report
        )
        facts = facts_of_year(joined, issuer_of_report, CATALOGUE)
        facts["check_results"] = judge_year(facts, joined, CATALOGUE).check_results
        ways.append({name: frame.sort(frame.columns) if name != "issuers" else frame for name, frame in facts.items()})
    for way in ways[1:]:
        for name, frame in way.items():
            assert frame.equals(ways[0][name]), name
    return ways[0]


NAMED = pairs((FILE, PAGE, "named", "application/pdf", True))


def test_the_better_reading_gives_the_facts_and_the_page_its_date() -> None:
    page = {"facts": numbers({**FULL, "granted": None}), "published_on": date(2024, 1, 20)}
    file = {"facts": numbers(FULL), "media_type": "application/pdf"}
    facts = published({PAGE: page, FILE: file}, NAMED)
    (report,) = facts["reports"].to_dicts()
    assert (report["report_id"], report["file_id"]) == (report_identifier(FILE, 1), FILE)
    assert (report["published_on"], report["media_type"]) == (date(2024, 1, 20), "application/pdf")
    assert set(facts["report_files"].select("file_id", "role").iter_rows()) == {(FILE, "main"), (PAGE, "attachment")}
    assert facts["requests"].filter(pl.col("status") == "unreadable").is_empty()
    assert set(facts["cells"]["report_id"]) == set(facts["sections"]["report_id"]) == {report["report_id"]}


def test_equally_well_read_the_page_is_the_main_file() -> None:
    facts = published({PAGE: {"facts": numbers(FULL)}, FILE: {"facts": numbers(FULL)}}, NAMED)
    assert facts["reports"]["file_id"].to_list() == [PAGE]
    results = facts["check_results"].filter(pl.col("check_id") == "files.same_numbers")
    assert results.select("subject", "outcome").rows() == [("all", "passed")]


def test_a_page_without_tables_takes_those_of_its_attachment() -> None:
    bare = {"facts": (), "cells": (), "tables_found": (), "tables_missing": ("requests",), "form": None}
    facts = published({PAGE: bare, FILE: {"facts": numbers(FULL)}}, NAMED)
    assert facts["reports"].select("file_id", "extraction").rows() == [(FILE, "partial")]
    assert facts["requests"].height == len(FULL)


def test_cells_that_differ_are_told() -> None:
    facts = published({PAGE: {"facts": numbers(FULL)}, FILE: {"facts": numbers({**FULL, "granted": 5})}}, NAMED)
    (problem,) = facts["problems"].filter(pl.col("kind") == "files_differ").to_dicts()
    assert "granted/total: '6' here, '5' in file bbb" in problem["detail"]
    results = facts["check_results"].filter(pl.col("check_id") == "files.same_numbers").sort("subject")
    assert results.select("subject", "outcome", "left_value", "right_value").rows() == [
        ("all", "failed", Decimal(1), Decimal(0)),
        ("granted/total", "failed", Decimal(6), Decimal(5)),
    ]
    assert facts["requests"].filter(pl.col("item") == "granted")["value"].to_list() == [6]


@pytest.mark.parametrize("change", [{"issuer": "沭阳县人民政府"}, {"scope": "own"}])
def test_two_reports_in_one_folder_stay_two(change: dict[str, Any]) -> None:
    for ground in ("folder", "named", "declared"):
        companions = pairs((FILE, PAGE, ground, "application/pdf", True))
        facts = published({PAGE: {"facts": numbers(FULL)}, FILE: {"facts": numbers(FULL), **change}}, companions)
        assert facts["reports"].height == 2
        assert facts["report_files"]["role"].to_list() == ["main", "main"]


def test_a_file_that_names_nobody_joins_by_link_or_by_its_numbers() -> None:
    nameless = {"issuer": None, "title": None}
    folder = pairs((FILE, PAGE, "folder", "application/pdf", True))
    same = {PAGE: {"facts": numbers(FULL)}, FILE: {"facts": numbers(FULL), **nameless}}
    other = {**same, FILE: {"facts": numbers(dict.fromkeys(FULL, 3)), **nameless}}
    assert published(same, folder)["reports"].height == 1
    assert published(other, folder)["reports"].height == 2
    assert published(other, NAMED)["reports"].height == 1


def test_of_two_versions_of_a_page_the_newest_has_the_attachment() -> None:
    both = pairs((FILE, PAGE, "folder", "x", True), (FILE, OTHER, "folder", "x", True))
    versions = {
        PAGE: {"facts": numbers(FULL), "published_on": date(2024, 1, 20)},
        OTHER: {"facts": numbers(FULL), "published_on": date(2024, 2, 20)},
        FILE: {"facts": numbers(FULL)},
    }
    facts = published(versions, both)
    assert dict(facts["reports"].select("file_id", "is_current").iter_rows()) == {PAGE: False, OTHER: True}
    newest = facts["reports"].filter("is_current")["report_id"].item()
    assert facts["report_files"].filter(pl.col("role") == "attachment").select("report_id", "file_id").rows() == [
        (newest, FILE)
    ]


def test_what_cannot_be_read_belongs_to_the_page_too() -> None:
    companions = pairs((FILE, PAGE, "name", "image/png", False), (OTHER, PAGE, "folder", "application/x", False))
    facts = published({PAGE: {"facts": numbers(FULL)}}, companions)
    assert dict(facts["report_files"].select("file_id", "role").iter_rows()) == {
        PAGE: "main",
        FILE: "picture",
        OTHER: "attachment",
    }


def test_what_lies_among_several_reports_belongs_to_none() -> None:
    companions = pairs((FILE, PAGE, "folder", "x", True), (OTHER, PAGE, "folder", "image/png", False))
    files = {PAGE: {"facts": numbers(FULL)}, FILE: {"facts": numbers(FULL), "issuer": "沭阳县人民政府"}}
    assert set(published(files, companions)["report_files"]["role"]) == {"main"}
