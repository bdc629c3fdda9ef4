"""Whatever order reports come in, late, replaced or forgotten: what stands is what a whole computation gives, row for row."""

import os
import random
from datetime import date
from pathlib import Path

import pytest

from assets.check_results import judge_stored_year
from assets.facts import write_year
from pipeline.catalogue.load import load_catalogue
from pipeline.freshness import stale_years
from pipeline.home import Home
from pipeline.reading import FileReading
from tests.warehouse.made_lake import NOON, VERSION, made_fact, made_prose, made_report
from warehouse.extracted import ReadContent, write_extracted_batch
from warehouse.forget import forget
from warehouse.publish import publish
from warehouse.query import run_query
from warehouse.raw_store import take_in

HISTORY = ("loads", "file_sightings")
YEARS = (2021, 2022, 2023)
CATALOGUE = load_catalogue()
TABLE = CATALOGUE.forms["2021"].tables["requests"]
BODIES = ("文成县人民政府", "靖远县人民政府")


def content(issuer: str, year: int, version: int) -> tuple[str, FileReading]:
    """A report of a body: section 三 whole, now and then wrong, and carrying over what may or may not fit the year before."""
    rng = random.Random(f"{issuer}{year}{version}")
    new, out = rng.choice((0, 5, 400)), rng.randint(0, 3)
    came_in = rng.randint(0, 3)
    printed = {"new_received": new, "carried_over_in": came_in, "carried_over_out": out}
    printed |= {"granted": new + came_in - out, "processed_total": new + came_in - out + rng.choice((0, 0, 1))}
    facts = tuple(
        made_fact(row, column, abs(printed.get(row, 0)) if column in ("natural_person", "total") else 0, row=n, col=1)
        for n, (row, column) in enumerate(TABLE.cells, start=1)
    )
    scope = "own" if version == 3 else "aggregate"
    report = made_report(
        year, title=f"{issuer}{year}年政府信息公开工作年度报告", issuer=issuer, facts=facts, cells=(), scope=scope,
        published_on=date(year + 1, 2, 1 + version), form="2021",
    )  # fmt: skip
    return f"{issuer}-{year}-{version}", FileReading("text/plain", (report,), (made_prose(new),))


class Store:
    """A home into which made reports are put, one batch after the other."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.inbox = folder / "inbox"
        self.inbox.mkdir(parents=True)
        self.file_ids: dict[tuple[str, int, int], str] = {}

    def put(self, *keys: tuple[str, int, int]) -> None:
        read = []
        for key in keys:
            name, reading = content(*key)
            (self.inbox / name).write_text(name, encoding="utf-8")
            (self.file_ids[key],) = take_in(self.home, [self.inbox / name], now=NOON).file_ids
            read.append(ReadContent(self.file_ids[key], len(name.encode()), "text/plain", reading))
        write_extracted_batch(self.home, read, VERSION)

    def compute(self) -> None:
        for year in stale_years(self.home):
            write_year(self.home, year)
            judge_stored_year(self.home, year)
        assert stale_years(self.home) == []

    def forget(self, key: tuple[str, int, int]) -> None:
        forget(self.home, self.file_ids.pop(key))

    def publish(self) -> None:
        publish(self.home, "0.1", CATALOGUE, now=NOON)

    def published(self) -> dict[str, list[tuple[object, ...]]]:
        self.publish()
        return {
            table: run_query(self.home, f"SELECT * FROM {table} ORDER BY ALL").rows
            for table in CATALOGUE.tables
            if table not in HISTORY
        }


@pytest.mark.parametrize("seed", range(20 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 1))
def test_what_stands_after_any_order_is_what_a_whole_computation_gives(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    keys = [(body, year, 1) for body in BODIES for year in YEARS]
    rng.shuffle(keys)
    late = keys.pop()
    store = Store(tmp_path / "grown")
    while keys:
        size = rng.randint(1, 3)
        store.put(*keys[:size])
        del keys[:size]
        if rng.random() < 0.7:
            store.compute()
    store.compute()
    store.put(late)
    store.compute()
    body, year, _ = rng.choice(sorted(store.file_ids))
    store.put((body, year, 2))  # A later date: it replaces the first one.
    store.put((body, rng.choice(YEARS), 3))  # The office's own report, another series.
    store.compute()
    store.forget(rng.choice(sorted(store.file_ids)))
    store.compute()

    whole = Store(tmp_path / "whole")
    whole.put(*sorted(store.file_ids))
    whole.compute()
    grown = store.published()
    assert grown == whole.published()
    results = grown["check_results"]
    assert any("carry_over.requests" in row for row in results) and any("failed" in row for row in results)
