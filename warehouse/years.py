"""The facts and the check results of each report year in the lake, and whether they belong together.

Belongs here: writing a year's tables whole, their fingerprints, and telling a broken-off write. Does not belong here: how
facts are made or judged, and how they are published.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import PublishedTable
from pipeline.home import Home, Place
from warehouse.durable import (
    Facts,
    file_facts,
    flush_folder,
    put_all_in_place,
    storing,
    temporary_name,
    write_bytes,
    write_parquet_file,
)
from warehouse.errors import SchemaMismatch, TornFacts
from warehouse.lake import read_part, scan_part, year_folder
from warehouse.schemas import conform, empty_frame, require_tables

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it was written. ``size`` and ``mtime_ns`` (``durable.Facts``) only save hashing it: the hash decides."""

    sha256: str
    rows: int
    size: int
    mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class YearManifest:
    """What stands in one layer of one year, written after its parts: without it the parts count as torn.

    ``inputs`` is what the parts were made from, ``columns`` a hash of the columns that were declared then.
    """

    inputs: str
    columns: str
    parts: dict[str, Part]

    @property
    def fingerprint(self) -> str:
        """Hash of the content of all parts: equal hashes mean equal rows."""
        return hashlib.sha256(
            repr(sorted((name, part.sha256) for name, part in self.parts.items())).encode()
        ).hexdigest()

    @property
    def judged(self) -> str:
        """Of check results: the ``judged_fingerprint`` when they were made; what follows ``#`` in ``inputs`` is the writer's."""
        return self.inputs.partition("#")[0]


def layer_tables(layer: str) -> tuple[str, ...]:
    """Return the published tables of a layer (``facts``, ``checks``), in declared order."""
    return tuple(table.name for table in load_catalogue().tables.values() if table.layer == layer)


def write_facts(home: Home, year: int, frames: Mapping[str, pl.DataFrame], inputs: str = "") -> str:
    """Write the tables of layer ``facts`` of a year, every one of them; return their fingerprint.

    Rows are sorted and made to fit the declared columns. ``inputs`` is kept: the caller's fingerprint of what they were
    made from (``extracted_fingerprint`` and whatever else). Equal rows rewrite nothing. Raises SchemaMismatch, StorageFailed.
    """
    return _write_layer(home, "facts", year, frames, inputs).fingerprint


def read_facts(home: Home, year: int, tables: tuple[str, ...] = ()) -> Frames:
    """Return the fact tables of a year, or only some; empty frames where nothing was written. Raises TornFacts."""
    return _read_layer(home, "facts", year, tables)


def read_facts_of(home: Home, year: int, report_ids: Sequence[str], tables: Sequence[str]) -> Frames:
    """Return the rows of these reports (one at least) of a year, of fact tables with ``report_id``; little else is read.

    Raises TornFacts.
    """
    _read_layer(home, "facts", year, ("reports",))  # Refuses a year that is not whole.
    wanted = list(report_ids)
    # The first condition lets whole groups of rows be passed over: parts are sorted by report.
    first, last = pl.lit(min(wanted)), pl.lit(max(wanted))
    own = pl.col("report_id").is_between(first, last) & pl.col("report_id").is_in(wanted)
    return {name: scan_part(part_path(home, name, year)).filter(own).collect() for name in tables}


def facts_fingerprint(home: Home, year: int) -> str:
    """Return the fingerprint of the facts of a year, "" where there are none. Raises TornFacts where a write broke off."""
    manifest = facts_manifest(home, year)
    return manifest.fingerprint if manifest else ""


def judged_fingerprint(home: Home, year: int) -> str:
    """Return the fingerprint of all facts that the check results of a year are a function of: its own and every earlier year's.

    Rules across reports look back, never ahead. It is the facts' own where no earlier year has any. Raises TornFacts.
    """
    own = facts_fingerprint(home, year)
    past = [(earlier, facts_fingerprint(home, earlier)) for earlier in facts_years(home) if earlier < year]
    return f"{own}|{hashlib.sha256(repr(past).encode()).hexdigest()}" if past else own


def facts_inputs(home: Home, year: int) -> str:
    """Return the ``inputs`` that ``write_facts`` was given for a year, "" where there are no facts."""
    manifest = facts_manifest(home, year)
    return manifest.inputs if manifest else ""


def facts_years(home: Home) -> list[int]:
    """Return the years that have facts, whole or torn, ascending."""
    return _layer_years(home, "facts")


def checks_years(home: Home) -> list[int]:
    """Return the years that have check results, whole or torn, ascending."""
    return _layer_years(home, "checks")


def write_check_results(
    home: Home,
    year: int,
    frame: pl.DataFrame,
    fingerprint: str,
    suggestions: pl.DataFrame | None = None,
    compared_cells: pl.DataFrame | None = None,
) -> None:
    """Write the check results of a year (suggestions and compared cells beside them).

    ``fingerprint`` is the ``judged_fingerprint`` of the facts that were judged.

    Raises SchemaMismatch, StorageFailed.
    """
    given = {"check_results": frame, "suggestions": suggestions, "compared_cells": compared_cells}
    tables = load_catalogue().tables
    frames = {name: empty_frame(tables[name]) if rows is None else rows for name, rows in given.items()}
    _write_layer(home, "checks", year, frames, fingerprint)


def read_check_results(home: Home, year: int) -> Frames:
    """Return ``check_results``, ``suggestions``, ``compared_cells`` of a year; empty frames where nothing was written.

    Raises TornFacts.
    """
    return _read_layer(home, "checks", year)


def facts_manifest(home: Home, year: int) -> YearManifest | None:
    """Return what stands in the facts of a year, None where nothing does. Raises TornFacts."""
    return _manifest(home, "facts", year)


def checks_manifest(home: Home, year: int) -> YearManifest | None:
    """Return what stands in the checks of a year; its ``inputs`` is the fingerprint of the facts judged. Raises TornFacts."""
    return _manifest(home, "checks", year)


def drop_year(home: Home, year: int) -> None:
    """Remove the facts and check results of a year that has no reports any more. Raises StorageFailed."""
    with storing(str(home.lake)):
        for layer in ("checks", "facts"):
            _manifest_path(home, layer, year).unlink(missing_ok=True)
            for table in layer_tables(layer):
                part_path(home, table, year).unlink(missing_ok=True)
        judged_reports_path(home, year).unlink(missing_ok=True)


def part_path(home: Home, table: str, year: int) -> Place:
    """Return where the rows of a partitioned table of a year stand."""
    layer = load_catalogue().tables[table].layer
    return year_folder(home.lake / layer / table, year) / "part.parquet"


def judged_reports_path(home: Home, year: int) -> Place:
    """Return where it stands from what each report of a year was judged (``warehouse.judged_reports``)."""
    return home.lake / "checks" / "judged" / f"year={year}.parquet"


def _write_layer(home: Home, layer: str, year: int, frames: Mapping[str, pl.DataFrame], inputs: str) -> YearManifest:
    tables = load_catalogue().tables
    require_tables(frames, layer_tables(layer), f"{layer} of {year}")
    fitted = {name: _of_year(conform(frames[name], tables[name]), tables[name], year) for name in layer_tables(layer)}
    with storing(str(home.lake / layer)):
        temporaries = {name: temporary_name(part_path(home, name, year)) for name in fitted}
        try:
            parts = {name: _write_part(temporaries[name], frame) for name, frame in fitted.items()}
            return _replace_parts(home, layer, year, temporaries, YearManifest(inputs, _columns(layer), parts))
        finally:
            for temporary in temporaries.values():
                temporary.unlink(missing_ok=True)


def _of_year(frame: pl.DataFrame, table: PublishedTable, year: int) -> pl.DataFrame:
    """Refuse rows of another year; a table whose rows name no year belongs to the year as a whole."""
    if "year" in frame.columns and not (frame["year"] == year).all():
        raise SchemaMismatch(f"{table.name} of {year}: holds rows of other years")
    return frame


def _write_part(path: Place, frame: pl.DataFrame) -> Part:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_parquet_file(path, frame)
    size, mark = file_facts([path], path.parent)[path]
    return Part(_hash(path), frame.height, size, mark)


def _replace_parts(
    home: Home, layer: str, year: int, temporaries: Mapping[str, Place], manifest: YearManifest
) -> YearManifest:
    """Put new parts in place, the manifest taken away first and written last; keep what stands where nothing changed."""
    standing = _standing(home, layer, year)
    if standing and standing.fingerprint == manifest.fingerprint:
        kept = replace(manifest, parts=standing.parts)
        if kept != standing:
            _write_manifest(home, layer, year, kept)
        return kept
    if _manifest_path(home, layer, year).exists():
        _manifest_path(home, layer, year).unlink()
        flush_folder(_manifest_path(home, layer, year).parent)
    put_all_in_place({temporary: part_path(home, name, year) for name, temporary in temporaries.items()})
    _write_manifest(home, layer, year, manifest)
    return manifest


def _standing(home: Home, layer: str, year: int) -> YearManifest | None:
    try:
        return _manifest(home, layer, year)
    except TornFacts:  # About to be replaced.
        return None


def _read_layer(home: Home, layer: str, year: int, only: tuple[str, ...] = ()) -> Frames:
    tables = load_catalogue().tables
    if _manifest(home, layer, year) is None:
        return {name: empty_frame(tables[name]) for name in only or layer_tables(layer)}
    frames = {}
    for name in only or layer_tables(layer):
        frames[name] = read_part(part_path(home, name, year))
    return frames


def _columns(layer: str) -> str:
    """Return a hash of the columns that are declared for a layer: parts written for others must be computed again."""
    tables = load_catalogue().tables
    declared = [(name, [(c.name, c.type) for c in tables[name].columns]) for name in layer_tables(layer)]
    return hashlib.sha256(repr(declared).encode()).hexdigest()


def _manifest(home: Home, layer: str, year: int) -> YearManifest | None:
    """Return a layer's manifest after comparing every part with it."""
    path = _manifest_path(home, layer, year)
    paths = {name: part_path(home, name, year) for name in layer_tables(layer)}
    facts = file_facts(list(paths.values()), home.lake / layer)
    if not path.exists():
        if facts:
            raise TornFacts(f"writing the {layer} of {year} broke off; load {year} again")
        return None
    data = json.loads(path.read_bytes())
    parts = {name: Part(**part) for name, part in data["parts"].items()}
    manifest = YearManifest(data["inputs"], data["columns"], parts)
    if manifest.columns != _columns(layer):
        raise TornFacts(f"the {layer} of {year} were written for other columns; load {year} again")
    for name, part in manifest.parts.items():
        if not _is_whole(paths[name], facts.get(paths[name]), part):
            raise TornFacts(f"{layer} of {year}: {name} is not as it was written; load {year} again")
    return manifest


def _is_whole(path: Place, facts: Facts | None, part: Part) -> bool:
    if facts is None:
        return False
    return (facts[1] is not None and facts == (part.size, part.mtime_ns)) or _hash(path) == part.sha256


def _write_manifest(home: Home, layer: str, year: int, manifest: YearManifest) -> None:
    content = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    write_bytes(_manifest_path(home, layer, year), content)


def _manifest_path(home: Home, layer: str, year: int) -> Place:
    return home.lake / layer / "manifests" / f"year={year}.json"


def _layer_years(home: Home, layer: str) -> list[int]:
    names = [path.parent.name for path in (home.lake / layer).glob("*/year=*/part.parquet")]
    names += [path.stem for path in (home.lake / layer / "manifests").glob("year=*.json")]
    return sorted({int(name[5:]) for name in names})


def _hash(path: Place) -> str:
    if not isinstance(path, Path):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
