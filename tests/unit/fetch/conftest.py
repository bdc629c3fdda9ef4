"""A client on the bad server whose clock is moved instead of waited for."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.fetch.addresses import Resolve
from pipeline.fetch.client import Client
from pipeline.fetch.network import resolve_name
from pipeline.fetch.pace import Clock
from pipeline.fetch.settings import Settings, load_settings
from tests.unit.fetch.bad_server import BadServer, serve

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


class MovedClock:
    """Real time, and what was slept: ``slept`` in seconds."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.moved = 0.0
        self._began = time.monotonic()

    def clock(self) -> Clock:
        return Clock(self.monotonic, self.now, self.sleep)

    def monotonic(self) -> float:
        return time.monotonic() + self.moved

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.monotonic() - self._began)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moved += seconds


@pytest.fixture
def moved() -> MovedClock:
    return MovedClock()


@pytest.fixture
def bad() -> Iterator[BadServer]:
    with serve() as server:
        yield server


@pytest.fixture
def settings() -> Settings:
    """The declared settings on loopback, with patience for a test."""
    declared = load_settings()
    limits = {
        **declared.limits,
        "silence_seconds": 0.4,
        "connect_seconds": 1,
        "answer_seconds": 1.2,
        "body_bytes": 4_000_000,
    }
    pace = {**declared.pace, "seconds_between_requests": 0}
    return replace(declared, limits=limits, pace=pace, allow_private=True)


@pytest.fixture
def make_client(moved: MovedClock) -> Iterator[Callable[..., Client]]:
    """Makes clients that are closed at the end; ``resolve`` is how they resolve names."""
    made: list[Client] = []

    def make(settings: Settings, resolve: Resolve = resolve_name) -> Client:
        made.append(Client(settings, moved.clock(), resolve))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(settings: Settings, make_client: Callable[..., Client]) -> Client:
    """A client for which every name is this machine."""
    return make_client(settings, lambda _host, _port: ["127.0.0.1"])
