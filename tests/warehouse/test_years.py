"""A year's tables in the lake: made to fit without loss, whole or torn, and tied to what they were made from."""

from decimal import Decimal

import polars as pl
import pytest

from pipeline.home import Home
from tests.warehouse.made_lake import fill
from warehouse.errors import SchemaMismatch, TornFacts
from warehouse.schemas import conform
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import (
    checks_manifest,
    drop_year,
    facts_fingerprint,
    facts_inputs,
    facts_years,
    layer_tables,
    part_path,
    read_check_results,
    read_facts,
)


def frames(value: int = 7, year: int = 2021) -> dict[str, pl.DataFrame]:
    some = {name: fill(name) for name in layer_tables("facts")}
    rows = [
        {"report_id": report, "year": year, "item": "granted", "applicant": "total", "value": value}
        for report in ("b", "a")
    ]
    return {**some, "requests": fill("requests", *rows)}


def test_what_is_written_is_read_sorted(home: Home) -> None:
    fingerprint = write_facts(home, 2021, frames(), "made from this")
    found = read_facts(home, 2021)
    assert found["requests"]["report_id"].to_list() == ["a", "b"]
    assert found.keys() == set(layer_tables("facts"))
    assert facts_fingerprint(home, 2021) == fingerprint
    assert facts_inputs(home, 2021) == "made from this"
    assert facts_years(home) == [2021]


def test_nothing_written_is_empty_frames(home: Home) -> None:
    assert facts_fingerprint(home, 2021) == ""
    assert facts_inputs(home, 2021) == ""
    assert facts_years(home) == []
    assert all(frame.is_empty() for frame in read_facts(home, 2021).values())
    assert all(frame.is_empty() for frame in read_check_results(home, 2021).values())


def test_the_fingerprint_is_of_the_rows(home: Home) -> None:
    first = write_facts(home, 2021, frames(), "x")
    parts = {name: part_path(home, name, 2021).stat() for name in layer_tables("facts")}
    reordered = {**frames(), "requests": frames()["requests"].reverse()}
    assert write_facts(home, 2021, reordered, "y") == first
    assert {name: part_path(home, name, 2021).stat() for name in layer_tables("facts")} == parts
    assert facts_inputs(home, 2021) == "y"
    assert write_facts(home, 2021, frames(8), "y") != first
    assert write_facts(home, 2021, frames(7), "y") == first


def test_a_part_that_changed_is_noticed_and_one_that_was_only_copied_is_not(home: Home) -> None:
    fingerprint = write_facts(home, 2021, frames())
    part = part_path(home, "requests", 2021)
    content = part.read_bytes()
    part.unlink()
    part.write_bytes(content)
    assert facts_fingerprint(home, 2021) == fingerprint
    part.write_bytes(content[:-1] + b"?")
    with pytest.raises(TornFacts, match="requests is not as it was written"):
        facts_fingerprint(home, 2021)
    with pytest.raises(TornFacts):
        read_facts(home, 2021)
    assert write_facts(home, 2021, frames()) == fingerprint
    assert facts_fingerprint(home, 2021) == fingerprint


def test_a_write_that_broke_off_is_noticed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import year_writer

    write_facts(home, 2021, frames())

    class Crash(BaseException):
        pass

    def crash(*args: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(year_writer, "write_manifest", crash)
        with pytest.raises(Crash):
            write_facts(home, 2021, frames(8))
    with pytest.raises(TornFacts, match="broke off"):
        read_facts(home, 2021)
    assert facts_years(home) == [2021]
    write_facts(home, 2021, frames(8))
    assert read_facts(home, 2021)["requests"]["value"].to_list() == [8, 8]
    assert not list(home.lake.rglob("*.tmp"))


def test_check_results_remember_the_facts_that_were_judged(home: Home) -> None:
    result = {"report_id": "a", "year": 2021, "check_id": "requests.balance", "subject": "total", "outcome": "passed"}
    suggestion = {"report_id": "a", "year": 2021, "solution": 1, "suggested": Decimal(8)}
    write_check_results(home, 2021, fill("check_results", result), "f1", fill("suggestions", suggestion))
    manifest = checks_manifest(home, 2021)
    assert manifest is not None
    assert manifest.inputs == "f1"
    found = read_check_results(home, 2021)
    assert found["check_results"]["check_id"].to_list() == ["requests.balance"]
    assert found["suggestions"]["suggested"].to_list() == [Decimal(8)]
    write_check_results(home, 2021, fill("check_results", result), "f2")
    assert read_check_results(home, 2021)["suggestions"].is_empty()


def test_a_dropped_year_leaves_nothing(home: Home) -> None:
    write_facts(home, 2021, frames())
    write_check_results(home, 2021, fill("check_results"), facts_fingerprint(home, 2021))
    drop_year(home, 2021)
    assert facts_years(home) == []
    assert facts_fingerprint(home, 2021) == ""
    assert checks_manifest(home, 2021) is None


def test_tables_must_all_be_there_and_of_that_year(home: Home) -> None:
    some = frames()
    del some["claims"]
    with pytest.raises(SchemaMismatch, match="claims"):
        write_facts(home, 2021, some)
    with pytest.raises(SchemaMismatch, match="other years"):
        write_facts(home, 2020, frames())
    assert facts_years(home) == []


def test_facts_of_other_columns_must_be_computed_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import years

    write_facts(home, 2021, frames())
    monkeypatch.setattr(years, "declared_columns", lambda layer: "declared anew")
    with pytest.raises(TornFacts, match="other columns"):
        read_facts(home, 2021)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop("status"), r"missing columns \['status'\]"),
        (lambda f: f.with_columns(extra=pl.lit(1)), r"surplus columns \['extra'\]"),
        (lambda f: f.with_columns(value=pl.lit(1.5)), "would be cut"),
        (lambda f: f.with_columns(value=pl.lit(Decimal("1.5"))), "would be cut"),
        (lambda f: f.with_columns(value=pl.lit("seven")), "does not fit"),
        (lambda f: f.with_columns(value=pl.lit(2**70, dtype=pl.Int128)), "does not fit"),
        (lambda f: f.with_columns(status=pl.lit(None, dtype=pl.String)), "2 rows are NULL"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(change: object, message: str, catalogue: object) -> None:
    from pipeline.catalogue.load import load_catalogue

    table = load_catalogue().tables["requests"]
    with pytest.raises(SchemaMismatch, match=message):
        conform(change(frames()["requests"]), table)  # type: ignore[operator]


def test_a_value_finer_than_its_column_is_never_rounded() -> None:
    from pipeline.catalogue.load import load_catalogue

    table = load_catalogue().tables["statistics"]
    row = {"report_id": "a", "year": 2014, "item": "budget", "period": "year", "unit": "CNY"}
    fits = fill("statistics", row).with_columns(value=pl.Series([Decimal("1.2345")], dtype=pl.Decimal(38, 6)))
    assert conform(fits, table)["value"].to_list() == [Decimal("1.2345")]
    finer = fits.with_columns(value=pl.Series([Decimal("1.23456")], dtype=pl.Decimal(38, 6)))
    with pytest.raises(SchemaMismatch, match="would be cut"):
        conform(finer, table)


def test_columns_come_in_the_declared_order_whatever_order_they_are_given_in(catalogue: object) -> None:
    from pipeline.catalogue.load import load_catalogue

    table = load_catalogue().tables["requests"]
    shuffled = frames()["requests"].select(sorted(c.name for c in table.columns))
    assert conform(shuffled, table).columns == [column.name for column in table.columns]
