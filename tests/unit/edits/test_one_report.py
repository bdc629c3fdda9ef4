"""The equations of one report as plain values say what the equations of many reports say."""

import random

import polars as pl
import pytest

from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.one_report import any_fails, by_key, holds, linear_instances
from pipeline.report import Fact

GAPS = ["blank", "not_applicable", "unreadable", "missing", None]
OUTCOMES = {True: "passed", False: "failed", None: "not_assessable"}


def facts_of(frame):
    return [
        Fact(table, row, column, value, status, "count", form, None, None, None, None)
        for table, row, column, value, status, form in frame.select(
            "fact_table", "row_code", "column_code", "value", "status", "form"
        ).iter_rows()
    ]


@pytest.mark.parametrize(("fact_table", "form"), [("requests", "2019"), ("disputes", "2019"), ("statistics", "fujian")])
def test_both_agree_over_random_tables(make_facts, catalogue, fact_table, form):
    rng = random.Random(5)
    gaps = GAPS if form == "fujian" else GAPS[:-1]
    frames = []
    for number in range(30):
        share = rng.choice((0, 0.02, 0.2))
        values = (0, 0, 0, 1) if number else (0,)
        cells = {
            cell: rng.choice(gaps) if rng.random() < share else rng.choice(values)
            for cell in catalogue.forms[form].tables[fact_table].cells
        }
        frames.append(make_facts(fact_table, form, cells, report_id=f"r{number:02}"))
    assert len({any_fails(facts_of(frame), catalogue) for frame in frames}) == 2
    judged = evaluate_rules(pl.concat(frames), catalogue)
    for number, frame in enumerate(frames):
        facts = facts_of(frame)
        failing = [i for i in linear_instances(facts, catalogue) if holds(i, by_key(facts)) is False]
        assert any_fails(facts, catalogue) is bool(failing)
        for instance in linear_instances(facts, catalogue):
            rows = judged.filter(
                (pl.col("report_id") == f"r{number:02}")
                & (pl.col("check_id") == instance.rule.check_id)
                & (pl.col("subject") == instance.subject)
            )
            # An equation of which no cell is printed has no result at all.
            if rows.height:
                assert rows["outcome"][0] == OUTCOMES[holds(instance, by_key(facts))]
