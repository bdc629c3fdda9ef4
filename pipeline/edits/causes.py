"""Why a rule was not assessed: the cells that stand in the way, by their printed names.

Belongs here: from an unjudged result to the first cells to blame and their count, in words. Does not belong here:
deciding that a rule is not assessable (``pipeline.edits.equations``, ``pipeline.edits.single_cells``).
"""

from collections.abc import Sequence

import polars as pl

from pipeline.catalogue.model import Sentence
from pipeline.edits.frames import CELL_KEY, operand_frame
from pipeline.edits.labels import PrintedNames, cell_name
from pipeline.edits.operands import RuleInstance
from pipeline.edits.sentences import inserted

NAMED_CELLS = 3
"""How many cells a sentence names before it only counts: nobody reads the 24 names of a blank column."""


def name_causes(
    unjudged: pl.DataFrame,
    facts: pl.DataFrame,
    instances: Sequence[RuleInstance],
    names: PrintedNames,
    sentences: dict[str, Sentence],
) -> pl.DataFrame:
    """Return result, causes_zh, causes_en for each row of ``unjudged`` that has cells to blame.

    ``unjudged`` has result (its number), report_id, check_id, instance, is_complete, blank_breaks. Cells are named in
    print order.
    """
    asked = unjudged.select("result", "report_id", "check_id", "instance", "is_complete", "blank_breaks")
    cells = asked.join(_named_operands(instances, names), on="instance")
    known = facts.join(asked.select("report_id").unique(), on="report_id", how="semi")
    cells = cells.join(known, on=["report_id", *CELL_KEY], how="left", maintain_order="left")
    cells = (
        cells.with_columns(cause=_cause())
        .drop_nulls("cause")
        .sort("result", "is_left", "position", descending=[False, True, False])
    )
    texts = _texts(sentences)
    cells = cells.join(texts, on="cause", maintain_order="left")
    for language in ("zh", "en"):
        cells = cells.with_columns(pl.col(language).str.replace("{cell}", pl.col("name"), literal=True))
    counted = cells.group_by("result", maintain_order=True).agg(pl.col("zh", "en").head(NAMED_CELLS), count=pl.len())
    return counted.select(
        "result",
        *(
            _listed(language, getattr(sentences["between"], language), getattr(sentences["more"], language))
            for language in ("zh", "en")
        ),
    )


def _cause() -> pl.Expr:
    """Return the key of the sentence that says why a cell stands in the way, NULL where it does not."""
    status = pl.col("status")
    return (
        pl.when(pl.col("rules_used").list.contains(pl.col("check_id")).fill_null(False))
        .then(pl.lit("circular"))
        .when(status.is_null() & ~pl.col("is_complete"))
        .then(pl.lit("absent"))
        .when(pl.col("value").is_null() & (status != "blank"))
        .then(status)
        .when((status == "blank") & pl.col("blank_breaks"))
        .then(status)
    )


def _named_operands(instances: Sequence[RuleInstance], names: PrintedNames) -> pl.DataFrame:
    operands = operand_frame(instances)
    keys = operands.select(CELL_KEY).unique(maintain_order=True)
    named = keys.with_columns(
        name=pl.Series(
            [cell_name(names, table, form, (row, column)) for table, form, row, column in keys.rows()], dtype=pl.String
        )
    )
    return operands.join(named, on=CELL_KEY)


def _texts(sentences: dict[str, Sentence]) -> pl.DataFrame:
    rows = [(key, sentence.zh, sentence.en) for key, sentence in sentences.items()]
    return pl.DataFrame(rows, schema=["cause", "zh", "en"], orient="row")


def _listed(language: str, between: str, more: str) -> pl.Expr:
    rest = inserted(more, "{count}", pl.col("count").cast(pl.String))
    ending = pl.when(pl.col("count") > NAMED_CELLS).then(rest).otherwise(pl.lit(""))
    return (pl.col(language).list.join(between) + ending).alias(f"causes_{language}")
