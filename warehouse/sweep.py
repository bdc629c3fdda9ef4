"""Taking away what nothing uses any more: leftovers of killed processes, and readings by older readers."""

from pipeline.home import Home
from warehouse.durable import is_abandoned, storing
from warehouse.extracted import unused_parts
from warehouse.year_writer import remove_pieces

_WRITTEN_UNDER_LOCK = ("extracted", "facts", "checks", "loads")


def sweep(home: Home) -> int:
    """Remove unused parts and half-written files from the lake; return how many.

    Only for whoever holds the home's lock: a batch that is being written has no ledger row yet. What is taken in is written
    without the lock: of that only what dead processes left. Raises StorageFailed.
    """
    with storing(str(home.lake)):
        left = unused_parts(home)
        for name in _WRITTEN_UNDER_LOCK:
            left += (home.lake / name).rglob(".*.tmp")
        for folder in (home.raw, home.lake / "sightings", home.lake):
            left += filter(is_abandoned, folder.glob(".*.tmp"))
        for path in left:
            path.unlink()
    return len(left) + remove_pieces(home)
