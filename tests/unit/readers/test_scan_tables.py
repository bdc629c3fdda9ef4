"""Which lines of a scanned page make its tables: thick, doubled, dashed, open at the foot, broken by a seal, none at all."""

import importlib.util

import numpy as np
import pytest

if not all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2")):
    pytest.skip("the extra gongkai[ocr] is not installed", allow_module_level=True)

from pipeline.readers.scan_broken import broken_lines
from pipeline.readers.scan_image import SCALE, Grey, Scan, straighten
from pipeline.readers.scan_tables import find_tables

pytestmark = pytest.mark.ocr
XS = (100, 300, 500, 700, 900)
YS = (200, 260, 320, 380, 440, 500)


def _paper() -> Grey:
    return np.full((800, 1000), 255, np.uint8)


def _ruled(thick: int = 2, grey: int = 0) -> Grey:
    """Return a page with a table of five rows and four columns."""
    page = _paper()
    half = thick // 2
    for y in YS:
        page[y - half : y - half + thick, XS[0] : XS[-1] + 1] = grey
    for x in XS:
        page[YS[0] : YS[-1] + 1, x - half : x - half + thick] = grey
    return page


def _size(page: Grey) -> list[tuple[int, int, int]]:
    return [(len(table.xs), len(table.ys), len(table.boxes)) for table in find_tables(page)]


@pytest.mark.parametrize("thick", [2, 6, 18])
def test_rules_however_thick_make_a_grid(thick: int) -> None:
    assert _size(_ruled(thick)) == [(5, 6, 20)]


def test_doubled_rules_make_one_grid() -> None:
    page = _ruled()
    doubled = np.minimum(page, np.roll(page, (6, 6), (0, 1)))
    assert _size(doubled) == [(5, 6, 20)]


def test_dashed_rules_make_a_grid() -> None:
    page = _ruled()
    page[:, 4::12] = page[:, 5::12] = page[:, 6::12] = 255
    for x in XS:
        page[YS[0] : YS[-1] + 1, x - 1 : x + 1] = 0
        for gap in (4, 5, 6):
            page[YS[0] + gap : YS[-1] : 12, x - 1 : x + 1] = 255
    assert _size(page) == [(5, 6, 20)]


def test_a_last_row_without_a_rule_below_it_is_a_row() -> None:
    page = _ruled()
    page[YS[-1] - 2 : YS[-1] + 2, :] = 255
    for x in XS:
        page[YS[-2] : YS[-1], x - 1 : x + 1] = 0
    assert _size(page) == [(5, 6, 20)]


def test_a_stroke_that_touches_the_last_rule_is_no_row() -> None:
    page = _ruled()
    page[YS[-1] : YS[-1] + 30, XS[2] - 1 : XS[2] + 1] = 0
    assert _size(page) == [(5, 6, 20)]


def test_a_pale_rule_that_a_seal_broke_still_parts_two_rows() -> None:
    page = _ruled(grey=200)
    page[YS[2] - 3 : YS[2] + 4, XS[0] + 90 : XS[0] + 150] = 255
    assert _size(page) == [(5, 6, 20)]


def test_a_cell_over_two_rows_is_not_parted() -> None:
    page = _ruled()
    page[YS[2] - 3 : YS[2] + 4, XS[0] + 3 : XS[1] - 3] = 255
    for x in range(XS[0] + 20, XS[1] - 20, 12):
        page[YS[2] - 12 : YS[2] + 12, x : x + 3] = 0
    tables = find_tables(page)
    assert [len(table.boxes) for table in tables] == [19]
    assert broken_lines(page, tables) == []


def test_the_black_ground_of_a_cut_table_is_no_ink_and_its_edge_a_rule() -> None:
    page = _ruled()
    page[YS[-1] : 760, XS[0] : XS[-1] + 1] = 0
    grey = straighten(Scan(np.repeat(page[:, :, None], 3, axis=2), False), 1).grey
    assert (grey[YS[-1] + 40 : 720, XS[0] + 40 : XS[-1] - 40] > 250).all()
    assert [round(y * SCALE / 10) for y in find_tables(grey)[0].ys[:6]] == [round(y / 10) for y in YS]


def test_faint_rules_among_dark_ones_are_found_too() -> None:
    page = _ruled()
    for y in YS[1:-1:2]:
        page[y - 1 : y + 1, XS[0] + 2 : XS[-1] - 1] = 222
    assert _size(page) == [(5, 6, 20)]


def test_a_rule_is_not_drawn_through_the_middle_of_text() -> None:
    page = _ruled(thick=10)
    page[YS[1] - 5 : YS[1] + 5, XS[1] + 5 : XS[2] - 5] = 255
    for x in range(XS[1] + 16, XS[2] - 40, 24):
        page[YS[1] - 9 : YS[1] + 9, x : x + 2] = page[YS[1] - 9 : YS[1] + 9, x + 18 : x + 20] = 60
        page[YS[1] - 9 : YS[1] - 7, x : x + 20] = page[YS[1] - 1 : YS[1] + 1, x : x + 22] = page[
            YS[1] + 7 : YS[1] + 9, x : x + 20
        ] = 60
    ((_, _, boxes),) = _size(page)
    assert boxes == 19


def test_a_long_rule_ends_at_the_last_upright_one_though_a_seal_runs_on() -> None:
    page = _ruled()
    page[YS[1] - 1 : YS[1] + 1, XS[-1] : XS[-1] + 40] = 0
    assert _size(page) == [(5, 6, 20)]
