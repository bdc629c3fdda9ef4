"""The quick way to the texts of cells says what the careful way says, or nothing."""

import random

import numpy as np

from pipeline.readers.pdf_cells import plain_texts
from pipeline.readers.pdf_page import Char
from pipeline.readers.pdf_text import text_of


def _cell(rng: random.Random) -> list[Char]:
    """Return the characters of a cell: lines of digits and signs, here and there moved, doubled, unknown or out of order."""
    chars: list[Char] = []
    top = 100.0
    for _ in range(rng.randint(1, 3)):
        x = 10.0
        for _ in range(rng.randint(1, 4)):
            wide = rng.choice((4.0, 8.0))
            high = top + rng.choice((0.0, 0.0, 0.0, 0.3, 2.0, 5.0))
            known, seen = rng.random() > 0.02, rng.random() > 0.02
            char = Char(rng.choice("0123456789公开（ \u3000"), x, high, x + wide, high + 10, known, seen)
            chars.append(char)
            if rng.random() < 0.05:
                chars.append(char._replace(x0=char.x0 + 0.5, x1=char.x1 + 0.5))
            x += wide * rng.choice((1.0, 1.0, 1.0, 1.0, 1.5, -0.5))
        top += rng.choice((12.0, 12.0, 12.0, 6.0, -12.0))
    return chars


def test_plain_texts_are_those_of_the_careful_way() -> None:
    rng = random.Random(7)
    cells = [_cell(rng) for _ in range(4000)]
    chars = [char for cell in cells for char in cell]
    starts = np.cumsum([0, *map(len, cells)])[:-1]
    texts = plain_texts(chars, np.array([char[1:5] for char in chars]), starts)
    plain = [(text, cell) for text, cell in zip(texts, cells, strict=True) if text is not None]
    assert [text for text, _ in plain] == [text_of(cell) for _, cell in plain]
    assert all(char.known and char.seen for _, cell in plain for char in cell)
    assert len(plain) > 500
    blanks = [cell for _, cell in plain if any(char.text.isspace() for char in cell)]
    assert len(blanks) > 100
