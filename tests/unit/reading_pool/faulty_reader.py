"""Readers that misbehave as their file tells them to; a module of its own, for worker processes import it by name."""

import ctypes
import itertools
import os
import time

from pipeline.document import UnreadableFile
from pipeline.reading import FileReading


def read(content: bytes, name: str) -> FileReading:  # noqa: C901 - one case per way to misbehave
    order = content.decode().split()[0]
    match order:
        case "good":
            return FileReading("text/plain", (), ())
        case "unreadable":
            raise UnreadableFile("password-protected PDF")
        case "slow":
            time.sleep(0.5)
            return FileReading("text/plain", (), ())
        case "bug":
            raise KeyError("row\n7")
        case "crash":
            ctypes.string_at(0)
        case "exit":
            os._exit(3)
        case "loop":  # A parser that swallows what it should not, in Python code.
            while True:
                try:
                    time.sleep(0.01)
                except Exception:  # noqa: BLE001 - that is the point
                    continue
        case "hang":  # A parser that never comes back from native code: no signal handler runs.
            sum(itertools.repeat(0))
        case "bomb":
            blocks = []
            while True:
                blocks.append(bytes(64 * 2**20))
        case "deep":
            return read(content, name)
    raise AssertionError(order)
