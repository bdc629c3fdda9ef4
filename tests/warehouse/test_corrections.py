"""``corrections.csv``: one clear line about what does not fit, what becomes of each line, and which years it makes stale."""

from decimal import Decimal

import pytest

from pipeline.freshness import year_inputs
from pipeline.home import Home
from warehouse.corrections import COLUMNS, OPTIONAL, published_corrections, read_corrections
from warehouse.errors import SchemaMismatch

HEADER = ",".join(COLUMNS)
LINE = f"{'a' * 64},1,4,2,7,8,read again,Li"


def write(home: Home, *lines: str) -> None:
    home.root.mkdir(exist_ok=True)
    home.corrections.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def test_no_file_is_no_correction(home):
    assert read_corrections(home) == []


def test_of_the_same_cell_the_last_line_holds(home):
    write(home, LINE, "", LINE.replace(",8,", ",9,"))
    (correction,) = read_corrections(home)
    assert (correction.value, correction.place, correction.by) == (Decimal(9), (1, 4, 2), "Li")


def test_the_cell_may_be_named(home):
    home.root.mkdir()
    home.corrections.write_text(f"\ufeff{HEADER},{OPTIONAL[0]}\n{LINE},requests/granted/total\n", encoding="utf-8")
    assert read_corrections(home)[0].cell == "requests/granted/total"


@pytest.mark.parametrize(
    ("line", "why"),
    [("x" + LINE, "line 3: file_id must be"), (LINE.replace(",1,4,", ",0,4,"), "line 3: table_no must be"),
     (LINE.replace(",4,2,", ",4,２,"), "line 3: col must be"), (LINE.replace(",8,", ",eight,"), "line 3: value must be"),
     (LINE.replace(",8,", ",NaN,"), "line 3: value must be"), (LINE.replace(",8,", ",1e30,"), "line 3: value must be"),
     (LINE.replace("read again", " "), "line 3: reason must not be empty"), (LINE[:-2], "line 3: by must not be empty"),
     (LINE + ",more", "line 3: has 9 columns instead of 8"), ("one", "line 3: has 1 columns instead of 8")],
)  # fmt: skip
def test_a_line_that_does_not_fit_is_told_in_one_line(home, line, why):
    write(home, LINE, line)
    with pytest.raises(SchemaMismatch, match="corrections.csv, " + why) as caught:
        read_corrections(home)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"a,b\n1,2\n", "its first line must be file_id"), (b"", "its first line"), ("理由".encode("gbk"), "as UTF-8")],
)
def test_a_file_of_another_kind_is_told_in_one_line(home, content, why):
    home.root.mkdir()
    home.corrections.write_bytes(content)
    with pytest.raises(SchemaMismatch, match=why):
        read_corrections(home)


def test_exactly_the_years_of_the_file_become_stale(home, load):
    file_id = load("a.txt", 2021)
    load("b.txt", 2022, number=3)
    before = {year: year_inputs(home, year) for year in (2021, 2022)}
    write(home, LINE)
    assert {year: year_inputs(home, year) for year in (2021, 2022)} == before, "a line on a file that is not loaded"
    write(home, LINE, LINE.replace("a" * 64, file_id))
    assert year_inputs(home, 2022) == before[2022]
    assert year_inputs(home, 2021) != before[2021]


def test_a_line_is_pending_until_its_year_is_computed(home, load, catalogue):
    file_id = load("a.txt", 2021)
    write(home, LINE, LINE.replace("a" * 64, file_id))
    outcomes = dict(published_corrections(home, catalogue).select("file_id", "outcome").iter_rows())
    assert outcomes == {"a" * 64: "not_loaded", file_id: "pending"}
