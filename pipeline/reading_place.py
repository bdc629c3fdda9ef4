"""Where files are read: by processes of this machine, or on a cluster.

Belongs here: what the name of a place means. Does not belong here: reading there (``pipeline.reading_pool``,
``pipeline.reading_cluster``).
"""

from dataclasses import dataclass
from functools import partial

from pipeline.reading_cluster import SCHEME, cluster, cluster_size
from pipeline.reading_contents import ContentsOf, sent_contents, stored_contents
from pipeline.reading_pool import OpenExecutor, local_processes
from pipeline.reading_worker import Limits

LOCAL = "local"


class UnknownPlace(ValueError):
    """A name that is no place to read at."""


@dataclass(frozen=True, slots=True)
class ReadingPlace:
    """How many files are read at once, how to start whoever reads them, and how they come to the bytes."""

    workers: int
    open_executor: OpenExecutor
    contents_of: ContentsOf


def require_place(name: str) -> str:
    """Return the name of a place: ``local``, or ``dask://host:port``. Raises UnknownPlace."""
    host, colon, port = name.removeprefix(SCHEME).rpartition(":")
    if name == LOCAL or (name.startswith(SCHEME) and host and colon and port.isdigit()):
        return name
    raise UnknownPlace(f"{name!r} is no place to read at: give {LOCAL} or {SCHEME}HOST:PORT")


def reading_place(name: str, processes: int, limits: Limits) -> ReadingPlace:
    """Return the place of that name; ``processes`` read on this machine. Raises UnknownPlace, WorkersUnavailable."""
    if require_place(name) == LOCAL:
        return ReadingPlace(processes, partial(local_processes, limits=limits), stored_contents)
    return ReadingPlace(cluster_size(name), partial(cluster, address=name, limits=limits), sent_contents)
