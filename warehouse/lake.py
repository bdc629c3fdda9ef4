"""The lake's layout: parts in folders, hive folders ``year=Y``, names that sort in the order of writing.

Belongs here: how parts are named, listed and read. Does not belong here: which datasets there are (``extracted``, ``years``,
``sightings``, ``loads``).
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from pipeline.home import Place
from warehouse.durable import file_facts
from warehouse.schemas import Schema


def part_files(folder: Place) -> list[Place]:
    """Return the parts of a folder by name; files that are still being written are none."""
    return sorted(path for path in folder.glob("*.parquet") if not path.name.startswith("."))


FolderStamp = tuple[tuple[str, int, int | None], ...]


def folder_stamp(folder: Place) -> FolderStamp:
    """Return what tells whether the parts of a folder are still the same: names, sizes, times."""
    return tuple((str(part), *facts) for part, facts in file_facts(part_files(folder), folder).items())


def read_part(part: Place, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the rows of a part, or some of its columns. Raises OSError, polars' ComputeError."""
    source = part if isinstance(part, Path) else io.BytesIO(part.read_bytes())
    return pl.read_parquet(source, columns=list(columns) if columns else None, hive_partitioning=False)


def scan_part(part: Place) -> pl.LazyFrame:
    """Return a part to be asked for some of its rows; of a store it is fetched whole. Raises OSError."""
    return pl.scan_parquet(part, hive_partitioning=False) if isinstance(part, Path) else read_part(part).lazy()


def read_parts(parts: Iterable[Place], schema: Schema) -> pl.DataFrame:
    """Return the rows of parts, one after the other; columns that an older part lacks are NULL."""
    frames = [read_part(part) for part in parts]
    empty = pl.DataFrame(schema=schema)
    return pl.concat([empty, *frames], how="diagonal").select(list(schema))


def year_folder(dataset: Place, year: int) -> Place:
    """Return the folder of a year in a dataset."""
    return dataset / f"year={year}"


def year_folders(dataset: Place) -> dict[int, Place]:
    """Return the folders of a dataset by year, ascending."""
    found = {int(path.name[5:]): path for path in dataset.glob("year=*") if path.name[5:].isdigit()}
    return dict(sorted(found.items()))


def next_part_name(folder: Place, digest: str) -> str:
    """Return a part's name: one more than the highest number in the folder, and what tells two writers apart."""
    numbers = [int(path.name.partition("-")[0]) for path in part_files(folder)]
    return f"{max(numbers, default=0) + 1:08d}-{digest[:16]}"
