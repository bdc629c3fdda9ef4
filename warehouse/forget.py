"""Forgetting: the only way to remove a content."""

from pipeline.home import Home


def forget(home: Home, file_id: str) -> list[int]:
    """Remove a content's bytes, sightings and everything read from it; return the report years to compute again.

    Years that are left without any report lose their facts here. Nothing of the content is recorded.
    Raises UnknownFile.
    """
    raise NotImplementedError
