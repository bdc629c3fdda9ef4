"""Many contents read by worker processes, so that no file can cost more than itself.

Belongs here: dealing files out, and what becomes of a worker that hangs, dies or runs out of memory. Does not belong here:
how a file is read (``pipeline.reading``), the limits inside a worker (``pipeline.reading_worker``), where readings are stored.

Work goes through ``concurrent.futures.Executor``: local processes by default. A task that is lost with its worker is done
again file by file, one at a time, so that the guilty file is known and nobody else is blamed.
"""

import contextlib
import itertools
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass
from multiprocessing import forkserver
from typing import TypeVar

from pipeline.home import Home
from pipeline.reading_contents import ContentsOf, StoredContents, stored_contents
from pipeline.reading_worker import (
    FileTask,
    Limits,
    ReadFile,
    TaskOutcome,
    prepare_worker,
    quarantined,
    read_files,
    report_ready,
)
from warehouse.extracted import rows_of_contents

OpenExecutor = Callable[[int], contextlib.AbstractContextManager[Executor]]
"""Opens an executor with a number of workers that are prepared to read."""

CRASHED = "reader crashed"
_TASKS_IN_FLIGHT_PER_WORKER = 2
_Item = TypeVar("_Item")


class WorkersUnavailable(RuntimeError):
    """No worker could be started; nothing was read and no file is to blame."""


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How much goes on at once: worker processes, and files per task."""

    workers: int
    files_per_task: int


def read_contents(
    home: Home,
    files: Iterable[FileTask],
    read: ReadFile,
    limits: Limits,
    size: PoolSize,
    open_executor: OpenExecutor,
    contents_of: ContentsOf = stored_contents,
) -> Iterator[TaskOutcome]:
    """Read files in worker processes and yield what each task came to, in the order of completion.

    Every file comes out exactly once: read, or with the one line that quarantines it. Raises WorkersUnavailable.
    """
    work = _Work(home, read, limits, contents_of)
    tasks = _in_groups(files, size.files_per_task)
    suspects: list[FileTask] = []
    while (first := next(tasks, None)) is not None:
        with open_executor(size.workers) as executor:
            _require_ready(executor)
            pool = _Pool(executor, work)
            yield from pool.run(itertools.chain([first], tasks), size.workers * _TASKS_IN_FLIGHT_PER_WORKER)
            suspects += pool.lost
    yield from _read_alone(work, suspects, open_executor)


@contextlib.contextmanager
def local_processes(workers: int, limits: Limits) -> Iterator[Executor]:
    """Open a pool of worker processes on this machine; leaving it by an exception ends the workers at once.

    Workers are forked from a server process that has imported the readers and nothing else of ours: forking this process would
    copy the locks of its threads.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.reading", "pipeline.reading_worker"])
    with _ctrl_c_ignored():
        forkserver.ensure_running()
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=prepare_worker, initargs=(limits,))
    try:
        yield executor
    except BaseException:
        _end_workers(executor)
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Start what is started here deaf to Ctrl-C, which reaches the whole group: the server would tell it by a traceback."""
    if threading.current_thread() is not threading.main_thread():  # Only the main thread may set a signal's meaning.
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is done with every file, wherever its worker is."""

    home: Home
    read: ReadFile
    limits: Limits
    contents_of: ContentsOf

    def start(self, executor: Executor, files: Sequence[FileTask]) -> "Future[TaskOutcome]":
        contents = self.contents_of(self.home, (file.file_id for file in files))
        return executor.submit(read_files, contents, files, self.read, self.limits)


class _Pool:
    """Tasks in flight in one executor. ``lost`` holds the files whose task was lost; a broken executor is left."""

    def __init__(self, executor: Executor, work: _Work) -> None:
        self.executor, self.work = executor, work
        self.running: dict[Future[TaskOutcome], Sequence[FileTask]] = {}
        self.lost: list[FileTask] = []
        self.broken = False

    def run(self, tasks: Iterator[Sequence[FileTask]], most_in_flight: int) -> Iterator[TaskOutcome]:
        while not self.broken:
            for task in itertools.islice(tasks, most_in_flight - len(self.running)):
                self.submit(task)
            if not self.running:
                return
            done, _ = wait(self.running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from self.outcome(future)
        for future in list(self.running):
            yield from self.outcome(future)

    def submit(self, task: Sequence[FileTask]) -> None:
        try:
            self.running[self.work.start(self.executor, task)] = task
        except BrokenExecutor:
            self.broken = True
            self.lost += task

    def outcome(self, future: Future[TaskOutcome]) -> Iterator[TaskOutcome]:
        task = self.running.pop(future)
        try:
            outcome = future.result()
        except (WorkersUnavailable, CancelledError) as error:
            raise _gone(error) from error
        except Exception as error:  # noqa: BLE001 - whatever a lost worker raises, its files are read again one by one
            self.broken |= isinstance(error, BrokenExecutor)
            self.lost += task
        else:
            yield outcome


def _read_alone(work: _Work, files: Sequence[FileTask], open_executor: OpenExecutor) -> Iterator[TaskOutcome]:
    """Read files one at a time in one worker: a worker that dies now dies of the file that it has."""
    waiting = list(reversed(files))
    while waiting:
        with open_executor(1) as executor:
            _require_ready(executor)
            alive = True
            while alive and waiting:
                file = waiting.pop()
                began = time.monotonic()
                try:
                    yield work.start(executor, (file,)).result()
                except (WorkersUnavailable, CancelledError) as error:
                    raise _gone(error) from error
                except Exception as error:  # noqa: BLE001 - the worker is gone, whatever the executor calls it
                    alive = not isinstance(error, BrokenExecutor)
                    too_long = time.monotonic() - began >= work.limits.seconds
                    reason = work.limits.took_too_long if too_long else CRASHED
                    lost = quarantined(StoredContents(work.home), file, reason)
                    yield TaskOutcome(rows_of_contents([lost]), {})


def _gone(error: BaseException) -> WorkersUnavailable:
    """Return the error of a load whose workers went away all together, which says nothing about the files they had."""
    return error if isinstance(error, WorkersUnavailable) else WorkersUnavailable("the reading workers went away")


def _require_ready(executor: Executor) -> None:
    """Make sure that workers start at all: what cannot start must not be taken for a file that crashes its reader."""
    try:
        executor.submit(report_ready).result()
    except WorkersUnavailable:
        raise
    except Exception as error:
        raise WorkersUnavailable(f"the reading workers cannot start: {type(error).__name__}: {error}") from error


def _end_workers(executor: ProcessPoolExecutor) -> None:
    # ``terminate_workers`` is public from Python 3.14 on; before, the processes have no public name.
    for process in list((getattr(executor, "_processes", None) or {}).values()):
        process.terminate()


def _in_groups(items: Iterable[_Item], size: int) -> Iterator[tuple[_Item, ...]]:
    iterator = iter(items)
    while group := tuple(itertools.islice(iterator, size)):
        yield group
