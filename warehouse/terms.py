"""The declared rates and series as rows: which cells each adds up.

Belongs here: ``indicators.yaml`` → rows of ``indicator_terms`` and ``panel_terms``, refused where a cell is in no form.
Does not belong here: computing a rate (``derived/*.sql``).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.catalogue.model import Catalogue, CatalogueError
from pipeline.catalogue.words import load_words

Row = tuple[object, ...]


def least_sample() -> int:
    """Return the denominator below which a rate is flagged."""
    return int(load_words("indicators")["least_sample"])


def indicator_rows(catalogue: Catalogue) -> list[Row]:
    """Return rows of ``indicator_terms``. Raises CatalogueError for a cell that no form has."""
    indicators: dict[str, Any] = load_words("indicators")["indicators"]
    return [
        (code, entry["name"], side, *term)
        for code, entry in indicators.items()
        for side in ("numerator", "denominator")
        for term in _terms(entry[side], code, catalogue)
    ]


def panel_rows(catalogue: Catalogue) -> list[Row]:
    """Return rows of ``panel_terms``. Raises CatalogueError for a cell that no form has."""
    measures: dict[str, Any] = load_words("indicators")["panel"]
    return [
        (code, entry["name"], era, *term, entry.get("bridge"), entry.get("note"))
        for code, entry in measures.items()
        for era in ("before", "since")
        for term in _terms(entry.get(era, ()), code, catalogue)
    ]


def _terms(cells: Iterable[str], code: str, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    for cell in cells:
        fact_table, _, codes = cell.partition(".")
        row_code, _, column_code = codes.partition("/")
        if not any((row_code, column_code) in form.cells for form in catalogue.table_forms(fact_table)):
            raise CatalogueError(f"indicators.yaml: {code}: no form has the cell {cell}")
        yield fact_table, row_code, column_code
