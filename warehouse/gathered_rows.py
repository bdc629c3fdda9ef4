"""Rows of reports divided among groups and handed out again group by group, in bounded memory.

Belongs here: dividing rows on the disk, once through, and giving them back. Does not belong here: who belongs to which group
(``assets.across_checks``).
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.home import Home
from warehouse.durable import storing
from warehouse.year_writer import PIECES


@dataclass(slots=True)
class GatheredRows:
    """Rows divided among groups, kept in a folder; where there is one group only, in memory.

    ``groups``: report_id, group; a report's rows may go to no group, or to several.
    """

    folder: Path
    groups: pl.DataFrame
    parts: int = 0
    empty: pl.DataFrame | None = None
    held: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        """Divide the rows of a frame with ``report_id``; all frames have the same columns. Raises StorageFailed."""
        self.empty, self.parts = frame.clear(), self.parts + 1
        if not self._is_divided():
            self.held.append(frame.join(self.groups.select("report_id"), on="report_id", how="semi"))
            return
        divided = frame.join(self.groups, on="report_id")
        with storing(str(self.folder)):
            for (group,), rows in divided.partition_by("group", as_dict=True, include_key=False).items():
                rows.write_parquet(self.folder / f"{group}-{self.parts:08d}.parquet", compression="lz4")

    def of_group(self, group: int) -> pl.DataFrame:
        """Return the rows of a group, in the order in which they were added. Raises ValueError where none was ever added."""
        if self.empty is None:
            raise ValueError("nothing was added")
        if not self._is_divided():
            return pl.concat([self.empty, *self.held])
        return pl.concat([self.empty, *map(pl.read_parquet, sorted(self.folder.glob(f"{group}-*.parquet")))])

    def _is_divided(self) -> bool:
        return self.groups["group"].n_unique() > 1


@contextlib.contextmanager
def gathering(home: Home, groups: pl.DataFrame) -> Iterator[GatheredRows]:
    """Give a place to gather rows by groups; it is gone afterwards. Only for whoever holds the home's lock.

    Raises StorageFailed.
    """
    with storing(str(home.root)):
        folder = Path(tempfile.mkdtemp(prefix=PIECES, dir=home.root))
    try:
        yield GatheredRows(folder, groups)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # What stays is taken away by the next load.
