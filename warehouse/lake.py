"""The lake's layout: parts in folders, hive folders ``year=Y``, names that sort in the order of writing.

Belongs here: how parts are named, listed and read. Does not belong here: which datasets there are (``extracted``, ``years``,
``sightings``, ``loads``).
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from warehouse.schemas import Schema


def part_files(folder: Path) -> list[Path]:
    """Return the parts of a folder by name; files that are still being written are none."""
    return sorted(path for path in folder.glob("*.parquet") if not path.name.startswith("."))


def read_parts(parts: Iterable[Path], schema: Schema) -> pl.DataFrame:
    """Return the rows of parts, one after the other; columns that an older part lacks are NULL."""
    frames = [pl.read_parquet(part, hive_partitioning=False) for part in parts]
    empty = pl.DataFrame(schema=schema)
    return pl.concat([empty, *frames], how="diagonal").select(list(schema))


def year_folder(dataset: Path, year: int) -> Path:
    """Return the folder of a year in a dataset."""
    return dataset / f"year={year}"


def year_folders(dataset: Path) -> dict[int, Path]:
    """Return the folders of a dataset by year, ascending."""
    found = {int(path.name[5:]): path for path in dataset.glob("year=*") if path.name[5:].isdigit()}
    return dict(sorted(found.items()))


def next_part_name(folder: Path, digest: str) -> str:
    """Return a part's name: one more than the highest number in the folder, and what tells two writers apart."""
    numbers = [int(path.name.partition("-")[0]) for path in part_files(folder)]
    return f"{max(numbers, default=0) + 1:08d}-{digest[:16]}"
