"""Made reports as HTML pages laid out for print, for Chromium to make PDFs of, as portals publish them.

Belongs here: the many ways in which a page draws the lines of a table. Pages that are read as such are in ``html``.
"""

import html
import random

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks

LINES = {
    "collapsed": "table{border-collapse:collapse} td{border:1px solid #000}",
    "separate": "table{border-collapse:separate;border-spacing:0} td{border:0.5px solid #333}",
    "spaced": "table{border-collapse:separate;border-spacing:2px;border:1px solid #000} td{border:1px solid #000}",
    "dashed": "table{border-collapse:collapse} td{border:1px dashed #000}",
    "dotted": "table{border-collapse:collapse} td{border:1px dotted #000}",
    "double": "table{border-collapse:collapse} td{border:3px double #000}",
    "inside": "table{border-collapse:collapse;border-style:hidden} td{border:1px solid #000}",
    "gaps": "table{border-collapse:separate;border-spacing:1px;background:#000} td{background:#fff}",
    "thick": "table{border-collapse:collapse} td{border:2.5px solid #000}",
    "hairline": "table{border-collapse:collapse} td{border:0.25px solid #999}",
}
STYLES = tuple(LINES)
FONTS = ("Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "DejaVu Sans, Noto Sans CJK SC")


def render(report: MadeReport, style: str, rng: random.Random) -> str:
    """Return the page; ``style`` is one of ``STYLES``, everything else follows from ``rng``."""
    return document("".join(_blocks(report, rng)), style, rng)


def document(body: str, style: str, rng: random.Random) -> str:
    """Return a page round a body of ``_blocks``."""
    size = rng.choice(("6pt", "7.5pt", "9pt", "10.5pt"))
    page = rng.choice(("A4", "A4", "A4 landscape", "A3"))
    look = (
        f"@page{{size:{page};margin:{rng.choice(('12mm', '20mm'))}}} body{{font-family:{rng.choice(FONTS)};font-size:14pt}}"
        f"table{{width:100%;font-size:{size};{rng.choice(('table-layout:fixed', ''))}}}"
        f"td{{text-align:{rng.choice(('center', 'left', 'right', 'justify'))};padding:{rng.choice(('0', '1px 3px', '6px'))}}}"
        ".up{writing-mode:vertical-rl} u{text-decoration:underline}"
        ".mark{position:fixed;top:40%;left:10%;font-size:60pt;transform:rotate(-30deg);color:#00000018}"
        f"tr{{break-inside:{rng.choice(('auto', 'avoid'))}}}"
    )
    mark = '<div class="mark">内部资料</div>' if rng.random() < 0.2 else ""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><style>{look}{LINES[style]}</style></head><body>{mark}{body}</body></html>'


def _blocks(report: MadeReport, rng: random.Random) -> list[str]:
    return [_grid(block, rng) if isinstance(block, Grid) else _line(block, rng) for block in blocks(report)]


def _line(text: str, rng: random.Random) -> str:
    safe = html.escape(text)
    return f"<p style='text-indent:2em'><u>{safe}</u></p>" if rng.random() < 0.2 else f"<p>{safe}</p>"


def _grid(grid: Grid, rng: random.Random) -> str:
    repeated = 3 if grid.width == 10 and rng.random() < 0.5 else 0
    upright = rng.random() < 0.4
    rows = ["".join(_cell(cell, upright) for cell in row) for row in grid.rows]
    head = "".join(f"<tr>{row}</tr>" for row in rows[:repeated])
    body = "".join(f"<tr>{row}</tr>" for row in rows[repeated:])
    return f"<table>{f'<thead>{head}</thead>' if head else ''}<tbody>{body}</tbody></table>"


def _cell(cell: GridCell, upright: bool) -> str:
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
    text = html.escape(cell.text).replace("\xa0", "&nbsp;")
    if upright and cell.row_span > 3:
        text = f'<span class="up">{text}</span>'
    return f"<td{spans}>{text}</td>"
