"""The facts and the check results of each report year in the lake, and whether they belong together.

Belongs here: reading a year's tables, their fingerprints, and telling a broken-off write. Does not belong here: writing them
(``warehouse.year_writer``), how facts are made or judged, and how they are published.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home, Place
from warehouse.durable import Facts, file_facts, storing, write_bytes
from warehouse.errors import TornFacts
from warehouse.lake import read_part, scan_part, year_folder
from warehouse.schemas import SIDE, SIDE_LAYER, empty_frame, table_schema

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

    ``inputs`` is what the parts were made from, ``columns`` a hash of the columns that were declared then, ``seen_later`` a
    hash of what years after the next look at (``pipeline.across.past``), "" where nobody told.
    """

    inputs: str
    columns: str
    parts: dict[str, Part]
    seen_later: str = ""

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


def read_facts(home: Home, year: int, tables: tuple[str, ...] = ()) -> Frames:
    """Return the fact tables of a year, or only some; empty frames where nothing was written. Raises TornFacts."""
    return _read_layer(home, "facts", year, tables)


def read_rows_of(home: Home, year: int, report_ids: Sequence[str], tables: Sequence[str]) -> Frames:
    """Return the rows of these reports (one at least) of a year, of tables with ``report_id``; little else is read.

    Raises TornFacts.
    """
    wanted = list(report_ids)
    # The first condition lets whole groups of rows be passed over: parts are sorted by report.
    first, last = pl.lit(min(wanted)), pl.lit(max(wanted))
    own = pl.col("report_id").is_between(first, last) & pl.col("report_id").is_in(wanted)
    return {name: scan_year(home, name, year).filter(own).collect() for name in tables}


def rows_by_reports(home: Home, year: int, tables: Sequence[str], reports_at_once: int) -> Iterator[Frames]:
    """Yield the rows of tables with ``report_id`` of a year, all of some reports at a time, ascending by report; every row once.

    Tables of either layer; once, with empty frames, where nothing was written. Raises TornFacts.
    """
    report_ids = read_columns(home, "reports", year, ["report_id"])["report_id"].sort()
    bounds = [None, *report_ids.gather_every(reports_at_once)[1:], None]
    for first, beyond in pairwise(bounds):
        own = [pl.col("report_id") >= first] if first else []
        own += [pl.col("report_id") < beyond] if beyond else []
        yield {name: scan_year(home, name, year).filter(own or [pl.lit(True)]).collect() for name in tables}


def scan_year(home: Home, table: str, year: int) -> pl.LazyFrame:
    """Return a partitioned table of a year to be asked; without rows where nothing was written. Raises TornFacts."""
    declared = load_catalogue().tables.get(table)
    layer = declared.layer if declared else SIDE_LAYER
    if layer_manifest(home, layer, year) is None:
        return pl.LazyFrame(schema=table_schema(declared) if declared else SIDE[table])
    return scan_part(part_path(home, table, year))


def read_columns(home: Home, table: str, year: int, columns: Sequence[str]) -> pl.DataFrame:
    """Return some columns of a partitioned table of a year. Raises TornFacts."""
    return scan_year(home, table, year).select(columns).collect()


def facts_fingerprint(home: Home, year: int) -> str:
    """Return the fingerprint of the facts of a year, "" where there are none. Raises TornFacts where a write broke off."""
    manifest = facts_manifest(home, year)
    return manifest.fingerprint if manifest else ""


def judged_fingerprint(home: Home, year: int) -> str:
    """Return the fingerprint of all facts that the check results of a year are a function of: its own and every earlier year's.

    Rules across reports look back, never ahead; of what is older than the year before only at what ``seen_later`` covers. It
    is the facts' own where no earlier year has any. Raises TornFacts.
    """
    own = facts_fingerprint(home, year)
    past = [(earlier, _seen_from(home, earlier, year)) for earlier in facts_years(home) if earlier < year]
    return f"{own}|{hashlib.sha256(repr(past).encode()).hexdigest()}" if past else own


def _seen_from(home: Home, earlier: int, year: int) -> str:
    manifest = facts_manifest(home, earlier)
    if manifest is None:
        return ""
    return (manifest.seen_later if earlier < year - 1 else "") or manifest.fingerprint


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


def read_check_results(home: Home, year: int) -> Frames:
    """Return ``check_results``, ``suggestions``, ``compared_cells`` of a year; empty frames where nothing was written.

    Raises TornFacts.
    """
    return _read_layer(home, "checks", year)


def facts_manifest(home: Home, year: int) -> YearManifest | None:
    """Return what stands in the facts of a year, None where nothing does. Raises TornFacts."""
    return layer_manifest(home, "facts", year)


def checks_manifest(home: Home, year: int) -> YearManifest | None:
    """Return what stands in the checks of a year; its ``inputs`` is the fingerprint of the facts judged. Raises TornFacts."""
    return layer_manifest(home, "checks", year)


def drop_year(home: Home, year: int) -> None:
    """Remove the facts and check results of a year that has no reports any more. Raises StorageFailed."""
    with storing(str(home.lake)):
        for layer in ("checks", "facts"):
            manifest_path(home, layer, year).unlink(missing_ok=True)
            for part in layer_parts(home, layer, year).values():
                part.unlink(missing_ok=True)
        judged_reports_path(home, year).unlink(missing_ok=True)


def part_path(home: Home, table: str, year: int) -> Place:
    """Return where the rows of a partitioned table of a year stand, or those of a table beside the facts (``SIDE``)."""
    layer = SIDE_LAYER if table in SIDE else load_catalogue().tables[table].layer
    return year_folder(home.lake / layer / table, year) / "part.parquet"


def layer_parts(home: Home, layer: str, year: int) -> dict[str, Place]:
    """Return where each table of a layer of a year stands, those beside the published ones last."""
    names = (*layer_tables(layer), *(SIDE if layer == SIDE_LAYER else ()))
    return {name: part_path(home, name, year) for name in names}


def judged_reports_path(home: Home, year: int) -> Place:
    """Return where it stands from what each report of a year was judged (``warehouse.judged_reports``)."""
    return home.lake / "checks" / "judged" / f"year={year}.parquet"


def _read_layer(home: Home, layer: str, year: int, only: tuple[str, ...] = ()) -> Frames:
    tables = load_catalogue().tables
    if layer_manifest(home, layer, year) is None:
        return {name: empty_frame(tables[name]) for name in only or layer_tables(layer)}
    frames = {}
    for name in only or layer_tables(layer):
        frames[name] = read_part(part_path(home, name, year))
    return frames


def declared_columns(layer: str) -> str:
    """Return a hash of the columns that are declared for a layer: parts written for others must be computed again."""
    tables = load_catalogue().tables
    declared = [(name, [(c.name, c.type) for c in tables[name].columns]) for name in layer_tables(layer)]
    if layer == SIDE_LAYER:
        declared += [(name, [(column, str(kind)) for column, kind in schema.items()]) for name, schema in SIDE.items()]
    return hashlib.sha256(repr(declared).encode()).hexdigest()


def layer_manifest(home: Home, layer: str, year: int) -> YearManifest | None:
    """Return a layer's manifest after comparing every part with it, None where nothing stands. Raises TornFacts."""
    path = manifest_path(home, layer, year)
    paths = layer_parts(home, layer, year)
    facts = file_facts(list(paths.values()), home.lake / layer)
    if not path.exists():
        if facts:
            raise TornFacts(f"writing the {layer} of {year} broke off; load {year} again")
        return None
    data = json.loads(path.read_bytes())
    parts = {name: Part(**part) for name, part in data["parts"].items()}
    manifest = YearManifest(data["inputs"], data["columns"], parts, data.get("seen_later", ""))
    if manifest.columns != declared_columns(layer):
        raise TornFacts(f"the {layer} of {year} were written for other columns; load {year} again")
    for name, part in manifest.parts.items():
        if not _is_whole(paths[name], facts.get(paths[name]), part):
            raise TornFacts(f"{layer} of {year}: {name} is not as it was written; load {year} again")
    return manifest


def _is_whole(path: Place, facts: Facts | None, part: Part) -> bool:
    if facts is None:
        return False
    return (facts[1] is not None and facts == (part.size, part.mtime_ns)) or hash_of(path) == part.sha256


def write_manifest(home: Home, layer: str, year: int, manifest: YearManifest) -> None:
    """Write what makes the parts of a layer of a year stand. Raises OSError."""
    content = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    write_bytes(manifest_path(home, layer, year), content)


def manifest_path(home: Home, layer: str, year: int) -> Place:
    """Return where the manifest of a layer of a year stands."""
    return home.lake / layer / "manifests" / f"year={year}.json"


def _layer_years(home: Home, layer: str) -> list[int]:
    names = [path.parent.name for path in (home.lake / layer).glob("*/year=*/part.parquet")]
    names += [path.stem for path in (home.lake / layer / "manifests").glob("year=*.json")]
    return sorted({int(name[5:]) for name in names})


def hash_of(path: Place) -> str:
    """Return the SHA-256 of a part. Raises OSError."""
    if not isinstance(path, Path):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
