"""One writer at a time on a home folder, across processes.

Belongs here: taking and waiting for the lock. Does not belong here: what is done under it.

The lock is the kernel's (flock), so it ends with its holder however that ends. A slot of a Dagster pool would not: after a
SIGKILL it stays taken until somebody frees it, and a run that waits for one spins on a whole core (Dagster 1.13.27, tried).
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator

from pipeline.home import Home
from warehouse.errors import StorageFailed

_held: set[str] = set()
_holding = threading.RLock()


@contextlib.contextmanager
def hold_home(home: Home, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock of a home folder; wait while another process has it, after telling ``on_wait`` once.

    A process that holds the lock may take it again: a load holds it from end to end, and so do the steps of its runs.
    Raises StorageFailed where the lock file cannot be written.
    """
    name = os.fspath(home.lock.absolute())
    with _holding:  # Threads of one process take turns, the one that holds it comes back in.
        if name in _held:
            yield
            return
        descriptor = _open(home)
        try:
            _wait_for(descriptor, on_wait)
            _held.add(name)
            try:
                yield
            finally:
                _held.discard(name)
        finally:
            os.close(descriptor)


def _open(home: Home) -> int:
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        return os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageFailed(f"the home folder {home.root} cannot be written: {error.strerror}") from error


def _wait_for(descriptor: int, on_wait: Callable[[], None] | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if on_wait is not None:
            on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
