"""Made reports as ruled PDFs, drawn with reportlab and a CJK font that needs no file (STSong-Light) or one that is installed."""

import io
import random
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks

FONT_FILES = (
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
)
STYLES = ("lines", "boxes", "cells", "landscape")
"""``lines``: stroked lines; ``boxes``: thin filled boxes; ``cells``: a stroked box a cell; ``landscape``: pages turned."""


def font_name() -> str:
    """Return the name of a registered font that can print Chinese."""
    for file in FONT_FILES:
        if file.exists():
            try:
                pdfmetrics.registerFont(TTFont("made", str(file), subfontIndex=0))
            except TTFError:
                continue
            return "made"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


def render(report: MadeReport, style: str, rng: random.Random) -> bytes:
    """Return the file's bytes; rows break over pages where they meet the page's end."""
    stream = io.BytesIO()
    size = landscape(A4) if style == "landscape" else A4
    page = _Page(Canvas(stream, pagesize=size, invariant=1), size, font_name(), style)
    for block in blocks(report):
        if isinstance(block, Grid):
            page.table(block, rng)
        else:
            page.text(block)
    page.canvas.setTitle(report.title)
    page.end()
    page.canvas.save()
    return stream.getvalue()


def draw_grid(grid: Grid, rng: random.Random) -> bytes:
    """Return a PDF of nothing but a table."""
    stream = io.BytesIO()
    page = _Page(Canvas(stream, pagesize=A4, invariant=1), A4, font_name(), "lines")
    page.table(grid, rng)
    page.canvas.save()
    return stream.getvalue()


class _Page:
    """Where the pen is: the canvas, the height left on the page, and how lines are drawn."""

    def __init__(self, canvas: Canvas, size: tuple[float, float], font: str, style: str) -> None:
        self.canvas, self.font, self.style = canvas, font, style
        self.width, self.height = size
        self.left, self.right, self.bottom = 70.0, size[0] - 70.0, 70.0
        self.y = size[1] - 72.0
        self.number = 1

    def end(self) -> None:
        self.canvas.setFont(self.font, 9)
        self.canvas.drawCentredString(self.width / 2, 36, f"- {self.number} -")

    def turn(self) -> None:
        self.end()
        self.canvas.showPage()
        self.number += 1
        self.y = self.height - 72.0

    def text(self, text: str) -> None:
        per_line = int((self.right - self.left) / 14)
        lines = ["　　" + text] if not text[:1].isdigit() else [text]
        line = lines[0]
        for start in range(0, len(line), per_line):
            if self.y - 22 < self.bottom:
                self.turn()
            self.y -= 22
            self.canvas.setFont(self.font, 14)
            self.canvas.drawString(self.left, self.y, line[start : start + per_line])

    def table(self, grid: Grid, rng: random.Random) -> None:
        size = rng.choice((8.0, 9.0, 10.0))
        widths = _widths(grid, self.right - self.left)
        edges = [self.left]
        for width in widths:
            edges.append(edges[-1] + width)
        heights = _heights(grid, widths, size)
        rows = list(range(1, len(heights) + 1))
        self.y -= 10
        while rows:
            taken: list[int] = []
            room = self.y - self.bottom
            while rows and heights[rows[0] - 1] <= room:
                room -= heights[rows[0] - 1]
                taken.append(rows.pop(0))
            if taken:
                self._rows(grid, taken, edges, heights, size)
            if rows:
                self.turn()

    def _rows(self, grid: Grid, taken: list[int], edges: list[float], heights: list[float], size: float) -> None:
        tops = {taken[0]: self.y}
        for number in taken:
            tops[number + 1] = tops[number] - heights[number - 1]
        first, last = taken[0], taken[-1]
        for cell in grid.cells:
            start, stop = max(cell.row, first), min(cell.row + cell.row_span - 1, last)
            if start > stop:
                continue
            x0, x1 = edges[cell.col - 1], edges[cell.col + cell.col_span - 1]
            top, bottom = tops[start], tops[stop + 1]
            self._box(x0, bottom, x1, top)
            # A label over a page break is printed where its cell begins.
            if start == cell.row:
                self._cell_text(cell, x0, bottom, x1, top, size)
        self.y = tops[last + 1]

    def _box(self, x0: float, bottom: float, x1: float, top: float) -> None:
        canvas = self.canvas
        canvas.setLineWidth(0.6)
        if self.style == "cells":
            canvas.rect(x0, bottom, x1 - x0, top - bottom)
        elif self.style == "boxes":
            for box in (
                (x0, bottom, x1 - x0, 0.5),
                (x0, top, x1 - x0, 0.5),
                (x0, bottom, 0.5, top - bottom),
                (x1, bottom, 0.5, top - bottom),
            ):
                canvas.rect(*box, stroke=0, fill=1)
        else:
            for line in ((x0, bottom, x1, bottom), (x0, top, x1, top), (x0, bottom, x0, top), (x1, bottom, x1, top)):
                canvas.line(*line)

    def _cell_text(self, cell: GridCell, x0: float, bottom: float, x1: float, top: float, size: float) -> None:
        lines = _wrapped(cell.text, x1 - x0, size)
        self.canvas.setFont(self.font, size)
        step = size * 1.25
        y = (top + bottom) / 2 + step * len(lines) / 2 - size
        for line in lines:
            self.canvas.drawCentredString((x0 + x1) / 2, y, line)
            y -= step


def _wrapped(text: str, width: float, size: float) -> list[str]:
    per_line = max(int((width - 3) / size), 1)
    if text.strip().isascii():
        return [text] if text.strip() else []
    return [text[start : start + per_line] for start in range(0, len(text), per_line)]


def _widths(grid: Grid, whole: float) -> list[float]:
    if grid.width == 10:
        shares = [0.06, 0.14, 0.24, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08]
    elif grid.width == 3:
        shares = [0.66, 0.14, 0.2]
    else:
        shares = [1 / grid.width] * grid.width
    return [share * whole for share in shares]


def _heights(grid: Grid, widths: list[float], size: float) -> list[float]:
    heights = [size * 1.25 + 6] * len(grid.rows)
    for cell in grid.cells:
        width = sum(widths[cell.col - 1 : cell.col - 1 + cell.col_span])
        need = len(_wrapped(cell.text, width, size)) * size * 1.25 + 6
        have = sum(heights[cell.row - 1 : cell.row - 1 + cell.row_span])
        if need > have:
            heights[cell.row + cell.row_span - 2] += need - have
    return heights
