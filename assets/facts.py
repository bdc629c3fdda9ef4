"""The facts of a report year: whose reports they are, which of them count, and every number in its place.

Belongs here: reading a year's extracted rows, refusing what is not as declared, writing the year whole. Does not belong here:
how rows become facts (``pipeline.year_facts``). One step gives all fact tables, for they are written together or not at all.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial

import dagster as dg
import polars as pl

from assets.table_metadata import definition_metadata, fact_figures
from checks.schemas import validate
from pipeline.across.past import seen_by_report, seen_later, unread_shares, watched_cells
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
from pipeline.year_facts import Frames, SomeFacts, axes, facts_of_some, settle
from warehouse.companions import companions_of_year
from warehouse.corrections import read_corrections
from warehouse.extracted import batches_of_year, read_extracted
from warehouse.year_writer import writing_year
from warehouse.years import scan_year


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
    home, year = home_folder.home, int(context.partition_key)
    fingerprint = write_year(home, year)
    for name in FACT_ASSETS:
        figures = fact_figures(name, {table: scan_year(home, table, year) for table in (name, "problems")})
        yield dg.MaterializeResult(asset_key=name, metadata=figures, data_version=dg.DataVersion(fingerprint))


def joined_readings(home: Home, year: int, file_ids: Collection[str] | None = None) -> Frames:
    """Return the extracted rows of a year with people's corrections, the readings of one report made one.

    Of some contents: with those of every content that had a say in what is one report with them. Raises SchemaMismatch.
    """
    companions = companions_of_year(home, year)
    chosen = None if file_ids is None else all_connected(file_ids, companions)
    return join_files(corrected_readings(home, year, chosen), companions, issuer_of_report)


def write_year(home: Home, year: int) -> str:
    """Write the facts of a year to the lake, some reports at a time; return their fingerprint.

    Raises TableSchemaError, SchemaMismatch, StorageFailed; then nothing of the year has changed.
    """
    catalogue = load_catalogue()
    codes = axes(catalogue)
    guard = partial(validate, catalogue=catalogue)
    with hold_home(home), writing_year(home, "facts", year, guard) as writer:
        inputs = year_inputs(home, year)
        heads: list[SomeFacts] = []
        seen: list[pl.DataFrame] = []
        for readings in _readings_in_parts(home, year):
            some = facts_of_some(readings, issuer_of_report, catalogue)
            writer.add(some.tables)
            watched, shares = watched_cells(some.tables, codes), unread_shares(some.tables, codes)
            writer.add({"watched_cells": watched, "unread_shares": shares})
            seen.append(seen_by_report(watched, shares))
            heads.append(replace(some, tables={}))
        settled = settle(heads)
        writer.add(settled)
        return writer.write(inputs, seen_later(settled["reports"], pl.concat(seen))).fingerprint


def _readings_in_parts(home: Home, year: int) -> Iterator[Frames]:
    """Yield the joined readings of a year, some reports at a time; what may be one report stands together.

    In the order in which they were read, so that of each part of the lake little is read twice; at least once.
    """
    at_once = load_catalogue().limits["computing"]["reports_at_once"]
    companions = companions_of_year(home, year)
    batches = batches_of_year(home, year)
    waiting = sorted(batches, key=lambda file_id: (batches[file_id], file_id))
    if len(waiting) <= at_once:
        yield joined_readings(home, year)
        return
    taken: set[str] = set()
    for first in range(0, len(waiting), at_once):
        fresh = [file_id for file_id in waiting[first : first + at_once] if file_id not in taken]
        some = all_connected(fresh, companions)
        taken |= some
        if fresh:
            yield joined_readings(home, year, some)


def corrected_readings(home: Home, year: int, file_ids: Collection[str] | None = None) -> Frames:
    """Return what was read of a year, or of some contents in it, with what people corrected. Raises SchemaMismatch."""
    return apply_corrections(read_extracted(home, year, file_ids), read_corrections(home))
