"""Files spoilt at random: what a broken download, a bad disk or an attacker makes of a good document.

Belongs here: one mutation of some bytes, following from a ``random.Random``. Packages (.docx, .xlsx) are also spoilt inside their
parts, since a changed byte of the zip itself seldom gets farther than its checksum; legacy ones (.doc, .xls) also without moving a byte.
"""

import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence

TAG = re.compile(rb"<[^<>]{1,400}>")
NUMBER = re.compile(rb"\d{1,6}")
ODD_NUMBERS = (b"0", b"-1", b"65535", b"2147483647", b"99999999999999999999", b"1e9", b"")
ODD_BYTES = (b"\x00", b"\xff", b"<", b">", b"&#x0;", b"\xef\xbf\xbf", b"\r", b"\x07", b"]]>", b"%%EOF")


def mutate(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return the content spoilt one to three times; ``others`` are documents that may be joined to it."""
    if content[:4] == b"PK\x03\x04" and rng.random() < 0.7:
        return _inside_package(content, rng)
    if content[:4] == b"\xd0\xcf\x11\xe0" and rng.random() < 0.7:
        return _in_place(content, rng)
    for _ in range(rng.randint(1, 3)):
        content = rng.choice(MUTATIONS)(content, rng) if rng.random() > 0.08 else _joined(content, others, rng)
    return content


def _flipped(content: bytes, rng: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if spoilt:
            spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def _overwritten(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    size = rng.choice((1, 4, 64, 512))
    return content[:at] + rng.choice((b"\x00", b"\xff", b"A")) * size + content[at + size :]


def _cut(content: bytes, rng: random.Random) -> bytes:
    start, stop = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return rng.choice((content[:start], content[stop:], content[:start] + content[stop:], content[start:stop]))


def _doubled(content: bytes, rng: random.Random) -> bytes:
    start, stop = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    stop = min(stop, start + 4096)
    return content[:stop] + content[start:stop] * rng.choice((1, 1, 3, 40)) + content[stop:]


def _swapped(content: bytes, rng: random.Random) -> bytes:
    a, b, c = sorted(rng.randrange(len(content) + 1) for _ in range(3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def _inserted(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(ODD_BYTES) * rng.choice((1, 1, 20)) + content[at:]


def _tag_dropped(content: bytes, rng: random.Random) -> bytes:
    """Drop some tags, or an element with what stands in it up to a tag further on."""
    tags = [match.span() for match in TAG.finditer(content)]
    if not tags:
        return _cut(content, rng)
    first = rng.randrange(len(tags))
    last = min(first + rng.choice((0, 0, 1, 5, 40)), len(tags) - 1)
    if rng.random() < 0.3:  # a tag again, far away
        at = tags[rng.randrange(len(tags))][0]
        return content[:at] + content[slice(*tags[first])] * rng.choice((1, 5, 300)) + content[at:]
    return content[: tags[first][0]] + content[tags[last][1] :]


def _number_changed(content: bytes, rng: random.Random) -> bytes:
    numbers = [match.span() for match in NUMBER.finditer(content)]
    if not numbers:
        return _flipped(content, rng)
    for start, stop in sorted((rng.choice(numbers) for _ in range(rng.choice((1, 3, 20)))), reverse=True):
        content = content[:start] + rng.choice(ODD_NUMBERS) + content[stop:]
    return content


def _joined(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(others)
    at, start = rng.randrange(len(content) + 1), rng.randrange(len(other) + 1)
    return content[:at] + other[start : start + rng.choice((512, 8192, 10**7))] + content[at:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _overwritten,
    _cut,
    _doubled,
    _swapped,
    _inserted,
    _tag_dropped,
    _number_changed,
)


def _in_place(content: bytes, rng: random.Random) -> bytes:
    """Spoil a legacy Office file without moving anything: its tables of places stay sound, what they point to does not."""
    start = rng.randrange(512, max(len(content) - 512, 513))
    stop = min(start + rng.choice((64, 512, 8192)), len(content))
    for _ in range(rng.randint(1, 3)):
        middle = rng.choice((_flipped, _flipped, _overwritten))(content[start:stop], rng)[: stop - start]
        content = content[:start] + middle.ljust(stop - start, b"\0") + content[stop:]
    return content


def _inside_package(content: bytes, rng: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = max(parts, key=lambda part: len(parts[part])) if rng.random() < 0.8 else rng.choice(sorted(parts))
    if rng.random() < 0.05:
        del parts[name]
    else:
        for _ in range(rng.randint(1, 3)):
            parts[name] = rng.choice((*MUTATIONS, _tag_dropped, _number_changed))(parts[name], rng)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for part, data in parts.items():
            package.writestr(zipfile.ZipInfo(part, (2024, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()
