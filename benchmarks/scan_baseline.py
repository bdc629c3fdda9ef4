"""The usual way to read a scan, to stand beside: OpenCV finds the rulings, rapidocr reads the region of each table.

Belongs here: that way alone, as its own documentation shows it. Its lines of text are not put into cells of a form: that would cost
it more.
"""

from functools import cache
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from pipeline.readers.scan_image import draw_page, pictures_of

LONGEST = 40
"""A line is at least this share of a page's width or height long."""
SMALLEST = 0.01
"""Regions smaller than this share of a page are no tables."""


def read_with_rapidocr(content: bytes) -> object:
    """Return the lines of text of every table of a scan, page by page."""
    return [[_engine()(region) for region in _regions(page)] for page in _pages(content)]


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})


def _pages(content: bytes) -> list[NDArray[np.uint8]]:
    if not content.startswith(b"%PDF"):
        return list(pictures_of(content))
    document = pdfium.PdfDocument(content)
    try:
        return [draw_page(document[number]) for number in range(len(document))]
    finally:
        document.close()


def _regions(page: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return the parts of a page that rulings frame."""
    ink = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY) < 180, dtype=np.uint8)
    height, width = ink.shape
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, width // LONGEST), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((height // LONGEST, 1), np.uint8))
    rulings = cv2.dilate(cv2.bitwise_or(level, upright), np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(rulings)
    boxes = [tuple(int(value) for value in row[:4]) for row in stats[1:]]
    return [page[y : y + h, x : x + w] for x, y, w, h in boxes if w * h >= SMALLEST * width * height]
