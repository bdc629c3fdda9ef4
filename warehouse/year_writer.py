"""Writing the tables of one layer of one year, piece by piece: rows come in any order, each part is sorted when it is done.

Belongs here: pieces on the disk, merging them, putting parts in place before their manifest. Does not belong here: what stands
(``warehouse.years``), how rows are made.

Memory holds one piece and a few row groups, whatever the size of the year. Equal rows give equal bytes, however they were
divided into pieces.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.model import PublishedTable
from pipeline.home import Home, Place
from warehouse.durable import ROWS_PER_GROUP, file_facts, flush_folder, put_all_in_place, storing, temporary_name
from warehouse.errors import SchemaMismatch, TornFacts
from warehouse.schemas import SIDE, SIDE_ORDER, conform, conform_side, require_tables, row_order, table_schema
from warehouse.years import (
    Part,
    YearManifest,
    declared_columns,
    hash_of,
    layer_manifest,
    layer_parts,
    manifest_path,
    part_path,
    write_manifest,
)

PIECES = ".pieces-"
"""How the folders of pieces begin that stand in the home folder while a year is written."""
ROWS_AT_ONCE = 2 * ROWS_PER_GROUP
ROWS_PER_GROUP_OF_A_PIECE = 16_384
"""Few, so that a range of reports is read from every piece without reading much else."""

Frames = Mapping[str, pl.DataFrame]
Guard = Callable[[pl.DataFrame, PublishedTable], object]
"""Looks at rows of a published table, fitted to its columns, before they are written; raises where they may not be."""


@dataclass(slots=True)
class YearWriter:
    """What was added of a layer of a year so far: the first piece of a table in memory, further ones on the disk."""

    home: Home
    layer: str
    year: int
    folder: Path
    guard: Guard
    held: dict[str, pl.DataFrame] = field(default_factory=dict)
    pieces: dict[str, list[Path]] = field(default_factory=dict)

    def add(self, frames: Frames) -> None:
        """Add rows of tables of the layer, made to fit the declared columns. Raises SchemaMismatch, StorageFailed."""
        with storing(str(self.folder)):
            for name, frame in frames.items():
                self._add(name, self._fitted(name, frame))

    def write(self, inputs: str, seen_later: str = "") -> YearManifest:
        """Put everything that was added in place as the layer of the year; equal rows rewrite nothing.

        Every table of the layer must have been added, be it without rows: none is empty because it was forgotten.
        ``seen_later``: of facts, what years after the next look at of them (``warehouse.years.judged_fingerprint``). Raises
        SchemaMismatch, StorageFailed.
        """
        paths = layer_parts(self.home, self.layer, self.year)
        require_tables(self.held, tuple(paths), f"{self.layer} of {self.year}")
        with storing(str(self.home.lake / self.layer)):
            temporaries = {name: temporary_name(path) for name, path in paths.items()}
            try:
                parts = {name: self._write_part(name, temporary) for name, temporary in temporaries.items()}
                manifest = YearManifest(inputs, declared_columns(self.layer), parts, seen_later)
                return _replace_parts(self.home, self.layer, self.year, temporaries, manifest)
            finally:
                for temporary in temporaries.values():
                    temporary.unlink(missing_ok=True)

    def _add(self, name: str, frame: pl.DataFrame) -> None:
        if name not in self.held:
            self.held[name] = frame
            return
        if name not in self.pieces:
            self.pieces[name] = []
            self._spill(name, self.held[name])
        self._spill(name, frame)

    def _fitted(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows as they are stored; a table whose rows name no year belongs to the year whole."""
        table = load_catalogue().tables.get(name)
        if table is None:
            return conform_side(frame, name)
        fitted = conform(frame, table)
        if "year" in fitted.columns and not (fitted["year"] == self.year).all():
            raise SchemaMismatch(f"{name} of {self.year}: holds rows of other years")
        self.guard(fitted, table)
        return fitted

    def _spill(self, name: str, frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        path = self.folder / f"{name}-{len(self.pieces[name])}.parquet"
        frame.write_parquet(path, compression="lz4", row_group_size=ROWS_PER_GROUP_OF_A_PIECE)
        self.pieces[name].append(path)

    def _write_part(self, name: str, path: Place) -> Part:
        path.parent.mkdir(parents=True, exist_ok=True)
        local = path if isinstance(path, Path) else self.folder / path.name
        rows = write_groups(local, self._sorted(name), _empty(name))
        if not isinstance(path, Path):
            path.fs.put_file(str(local), path.path)  # There whole or not at all.
            local.unlink()
        size, mark = file_facts([path], path.parent)[path]
        return Part(hash_of(path), rows, size, mark)

    def _sorted(self, name: str) -> Iterator[pl.DataFrame]:
        if name in self.pieces:
            return merged(self.pieces[name], _order(name))
        return iter([self.held[name]] if name in self.held else [])


@contextlib.contextmanager
def writing_year(home: Home, layer: str, year: int, guard: Guard | None = None) -> Iterator[YearWriter]:
    """Give a writer of a layer (``facts``, ``checks``) of a year; nothing changes before its ``write``.

    Only for whoever holds the home's lock: what a killed writer left is taken away.
    """
    remove_pieces(home)
    with storing(str(home.root)):
        home.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=PIECES, dir=home.root))
    try:
        yield YearWriter(home, layer, year, folder, guard or (lambda frame, table: None))
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # What stays is taken away by the next one.


def remove_pieces(home: Home) -> int:
    """Remove the pieces that killed writers left; return of how many. Only for whoever holds the home's lock."""
    left = list(home.root.glob(f"{PIECES}*"))
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def write_facts(home: Home, year: int, frames: Frames, inputs: str = "") -> str:
    """Write the tables of layer ``facts`` of a year, every one of them; return their fingerprint.

    Rows are sorted and made to fit the declared columns. ``inputs`` is kept: the caller's fingerprint of what they were
    made from (``extracted_fingerprint`` and whatever else). Equal rows rewrite nothing. The tables beside them (``SIDE``) stay
    without rows where they are not given. Raises SchemaMismatch, StorageFailed.
    """
    with writing_year(home, "facts", year) as writer:
        writer.add({name: _empty(name) for name in SIDE} | dict(frames))
        return writer.write(inputs).fingerprint


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
    with writing_year(home, "checks", year) as writer:
        writer.add({name: _empty(name) if rows is None else rows for name, rows in given.items()})
        writer.write(fingerprint)


def write_groups(path: Path, frames: Iterable[pl.DataFrame], empty: pl.DataFrame) -> int:
    """Write sorted frames as one Parquet file in row groups of ``ROWS_PER_GROUP``; return the number of rows.

    Equal rows give equal bytes under one version of pyarrow, however they are divided into frames.
    """
    rows = 0
    schema = empty.to_arrow(compat_level=_ARROW).schema
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for group in _groups(frames):
            writer.write_table(group.to_arrow(compat_level=_ARROW), row_group_size=ROWS_PER_GROUP)
            rows += group.height
    return rows


_ARROW = pl.CompatLevel.oldest()


def merged(pieces: Sequence[Path], order: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of pieces, each of them sorted by ``order``, sorted; few at a time.

    All rows with one value in the first column of ``order`` (a report) are held at once.
    """
    if not pieces:
        return
    first = order[0]
    counts = [
        pl.scan_parquet(piece).group_by(first).agg(pl.len().alias("n")).collect().with_columns(piece=pl.lit(number))
        for number, piece in enumerate(pieces)
    ]
    every = pl.concat(counts).with_columns(pl.col("n").cast(pl.Int64)).sort(first)
    every = every.with_columns(at=(pl.col("n").cum_sum() - 1) // ROWS_AT_ONCE)
    every = every.with_columns(at=pl.col("at").min().over(first))  # A report is not divided.
    offsets = [0] * len(pieces)
    for (_,), rows in every.group_by("at", maintain_order=True):
        frames = []
        for number, n in rows.group_by("piece").agg(pl.col("n").sum()).sort("piece").iter_rows():
            frames.append(pl.scan_parquet(pieces[number]).slice(offsets[number], n).collect())
            offsets[number] += n
        yield pl.concat(frames).sort(order, maintain_order=True)


def _groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield the rows of frames in frames of ``ROWS_PER_GROUP`` rows, the last one shorter."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        held.append(frame)
        if sum(part.height for part in held) < ROWS_PER_GROUP:
            continue
        every = pl.concat(held)
        whole = every.height // ROWS_PER_GROUP * ROWS_PER_GROUP
        yield from every[:whole].iter_slices(ROWS_PER_GROUP)
        held = [every[whole:]]
    rest = pl.concat(held) if held else pl.DataFrame()
    if not rest.is_empty():
        yield rest


def _order(name: str) -> list[str]:
    table = load_catalogue().tables.get(name)
    return list(SIDE_ORDER[name]) if table is None else row_order(table)


def _empty(name: str) -> pl.DataFrame:
    table = load_catalogue().tables.get(name)
    return pl.DataFrame(schema=SIDE[name] if table is None else table_schema(table))


def _replace_parts(
    home: Home, layer: str, year: int, temporaries: Mapping[str, Place], manifest: YearManifest
) -> YearManifest:
    """Put new parts in place, the manifest taken away first and written last; keep what stands where nothing changed."""
    standing = _standing(home, layer, year)
    if standing and standing.fingerprint == manifest.fingerprint:
        kept = replace(manifest, parts=standing.parts)
        if kept != standing:
            write_manifest(home, layer, year, kept)
        return kept
    path = manifest_path(home, layer, year)
    if path.exists():
        path.unlink()
        flush_folder(path.parent)
    put_all_in_place({temporary: part_path(home, name, year) for name, temporary in temporaries.items()})
    write_manifest(home, layer, year, manifest)
    return manifest


def _standing(home: Home, layer: str, year: int) -> YearManifest | None:
    try:
        return layer_manifest(home, layer, year)
    except TornFacts:  # About to be replaced.
        return None
