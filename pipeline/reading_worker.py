"""What runs inside a reading worker: one file after the other, each within limits on time and memory.

Belongs here: the limits, and what a worker says of a file. Does not belong here: how a file is read (``pipeline.reading``),
who starts workers (``pipeline.reading_pool``).

Two clocks watch a file. An alarm interrupts Python code at the limit and the worker lives on; where a parser's native code
never comes back to Python, a second clock ends the whole worker a little later, and the pool finds out which file it was.
"""

import contextlib
import faulthandler
import gc
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from types import FrameType
from typing import IO

from pipeline.catalogue.load import load_catalogue
from pipeline.cycles import look_for_cycles_seldom
from pipeline.document import UnreadableFile
from pipeline.plausible_year import require_plausible_years
from pipeline.readers.sniff import sniff
from pipeline.reading import FileReading, read_file
from pipeline.reading_contents import Contents
from warehouse.errors import DamagedContent
from warehouse.extracted import ReadContent, ReadRows, rows_of_contents

ReadFile = Callable[[bytes, str], FileReading]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: wall clock seconds, and bytes of memory beyond what the worker starts with.

    A worker that has not answered the alarm ``seconds_to_answer`` later is ended.
    """

    seconds: float
    memory_bytes: int
    seconds_to_answer: float = 5

    @property
    def took_too_long(self) -> str:
        return f"took longer than {self.seconds:g} s"

    @property
    def took_too_much_memory(self) -> str:
        return f"needs more than {self.memory_bytes / 2**30:g} GiB of memory"


@dataclass(frozen=True, slots=True)
class FileTask:
    """A content to read. ``name`` carries the suffix that tells its kind where the bytes alone do not."""

    file_id: str
    name: str


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """What was read, as rows, and what a person who mends the readers wants to know: tracebacks by file_id."""

    rows: ReadRows
    tracebacks: dict[str, str]


class TookTooLong(BaseException):
    """The alarm. Not an Exception: a parser that catches those must not catch this."""


def read_report(content: bytes, name: str, *, first_year: int, last_year: int) -> FileReading:
    """Read a file with the project's own declared data; only reports of these years can be."""
    return require_plausible_years(read_file(content, name, load_catalogue()), first_year, last_year)


def prepare_worker(limits: Limits) -> None:
    """Put this process under the limits, and let it end with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what ends.
    with memory_limit(limits.memory_bytes):  # Fails here, not with the first file, where limits cannot be set.
        pass
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    load_catalogue()
    look_for_cycles_seldom()


def report_ready() -> int:
    """Answer from inside a worker."""
    return os.getpid()


@contextlib.contextmanager
def memory_limit(extra_bytes: int) -> Iterator[None]:
    """Let the block reserve at most ``extra_bytes`` of address space more than there is now (Linux; no limit elsewhere).

    Only the soft limit moves, so the next block can have its own.
    """
    if sys.platform != "linux":
        yield
        return
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - one line of the kernel's, no path to join
        reserved = int(statm.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = reserved + extra_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def read_files(contents: Contents, files: Sequence[FileTask], read: ReadFile, limits: Limits) -> TaskOutcome:
    """Read files one after the other; whatever a file holds, the next one is read."""
    tracebacks: dict[str, str] = {}
    outcomes = [_read_one(contents, file, read, limits, tracebacks) for file in files]
    return TaskOutcome(rows_of_contents(outcomes), tracebacks)


def _read_one(
    contents: Contents, file: FileTask, read: ReadFile, limits: Limits, tracebacks: dict[str, str]
) -> ReadContent:
    content = b""
    try:
        content = contents.read(file.file_id)
        with time_limit(limits), memory_limit(limits.memory_bytes):
            reading = read(content, file.name)
    except (UnreadableFile, DamagedContent) as error:
        reason = str(error)
    except TookTooLong:
        reason = limits.took_too_long
    except MemoryError:
        gc.collect()
        reason = limits.took_too_much_memory
    except Exception as error:  # noqa: BLE001 - a bug in a reader costs this file, with its name and a traceback
        reason = f"reader failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        tracebacks[file.file_id] = traceback.format_exc()
    else:
        return ReadContent(file.file_id, len(content), reading.media_type, reading)
    return quarantined(contents, file, reason, _kind(content, file.name))


def quarantined(contents: Contents, file: FileTask, reason: str, media_type: str | None = None) -> ReadContent:
    """Return the outcome of a content that could not be read."""
    return ReadContent(file.file_id, contents.size(file.file_id), media_type, None, reason)


def _kind(content: bytes, name: str) -> str | None:
    try:
        return sniff(content, name)
    except (UnreadableFile, MemoryError):
        return None


@contextlib.contextmanager
def time_limit(limits: Limits) -> Iterator[None]:
    """Raise TookTooLong in the block when its time is up; end the process where that does not help.

    Signals reach the main thread alone, so in any other thread only the second clock runs.
    """
    with _open_devnull() as nowhere:
        faulthandler.dump_traceback_later(limits.seconds + limits.seconds_to_answer, exit=True, file=nowhere)
        try:
            if threading.current_thread() is threading.main_thread():
                with _alarm(limits.seconds):
                    yield
            else:
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _raise_took_too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _open_devnull() -> IO[str]:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - the caller closes it


def _raise_took_too_long(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLong


def _end_with(sentinel: int) -> None:
    """Wait for the parent to end, then end: a parent that was killed cannot tell its workers."""
    connection.wait([sentinel])
    os._exit(1)
