"""Writing files that are whole or absent: written under another name, flushed to the disk, put in place by rename.

An object store has neither rename nor flush: there a file is whole or absent because one request puts it.

Belongs here: the one way in which this package writes a file. Does not belong here: what is in it, or where it stands.
"""

import contextlib
import errno
import hashlib
import io
import os
import platform
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeAlias, overload

import polars as pl

from pipeline.home import Place
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
    except Exception as error:
        if not _is_of_a_store(error):
            raise
        raise StorageFailed(f"{what} cannot be reached: {first_line(error)}") from error


def _is_of_a_store(error: Exception) -> bool:
    """Tell whether a client library of an object store raised this: theirs are no OSErrors."""
    return type(error).__module__.partition(".")[0] in ("botocore", "aiobotocore", "aiohttp", "oss2")


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


@overload
def temporary_name(path: Path) -> Path: ...


@overload
def temporary_name(path: Place) -> Place: ...


def temporary_name(path: Place) -> Place:
    """Return a name beside ``path`` that nobody else uses, that no reader takes for a part, and that tells who writes."""
    return path.with_name(f".{path.name}.{_machine()}-{os.getpid()}-{uuid.uuid4().hex[:12]}.tmp")


def is_abandoned(temporary: Place) -> bool:
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


def put_all_in_place(moves: Mapping[Place, Place]) -> None:
    """Flush finished files, rename each to its path, and make the renames last; together, for that is much faster."""
    flush_files(list(moves))
    for temporary, path in moves.items():
        if isinstance(temporary, Path) and isinstance(path, Path):
            temporary.replace(path)
        elif not isinstance(temporary, Path) and not isinstance(path, Path):
            temporary.fs.mv(temporary.path, path.path)  # A copy, which is there whole or not at all, then a removal.
    flush_files(sorted({path.parent for path in moves.values() if isinstance(path, Path)}))


def flush_file(path: Place) -> None:
    """Wait until a file's content is on the disk."""
    if not isinstance(path, Path):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_files(paths: Sequence[Place]) -> None:
    """Wait until many files are on the disk; together, so that the file system writes its journal once for several."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        for _ in pool.map(flush_file, paths):
            pass


def flush_folder(path: Place) -> None:
    """Wait until the names in a folder are on the disk."""
    if not isinstance(path, Path):
        return
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


Facts: TypeAlias = tuple[int, int | None]
"""A file's size, and a mark that changes when its content does: its time on a disk, its ETag in an object store.

None where the store gives no ETag: its times may be too coarse to tell two contents apart.
"""


def file_facts(paths: Sequence[Place], folder: Place) -> dict[Place, Facts]:
    """Return the facts of those files below a folder that exist; of a store in one request. Raises OSError."""
    if isinstance(folder, Path):
        return {path: (facts.st_size, facts.st_mtime_ns) for path in paths if (facts := _stat(path))}
    found = {_key(name): info for name, info in folder.fs.find(folder.path, detail=True).items()}
    own = {path: found.get(_key(path.path)) for path in paths if not isinstance(path, Path)}
    return {path: (int(info["size"]), _mark(info)) for path, info in own.items() if info}


def _stat(path: Place) -> os.stat_result | None:
    try:
        return Path(str(path)).stat()
    except FileNotFoundError:
        return None


def _key(name: str) -> str:
    return name.lstrip("/")


def _mark(info: Mapping[str, object]) -> int | None:
    etag = info.get("ETag")
    return int.from_bytes(hashlib.sha256(str(etag).encode()).digest()[:6], "big") if etag else None


@contextlib.contextmanager
def local_copy(path: Place, folder: Path) -> Iterator[Path]:
    """Give a file for a reader that knows the disk only: itself where it is there, else a copy in ``folder`` for as long."""
    if isinstance(path, Path):
        yield path
        return
    copy = folder / f"{uuid.uuid4().hex}.{path.name}"
    try:
        copy.write_bytes(path.read_bytes())
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def copy_file(source: Path, copy: Path) -> None:
    """Copy a file, sharing its blocks where the file system can. Raises OSError."""
    try:
        with source.open("rb") as given, copy.open("xb") as taken:
            while os.copy_file_range(given.fileno(), taken.fileno(), 1 << 30):
                pass
    except (AttributeError, OSError):  # Not on this system, or not between these.
        shutil.copyfile(source, copy)


def write_bytes(path: Place, content: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    if not isinstance(path, Path):
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        temporary.write_bytes(content)
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_parquet(path: Place, frame: pl.DataFrame) -> None:
    """Write a frame whole or not at all. Raises OSError, polars' ComputeError."""
    if not isinstance(path, Path):
        write_parquet_file(path, frame)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        write_parquet_file(temporary, frame)
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_parquet_file(path: Place, frame: pl.DataFrame) -> None:
    """Write a frame in the lake's Parquet dialect: equal frames give equal bytes under one version of polars."""
    if isinstance(path, Path):
        frame.write_parquet(path, compression="zstd", row_group_size=ROWS_PER_GROUP)
        return
    # Whole in memory, as the frame is: a file object of fsspec would put what it has when writing breaks off.
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", row_group_size=ROWS_PER_GROUP)
    path.write_bytes(buffer.getvalue())
