"""What assets, checks and sensors are given: the home folder, the reading workers, and somebody to tell how far a load is.

Belongs here: Dagster resources. Does not belong here: what is done with them.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pipeline.home import Home
from pipeline.home_address import LAKE_VARIABLE, open_home

HOME_VARIABLE = "GONGKAI_HOME"
EXECUTOR_VARIABLE = "GONGKAI_EXECUTOR"
WAREHOUSE_VARIABLE = "GONGKAI_WAREHOUSE"
DEFAULT_HOME = "data"

POOL = "warehouse"
"""Pool of every step that writes the home folder: the run queue starts one such run at a time."""


class HomeFolder(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only in the value that it provides
    """The home folder of this code location. A relative path starts at the folder in which the process runs."""

    root: str

    @property
    def home(self) -> Home:
        """The home as the other packages take it."""
        return open_home(Path(self.root).expanduser().absolute(), os.environ.get(LAKE_VARIABLE))


class ReadingWorkers(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Who reads files: ``count`` processes of this machine (0: one per core that this process may use), or a cluster.

    ``place``: ``local``, or ``dask://host:port``.
    """

    count: int = 0
    place: str = "local"

    @property
    def processes(self) -> int:
        """How many to start."""
        if self.count:
            return self.count
        # The cores of this process, not of the machine: containers give away fewer.
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class FurtherWarehouse(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where the published rows go beside the DuckDB file: the address of a DuckLake (``ducklake:…``), or nowhere."""

    address: str = ""


@dataclass(frozen=True, slots=True)
class ProgressReporter:
    """Somebody to tell: what goes on, how much of it is done, how much there is."""

    tell: Callable[[str, int, int], None]


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody: runs that the daemon or the UI started are watched by their events."""


def home_from_environment() -> str:
    """Return the home folder that the environment names, for definitions that are loaded by Dagster itself."""
    return os.environ.get(HOME_VARIABLE) or DEFAULT_HOME


def executor_from_environment() -> str:
    """Return where files are read as the environment names it: ``dask://host:port``, otherwise on this machine."""
    return os.environ.get(EXECUTOR_VARIABLE) or "local"


def warehouse_from_environment() -> str:
    """Return the DuckLake that the environment names, empty for none."""
    return os.environ.get(WAREHOUSE_VARIABLE) or ""
