"""The equations against a plain reading of the rules, over random tables with every kind of gap."""

import random
from decimal import Decimal

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue, operand_codes
from pipeline.edits.evaluate import evaluate_rules

CATALOGUE = load_catalogue()
TABLES = [table for form in CATALOGUE.forms.values() for table in form.tables.values()]
GAPS = ["blank", "blank", "not_applicable", "unreadable", "missing"]


def random_cells(table, rng):
    """Return cells of small numbers, so that equations hold often enough, with few or many gaps."""
    share, top = rng.choice([(0, 0), (0, 1), (0.02, 0), (0.02, 1), (0.3, 1)])
    cells = {cell: rng.choice(GAPS) if rng.random() < share else rng.randint(0, top) for cell in table.cells}
    if rng.random() < 0.3:
        gone = rng.choice(table.rows).code
        cells |= {cell: "blank" for cell in cells if cell[0] == gone}
    if table.rows_vary:
        absent = {axis.code for axis in table.rows if rng.random() < 0.3}
        cells |= {cell: None for cell in cells if cell[0] in absent}
    return cells


def judge(left, right, relation):
    """Return the outcome of one equation over two lists of contents, None standing for a cell that is not there."""
    contents = [*left, *right]
    values = [c for c in contents if not isinstance(c, str) and c is not None]
    if None in contents or not values or any(isinstance(c, str) and c != "blank" for c in contents):
        return "not_assessable"
    a, b = ([0 if c == "blank" else c for c in side] for side in (left, right))
    if relation == "bound":
        holds = max(b) <= a[0] <= sum(b)
    else:
        holds = {"=": sum(a) == sum(b), "<=": sum(a) <= sum(b), ">=": sum(a) >= sum(b)}[relation]
    return "passed" if holds else "not_assessable" if "blank" in contents else "failed"


def expected(table, cells):
    """Return {(check_id, subject): outcome} of every equation of a table."""
    outcomes = {}
    for rule in CATALOGUE.rules.values():
        if table.form not in rule.forms or table.fact_table != rule.fact_table:
            continue
        if rule.kind == "subset":
            for part, whole in rule.pairs:
                doubled = [p for p, _ in rule.pairs].count(part) > 1
                for column in (c.code for c in table.columns):
                    if {(part, column), (whole, column)} <= set(cells):
                        left, right = [cells[part, column]], [cells[whole, column]]
                        subject = f"{part}/{column}" + (f"/{whole}" if doubled else "")
                        outcomes[rule.check_id, subject] = None if left == right == [None] else judge(left, right, "<=")
        elif rule.kind in ("linear", "bound"):
            sides = ((rule.middle,), (rule.high,)) if rule.kind == "bound" else (rule.left, rule.right)
            for axis in table.rows if rule.subject == "row" else table.columns:
                named = [operand_codes(rule, side, table) for side in sides]
                keys = [[(axis.code, c) if rule.subject == "row" else (c, axis.code) for c in side] for side in named]
                if axis.is_group or not all(key in cells for side in keys for key in side):
                    continue
                left, right = ([cells[key] for key in side] for side in keys)
                if table.rows_vary:
                    # Rows that the document does not print are no parts; the total must be there, and one part.
                    right = [c for c in right if c is not None] or [None]
                if all(c is None for c in left + right):
                    continue
                outcomes[rule.check_id, axis.code] = judge(
                    left, right, "bound" if rule.kind == "bound" else rule.relation
                )
    return {key: outcome for key, outcome in outcomes.items() if outcome is not None}


@pytest.mark.parametrize("seed", range(4))
def test_random_tables(make_facts, seed):
    rng = random.Random(seed)
    frames, wanted = [], {}
    for number in range(150):
        table = rng.choice(TABLES)
        cells = random_cells(table, rng)
        frames.append(make_facts(table.fact_table, table.form, cells, report_id=f"r{number:03}"))
        wanted |= {(f"r{number:03}", *key): outcome for key, outcome in expected(table, cells).items()}
    judged = evaluate_rules(pl.concat(frames), CATALOGUE).filter(~pl.col("check_id").str.ends_with("nonnegative"))
    found = {(r, c, s): o for r, c, s, o in judged.select("report_id", "check_id", "subject", "outcome").iter_rows()}
    assert found == wanted
    assert {"passed", "failed", "not_assessable"} == set(found.values())


def test_numbers_do_not_lose_a_cent(make_facts):
    cells = {
        ("fees", "previous_year_items"): Decimal("9007199254740993"),
        ("fees", "change"): Decimal("-9007199254740994"),
    }
    judged = evaluate_rules(make_facts("proactive", "2019", cells), CATALOGUE)
    floor = judged.filter((pl.col("check_id") == "proactive.stock_floor") & (pl.col("subject") == "fees"))
    assert floor["left_value"].to_list() == [-1]
