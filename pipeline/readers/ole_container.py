"""OLE containers, the file systems inside legacy Office files: opened, one stream out, or into a container of its own.

Belongs here: [MS-CFB]. A library that follows the chains of a broken container may never come back; olefile does, within what
the file itself can hold (``open_container``), so what it gives is put into a sound container before such a library sees it.
"""

import io
import struct
from typing import Any

import olefile

SECTOR = 4096
END, FREE, FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
NO_STREAM = 0xFFFFFFFF
MOST_FAT_SECTORS = 109
"""As many as the header names; with sectors of 4096 bytes they reach over 400 MB."""


class BrokenContainer(ValueError):
    """A container that cannot be read, or that holds no stream of the wanted names."""


class _Container(olefile.OleFileIO):  # type: ignore[misc]
    """olefile goes round a chain that loops as often as the container claims; here at most as often as the file has sectors."""

    def _open(self, start: int, size: int = olefile.UNKNOWN_SIZE, force_FAT: bool = False) -> Any:  # noqa: N803 - its name
        in_fat = force_FAT or size >= self.minisectorcutoff
        return super()._open(start, size if size == olefile.UNKNOWN_SIZE else min(size, self._filesize), in_fat)

    def loadfat(self, header: bytes) -> None:
        if self.num_fat_sectors * self.sectorsize > self._filesize:
            raise BrokenContainer("its allocation table is larger than the file")
        super().loadfat(header)


def open_container(content: bytes) -> olefile.OleFileIO:
    """Return an open container, to be closed. Raises BrokenContainer, or whatever else its damaged tables lead olefile to."""
    return _Container(io.BytesIO(content))


def read_stream(content: bytes, names: tuple[str, ...]) -> tuple[str, bytes]:
    """Return name and bytes of the first of these streams that a container holds. Raises BrokenContainer."""
    try:
        with open_container(content) as ole:
            for name in names:
                if ole.exists(name):
                    return name, ole.openstream(name).read()
    except (
        Exception
    ) as error:  # olefile raises what the broken file makes it raise: OSError, IndexError, struct.error, ...
        raise BrokenContainer(f"not a readable container: {error}") from error
    raise BrokenContainer(f"the container holds no {' or '.join(names)}")


def container_of(name: str, stream: bytes) -> bytes:
    """Return a container (version 4, [MS-CFB] 2.2) that holds one stream. Raises BrokenContainer: too large.

    A stream shorter than a sector is filled up with zeros, so that it never goes into the mini stream; the mini stream that a
    root must have is one sector of nothing.
    """
    stream = stream.ljust(SECTOR, b"\0")
    sectors = -(-len(stream) // SECTOR)
    fat_sectors = 1
    while fat_sectors * (SECTOR // 4) < fat_sectors + 2 + sectors:
        fat_sectors += 1
    if fat_sectors > MOST_FAT_SECTORS:
        raise BrokenContainer(f"a stream of {len(stream)} bytes is too large")
    first = fat_sectors + 1
    fat = [FAT_SECTOR] * fat_sectors + [END] + [*range(first + 1, first + sectors), END] + [END]
    fat += [FREE] * (fat_sectors * (SECTOR // 4) - len(fat))
    directory = _entry("Root Entry", 5, first + sectors, SECTOR, child=1) + _entry(name, 2, first, len(stream))
    return b"".join(
        (
            _header(fat_sectors).ljust(SECTOR, b"\0"),
            struct.pack(f"<{len(fat)}I", *fat),
            directory.ljust(SECTOR, b"\0"),
            stream.ljust((sectors + 1) * SECTOR, b"\0"),
        )
    )


def _header(fat_sectors: int) -> bytes:
    places = [*range(fat_sectors)] + [FREE] * (MOST_FAT_SECTORS - fat_sectors)
    fixed = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        bytes(16),
        0x3E,  # minor and major version, byte order, sizes of sectors and mini sectors
        4,
        0xFFFE,
        12,
        6,
        bytes(6),
        1,  # directory sectors, FAT sectors, first directory sector, transaction
        fat_sectors,
        fat_sectors,
        0,
        SECTOR,  # streams below this size would go into the mini stream; there is none
        END,
        0,
        END,
        0,
        places[0],
    )
    return fixed + struct.pack(f"<{MOST_FAT_SECTORS - 1}I", *places[1:])


def _entry(name: str, kind: int, start: int, size: int, child: int = NO_STREAM) -> bytes:
    """Return a directory entry ([MS-CFB] 2.6.1)."""
    printed = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        printed,
        len(printed) + 2,
        kind,
        1,
        NO_STREAM,
        NO_STREAM,
        child,
        bytes(16),
        0,
        0,
        0,
        start,
        size,
    )
