"""The home folder: where everything that is loaded stands, as paths; raw store and lake may stand in an object store.

Belongs here: names of files and folders under one root, as values. Does not belong here: reading or writing them
(``warehouse``), or deciding which folder is the home (the command line and the Dagster resource).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from upath import UPath

Place: TypeAlias = "Path | UPath"
"""A file or folder: on a disk, or in a store that fsspec reaches. Both have pathlib's names; ``warehouse.durable`` knows
what tells them apart (no rename, no flush)."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder. All of it but ``inbox``, ``reviews`` and ``corrections`` is written by the project alone."""

    root: Path
    store: str = ""
    """Address of the folder that holds ``raw`` and ``lake``, as fsspec takes it (``s3://bucket/prefix``); "" for ``root``.
    Locks, Dagster's instance and the published file stay in ``root``."""

    @property
    def raw(self) -> Place:
        """Contents by hash: ``raw/<sha256>``."""
        return self._base / "raw"

    @property
    def lake(self) -> Place:
        """Parquet: sightings, extracted rows, facts, check results, the history of publications."""
        return self._base / "lake"

    @property
    def _base(self) -> Place:
        if not self.store:
            return self.root
        from upath import UPath  # Only here: who has everything on a disk does not wait for it.

        return UPath(self.store, use_listings_cache=False)  # Another process may have written there meanwhile.

    @property
    def lake_address(self) -> Path:
        """Where ``store`` is written down, so that no later command has to name it."""
        return self.root / "lake.address"

    @property
    def warehouse(self) -> Path:
        """The published DuckDB file."""
        return self.root / "gongkai.duckdb"

    @property
    def dagster(self) -> Path:
        """Dagster's instance folder (DAGSTER_HOME)."""
        return self.root / "dagster"

    @property
    def inbox(self) -> Path:
        """Files put here are taken in by the sensor."""
        return self.root / "inbox"

    @property
    def reviews(self) -> Path:
        """Human decisions, CSV, appended to; columns as the table ``reviews``."""
        return self.root / "reviews.csv"

    @property
    def corrections(self) -> Path:
        """Human corrections, CSV; columns as the table ``corrections``."""
        return self.root / "corrections.csv"

    @property
    def rosters(self) -> Path:
        """Complete rosters of the members of aggregates, CSV: year, parent, member, each an issuer_id or a canonical name."""
        return self.root / "rosters.csv"

    @property
    def logs(self) -> Path:
        """Tracebacks and logs for whoever mends the project."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Held while a load runs: a second one waits."""
        return self.root / "load.lock"

    @property
    def fetch_lock(self) -> Path:
        """Held while sources are fetched."""
        return self.root / "fetch.lock"

    @property
    def sources(self) -> tuple[Path, Path]:
        """The table of sources, given by people: CSV or Parquet; columns as ``pipeline.fetch.sources.COLUMNS``."""
        return self.root / "sources.csv", self.root / "sources.parquet"

    @property
    def publish_lock(self) -> Path:
        """Held while the DuckDB file is built and published."""
        return self.root / "publish.lock"
