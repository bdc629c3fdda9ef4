"""The object store that a home may keep its raw store and lake in: can it be used at all.

Belongs here: asking it before any work. Does not belong here: how files are written there (``durable``).
"""

import uuid

from pipeline.home import Home
from warehouse.durable import first_line
from warehouse.errors import StorageFailed


def require_writable(home: Home) -> None:
    """Put a file into the store and take it away again.

    Raises StorageFailed that says why not: an unknown scheme, a driver that is not installed, no bucket, no right, no answer.
    """
    try:
        probe = home.lake / f".probe.{uuid.uuid4().hex[:12]}.tmp"
        probe.write_bytes(b"gongkai")
        probe.unlink()
    except Exception as error:
        raise StorageFailed(f"the lake {home.store} cannot be written: {first_line(error)}") from error
