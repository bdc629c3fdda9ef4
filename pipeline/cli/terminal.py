"""Write to the terminal, or to what stands in its place: colours and widths for a terminal, plain lines for a pipe.

Belongs here: consoles, tables, JSON on stdout. Does not belong here: what is said (the commands).
Every string passes ``safe_text`` on its way; nothing here interprets rich's markup.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.cli.safe_text import escape_json, one_line, shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

# Wide enough that nothing is wrapped or cut where no person looks at the width.
_PIPE_WIDTH = 100_000


def open_console(*, stderr: bool = False) -> "Console":
    """Return a console on stdout (or stderr): coloured and as wide as the terminal, plain and unwrapped in a pipe."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    is_terminal = stream.isatty()
    return Console(
        file=stream,
        force_terminal=is_terminal,
        force_interactive=is_terminal,
        color_system="auto" if is_terminal and not os.environ.get("NO_COLOR") else None,
        width=None if is_terminal else _PIPE_WIDTH,
        soft_wrap=not is_terminal,
        markup=False,
        highlight=False,
        emoji=False,
    )


def is_coloured(console: "Console") -> bool:
    """Return whether the console shows colours; without them a mark in the text must carry the meaning."""
    return console.color_system is not None


def styled(text: object, style: str = "") -> "Text":
    """Return text that may be shown, in a style of rich (``red``, ``bold``, ``dim``)."""
    from rich.text import Text

    return Text(shown(str(text)), style=style)


def make_table(headers: Sequence[tuple[str, bool]]) -> "Table":
    """Return an empty table with aligned columns; a header is (name, is right-aligned)."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", show_edge=False, pad_edge=False)
    for name, is_number in headers:
        table.add_column(styled(name), justify="right" if is_number else "left", overflow="fold", no_wrap=False)
    return table


def print_rows(console: "Console", headers: Sequence[tuple[str, bool]], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as an aligned table; None is shown as an empty cell."""
    from rich.text import Text

    table = make_table(headers)
    for row in rows:
        table.add_row(*(v if isinstance(v, Text) else styled("" if v is None else v) for v in row))
    console.print(table)


def print_json(value: Any) -> None:
    """Print one JSON document on stdout: whole decimals as integers, dates as ISO text, controls as escapes.

    Dataclasses are objects, sequences are arrays.
    """
    is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not is_utf8, indent=2, default=_json_value)
    sys.stdout.write(escape_json(text) + "\n")


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name, as they are."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _json_value(value: object) -> Any:
    if is_dataclass(value):
        return fields_of(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return list(value)
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, date | time):  # datetime is a date
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json_number(value: Decimal) -> int | float | str:
    """Return a JSON number that reads back as the same value; text where a double cannot hold it."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def plain_number(value: object) -> object:
    """Return a decimal without the zeros that only its type adds (``8.0000`` is 8); anything else unchanged."""
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return value


def tell(message: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(one_line(message) + "\n")
    sys.stderr.flush()
