"""What every value of the project is: a class of named fields that nobody changes once it is made.

Belongs here: the decorator. mypy refuses every assignment to a field of a value. At run time the fields are plain slots: a
frozen dataclass takes several times as long to make, and a report is some two thousand of them.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_Class]) -> type[_Class]:
    """Make a class one of values: fields from its annotations, equal and hashed by them, read-only to the type checker."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
