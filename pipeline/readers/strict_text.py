"""Bytes as text of one codec, strictly: worked out once for whoever asks about the same bytes.

Belongs here: decoding, and the memory of the last file. Does not belong here: which codec a file is in (``sniff``, ``html``).
"""

LONGEST_KEPT = 65536
"""Bytes; longer files are decoded each time, so that nothing large outlives its reading."""

_LAST: list[tuple[bytes, dict[str, str | None]]] = [(b"", {})]


def strict_text(content: bytes, codec: str) -> str | None:
    """Return the bytes as text, None where they are not whole and sound in this codec."""
    if len(content) > LONGEST_KEPT:
        return _decoded(content, codec)
    last, texts = _LAST[0]
    if last is not content:
        texts = {}
        _LAST[0] = content, texts
    if codec not in texts:
        texts[codec] = _decoded(content, codec)
    return texts[codec]


def _decoded(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None
