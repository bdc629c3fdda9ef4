"""What is drawn on a page: ruling lines however they are made, pictures, and text that nobody can see.

Belongs here: lines, thin boxes, dots and gaps between fills as ruling lines in display coordinates; which text objects are
covered, white on white or invisible. Characters are in ``pdf_page``; which lines make a table is in ``pdf_lattice``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from pipeline.readers import pdf_calls as ask
from pipeline.readers.pdf_objects import (
    FORM,
    Colour,
    Run,
    are_slanted,
    are_white,
    bounds_of,
    colours_of,
    is_white,
    runs_of,
)
from pipeline.readers.pdf_strokes import (
    NO_LINES,
    SHORTEST_RULING,
    THIN,
    Place,
    Ruling,
    Turn,
    dotted,
    outlines,
    thin_lines,
)

FEWEST_FILLS = 4
FILLED_SHARE = 0.4
"""Boxes that fill this much of a darker box behind them are cells, and what shows between them are their lines."""
MOST_BACKGROUNDS = 40
OPAQUE = 200
FAINTEST = 8
INVISIBLE_MODE = 3


@dataclass(slots=True)
class Drawing:
    """What is drawn on a page.

    ``covered`` is the largest share of the page that one picture covers; ``unseen`` are the addresses of text objects that
    nobody can see. ``lines`` are the ruling lines, as matrices. ``straight`` tells that every text on the page runs level or
    upright.
    """

    straight: bool = True
    lines: list[Any] = field(default_factory=list)
    covered: float = 0.0
    unseen: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Fill:
    """An area, in the order of painting.

    ``covers`` tells that nothing shows through, ``within`` are the fills of another colour that lie in it.
    """

    order: int
    place: Place
    colour: Colour
    covers: bool = True
    within: list[Place] = field(default_factory=list)


def read_drawing(page: Any, turn: Turn, area: float) -> Drawing:
    """Return what is drawn on a page; ``area`` is the page's, in square points."""
    reading = _Reading(turn, area)
    for run in runs_of(page):
        reading.paths(run)
        reading.pictures(run)
        reading.drawing.straight &= FORM not in run.kinds
        reading.runs.append(run)
    return reading.finish()


def _colours(question: ask.Call, handles: Sequence[int], chosen: Any) -> Any:
    """Return red, green, blue, alpha of the chosen objects, a row for each object; zeros for the others."""
    colours = np.zeros((len(handles), 4), dtype="u4")
    at = np.flatnonzero(chosen)
    if len(at):
        colours[at] = colours_of(question, [handles[n] for n in at.tolist()])
    return colours


class _Reading:
    """Collects the objects of a page as they are painted."""

    def __init__(self, turn: Turn, area: float) -> None:
        self.turn, self.area = turn, area
        self.drawing = Drawing()
        self.dots: list[Any] = [NO_LINES]
        self.fills: list[_Fill] = []
        self.backgrounds: list[_Fill] = []
        self.runs: list[Run] = []

    def pictures(self, run: Run) -> None:
        chosen = run.of_kind(raw.FPDF_PAGEOBJ_IMAGE)
        if not chosen:
            return
        for order, place in self._places(run, chosen):
            x0, top, x1, bottom = place
            share = (x1 - x0) * (bottom - top) / self.area if self.area else 0.0
            self.drawing.covered = max(self.drawing.covered, share)
            # A seal lies over the date it is set on and lets it show: pictures cover nothing here.
            self.fills.append(_Fill(order, place, (0, 0, 0, 255), covers=False))

    def _places(self, run: Run, chosen: Sequence[int]) -> Iterator[tuple[int, Place]]:
        """Yield the order and place of those objects of a run whose place is known."""
        known, bounds = bounds_of([run.handles[at] for at in chosen], run.matrix)
        rows = np.stack(np.broadcast_arrays(*self.turn(*bounds)), axis=1).tolist()
        for at, is_known, (x0, top, x1, bottom) in zip(chosen, known, rows, strict=True):
            if is_known:
                yield run.first + at, (x0, top, x1, bottom)

    def paths(self, run: Run) -> None:
        chosen = run.of_kind(raw.FPDF_PAGEOBJ_PATH)
        if not chosen:
            return
        handles = [run.handles[at] for at in chosen]
        known, bounds = bounds_of(handles, run.matrix)
        x0, top, x1, bottom = self.turn(*bounds)
        _, modes = ask.all_of(ask.draw_mode, handles, count=len(handles), each=2, kind="i4")
        filled, stroked = modes.T != 0
        painted = known & (filled | stroked)
        fills = _colours(ask.fill_colour, handles, filled)
        colours = np.where(stroked[:, None], _colours(ask.stroke_colour, handles, stroked), fills)
        shows = painted & (colours[:, 3] > FAINTEST) & ~are_white(colours)
        wide, high = x1 - x0, bottom - top
        thin = (wide <= THIN) | (high <= THIN)
        small = (wide < SHORTEST_RULING) & (high < SHORTEST_RULING)
        lines, dots = thin & shows & ~small, thin & shows & small
        self.drawing.lines.append(thin_lines(x0[lines], top[lines], x1[lines], bottom[lines]))
        self.dots.append(np.stack([x0[dots], top[dots], x1[dots], bottom[dots]], axis=1))
        for at in np.flatnonzero(painted & filled & ~thin).tolist():
            place = (float(x0[at]), float(top[at]), float(x1[at]), float(bottom[at]))
            self._fill(run.first + chosen[at], handles[at], place, tuple(fills[at].tolist()))
        outlined = np.flatnonzero(shows & ~thin).tolist()
        if outlined:
            by_stroke = stroked[outlined].tolist()
            self.drawing.lines += outlines([handles[at] for at in outlined], run.matrix, by_stroke, self.turn)

    def _fill(self, order: int, handle: int, place: Place, colour: Colour) -> None:
        if colour[3] < OPAQUE or ask.count_segments(handle) > 6 or ask.has_transparency(handle):
            return
        fill = _Fill(order, place, colour)
        self.fills.append(fill)
        for behind in reversed(self.backgrounds[-MOST_BACKGROUNDS:]):
            if behind.colour != colour and _holds(behind.place, place):
                behind.within.append(place)
                return
        if not is_white(colour):
            self.backgrounds.append(fill)

    def finish(self) -> Drawing:
        self.fills.sort(key=lambda fill: fill.order)
        dots = np.concatenate(self.dots)
        self.drawing.lines += [dotted(dots, True), dotted(dots, False)]
        self.drawing.lines += [np.array(list(_gaps(fill)), dtype=float).reshape(-1, 4) for fill in self.backgrounds]
        for run in self.runs:
            self._texts(run)
        return self.drawing

    def _texts(self, run: Run) -> None:
        """Note which texts nobody can see, and whether any is set at a slant."""
        chosen = run.of_kind(raw.FPDF_PAGEOBJ_TEXT)
        if not chosen:
            return
        handles = [run.handles[at] for at in chosen]
        self.drawing.straight &= not are_slanted(handles, run.matrix)
        modes = list(map(ask.render_mode, handles))
        white = are_white(colours_of(ask.fill_colour, handles))
        last_fill = self.fills[-1].order if self.fills else -1
        doubted = []
        for at, handle, mode, is_pale in zip(chosen, handles, modes, white.tolist(), strict=True):
            if mode == INVISIBLE_MODE:
                self.drawing.unseen.add(handle)
            elif is_pale or last_fill > run.first + at:
                doubted.append((at, is_pale))
        pale = {run.first + at for at, is_pale in doubted if is_pale}
        for order, place in self._places(run, [at for at, _ in doubted]) if doubted else ():
            over = any(fill.covers and fill.order > order and _holds(fill.place, place) for fill in self.fills)
            if over or (order in pale and self._stands_on_white(order, place)):
                self.drawing.unseen.add(run.handles[order - run.first])

    def _stands_on_white(self, order: int, place: Place) -> bool:
        """Tell whether what was painted last behind a text is white: another fill, or the page itself."""
        behind = [fill for fill in self.fills if fill.order < order and _holds(fill.place, place)]
        return not behind or is_white(behind[-1].colour)


def _holds(outer: Place, inner: Place) -> bool:
    """Tell whether a place lies in another, a point of tolerance given."""
    return (
        outer[0] - 1 <= inner[0] and outer[1] - 1 <= inner[1] and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )


def _gaps(fill: _Fill) -> Iterator[Ruling]:
    """Yield the edges of boxes that leave lines of what is behind them between each other.

    What is behind may run on below the last of them, to the foot of a page on which no more of its table fits.
    """
    if len(fill.within) < FEWEST_FILLS:
        return
    x0, _, x1, _ = fill.place
    covered = sum((right - left) * (low - high) for left, high, right, low in fill.within)
    top, bottom = min(high for _, high, _, _ in fill.within), max(low for _, _, _, low in fill.within)
    if covered < FILLED_SHARE * (x1 - x0) * (bottom - top):
        return
    for left, high, right, low in fill.within:
        yield Ruling(True, high, left, right)
        yield Ruling(True, low, left, right)
        yield Ruling(False, left, high, low)
        yield Ruling(False, right, high, low)
