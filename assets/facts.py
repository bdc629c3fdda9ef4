"""The facts of a report year: whose reports they are, which of them count, and every number in its place.

Belongs here: reading a year's extracted rows, refusing what is not as declared, writing the year whole. Does not belong here:
how rows become facts (``pipeline.year_facts``). One step gives all fact tables, for they are written together or not at all.
"""

from collections.abc import Collection, Iterator

import dagster as dg

from assets.table_metadata import definition_metadata, fact_figures
from checks.schemas import validate
from pipeline.asset_names import EXTRACTED_ASSETS, FACT_ASSETS, FACTS
from pipeline.catalogue.load import load_catalogue
from pipeline.corrections import apply_corrections
from pipeline.freshness import year_inputs
from pipeline.home import Home
from pipeline.home_lock import hold_home
from pipeline.issuers.resolve import issuer_of_report
from pipeline.partitions import YEARS
from pipeline.report_files import all_connected, join_files
from pipeline.resources import POOL, HomeFolder
from pipeline.year_facts import Frames, facts_of_year
from warehouse.companions import companions_of_year
from warehouse.corrections import read_corrections
from warehouse.extracted import read_extracted
from warehouse.schemas import conform
from warehouse.years import write_facts


def _spec(name: str) -> dg.AssetSpec:
    table = load_catalogue().tables[name]
    return dg.AssetSpec(
        name,
        deps=EXTRACTED_ASSETS,
        group_name=FACTS,
        description=f"{table.comment}; one row per {table.grain}",
        metadata=definition_metadata(table),
        kinds={"parquet"},
    )


@dg.multi_asset(name="facts_of_year", specs=[_spec(name) for name in FACT_ASSETS], partitions_def=YEARS, pool=POOL)
def facts_of_year_assets(
    context: dg.AssetExecutionContext, home_folder: HomeFolder
) -> Iterator[dg.MaterializeResult[None]]:
    """Compute the facts of a report year from everything stored of it, and write them whole."""
    frames, fingerprint = write_year(home_folder.home, int(context.partition_key))
    for name in FACT_ASSETS:
        yield dg.MaterializeResult(
            asset_key=name, metadata=fact_figures(name, frames), data_version=dg.DataVersion(fingerprint)
        )


def joined_readings(home: Home, year: int, file_ids: Collection[str] | None = None) -> Frames:
    """Return the extracted rows of a year with people's corrections, the readings of one report made one.

    Of some contents: with those of every content that had a say in what is one report with them. Raises SchemaMismatch.
    """
    companions = companions_of_year(home, year)
    chosen = None if file_ids is None else all_connected(file_ids, companions)
    return join_files(corrected_readings(home, year, chosen), companions, issuer_of_report)


def write_year(home: Home, year: int) -> tuple[Frames, str]:
    """Write the facts of a year to the lake; return them with their fingerprint.

    Raises TableSchemaError, SchemaMismatch, StorageFailed; then nothing of the year has changed.
    """
    catalogue = load_catalogue()
    with hold_home(home):
        inputs = year_inputs(home, year)
        frames = facts_of_year(joined_readings(home, year), issuer_of_report, catalogue)
        fitted = {name: conform(frame, catalogue.tables[name]) for name, frame in frames.items()}
        for name, frame in fitted.items():
            validate(frame, catalogue.tables[name], catalogue)
        return fitted, write_facts(home, year, fitted, inputs)


def corrected_readings(home: Home, year: int, file_ids: Collection[str] | None = None) -> Frames:
    """Return what was read of a year, or of some contents in it, with what people corrected. Raises SchemaMismatch."""
    return apply_corrections(read_extracted(home, year, file_ids), read_corrections(home))
