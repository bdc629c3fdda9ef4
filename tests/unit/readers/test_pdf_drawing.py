"""How tables are drawn, and what stands on a page that nobody sees: each as some producer of PDFs does it."""

import io
from collections.abc import Callable

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import ODD_GRID, ROUTES_DIFFER, Paragraph, Table
from pipeline.readers.pdf import ScannedFile, read_pdf
from pipeline.readers.pdf_joins import join_cut_header
from pipeline.readers.pdf_lattice import find_lattices
from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.pdf_tables import ACROSS_LINE, UNSEEN
from tests.documents import pdf

XS, YS = (100, 200, 300), (700, 730, 760)
TEXTS = ((110, 740, "规章"), (210, 740, "12"), (110, 710, "文件"), (210, 710, "3"))
EXPECTED = [(1, 1, "规章"), (1, 2, "12"), (2, 1, "文件"), (2, 2, "3")]
Draw = Callable[[Canvas], None]


def _file(*draws: Draw) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    canvas.setFont(pdf.font_name(), 10)
    for draw in draws:
        draw(canvas)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _tables(content: bytes) -> list[Table]:
    return [block for block in read_pdf(content, "r.pdf").blocks if isinstance(block, Table)]


def _cells(content: bytes) -> list[tuple[int, int, str]]:
    return [(cell.row, cell.col, cell.text) for table in _tables(content) for cell in table.cells]


def _write(canvas: Canvas, texts: tuple[tuple[float, float, str], ...] = TEXTS) -> None:
    canvas.setFillColorRGB(0, 0, 0)
    for x, y, text in texts:
        canvas.drawString(x, y, text)


def _lines(canvas: Canvas) -> None:
    for x in XS:
        canvas.line(x, YS[0], x, YS[-1])
    for y in YS:
        canvas.line(XS[0], y, XS[-1], y)


def _dots(canvas: Canvas) -> None:
    for x in XS:
        for step in range(0, 61, 2):
            canvas.rect(x, YS[0] + step, 0.7, 0.7, stroke=0, fill=1)
    for y in YS:
        for step in range(0, 201, 2):
            canvas.rect(XS[0] + step, y, 0.7, 0.7, stroke=0, fill=1)


def _double_dots(canvas: Canvas) -> None:
    """Borders of neighbouring cells, each dotted, in the same place."""
    _dots(canvas)
    canvas.translate(0.6, 0.4)
    _dots(canvas)
    canvas.translate(-0.6, -0.4)


def _gaps(canvas: Canvas) -> None:
    """A black box, and white cells on it that leave a point between each other."""
    canvas.rect(100, 700, 200, 60, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    for x in XS[:2]:
        for y in YS[:2]:
            canvas.rect(x + 0.5, y + 0.5, 99, 29, stroke=0, fill=1)


def _gaps_to_the_foot(canvas: Canvas) -> None:
    """A dark table of white cells that the page's end cuts: the dark runs on below the last row that fits."""
    canvas.setFillColorRGB(0, 0, 0)
    canvas.rect(XS[0] - 1, YS[0] - 601, XS[-1] - XS[0] + 2, YS[-1] - YS[0] + 602, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    for x in XS[:-1]:
        for y in YS[:-1]:
            canvas.rect(x, y, 99.2, 29.2, stroke=0, fill=1)


def _in_forms(canvas: Canvas) -> None:
    canvas.beginForm("inner")
    _lines(canvas)
    canvas.endForm()
    canvas.beginForm("outer")
    canvas.doForm("inner")
    canvas.endForm()
    canvas.translate(20, -30)
    canvas.doForm("outer")
    canvas.translate(-20, 30)
    canvas.setFont(pdf.font_name(), 10)
    canvas.translate(20, -30)


@pytest.mark.parametrize("draw", [_lines, _dots, _double_dots, _gaps, _gaps_to_the_foot, _in_forms])
def test_lines_however_they_are_drawn(draw: Draw) -> None:
    assert _cells(_file(draw, _write)) == EXPECTED


def test_tables_one_below_the_other_keep_their_own_columns() -> None:
    """Their borders may lie on almost one level, and each border be drawn twice."""
    upper, lower = (10.0, 50.0, 90.0), (10.0, 52.4, 53.2, 90.0)
    rulings = [Ruling(False, x, 0.0, 40.0) for x in upper] + [Ruling(False, x, 100.0, 140.0) for x in lower]
    rulings += [Ruling(True, y, 10.0, 90.0) for y in (0.0, 20.0, 40.0, 100.0, 120.0, 140.0)]
    first, second = find_lattices(rulings)
    assert first.xs == [10.0, 50.0, 90.0]
    assert second.xs == pytest.approx([10.0, 52.8, 90.0], abs=0.5)


def test_a_shaded_row_is_no_grid_of_its_own() -> None:
    def shade(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.8, 0.9, 1)
        canvas.rect(100, 730, 200, 30, stroke=0, fill=1)

    assert _cells(_file(shade, _lines, _write)) == EXPECTED


def test_a_region_that_is_no_rectangle_taints_itself_alone() -> None:
    def lines(canvas: Canvas) -> None:
        _lines(canvas)
        for x in (100, 300):
            canvas.line(x, 640, x, 700)
        canvas.line(200, 640, 200, 670)
        canvas.line(200, 670, 300, 670)
        canvas.line(100, 640, 300, 640)

    content = _file(lines, _write, lambda c: _write(c, ((110, 680, "5"), (210, 650, "8"))))
    (table,) = _tables(content)
    assert [(cell.row, cell.col, cell.text, cell.route) for cell in table.cells] == [
        *((*cell, None) for cell in EXPECTED),
        (3, 1, "5", ODD_GRID),
        (4, 2, "8", None),
    ]


def _slanted(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillGray(0.8)
    canvas.translate(110, 700)
    canvas.rotate(30)
    canvas.setFont(pdf.font_name(), 24)
    canvas.drawString(0, 0, "样稿8")
    canvas.restoreState()


def test_a_watermark_is_in_no_cell_and_is_noted() -> None:
    content = _file(_slanted, _lines, _write)
    assert _cells(content) == EXPECTED
    assert read_pdf(content, "r.pdf").notes == ("page 1: watermark left out: 样稿8",)


def test_sloping_letters_on_a_level_line_are_text() -> None:
    def italic(canvas: Canvas) -> None:
        text = canvas.beginText()
        text.setFont(pdf.font_name(), 10)
        text.setTextTransform(1, 0, 0.33, 1, 250, 740)
        text.textOut("7")
        canvas.drawText(text)

    assert (1, 2, "12 7") in _cells(_file(_lines, _write, italic))


def _invisible(canvas: Canvas, x: float, y: float, what: str) -> None:
    text = canvas.beginText(x, y)
    text.setFont(pdf.font_name(), 10)
    text.setTextRenderMode(3)
    text.textOut(what)
    canvas.drawText(text)


def test_invisible_text_beside_printed_text_is_not_read() -> None:
    assert _cells(_file(_lines, _write, lambda c: _invisible(c, 250, 740, "99"))) == EXPECTED


def test_a_cell_of_invisible_text_alone_is_not_trusted_to_be_blank() -> None:
    content = _file(_lines, lambda c: _write(c, TEXTS[:3]), lambda c: _invisible(c, 210, 710, "99"))
    (table,) = _tables(content)
    assert [(cell.text, cell.route) for cell in table.cells][-1] == ("", UNSEEN)


def test_a_page_of_invisible_text_is_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.scan_extra.PARTS", ("no_such_package",))  # With it the picture would be read.
    with pytest.raises(ScannedFile):
        read_pdf(_file(lambda c: _invisible(c, 100, 700, "12")), "r.pdf")


def _white(canvas: Canvas, texts: tuple[tuple[float, float, str], ...]) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    for x, y, text in texts:
        canvas.drawString(x, y, text)


def test_white_text_on_paper_is_not_read() -> None:
    assert _cells(_file(_lines, _write, lambda c: _white(c, ((250, 740, "99"),)))) == EXPECTED


def test_white_text_on_a_dark_cell_is_read() -> None:
    def dark(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0, 0.2, 0.6)
        canvas.rect(100, 730, 200, 30, stroke=0, fill=1)
        _white(canvas, TEXTS[:2])

    assert _cells(_file(dark, _lines, lambda c: _write(c, TEXTS[2:]))) == EXPECTED


def _patch(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(205, 735, 40, 20, stroke=0, fill=1)


def test_what_a_white_patch_covers_is_replaced_by_what_stands_on_it() -> None:
    """Digits of both would interleave into one number."""
    old = (TEXTS[0], (207, 740, "85"), *TEXTS[2:])
    assert _cells(_file(_lines, lambda c: _write(c, old), _patch, lambda c: _write(c, TEXTS[1:2]))) == EXPECTED


def test_a_highlight_over_text_covers_nothing() -> None:
    def mark(canvas: Canvas) -> None:
        canvas.setFillColorRGB(1, 1, 0)
        canvas.setFillAlpha(0.4)
        canvas.rect(205, 735, 40, 20, stroke=0, fill=1)

    assert _cells(_file(_lines, _write, mark)) == EXPECTED


def test_a_picture_over_text_covers_nothing() -> None:
    """A seal lies on the date that it confirms."""

    def seal(canvas: Canvas) -> None:
        red = ImageReader(io.BytesIO(b"P6 1 1 255 \xff\x00\x00"))
        canvas.drawImage(red, 205, 705, 60, 50)

    assert _cells(_file(_lines, _write, seal)) == EXPECTED


def test_text_off_the_page_is_not_read() -> None:
    document = read_pdf(_file(_lines, _write, lambda c: _write(c, ((700, 740, "99"), (100, -40, "98")))), "r.pdf")
    assert not [block for block in document.blocks if isinstance(block, Paragraph)]


def test_text_given_in_other_words_stays_in_its_cell() -> None:
    """Older PDFium set the characters of an ActualText a whole text's width apart: 150 would reach into the next cells."""

    def replaced(canvas: Canvas) -> None:
        canvas._code.append("/Span <</ActualText (150)>> BDC")
        canvas.drawString(270, 740, "150")
        canvas._code.append("EMC")

    def wide(canvas: Canvas) -> None:
        _lines(canvas)
        for y in YS:
            canvas.line(300, y, 400, y)
        canvas.line(400, 700, 400, 760)

    assert (1, 2, "150") in _cells(_file(wide, replaced)) and (1, 3, "") in _cells(_file(wide, replaced))


def _head(canvas: Canvas, last: str = "法人") -> None:
    """The first rows of a header, down to the page's end: its third row names the columns overleaf."""
    for x in (100, 400):
        canvas.line(x, 40, x, 100)
    canvas.line(200, 40, 200, 100)
    for y in (70, 100):
        canvas.line(200 if y == 70 else 100, y, 400, y)
    _write(canvas, ((110, 85, "项目"), (210, 85, "申请人"), (210, 50, last)))


def _tail(canvas: Canvas) -> None:
    canvas.showPage()
    canvas.setFont(pdf.font_name(), 10)
    for x in (100, 200, 300, 400):
        canvas.line(x, 740, x, 800)
    for y in (740, 770, 800):
        canvas.line(100, y, 400, y)
    _write(canvas, ((210, 780, "企业"), (310, 780, "其他"), (110, 750, "新收"), (210, 750, "4"), (310, 750, "5")))


def test_a_header_cut_by_a_page_break_is_one_header() -> None:
    (table,) = _tables(_file(_head, _tail))
    assert [(cell.row, cell.col, cell.row_span, cell.col_span, cell.text) for cell in table.cells] == [
        (1, 1, 3, 1, "项目"),
        (1, 2, 1, 2, "申请人"),
        (2, 2, 1, 2, "法人"),
        (3, 2, 1, 1, "企业"),
        (3, 3, 1, 1, "其他"),
        (4, 1, 1, 1, "新收"),
        (4, 2, 1, 1, "4"),
        (4, 3, 1, 1, "5"),
    ]


def test_parts_with_the_same_columns_stay_apart() -> None:
    (table,) = _tables(_file(_lines, _write))
    assert join_cut_header(table, table) is None


def _rows_of_another_depth(canvas: Canvas) -> None:
    """Rows under a whole header, their label in one column; overleaf labels stand in two."""
    for x in (100, 300, 400):
        canvas.line(x, 40, x, 100)
    for y in (40, 70, 100):
        canvas.line(100, y, 400, y)
    _write(canvas, ((110, 85, "项目"), (310, 85, "企业"), (110, 50, "结转"), (310, 50, "7")))


def test_rows_whose_labels_divide_otherwise_overleaf_stay_apart() -> None:
    """Joined, the first number overleaf would run into the last one before the break."""
    first, second = _tables(_file(_rows_of_another_depth, _tail))
    assert [cell.text for cell in first.cells] == ["项目", "企业", "结转", "7"]
    assert len(second.cells) == 6


def test_a_number_beside_the_break_keeps_parts_apart() -> None:
    assert len(_tables(_file(lambda c: _head(c, "12"), _tail))) == 2


def test_a_number_that_stands_across_a_line_is_marked_in_both_cells() -> None:
    content = _file(_lines, lambda c: _write(c, (TEXTS[0], (188, 740, "12345"), *TEXTS[2:])))
    routes = {(cell.row, cell.col): cell.route for table in _tables(content) for cell in table.cells}
    assert routes == {(1, 1): ACROSS_LINE, (1, 2): ACROSS_LINE, (2, 1): None, (2, 2): None}


def test_numbers_close_to_both_sides_of_a_line_are_two() -> None:
    content = _file(_lines, lambda c: _write(c, ((187, 740, "12"), (200.8, 740, "7"), *TEXTS[2:])))
    assert [cell.route for table in _tables(content) for cell in table.cells] == [None] * 4


def test_a_number_that_the_second_route_reads_otherwise_is_marked() -> None:
    """Ink that reaches into a cell from the next: the characters are gathered by their middle, the second route by their ink."""

    def overhanging(canvas: Canvas) -> None:
        canvas.setFont(pdf.font_name(), 30)
        canvas.drawString(209, 705, "8")
        canvas.setFont(pdf.font_name(), 10)

    content = _file(_lines, lambda c: _write(c, (*TEXTS[:3], (230, 722, "4"))), overhanging)
    routes = {(cell.row, cell.col): cell.route for table in _tables(content) for cell in table.cells}
    assert ROUTES_DIFFER in routes.values()


def test_a_plan_full_of_lines_is_no_table_and_holds_nobody_up() -> None:
    def plan(canvas: Canvas) -> None:
        for step in range(2100):
            canvas.line(100 + step % 40 * 5, 100 + step // 40 * 5, 104 + step % 40 * 5, 100 + step // 40 * 5)
            canvas.line(100 + step % 40 * 5, 100 + step // 40 * 5, 100 + step % 40 * 5, 104 + step // 40 * 5)

    assert _tables(_file(plan, lambda c: _write(c, ((100, 50, "2023"),)))) == []
