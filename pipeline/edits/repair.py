"""A repair: which numbers of a problem change to what.

Belongs here: the value. Does not belong here: finding repairs (``pipeline.edits.single_steps``,
``pipeline.edits.smallest_repair``).
"""

from dataclasses import dataclass

from pipeline.edits.slips import Slip


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair: the numbers that change (by place), the slips among them, and what it weighs.

    ``is_determined``: the equations leave no other number for any of its cells.
    """

    numbers: tuple[tuple[int, int], ...]
    slips: tuple[Slip, ...]
    weight: float
    is_determined: bool
