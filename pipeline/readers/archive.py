"""Archives: the contents inside a .zip, one at a time and within limits; nothing is ever written to a path of theirs.

Belongs here: telling archives from documents that are ZIP packages, member names (also GBK), limits against bombs.
Does not belong here: where contents are kept (``warehouse.raw_store``), what they are (``pipeline.readers.sniff``).
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pipeline.document import UnreadableFile
from pipeline.values import record

SEPARATOR = "!/"
"""Between an archive's name and a member's, in the name of a source."""

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PACKAGE_MARKS = frozenset(("[Content_Types].xml", "mimetype", "META-INF/manifest.xml"))
"""Members that make a ZIP file a document of its own kind: Office Open XML, OpenDocument, OFD is known by OFD.xml."""
_OFD_MARK = "OFD.xml"
_FOLDED_NAMES_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_SMALL = 1 << 20
"""Below this size a member may pack at any ratio: a blank page of HTML does."""


@record
class Member:
    """A member of an archive: its name inside (archives in archives joined by ``!/``) and its bytes, or why not."""

    name: str
    content: bytes | None
    reason: str | None = None


@dataclass(slots=True)
class _Budget:
    """What one archive may still cost, all archives inside it together."""

    limits: Mapping[str, int]
    members: int = field(init=False)
    total: int = field(init=False)

    def __post_init__(self) -> None:
        self.members, self.total = self.limits["archive_max_members"], self.limits["archive_max_total_bytes"]


def is_archive(content: bytes) -> bool:
    """Tell whether bytes are a ZIP archive of files, not a document that is kept as one (.docx, .xlsx, .odt, .ofd)."""
    if not content.startswith(_MAGIC):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return not _PACKAGE_MARKS.intersection(names) and _OFD_MARK not in names


def unpack(content: bytes, limits: Mapping[str, int]) -> Iterator[Member]:
    """Yield the files of an archive in its order, each as bytes or with the reason why it is not to be had.

    ``limits`` is the section ``intake`` of the catalogue's limits. An archive inside is opened to ``archive_max_depth``.
    Raises UnreadableFile before the first member where the archive as a whole is refused.
    """
    budget = _Budget(limits)
    with _open(content, budget) as archive:
        yield from _members(archive, budget, depth=1)


def _open(content: bytes, budget: _Budget) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile("damaged archive") from error
    members = archive.infolist()
    if len(members) > budget.members:
        raise UnreadableFile(f"archive of more than {budget.limits['archive_max_members']} files")
    if sum(member.file_size for member in members) > budget.total:
        raise UnreadableFile(f"archive unpacks to more than {budget.limits['archive_max_total_bytes']} bytes")
    budget.members -= len(members)
    return archive


def _members(archive: zipfile.ZipFile, budget: _Budget, depth: int) -> Iterator[Member]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = _name(info)
        reason = _refusal(info, name, budget)
        if reason:
            yield Member(name, None, reason)
            continue
        member = _read(archive, info, name, budget)
        if member.content is not None and depth < budget.limits["archive_max_depth"] and is_archive(member.content):
            yield from _nested(member, budget, depth)
        else:
            yield member


def _nested(member: Member, budget: _Budget, depth: int) -> Iterator[Member]:
    try:
        with _open(member.content or b"", budget) as archive:
            for inner in _members(archive, budget, depth + 1):
                yield Member(f"{member.name}{SEPARATOR}{inner.name}", inner.content, inner.reason)
    except UnreadableFile as error:
        yield Member(member.name, None, str(error))


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: without the UTF-8 flag it is GBK where it decodes so, for that is what Chinese Windows writes."""
    name = info.filename
    if not info.flag_bits & _FOLDED_NAMES_FLAG:
        for encoding in ("utf-8", "gb18030"):
            try:
                name = name.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    return name.replace("\\", "/")


def _refusal(info: zipfile.ZipInfo, name: str, budget: _Budget) -> str | None:
    """Return why a member must not be read, None where it may."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or (len(name) > 1 and name[1] == ":"):
        return "names a path outside the archive"
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "not a file (symbolic link or device)"
    if info.flag_bits & _ENCRYPTED_FLAG:
        return "password-protected archive"
    if info.file_size > budget.limits["max_file_bytes"]:
        return f"larger than {budget.limits['max_file_bytes']} bytes"
    if info.file_size > _SMALL and info.file_size > budget.limits["archive_max_ratio"] * max(info.compress_size, 1):
        return f"packed more than {budget.limits['archive_max_ratio']} times: taken for an archive bomb"
    if info.file_size > budget.total:
        return f"archive unpacks to more than {budget.limits['archive_max_total_bytes']} bytes"
    return None


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget) -> Member:
    """Read one member; zipfile itself stops at the declared size and compares the checksum."""
    try:
        content = archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        return Member(name, None, f"damaged in the archive: {type(error).__name__}")
    except (NotImplementedError, RuntimeError):
        return Member(name, None, "packed in a way that cannot be read")
    budget.total -= len(content)
    return Member(name, content)
