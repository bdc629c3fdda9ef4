"""The tables of a scanned page: the lines that are found on it, dark or faint, whole or in part, as lattices.

Belongs here: which lines make a table, and which way of finding them is believed. Does not belong here: which ink is a line
(``scan_grid``, ``scan_dashes``, ``scan_broken``). Lattices and cells are ``pdf_lattice``'s, as for every page.
"""

from pipeline.readers.pdf_lattice import Lattice, find_lattices
from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.scan_broken import broken_lines
from pipeline.readers.scan_dashes import drawn_through
from pipeline.readers.scan_grid import FAINT, TWICE, find_rulings
from pipeline.readers.scan_image import SCALE, Grey

WELL_RULED = 60
"""A page with so many cells has no other lines."""
SPACED = 4
"""Points: upright lines of cells drawn apart begin so far below where those of the row above end."""


def find_tables(grey: Grey) -> list[Lattice]:
    """Return the tables of a page from the top down, by its dark lines; by faint ones where these make more of them.

    Faint lines are taken where they make many more cells, or where every dark line is among them.
    """
    tables = _tables(find_rulings(grey), grey)
    cells = _count(tables)
    if cells >= WELL_RULED and drawn_through(grey, FAINT) is grey:
        return tables
    faint = _tables(find_rulings(grey, faint=True), grey)
    more = _count(faint) - cells
    return faint if more >= 0.3 * cells + 4 or (more > 0 and _has_lines(faint, tables)) else tables


def _count(tables: list[Lattice]) -> int:
    return sum(len(table.boxes) for table in tables)


def _has_lines(tables: list[Lattice], others: list[Lattice]) -> bool:
    """Tell whether all lines of other tables are lines of these."""
    return len(tables) == len(others) and all(
        abs(mine[0] - its[0]) <= TWICE / SCALE
        and abs(mine[-1] - its[-1]) <= TWICE / SCALE
        and any(abs(place - own) <= TWICE / SCALE for own in mine)
        for table, other in zip(tables, others, strict=True)
        for mine, its in ((table.xs, other.xs), (table.ys, other.ys))
        for place in its
    )


def _tables(rulings: list[Ruling], grey: Grey) -> list[Lattice]:
    """Return the tables that lines make, lines that show between cells here and there drawn through."""
    tables = _between(rulings)
    mended = broken_lines(grey, tables)
    return _between([*rulings, *mended]) if mended else tables


def _between(rulings: list[Ruling]) -> list[Lattice]:
    """Return the tables that lines make.

    One table at a time: lines of two tables that stand near the same place are not one line, and their mean is neither's.
    """
    spans: list[list[float]] = []
    for ruling in sorted((r for r in rulings if not r.horizontal), key=lambda r: r.start):
        if spans and ruling.start <= spans[-1][1] + SPACED:
            spans[-1][1] = max(spans[-1][1], ruling.end)
        else:
            spans.append([ruling.start, ruling.end])
    tables: list[Lattice] = []
    for start, end in spans:
        tables += find_lattices([r for r in rulings if start - 2 <= (r.at if r.horizontal else r.start) <= end + 2])
    return tables
