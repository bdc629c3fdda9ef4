"""A year written piece by piece: the same rows and bytes however they were divided, in order, and gone when it breaks off."""

from decimal import Decimal
from pathlib import Path
from random import Random

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from tests.warehouse.conftest import fill
from warehouse import year_writer
from warehouse.errors import SchemaMismatch
from warehouse.gathered_rows import gathering
from warehouse.schemas import SIDE, empty_frame
from warehouse.sweep import sweep
from warehouse.year_writer import PIECES, writing_year
from warehouse.years import (
    facts_years,
    judged_fingerprint,
    layer_tables,
    part_path,
    read_facts,
    rows_by_reports,
    scan_year,
)

REPORTS = 40


def others(layer: str, *given: str) -> dict[str, pl.DataFrame]:
    """Return every other table of a layer without rows."""
    tables = load_catalogue().tables
    published = {name: empty_frame(tables[name]) for name in layer_tables(layer)}
    return {
        n: f for n, f in (published | {n: pl.DataFrame(schema=s) for n, s in SIDE.items()}).items() if n not in given
    }


def requests(random: Random) -> pl.DataFrame:
    """Return rows of many reports in no order."""
    form = load_catalogue().forms["2021"].tables["requests"]
    rows = [
        {"report_id": f"{report:016x}", "year": 2021, "item": item, "applicant": applicant, "form": "2021",
         "value": random.randrange(1000), "status": "reported", "raw_text": "1"}
        for report in range(REPORTS) for item, applicant in form.cells
    ]  # fmt: skip
    random.shuffle(rows)
    return fill("requests", *rows)


def pieces_of(frame: pl.DataFrame, count: int, random: Random) -> list[pl.DataFrame]:
    """Divide rows among pieces: mostly by report, one report among several."""
    report_ids = frame["report_id"].unique().sort().to_list()
    piece = {report_id: random.randrange(count) for report_id in report_ids}
    numbers = [piece[i] if i != report_ids[3] else random.randrange(count) for i in frame["report_id"]]
    return [frame.filter(pl.Series(numbers) == number) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_equal_rows_give_equal_bytes_however_they_are_divided(
    home: Home, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(year_writer, "ROWS_AT_ONCE", 500)
    monkeypatch.setattr(year_writer, "ROWS_PER_GROUP", 700)
    random = Random(count)
    frame = requests(Random(5))
    with writing_year(home, "facts", 2021) as writer:
        writer.add({"requests": frame} | others("facts", "requests"))
        whole = writer.write("x")
    expected = read_facts(home, 2021, ("requests",))["requests"]
    assert expected.equals(expected.sort("report_id", "item", "applicant")) and expected.height == frame.height
    written = part_path(home, "requests", 2021).stat().st_mtime_ns
    with writing_year(home, "facts", 2021) as writer:
        writer.add(others("facts", "requests"))
        for piece in pieces_of(frame, count, random):
            writer.add({"requests": piece})
        divided = writer.write("x")
    assert divided == whole
    assert part_path(home, "requests", 2021).stat().st_mtime_ns == written, "equal rows rewrite nothing"


def test_a_year_comes_back_some_reports_at_a_time_every_row_once(home: Home) -> None:
    frame = requests(Random(6))
    reports = fill("reports", *({"report_id": f"{n:016x}", "year": 2021} for n in range(0, REPORTS, 2)))
    with writing_year(home, "facts", 2021) as writer:
        writer.add({"requests": frame, "reports": reports} | others("facts", "requests", "reports"))
        writer.write("x")
    slices = [part["requests"] for part in rows_by_reports(home, 2021, ("requests",), 3)]
    assert len(slices) == 7 and max(part["report_id"].n_unique() for part in slices) <= 6
    assert pl.concat(slices).equals(read_facts(home, 2021, ("requests",))["requests"]), "those of no report too"
    (nothing,) = rows_by_reports(home, 2020, ("requests",), 3)
    assert nothing["requests"].is_empty()


@pytest.mark.parametrize("forgotten", ["cells", "unread_shares"])
def test_a_table_that_was_forgotten_is_not_stored_as_an_empty_one(home: Home, forgotten: str) -> None:
    with pytest.raises(SchemaMismatch, match=forgotten), writing_year(home, "facts", 2021) as writer:
        writer.add(others("facts", forgotten))
        writer.write("x")
    assert facts_years(home) == []


def test_pieces_of_a_writer_that_broke_off_are_taken_away(home: Home) -> None:
    frame = requests(Random(7))
    with pytest.raises(SchemaMismatch, match="other years"), writing_year(home, "facts", 2020) as writer:
        writer.add({"requests": frame})
    assert not list(home.root.glob(f"{PIECES}*")) and scan_year(home, "requests", 2020).collect().is_empty()
    (home.root / f"{PIECES}killed").mkdir()
    assert sweep(home) == 1
    assert not list(home.root.glob(f"{PIECES}*"))


def test_a_guard_is_asked_of_every_piece_and_stops_the_year(home: Home) -> None:
    asked = []

    def guard(frame: pl.DataFrame, table: object) -> None:
        asked.append(frame.height)
        if len(asked) > 1:
            raise ValueError("not so")

    frame = requests(Random(8))
    with pytest.raises(ValueError, match="not so"), writing_year(home, "facts", 2021, guard) as writer:
        for piece in pieces_of(frame, 3, Random(1)):
            writer.add({"requests": piece})
        writer.write("x")
    assert len(asked) == 2 and read_facts(home, 2021, ("requests",))["requests"].is_empty()


def test_years_after_the_next_look_at_little(home: Home) -> None:
    def write(year: int, value: int, seen: str) -> None:
        row = {"report_id": "a" * 16, "year": year, "value": Decimal(value), "status": "reported", "raw_text": "1",
               "form": "2021", "item": "new_received", "applicant": "total"}  # fmt: skip
        with writing_year(home, "facts", year) as writer:
            writer.add({"requests": fill("requests", row)} | others("facts", "requests"))
            writer.write("x", seen)

    for year in (2021, 2022, 2023):
        write(year, 1, "little")
    before = {year: judged_fingerprint(home, year) for year in (2021, 2022, 2023)}
    write(2021, 2, "little")
    after = {year: judged_fingerprint(home, year) for year in before}
    assert [year for year in before if before[year] != after[year]] == [2021, 2022]
    write(2021, 2, "something else")
    assert judged_fingerprint(home, 2023) != after[2023] and judged_fingerprint(home, 2022) == after[2022]


@pytest.mark.parametrize("groups", [1, 4])
def test_gathered_rows_come_back_by_group(home: Home, groups: int) -> None:
    rows = pl.DataFrame({"report_id": [f"r{n % 20}" for n in range(100)], "n": range(100)})
    to = [(f"r{n}", (n + extra) % groups) for n in range(18) for extra in ((0, 1) if n % 5 == 0 else (0,))]
    given = pl.DataFrame(to, schema={"report_id": pl.String, "group": pl.Int32}, orient="row").unique()
    home.root.mkdir(exist_ok=True)
    with gathering(home, given) as gathered:
        for part in rows.iter_slices(30):
            gathered.add(part)
        for group in range(groups):
            own = given.filter(pl.col("group") == group).select("report_id")
            expected = rows.join(own, on="report_id", how="semi")
            assert gathered.of_group(group).sort("n").equals(expected.sort("n"))
        folder: Path = gathered.folder
    assert not folder.exists()
