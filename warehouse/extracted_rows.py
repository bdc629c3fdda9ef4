"""What a reading holds, as rows of the extracted tables.

Belongs here: one reading → plain rows in the order of ``schemas.EXTRACTED``. Does not belong here: files, batches.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.report import Fact, ReportReading
from warehouse.schemas import EXTRACTED, VALUE

if TYPE_CHECKING:
    from pipeline.narrative.claims import Prose
    from pipeline.reading import FileReading

DOES_NOT_FIT = "number_does_not_fit"
"""Kind of problem: a number with more digits than the warehouse keeps."""

_LARGEST = Decimal(10) ** (VALUE.precision - VALUE.scale)

Row = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """Rows by extracted table."""

    by_table: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in EXTRACTED})

    def add(self, other: "Rows") -> None:
        """Append the rows of another collection."""
        for name, rows in other.by_table.items():
            self.by_table[name] += rows


def file_rows(file_id: str, reading: "FileReading") -> Rows:
    """Return the rows of one content. Raises ValueError where a report has no year."""
    from pipeline.reading import report_identifier

    rows = Rows()
    for report, prose in zip(reading.reports, reading.prose, strict=True):
        if report.year is None:
            raise ValueError("report year not found")
        head = (report_identifier(file_id, report.place), file_id, report.year)
        _add_report(rows.by_table, head, report, reading.media_type)
        problems = [(p.kind, p.detail, p.table_no, p.row, p.col) for p in report.problems]
        problems += _add_prose(rows.by_table, head, prose)
        rows.by_table["problems"] += [(*head, number, *problem) for number, problem in enumerate(problems, start=1)]
    return rows


def is_storable(value: Decimal) -> bool:
    """Tell whether a number keeps every digit in a value column."""
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -VALUE.scale and abs(value) < _LARGEST


def _add_report(tables: dict[str, list[Row]], head: Row, report: ReportReading, media_type: str) -> None:
    tables["reports"].append(
        (
            *head,
            report.place,
            report.title,
            report.issuer,
            report.published_on,
            report.signed_on,
            report.source,
            report.scope,
            report.form,
            list(report.tables_found),
            list(report.tables_missing),
            media_type,
            json.dumps(report.evidence, ensure_ascii=False, sort_keys=True),
        )
    )
    tables["sections"] += [(*head, s.section_no, s.heading, s.text) for s in report.sections]
    for placed in report.cells:
        c = placed.cell
        place = (placed.table_no, c.row, c.col, c.row_span, c.col_span)
        seen = (c.page, list(c.bbox) if c.bbox else None, c.confidence, c.route, placed.picture)
        tables["cells"].append((*head, *place, c.text, *seen))
    tables["facts"] += [(*head, *_fact(fact), report.agreement.get(_key(fact))) for fact in report.facts]


def _fact(f: Fact) -> Row:
    value, status, reason = f.value, f.status, f.reason
    if value is not None and not is_storable(value):
        value, status, reason = None, "unreadable", "number does not fit: more digits than are kept"
    codes = (f.fact_table, f.row_code, f.column_code)
    place = (f.table_no, f.row, f.col)
    texts = (f.unit, status, f.form, f.raw_text, *place, reason, f.note)
    return (*codes, value, *texts, f.confidence, list(f.rules_used))


def _key(f: Fact) -> str:
    return f"{f.fact_table}/{f.row_code}/{f.column_code}"


def _add_prose(tables: dict[str, list[Row]], head: Row, prose: "Prose") -> Iterator[Row]:
    """Add claims and assertions; return the problems of claims whose number cannot be kept, with what is said of them."""
    unfit = {claim.claim_no: claim for claim in prose.claims if not is_storable(claim.value)}
    for c in prose.claims:
        if c.claim_no not in unfit:
            what = (c.claim_no, c.section_no, c.subject, c.value, c.unit, c.is_approximate)
            tables["claims"].append((*head, *what, c.sentence, c.char_start, c.char_end))
    kept = [assertion for assertion in prose.assertions if assertion.claim_no not in unfit]
    for number, a in enumerate(kept, start=1):
        tables["assertions"].append((*head, number, a.check_id, a.claim_no, a.to_json()))
    return ((DOES_NOT_FIT, f"{c.value} {c.unit}: {c.sentence}", None, None, None) for c in unfit.values())
