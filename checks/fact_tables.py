"""Whether the stored fact tables are what they are declared to be: the errors that block what comes after.

Belongs here: schema and rows, as Dagster asset checks on each fact table. Does not belong here: what reports say
(``checks.findings``), how well they could be read (``checks.extraction``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg
import polars as pl

from checks.samples import as_table
from checks.schemas import TableSchemaError, validate
from checks.year_check import asked_for, year_check
from pipeline.asset_names import FACT_ASSETS, FACT_TABLES
from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import Catalogue, PublishedTable
from pipeline.expected_rows import row_breaches
from pipeline.home import Home
from pipeline.resources import POOL, HomeFolder
from pipeline.year_facts import Frames
from warehouse.years import rows_by_reports

SCHEMA, ROWS = "schema", "rows_as_tables_found"
MOST_FAILURES = 3
"""Slices of which it is told what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a slice of a table: its rows or reports counted, what is wrong with it."""

    count: int
    failure: str = ""
    breaches: pl.DataFrame | None = None


def _specs() -> list[dg.AssetCheckSpec]:
    schema = "Columns, types, NULLs, codes and keys are as declared."
    rows = "A table that is found gives every cell of its form; one that is not gives no rows."
    declared = [(name, SCHEMA, schema) for name in FACT_ASSETS] + [(name, ROWS, rows) for name in FACT_TABLES]
    return [year_check(check, name, description, blocking=True) for name, check, description in declared]


@dg.multi_asset_check(name="fact_tables_hold", specs=_specs(), pool=POOL, can_subset=True)
def fact_tables_hold(context: dg.AssetCheckExecutionContext, home_folder: HomeFolder) -> Iterator[dg.AssetCheckResult]:
    """Validate what stands in the lake, as it stands there."""
    home, year = home_folder.home, int(context.partition_key)
    schemas, rows = judge_slices(slices_of(home, year))
    yield from asked_for(context, (schema_result(name, schemas[name]) for name in FACT_ASSETS))
    yield from asked_for(context, (rows_result(name, rows[name]) for name in FACT_TABLES))


def slices_of(home: Home, year: int) -> Iterator[Frames]:
    """Yield what stands in the lake of the tables that are assets, some reports at a time, a report whole."""
    return rows_by_reports(home, year, FACT_ASSETS, load_catalogue().limits["judging"]["reports_at_once"])


def judge_slices(slices: Iterable[Frames]) -> tuple[dict[str, list[Judged]], dict[str, list[Judged]]]:
    """Judge each table by its declared schema, and the fact tables by the reports' ``tables_found``: slice by slice, by table."""
    schemas: dict[str, list[Judged]] = defaultdict(list)
    rows: dict[str, list[Judged]] = defaultdict(list)
    for frames in slices:
        for name, judged in _judge_schemas(frames):
            schemas[name].append(judged)
        for name, judged in _judge_rows(frames):
            rows[name].append(judged)
        del frames  # Else a slice would be held while the next one is read.
    return schemas, rows


def _judge_schemas(frames: Frames) -> Iterator[tuple[str, Judged]]:
    catalogue = load_catalogue()
    for name, frame in frames.items():
        yield name, _judge_schema(frame, catalogue.tables[name], catalogue)


def _judge_rows(frames: Frames) -> Iterator[tuple[str, Judged]]:
    for name in FACT_TABLES:
        if name in frames:
            breaches = row_breaches(frames["reports"], frames[name], name, load_catalogue())
            yield name, Judged(frames[name]["report_id"].n_unique(), breaches=breaches)


def schema_result(name: str, judged: list[Judged]) -> dg.AssetCheckResult:
    """Tell whether a stored table is as declared; a report stands whole in one slice, so no key is divided."""
    failures = [slice_.failure for slice_ in judged if slice_.failure]
    metadata: dict[str, Any] = {"rows": sum(slice_.count for slice_ in judged)}
    if failures:
        metadata["failures"] = dg.MetadataValue.text("; ".join(failures[:MOST_FAILURES]))
    return dg.AssetCheckResult(asset_key=name, check_name=SCHEMA, passed=not failures, metadata=metadata)


def rows_result(name: str, judged: list[Judged]) -> dg.AssetCheckResult:
    """Tell whether a stored fact table holds the rows that ``tables_found`` implies."""
    breaches = pl.concat([slice_.breaches for slice_ in judged if slice_.breaches is not None])
    return dg.AssetCheckResult(
        asset_key=name,
        check_name=ROWS,
        passed=breaches.is_empty(),
        metadata={
            "reports": sum(slice_.count for slice_ in judged),
            "breaches": breaches.height,
            "samples": as_table(breaches),
        },
    )


def _judge_schema(frame: pl.DataFrame, table: PublishedTable, catalogue: Catalogue) -> Judged:
    try:
        validate(frame, table, catalogue)
    except TableSchemaError as error:
        return Judged(frame.height, str(error))
    return Judged(frame.height)
