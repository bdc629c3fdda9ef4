"""What the ink of a scanned cell allows: when a cell is blank, and when a text does not fit its ink."""

import importlib.util

import numpy as np
import pytest

if not all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2")):
    pytest.skip("the extra gongkai[ocr] is not installed", allow_module_level=True)

from pipeline.readers.scan_cells import ODD, LineCrop, _fits, _together
from pipeline.readers.scan_image import Grey
from pipeline.readers.scan_lines import CellInk, Shape, cell_ink, page_ink
from pipeline.readers.scan_text import LineReading

pytestmark = pytest.mark.ocr
CELL = (100, 100, 200, 150)
HEIGHT = 25.0


def _page(ink: int = 0) -> Grey:
    """Return a page of white paper with a framed cell and lines of text beside it, in ink of one grey level."""
    page = np.full((600, 600), 255, np.uint8)
    for y in range(220, 580, 30):
        page[y : y + 18, 40:560:3] = ink
    x0, top, x1, bottom = CELL
    page[top : bottom + 1, [x0, x1]] = ink
    page[[top, bottom], x0 : x1 + 1] = ink
    return page


def _cell(page: Grey) -> CellInk:
    return cell_ink(page_ink(page), CELL, HEIGHT)


def test_a_cell_without_any_ink_on_a_clean_page_is_blank() -> None:
    cell = _cell(_page())
    assert (cell.lines, cell.has_speck, cell.is_clean) == ((), False, True)


@pytest.mark.parametrize("grey", [210, 200, 150])
def test_a_worn_stroke_one_pixel_high_keeps_a_cell_from_being_blank(grey: int) -> None:
    page = _page()
    page[125, 146:153] = grey
    cell = _cell(page)
    assert cell.lines or cell.has_speck or not cell.is_clean


def test_no_cell_of_a_faint_page_is_blank() -> None:
    assert not _cell(_page(ink=130)).is_clean


def test_a_lone_dot_on_a_specked_page_is_no_blank() -> None:
    page = _page()
    for x in range(20, 580, 8):
        page[40:42, x : x + 2] = 0
        page[70:72, x : x + 2] = 0
    assert page_ink(page).is_dirty
    assert not _cell(page).is_clean
    page[124:126, 150:152] = 0
    assert _cell(page).has_speck


def _line(*, tall: int = 0, dashes: int = 0, dots: tuple[int, ...] = (), is_slash: bool = False) -> LineCrop:
    return LineCrop(np.full((35, 60), 255, np.uint8), HEIGHT, Shape(tall, dashes, False, dots, is_slash, False), False)


@pytest.mark.parametrize(
    ("text", "dots", "fits"),
    [
        ("12.5", (2,), True),
        ("125", (), True),
        ("125", (2,), False),
        ("12.5", (), False),
        ("1.25", (2,), False),
        ("1,125.00", (1, 4), False),
        ("12.5", (1, 2), False),
    ],
)
def test_a_number_has_the_points_that_its_ink_has(text: str, dots: tuple[int, ...], fits: bool) -> None:
    assert _fits(text, _line(tall=3, dots=dots)) is fits


def test_a_flat_stroke_read_as_nought_stays_open_between_nought_and_dash() -> None:
    sure = LineReading("0", 0.999)
    for dashes in (0, 1):
        reading = _together([sure, sure], _line(dashes=dashes))
        assert reading.confidence <= ODD
        assert "-" in [text for text, _ in reading.others]


def test_a_thin_seven_is_no_slash() -> None:
    seven, slash = LineReading("7", 0.9, (("/", 0.1),)), LineReading("/", 0.9, (("7", 0.1),))
    for found in ([seven, seven], [slash, seven], [slash, slash]):
        assert _together(found, _line(tall=1, is_slash=True)).confidence <= ODD
