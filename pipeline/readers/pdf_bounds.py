"""How much the streams of a PDF unpack to, looked at before PDFium sees them: where memory ends PDFium ends the process.

Belongs here: finding streams that were packed to burst. Does not belong here: what streams hold (PDFium), pictures, which are
unpacked only where a page is looked at.
"""

import re
import zlib
from collections.abc import Iterable, Iterator

from pipeline.document import UnreadableFile

MOST_UNPACKED = 32 * 2**20
"""Bytes of one stream; a page of a report takes some ten thousand. PDFium makes half a kilobyte of a stroke of fourteen."""
MOST_PACKED = 1032
"""Times that deflate makes anything smaller, at most."""
SAMPLE, ORDINARY = 2**14, 60
"""Of a long stream so many bytes are unpacked first. Drawings and fonts grow 3 to 15 times; one that grows more is followed."""
HEADER, CHUNK = 2048, 2**20
_PICTURE = re.compile(rb"/Subtype\s*/Image")


def require_bounded_streams(content: bytes) -> None:
    """Look at what a PDF's streams unpack to. Raises UnreadableFile where one is made to burst."""
    last = 0
    for begin, start in _streams(content):
        head = max(last, begin - HEADER)
        head = max(content.rfind(b"obj", head, begin), head)
        packed_times = content.count(b"/FlateDecode", head, begin)
        last = end = max(content.find(b"endstream", start), start)
        is_suspect = packed_times > 1 or (packed_times and (end - start) * MOST_PACKED > MOST_UNPACKED)
        if is_suspect and not _PICTURE.search(content, head, begin) and _bursts(content[start:end], packed_times):
            raise UnreadableFile(
                f"PDF with a stream that unpacks to more than {MOST_UNPACKED // 2**20} MiB: not a report"
            )


def _streams(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the word stands that begins a stream, and where its bytes begin; a search for bare bytes costs little."""
    at = content.find(b"stream")
    while at >= 0:
        after = at + len(b"stream")
        line_end = 1 if content[after : after + 1] == b"\n" else 2 if content[after : after + 2] == b"\r\n" else 0
        if line_end and content[at - 3 : at] != b"end":
            yield at, after + line_end
        at = content.find(b"stream", after)


def _bursts(packed: bytes, times: int) -> bool:
    if times == 1 and sum(map(len, _unpacked([packed[:SAMPLE]]))) < ORDINARY * SAMPLE:
        return False
    pieces: Iterable[bytes] = [packed]
    for _ in range(times):
        pieces = _unpacked(pieces)
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MOST_UNPACKED:
            return True
    return False


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what pieces of a packed stream unpack to, a chunk at a time, as far as it is sound."""
    unpack = zlib.decompressobj()
    for piece in pieces:
        rest = piece
        while rest:
            try:
                chunk = unpack.decompress(rest, CHUNK)
            except zlib.error:
                return
            rest = unpack.unconsumed_tail
            if chunk:
                yield chunk
            elif unpack.eof:
                return
