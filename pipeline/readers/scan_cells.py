"""The lines of a document read: like crops once, whatever looks like a number twice, and how sure the reading is.

Belongs here: which crops are the same picture, when to read again and how, what the confidence of a line is.
Does not belong here: the network (``scan_text``), where lines are (``scan_lines``), whether a number is confirmed by the
equations (``pipeline.scanned_numbers``).

``confidence`` is one number to be held against one threshold. It is high only where two ways of putting the line before the
network give the same text, both with a high probability, and the ink has as many pieces as the text has digits.
"""

import re
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.readers.scan_image import Grey
from pipeline.readers.scan_shapes import Shape
from pipeline.readers.scan_text import LineReading, prepare, read_lines
from pipeline.values import record

SQUEEZE = 0.66
"""Words are read at this share of their width: the network's time goes by width, and it reads narrow type as well."""
SHORT = 6.0
"""Lines narrower than so many line heights may be numbers."""
SURE_WORDS = 0.6
SURE = 0.97
ODD = 0.5
"""Most confidence of a line that two readings give differently, or whose ink does not fit its text."""
CUT = 0.3
"""Most confidence of a line that runs into the edge of its cell, or beyond it."""
LEAST_LIKENESS = 0.95
MOST_LOCAL_DIFFERENCE = 72.0
"""Correlation, and grey levels over 3 × 3 pixels. On made scans of 150 dpi two different digits never came above 0.935 (6 and
8, faxed); nine in ten zeros of a page do."""
LEAST_OTHER = 1e-4
POINTS = ".,，．"
NUMBER = re.compile(r"[\d０-９OolI|/.,，．\-—–－一+＋ ]*")
ROUND = "0234569"
"""Digits that, cut by a rule, would reach it at two places; and four, which is no other digit then."""
LEVEL_NUMERALS = ("二", "三")
"""Dashes one over the other, or one over what is left of a rule, look the same."""
WORD = re.compile(r"[\u4e00-\u9fff]")
STROKE = 0.98
"""Confidence of a mark told by its shape."""


@record
class LineCrop:
    """A line to be read: its picture, the height of text in it, its shapes, whether it is cut off, where it touches a rule."""

    picture: Grey
    height: float
    shape: Shape | None
    is_cut: bool
    is_prose: bool = False
    pale: Shape | None = None
    touches: tuple[int, ...] = ()

    @property
    def is_short(self) -> bool:
        return not self.is_prose and self.picture.shape[1] <= SHORT * self.height


def read_crops(crops: Sequence[LineCrop]) -> list[LineReading]:
    """Return what every crop says."""
    readings: dict[int, LineReading] = {}
    long = [at for at, one in enumerate(crops) if not one.is_short]
    readings.update(zip(long, _read_long([crops[at] for at in long]), strict=True))
    groups = _alike([(at, one) for at, one in enumerate(crops) if one.is_short])
    ways: list[list[LineReading]] = [[reading] for reading in _first_way([crops[group[0]] for group in groups])]
    for prepare_again, is_wanted in ((_second_way, _asks_again), (_third_way, _is_open)):
        again = [n for n, group in enumerate(groups) if is_wanted(ways[n], crops[group[0]])]
        # Other members of the group, where there are some: their noise is another.
        pictures = [prepare_again(crops[groups[n][-len(ways[n]) % len(groups[n])]]) for n in again]
        for number, reading in zip(again, read_lines(pictures, numbers=True), strict=True):
            ways[number].append(reading)
    for group, found in zip(groups, ways, strict=True):
        for at in group:
            readings[at] = _together(found, crops[at])
    return [readings[at] for at in range(len(crops))]


def _first_way(crops: Sequence[LineCrop]) -> list[LineReading]:
    return read_lines([prepare(one.picture) for one in crops], numbers=True)


def _read_long(crops: Sequence[LineCrop]) -> list[LineReading]:
    """Return long lines, read narrow; those that come out unsure read again at their own width."""
    readings = read_lines([prepare(one.picture, SQUEEZE) for one in crops], numbers=False)
    unsure = [at for at, reading in enumerate(readings) if reading.confidence < SURE_WORDS]
    wide = read_lines([prepare(crops[at].picture) for at in unsure], numbers=False)
    for at, reading in zip(unsure, wide, strict=True):
        if reading.confidence > readings[at].confidence:
            readings[at] = reading
    return readings


def _asks_again(found: Sequence[LineReading], _one: LineCrop) -> bool:
    """Tell whether a short line is to be read another way too: all but words that came out sure."""
    first = found[0]
    words = len(WORD.findall(first.text.replace("一", "")))
    return words < 2 or any(char.isdigit() for char in first.text) or first.confidence < SURE_WORDS


def _is_open(found: Sequence[LineReading], one: LineCrop) -> bool:
    """Tell whether two readings leave a number open that a third may settle."""
    return len(found) == 2 and _together(found, one).confidence < SURE and len(WORD.findall(found[0].text)) < 2


def _second_way(one: LineCrop) -> np.ndarray:
    """Return a crop in other dress: sharpened to ink and paper, a little wider, with more white around."""
    edge = round(0.18 * one.height)
    framed = cv2.copyMakeBorder(one.picture, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=255)
    soft = cv2.GaussianBlur(framed, (0, 0), 0.7).astype(np.float32)
    dark = float(np.percentile(soft, 2))
    middle = (dark + 255) / 2
    steep = np.clip((soft - middle) * (2.2 * 255 / max(255 - dark, 40)) + 128, 0, 255).astype(np.uint8)
    return prepare(steep, 1.2)


def _third_way(one: LineCrop) -> np.ndarray:
    """Return a crop wider still and closer cut."""
    edge = round(0.1 * one.height)
    picture = one.picture[edge:-edge, :] if one.picture.shape[0] > 4 * edge else one.picture
    return prepare(picture, 1.35)


def _together(found: Sequence[LineReading], one: LineCrop) -> LineReading:
    """Return one reading of a line out of up to three, with the other texts that any gave.

    The confidence is that of the weaker of two readings, of the middle one of three: a text that one reading alone gives
    is never sure.
    """
    chances: dict[str, list[float]] = {}
    for reading in found:
        seen: dict[str, float] = {}
        for text, chance in ((reading.text, reading.confidence), *reading.others):
            text = _spaced(text, one.shape)
            seen[text] = seen.get(text, 0.0) + chance
        for text, chance in seen.items():
            chances.setdefault(text, []).append(min(chance, 1.0))
    agreed = {text: _agreed(each, len(found)) for text, each in chances.items()}
    best = max(chances, key=lambda text: (agreed[text], max(chances[text])))
    confidence = agreed[best] if _fits(best, one) else min(agreed[best], ODD)
    best, confidence = _by_shape(best, confidence, one)
    if one.is_cut:
        confidence = min(confidence, CUT)
    if best == "/" and any(
        any(char.isdigit() for char in text) and max(each) >= 0.01 for text, each in chances.items()
    ):
        confidence = min(confidence, ODD)
    for mark in _marks_instead(best, one.pale or one.shape):
        confidence = min(confidence, ODD)
        chances.setdefault(mark, []).append(ODD)
    others = sorted(
        ((text, max(each)) for text, each in chances.items() if text and text != best and max(each) >= LEAST_OTHER),
        key=lambda item: -item[1],
    )
    return LineReading(best, confidence, tuple(others[:6]))


def _agreed(chances: Sequence[float], count: int) -> float:
    """Return the chance that so many readings give a text together: the lowest of two, the middle one of three."""
    ranked = sorted([*chances, *[0.0] * (count - len(chances))])
    return ranked[(count - 1) // 2]


def _spaced(text: str, shape: Shape | None) -> str:
    """Return a number without the blanks that the recogniser sees between digits set wide."""
    return text if shape is None or shape.is_spaced or not NUMBER.fullmatch(text) else text.replace(" ", "")


def _fits(text: str, one: LineCrop) -> bool:
    """Tell whether the ink of a line can be its text: as many pieces as digits, a stroke for a sign, a dot for a point."""
    if one.is_cut or not text or any(text[side] not in ROUND for side in one.touches):
        return False
    if one.shape is None or not NUMBER.fullmatch(text):
        return True
    return _fits_shape(text, one.shape) or (one.pale is not None and _fits_shape(text, one.pale))


def _fits_shape(text: str, shape: Shape) -> bool:
    """Tell whether a number has the digits, signs and points of some ink."""
    digits = sum(char.isdigit() for char in text)
    signs = sum(char in "-—一–" for char in text)
    points = sum(char in POINTS for char in text)
    has_tall_mark = "+" in text or "/" in text
    if shape.tall > digits + text.count("+") + text.count("/") or (digits and not shape.tall):
        return False
    if (shape.dashes > signs and not has_tall_mark) or (digits and signs and not shape.dashes):
        return False
    return _points_fit(text, points, shape)


def _points_fit(text: str, points: int, shape: Shape) -> bool:
    """Tell whether there is a dot in the ink for every point of a number, after as many digits.

    A point lost or seen where there is none makes another amount of it, and no sum is there to tell.
    """
    if points != len(shape.dots):
        return False
    if not points:
        return True
    before = tuple(sum(char.isdigit() for char in text[:at]) for at, char in enumerate(text) if char in POINTS)
    return shape.tall == sum(char.isdigit() for char in text) and before == shape.dots


def _by_shape(text: str, confidence: float, one: LineCrop) -> tuple[str, float]:
    """Return what a lone stroke is: a level one is a dash and a leaning one a slash, whatever the network makes of it."""
    shape = one.shape
    if text in LEVEL_NUMERALS:
        confidence = min(confidence, ODD)
    if shape is None or one.is_cut or shape.dots:
        return text, confidence
    if shape.is_slash and shape.dashes == 0 and not any(char.isdigit() for char in text):
        # A thin 7 and a leaning 1 look the same to the eye that tells a slash: where the network sees a digit, it stays open.
        return "/", STROKE
    if shape.tall == 0 and shape.dashes == 1 and not any(char.isdigit() for char in text):
        # Among wide strokes are the dash of Chinese print and the numeral one: the equations tell them apart.
        return ("—", ODD) if shape.dash_is_wide else ("-", STROKE)
    if shape.tall == 0 and shape.dashes == 2 and set(text) <= set('-—一–…"“”:•='):
        return "--", STROKE if text != "=" else ODD
    return text, confidence


def _marks_instead(text: str, shape: Shape | None) -> tuple[str, ...]:
    """Return the marks that the ink of a number may be as well: no digit is as flat as a dash or as thin as a slash."""
    if shape is None or not any(char.isdigit() for char in text):
        return ()
    if shape.is_slash:
        return ("/",)
    return ("-",) if shape.tall == 0 else ()


def _alike(crops: list[tuple[int, LineCrop]]) -> list[list[int]]:
    """Return the places of crops in groups that show the same picture; most cells of a report print the same 0."""
    groups: list[tuple[LineCrop, list[int], Grey]] = []
    by_size: dict[tuple[int, int], list[int]] = {}
    for at, one in crops:
        height, width = one.picture.shape
        soft = np.asarray(cv2.GaussianBlur(one.picture, (0, 0), 1.0), dtype=np.uint8)
        near = ((height + dy, width + dx) for dy in (0, -1, 1) for dx in (0, -1, 1))
        for number in (n for size in near for n in by_size.get(size, ())):
            if _is_same(groups[number], one, soft):
                groups[number][1].append(at)
                break
        else:
            by_size.setdefault((height, width), []).append(len(groups))
            groups.append((one, [at], soft))
    return [places for _, places, _ in groups]


def _is_same(group: tuple[LineCrop, list[int], Grey], one: LineCrop, soft: Grey) -> bool:
    """Tell whether a crop shows what a group shows: a single glyph, like it everywhere, and nowhere another by a stroke."""
    first, _, other = group
    if one.is_cut or first.is_cut or one.shape is None or one.shape.tall > 1 or one.shape != first.shape:
        return False
    inner = soft[2:-2, 2:-2]
    field = cv2.copyMakeBorder(other, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    if inner.shape[0] > field.shape[0] or inner.shape[1] > field.shape[1]:
        return False
    _, likeness, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(field, inner, cv2.TM_CCOEFF_NORMED))
    if likeness < LEAST_LIKENESS:
        return False
    beside = field[y : y + inner.shape[0], x : x + inner.shape[1]].astype(np.float32)
    return float(cv2.blur(np.abs(inner.astype(np.float32) - beside), (3, 3)).max()) <= MOST_LOCAL_DIFFERENCE
