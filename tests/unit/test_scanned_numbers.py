"""Which numbers of a scan stand: the confident, and those that equations vouch for."""

from dataclasses import replace
from decimal import Decimal

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell
from pipeline.report import Fact, PlacedCell, ReportReading
from pipeline.scanned_numbers import vouch_for_numbers

CATALOGUE = load_catalogue()
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
CHANNELS = ("review", "litigation_direct", "litigation_after_review")


def _reading(texts: dict[str, str], **doubted: tuple[float, tuple[str, ...]]) -> ReportReading:
    """Return a scan of section 四 whose first row prints these numbers; cells in doubt come with their other readings."""
    facts, cells = [], []
    for row, channel in enumerate(CHANNELS, start=1):
        for col, outcome in enumerate(OUTCOMES, start=1):
            text = texts.get(outcome, "0") if row == 1 else "0"
            confidence, others = doubted.get(outcome, (0.999, ())) if row == 1 else (0.999, ())
            status = "reported" if text.isdigit() else "unreadable"
            value = Decimal(text) if text.isdigit() else None
            place = ("2019", text, 1, row, col)
            facts.append(Fact("disputes", channel, outcome, value, status, "count", *place, confidence=confidence))  # type: ignore[arg-type]
            cells.append(PlacedCell(1, Cell(row, col, text, confidence=confidence, others=others)))
    empty = ReportReading(1, None, None, 2021, None, None, None, "own", None, (), (), (), (), ())
    return replace(empty, facts=tuple(facts), cells=tuple(cells), tables_found=("disputes",))


def _first_row(reading: ReportReading) -> dict[str, tuple[Decimal | None, str]]:
    done = vouch_for_numbers(reading, CATALOGUE)
    return {f.column_code: (f.value, f.status) for f in done.facts if f.row_code == "review"}


def test_confident_numbers_stay_as_printed_even_where_they_do_not_add_up() -> None:
    row = _first_row(_reading({"upheld": "3", "total": "5"}))
    assert row["upheld"] == (3, "reported")
    assert row["total"] == (5, "reported")


def test_a_doubted_number_that_the_sum_confirms_stands() -> None:
    row = _first_row(_reading({"upheld": "3", "total": "3"}, upheld=(0.5, ("8",))))
    assert row["upheld"] == (3, "reported")


def test_one_sum_alone_does_not_choose_another_reading() -> None:
    row = _first_row(_reading({"upheld": "8", "total": "3"}, upheld=(0.5, ("3",))))
    assert row["upheld"] == (None, "unreadable")


def test_a_nought_that_may_be_a_dash_is_neither_whatever_the_sums() -> None:
    row = _first_row(_reading({"upheld": "3", "total": "3"}, corrected=(0.5, ("-",))))
    assert row["corrected"] == (None, "unreadable")


def test_two_doubted_numbers_of_one_sum_do_not_vouch_for_each_other() -> None:
    # 3 + 7 could be 8 + 2 as well: both slips together add up.
    row = _first_row(_reading({"upheld": "3", "corrected": "7", "total": "10"}, upheld=(0.5, ()), corrected=(0.5, ())))
    assert row["upheld"] == row["corrected"] == (None, "unreadable")


def test_a_sure_number_is_given_up_where_its_other_reading_fits() -> None:
    row = _first_row(_reading({"upheld": "8", "total": "3"}, upheld=(0.999, ("3",))))
    assert row["upheld"] == (None, "unreadable")


def test_a_wide_stroke_is_a_dash_where_the_sum_leaves_no_one() -> None:
    row = _first_row(_reading({"upheld": "3", "corrected": "一", "total": "3"}, corrected=(0.5, ())))
    assert row["corrected"] == (None, "not_applicable")


def test_a_wide_stroke_stays_open_where_the_sum_wants_a_one() -> None:
    row = _first_row(_reading({"upheld": "3", "corrected": "一", "total": "4"}, corrected=(0.5, ())))
    assert row["corrected"] == (None, "unreadable")


def test_a_reading_without_confidences_is_not_touched() -> None:
    reading = _reading({"upheld": "8", "total": "3"})
    plain = replace(reading, facts=tuple(fact._replace(confidence=None) for fact in reading.facts))
    assert vouch_for_numbers(plain, CATALOGUE) is plain


def test_a_sure_number_is_given_up_where_its_other_reading_fits_beside_a_blank() -> None:
    reading = _reading({"upheld": "8", "total": "3"}, upheld=(0.999, ("3",)))
    blank = [f._replace(value=None, status="blank") if f.column_code == "pending" else f for f in reading.facts]
    row = _first_row(replace(reading, facts=tuple(blank)))
    assert (row["upheld"], row["total"]) == ((None, "unreadable"), (3, "reported"))


def test_a_stroke_that_is_cut_is_no_dash() -> None:
    row = _first_row(_reading({"upheld": "—"}, upheld=(0.3, ())))
    assert row["upheld"] == (None, "unreadable")
