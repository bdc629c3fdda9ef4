"""Publication on a copy of the file that stands: the same rows as a file built whole, whatever changed before."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue
from pipeline.home import Home
from tests.warehouse.made_lake import NOON, Row, fill
from warehouse import publish as publish_module
from warehouse.ledger import next_batch_name, write_ledger_part
from warehouse.publish import Publication, publish
from warehouse.schemas import LEDGER
from warehouse.sightings import Sighting, add_sightings
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import drop_year, facts_years, judged_fingerprint, layer_tables

CATALOGUE = load_catalogue()
YEARS = (2017, 2018, 2019, 2020, 2021)
BODIES = ("i1", "i2", "i3", "i4")
REQUESTS = ("new_received", "carried_over_in", "granted", "partially_granted", "processed_total", "carried_over_out")
STATISTICS = ("requests_received", "requests_online", "replies_total", "requests_completed", "completed_on_time")
APPLICANTS = ("natural_person", "total")


def within(**publishing: int) -> Catalogue:
    """The declared data with other limits of publishing; by default as much may change as there is."""
    limits = {"most_moved_percent": 1_000_000, "most_grown_percent": 1_000_000, **publishing}
    declared = CATALOGUE.limits
    return replace(CATALOGUE, limits={**declared, "publishing": {**declared["publishing"], **limits}})


@dataclass
class Lake:
    """A lake of invented reports, any of which may come, change or go."""

    home: Home
    rng: random.Random
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0

    def come(self, **given: Any) -> None:
        self.made += 1
        report_id = f"{self.rng.getrandbits(40):010x}"
        report = {"report_id": report_id, "year": self.rng.choice(YEARS), "issuer_id": self.rng.choice(BODIES), **given}
        report["file_id"] = report_id * 6
        add_sightings(self.home, [Sighting(report["file_id"], f"{report_id}.html")], NOON)
        ledger = {"file_id": report["file_id"], "reader_version": "1", "status": "read", "bytes": 1}
        batch = next_batch_name(self.home, report_id)
        row = {**dict.fromkeys(LEDGER), **ledger, "years": [report["year"]], "links": [], "batch": batch}
        write_ledger_part(self.home, batch, pl.DataFrame([row], schema=LEDGER))
        self.reports[report_id] = report
        self.change(report_id)

    def change(self, report_id: str) -> None:
        report = self.reports[report_id]
        report["seed"] = self.rng.getrandbits(30)
        report["is_current"] = self.rng.random() < 0.8
        report["scope"] = self.rng.choice(("own", "aggregate", "unknown"))

    def write(self) -> None:
        for year in YEARS:
            reports = [report for _, report in sorted(self.reports.items()) if report["year"] == year]
            if reports:
                write_facts(
                    self.home, year, {name: fill(name, *_rows(name, reports)) for name in layer_tables("facts")}
                )
            elif year in facts_years(self.home):
                drop_year(self.home, year)
        for year in facts_years(self.home):
            reports = [report for _, report in sorted(self.reports.items()) if report["year"] == year]
            checks = {name: fill(name, *_rows(name, reports)) for name in layer_tables("checks")}
            write_check_results(
                self.home, year, checks["check_results"], judged_fingerprint(self.home, year), checks["suggestions"],
                checks["compared_cells"],
            )  # fmt: skip


def _rows(table: str, reports: list[dict[str, Any]]) -> list[Row]:
    return [row for report in reports for row in _report_rows(table, report)]


def _report_rows(table: str, report: dict[str, Any]) -> Iterator[Row]:
    """The rows of a report: a function of its seed, so that the same report has the same rows."""
    rng = random.Random(f"{table}{report['seed']}")
    head = {"report_id": report["report_id"], "year": report["year"]}
    if table == "issuers":
        return iter([{"issuer_id": report["issuer_id"], "name": report["issuer_id"], "kind": "county"}])
    if table in ROWS_OF:
        return ({**head, **row} for row in ROWS_OF[table](report, rng))
    return iter([])


def _report(report: dict[str, Any], rng: random.Random) -> Iterator[Row]:
    shown = {name: report[name] for name in ("file_id", "issuer_id", "is_current", "scope")}
    kind = rng.choice(("county", "county", "unknown"))
    yield {**shown, "issuer": report["issuer_id"], "issuer_kind": kind, "series_id": report["issuer_id"]}


def _file(report: dict[str, Any], _: random.Random) -> Iterator[Row]:
    yield {"file_id": report["file_id"], "role": "main"}


def _texts(key: str, text: str) -> Callable[[dict[str, Any], random.Random], Iterator[Row]]:
    return lambda _, rng: ({key: number, text: rng.choice("甲乙丙")} for number in range(1, rng.randint(1, 4)))


def _requests(report: dict[str, Any], rng: random.Random) -> Iterator[Row]:
    for item in REQUESTS if report["year"] >= 2019 else ():
        for applicant in APPLICANTS:
            value = rng.choice((None, 0, 1, 40, 50))
            status = "blank" if value is None else "reported"
            yield {"item": item, "applicant": applicant, "value": value, "status": status, "form": "2021"}


def _statistics(report: dict[str, Any], rng: random.Random) -> Iterator[Row]:
    for item in STATISTICS if report["year"] < 2019 else ():
        yield {"item": item, "period": "year", "value": rng.choice((0, 3, 50)), "unit": "count", "form": "2014"}


def _check_results(_: dict[str, Any], rng: random.Random) -> Iterator[Row]:
    for subject in APPLICANTS:
        outcome = rng.choice(("passed", "failed", "not_assessable"))
        yield {"check_id": "requests.balance", "subject": subject, "outcome": outcome, "severity": "error"}
    if rng.random() < 0.5:
        claim = {"check_id": "narrative.parts", "subject": str(rng.randint(1, 3)), "severity": "warning"}
        yield {**claim, "outcome": "failed", "left_value": 3}


def _suggestions(_: dict[str, Any], rng: random.Random) -> Iterator[Row]:
    if rng.random() < 0.5:
        cell = {"fact_table": "requests", "row_code": "new_received", "column_code": "total"}
        yield {**cell, "suggested": rng.randint(1, 9), "solution": 1}


def _compared_cells(_: dict[str, Any], rng: random.Random) -> Iterator[Row]:
    if rng.random() < 0.5:
        cell = {"fact_table": "requests", "row_code": "granted", "column_code": "total", "is_suspect": True}
        yield {"check_id": "requests.balance", "subject": "total", "cell_report_id": "x", **cell}


ROWS_OF: dict[str, Callable[[dict[str, Any], random.Random], Iterator[Row]]] = {
    "reports": _report,
    "report_files": _file,
    "sections": _texts("section_no", "text"),
    "claims": _texts("claim_no", "sentence"),
    "cells": _texts("row", "text"),
    "requests": _requests,
    "statistics": _statistics,
    "check_results": _check_results,
    "suggestions": _suggestions,
    "compared_cells": _compared_cells,
}


@pytest.fixture
def lake(home: Home) -> Lake:
    return Lake(home, random.Random(7))


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each file that was finished was built, as it happens."""
    done: list[str] = []
    for way in ("_build_on", "_build_whole"):
        build = getattr(publish_module, way)

        def noted(*args: Any, way: str = way, build: Callable[..., Any] = build) -> Any:
            built = build(*args)
            done.extend([way] if built else [])
            return built

        monkeypatch.setattr(publish_module, way, noted)
    return done


def publish_within(lake: Lake, catalogue: Catalogue, code_version: str = "0.1") -> Publication:
    lake.write()
    return publish(lake.home, code_version, catalogue, now=NOON)


def every_row(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        return {name: con.execute(f'SELECT * FROM "{name}" ORDER BY ALL').fetchall() for name in CATALOGUE.tables}


def built_whole(lake: Lake, catalogue: Catalogue) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the same lake built whole; the published file and its stamp are put back."""
    stamp = lake.home.lake / "published.json"
    kept = {path: path.with_name(f"{path.name}.kept") for path in (lake.home.warehouse, Path(str(stamp)))}
    for path, aside in kept.items():
        shutil.copy2(path, aside)
    lake.home.warehouse.unlink()
    publish(lake.home, "0.1", catalogue, now=NOON)
    rows = every_row(lake.home)
    for path, aside in kept.items():
        path.unlink()
        aside.rename(path)
    return rows


@pytest.mark.parametrize("seed", range(40 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 2))
def test_after_any_changes_the_file_holds_what_one_built_whole_holds(home: Home, builds: list[str], seed: int) -> None:
    rng = random.Random(seed)
    lake = Lake(home, rng)
    for _ in range(30):
        lake.come()
    lake.come(year=2019, issuer_id="i1")
    publish_within(lake, within())
    seen: dict[str, int] = {}
    for _ in range(4):
        ids = sorted(lake.reports)
        for report_id in rng.sample(ids, rng.randint(0, 3)):
            lake.change(report_id)
        for report_id in rng.sample(ids, rng.randint(0, 2)):
            del lake.reports[report_id]
        if rng.random() < 0.2:  # A year goes.
            year = rng.choice(YEARS)
            lake.reports = {i: report for i, report in lake.reports.items() if report["year"] != year}
        if rng.random() < 0.4:
            moved = lake.reports[rng.choice(sorted(lake.reports))]
            moved["issuer_id"] = rng.choice(BODIES)
        for _ in range(rng.randint(0, 3)):
            lake.come()
        builds.clear()
        publish_within(lake, within(reports_at_once=2))
        assert builds in (["_build_on"], [])
        rows = every_row(home)
        assert rows == built_whole(lake, within(reports_at_once=7))
        seen = {name: seen.get(name, 0) + len(found) for name, found in rows.items()}
    assert all(
        seen[name] for name in ("finding_cells", "findings", "request_totals", "indicator_values", "panel_values")
    )


def test_rates_of_the_year_after_are_compared_with_the_changed_ones(lake: Lake, builds: list[str]) -> None:
    for year in (2020, 2021):
        lake.come(year=year, issuer_id="i1")
        lake.come(year=year, issuer_id="i2")
    for report in lake.reports.values():
        report.update(scope="own", is_current=True, seed=0 if report["issuer_id"] == "i1" else 1)
    publish_within(lake, within())
    first = next(report for report in lake.reports.values() if (report["year"], report["issuer_id"]) == (2020, "i1"))
    for seed in range(2, 6):
        first["seed"] = seed
        publish_within(lake, within())
        assert every_row(lake.home) == built_whole(lake, within())
    assert builds.count("_build_on") == 4


def made(lake: Lake, count: int = 12) -> str:
    """Reports that are published whole, one of which then changed; return which."""
    for _ in range(count):
        lake.come()
    publish_within(lake, within())
    report_id = min(lake.reports)
    lake.change(report_id)
    return report_id


def test_only_a_file_that_the_same_code_made_is_built_on(lake: Lake, builds: list[str]) -> None:
    made(lake)
    publish_within(lake, within(), "0.2")
    assert builds == ["_build_whole", "_build_whole"]


def test_a_file_of_an_older_version_is_built_whole(
    lake: Lake, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse import loads

    for _ in range(5):
        lake.come()
    with monkeypatch.context() as older:
        older.setattr(
            loads,
            "asdict",
            lambda stamp: {n: getattr(stamp, n) for n in ("fingerprint", "load_id", "size", "mtime_ns")},
        )
        older.setattr(publish_module, "write_load", lambda *_: None)
        publish_within(lake, within())
    lake.change(min(lake.reports))
    publish_within(lake, within())
    assert builds == ["_build_whole", "_build_whole"]


def test_where_too_many_reports_would_stand_out_of_order_the_file_is_built_whole(lake: Lake, builds: list[str]) -> None:
    for number in range(40):
        lake.come(year=2021, issuer_id=f"b{number}")
    publish_within(lake, within(most_moved_percent=10))
    for number in range(6):
        lake.change(sorted(lake.reports)[number])
        publish_within(lake, within(most_moved_percent=10))
    assert builds == ["_build_whole", *["_build_on"] * 4, "_build_whole", "_build_on"]


def test_a_file_that_has_grown_too_much_is_built_whole(lake: Lake, builds: list[str]) -> None:
    made(lake)
    publish_within(lake, within(most_grown_percent=-50))
    assert builds == ["_build_whole", "_build_whole"]


def test_a_file_that_somebody_changed_is_not_built_on(lake: Lake, builds: list[str]) -> None:
    made(lake)
    lake.home.warehouse.chmod(0o644)
    publish_within(lake, within())
    assert builds == ["_build_whole", "_build_whole"]


def test_where_the_copy_is_at_fault_the_file_is_built_whole(
    lake: Lake, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(con: duckdb.DuckDBPyConnection, *_: object) -> int:
        con.execute("DELETE FROM requests WHERE report_id = (SELECT min(report_id) FROM requests)")
        return 0

    made(lake)
    monkeypatch.setattr(publish_module, "replace_changed", forgetful)
    publish_within(lake, within())
    assert builds == ["_build_whole", "_build_whole"]
    assert every_row(lake.home) == built_whole(lake, within())


@pytest.mark.parametrize(
    "step", ["copy_file", "replace_changed", "count", "write_load", "write_stamp", "_put_in_place"]
)
def test_a_crash_while_a_file_is_built_on_leaves_the_old_one(
    step: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(lake)
    lake.write()
    before = every_row(lake.home)

    class Crash(BaseException):
        pass

    def crash(*args: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(publish_module, step, crash)
        with pytest.raises(Crash):
            publish_within(lake, within())
    assert every_row(lake.home) == before
    assert publish_within(lake, within()).load_id == 2
    assert every_row(lake.home) == built_whole(lake, within())
    assert not list(lake.home.root.glob(".building-*"))


def test_a_reader_keeps_the_file_that_it_opened(lake: Lake, builds: list[str]) -> None:
    report_id = made(lake)
    with duckdb.connect(str(lake.home.warehouse), read_only=True) as reader:
        sql = "SELECT * FROM check_results WHERE report_id = ? ORDER BY ALL"
        before = reader.execute(sql, [report_id]).fetchall()
        lake.reports[report_id]["seed"] = -1
        publish_within(lake, within())
        assert reader.execute(sql, [report_id]).fetchall() == before
    assert builds == ["_build_whole", "_build_on"]
