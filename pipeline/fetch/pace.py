"""How often a host is asked, and how long is waited before it is asked again.

Belongs here: turns per host, backoff, Retry-After. Does not belong here: what is asked (``client``).
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and waiting: given, so that a test waits for nothing."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class _Host:
    slots: threading.Semaphore
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_start: float = 0.0
    delay: float = 0.0
    failures: int = 0


class Hosts:
    """Turns to ask each host: so many at once, so many seconds from one beginning to the next."""

    def __init__(self, clock: Clock, seconds_between: float, at_once: int) -> None:
        self._clock, self._seconds, self._at_once = clock, seconds_between, at_once
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for a turn to ask a host, and have it for the block."""
        state = self._state(host)
        with state.slots:
            with state.lock:
                wait = state.next_start - self._clock.monotonic()
                state.next_start = max(state.next_start, self._clock.monotonic()) + max(self._seconds, state.delay)
            if wait > 0:
                self._clock.sleep(wait)
            yield

    def slow_down(self, host: str, seconds: float) -> None:
        """Let at least so many seconds pass between two requests to a host."""
        self._state(host).delay = seconds

    def postpone(self, host: str, seconds: float) -> None:
        """Ask a host nothing for so many seconds."""
        state = self._state(host)
        with state.lock:
            state.next_start = max(state.next_start, self._clock.monotonic() + seconds)

    def count_failure(self, host: str) -> None:
        """Remember that a host gave no answer to all attempts for one address."""
        self._state(host).failures += 1

    def count_answer(self, host: str) -> None:
        """Remember that a host answers."""
        self._state(host).failures = 0

    def failures(self, host: str) -> int:
        """Return how many addresses in a row a host gave no answer for."""
        return self._state(host).failures

    def _state(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host, _Host(threading.Semaphore(self._at_once)))


def backoff(attempt: int, first: float, longest: float) -> float:
    """Return how long to wait after the given attempt (1, 2, …): doubled each time, a random share between half and all."""
    return min(longest, first * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1)  # noqa: S311 - no secret


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, given as a number or a date; None where it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), 10**9))
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
