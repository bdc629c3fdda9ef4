"""Traces of slips in digits, and who stands beside whom in print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.edits.slips import digit_slip, print_neighbours, split_digits


@pytest.mark.parametrize(
    ("printed", "meant", "kind"),
    [
        (1, 12, "digit_dropped"),
        (19, 109, "digit_dropped"),
        (122, 12, "digit_doubled"),
        (21, 12, "digits_transposed"),
        (1324, 1234, "digits_transposed"),
        (19, 12, "digit_mistaken"),
        (123, 12, None),  # A digit too many, but not one that stands there twice.
        (5, 7, None),  # Of one digit every number is another digit.
        (12, 12, None),
        (-12, 12, None),
        (4321, 1234, None),
    ],
)
def test_digit_slips(printed, meant, kind):
    assert digit_slip(printed, meant) == kind


@given(st.integers(10, 10**9), st.data())
def test_a_dropped_digit_is_recognised_wherever_it_stood(meant, data):
    digits = str(meant)
    place = data.draw(st.integers(0, len(digits) - 1))
    printed = int(digits[:place] + digits[place + 1 :])
    assert digit_slip(printed, meant) == "digit_dropped" or len(str(printed)) < len(digits) - 1


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_numbers_run_together_can_be_taken_apart(first, second):
    assert (first, second) in set(split_digits(int(f"{first}{second}")))


def test_no_part_of_a_split_begins_with_0():
    assert list(split_digits(1204)) == [(1, 204), (120, 4)]
    assert list(split_digits(120)) == [(1, 20), (12, 0)]


def test_neighbours_skip_headings(catalogue):
    table = catalogue.forms["2019"].tables["requests"]
    cells = list(table.cells)
    pairs = {(cells[one], cells[two]) for one, two in print_neighbours(table, cells)}
    # Between 自然人 and 商业企业 stands the heading 法人或其他组织, between 部分公开 and 国家秘密 the heading 不予公开.
    assert (("granted", "natural_person"), ("granted", "business")) in pairs
    assert (("partially_granted", "total"), ("denied_state_secret", "total")) in pairs
    assert (("granted", "natural_person"), ("granted", "research")) not in pairs


def test_channels_printed_in_one_row_are_neighbours_at_their_ends(catalogue):
    table = catalogue.forms["2019"].tables["disputes"]
    cells = list(table.cells)
    pairs = {(cells[one], cells[two]) for one, two in print_neighbours(table, cells)}
    assert (("review", "total"), ("litigation_direct", "upheld")) in pairs


def test_rows_that_are_not_printed_do_not_part_neighbours(catalogue):
    table = catalogue.forms["fujian"].tables["statistics"]
    cells = [("requests_received", "year"), ("requests_online", "year")]
    assert print_neighbours(table, cells) == [(0, 1)]
