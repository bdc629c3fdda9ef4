"""Rows as check metadata: a short markdown table that the UI shows beside the counts.

Belongs here: how samples are shown. Does not belong here: which rows are worth showing.
"""

import dagster as dg
import polars as pl

MOST_ROWS = 10
"""What a person reads; all rows stand in the warehouse."""
_MOST_CHARACTERS = 120


def as_table(frame: pl.DataFrame, most: int = MOST_ROWS) -> dg.MarkdownMetadataValue:
    """Return the first rows of a frame as a markdown table; ``none`` for an empty one."""
    if frame.is_empty():
        return dg.MetadataValue.md("none")
    head = [f"| {' | '.join(frame.columns)} |", f"|{'---|' * frame.width}"]
    rows = [f"| {' | '.join(map(_cell, row))} |" for row in frame.head(most).iter_rows()]
    more = [f"\n… and {frame.height - most} more"] if frame.height > most else []
    return dg.MetadataValue.md("\n".join([*head, *rows, *more]))


def _cell(value: object) -> str:
    text = " ".join(("" if value is None else str(value)).split()).replace("|", "\\|")
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
