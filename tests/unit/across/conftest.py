"""Reports and facts of invented bodies over several years."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue

REPORT = {
    "report_id": pl.String, "issuer_id": pl.String, "issuer_kind": pl.String, "scope": pl.String, "year": pl.Int32,
    "form": pl.String, "published_on": pl.Date, "source": pl.String, "media_type": pl.String, "is_current": pl.Boolean,
}  # fmt: skip
FACT = {
    "report_id": pl.String, "year": pl.Int32, "fact_table": pl.String, "row_code": pl.String, "column_code": pl.String,
    "value": pl.Decimal(20, 4), "status": pl.String, "unit": pl.String, "form": pl.String, "raw_text": pl.String,
}  # fmt: skip


class Reports:
    """Collects reports and cells; ``reports()`` and ``facts()`` are what is judged."""

    def __init__(self) -> None:
        self._reports: list[dict[str, object]] = []
        self._facts: list[dict[str, object]] = []

    def add(self, body: str, year: int, cells: dict[str, object], **more: object) -> str:
        """Add a report; ``cells``: ``table/row/column`` → number, or the status of a cell without one."""
        report_id = str(more.pop("report_id", f"{body}-{year}-{more.get('scope', 'own')}"))
        standard = {"issuer_kind": "county", "scope": "own", "form": "2021", "published_on": date(year + 1, 1, 20)}
        rest = {"source": None, "media_type": "text/html", "is_current": True}
        self._reports.append({"report_id": report_id, "issuer_id": body, "year": year} | standard | rest | more)
        for place, value in cells.items():
            table, row, column = place.split("/")
            is_status = isinstance(value, str)
            self._facts.append({
                "report_id": report_id, "year": year, "fact_table": table, "row_code": row, "column_code": column,
                "value": None if is_status else Decimal(str(value)), "status": value if is_status else "reported",
                "unit": "count", "form": self._form(table, str(self._reports[-1]["form"])), "raw_text": str(value),
            })  # fmt: skip
        return report_id

    @staticmethod
    def _form(table: str, form: str) -> str:
        """Section 四 has not changed since 2019; statistics tables are of 2018 and before, or local."""
        return {"disputes": "2019", "statistics": "2014" if form == "2014" else "fujian"}.get(table, form)

    def reports(self) -> pl.DataFrame:
        return pl.DataFrame(self._reports, schema=REPORT)

    def facts(self) -> pl.DataFrame:
        return pl.DataFrame(self._facts, schema=FACT)


@pytest.fixture
def made() -> Reports:
    return Reports()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


def outcomes(results: pl.DataFrame, check_id: str) -> dict[tuple[str, str], str]:
    """Return the outcome of a rule by report and subject."""
    own = results.filter(pl.col("check_id") == check_id)
    rows: Iterable[tuple[str, str, str]] = own.select("report_id", "subject", "outcome").iter_rows()
    return {(report, subject): outcome for report, subject, outcome in rows}
