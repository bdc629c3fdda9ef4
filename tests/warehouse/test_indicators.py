"""Rates and the panel across forms: what they add up, when they are NULL, and where definitions part."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import CatalogueError
from pipeline.home import Home
from tests.warehouse.made_lake import NOON, VERSION, fill, made_reading
from warehouse import terms
from warehouse.extracted import ReadContent, write_extracted_batch
from warehouse.publish import publish
from warehouse.query import run_query
from warehouse.raw_store import take_in
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import judged_fingerprint, layer_tables

CATALOGUE = load_catalogue()
Numbers = Mapping[tuple[str, str], int | None]


def cells(fact_table: str, form: str, year: int, numbers: Numbers) -> pl.DataFrame:
    """Every cell of a form's table for one report; 0 where nothing else is said, unreadable where None is."""
    table = CATALOGUE.forms[form].tables[fact_table]
    rows: list[dict[str, Any]] = []
    for row, column in table.cells:
        value = numbers.get((row, column), 0)
        status = "unreadable" if value is None else "reported"
        number = Decimal(value) if fact_table in ("statistics", "proactive") and value is not None else value
        rows.append({"report_id": f"r{year}", "year": year, table.row_axis: row, table.column_axis: column,
                     "value": number, "status": status, "form": form})  # fmt: skip
    return fill(fact_table, *rows)


def write_year(home: Home, year: int, file_id: str, tables: Mapping[str, pl.DataFrame], *results: Any) -> None:
    report = {"report_id": f"r{year}", "year": year, "file_id": file_id, "series_id": f"s{year}", "issuer_id": "i1",
              "issuer_kind": "county", "scope": "own", "is_current": True}  # fmt: skip
    frames = {name: fill(name) for name in layer_tables("facts")}
    frames["reports"] = fill("reports", report)
    frames["report_files"] = fill("report_files", {"report_id": f"r{year}", "year": year, "file_id": file_id})
    frames["issuers"] = fill("issuers", {"issuer_id": "i1", "name": "清河县人民政府", "kind": "county"})
    write_facts(home, year, {**frames, **tables})
    rows = [{"report_id": f"r{year}", "year": year, **row} for row in results]
    write_check_results(home, year, fill("check_results", *rows), judged_fingerprint(home, year))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One body: 2018 in the statistics table, 2019 and 2020 in form 2019; a total of 2020 fails, a cell is unreadable."""
    folder = tmp_path_factory.mktemp("indicators")
    (folder / "a.txt").write_text("a", encoding="utf-8")
    home = Home(folder / "home")
    (file_id,) = take_in(home, [folder / "a.txt"], now=NOON).file_ids
    write_extracted_batch(home, [ReadContent(file_id, 1, "text/plain", made_reading(2018, 2019, 2020))], VERSION)
    statistics = {("requests_received", "year"): 40, ("requests_online", "year"): 30, ("replies_total", "year"): 40,
                  ("reply_already_public", "year"): 4, ("reply_granted", "year"): 20}  # fmt: skip
    write_year(home, 2018, file_id, {"statistics": cells("statistics", "2014", 2018, statistics)})
    requests = {("new_received", "total"): 50, ("new_received", "natural_person"): 40, ("granted", "total"): 20,
                ("partially_granted", "total"): 5, ("processed_total", "total"): 40,
                ("carried_over_out", "total"): 10}  # fmt: skip
    disputes = {("review", "corrected"): 1, ("review", "total"): 4}
    write_year(home, 2019, file_id, {"requests": cells("requests", "2019", 2019, requests),
                                     "disputes": cells("disputes", "2019", 2019, disputes)})  # fmt: skip
    later = {**requests, ("granted", "total"): 15, ("rejected_repeat", "total"): None}
    failed = {"check_id": "requests.processed_sum", "subject": "total", "outcome": "failed", "severity": "error"}
    doubtful = {**failed, "check_id": "requests.applicant_sum", "subject": "new_received", "outcome": "not_assessable"}
    write_year(home, 2020, file_id, {"requests": cells("requests", "2019", 2020, later)}, failed, doubtful)
    publish(home, "0.1", CATALOGUE, now=NOON)
    return home


def indicator(home: Home, name: str, year: int) -> tuple[Any, ...]:
    columns = "numerator, denominator, value, is_small, inputs, previous_value, change"
    (row,) = run_query(home, f"select {columns} from indicators where indicator = '{name}' and year = {year}").rows
    return row


def test_a_rate_tells_its_parts_and_the_year_before(home: Home) -> None:
    assert indicator(home, "disclosure_rate", 2019) == (25, 40, 0.625, False, "passed", None, None)
    *_, inputs, previous, change = indicator(home, "disclosure_rate", 2020)
    assert (inputs, previous, change) == ("failed", 0.625, pytest.approx(0.5 - 0.625))
    assert indicator(home, "carry_over_rate", 2019)[:3] == (10, 50, 0.2)
    assert indicator(home, "natural_person_share", 2019)[:3] == (40, 50, 0.8)
    assert indicator(home, "dispute_rate", 2019)[:3] == (4, 50, 0.08)
    assert indicator(home, "online_share", 2018)[:3] == (30, 40, 0.75)


def test_a_small_sample_is_flagged_not_hidden(home: Home) -> None:
    assert indicator(home, "review_correction_rate", 2019)[:4] == (1, 4, 0.25, True)


def test_nothing_is_divided_by_zero_and_no_number_is_made_up(home: Home) -> None:
    assert indicator(home, "litigation_correction_rate", 2019)[:3] == (0, 0, None)
    assert indicator(home, "rejection_rate", 2020)[:3] == (None, 40, None), "one of its cells was unreadable"


def test_inputs_that_could_not_be_checked_say_so(home: Home) -> None:
    assert indicator(home, "natural_person_share", 2020)[4] == "not_assessable"
    assert indicator(home, "unavailable_rate", 2019)[4] == "passed"


def test_a_rate_whose_tables_a_report_lacks_has_no_row(home: Home) -> None:
    names = {name for (name,) in run_query(home, "select indicator from indicators where year = 2020").rows}
    assert "disclosure_rate" in names
    assert not {"dispute_rate", "review_correction_rate", "online_share"} & names


def test_the_panel_goes_through_all_forms_and_flags_where_definitions_part(home: Home) -> None:
    sql = "select year, value, form, previous_value, bridge from panel where measure = '{}' order by year"
    received = run_query(home, sql.format("requests_received")).rows
    assert received == [(2018, 40, "2014", None, None), (2019, 50, "2019", 40, "same"), (2020, 50, "2019", 50, "same")]
    granted = run_query(home, sql.format("granted")).rows
    assert granted == [
        (2018, 24, "2014", None, None),
        (2019, 20, "2019", 24, "differs"),
        (2020, 15, "2019", 20, "same"),
    ]


def test_terms_are_published_and_every_cell_is_one_of_a_form(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = terms.load_words("indicators")
    published = {name for (name,) in run_query(home, "select indicator from indicator_terms").rows}
    assert published == set(declared["indicators"])
    wrong = {**declared, "indicators": {"x": {"name": "x", "numerator": ["requests.grunted/total"], "denominator": []}}}
    monkeypatch.setattr(terms, "load_words", lambda _: wrong)
    with pytest.raises(CatalogueError, match="no form has the cell"):
        terms.indicator_rows(CATALOGUE)
