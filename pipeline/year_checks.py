"""The facts of a report year are judged: equations over all of them, the prose of each report against its tables.

Belongs here: which judges there are, and that their results become rows of ``check_results`` and ``suggestions``; pure
functions over frames. Does not belong here: a rule (``pipeline.edits``, ``pipeline.narrative``), storing anything.

Rules that need the reports of other years join here as further judges.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.check_result import CheckResult
from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.frames import RESULT_SCHEMA
from pipeline.edits.localize import localize
from pipeline.edits.operands import FORMLESS, rule_instances
from pipeline.file_differences import judge_files
from pipeline.narrative.claims import Assertion
from pipeline.narrative.judge import FactValue, judge_prose
from pipeline.year_facts import long_facts

Cell = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""


@dataclass(frozen=True, slots=True)
class YearChecks:
    """Rows of the tables of layer ``checks``."""

    check_results: pl.DataFrame
    suggestions: pl.DataFrame
    compared_cells: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class BoundResult:
    """A failed result and the cells that its rule binds in that report."""

    report_id: str
    check_id: str
    subject: str
    severity: str
    cells: frozenset[Cell]


def judge_year(
    facts: Mapping[str, pl.DataFrame], readings: Mapping[str, pl.DataFrame], catalogue: Catalogue
) -> YearChecks:
    """Judge the fact tables of a year; ``readings`` are its extracted rows, those of one report made one
    (``report_files.join_files``): assertions, how each cell was read, where files differ.

    Returns results sorted by report_id, check_id, subject, and the smallest repairs of the reports whose equations fail.
    """
    long = _with_ways_of_reading(long_facts(facts, catalogue), readings["facts"])
    equations = evaluate_rules(long, catalogue)
    bound = _bound_results(equations, long, catalogue)
    equations = _with_verdicts(equations, bound, readings["facts"])
    reports = facts["reports"].select("report_id", "year")
    assertions = readings["assertions"].join(reports, on="report_id", how="semi")
    prose = _judge_all_prose(assertions, long, _failed_cells(bound), catalogue)
    parts = [equations, prose]
    if "file_differences" in readings:
        parts.append(judge_files(readings["file_differences"], catalogue))
    results = pl.concat(parts).sort("report_id", "check_id", "subject")
    # Only where a rule failed is there anything to repair: the others are not looked at again.
    failing = equations.filter(pl.col("outcome") == "failed").select("report_id").unique()
    return YearChecks(results, localize(long.join(failing, on="report_id", how="semi"), catalogue))


def _with_ways_of_reading(long: pl.DataFrame, extracted: pl.DataFrame) -> pl.DataFrame:
    """Add what the published facts do not tell: the rules that chose a cell's reading, the character reader's confidence."""
    key = ["report_id", "fact_table", "row_code", "column_code"]
    return long.join(extracted.select([*key, "rules_used", "confidence"]), on=key, how="left", validate="1:1")


def _failed_cells(bound: Iterable[BoundResult]) -> dict[str, set[Cell]]:
    """Return for each report the cells that a failed error rule binds: no prose is judged against those."""
    found: dict[str, set[Cell]] = {}
    for result in bound:
        if result.severity == "error":
            found.setdefault(result.report_id, set()).update(result.cells)
    return found


def _with_verdicts(equations: pl.DataFrame, bound: Iterable[BoundResult], extracted: pl.DataFrame) -> pl.DataFrame:
    """Say whose fault a failed equation is, where a second reading tells.

    ``source``: both readings agree on every cell that the rule binds. ``extraction``: they differ on one.
    """
    read_twice = extracted.filter(pl.col("agreement").is_not_null())
    agreement = {
        (report_id, (table, row_code, column_code)): verdict
        for report_id, table, row_code, column_code, verdict in read_twice.select(
            "report_id", "fact_table", "row_code", "column_code", "agreement"
        ).iter_rows()
    }
    verdicts = []
    for result in bound:
        said = {agreement.get((result.report_id, cell), "unknown") for cell in result.cells}
        verdict = "source" if said == {"agree"} else "extraction" if "differ" in said else "unknown"
        verdicts.append((result.report_id, result.check_id, result.subject, verdict))
    if not verdicts:
        return equations
    key = ["report_id", "check_id", "subject"]
    schema = dict.fromkeys([*key, "said"], pl.String)
    told = equations.join(pl.DataFrame(verdicts, schema, orient="row"), on=key, how="left", validate="1:1")
    return told.with_columns(pl.coalesce("said", "verdict").alias("verdict")).drop("said")


def _bound_results(equations: pl.DataFrame, long: pl.DataFrame, catalogue: Catalogue) -> list[BoundResult]:
    """Return the failed results with the cells that their rules bind; the one row per report of a cell rule binds none."""
    cells_of = {
        (instance.rule.check_id, instance.form, instance.subject): instance.cells
        for instance in rule_instances(catalogue)
    }
    forms = {
        (report, table): form for report, table, form in long.select("report_id", "fact_table", "form").unique().rows()
    }
    failed = equations.filter((pl.col("outcome") == "failed") & (pl.col("subject") != "all"))
    found = []
    for report_id, check_id, subject, severity in failed.select("report_id", "check_id", "subject", "severity").rows():
        table = str(catalogue.rules[check_id].fact_table)
        form = forms.get((report_id, table)) or FORMLESS
        cells = cells_of.get((check_id, form, subject))
        if cells is None:  # A rule on single cells: the subject is the cell.
            row_code, _, column_code = subject.partition("/")
            cells = ((row_code, column_code),)
        known = frozenset((table, *cell) for cell in cells)
        found.append(BoundResult(report_id, check_id, subject, severity, known))
    return found


def _judge_all_prose(
    assertions: pl.DataFrame, long: pl.DataFrame, failed: Mapping[str, set[Cell]], catalogue: Catalogue
) -> pl.DataFrame:
    facts = _facts_by_report(long.join(assertions.select("report_id").unique(), on="report_id", how="semi"))
    rows: list[tuple[object, ...]] = []
    for (report_id, year), own in assertions.group_by(["report_id", "year"], maintain_order=True):
        parsed = [Assertion.from_json(body) for body in own["body"]]
        report = str(report_id)
        results = judge_prose(parsed, facts.get(report, {}), failed.get(report, set()), catalogue)
        rows += result_rows(report, int(str(year)), results)
    return pl.DataFrame(rows, schema=RESULT_SCHEMA, orient="row")


def _facts_by_report(long: pl.DataFrame) -> dict[str, dict[Cell, FactValue]]:
    facts: dict[str, dict[Cell, FactValue]] = {}
    columns = ("report_id", "fact_table", "row_code", "column_code", "value", "status")
    for report_id, table, row_code, column_code, value, status in long.select(columns).iter_rows():
        facts.setdefault(report_id, {})[table, row_code, column_code] = FactValue(value, status)
    return facts


def result_rows(report_id: str, year: int, results: Iterable[CheckResult]) -> Iterator[tuple[object, ...]]:
    """Yield check results as rows in the order of ``check_results``."""
    for r in results:
        sides = (r.left_value, r.right_value, r.difference)
        yield (
            report_id,
            year,
            r.check_id,
            r.subject,
            *sides,
            r.outcome,
            r.severity,
            r.verdict,
            r.message_zh,
            r.message_en,
        )
