"""What the UI shows of a published table: its columns from the declared data, and the figures of a year.

Belongs here: metadata. The columns stand on the definitions, so that they are shown before the first run; stated again at
materialization they would lose their constraints there.
"""

from collections.abc import Mapping

import dagster as dg
import polars as pl

from pipeline.catalogue.model import PublishedTable


def definition_metadata(table: PublishedTable) -> dict[str, object]:
    """Return the column schema and the name of a published table."""
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            column.comment,
            dg.TableColumnConstraints(
                nullable=column.nullable,
                unique=table.key == (column.name,),
                other=_other_constraints(table, column.name),
            ),
        )
        for column in table.columns
    ]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/table_name": table.name,
        "grain": table.grain,
    }


def _other_constraints(table: PublishedTable, name: str) -> list[str]:
    codes = next(column.codes for column in table.columns if column.name == name)
    in_key = ["part of the key"] if name in table.key and len(table.key) > 1 else []
    return [*in_key, *([f"one of {', '.join(codes)}"] if codes else [])]


def fact_figures(name: str, tables: Mapping[str, pl.LazyFrame]) -> dict[str, int | float]:
    """Return the figures of a fact table of one year that are worth a plot; ``tables``: that one and ``problems``."""
    table = tables[name]
    figures: dict[str, int | float] = {"dagster/row_count": _count(table)}
    if name == "reports":
        counts = _counts(table, "extraction")
        figures["current"] = _count(table.filter("is_current"))
        figures |= {value: counts.get(value, 0) for value in ("complete", "partial", "no_tables")}
        figures |= {"issuers": _distinct(table, "issuer_id"), "problems": _count(tables["problems"])}
    elif name == "claims":
        figures |= {"reports": _distinct(table, "report_id"), "approximate": _count(table.filter("is_approximate"))}
    else:
        statuses = _counts(table, "status")
        unread = statuses.get("unreadable", 0) + statuses.get("missing", 0)
        figures["reports"] = _distinct(table, "report_id")
        figures |= statuses
        figures["unread_share"] = round(unread / max(1, sum(statuses.values())), 6)
    return figures


def check_figures(results: pl.LazyFrame, suggestions: pl.LazyFrame) -> dict[str, int | float]:
    """Return the figures of a year's check results and suggested repairs."""
    failed = results.filter(pl.col("outcome") == "failed")
    outcomes, severities = _counts(results, "outcome"), _counts(failed, "severity")
    return {
        "dagster/row_count": sum(outcomes.values()),
        **{outcome: outcomes.get(outcome, 0) for outcome in ("passed", "failed", "not_assessable")},
        **{f"failed_{severity}": severities.get(severity, 0) for severity in ("error", "warning", "info")},
        "reports_with_failures": _distinct(failed, "report_id"),
        "suggestions": _count(suggestions),
        "reports_with_suggestions": _distinct(suggestions, "report_id"),
    }


def _count(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect().item())


def _distinct(table: pl.LazyFrame, column: str) -> int:
    return int(table.select(pl.col(column).n_unique()).collect().item())


def _counts(table: pl.LazyFrame, column: str) -> dict[str, int]:
    """Return how often each value stands, the most frequent first."""
    counted = table.group_by(column).agg(n=pl.len()).sort("n", column, descending=[True, False]).collect()
    return {str(value): int(n) for value, n in counted.iter_rows()}
