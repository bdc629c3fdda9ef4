"""What of a document or an argument may reach a terminal, a program or a spreadsheet."""

import json
import unicodedata

import pytest

from pipeline.cli.safe_text import escape_controls, escape_json, one_line, shown, spreadsheet_text

NASTY = "a\x1b[31mred\x1b[0m\x07\x9b2J\x7f\u202eabc\u2066\u2028x\r\x00\U000e0041\ud800"


def dangerous(text: str) -> list[str]:
    """Every character that a terminal could act on or that reorders what is read."""
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return [
        c
        for c in text
        if (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t")
        or unicodedata.bidirectional(c) in bidi
        or c in "\u200e\u200f\u061c"
    ]


@pytest.mark.parametrize("make_safe", [escape_controls, shown, one_line, escape_json, spreadsheet_text])
def test_no_control_character_survives(make_safe: object) -> None:
    assert dangerous(NASTY)
    assert dangerous(make_safe(NASTY)) == []  # type: ignore[operator]


def test_every_control_character_of_unicode_is_caught() -> None:
    everything = "".join(map(chr, range(0x20000))) + "".join(map(chr, range(0xE0000, 0xE0080)))
    assert dangerous(escape_controls(everything)) == []


def test_chinese_and_full_width_text_is_left_alone() -> None:
    text = "（七）总计\u3000４７ ‹0›\n\t龙港市 — 53.4%"
    assert shown(text) == text


def test_an_escape_says_what_stood_there() -> None:
    assert escape_controls("\x1b\x9b\u202e\U000e0041") == r"\x1b\x9b\u202e\U000e0041"


def test_characters_without_width_are_dropped_from_what_is_shown() -> None:
    assert shown("总\u200b计\ufeff") == "总计"


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb\r\n  c\u2028d") == r"a b c\u2028d"


def test_json_decodes_to_the_same_text() -> None:
    text = NASTY.replace("\ud800", "")
    assert json.loads(escape_json(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize("start", list("=+-@\t\r＝＋－＠"))
def test_text_that_a_spreadsheet_would_run_is_written_as_text(start: str) -> None:
    assert spreadsheet_text(f"{start}1+1").startswith("'")


@pytest.mark.parametrize("text", ["总计", "1-2", "'x", "", " =1"])
def test_other_text_is_written_as_it_is(text: str) -> None:
    assert spreadsheet_text(text) == text
