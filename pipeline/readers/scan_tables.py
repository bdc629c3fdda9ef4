"""The tables of a scanned page: the lines that are found on it, dark or faint, whole or in part, as lattices.

Belongs here: which lines make a table, and which way of finding them is believed. Does not belong here: which ink is a line
(``scan_grid``, ``scan_dashes``, ``scan_broken``). Lattices and cells are ``pdf_lattice``'s, as for every page.
"""

from functools import cache

from pipeline.catalogue.words import load_words
from pipeline.readers.pdf_lattice import Lattice, find_lattices
from pipeline.readers.pdf_strokes import Ruling
from pipeline.readers.scan_broken import broken_lines
from pipeline.readers.scan_grid import TWICE, find_rulings
from pipeline.readers.scan_image import SCALE, Grey

ODD_COSTS = 20
"""Cells that a shape which is no rectangle outweighs."""
TEXT = 160
BESIDE = 6
"""Pixels on either side of a line that are looked at for text."""
MOST_TEXT = 0.08
SPACED = 4
"""Points: upright lines of cells drawn apart begin so far below where those of the row above end."""


def find_tables(grey: Grey) -> list[Lattice]:
    """Return the tables of a page from the top down, by its dark lines; by faint ones where these make more of them.

    Faint lines are taken where they make many more cells in tables as wide as the forms', or where every dark line is among them.
    """
    tables = _tables(find_rulings(grey), grey)
    faint = _tables(find_rulings(grey, faint=True), grey)
    worth = _worth(tables)
    more = _worth(faint) - worth
    return (
        faint
        if more >= 0.1 * worth + 4
        or (more > 0 and _has_lines(faint, tables) and not _through_text(grey, faint, tables))
        else tables
    )


def _worth(tables: list[Lattice]) -> float:
    """Return how many cells some tables have; those of tables as wide as no form count little."""
    return sum(
        (1 if len(table.xs) in _known_widths() else 0.1) * len(table.boxes)
        - ODD_COSTS * sum(box.odd for box in table.boxes)
        for table in tables
    )


@cache
def _known_widths() -> frozenset[int]:
    """Return how many upright lines tables of the forms have; lines that are strokes of text make other numbers."""
    return frozenset(load_words("scans")["upright_lines"])


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


def _through_text(grey: Grey, tables: list[Lattice], others: list[Lattice]) -> bool:
    """Tell whether a line that these tables have, and the others not, runs through text: much of it is thicker than lines."""
    for table, other in zip(tables, others, strict=True):
        level = [at for at in table.ys if not _is_near(at, other.ys)]
        upright = [at for at in table.xs if not _is_near(at, other.xs)]
        if any(_is_thick(grey, at, table.xs) for at in level) or any(_is_thick(grey.T, at, table.ys) for at in upright):
            return True
    return False


def _is_near(at: float, places: list[float]) -> bool:
    return any(abs(at - place) <= TWICE / SCALE for place in places)


def _is_thick(grey: Grey, at: float, across: list[float]) -> bool:
    """Tell whether much of what is dark along a level line is thicker than a line, its crossings apart."""
    row = round(at * SCALE)
    part = (grey[max(row - BESIDE, 0) : row + BESIDE + 1] < TEXT).sum(axis=0)
    for place in across:
        part[max(round(place * SCALE) - BESIDE, 0) : round(place * SCALE) + BESIDE + 1] = 0
    inside = part[round(across[0] * SCALE) : round(across[-1] * SCALE)]
    return bool((inside > BESIDE).mean() > MOST_TEXT)


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
