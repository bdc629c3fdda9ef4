"""Bytes are decoded strictly, once for whoever asks about the same file, and never mistaken for another file's."""

from pipeline.readers.strict_text import LONGEST_KEPT, strict_text


def test_what_a_codec_does_not_know_is_no_text() -> None:
    content = "总体情况".encode("gb18030")
    for _ in range(2):
        assert strict_text(content, "utf-8") is None
        assert strict_text(content, "gb18030") == "总体情况"


def test_other_bytes_are_other_text() -> None:
    first, second = b"<p>1</p>", b"<p>2</p>"
    assert [strict_text(content, "utf-8") for content in (first, second, first)] == ["<p>1</p>", "<p>2</p>", "<p>1</p>"]


def test_a_long_file_is_decoded_too() -> None:
    assert strict_text(b"7" * (LONGEST_KEPT + 1), "utf-8") == "7" * (LONGEST_KEPT + 1)
