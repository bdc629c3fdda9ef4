"""Made reports whose tables are pictures inside the file: in a page as ``data:`` addresses, in a Word file as its media."""

import base64
import html
import io
import random
import zipfile
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tests.documents import docx, pdf, scan
from tests.documents.grids import Grid
from tests.documents.made import MadeReport, blocks

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
MARGIN = 30
Part = str | list[bytes]
"""A line of text, or the pictures that a table is drawn on."""


def parts(report: MadeReport, rng: random.Random, dpi: int = 200) -> list[Part]:
    """Return what a report says, each of its tables as one or more PNG."""
    return [pictures(block, rng, dpi) if isinstance(block, Grid) else block for block in blocks(report)]


def pictures(grid: Grid, rng: random.Random, dpi: int) -> list[bytes]:
    """Return a table as pictures that end a little beyond its lines."""
    return [as_png(_trimmed(page)) for page in scan.draw_pages(pdf.draw_grid(grid, rng), dpi)]


def as_png(page: scan.Page) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "PNG")
    return stream.getvalue()


def _trimmed(page: scan.Page) -> scan.Page:
    rows, columns = np.nonzero(page.min(axis=2) < 128)
    height, width = page.shape[:2]
    top, left = max(rows.min() - MARGIN, 0), max(columns.min() - MARGIN, 0)
    return page[top : min(rows.max() + MARGIN, height), left : min(columns.max() + MARGIN, width)]


def page(content: Sequence[Part], in_cells: bool = False) -> bytes:
    """Return an HTML page; ``in_cells`` puts every picture into the one cell of a table that lays the page out."""
    body = "".join(
        f"<p>{html.escape(part)}</p>" if isinstance(part, str) else "".join(_img(one, in_cells) for one in part)
        for part in content
    )
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()


def _img(content: bytes, in_cell: bool) -> str:
    img = f'<img src="data:image/png;base64,{base64.b64encode(content).decode()}">'
    return f"<table><tr><td>{img}</td></tr></table>" if in_cell else f"<p>{img}</p>"


def word_file(content: Sequence[Part], drawing: str = "{picture}", is_cut: bool = False) -> bytes:
    """Return a Word file; ``drawing`` is what stands round each picture, ``is_cut`` hides a fifth of it."""
    body, media = "", []
    for part in content:
        if isinstance(part, str):
            body += f"<w:p>{docx.run(part)}</w:p>"
            continue
        for one in part:
            media.append(one)
            body += f"<w:p>{drawing.format(picture=_drawing(len(media), is_cut))}</w:p>"
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATION}/image" Target="media/image{n}.png"/>'
        for n in range(1, len(media) + 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    names = {"word/_rels/document.xml.rels": f'<Relationships xmlns="{space}">{relations}</Relationships>'}
    stream = io.BytesIO(docx.package(f"{body}<w:sectPr/>", names))
    with zipfile.ZipFile(stream, "a") as archive:
        for n, one in enumerate(media, start=1):
            archive.writestr(zipfile.ZipInfo(f"word/media/image{n}.png", (2024, 1, 1, 0, 0, 0)), one)
    return stream.getvalue()


def _drawing(number: int, is_cut: bool) -> str:
    names = f'xmlns:a="{DRAWING}" xmlns:r="{RELATION}"'
    cut = '<a:srcRect b="20000"/>' if is_cut else "<a:srcRect/>"
    return f'<w:r><w:drawing><fill {names}><a:blip r:embed="rId{number}"/>{cut}</fill></w:drawing></w:r>'
