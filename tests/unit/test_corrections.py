"""Corrections of people: which cell they mean, what stays, and when they are refused."""

from decimal import Decimal

import polars as pl
import pytest

from pipeline.corrections import REFUSED, Correction, apply_corrections
from warehouse.schemas import EXTRACTED

FILE = "f" * 64


def extracted(facts, reports=(("r1", 1),)):
    """Rows of one file: ``facts`` are (row_code, column_code, value, status, raw_text, row, col) of its reports."""
    frames = {name: pl.DataFrame(schema=schema) for name, schema in EXTRACTED.items()}
    heads = [{"report_id": r, "file_id": FILE, "year": 2022, "place": place} for r, place in reports]
    frames["reports"] = pl.DataFrame(heads, schema=EXTRACTED["reports"])
    rows, cells = [], {}
    for report, _place in reports:
        for row_code, column_code, value, status, raw_text, row, col in facts:
            head = {"report_id": report, "file_id": FILE, "year": 2022}
            number = None if value is None else Decimal(value)
            codes = {"fact_table": "requests", "row_code": row_code, "column_code": column_code}
            rest = {"status": status, "raw_text": raw_text, "table_no": 1, "row": row, "col": col, "unit": "count"}
            marks = {"rules_used": ["requests.balance"], "confidence": 0.5, "reason": "blurred", "agreement": "differ"}
            rows.append({**head, **codes, "value": number, **rest, **marks})
            cells[report, row, col] = {**head, "table_no": 1, "row": row, "col": col, "text": raw_text}
    frames["facts"] = pl.DataFrame(rows, schema=EXTRACTED["facts"])
    frames["cells"] = pl.DataFrame(list(cells.values()), schema=EXTRACTED["cells"])
    return frames


def correction(**more):
    given = {"table_no": 1, "row": 2, "col": 3, "read_as": "1O", "value": Decimal(10), "reason": "page", "by": "Li"}
    return Correction(**{"file_id": FILE, **given, **more})


UNREADABLE = ("new_received", "total", None, "unreadable", "1O", 2, 3)
OTHER = ("granted", "total", "4", "reported", "4", 5, 3)


def test_the_value_is_theirs_and_the_print_stays():
    frames = apply_corrections(extracted([UNREADABLE, OTHER]), [correction()])
    given, other = frames["facts"].sort("row").to_dicts()
    assert (given["value"], given["status"], given["raw_text"]) == (Decimal(10), "corrected", "1O")
    assert (given["reason"], given["confidence"], given["rules_used"], given["agreement"]) == (None, None, [], "agree")
    assert (other["value"], other["status"], other["reason"]) == (Decimal(4), "reported", "blurred")
    assert frames["problems"].is_empty()
    assert frames["facts"].schema == EXTRACTED["facts"]


@pytest.mark.parametrize(
    ("given", "why"),
    [({"read_as": "10"}, "the cell reads “1O”, not “10”"), ({"row": 9}, "no number of the form stands there"),
     ({"value": Decimal("2.5")}, "2.5 is no whole number, and the cell counts"),
     ({"cell": "requests/granted/total"}, "requests/granted/total does not stand there")],
)  # fmt: skip
def test_one_that_does_not_fit_is_a_problem_and_changes_nothing(given, why):
    before = extracted([UNREADABLE])
    frames = apply_corrections(before, [correction(**given)])
    assert frames["facts"].equals(before["facts"])
    (problem,) = frames["problems"].to_dicts()
    assert (problem["kind"], problem["report_id"], problem["problem_no"]) == (REFUSED, "r1", 1)
    assert problem["detail"].endswith(f"by Li was not applied: {why}")
    assert (problem["table_no"], problem["row"]) == (1, given.get("row", 2))


def test_of_several_numbers_in_one_printed_cell_the_meant_one_is_named():
    shared = [("new_received", column, None, "unreadable", "1O 0", 2, 3) for column in ("business", "total")]
    given = correction(read_as="1O 0")
    frames = apply_corrections(extracted(shared), [given])
    assert "2 numbers stand there" in frames["problems"]["detail"].item()
    named = correction(read_as="1O  0", cell="requests/new_received/total")
    frames = apply_corrections(extracted(shared), [named])
    assert dict(frames["facts"].select("column_code", "status").iter_rows()) == {
        "business": "unreadable",
        "total": "corrected",
    }


def test_a_file_of_two_reports_that_read_alike_is_not_guessed_at():
    frames = apply_corrections(extracted([UNREADABLE], (("r2", 2), ("r1", 1))), [correction()])
    assert set(frames["facts"]["status"]) == {"unreadable"}
    assert frames["problems"].select("report_id", "kind").row(0) == ("r1", REFUSED)


def test_the_last_line_on_a_cell_holds_and_other_files_are_left_alone():
    lines = [correction(), correction(value=Decimal(11), by="Wang"), correction(file_id="a" * 64)]
    frames = apply_corrections(extracted([UNREADABLE]), lines)
    assert frames["facts"]["value"].item() == 11
    before = extracted([UNREADABLE])
    assert apply_corrections(before, [correction(file_id="a" * 64)]) == before


def test_problems_are_numbered_behind_those_that_stand():
    frames = extracted([UNREADABLE])
    head = {"report_id": "r1", "file_id": FILE, "year": 2022, "problem_no": 4, "kind": "unknown_row", "detail": "x"}
    frames["problems"] = pl.DataFrame([head], schema=EXTRACTED["problems"])
    assert apply_corrections(frames, [correction(row=9)])["problems"]["problem_no"].to_list() == [4, 5]
