"""Make text of documents and of users fit to be shown: pure functions over strings.

Belongs here: what may not reach a terminal or a spreadsheet as it is. Does not belong here: printing (``terminal``).
"""

import re

# C0 without tab and newline, DEL, C1, the bidirectional controls, line and paragraph separators, interlinear and tag
# characters, lone surrogates: each can move the cursor, change colours, reorder what is read, or break the encoder.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
# Converter junk without width: harmless, but it would make an escape in nearly every sentence.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]")
# What spreadsheets take for a formula, in half and full width (OWASP "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def escape_controls(text: str) -> str:
    """Return the text with control characters written out as escapes (``\\x1b``, ``\\u202e``); tab and newline stay."""
    return _CONTROLS.sub(_escape, text)


def shown(text: str) -> str:
    """Return the text as it may be shown to a person: controls escaped, characters without width dropped."""
    return escape_controls(_INVISIBLE.sub("", text.replace("\r\n", "\n")))


def one_line(text: str) -> str:
    """Return the text as one line that may be shown to a person."""
    return " ".join(shown(text).split())


def escape_json(text: str) -> str:
    """Return JSON with every control character as a JSON escape; the value that it decodes to is unchanged."""
    return _CONTROLS.sub(_escape_for_json, text)


def spreadsheet_text(text: str) -> str:
    """Return a text cell for CSV: one that a spreadsheet would run as a formula gets a leading apostrophe.

    Source of the rule: contract, "People". Only for columns of text; a number keeps its sign.
    """
    safe = escape_controls(text.replace("\r\n", "\n"))
    return f"'{safe}" if text.startswith(_FORMULA_STARTS) else safe


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escape_for_json(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
