"""When a process that reads files looks for cycles among its values, which nothing but looking sets free.

Belongs here: Python's garbage collector and nothing else. A report is about a thousand small values without a cycle, which are
gone with it; looking at them after every file costs a tenth of reading a page.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY_VALUES = 25_000
"""New values that are looked through at once: those of some twenty reports, if all are still there."""


def look_for_cycles_seldom() -> None:
    """Have a process that reads files and does little else look for cycles where there are many new values, not at every file.

    What it holds already (modules, declared data) is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY_VALUES, *gc.get_threshold()[1:])


@contextmanager
def no_look_for_cycles() -> Iterator[None]:
    """Look for none meanwhile, whatever the process does otherwise."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
