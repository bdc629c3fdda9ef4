"""When cycles are looked for. Each test leaves the collector as it was."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from pipeline.cycles import MANY_VALUES, look_for_cycles_seldom, no_look_for_cycles


class _Value:
    """A value that may hold itself."""

    def __init__(self) -> None:
        self.itself: _Value | None = None


@pytest.fixture
def looks() -> Iterator[list[int]]:
    """Count the looks of the collector, which is set as workers have it."""
    before, seen = gc.get_threshold(), list[int]()

    def look(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    look_for_cycles_seldom()
    gc.callbacks.append(look)
    try:
        yield seen
    finally:
        gc.callbacks.remove(look)
        gc.set_threshold(*before)
        gc.unfreeze()


def test_values_of_one_report_are_not_looked_through(looks: list[int]) -> None:
    kept = [_Value() for _ in range(5000)]
    assert len(kept) == 5000
    assert looks == []


def test_cycles_are_found_once_there_are_many_new_values(looks: list[int]) -> None:
    value = _Value()
    value.itself = value
    gone = weakref.ref(value)
    del value
    assert gone() is not None
    kept = [_Value() for _ in range(2 * MANY_VALUES)]
    assert (len(kept), gone()) == (2 * MANY_VALUES, None)
    assert looks


def test_nothing_is_looked_through_meanwhile_and_the_collector_is_as_it_was_afterwards(looks: list[int]) -> None:
    with no_look_for_cycles():
        kept = [_Value() for _ in range(2 * MANY_VALUES)]
        assert (len(kept), looks) == (2 * MANY_VALUES, [])
    assert gc.isenabled()
    gc.disable()
    try:
        with no_look_for_cycles():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
