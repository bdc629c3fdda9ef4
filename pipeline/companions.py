"""Which files may belong to one report: a page and what came with it, from what was declared, links, names and folders.

Belongs here: places of files → pairs of file and page; pure functions over plain values, in which no order matters. Does not
belong here: whether both really are of one report (``pipeline.report_files``); declared words (``attachments.yaml``).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

from pipeline.catalogue.words import load_words
from pipeline.values import record

Ground = Literal["declared", "named", "name", "folder"]
"""Why a file may belong to a page: it was declared, the page links to it, it bears the page's name, it lies in its folder."""
PAGE = "text/html"


@record
class SeenFile:
    """A content: its kind, the report years read from it (none: it could not be read), the addresses that it links to."""

    file_id: str
    media_type: str | None
    years: tuple[int, ...]
    links: tuple[str, ...] = ()


@record
class Place:
    """A place where a content was seen, and the places of the pages that it was declared to belong to."""

    file_id: str
    source: str
    belongs_to: tuple[str, ...] = ()


@record
class Companion:
    """A file that may belong to the report of another, its page."""

    file_id: str
    page_id: str
    ground: Ground


@record
class _Entry:
    """A place taken apart: the folder (that of its page, where it lies in one for attachments), its name, what it shares.

    ``is_put_away``: it lies in a folder for attachments.
    """

    file: SeenFile
    source: str
    folder: str
    name: str
    stem: str
    is_put_away: bool


def find_companions(files: Mapping[str, SeenFile], places: Iterable[Place]) -> frozenset[Companion]:
    """Return every pair of file and page among the files, whatever the order in which they were seen."""
    known = [place for place in places if place.file_id in files]
    at: dict[str, set[str]] = defaultdict(set)
    folders: dict[str, list[_Entry]] = defaultdict(list)
    for place in known:
        at[place.source].add(place.file_id)
        entry = _entry(files[place.file_id], place.source)
        folders[entry.folder].append(entry)
    found = {
        Companion(place.file_id, page, "declared")
        for place in known
        for source in place.belongs_to
        for page in at.get(source, ())
    }
    for entries in folders.values():
        if len({entry.file.file_id for entry in entries}) > 1:
            found.update(_named(entries, at))
            found.update(_of_one_name(entries))
            found.update(_of_one_folder(entries))
    return frozenset(pair for pair in found if pair.file_id != pair.page_id)


def is_picture(media_type: str | None) -> bool:
    """Tell whether a file is nothing but a picture."""
    return (media_type or "").startswith("image/")


def _entry(file: SeenFile, source: str) -> _Entry:
    folder, _, name = source.rpartition("/")
    parent, _, last = folder.rpartition("/")
    words = _words()
    if last.lower() in words["folders"]:
        return _Entry(file, source, parent, name, "", True)
    for ending in words["folder_endings"]:
        if last.lower().endswith(ending) and len(last) > len(ending):
            return _Entry(file, source, parent, name, _stem(last[: -len(ending)] + "."), True)
    return _Entry(file, source, folder, name, _stem(name), False)


def _stem(name: str) -> str:
    """Return a name without its suffix and without what marks it as an attachment; "" where nothing else is left."""
    stem = name.rpartition(".")[0] or name
    return str(_name_ending().sub("", stem)).strip().lower()


def _named(entries: Sequence[_Entry], at: Mapping[str, set[str]]) -> Iterator[Companion]:
    """Yield the files that a page of the folder links to: at the very place, or of that name in the folder."""
    names: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        names[entry.name].add(entry.file.file_id)
    for page in entries:
        for link in page.file.links:
            name = unquote(urlsplit(link.replace("\\", "/")).path.rpartition("/")[2])
            linked = at.get(urljoin(page.source, link), set()) | (names.get(name, set()) if name else set())
            yield from (Companion(file_id, page.file.file_id, "named") for file_id in linked)


def _of_one_name(entries: Sequence[_Entry]) -> Iterator[Companion]:
    """Yield the files that bear a page's name. Two pages, or two files of one kind and name, are versions, not companions."""
    stems: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        if entry.stem:
            stems[entry.stem].append(entry)
    for same in stems.values():
        yield from _with_their_pages(same, "name")


def _of_one_folder(entries: Sequence[_Entry]) -> Iterator[Companion]:
    """Yield what lies in a folder that can be that of one report: one page, or one file of each kind."""
    places = {entry.source for entry in entries}
    if len(places) > _words()["most_files"] or any("://" in source for source in places):
        return
    read = [entry for entry in entries if entry.file.years]
    if len({entry.file.years for entry in read}) != 1 or any(len(entry.file.years) > 1 for entry in read):
        return
    kinds = [kind for _, kind in {(entry.source, entry.file.media_type) for entry in read}]
    crowded = kinds.count(PAGE) > 1 if PAGE in kinds else len(kinds) > len(set(kinds))
    if not crowded:
        # What cannot be read says nothing of itself: beside a page it may be anything, in its folder for attachments it is one.
        yield from _with_their_pages([e for e in entries if e.file.years or e.is_put_away], "folder")


def _with_their_pages(entries: Sequence[_Entry], ground: Ground) -> Iterator[Companion]:
    """Yield every entry with those of the kind that a report is told by first; those were read."""
    read = [entry for entry in entries if entry.file.years]
    if not read:
        return
    first = min(_rank(entry.file.media_type) for entry in read)
    pages = [entry for entry in read if _rank(entry.file.media_type) == first]
    for entry in entries:
        if not entry.file.years or _rank(entry.file.media_type) != first:
            for page in pages:
                yield Companion(entry.file.file_id, page.file.file_id, ground)


def _rank(media_type: str | None) -> tuple[int, str]:
    kinds: list[str] = _words()["kinds"]
    return (kinds.index(media_type) if media_type in kinds else len(kinds), media_type or "")


def _words() -> dict[str, Any]:
    return load_words("attachments")


@cache
def _name_ending() -> re.Pattern[str]:
    return re.compile(_words()["name_ending"], re.IGNORECASE)
