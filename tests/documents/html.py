"""Made reports as HTML pages: plain, of a CMS with layout tables, and as Word saves them."""

import html
import random

from tests.documents.grids import Grid, GridCell
from tests.documents.made import MadeReport, blocks

STYLES = ("plain", "cms", "word")


def render(report: MadeReport, style: str, rng: random.Random) -> bytes:
    """Return the page's bytes; ``style`` is one of ``STYLES``. Charset, end tags and furniture follow from ``rng``."""
    charset, declared = rng.choice((("utf-8", "utf-8"), ("gb18030", "gb2312"), ("gb18030", "gbk"), ("utf-8", "gb2312")))
    parts = [_grid(block, style, rng) if isinstance(block, Grid) else _line(block, style) for block in blocks(report)]
    body = "\n".join(parts)
    if style == "cms":
        body = (
            '<div class="nav"><ul><li><a href="/">首页</a></li><li>政务公开 12345</li></ul></div>'
            "<table><tr><td>索引号</td><td>0143/2024-00002</td><td>发布日期</td>"
            f"<td>{report.published_on}</td></tr></table>"
            f'<table width="100%"><tr><td width="20%"><ul><li>栏目 3</li></ul></td><td><div class="article">{body}</div>'
            '</td></tr></table><div class="footer"><table><tr><td>访问量</td><td>9</td></tr></table>版权所有</div>'
        )
    head = (
        f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        f"<title>{report.title}</title>"
        f'<meta name="ArticleTitle" content="{report.title}"><meta name="PubDate" content="{report.published_on} 09:30">'
        f'<meta name="ContentSource" content="{report.issuer}">'
    )
    page = f"<!DOCTYPE html><html><head>{head}<style>td{{border:1px}}</style></head><body>{body}<script>var n=7;</script></body></html>"
    return page.encode(charset)


def _line(text: str, style: str) -> str:
    if style == "word":
        return f'<p class="MsoNormal"><span lang="EN-US">{html.escape(text)}</span><o:p></o:p></p>'
    return f"<p>{html.escape(text)}</p>"


def _grid(grid: Grid, style: str, rng: random.Random) -> str:
    close = rng.random() < 0.8
    rows = []
    for number, row in enumerate(grid.rows):
        cells = "".join(_cell(cell, style, rng, close) for cell in row)
        rows.append(f"<tr>{cells}{'</tr>' if close else ''}")
        if style == "word" and number == 0:
            rows.append("<![if !supportMisalignedColumns]><tr style='display:none'><td width=1></td></tr><![endif]>")
    return f'<table border="1"><tbody>{"".join(rows)}</tbody></table>'


def _cell(cell: GridCell, style: str, rng: random.Random, close: bool) -> str:
    spans = (f' rowspan="{cell.row_span}"' if cell.row_span > 1 else "") + (
        f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
    )
    text = html.escape(cell.text).replace("\xa0", "&nbsp;")
    if cell.is_label and len(cell.text) > 3 and rng.random() < 0.3:
        middle = len(text) // 2
        if "&" not in text:
            text = f"{text[:middle]}<br/>{text[middle:]}"
    if style == "word":
        half = len(text) // 2 if "&" not in text and "<" not in text else 0
        inner = f"<span>{text[:half]}</span><span>{text[half:]}</span><span><o:p></o:p></span>"
        text = f'<p class="MsoNormal" style="margin:0">{inner}</p>'
    elif rng.random() < 0.3:
        text = f'<p align="center">{text}</p>'
    return f"<td{spans}>{text}{'</td>' if close else ''}"
