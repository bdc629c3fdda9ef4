"""Facts for the equations: whole tables of a form as a frame, changed cell by cell."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue

FACTS = {
    "report_id": pl.String,
    "year": pl.Int32,
    "fact_table": pl.String,
    "row_code": pl.String,
    "column_code": pl.String,
    "value": pl.Decimal(20, 4),
    "status": pl.String,
    "form": pl.String,
    "rules_used": pl.List(pl.String),
}

Cells = dict[tuple[str, str], object]
"""(row_code, column_code) → a number; a status without value; None for a cell that the document lacks altogether."""

MakeFacts = Callable[..., pl.DataFrame]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def make_facts(catalogue: Catalogue) -> MakeFacts:
    """Return a maker of one report's table: every cell of the form 0 but the ones given."""

    def make(
        fact_table: str,
        form: str,
        cells: Cells | None = None,
        *,
        report_id: str = "r1",
        year: int = 2020,
        printed_form: str | None = "same",
        used: dict[tuple[str, str], list[str]] | None = None,
    ) -> pl.DataFrame:
        given = dict(cells or {})
        rows = []
        for cell in catalogue.forms[form].tables[fact_table].cells:
            content = given.pop(cell, 0)
            if content is None:
                continue
            is_status = isinstance(content, str) and not content.lstrip("-").replace(".", "").isdigit()
            value, status = (None, content) if is_status else (Decimal(str(content)), "reported")
            shown = form if printed_form == "same" else printed_form
            rows.append((report_id, year, fact_table, *cell, value, status, shown, (used or {}).get(cell)))
        assert not given, f"the form has no cells {list(given)}"
        return pl.DataFrame(rows, schema=FACTS, orient="row")

    return make
