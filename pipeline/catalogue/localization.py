"""The weights and sentences of error localization, as declared in ``localize.yaml``."""

from dataclasses import dataclass
from functools import cache

from pipeline.catalogue.model import CatalogueError, Sentence
from pipeline.catalogue.words import load_words

SLIPS = (
    "totals_left_zero", "total_left_zero", "neighbours_swapped", "cells_merged", "cells_perhaps_merged", "sign",
    "digit_dropped", "digit_doubled", "digits_transposed", "digit_mistaken",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Localization:
    """What a step of a repair weighs, how far weights may differ and still be called equal, and the words.

    ``cells``: weight by status of the cell. ``least_confident``: weight of a cell that a character reader is not sure
    of at all. ``slips``: weight of a whole slip. ``most_solves``, ``most_broken``, ``most_nodes``,
    ``most_iterations`` bound the work on one group of equations.
    """

    cells: dict[str, float]
    least_confident: float
    slips: dict[str, float]
    equally_small: float
    most_solutions: int
    most_solves: int
    most_broken: int
    most_nodes: int
    most_iterations: int
    sentences: dict[str, Sentence]
    sides: dict[str, dict[str, Sentence]]
    slip_sentences: dict[str, Sentence]


@cache
def load_localization() -> Localization:
    """Return the declared localization. Raises CatalogueError: a weight that is not above 0, a slip without weight or
    words."""
    data = load_words("localize")
    cells = {status: float(entry["weight"]) for status, entry in data["cells"].items()}
    slips = {slip: float(entry["weight"]) for slip, entry in data["slips"].items()}
    least_confident = float(data["least_confident"]["weight"])
    if min(*cells.values(), *slips.values(), least_confident) <= 0:
        raise CatalogueError("localize.yaml: every weight must be above 0")
    if set(slips) != set(SLIPS) or set(data["slip_sentences"]) != set(SLIPS):
        raise CatalogueError(f"localize.yaml: weights and sentences are needed for exactly {', '.join(SLIPS)}")
    return Localization(
        cells=cells,
        least_confident=least_confident,
        slips=slips,
        equally_small=float(data["equally_small"]),
        most_solutions=int(data["most_solutions"]),
        most_solves=int(data["most_solves"]["number"]),
        most_broken=int(data["most_broken"]["number"]),
        most_nodes=int(data["most_nodes"]["number"]),
        most_iterations=int(data["most_iterations"]["number"]),
        sentences={key: Sentence(**text) for key, text in data["sentences"].items()},
        sides={rule: {side: Sentence(**text) for side, text in sides.items()} for rule, sides in data["sides"].items()},
        slip_sentences={key: Sentence(**text) for key, text in data["slip_sentences"].items()},
    )
