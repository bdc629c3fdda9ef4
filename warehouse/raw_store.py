"""The raw store: every content once, under the hash of its bytes, and where it was seen.

Belongs here: taking files, folders and archives in; giving bytes back. Does not belong here: what is in them.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalogue.load import load_catalogue
from pipeline.document import UnreadableFile
from pipeline.home import Home, Place
from pipeline.readers.archive import SEPARATOR, is_archive, unpack
from warehouse.durable import explain, first_line, flush_files, flush_folder, storing, temporary_name
from warehouse.errors import DamagedContent, StorageFailed
from warehouse.remote_files import RemoteFailed, remote_files
from warehouse.sightings import Sighting, add_sightings, read_sightings

if TYPE_CHECKING:
    from upath import UPath

FILE_ID = re.compile(r"[0-9a-f]{64}")

_FURNITURE = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini"))
"""What operating systems leave in folders and archives; with names that begin with a dot or ``~$`` never a report."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A source that was not taken in, with its one-line reason."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What was taken in: every content met (sorted), which of them are new, where they were seen, what was not taken."""

    file_ids: tuple[str, ...]
    new_file_ids: tuple[str, ...]
    sightings: tuple[Sighting, ...]
    refused: tuple[Refused, ...]
    skipped: tuple[Refused, ...]


@dataclass(slots=True)
class Collected:
    """What one intake has met so far; ``finish`` makes it last."""

    home: Home
    limits: Mapping[str, int]
    on_file: Callable[[str], None] | None
    sightings: set[Sighting] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Refused] = field(default_factory=list)


def take_in(
    home: Home,
    paths: Iterable[Path | str],
    *,
    now: datetime | None = None,
    on_file: Callable[[str], None] | None = None,
) -> Intake:
    """Store the files of paths, folders (recursive) and archives (.zip), and where they were seen.

    A path given as text is an address that fsspec takes: ``s3://bucket/2019``, ``zip://*::s3://bucket/2019.zip``.

    What cannot be read is ``refused`` and the rest goes on; hidden files are ``skipped``. ``on_file`` is told each source.
    ``now`` is the time of sighting (UTC). Raises StorageFailed where the home folder cannot be written.
    """
    collected = begin(home, on_file)
    for path in paths:
        if isinstance(path, str):
            _take_address(path, collected)
            continue
        for file in _files(path, collected):
            _take_file(file, collected)
    return finish(collected, now)


def begin(home: Home, on_file: Callable[[str], None] | None = None) -> Collected:
    """Return an intake for contents that come one by one (``take_content``). ``on_file`` is told each source."""
    return Collected(home, load_catalogue().limits["intake"], on_file)


def finish(collected: Collected, now: datetime | None = None) -> Intake:
    """Make what was met so far last, contents before sightings; the intake may go on. Raises StorageFailed."""
    home = collected.home
    with storing(str(home.raw)):
        # Flushed together and before the sightings: a content counts as stored only once it was sighted.
        flush_files([content_path(home, file_id) for file_id in sorted(collected.new)])
        if collected.new:
            flush_folder(home.raw)
    add_sightings(home, collected.sightings, now or datetime.now(UTC))
    return Intake(
        file_ids=tuple(sorted({sighting.file_id for sighting in collected.sightings})),
        new_file_ids=tuple(sorted(collected.new)),
        sightings=tuple(sorted(collected.sightings)),
        refused=tuple(sorted(collected.refused, key=lambda refused: refused.source)),
        skipped=tuple(sorted(collected.skipped, key=lambda refused: refused.source)),
    )


def content_path(home: Home, file_id: str) -> Place:
    """Return where a content stands. Raises ValueError for what is no file_id: it must never reach another path."""
    if not FILE_ID.fullmatch(file_id):
        raise ValueError(f"not a file_id: {file_id!r}")
    return home.raw / file_id


def read_content(home: Home, file_id: str) -> bytes:
    """Return a stored content. Raises DamagedContent where it is missing or its bytes do not have this hash.

    Raises StorageFailed where the raw store is no folder and does not answer: that says nothing about the content.
    """
    path = content_path(home, file_id)
    try:
        content = path.read_bytes() if isinstance(path, Path) else _from_store(path)
    except OSError as error:
        raise DamagedContent(f"content {file_id} cannot be read from the raw store: {explain(error)}") from error
    if hashlib.sha256(content).hexdigest() != file_id:
        raise DamagedContent(f"content {file_id} is damaged in the raw store: load its file again")
    return content


def _from_store(path: "UPath") -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except Exception as error:
        raise StorageFailed(f"{path} cannot be read: {first_line(error)}") from error


def source_names(home: Home, file_ids: Iterable[str]) -> dict[str, str]:
    """Return for each content the file name of its smallest source: the hint for what its bytes do not tell."""
    wanted = set(file_ids)
    names: dict[str, str] = {}
    for file_id, source in read_sightings(home).select("file_id", "source").iter_rows():
        if file_id in wanted and file_id not in names:
            names[file_id] = source.rpartition("/")[2]
    return names


def _files(path: Path, collected: Collected) -> Iterator[Path]:
    """Yield the files of a path, folders walked in the order of their names."""
    if not path.is_dir():
        yield path
        return

    def refuse(error: OSError) -> None:
        collected.refused.append(Refused(_printable(error.filename), explain(error)))

    home = collected.home.root.resolve()
    for folder, subfolders, names in os.walk(path, onerror=refuse):
        subfolders.sort()
        for name in [name for name in subfolders if _is_furniture(name)]:
            subfolders.remove(name)
            collected.skipped.append(Refused(_printable(Path(folder) / name), "hidden folder"))
        for name in [name for name in subfolders if (Path(folder) / name).resolve() == home]:
            subfolders.remove(
                name
            )  # `gongkai load .` beside ./data would take its own store in, and grow by it each time.
            collected.skipped.append(Refused(_printable(Path(folder) / name), "the home folder itself"))
        for name in subfolders:
            if (Path(folder) / name).is_symlink():  # os.walk does not follow it: it may lead in a circle.
                collected.skipped.append(Refused(_printable(Path(folder) / name), "symbolic link to a folder"))
        for name in sorted(names):
            if _is_furniture(name):
                collected.skipped.append(Refused(_printable(Path(folder) / name), "hidden file"))
            else:
                yield Path(folder) / name


def _take_file(path: Path, collected: Collected) -> None:
    """Take one file in, or the members of one archive."""
    source = _printable(path)
    if collected.on_file:
        collected.on_file(source)
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # Reading a pipe would wait for ever.
            collected.refused.append(Refused(source, "not a regular file"))
            return
        limit = collected.limits["archive_max_bytes" if path.suffix.lower() == ".zip" else "max_file_bytes"]
        if facts.st_size > limit:
            collected.refused.append(Refused(source, f"larger than {limit} bytes"))
            return
        content = path.read_bytes()
    except OSError as error:
        collected.refused.append(Refused(source, explain(error)))
        return
    take_content(content, source, collected)


def _take_address(address: str, collected: Collected) -> None:
    """Take in the files at an fsspec address, one after the other."""
    try:
        for file in remote_files(address):
            hidden = any(_is_furniture(part) for part in file.relative.split("/"))
            if hidden:
                collected.skipped.append(Refused(file.source, "hidden file"))
                continue
            if collected.on_file:
                collected.on_file(file.source)
            most = collected.limits["max_file_bytes"]
            if file.size is not None and file.size > most and not file.source.lower().endswith(".zip"):
                collected.refused.append(Refused(file.source, f"larger than {most} bytes"))
                continue
            try:
                take_content(file.read(), file.source, collected)
            except RemoteFailed as error:
                collected.refused.append(Refused(file.source, str(error)))
    except RemoteFailed as error:
        collected.refused.append(Refused(address, str(error)))


def take_content(content: bytes, source: str, collected: Collected, belongs_to: str = "") -> None:
    """Store a content that was seen at ``source``, with the page that it came with; an archive by its members.

    It lasts from the next ``finish`` on. Raises StorageFailed.
    """
    if is_archive(content):
        _take_archive(content, source, collected, belongs_to)
    else:
        _store(content, source, collected, belongs_to)


def _take_archive(content: bytes, source: str, collected: Collected, belongs_to: str) -> None:
    """Take the members in; an archive refused as a whole is kept as a content that its reader will quarantine."""
    try:
        for member in unpack(content, collected.limits):
            inner = f"{source}{SEPARATOR}{member.name}"
            hidden = any(_is_furniture(part) for part in member.name.split("/"))
            if hidden:
                collected.skipped.append(Refused(inner, "hidden file"))
            elif member.content is None:
                collected.refused.append(Refused(inner, member.reason or "cannot be unpacked"))
            else:
                _store(member.content, inner, collected, belongs_to)
    except UnreadableFile as error:
        collected.refused.append(Refused(source, str(error)))
        _store(content, source, collected, belongs_to)


def _store(content: bytes, source: str, collected: Collected, belongs_to: str) -> None:
    file_id = hashlib.sha256(content).hexdigest()
    path = content_path(collected.home, file_id)
    with storing(str(collected.home.raw)):
        if not path.exists() or path.stat().st_size != len(content):
            _put(path, content)
            collected.new.add(file_id)
    collected.sightings.add(Sighting(file_id, source, belongs_to))


def _put(path: Place, content: bytes) -> None:
    if not isinstance(path, Path):  # One request puts it whole.
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        temporary.write_bytes(content)
        temporary.chmod(0o444)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _is_furniture(name: str) -> bool:
    return (name.startswith((".", "~$")) and name not in (".", "..")) or name in _FURNITURE


def _printable(path: str | Path) -> str:
    """Return a path as text: names that are not UTF-8 are read as GB18030, what is neither is escaped."""
    raw = os.fsencode(path)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="backslashreplace")
