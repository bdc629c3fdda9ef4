"""Small expressions that put numbers and names into sentences.

Belongs here: text expressions without knowledge of rules. Does not belong here: what a sentence says.
"""

import polars as pl


def plain_number(value: pl.Expr) -> pl.Expr:
    """Write a decimal of scale 4 as people do: no fraction where it is whole, no trailing zeros."""
    return value.cast(pl.String).str.replace(r"\.?0{1,4}$", "")


def inserted(text: str, placeholder: str, content: pl.Expr) -> pl.Expr:
    """Put an expression into a constant text."""
    # Not str.replace: it does not repeat a constant for every row.
    before, _, after = text.partition(placeholder)
    return pl.concat_str(pl.lit(before), content, pl.lit(after))
