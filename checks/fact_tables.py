"""Whether the stored fact tables are what they are declared to be: the errors that block what comes after.

Belongs here: schema and rows, as Dagster asset checks on each fact table. Does not belong here: what reports say
(``checks.findings``), how well they could be read (``checks.extraction``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from checks.samples import as_table
from checks.schemas import TableSchemaError, validate
from checks.year_check import asked_for, year_check
from pipeline.asset_names import FACT_ASSETS, FACT_TABLES
from pipeline.catalogue.load import load_catalogue
from pipeline.expected_rows import row_breaches
from pipeline.resources import POOL, HomeFolder
from pipeline.year_facts import Frames
from warehouse.years import read_facts

SCHEMA, ROWS = "schema", "rows_as_tables_found"


def _specs() -> list[dg.AssetCheckSpec]:
    schema = "Columns, types, NULLs, codes and keys are as declared."
    rows = "A table that is found gives every cell of its form; one that is not gives no rows."
    declared = [(name, SCHEMA, schema) for name in FACT_ASSETS] + [(name, ROWS, rows) for name in FACT_TABLES]
    return [year_check(check, name, description, blocking=True) for name, check, description in declared]


@dg.multi_asset_check(name="fact_tables_hold", specs=_specs(), pool=POOL, can_subset=True)
def fact_tables_hold(context: dg.AssetCheckExecutionContext, home_folder: HomeFolder) -> Iterator[dg.AssetCheckResult]:
    """Validate what stands in the lake, as it stands there."""
    frames = read_facts(home_folder.home, int(context.partition_key))
    yield from asked_for(context, (check_schema(name, frames) for name in FACT_ASSETS))
    yield from asked_for(context, (check_rows(name, frames) for name in FACT_TABLES))


def check_schema(name: str, frames: Frames) -> dg.AssetCheckResult:
    """Judge a stored table by its declared schema."""
    catalogue = load_catalogue()
    metadata: dict[str, Any] = {"rows": frames[name].height}
    try:
        validate(frames[name], catalogue.tables[name], catalogue)
    except TableSchemaError as error:
        metadata["failures"] = dg.MetadataValue.text(str(error))
        return dg.AssetCheckResult(asset_key=name, check_name=SCHEMA, passed=False, metadata=metadata)
    return dg.AssetCheckResult(asset_key=name, check_name=SCHEMA, passed=True, metadata=metadata)


def check_rows(name: str, frames: Frames) -> dg.AssetCheckResult:
    """Judge a stored fact table by the reports' ``tables_found``."""
    breaches = row_breaches(frames["reports"], frames[name], name, load_catalogue())
    return dg.AssetCheckResult(
        asset_key=name,
        check_name=ROWS,
        passed=breaches.is_empty(),
        metadata={
            "reports": frames[name]["report_id"].n_unique(),
            "breaches": breaches.height,
            "samples": as_table(breaches),
        },
    )
