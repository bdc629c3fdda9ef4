"""What is to be published: the lake looked over, refused where it does not hang together, and its fingerprint.

Belongs here: which parts go into which table, the tables made from ledger and declared data. Does not belong here: DuckDB.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.home import Home, Place
from warehouse.ddl import definitions_fingerprint
from warehouse.declared import declared_frames
from warehouse.errors import StaleChecks, StaleFacts
from warehouse.lake import read_part
from warehouse.ledger import QUARANTINED, active_ledger
from warehouse.raw_store import content_path
from warehouse.schemas import conform, table_schema
from warehouse.sightings import read_sightings
from warehouse.years import (
    YearManifest,
    checks_manifest,
    checks_years,
    facts_manifest,
    facts_years,
    judged_fingerprint,
    part_path,
)


@dataclass(frozen=True, slots=True)
class PublishedPart:
    """The rows of a table and year: where they stand, the hash of that file, how many they are."""

    place: Place
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that one publication holds but ``loads``: parts by table and year, small tables as frames.

    ``code`` is a hash of code, declared data and definitions; ``frame_hashes`` are of the frames that they do not determine.
    """

    parts: dict[str, dict[int, PublishedPart]]
    frames: dict[str, pl.DataFrame]
    code: str
    frame_hashes: dict[str, str]
    fingerprint: str


def look_over(home: Home, code_version: str, catalogue: Catalogue) -> Contents:
    """Return what the lake would be published as.

    Raises StaleChecks, StaleFacts, TornFacts, each naming the year and what to do; SchemaMismatch for a broken reviews.csv.
    """
    manifests = _manifests(home)
    years = sorted(manifests)
    partitioned = [table.name for table in catalogue.tables.values() if table.partitioned and table.name != "issuers"]
    parts = {name: _parts(home, name, manifests) for name in partitioned}
    frames = declared_frames(home, catalogue)
    frames["issuers"] = _issuers(home, years, catalogue)
    frames["files"] = _files(home, years, catalogue)
    _refuse_forgotten(home, years, frames["files"])
    frames["file_sightings"] = read_sightings(home)
    code = _hash([code_version, catalogue.version, definitions_fingerprint(catalogue)])
    frame_hashes = {name: _frame_hash(frames[name]) for name in _NOT_BY_CODE}
    fingerprints = {year: [facts.fingerprint, checks.fingerprint] for year, (facts, checks) in manifests.items()}
    fingerprint = _hash({"code": code, "years": fingerprints, "frames": frame_hashes})
    return Contents(parts, frames, code, frame_hashes, fingerprint)


_NOT_BY_CODE = ("issuers", "files", "file_sightings", "reviews", "corrections")


def _parts(
    home: Home, table: str, manifests: Mapping[int, tuple[YearManifest, YearManifest]]
) -> dict[int, PublishedPart]:
    """Return the parts of a table by year, ascending."""
    parts = {}
    for year, layers in manifests.items():
        part = next(layer.parts[table] for layer in layers if table in layer.parts)
        parts[year] = PublishedPart(part_path(home, table, year), part.sha256, part.rows)
    return parts


def _manifests(home: Home) -> dict[int, tuple[YearManifest, YearManifest]]:
    """Return both manifests of every year; refuse a year whose check results are not about the facts that stand."""
    manifests = {}
    for year in sorted({*facts_years(home), *checks_years(home)}):
        facts, checks = facts_manifest(home, year), checks_manifest(home, year)
        if facts is None or checks is None or checks.judged != judged_fingerprint(home, year):
            raise StaleChecks(
                f"the check results of {year} were not computed from its current facts and those before; check {year} again"
            )
        manifests[year] = (facts, checks)
    return manifests


def _refuse_forgotten(home: Home, years: list[int], files: pl.DataFrame) -> None:
    known = files.select("file_id", is_read=pl.col("status") != QUARANTINED)
    for year in years:
        used = read_part(part_path(home, "report_files", year), ["file_id", "role"])
        # An attachment or a picture may be one that cannot be read; the file that the facts come from may not.
        known_as = used.join(known, on="file_id", how="left")
        gone = known_as.filter(pl.col("is_read").is_null() | ((pl.col("role") == "main") & ~pl.col("is_read")))
        if not gone.is_empty():
            raise StaleFacts(f"the facts of {year} hold a file that is no longer loaded; load {year} again")


def _issuers(home: Home, years: list[int], catalogue: Catalogue) -> pl.DataFrame:
    """Return every body once: a function of declared data, so that the latest year tells it as now declared."""
    table = catalogue.tables["issuers"]
    frames = [read_part(part_path(home, "issuers", year)) for year in years]
    every = pl.concat([pl.DataFrame(schema=table_schema(table)), *frames])
    return conform(every.unique("issuer_id", keep="last", maintain_order=True), table)


def _files(home: Home, years: list[int], catalogue: Catalogue) -> pl.DataFrame:
    """Return every content seen with what became of it in this publication."""
    seen = read_sightings(home).select("file_id").unique()
    ledger = active_ledger(home).select("file_id", "status", "error", "media_type", "bytes")
    current = _report_files(home, years).group_by("file_id").agg(pl.col("is_current").any())
    frame = seen.join(ledger, on="file_id", how="left").join(current, on="file_id", how="left")
    status = (
        pl.when(pl.col("status") == QUARANTINED)
        .then(pl.lit("quarantined"))
        .when(pl.col("is_current").is_null())
        .then(pl.lit("pending"))
        .when(pl.col("is_current"))
        .then(pl.lit("loaded"))
        .otherwise(pl.lit("superseded"))
    )
    sizes = {i: content_path(home, i).stat().st_size for i in frame.filter(pl.col("bytes").is_null())["file_id"]}
    unread = pl.col("file_id").replace_strict(sizes, default=None, return_dtype=pl.Int64)
    frame = frame.with_columns(status=status, bytes=pl.coalesce("bytes", unread))
    return conform(frame.select("file_id", "bytes", "media_type", "status", "error"), catalogue.tables["files"])


def _report_files(home: Home, years: list[int]) -> pl.DataFrame:
    """Return file_id, is_current of every file of every report."""
    empty = pl.DataFrame(schema={"file_id": pl.String, "is_current": pl.Boolean})
    frames = [empty]
    for year in years:
        reports = read_part(part_path(home, "reports", year), ["report_id", "is_current"])
        files = read_part(part_path(home, "report_files", year), ["report_id", "file_id"])
        frames.append(files.join(reports, on="report_id").select("file_id", "is_current"))
    return pl.concat(frames)


def _frame_hash(frame: pl.DataFrame) -> str:
    digest = hashlib.sha256()
    for rows in frame.iter_slices(10_000):  # As text all of them would take many times their memory.
        digest.update(rows.write_json().encode())
    return digest.hexdigest()


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
