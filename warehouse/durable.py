"""Writing files that are whole or absent: written under another name, flushed to the disk, put in place by rename.

Belongs here: the one way in which this package writes a file. Does not belong here: what is in it, or where it stands.
"""

import contextlib
import errno
import hashlib
import os
import platform
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import polars as pl

from warehouse.errors import StorageFailed

ROWS_PER_GROUP = 122_880
"""Parquet row group size: DuckDB's own, so that it reads groups in parallel and skips by year and report."""


@contextlib.contextmanager
def storing(what: str) -> Iterator[None]:
    """Turn every failure to write into StorageFailed with one line that names ``what`` and the cause."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"{what} cannot be written: {explain(error)}") from error
    except pl.exceptions.ComputeError as error:
        # Polars wraps a failing disk so; anything else about a frame was refused before it came here.
        raise StorageFailed(f"{what} cannot be written: {first_line(error)}") from error


def explain(error: OSError) -> str:
    """Return an OS error as a person would say it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "no space left on the disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no right to write there ({error.filename or os.strerror(error.errno)})"
    return first_line(error)


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's text."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def temporary_name(path: Path) -> Path:
    """Return a name beside ``path`` that nobody else uses, that no reader takes for a part, and that tells who writes."""
    return path.with_name(f".{path.name}.{_machine()}-{os.getpid()}-{uuid.uuid4().hex[:12]}.tmp")


def is_abandoned(temporary: Path) -> bool:
    """Tell whether the process of this machine that wrote under a temporary name is gone."""
    written_by = re.fullmatch(r"\..*\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.tmp", temporary.name)
    if written_by is None or written_by[1] != _machine():
        return False
    try:
        os.kill(int(written_by[2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


@cache
def _machine() -> str:
    """Return what tells this machine from others that write the same home folder; a container counts as one."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def put_in_place(temporary: Path, path: Path) -> None:
    """Flush a finished file, rename it to ``path`` and make the rename last."""
    flush_file(temporary)
    temporary.replace(path)
    flush_folder(path.parent)


def put_all_in_place(moves: Mapping[Path, Path]) -> None:
    """Flush finished files, rename each to its path, and make the renames last; together, for that is much faster."""
    flush_files(list(moves))
    for temporary, path in moves.items():
        temporary.replace(path)
    flush_files(sorted({path.parent for path in moves.values()}))


def flush_file(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_files(paths: Sequence[Path]) -> None:
    """Wait until many files are on the disk; together, so that the file system writes its journal once for several."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        for _ in pool.map(flush_file, paths):
            pass


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        temporary.write_bytes(content)
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame whole or not at all. Raises OSError, polars' ComputeError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        write_parquet_file(temporary, frame)
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_parquet_file(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame in the lake's Parquet dialect: equal frames give equal bytes under one version of polars."""
    frame.write_parquet(path, compression="zstd", row_group_size=ROWS_PER_GROUP)
