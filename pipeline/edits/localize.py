"""Which numbers of a failing report to distrust, and what they should be: rows of ``suggestions``.

Belongs here: failing reports → problems → repairs → rows. Does not belong here: what a problem is
(``pipeline.edits.repair_problem``), how it is solved (``pipeline.edits.smallest_repair``), words
(``pipeline.edits.repair_reasons``). Printed numbers are never changed.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

import polars as pl

from pipeline.catalogue.localization import Localization, load_localization
from pipeline.catalogue.model import Catalogue
from pipeline.edits.evaluate import judged_equations
from pipeline.edits.frames import Value, judged_facts
from pipeline.edits.labels import PrintedNames, printed_names
from pipeline.edits.operands import RuleInstance, rule_instances
from pipeline.edits.repair_problem import CellKey, PrintedCell, RepairProblem, repair_problems
from pipeline.edits.repair_reasons import RepairWords, reason
from pipeline.edits.single_cells import judge_cells
from pipeline.edits.slips import empty_totals, find_slips, print_neighbours
from pipeline.edits.smallest_repair import smallest_repairs

SUGGESTION_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String,
    "year": pl.Int32,
    "fact_table": pl.String,
    "row_code": pl.String,
    "column_code": pl.String,
    "reported": Value,
    "suggested": Value,
    "solution": pl.Int32,
    "is_unique": pl.Boolean,
    "reason_zh": pl.String,
    "reason_en": pl.String,
}
CELL = ["fact_table", "row_code", "column_code"]


def localize(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the cells of the smallest repairs of every report in which a rule of severity error fails.

    ``facts`` as for ``evaluate_rules``, optionally with ``confidence`` (of a character reader, 0 to 1); whole
    reports, for all rules of a report must hold at once. Sound reports cost no more than judging them and give no
    row. Rules that were not assessed ask for nothing; what holds must go on holding. Equations that share no
    cell are repaired apart: ``solution`` counts the equally small repairs of each such group from 1, lightest first,
    and ``is_unique`` says that a group has only one. Weights and the meaning of "equally small" stand in
    ``localize.yaml``. Sorted by report, solution and place in print.
    """
    declared = load_localization()
    instances = rule_instances(catalogue)
    frame = judged_facts(facts, catalogue)
    equations = _assessed(frame, instances, catalogue)
    unfit = judge_cells(frame, instances).drop_nulls("row_code")
    unfit = unfit.select("report_id", "instance", "row_code", "column_code")
    failing = pl.concat([equations.filter("broken").select("report_id"), unfit.select("report_id")]).unique()
    if not failing.height:
        return pl.DataFrame(schema=SUGGESTION_SCHEMA)
    names, printed = printed_names(catalogue), _printed_cells(frame, facts, failing)
    judged: dict[str, list[tuple[int, bool]]] = equations.rows_by_key("report_id")
    bad: dict[str, list[tuple[int, str, str]]] = unfit.rows_by_key("report_id")
    rows: list[tuple[object, ...]] = []
    for report_id in failing["report_id"].sort():
        cells, year = printed[report_id]
        of_report = [(instances[number], broken) for number, broken in judged.get(report_id, [])]
        wrong = {(str(instances[n].rule.fact_table), row, column) for n, row, column in bad.get(report_id, [])}
        empty = empty_totals(cells, of_report)
        for problem in repair_problems(cells, of_report, wrong, declared):
            rows += [(report_id, year, *row) for row in _suggestions(problem, empty, names, declared)]
    return pl.DataFrame(rows, schema=SUGGESTION_SCHEMA, orient="row")


def _assessed(frame: pl.DataFrame, instances: Sequence[RuleInstance], catalogue: Catalogue) -> pl.DataFrame:
    """Return report_id, instance, broken of the equations that a repair must satisfy: errors, and whatever holds now.

    That is also an equation that was used to reconstruct one of its cells: it says nothing about them, but what it tied
    together must not come apart.
    """
    kinds = [(i.rule.severity, i.rule.kind == "linear" and i.rule.relation == "=") for i in instances]
    severity = pl.DataFrame(
        [(number, *kind) for number, kind in enumerate(kinds)],
        schema={"instance": pl.UInt32, "severity": pl.String, "is_sum": pl.Boolean},
        orient="row",
    )
    equations = judged_equations(frame, instances, catalogue).join(severity, on="instance")
    is_error, failed, passed = (
        (pl.col("severity") == "error"),
        pl.col("outcome") == "failed",
        pl.col("outcome") == "passed",
    )
    whole = pl.col("is_complete") & pl.col("has_value") & ~pl.col("has_void")
    tied = pl.col("is_circular") & pl.col("is_sum") & whole & (pl.col("left") == pl.col("right"))
    wanted = equations.filter(passed | (failed & is_error) | tied).with_columns(broken=failed)
    return wanted.select("report_id", "instance", "broken").sort("report_id", "instance")


def _printed_cells(
    frame: pl.DataFrame, facts: pl.DataFrame, failing: pl.DataFrame
) -> dict[str, tuple[dict[CellKey, PrintedCell], int]]:
    """Return {report_id: (its cells that a rule may count, in the order given; its year)}."""
    if "confidence" in facts.columns:
        confidence = facts.select("report_id", *CELL, pl.col("confidence").cast(pl.Float64))
        frame = frame.join(confidence, on=["report_id", *CELL], how="left", maintain_order="left")
    else:
        frame = frame.with_columns(confidence=pl.lit(None, pl.Float64))
    usable = pl.col("value").is_not_null() | (pl.col("status") == "blank")
    chosen = frame.join(failing, on="report_id", how="semi", maintain_order="left").filter(usable)
    cells: dict[str, tuple[dict[CellKey, PrintedCell], int]] = {}
    for report_id, year, *key, value, status, sure in chosen.select(
        "report_id", "year", *CELL, "value", "status", "confidence"
    ).rows():
        cells.setdefault(report_id, ({}, year))[0][tuple(key)] = PrintedCell(tuple(key), value, status, sure)
    return cells


def _suggestions(
    problem: RepairProblem, empty: Collection[CellKey], names: PrintedNames, declared: Localization
) -> Iterator[tuple[object, ...]]:
    instance = problem.equations[0].instance
    places = [cell.printed.key[1:] for cell in problem.cells]
    slips = find_slips(problem, print_neighbours(instance.table, places), empty)
    repairs, is_all = smallest_repairs(problem, slips, declared)
    words = RepairWords(problem, instance.form, names, declared)
    is_unique = len(repairs) == 1 and is_all and repairs[0].is_determined
    for solution, repair in enumerate(repairs, start=1):
        for place, number in repair.numbers:
            printed = problem.cells[place].printed
            reasons = (reason(words, repair, place, solution, len(repairs), is_all, lang) for lang in ("zh", "en"))
            yield (*printed.key, printed.value, Decimal(number) / problem.unit, solution, is_unique, *reasons)
