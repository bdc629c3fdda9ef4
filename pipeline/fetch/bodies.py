"""The body of an answer: as many bytes as are allowed, uncompressed within limits.

Belongs here: reading a stream to its end, and gzip against bombs. Does not belong here: what is in the bytes.
"""

import zlib
from collections.abc import Iterable, Mapping

_SMALL = 1 << 20
"""Below this size a body may pack at any ratio: a blank page does."""
_STEP = 1 << 20
_GZIP_OR_ZLIB, _RAW_DEFLATE = 47, -15


class BodyRefused(Exception):
    """A body that is not taken, in one line: asking again would not change it."""


class BodyCut(Exception):
    """A body that ended before its time: asking again may help."""


def read_body(
    pieces: Iterable[bytes], headers: Mapping[str, str], limit: int, ratio: int, *, cut: bool = False
) -> bytes:
    """Return a body uncompressed; ``limit`` is in bytes, packed and unpacked; ``cut`` ends it there instead of refusing it.

    Raises BodyRefused, BodyCut, and what the stream raises.
    """
    length = headers.get("content-length", "")
    if not cut and length.isascii() and length.isdigit() and int(length[:18]) > limit:
        raise BodyRefused(f"larger than {limit} bytes")
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BodyRefused(f"packed in a way that was not asked for: {coding[:40]}")
    inflater = _Inflater(limit, ratio) if coding not in ("", "identity") else None
    body, packed = bytearray(), 0
    for piece in pieces:
        packed += len(piece)
        body += inflater.inflate(piece) if inflater else piece
        if packed > limit or len(body) > limit:
            if cut:
                return bytes(body[:limit])
            raise BodyRefused(f"larger than {limit} bytes")
    if inflater and not inflater.is_whole:
        raise BodyCut("the packed body is cut off")
    return bytes(body)


class _Inflater:
    """Unpacks gzip and deflate piece by piece; what only says that it is packed is passed on as it is."""

    def __init__(self, limit: int, ratio: int) -> None:
        self._limit, self._ratio = limit, ratio
        self._packed = self._unpacked = 0
        self._decoder: zlib._Decompress | None = None
        self._is_plain = False
        self._start = b""

    @property
    def is_whole(self) -> bool:
        """Whether the packed data came to its own end."""
        return self._is_plain or self._packed == 0 or (self._decoder is not None and self._decoder.eof)

    def inflate(self, piece: bytes) -> bytes:
        """Return what a piece unpacks to. Raises BodyRefused, BodyCut."""
        self._packed += len(piece)
        if self._is_plain:
            return piece
        if self._decoder is None:
            self._start += piece
            if len(self._start) < 2:
                return b""
            piece, self._decoder = self._start, _decoder_for(self._start)
            if self._decoder is None:
                self._is_plain = True
                return piece
        out = bytearray()
        while piece:
            out += self._step(piece)
            piece = self._decoder.unconsumed_tail
            if self._decoder.eof and self._decoder.unused_data.startswith(b"\x1f\x8b"):  # Another member follows.
                piece, self._decoder = self._decoder.unused_data, zlib.decompressobj(_GZIP_OR_ZLIB)
        return bytes(out)

    def _step(self, piece: bytes) -> bytes:
        assert self._decoder is not None
        try:
            out = self._decoder.decompress(piece, _STEP)
        except zlib.error as error:
            raise BodyCut("the packed body is damaged") from error
        self._unpacked += len(out)
        if self._unpacked > self._limit:
            raise BodyRefused(f"unpacks to more than {self._limit} bytes")
        if self._unpacked > max(_SMALL, self._ratio * self._packed):
            raise BodyRefused(f"packed more than {self._ratio} times: taken for a bomb")
        return out


def _decoder_for(start: bytes) -> "zlib._Decompress | None":
    """Return what unpacks data that begins so; None for data that is not packed, whatever its header says."""
    if start.startswith(b"\x1f\x8b") or (start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0):
        return zlib.decompressobj(_GZIP_OR_ZLIB)
    if start[:1] in b"<%{\xef\xfeP" or start[:2] in (b"\xd0\xcf", b"\x89P", b"\xff\xd8"):
        return None
    return zlib.decompressobj(_RAW_DEFLATE)
