"""Made reports as scans: the made PDF drawn as pictures, then spoilt the way that scanners, copiers and stamps do.

Belongs here: what is done to a page, and the files that hold such pages (PDF, TIFF, PNG, JPEG). The text is that of ``pdf``.
"""

import io
import random
from collections.abc import Callable

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image

from tests.documents import pdf
from tests.documents.made import MadeReport

Page = NDArray[np.uint8]
DPI = (150, 200, 300)


def draw_pages(content: bytes, dpi: int) -> list[Page]:
    """Return the pages of a PDF as colour pictures."""
    document = pdfium.PdfDocument(content)
    try:
        return [np.asarray(page.render(scale=dpi / 72).to_pil().convert("RGB")) for page in document]
    finally:
        document.close()


def _skewed(page: Page, rng: random.Random, dpi: int, most: float = 3.0) -> Page:
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-most, most), 1.0)
    turned = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    return turned.astype(np.uint8, copy=False)


def _blurred(page: Page, rng: random.Random, dpi: int) -> Page:
    return cv2.GaussianBlur(page, (0, 0), rng.uniform(0.5, 0.9) * dpi / 150).astype(np.uint8, copy=False)


def _noisy(page: Page, rng: random.Random, dpi: int) -> Page:
    made = np.random.default_rng(rng.randrange(2**31))
    noise = made.normal(0, rng.uniform(6, 14), page.shape[:2])[:, :, None]
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def _speckled(page: Page, rng: random.Random, dpi: int) -> Page:
    page = page.copy()
    height, width = page.shape[:2]
    size = max(round(dpi / 150), 1)
    for _ in range(rng.randint(100, 400)):
        x, y = rng.randrange(width - size), rng.randrange(height - size)
        page[y : y + size, x : x + size] = rng.randint(0, 120)
    return page


def _as_jpeg(page: Page, rng: random.Random, dpi: int) -> Page:
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "JPEG", quality=rng.randint(35, 60))
    return np.asarray(Image.open(stream))


def _stamped(page: Page, rng: random.Random, dpi: int) -> Page:
    """Put one or two round red seals with a star on the page, some over tables."""
    ink = page.copy()
    height, width = page.shape[:2]
    for _ in range(rng.randint(1, 2)):
        radius = round(20 / 25.4 * dpi)
        centre = (rng.randint(radius, width - radius), rng.randint(radius, height - radius))
        red = (rng.randint(190, 230), rng.randint(20, 60), rng.randint(30, 70))
        cv2.circle(ink, centre, radius, red, max(dpi // 40, 2), cv2.LINE_AA)
        points = [
            (
                centre[0] + round(radius / 3 * np.sin(k * 4 * np.pi / 5)),
                centre[1] - round(radius / 3 * np.cos(k * 4 * np.pi / 5)),
            )
            for k in range(5)
        ]
        cv2.fillPoly(ink, [np.array(points, np.int32)], red, cv2.LINE_AA)
    return np.minimum(page, ink)


def _shaded(page: Page, rng: random.Random, dpi: int) -> Page:
    """Lay a shadow over the page, darker to one side, on grey paper."""
    height, width = page.shape[:2]
    across, down = np.linspace(0, 1, width)[None, :], np.linspace(0, 1, height)[:, None]
    shade = 1 - rng.uniform(0.1, 0.3) * across - rng.uniform(0.05, 0.25) * down
    return np.clip(page * (shade * rng.uniform(0.85, 1.0))[:, :, None], 0, 255).astype(np.uint8)


def _faxed(page: Page, rng: random.Random, dpi: int) -> Page:
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    black = np.where(grey < rng.randint(140, 190), 0, 255).astype(np.uint8)
    return cv2.cvtColor(black, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)


def _faint(page: Page, rng: random.Random, dpi: int) -> Page:
    """Make all ink grey, as a worn drum does."""
    return (255 - (255 - page.astype(np.float32)) * rng.uniform(0.45, 0.65)).astype(np.uint8)


def _penned(page: Page, rng: random.Random, dpi: int) -> Page:
    """Draw a stroke or two of a pen, blue or black, across the page's prose or margin."""
    page = page.copy()
    height, width = page.shape[:2]
    for _ in range(rng.randint(1, 3)):
        x, y = rng.randint(0, width - 1), rng.randint(0, height - 1)
        points = []
        for _ in range(8):
            x, y = x + rng.randint(-dpi // 8, dpi // 4), y + rng.randint(-dpi // 8, dpi // 8)
            points.append((x, y))
        colour = rng.choice(((30, 40, 150), (40, 40, 40)))
        cv2.polylines(page, [np.array(points, np.int32)], False, colour, max(dpi // 90, 1), cv2.LINE_AA)
    return page


Spoil = Callable[[Page, random.Random, int], Page]
STYLES: dict[str, tuple[Spoil, ...]] = {
    "clean": (),
    "skewed": (_skewed, _blurred),
    "noisy": (_skewed, _noisy),
    "speckled": (_speckled,),
    "jpeg": (_skewed, _blurred, _as_jpeg),
    "stamped": (_stamped, _skewed, _as_jpeg),
    "shaded": (_skewed, _shaded, _noisy),
    "faxed": (_skewed, _faxed),
    "faint": (_faint, _blurred, _as_jpeg),
    "penned": (_penned, _skewed),
}
"""What is done to a page, in this order."""


def render(report: MadeReport, style: str, rng: random.Random, *, dpi: int, suffix: str) -> bytes:
    """Return a scanned report as the bytes of a file of the kind that ``suffix`` names."""
    source = pdf.render(report, rng.choice(pdf.STYLES[:3]), rng)
    pages = [spoil_page(page, style, rng, dpi) for page in draw_pages(source, dpi)]
    return as_file(pages, suffix, dpi)


def spoil_page(page: Page, style: str, rng: random.Random, dpi: int) -> Page:
    """Return a page after everything that a style does to it."""
    for spoil in STYLES[style]:
        page = spoil(page, rng, dpi)
    return page


def as_file(pages: list[Page], suffix: str, dpi: int) -> bytes:
    """Return pages as one PDF or TIFF, or, put under each other, as one PNG or JPEG."""
    stream = io.BytesIO()
    pictures = [Image.fromarray(page) for page in pages]
    if suffix == ".pdf":
        pictures[0].save(stream, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi, quality=85)
    elif suffix == ".tiff":
        compression = {"compression": "tiff_lzw", "dpi": (dpi, dpi)}
        pictures[0].save(stream, "TIFF", save_all=True, append_images=pictures[1:], **compression)
    else:
        whole = Image.fromarray(np.vstack(pages))
        kind, more = ("PNG", {}) if suffix == ".png" else ("JPEG", {"quality": 85})
        whole.save(stream, kind, dpi=(dpi, dpi), **more)
    return stream.getvalue()
