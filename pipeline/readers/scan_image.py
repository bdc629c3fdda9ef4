"""Scanned pages as upright grey pictures of one resolution.

Belongs here: decoding pictures, drawing PDF pages, resolution, coloured ink (seals), paper, skew. Does not belong here: where
tables and lines of text are (``scan_grid``, ``scan_lines``), what they say (``scan_text``).

Everything after this works at ``SCALE`` pixels a point, so that thresholds in points hold for every scan.
"""

import io
import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pipeline.document import UnreadableFile
from pipeline.values import record

Grey = NDArray[np.uint8]

SCALE = 200 / 72
"""Pixels a point: at 200 dpi a 9 point digit is 18 pixels high, and a page of A4 takes 0.1 s to look over."""
MAX_PIXELS = 60_000_000
"""A page of A4 at 600 dpi has 35 million."""
A4 = (595.0, 842.0)
SEAM_INK = 80
"""Grey levels below the paper that are something printed over the seam of two sheets."""
SEAM_PAPER = 101
ASKEW = 0.05
"""Degrees by which sheets of one picture that were scanned one by one lie differently."""
RED = 24
"""Grey levels by which red must stand out from green and blue to be red ink."""
BLACK = 0.35
BLOCK = round(14 * SCALE / 4)
"""Side of the smallest black area, in blocks of four pixels, and its grey as a share of that of the paper."""
BLACKER = 0.5
BLOCK_EDGE = 4
"""Pixels of such an area that stay black: they are the rule that it ends a table with."""
DARKEST = 64
MOST_BETWEEN = 0.2
"""Greys from here to as far below white are neither black nor white; in a grey scan they outnumber black edges."""
MOST_SKEW = 4.0
"""Degrees; a sheet that lies worse than that in the scanner is scanned again."""


@record
class PageImage:
    """A page without skew: ``grey`` is dark ink on white paper (255), coloured ink left out; ``plain`` keeps that too.

    ``is_bilevel`` tells that it was scanned to black and white, where thin pale strokes are gone without a trace.
    """

    number: int
    grey: Grey
    plain: Grey
    is_bilevel: bool = False


@record
class Scan:
    """A page as it was scanned: a colour picture of ``SCALE``, and whether it holds nothing but black and white."""

    picture: NDArray[np.uint8]
    is_bilevel: bool


def scans_of(content: bytes) -> Iterator[Scan]:
    """Yield the pages of a PNG, JPEG or TIFF.

    Raises UnreadableFile: damaged, or larger than any page.
    """
    try:
        # Pillow remarks on damaged tags; what can be read of the picture shows in the cells.
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as picture:
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                if picture.width * picture.height > MAX_PIXELS:
                    raise UnreadableFile(
                        f"a picture of {picture.width} × {picture.height} pixels: larger than any page"
                    )
                dpi = picture.info.get("dpi", (0, 0))[0]
                upright = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
                is_bilevel = _is_bilevel(upright)
                for sheet in _sheets(upright):
                    height, width = sheet.shape[:2]
                    scaled = _rescaled(sheet, SCALE / _pixels_a_point(width, height, float(dpi)))
                    yield Scan(scaled, is_bilevel)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableFile("damaged picture: it cannot be decoded") from error


def _sheets(picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return a long picture of several sheets of A4 under each other as these sheets, each of which may lie askew."""
    for shape in (A4[0] / A4[1], A4[1] / A4[0]):
        sheets = _of_shape(picture, shape)
        if sheets:
            return sheets
    return [picture]


def _of_shape(picture: NDArray[np.uint8], shape: float) -> list[NDArray[np.uint8]]:
    """Return a long picture as sheets of one shape, height to width; none where it is not several, or they lie alike.

    Only where nothing is printed at the seams: a long picture of a page on a screen may have any height.
    """
    height, width = picture.shape[:2]
    share = height / width / shape
    count = round(share)
    if count < 2 or abs(share - count) > 0.01 * count or width < 700:
        return []
    seams = [height * number // count for number in range(count + 1)]
    for seam in seams[1:-1]:
        strip = picture[seam - 4 : seam + 4].min(axis=2)
        paper = cv2.blur(strip, (SEAM_PAPER, 1)).astype(np.int16)
        if float((strip < paper - SEAM_INK).mean()) > 0.002:
            return []
    sheets = [picture[top:bottom] for top, bottom in itertools.pairwise(seams)]
    across = A4[1] if shape < 1 else A4[0]
    angles = [skew_of(_on_white(_rescaled(sheet, SCALE * across / width).max(axis=2))) for sheet in sheets]
    # Sheets that lie alike stay one picture: it may be upside down, and its last sheet the first.
    if max(angles) - min(angles) <= ASKEW:
        return []
    # An even number of sheets that lie on their side has the shape of half as many upright ones, whose halves lie alike.
    halves = zip(angles[::2], angles[1::2], strict=False)
    is_upright = (
        shape < 1 and count % 2 == 0 and (count == 2 or any(abs(one - other) <= ASKEW for one, other in halves))
    )
    return [] if is_upright else sheets


def pictures_of(content: bytes) -> Iterator[NDArray[np.uint8]]:
    """Yield the pages of a PNG, JPEG or TIFF as colour pictures of ``SCALE``. Raises UnreadableFile as ``scans_of``."""
    return (scan.picture for scan in scans_of(content))


def _is_bilevel(picture: NDArray[np.uint8]) -> bool:
    """Tell whether a picture, as it is stored, is black and white; packing it as JPEG adds few greys in between."""
    grey = picture if picture.ndim == 2 else picture[:, :, : min(picture.shape[2], 3)].min(axis=2)
    black = np.asarray(grey < DARKEST, dtype=np.uint8)
    edges = np.count_nonzero(black) - np.count_nonzero(cv2.erode(black, np.ones((3, 3), np.uint8)))
    between = np.count_nonzero((grey >= DARKEST) & (grey < 255 - DARKEST))
    return bool(edges > 0 and between < MOST_BETWEEN * edges)


def scan_page(page: Any) -> Scan:
    """Return an opened PDF page as it looks; black and white if the largest picture on it is."""
    largest, is_bilevel = 0, False
    for found in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        width, height = found.get_px_size()
        if largest < width * height <= MAX_PIXELS:
            largest = width * height
            is_bilevel = _is_bilevel(found.get_bitmap().to_numpy())
    return Scan(draw_page(page), is_bilevel)


def draw_page(page: Any) -> NDArray[np.uint8]:
    """Return an opened PDF page as a colour picture of ``SCALE``."""
    width, height = page.get_size()
    if width * height * SCALE * SCALE > MAX_PIXELS:
        raise UnreadableFile(f"a page of {width:.0f} × {height:.0f} points: larger than any sheet")
    bitmap = page.render(scale=SCALE, rev_byteorder=True, prefer_bgrx=False)
    try:
        array = bitmap.to_numpy()
        return np.ascontiguousarray(array[:, :, :3] if array.ndim == 3 else np.repeat(array[:, :, None], 3, axis=2))
    finally:
        bitmap.close()


def _pixels_a_point(width: int, height: int, dpi: float) -> float:
    """Return the resolution of a picture: a sheet of A4 where it has the shape, else what it says, else a screen's."""
    shape = min(width, height) / max(width, height)
    if abs(shape - A4[0] / A4[1]) < 0.06 and min(width, height) >= 700:
        return min(width, height) / A4[0]
    if dpi >= 90:
        return dpi / 72
    return 96 / 72


def _rescaled(picture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if abs(factor - 1) < 0.01:
        return picture
    size = (max(round(picture.shape[1] * factor), 1), max(round(picture.shape[0] * factor), 1))
    if size[0] * size[1] > MAX_PIXELS:
        raise UnreadableFile("a picture larger than any page")
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=np.uint8)


def straighten(scan: Scan, number: int, quarter: int = 0) -> PageImage:
    """Return a scan as a page image without skew, after ``quarter`` turns clockwise."""
    turned = np.ascontiguousarray(np.rot90(scan.picture, -quarter))
    grey = _on_white(_without_blocks(_without_seals(turned)))
    plain = _on_white(np.asarray(cv2.cvtColor(turned, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    angle = skew_of(grey)
    if abs(angle) < 0.03:
        return PageImage(number, grey, plain, scan.is_bilevel)
    return PageImage(number, _rotated(grey, angle), _rotated(plain, angle), scan.is_bilevel)


def _without_seals(picture: NDArray[np.uint8]) -> Grey:
    """Return a colour picture as grey with coloured ink light, and red ink, which seals are printed with, lighter still."""
    red, green, blue = cv2.split(picture)
    other = cv2.max(green, blue)
    excess = cv2.subtract(cv2.subtract(red, other), np.full_like(red, RED))
    return np.asarray(cv2.add(cv2.max(red, other), cv2.convertScaleAbs(excess, alpha=0.6)), dtype=np.uint8)


def _without_blocks(grey: Grey) -> Grey:
    """Return the picture with black areas larger than any stroke white but for their edges: the ground of a table shows there.

    Such an area has no paper that the ink beside it could be held against.
    """
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    dark = np.asarray(small < BLACK * float(np.median(small)), dtype=np.uint8)
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((BLOCK, BLOCK), np.uint8))
    if not solid.any():
        return grey
    near = cv2.resize(cv2.dilate(solid, np.ones((5, 5), np.uint8)), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    limit = round(BLACKER * float(np.median(small)))
    black = np.asarray(cv2.blur(grey, (5, 5)) < limit, dtype=np.uint8) * np.asarray(near, dtype=np.uint8)
    side = 2 * BLOCK_EDGE + 1
    whole = np.asarray(cv2.erode(black, np.ones((side, side), np.uint8), borderValue=1), dtype=np.uint8)
    result = grey.copy()
    result[whole > 0] = round(float(np.median(small)))
    return result


def _on_white(grey: Grey) -> Grey:
    """Return the picture with uneven paper made white: every pixel against the brightest of its neighbourhood."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 6)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(grey, np.maximum(paper, 60), scale=255), dtype=np.uint8)


def _rotated(grey: Grey, angle: float) -> Grey:
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(
        cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255), dtype=np.uint8
    )


def skew_of(grey: Grey) -> float:
    """Return the angle in degrees by which a page must be turned counter-clockwise for its lines to be level."""
    ink = (255 - cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)).astype(np.float32)
    ink[ink < 60] = 0
    small = np.asarray(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.float32)
    coarse = _best_angle(small, np.arange(-MOST_SKEW, MOST_SKEW + 0.01, 0.25))
    fine = _best_angle(small, coarse + np.arange(-0.25, 0.26, 0.05))
    return _best_angle(ink, fine + np.arange(-0.04, 0.05, 0.02))


def _best_angle(ink: NDArray[np.float32], angles: NDArray[np.floating]) -> float:
    """Return the angle under which ink gathers most in rows."""
    height, width = ink.shape
    best, best_angle = -1.0, 0.0
    for angle in angles:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
        rows = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1)
        score = float(np.square(np.diff(rows)).sum())
        if score > best:
            best, best_angle = score, float(angle)
    return best_angle
