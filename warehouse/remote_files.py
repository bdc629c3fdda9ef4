"""Files at an address that fsspec takes: listing them, and reading them one by one.

Belongs here: what fsspec is asked, and its failures in one line. Does not belong here: what is stored of them (``raw_store``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from warehouse.durable import first_line


class RemoteFailed(Exception):
    """An address that cannot be listed or read, in one line."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at an address: ``source`` is its own address, ``relative`` its name below the one that was given."""

    source: str
    relative: str
    size: int | None
    _system: Any
    _path: str

    def read(self) -> bytes:
        """Return its bytes. Raises RemoteFailed."""
        try:
            content = self._system.cat_file(self._path)
        except Exception as error:
            raise RemoteFailed(first_line(error)) from error
        assert isinstance(content, bytes)
        return content


def is_address(text: str) -> bool:
    """Tell whether a text is an fsspec address rather than a path."""
    scheme, mark, _ = text.partition("://")
    return "::" in text or bool(mark and scheme.replace("+", "").replace("-", "").isalnum())


def remote_files(address: str) -> Iterator[RemoteFile]:
    """Yield the files at an address (a file, or a folder with all that lies below it) in the order of their names.

    Raises RemoteFailed: an unknown scheme, a driver that is not installed, nothing there, no right, no answer.
    """
    try:
        system, root = _open(address)
        root = root.rstrip("/")
        found = system.find(root, detail=True)
    except Exception as error:
        raise RemoteFailed(_reason(address, error)) from error
    if not found:
        raise RemoteFailed("there is no file at this address, nor below it")
    for path in sorted(found):
        size = found[path].get("size")
        relative = path.removeprefix(root).strip("/")
        yield RemoteFile(_source(address, relative), relative, int(size) if size is not None else None, system, path)


def _open(address: str) -> tuple[Any, str]:
    import fsspec

    system, root = fsspec.core.url_to_fs(address, **({} if "::" in address else {"use_listings_cache": False}))
    return system, str(root)


def _source(address: str, relative: str) -> str:
    """Return the address of a file below another: of a chain (``zip://folder::s3://…``) the first link is longer by it."""
    if not relative:
        return address
    first, mark, rest = address.partition("::")
    folder = first if first.endswith("://") else f"{first.rstrip('/')}/" if "://" in first else f"{first}://"
    return f"{folder}{relative}{mark}{rest}"


def _reason(address: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no file at this address, nor below it"
    if isinstance(error, ImportError):
        return f"{first_line(error)} ({address.partition('://')[0]} needs a driver that is not installed)"
    return first_line(error)
