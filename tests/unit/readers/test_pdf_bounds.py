"""Streams that are packed to burst are told before PDFium unpacks them, others are not."""

import random
import zlib

import pytest

from pipeline.document import UnreadableFile
from pipeline.readers.pdf import read_pdf
from pipeline.readers.pdf_bounds import MOST_UNPACKED, require_bounded_streams
from tests.documents import bombs

STROKES = b"0 0 m 9 9 l S\n"


def _pdf(stream: bytes, marks: bytes) -> bytes:
    body = b"<</Length %d%s>>stream\n%s\nendstream" % (len(stream), marks, stream)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
    kids = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>", 3: page, 4: body}
    return bombs.pdf(kids)


def test_a_page_that_is_packed_to_burst_is_told() -> None:
    stream = zlib.compress(STROKES * (MOST_UNPACKED // len(STROKES) + 1), 9)
    with pytest.raises(UnreadableFile, match="unpacks to more than 32 MiB"):
        read_pdf(_pdf(stream, b"/Filter/FlateDecode"), "a.pdf")


def test_what_is_packed_twice_is_followed_to_its_end() -> None:
    stream = zlib.compress(zlib.compress(bytes(MOST_UNPACKED + 1), 9), 9)
    with pytest.raises(UnreadableFile, match="unpacks to more than 32 MiB"):
        require_bounded_streams(_pdf(stream, b"/Filter[/FlateDecode/FlateDecode]"))


@pytest.mark.parametrize(
    ("unpacked", "marks"),
    [
        (random.Random(1).randbytes(200_000), b"/Filter/FlateDecode"),
        (STROKES * 100_000, b"/Filter/FlateDecode"),
        (bytes(MOST_UNPACKED + 1), b"/Subtype/Image/Filter/FlateDecode"),
    ],
    ids=["hardly packs", "packs well and is small", "a picture"],
)
def test_other_streams_pass(unpacked: bytes, marks: bytes) -> None:
    require_bounded_streams(_pdf(zlib.compress(unpacked, 9), marks))


@pytest.mark.parametrize("cut", [1, 3, 100])
def test_a_damaged_stream_is_nothing_to_refuse(cut: int) -> None:
    stream = zlib.compress(bytes(MOST_UNPACKED + 1), 9)
    require_bounded_streams(_pdf(stream[cut:], b"/Filter/FlateDecode"))
