"""Answers remembered: what a function of one value says of it, worked out once.

Belongs here: the memory. It is asked with ``[value]``, so that ``map(memory.__getitem__, values)`` asks for many without a step
of Python for those that are known: several times as quick as ``functools.lru_cache``, which forgets the oldest alone.
"""

from collections.abc import Callable
from typing import TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


class Remembered(dict[_Asked, _Answer]):
    """What ``work_out`` says of the values asked for; with more than ``most`` of them all are forgotten.

    Where ``keeps`` says no to a value (it is too long), it is worked out each time.
    """

    __slots__ = ("_keeps", "_most", "_work_out")

    def __init__(
        self, work_out: Callable[[_Asked], _Answer], most: int, keeps: Callable[[_Asked], bool] | None = None
    ) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most
        self._keeps = keeps

    def __missing__(self, asked: _Asked) -> _Answer:
        if self._keeps is not None and not self._keeps(asked):
            return self._work_out(asked)
        if len(self) >= self._most:
            self.clear()
        answer = self[asked] = self._work_out(asked)
        return answer
