"""Scans and pictures to ``Document``: tables by the rules drawn on them, prose by its lines, every cell with a confidence.

Belongs here: the way of a page from picture to blocks, which way up it is. Does not belong here: the steps (``scan_image``,
``scan_grid``, ``scan_lines``, ``scan_cells``, ``scan_text``), and whether a number is confirmed (``pipeline.scanned_numbers``).
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pipeline.document import Block, Cell, Document, Table, UnreadableFile
from pipeline.readers.page_order import PlacedBlock, join_page, place_in_order, without_running_heads
from pipeline.readers.pdf_lattice import Lattice
from pipeline.readers.pdf_page import Char, PageContent
from pipeline.readers.pdf_text import without_furniture
from pipeline.readers.scan_cells import ODD, WORD, LineCrop, read_crops
from pipeline.readers.scan_edges import LiftedPage, lift_rules
from pipeline.readers.scan_image import SCALE, PageImage, Scan, scan_page, scans_of, straighten
from pipeline.readers.scan_ink import PageInk, page_ink
from pipeline.readers.scan_level import lies_on_its_side
from pipeline.readers.scan_lines import Box, CellInk, cell_ink, crop, prose_lines, text_height
from pipeline.readers.scan_tables import find_tables
from pipeline.readers.scan_text import LineReading
from pipeline.values import record

MOST_PAGES = 60
"""Real scans run to some 20 pages."""
FEWEST_BOXES = 3
"""Fewer boxes are a frame around a picture or a letterhead's lines."""
SPECK = "a dot, or dirt"
NO_TEXT = "ink that reads as nothing"
NOT_CLEAN = "nothing seen, on a page too faint or too dirty to call it blank"
TOO_SMALL = "print too small to be told from its rules"
LOWEST_ROW = 7.5
"""Points from rule to rule in the rows of a table. In lower ones digits touch rules; what is left of them is another number."""
UPRIGHT = 0.75
"""Median confidence of a page's lines above which it stands upright."""
CLEARLY = 0.15
"""A page is turned only where it then reads better by so much."""
LEAST_TURNED = 0.5
PROBES = 7
FEWEST_PROBES = 3
WORDY = 2
SCRAP = 0.2
"""Most confidence of a line that is no text."""


@record
class PageLayout:
    """Where everything stands on a page: tables with the ink of their cells, and the lines between."""

    image: PageImage
    lifted: LiftedPage
    ink: PageInk
    lattices: tuple[Lattice, ...]
    height: float
    cells: tuple[tuple[CellInk, ...], ...]
    prose: tuple[Box, ...]


def read_picture(content: bytes, media_type: str) -> Document:
    """Return what a PNG, JPEG or TIFF says. Raises UnreadableFile: damaged, too many pages."""
    pages: list[list[PlacedBlock]] = []
    for number, picture in enumerate(scans_of(content), start=1):
        if number > MOST_PAGES:
            raise UnreadableFile(f"a picture of more than {MOST_PAGES} pages: not one report")
        pages.append(read_page_picture(picture, number))
    blocks: list[Block] = []
    for page in without_running_heads(pages):
        join_page(blocks, page)
    return Document(media_type, tuple(blocks), {}, (f"read from a picture of {len(pages)} pages",))


def read_tables_on(content: bytes, first: int, most: int) -> tuple[list[Block], int]:
    """Return what the pages of a picture with tables on them say, and how many there are; they are numbered from ``first``.

    Raises UnreadableFile: damaged, more than ``most`` such pages.
    """
    blocks: list[Block] = []
    number = first
    for seen, picture in enumerate(scans_of(content), start=1):
        layout = _upright(picture, number)
        if layout.lattices:
            if number - first >= most or seen > MOST_PAGES:
                raise UnreadableFile("more tables as pictures than one report has")
            join_page(blocks, _blocks(layout, read_crops(list(_crops(layout)))))
            number += 1
    return blocks, number - first


def read_pdf_page(document: Any, number: int) -> list[PlacedBlock]:
    """Return the blocks of a page of an opened PDF as it looks, whatever text it holds."""
    page = document[number - 1]
    try:
        picture = scan_page(page)
    finally:
        page.close()
    return read_page_picture(picture, number)


def read_page_picture(picture: Scan, number: int) -> list[PlacedBlock]:
    """Return the blocks of a page that is a picture, from the top down."""
    layout = _upright(picture, number)
    crops = list(_crops(layout))
    return _blocks(layout, read_crops(crops))


def _upright(picture: Scan, number: int) -> PageLayout:
    """Return the layout of a page turned the way in which its lines read best."""
    best: tuple[float, PageLayout] | None = None
    for quarter in (0, 2, 1, 3):
        layout = lay_out(straighten(picture, number, quarter))
        score = _legibility(layout)
        if score is None and not quarter and not layout.prose and not layout.cells:
            return layout  # Nothing on it tells which way is up.
        lines = (line.box for table in layout.cells for cell in table for line in cell.lines)
        if lies_on_its_side((x1 - x0) / layout.height for x0, _, x1, _ in lines):
            score = min(score or 0.0, LEAST_TURNED)
        score = score or 0.0
        if best is None or score > max(best[0], LEAST_TURNED) + CLEARLY:
            best = score, layout
        if score >= UPRIGHT:
            break
    assert best is not None
    return best[1]


def _legibility(layout: PageLayout) -> float | None:
    """Return how well a few of a page's lines read: the median confidence of those with words; None for a page without lines.

    Digits read as digits lying on their side as well, and upside down.
    """
    lines = [
        LineCrop(one.picture, one.height, None, False)
        for one in _crops(layout)
        if one.picture.shape[1] > 2.5 * one.height and one.picture.shape[1] < 14 * one.height
    ]
    probes = sorted(lines, key=lambda one: one.picture.shape[1])
    probes = probes[len(probes) // 3 :: max(len(probes) // PROBES, 1)][:PROBES]
    if len(probes) < FEWEST_PROBES:
        return None
    words = [reading.confidence for reading in read_crops(probes) if len(WORD.findall(reading.text)) >= WORDY]
    return float(np.median(words)) if len(words) >= FEWEST_PROBES else 0.0


def lay_out(image: PageImage) -> PageLayout:
    """Return where tables, their cells and the lines of prose stand on a page."""
    lattices = tuple(found for found in find_tables(image.grey) if len(found.boxes) >= FEWEST_BOXES)
    boxes = [[_pixels(box.x0, box.top, box.x1, box.bottom) for box in found.boxes] for found in lattices]
    lifted = lift_rules(image.grey, boxes)
    ink = page_ink(image.grey, lifted.grey, keeps_strokes=not image.is_bilevel)
    height = text_height(ink, (box for table in lifted.insides for box in table))
    cells = tuple(
        tuple(cell_ink(ink, box, inside, height, is_ruled=ruled) for box, inside, ruled in zip(*table, strict=True))
        for table in zip(boxes, lifted.insides, lifted.are_ruled, strict=True)
    )
    outlines = [_pixels(found.xs[0], found.top, found.xs[-1], found.bottom) for found in lattices]
    return PageLayout(image, lifted, ink, lattices, height, cells, tuple(prose_lines(ink, outlines)))


def _pixels(x0: float, top: float, x1: float, bottom: float) -> Box:
    return round(x0 * SCALE), round(top * SCALE), round(x1 * SCALE), round(bottom * SCALE)


def _crops(layout: PageLayout) -> Iterable[LineCrop]:
    """Yield the lines of the cells, then those of the prose."""
    grey = layout.lifted.grey
    for insides, table in zip(layout.lifted.insides, layout.cells, strict=True):
        for inside, cell in zip(insides, table, strict=True):
            for line in cell.lines:
                picture = crop(grey, line.box, layout.height, 0.2, inside)
                yield LineCrop(picture, layout.height, line.shape, line.is_cut, False, line.pale, line.touches)
    for line_box in layout.prose:
        high = line_box[3] - line_box[1]
        yield LineCrop(crop(grey, line_box, high, 0.15), high, None, False, True)


def _blocks(layout: PageLayout, readings: Sequence[LineReading]) -> list[PlacedBlock]:
    waiting = iter(readings)
    tables = []
    for lattice, cells in zip(layout.lattices, layout.cells, strict=True):
        read = [[next(waiting) for _ in cell.lines] for cell in cells]
        tables.append((lattice.top, _table(lattice, cells, read, layout.image.number)))
    lines = []
    for box in layout.prose:
        reading = next(waiting)
        if reading.text.strip():
            x0, top, x1, bottom = (value / SCALE for value in box)
            lines.append([Char(reading.text.strip(), x0, top, x1, bottom, True)])
    height, width = (side / SCALE for side in layout.image.grey.shape)
    page = PageContent(layout.image.number, width, height, [], [], 1.0)
    return place_in_order(tables, without_furniture([(lines, width, height)])[0], page)


def _doubt(cell: CellInk, lines: Sequence[LineReading]) -> str | None:
    """Return why a cell is not as it reads; None where it is."""
    if cell.has_speck and not cell.is_clean:
        return SPECK
    if not lines:
        return None if cell.is_clean else NOT_CLEAN
    return NO_TEXT if any(not line.text.strip() for line in lines) else None


def _without_scraps(lines: Sequence[LineReading]) -> Sequence[LineReading]:
    """Return the lines of a label without strokes of a pen beside it, which read as no word and as nothing sure."""
    if not any(len(WORD.findall(line.text)) >= WORDY and line.confidence >= UPRIGHT for line in lines):
        return lines
    return [
        line for line in lines if line.confidence > SCRAP or WORD.search(line.text) or any(map(str.isdigit, line.text))
    ]


def _table(lattice: Lattice, cells: Sequence[CellInk], read: Sequence[Sequence[LineReading]], page: int) -> Table:
    placed = []
    small = float(np.median([bottom - top for top, bottom in itertools.pairwise(lattice.ys)])) < LOWEST_ROW
    for box, cell, lines in zip(lattice.boxes, cells, read, strict=True):
        text = "\n".join(line.text for line in _without_scraps(lines))
        confidence = min((line.confidence for line in lines), default=ODD if cell.has_speck else 1.0)
        route = TOO_SMALL if small else _doubt(cell, lines)
        others = tuple(text for text, _ in lines[0].others) if len(lines) == 1 else ()
        place = (round(box.x0, 1), round(box.top, 1), round(box.x1, 1), round(box.bottom, 1))
        placed.append(
            Cell(box.row, box.col, text, box.row_span, box.col_span, page, place, round(confidence, 4), route, others)
        )
    return Table(tuple(sorted(placed, key=lambda cell: (cell.row, cell.col))), "grid", page)
