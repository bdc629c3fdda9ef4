"""What rows ``tables_found`` implies, one breach at a time."""

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.expected_rows import row_breaches

CATALOGUE = load_catalogue()


def reports(**found: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        list(found.items()),
        schema={"report_id": pl.String, "tables_found": pl.List(pl.String)},
        orient="row",
    )


def rows(report_id: str, table: str, form: str | None, cells: list[tuple[str, str]]) -> pl.DataFrame:
    axes = next((t.row_axis, t.column_axis) for t in CATALOGUE.table_forms(table))
    schema = {"report_id": pl.String, "form": pl.String, **dict.fromkeys(axes, pl.String)}
    return pl.DataFrame([(report_id, form, *cell) for cell in cells], schema=schema, orient="row")


def cells(table: str, form: str) -> list[tuple[str, str]]:
    return list(CATALOGUE.forms[form].tables[table].cells)


def expected(table: str, found: pl.DataFrame, *facts: pl.DataFrame) -> list[tuple[str, str]]:
    frame = pl.concat([rows("", table, None, []), *facts])
    return row_breaches(found, frame, table, CATALOGUE).select("report_id", "expected").rows()


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_every_cell_of_the_form_is_right(form: str) -> None:
    assert expected("requests", reports(a=["requests"]), rows("a", "requests", form, cells("requests", form))) == []


def test_a_table_that_is_not_found_gives_no_rows() -> None:
    assert expected("requests", reports(a=[], b=["disputes"])) == []
    some = rows("a", "requests", "2019", cells("requests", "2019")[:1])
    assert expected("requests", reports(a=[]), some) == [("a", "no rows: the table is not among those found")]


def test_a_table_that_is_found_gives_rows() -> None:
    assert expected("disputes", reports(a=["disputes"])) == [("a", "rows: the table was found")]


def test_one_cell_too_few_or_twice_is_a_breach() -> None:
    every = cells("disputes", "2019")
    found = reports(a=["disputes"])
    assert expected("disputes", found, rows("a", "disputes", "2019", every[1:])) == [
        ("a", "15 rows, one for each cell of the form")
    ]
    assert expected("disputes", found, rows("a", "disputes", "2019", [*every[1:], every[1]])) == [
        ("a", "every row a cell of its form, once")
    ]


def test_a_cell_of_another_form_is_a_breach() -> None:
    mixed = [*cells("requests", "2019")[:-1], ("other_fee_unpaid", "total")]
    assert expected("requests", reports(a=["requests"]), rows("a", "requests", "2019", mixed)) == [
        ("a", "every row a cell of its form, once")
    ]


def test_rows_of_two_forms_in_one_table_are_a_breach() -> None:
    some = cells("requests", "2019")
    two = [rows("a", "requests", "2019", some[:5]), rows("a", "requests", "2021", some[5:9])]
    assert expected("requests", reports(a=["requests"]), *two) == [("a", "rows of one form")]


def test_where_the_form_is_not_known_cells_of_any_form_will_do() -> None:
    some = [*cells("requests", "2019")[:5], ("other_fee_unpaid", "total")]
    assert expected("requests", reports(a=["requests"]), rows("a", "requests", None, some)) == []
    strange = [*some, ("unheard_of", "total")]
    assert expected("requests", reports(a=["requests"]), rows("a", "requests", None, strange)) == [
        ("a", "every row a cell of its form, once")
    ]


def test_a_form_whose_rows_vary_gives_what_is_printed() -> None:
    some = cells("statistics", "fujian")[:4]
    assert expected("statistics", reports(a=["statistics"]), rows("a", "statistics", "fujian", some)) == []


def test_a_report_that_is_not_there_at_all_is_a_breach() -> None:
    stray = rows("z", "disputes", "2019", cells("disputes", "2019"))
    assert expected("disputes", reports(a=[]), stray) == [("z", "no rows: the table is not among those found")]
