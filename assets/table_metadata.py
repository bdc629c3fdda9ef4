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


def fact_figures(name: str, frames: Mapping[str, pl.DataFrame]) -> dict[str, int | float]:
    """Return the figures of a fact table of one year that are worth a plot."""
    frame = frames[name]
    figures: dict[str, int | float] = {"dagster/row_count": frame.height}
    if name == "reports":
        figures["current"] = int(frame["is_current"].sum())
        figures |= {value: int((frame["extraction"] == value).sum()) for value in ("complete", "partial", "no_tables")}
        figures |= {"issuers": frame["issuer_id"].n_unique(), "problems": frames["problems"].height}
    elif name == "claims":
        figures |= {"reports": frame["report_id"].n_unique(), "approximate": int(frame["is_approximate"].sum())}
    else:
        figures["reports"] = frame["report_id"].n_unique()
        figures |= {str(status): count for status, count in frame["status"].value_counts(sort=True).iter_rows()}
        figures["unread_share"] = _share(frame["status"].is_in(["unreadable", "missing"]))
    return figures


def check_figures(results: pl.DataFrame, suggestions: pl.DataFrame) -> dict[str, int | float]:
    """Return the figures of a year's check results and suggested repairs."""
    figures: dict[str, int | float] = {"dagster/row_count": results.height}
    figures |= {
        outcome: int((results["outcome"] == outcome).sum()) for outcome in ("passed", "failed", "not_assessable")
    }
    failed = results.filter(pl.col("outcome") == "failed")
    figures |= {
        f"failed_{severity}": int((failed["severity"] == severity).sum()) for severity in ("error", "warning", "info")
    }
    figures["reports_with_failures"] = failed["report_id"].n_unique()
    return figures | {
        "suggestions": suggestions.height,
        "reports_with_suggestions": suggestions["report_id"].n_unique(),
    }


def _share(flags: pl.Series) -> float:
    return round(float(flags.mean() or 0), 6)  # type: ignore[arg-type]  # the mean of booleans is a number
