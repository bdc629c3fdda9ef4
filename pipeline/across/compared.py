"""Which cells a failed rule across reports compares, and which side to distrust by what the reports say of themselves.

Belongs here: the cells of both sides, how each stands within its own report, which of them are suspects. Does not belong here:
judging the rule (``pipeline.across.carry_over``, ``pipeline.across.rollup``).

A cell that its own report's equations contradict (and a smallest repair would change) is distrusted before one that no equation
binds, and that one before a cell whose equations hold. Where both sides stand alike both are suspects: nothing tells more.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.across.history import History, sentence
from pipeline.across.rollup import roster_members
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words
from pipeline.edits.evaluate import judged_equations
from pipeline.edits.frames import CELL_KEY, judged_facts, operand_frame
from pipeline.edits.localize import localize
from pipeline.edits.operands import EQUATION_KINDS, RuleInstance, rule_instances

FINDING = ["report_id", "check_id", "subject"]
CELL = ["fact_table", "row_code", "column_code"]
COMPARED: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String, "year": pl.Int32, "check_id": pl.String, "subject": pl.String, "cell_report_id": pl.String,
    **dict.fromkeys(CELL, pl.String), "value": pl.Decimal(20, 4), "status": pl.String, "raw_text": pl.String,
    "standing": pl.String, "is_suspect": pl.Boolean,
}  # fmt: skip
"""Rows of ``compared_cells``. ``standing``: fails, unbound or holds, the worst first."""

STANDINGS = ("fails", "unbound", "holds")


@dataclass(frozen=True, slots=True)
class KnownRepairs:
    """Cells that the smallest repairs of some years change (report_id, CELL), so that nobody has to find them again."""

    years: frozenset[int]
    cells: pl.DataFrame


NONE_KNOWN = KnownRepairs(frozenset(), pl.DataFrame(schema=dict.fromkeys(["report_id", *CELL], pl.String)))


def compare_cells(
    results: pl.DataFrame,
    history: History,
    rosters: pl.DataFrame,
    catalogue: Catalogue,
    known: KnownRepairs = NONE_KNOWN,
) -> pl.DataFrame:
    """Return the cells that the failed ``carry_over.*`` and ``rollup.*`` of ``results`` compare; columns as ``COMPARED``."""
    failed = results.filter(pl.col("outcome") == "failed").select(*FINDING, "year")
    named = pl.concat([_carried(failed, history), _rolled(failed, history, rosters)])
    if named.is_empty():
        return pl.DataFrame(schema=COMPARED)
    facts = history.facts.select(*CELL, "value", "status", "raw_text", "form", "year", cell_report_id="report_id")
    cells = named.join(facts.drop("form", "year"), on=["cell_report_id", *CELL])
    of_cells = history.facts.join(cells.select(report_id="cell_report_id").unique(), on="report_id", how="semi")
    standings = _standings(of_cells, cells.select(CELL).unique(), catalogue, known)
    cells = cells.join(standings, on=["cell_report_id", *CELL], how="left")
    unsure = pl.col("standing").is_null() | ((pl.col("standing") == "holds") & (pl.col("status") != "reported"))
    cells = _with_suspects(cells.with_columns(standing=pl.when(unsure).then(pl.lit("unbound")).otherwise("standing")))
    return cells.select(pl.col(name).cast(dtype) for name, dtype in COMPARED.items()).sort(
        *FINDING, "cell_report_id", *CELL
    )


def tell_suspects(results: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return ``results`` with the side to distrust told behind the messages of the failed ones that have cells."""
    is_own = pl.col("cell_report_id") == pl.col("report_id")
    sides = cells.group_by(FINDING).agg(
        own=(is_own & pl.col("is_suspect")).any(),
        other=(~is_own & pl.col("is_suspect")).any(),
        fails=(pl.col("is_suspect") & (pl.col("standing") == "fails")).any(),
        holds=(~pl.col("is_suspect") & (pl.col("standing") == "holds")).any(),
    )
    told = results.join(sides, on=FINDING, how="left", maintain_order="left")
    own, other, fails = (pl.col(name).fill_null(False) for name in ("own", "other", "fails"))
    for language in ("zh", "en"):
        side = (
            pl.when(own & other & fails).then(sentence("both_sides_fail", language))
            .when(own & ~other & fails).then(sentence("own_side_fails", language))
            .when(other & ~own & fails).then(sentence("other_side_fails", language))
            .when(own & ~other).then(sentence("other_side_holds", language))
            .when(other & ~own).then(sentence("own_side_holds", language))
            .otherwise(pl.lit(""))
        )  # fmt: skip
        told = told.with_columns((pl.col(f"message_{language}") + side).alias(f"message_{language}"))
    return told.select(results.columns)


def _carried(failed: pl.DataFrame, history: History) -> pl.DataFrame:
    """Return the cells of failed ``carry_over.*``: FINDING, year, cell_report_id, CELL."""
    linked = failed.join(history.judged.select("report_id", "previous_id"), on="report_id")
    parts = [_named(linked.clear(), "report_id", "", "", "")]
    rules: dict[str, dict[str, Any]] = load_words("across")["carry_over"]
    for check_id, rule in rules.items():
        own = linked.filter(pl.col("check_id") == check_id)
        for report, *codes in (rule["left"], *(term[1:] for term in rule["right"])):
            parts.append(_named(own, "report_id" if report == "this" else "previous_id", *codes))
    return pl.concat(parts)


def _rolled(failed: pl.DataFrame, history: History, rosters: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of failed ``rollup.*``: the aggregate's and those of every member."""
    members = roster_members(history, rosters).select(report_id="aggregate_id", member="report_id")
    linked = failed.join(members, on="report_id")
    rules: dict[str, dict[str, str]] = load_words("across")["rollup"]
    parts = [_named(linked.clear(), "report_id", "", "", "")]
    for check_id, rule in rules.items():
        for frame, column in ((failed, "report_id"), (linked, "member")):
            own = frame.filter(pl.col("check_id") == check_id)
            parts.append(_named(own, column, rule["table"], "*", rule["column"]))
    return pl.concat(parts)


def _named(findings: pl.DataFrame, report: str, table: str, row: str, column: str) -> pl.DataFrame:
    codes = {"fact_table": table, "row_code": row, "column_code": column}
    return findings.select(
        *FINDING,
        "year",
        pl.col(report).alias("cell_report_id"),
        *((pl.col("subject") if code == "*" else pl.lit(code)).alias(name) for name, code in codes.items()),
    ).unique()


def _standings(facts: pl.DataFrame, compared: pl.DataFrame, catalogue: Catalogue, known: KnownRepairs) -> pl.DataFrame:
    """Return how ``compared`` cells (CELL) stand in their own reports: cell_report_id, CELL, standing.

    No row for cells that no equation binds; ``facts`` are whole reports, as repairs look at all of them.
    """
    instances = _binding(compared, catalogue)
    frame = judged_facts(facts, catalogue)
    equations = judged_equations(frame, instances, catalogue).filter(pl.col("outcome") != "not_assessable")
    bound = operand_frame(instances, EQUATION_KINDS).join(
        equations.select("report_id", "instance", "outcome"), on="instance"
    )
    forms = frame.select("report_id", *CELL_KEY)
    bound = bound.join(forms, on=["report_id", *CELL_KEY], how="semi")
    standing = bound.group_by("report_id", *CELL).agg(fails=(pl.col("outcome") == "failed").any())
    failing = equations.filter(pl.col("outcome") == "failed").select("report_id").unique()
    of_failing = facts.join(failing, on="report_id", how="semi")
    repairs = pl.concat([
        known.cells.join(failing, on="report_id", how="semi"),
        localize(of_failing.filter(~pl.col("year").is_in(list(known.years))), catalogue).select("report_id", *CELL),
    ]).unique()  # fmt: skip
    standing = standing.join(repairs.with_columns(mended=pl.lit(True)), on=["report_id", *CELL], how="left")
    repaired = standing.join(
        repairs.select("report_id").unique().with_columns(known=pl.lit(True)), on="report_id", how="left"
    )
    # A cell of a broken equation that no smallest repair changes is bound by nothing that speaks against it.
    is_mended = pl.col("mended").fill_null(False) | pl.col("known").is_null()
    words = pl.when(pl.col("fails") & is_mended).then(pl.lit("fails")).when("fails").then(pl.lit("unbound"))
    return repaired.select(
        pl.col("report_id").alias("cell_report_id"), *CELL, standing=words.otherwise(pl.lit("holds"))
    )


def _binding(compared: pl.DataFrame, catalogue: Catalogue) -> list[RuleInstance]:
    """Return the equations of severity error that bind one of some cells: of the others nobody asks here."""
    cells = set(compared.rows())
    return [
        instance
        for instance in rule_instances(catalogue)
        if instance.rule.severity == "error"
        and any((str(instance.rule.fact_table), *cell) in cells for cell in (*instance.left, *instance.right))
    ]


def _with_suspects(cells: pl.DataFrame) -> pl.DataFrame:
    """Say which cells are suspects: those that stand worst, on whichever side."""
    rank = pl.col("standing").replace_strict({name: n for n, name in enumerate(STANDINGS)}, return_dtype=pl.Int32)
    cells = cells.with_columns(rank=rank)
    return cells.with_columns(is_suspect=pl.col("rank") == pl.col("rank").min().over(FINDING))
