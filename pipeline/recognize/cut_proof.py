"""Whether the one cut of a row that adds up is proof of that cut.

A row whose printed total is wrong does not add up as it was; some other cut may, by chance. Such a cut moves numbers into other
columns, so the equations of the columns break. Belongs here: weighing a cut against every other cut of its row, by how many
equations each leaves broken. Does not belong here: finding cuts (``cuts``), choosing rows (``reconstruct``).
"""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.recognize.cuts import Cut, cuts_of

Equation = tuple[tuple[str, ...], tuple[str, ...]]
"""Rows of the left and of the right side of an equation that holds column by column."""

MARGIN = 2
"""Another cut must leave so many equations more broken: a wrong number breaks its row's and, at most, one column of each
equation, while a wrong cut moves at least two columns."""
STRETCH = 4
"""A row with so many digits more than cells has hundreds of cuts: without an equation of columns its own sum proves too
little."""
SIDES, TEN, NINE = 2, 10, 9
MOST_PAIRS = 50_000


def is_proven(
    row: str,
    known: Mapping[str, Cut],
    lost: Mapping[str, str],
    equations: Sequence[Equation],
    parts: int,
    total: Sequence[int],
) -> bool:
    """Tell whether the cut of a row (in ``known``) is the only plausible one of its text (in ``lost``).

    Plausible is a cut that leaves less than ``MARGIN`` equations more broken than the chosen one does: equations of columns whose
    rows are all known, or all but one whose cells have run together too and can be cut to fit. Where there is none such, the
    row's own sum has to do. ``total`` are the places of the row's total.
    """
    text = lost[row]
    digits = sum(map(str.isdigit, text))
    if digits <= parts:
        return True
    chosen = known[row]
    judges = [judge for equation in equations if (judge := _judge(row, equation, known, lost, parts)) is not None]
    if not judges:
        return digits < parts + STRETCH and not any(
            is_likelier_slip(cut, chosen, total) for cut in cuts_of(text, parts)
        )
    broken = _broken(chosen, judges)
    if not broken and all(len(rests) == 1 for _, rests in judges):
        return True  # Any other cut moves two columns at least.
    others = [cut for cut in cuts_of(text, parts) if cut != chosen]
    if len(others) * sum(len(allowed) for _, allowed in judges) > MOST_PAIRS:
        return False
    return all(1 + _broken(cut, judges) >= broken + MARGIN for cut in others)


def is_likelier_slip(other: Cut, chosen: Cut, total: Sequence[int]) -> bool:
    """Tell whether another cut is a simpler row with a slip: fewer numbers that are not 0, and a total that is nearly right.

    Nearly right is what a hand does: off by less than ten, or by two digits changed for each other (a multiple of 9).
    """
    apart = abs(sum(other) - SIDES * sum(other[at] for at in total))
    simpler = sum(map(bool, other)) < sum(map(bool, chosen))
    return simpler and apart != 0 and (apart < TEN or apart % NINE == 0)


_Judge = tuple[int, list[Cut]]
"""The sign of the row in an equation, and what the rest of it may leave for the row: one vector per cut of an unknown row."""


def _judge(
    row: str, equation: Equation, known: Mapping[str, Cut], lost: Mapping[str, str], parts: int
) -> _Judge | None:
    left, right = equation
    if row not in left and row not in right:
        return None
    unknown = [other for other in (*left, *right) if other not in known]
    if len(unknown) > 1 or any(other not in lost for other in unknown):
        return None
    rest = [0] * parts
    for other, sign in _signed(equation):
        if other != row and other in known:
            rest = [total + sign * value for total, value in zip(rest, known[other], strict=True)]
    signs = dict(_signed(equation))
    if not unknown:
        return signs[row], [tuple(rest)]
    free = signs[unknown[0]]
    fills = cuts_of(lost[unknown[0]], parts)
    return signs[row], [tuple(a + free * b for a, b in zip(rest, fill, strict=True)) for fill in fills]


def _signed(equation: Equation) -> Iterator[tuple[str, int]]:
    yield from ((row, 1) for row in equation[0])
    yield from ((row, -1) for row in equation[1])


def _broken(cut: Cut, judges: Sequence[_Judge]) -> int:
    """Return how many columns of the equations a cut leaves broken, where the rest is cut as well as can be."""
    return sum(
        min((sum(sign * a + b != 0 for a, b in zip(cut, rest, strict=True)) for rest in rests), default=len(cut))
        for sign, rests in judges
    )
