"""The sentences of results that did not pass, in Chinese and English.

Belongs here: words, from the templates of ``messages.yaml`` with labels and numbers filled in. Does not belong here:
outcomes and numbers, which come in as they are; what stands in the way of a rule (``pipeline.edits.causes``).
"""

from collections.abc import Sequence

import polars as pl

from pipeline.catalogue.model import Catalogue, Sentence
from pipeline.edits.causes import name_causes
from pipeline.edits.labels import PrintedNames, cell_name, printed_names, subject_name
from pipeline.edits.operands import RuleInstance
from pipeline.edits.sentences import inserted, plain_number

LANGUAGES = ("zh", "en")


def add_messages(
    results: pl.DataFrame, facts: pl.DataFrame, instances: Sequence[RuleInstance], catalogue: Catalogue
) -> pl.DataFrame:
    """Return ``results`` with message_zh and message_en, NULL where the outcome is ``passed``; rows in another order.

    ``results`` has report_id, check_id, instance, subject, outcome, left, right, low (the sums of the test),
    is_complete, has_value, blank_breaks, and row_code, column_code for the breaking cells of rules on single cells.
    """
    names = printed_names(catalogue)
    columns = [*results.columns, "message_zh", "message_en"]
    passed = results.filter(pl.col("outcome") == "passed").with_columns(
        message_zh=pl.lit(None, pl.String), message_en=pl.lit(None, pl.String)
    )
    failed = _failed(results.filter(pl.col("outcome") == "failed"), instances, names, catalogue)
    unjudged = _unjudged(results.filter(pl.col("outcome") == "not_assessable"), facts, instances, names, catalogue)
    return pl.concat(
        [passed.select(columns), _with_numbers(failed).select(columns), _with_numbers(unjudged).select(columns)]
    )


def failure_templates(instances: Sequence[RuleInstance], names: PrintedNames, catalogue: Catalogue) -> pl.DataFrame:
    """Return instance, message_zh, message_en: the sentence of a failure, names filled in, numbers still open."""
    return _templates([catalogue.messages.of_failed(instance.rule) for instance in instances], instances, names)


def refusal_templates(instances: Sequence[RuleInstance], names: PrintedNames, catalogue: Catalogue) -> pl.DataFrame:
    """Return instance, message_zh, message_en: the sentence of a rule not assessed, causes and numbers open."""
    return _templates([catalogue.messages.not_assessable["sentence"]] * len(instances), instances, names)


def _failed(
    failed: pl.DataFrame, instances: Sequence[RuleInstance], names: PrintedNames, catalogue: Catalogue
) -> pl.DataFrame:
    told = failed.join(failure_templates(instances, names, catalogue), on="instance")
    bad_cell = catalogue.messages.failed["bad_cell"]
    cell = told.join(_cell_names(instances, names), on=["instance", "row_code", "column_code"], how="left")
    is_cell = pl.col("name").is_not_null()
    return cell.with_columns(
        pl.when(is_cell).then(inserted(text, "{cell}", pl.col("name"))).otherwise(column).alias(column)
        for column, text in (("message_zh", bad_cell.zh), ("message_en", bad_cell.en))
    )


def _unjudged(
    unjudged: pl.DataFrame,
    facts: pl.DataFrame,
    instances: Sequence[RuleInstance],
    names: PrintedNames,
    catalogue: Catalogue,
) -> pl.DataFrame:
    sentences = catalogue.messages.not_assessable
    told = unjudged.join(refusal_templates(instances, names, catalogue), on="instance").with_row_index("result")
    blamed = told.filter(pl.col("has_value"))
    told = told.join(name_causes(blamed, facts, instances, names, sentences), on="result", how="left")
    for language in LANGUAGES:
        blank_breaks, no_number = (getattr(sentences[key], language) for key in ("blank_breaks", "no_number"))
        ending = pl.when("blank_breaks").then(pl.lit(blank_breaks)).otherwise(pl.lit(""))
        causes = pl.when("has_value").then(pl.col(f"causes_{language}") + ending).otherwise(pl.lit(no_number))
        message = f"message_{language}"
        told = told.with_columns(pl.col(message).str.replace("{causes}", causes, literal=True))
    return told


def _templates(sentences: Sequence[Sentence], instances: Sequence[RuleInstance], names: PrintedNames) -> pl.DataFrame:
    rows = [
        (number, _named(sentence.zh, instance, names), _named(sentence.en, instance, names))
        for number, (sentence, instance) in enumerate(zip(sentences, instances, strict=True))
    ]
    schema = {"instance": pl.UInt32, "message_zh": pl.String, "message_en": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _named(text: str, instance: RuleInstance, names: PrintedNames) -> str:
    table, form, subject = str(instance.rule.fact_table), instance.form, subject_name(names, instance)
    first = subject if instance.rule.kind == "cell" else cell_name(names, table, form, instance.left[0])
    text = text.replace("{subject}", subject).replace("{cell}", first)
    return text.replace("{other}", cell_name(names, table, form, instance.right[0])) if instance.right else text


def _cell_names(instances: Sequence[RuleInstance], names: PrintedNames) -> pl.DataFrame:
    rows = [
        (number, *cell, cell_name(names, str(instance.rule.fact_table), instance.form, cell))
        for number, instance in enumerate(instances)
        if instance.rule.kind == "cell"
        for cell in instance.left
    ]
    schema = {"instance": pl.UInt32, "row_code": pl.String, "column_code": pl.String, "name": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_numbers(results: pl.DataFrame) -> pl.DataFrame:
    numbers = {
        "left": pl.col("left"),
        "right": pl.col("right"),
        "low": pl.col("low").fill_null(0),
        "difference": pl.col("left") - pl.col("right"),
    }
    for message in ("message_zh", "message_en"):
        sentence = pl.col(message)
        for placeholder, number in numbers.items():
            sentence = sentence.str.replace("{" + placeholder + "}", plain_number(number), literal=True)
        results = results.with_columns(sentence.alias(message))
    return results
