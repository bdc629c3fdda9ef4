"""The home folder's Dagster instance: its settings file, and opening it from this process.

Belongs here: where runs are recorded. Does not belong here: which runs there are (``pipeline.load``).
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from dagster import DagsterInstance

from pipeline.home import Home


class InstanceUnavailable(Exception):
    """The instance cannot be opened: one line that says why and where its settings stand."""


SETTINGS = Path(__file__).parents[1] / "deploy" / "dagster.yaml"
SQLITE, POSTGRES = "sqlite", "postgres"
_SETTINGS_OF = {SQLITE: SETTINGS, POSTGRES: SETTINGS.with_name("dagster-postgres.yaml")}


def prepare_instance(home: Home, storage: str = SQLITE) -> None:
    """Put ``dagster.yaml`` for a storage into the home's Dagster folder unless there is one; make the inbox. Raises OSError."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    home.inbox.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        temporary = settings.with_suffix(".tmp")
        shutil.copyfile(_SETTINGS_OF[storage], temporary)
        temporary.replace(settings)


@contextlib.contextmanager
def open_instance(home: Home, storage: str = SQLITE) -> Iterator[DagsterInstance]:
    """Open the home's Dagster instance, made ready. Raises OSError, InstanceUnavailable."""
    prepare_instance(home, storage)
    try:
        opened = DagsterInstance.from_config(str(home.dagster))
    except Exception as error:
        reason = " ".join(str(error.__cause__ or error).split())[:300]
        line = f"Dagster's storage cannot be opened: {reason}; its settings stand in {home.dagster / 'dagster.yaml'}"
        raise InstanceUnavailable(line) from error
    with opened as instance:
        yield instance
