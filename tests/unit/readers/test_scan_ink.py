"""What the ink of a scanned cell allows: when a cell is blank, and when a text does not fit its ink."""

import importlib.util
import io

import numpy as np
import pytest
from PIL import Image

if not all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2")):
    pytest.skip("the extra gongkai[ocr] is not installed", allow_module_level=True)

import cv2

from pipeline.readers.scan_cells import ODD, LineCrop, _fits, _together
from pipeline.readers.scan_edges import lift_rules
from pipeline.readers.scan_image import Grey, scans_of
from pipeline.readers.scan_ink import page_ink
from pipeline.readers.scan_lines import CellInk, cell_ink, prose_lines
from pipeline.readers.scan_shapes import Shape, shapes_of
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
    lifted = lift_rules(page, [[CELL]])
    return cell_ink(page_ink(page, lifted.grey), CELL, lifted.insides[0][0], HEIGHT)


def test_a_cell_without_any_ink_on_a_clean_page_is_blank() -> None:
    cell = _cell(_page())
    assert (cell.lines, cell.has_speck, cell.is_clean) == ((), False, True)


@pytest.mark.parametrize("grey", [210, 200, 150])
def test_a_worn_stroke_one_pixel_high_keeps_a_cell_from_being_blank(grey: int) -> None:
    page = _page()
    page[125, 146:153] = grey
    cell = _cell(page)
    assert cell.lines or cell.has_speck or not cell.is_clean


def test_no_cell_of_a_worn_page_is_blank() -> None:
    page = _page(ink=130)
    assert _cell(page).is_clean
    worn = page[220:400]
    worn[worn == 130] = 205
    assert not _cell(page).is_clean


def test_a_lone_dot_is_dirt_only_where_dirt_lies_all_over_the_page() -> None:
    page = _page()
    page[124:126, 150:152] = 0
    cell = _cell(page)
    assert (cell.has_speck, cell.is_clean) == (True, False)
    for x in range(20, 580, 8):
        page[40:42, x : x + 2] = 0
        page[70:72, x : x + 2] = 0
    assert page_ink(page).is_dirty
    cell = _cell(page)
    assert (cell.has_speck, cell.is_clean) == (True, True)
    page[124, 153:158] = 205
    assert not _cell(page).is_clean


@pytest.mark.parametrize("soft", [255, 225, 120])
def test_a_digit_in_the_soft_edge_of_a_rule_is_read_whole(soft: int) -> None:
    page = _page()
    page[CELL[1] : CELL[3], CELL[0] + 1] = soft
    page[115:133, 103:106] = 60
    page[115:118, 106:114] = page[130:133, 106:114] = 60
    page[115:133, 114:117] = 60
    (line,) = _cell(page).lines
    assert (line.box, line.is_cut) == ((103, 115, 117, 133), False)


def test_a_digit_that_a_rule_covers_in_part_is_cut() -> None:
    page = _page()
    page[115:118, 101:112] = page[122:125, 101:112] = page[130:133, 101:112] = 0
    page[115:133, 110:113] = 0
    (line,) = _cell(page).lines
    assert line.is_cut


def test_a_round_digit_that_touches_a_rule_is_whole_and_an_eight_is_not() -> None:
    shape = Shape(1, 0, False, (), False, False)
    one = LineCrop(np.full((35, 60), 255, np.uint8), HEIGHT, shape, False, touches=(0,))
    assert _fits("0", one)
    assert not _fits("8", one)
    assert not _fits("1", one)


def test_a_stroke_across_a_rule_is_no_dash() -> None:
    page = _page()
    page[124:127, 104:114] = 0
    (line,) = _cell(page).lines
    assert not line.is_cut
    page[124:127, 88:98] = 0
    (line,) = _cell(page).lines
    assert line.is_cut


def test_the_second_stroke_of_a_double_rule_is_no_ink() -> None:
    page = _page()
    page[CELL[1] : CELL[3], CELL[0] + 5 : CELL[0] + 7] = 20
    assert _cell(page).is_clean


def test_a_nought_whose_pale_top_and_foot_are_lost_is_one_piece() -> None:
    ink = np.zeros((20, 12), bool)
    ink[2:18, :3] = ink[2:18, 9:] = True
    grey = np.full((60, 60), 255, np.uint8)
    grey[20:40, 20:32][ink] = 60
    grey[20:22, 21:31] = grey[38:40, 21:31] = 140
    shape, pale = shapes_of(ink, grey, (20, 20, 32, 40), (0, 0, 60, 60), HEIGHT)
    assert (shape.tall, pale.tall) == (2, 1)


def test_a_cell_beside_a_line_that_is_none_is_not_blank() -> None:
    page = np.full((600, 600), 255, np.uint8)
    page[100:401:30, 100:301] = 0
    page[100:401, [100, 300]] = 0
    for top in range(108, 390, 30):
        page[top : top + 14, 198:203] = 0
    boxes = [(x, y, x + 100, y + 30) for y in range(100, 400, 30) for x in (100, 200)]
    assert not any(lift_rules(page, [boxes]).are_ruled[0])
    page[100:401, 199:202] = 0
    assert all(lift_rules(page, [boxes]).are_ruled[0])


def test_two_level_strokes_may_be_a_dash_beside_a_rule() -> None:
    reading = LineReading("二", 0.999)
    assert _together([reading, reading], _line(dashes=2)).confidence <= ODD


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


def test_a_sign_that_runs_into_its_digits_where_pale_strokes_count_is_a_sign() -> None:
    ink = np.zeros((20, 24), bool)
    ink[9:12, :6] = True
    ink[2:18, 9:18] = True
    grey = np.full((60, 60), 255, np.uint8)
    grey[20:40, 20:44][ink] = 60
    grey[28:33, 25:31] = 140
    shape, pale = shapes_of(ink, grey, (20, 20, 44, 40), (0, 0, 60, 60), HEIGHT)
    assert (shape.dashes, pale.dashes) == (1, 1)
    assert not _fits("2", LineCrop(grey, HEIGHT, shape, False, pale=pale))


def test_thin_pale_digits_beside_thick_dark_rules_are_read_whole() -> None:
    page = np.full((600, 600), 255, np.uint8)
    for at in range(100, 401, 50):
        page[at - 5 : at + 5, 100:401] = page[100:401, at - 5 : at + 5] = 100
    boxes = [(x, y, x + 50, y + 50) for y in range(100, 400, 50) for x in range(100, 400, 50)]
    page[118:134, 118:120] = page[118:134, 126:128] = 200
    page[118:120, 118:128] = page[132:134, 118:128] = 222
    lifted = lift_rules(page, [boxes])
    (line,) = cell_ink(page_ink(page, lifted.grey), boxes[0], lifted.insides[0][0], HEIGHT).lines
    assert (line.box, line.shape.tall) == ((118, 118, 128, 134), 1)


def test_no_cell_is_blank_on_a_page_that_lost_thin_strokes() -> None:
    page = _page()
    lifted = lift_rules(page, [[CELL]])
    inside = lifted.insides[0][0]
    assert cell_ink(page_ink(page, lifted.grey), CELL, inside, HEIGHT).is_clean
    assert not cell_ink(page_ink(page, lifted.grey, keeps_strokes=False), CELL, inside, HEIGHT).is_clean


def test_a_picture_of_black_and_white_is_told_from_a_grey_one() -> None:
    page = np.full((1200, 900), 255, np.uint8)
    for y in range(60, 1100, 40):
        page[y : y + 18, 60:840:7] = 0
    grey = cv2.GaussianBlur(page, (0, 0), 0.8)
    told = [next(scans_of(_as_png(picture))).is_bilevel for picture in (page, grey)]
    assert told == [True, False]


def test_sheets_on_their_side_are_parted_and_an_upright_sheet_is_not() -> None:
    def sheet(height: int, width: int, lean: int) -> Grey:
        page = np.full((height, width), 255, np.uint8)
        for y in range(100, height - 150, 40):
            for x in range(80, width - 80, 8):
                page[y + lean * x // width : y + lean * x // width + 16, x : x + 3] = 0
        return page

    sideways = np.vstack([sheet(827, 1169, lean) for lean in (0, 20, -20)])
    assert [one.picture.shape[0] < one.picture.shape[1] for one in scans_of(_as_png(sideways))] == [True] * 3
    assert [one.picture.shape[0] > one.picture.shape[1] for one in scans_of(_as_png(sheet(1169, 827, 10)))] == [True]


def _as_png(picture: Grey) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


def test_what_a_thick_frame_leaves_outside_its_lines_is_no_text() -> None:
    page = np.full((600, 600), 255, np.uint8)
    page[190:196, 100:400] = 0
    page[140:165, 100:400:3] = 0
    (line,) = prose_lines(page_ink(page), [(100, 200, 400, 400)])
    assert line[1] == 140
