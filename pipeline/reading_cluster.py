"""Reading on a Dask cluster: an executor whose worker processes stand on other machines.

Belongs here: connecting, what a Dask worker does with a task, and telling a cluster that is gone from a file that is to blame.
Does not belong here: how a file is read, what becomes of lost tasks (``pipeline.reading_pool``).

A Dask worker does not read by itself. It keeps local reading processes, the same as on one machine, so the limits on time and
memory and what is said of a file that breaks them are the same everywhere. A Dask worker that dies costs nothing: the scheduler
gives its tasks to another. The bytes of the files travel with the tasks, so workers need no folder in common.
"""

import contextlib
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from pipeline.reading_pool import WorkersUnavailable, local_processes
from pipeline.reading_worker import Limits
from pipeline.versions import reader_version

if TYPE_CHECKING:
    from distributed import Client

SCHEME = "dask://"
_SECONDS_TO_CONNECT = 30
_SECONDS_WITHOUT_WORKERS = 60
"""A cluster may lose all its workers for a moment (a restart of them); longer than this and the load ends with a line."""


@contextlib.contextmanager
def cluster(_workers: int, *, address: str, limits: Limits) -> Iterator[Executor]:
    """Open an executor on the Dask cluster at ``dask://host:port``.

    Raises WorkersUnavailable where there is no scheduler, no worker, or a worker of another version of gongkai.
    """
    with _client(address) as client:
        _require_workers(client, address)
        executor = client.get_executor(pure=False)
        running = _ClusterExecutor(executor, limits, reader_version())
        ended = threading.Event()
        watch = threading.Thread(target=_give_up_without_workers, args=(client, executor, ended), daemon=True)
        watch.start()
        try:
            yield running
        except BaseException:
            executor.shutdown(wait=False)  # Dask cancels what was submitted.
            raise
        finally:
            ended.set()


def cluster_size(address: str) -> int:
    """Return how many files a cluster reads at once. Raises WorkersUnavailable."""
    with _client(address) as client:
        _require_workers(client, address)
        return sum(client.nthreads().values())


class _ClusterExecutor(Executor):
    """Hands every call to the reading processes of some Dask worker."""

    def __init__(self, executor: Executor, limits: Limits, version: str) -> None:
        self.executor, self.limits, self.version = executor, limits, version

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return self.executor.submit(_run_in_local_process, self.version, self.limits, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.executor.shutdown(wait=wait and not cancel_futures)


_local = threading.Lock()
_pools: dict[Limits, tuple[contextlib.ExitStack, Executor]] = {}


def _run_in_local_process(
    version: str, limits: Limits, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Run a call in a reading process of this Dask worker; a pool that broke is replaced by the next call."""
    if reader_version() != version:
        raise WorkersUnavailable(
            f"a worker of the cluster has another version of gongkai (readers {reader_version()}, here {version}); "
            "install the same on every worker and restart them"
        )
    pool = _pool(limits)
    try:
        return pool.submit(fn, *args, **kwargs).result()
    except Exception:
        if getattr(pool, "_broken", False):
            _forget_pool(limits, pool)
        raise


def _pool(limits: Limits) -> Executor:
    from distributed import get_worker

    with _local:
        if limits not in _pools:
            if multiprocessing.current_process().daemon:
                raise WorkersUnavailable(
                    "the Dask workers may not start processes of their own; start them with "
                    "DASK_DISTRIBUTED__WORKER__DAEMON=False in their environment"
                )
            stack = contextlib.ExitStack()
            _pools[limits] = stack, stack.enter_context(local_processes(get_worker().state.nthreads, limits))
        return _pools[limits][1]


def _forget_pool(limits: Limits, pool: Executor) -> None:
    with _local:
        if limits in _pools and _pools[limits][1] is pool:
            _pools.pop(limits)[0].close()


@contextlib.contextmanager
def _client(address: str) -> Iterator["Client"]:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise WorkersUnavailable(
            f"{address} needs Dask: install gongkai[dask] (make setup EXTRAS=dask), or read on this machine"
        ) from error
    host = address.removeprefix(SCHEME)
    with dask.config.set({"distributed.comm.timeouts.connect": _SECONDS_TO_CONNECT}):
        try:
            client = Client(f"tcp://{host}", timeout=_SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise WorkersUnavailable(f"no Dask scheduler answers at {host}: is it running?") from error
    try:
        yield client
    finally:
        client.close(timeout=5)


def _require_workers(client: "Client", address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise WorkersUnavailable(f"the Dask scheduler at {address.removeprefix(SCHEME)} has no workers") from error


def _give_up_without_workers(client: "Client", executor: Executor, ended: threading.Event) -> None:
    """Cancel what waits once the cluster has had no worker for long: the scheduler alone would keep it for ever."""
    without = 0.0
    step = 2.0
    while not ended.wait(step):
        without = 0.0 if client.scheduler_info().get("workers") else without + step
        if without >= _SECONDS_WITHOUT_WORKERS:
            executor.shutdown(wait=False)  # Dask cancels what was submitted.
            return
