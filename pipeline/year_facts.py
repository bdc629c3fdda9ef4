"""The extracted rows of a report year become its published facts.

Belongs here: whose report it is, which of several counts, long facts → fact tables; pure functions over frames. Does not
belong here: reading files, judging numbers (``pipeline.year_checks``), storing anything.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.issuers.model import Issuer
from pipeline.series import SeriesMember, choose_current, series_identifier

Frames = dict[str, pl.DataFrame]
Row = dict[str, Any]

ResolveIssuer = Callable[[Row], Issuer]
"""Takes a row of extracted ``reports`` with ``evidence`` as a dictionary."""

ISSUER_NOT_IDENTIFIED = "issuer_not_identified"
"""Kind of problem: the body that issued a report could not be told."""

UNREAD = ("unreadable", "missing")
"""Statuses of a cell that the form has and we could not read. Blank cells are read: the document leaves them empty."""

LONG_KEY = ["report_id", "year", "fact_table", "row_code", "column_code"]


@dataclass(frozen=True, slots=True)
class SomeFacts:
    """The facts of some reports of a year, before it is known which of its reports count.

    ``tables``: the tables of layer ``facts`` of which a row says nothing of other reports; ``reports`` and ``issuers`` (with
    ``told_by``, the report that tells the body so) wait for ``settle``; ``unread``: report_id, len: its unread cells, if any.
    """

    tables: Frames
    reports: pl.DataFrame
    issuers: pl.DataFrame
    unread: pl.DataFrame


def facts_of_year(extracted: Mapping[str, pl.DataFrame], resolve: ResolveIssuer, catalogue: Catalogue) -> Frames:
    """Return the published fact tables of a year, from ``report_files.join_files`` or, of one file, ``frames_of_reading``.

    Every table of layer ``facts``; columns by name, not yet cast to the published types. Empty in, empty out.
    """
    some = facts_of_some(extracted, resolve, catalogue)
    return some.tables | settle([some])


def facts_of_some(extracted: Mapping[str, pl.DataFrame], resolve: ResolveIssuer, catalogue: Catalogue) -> SomeFacts:
    """Return the facts of some reports of a year: all that can be told without the others."""
    unread = _unread_cells(extracted["facts"])
    counts = dict(unread.iter_rows())
    # As objects only a few reports at a time: a country has a hundred thousand a year.
    parts = [_identified(few, resolve, counts, catalogue) for few in extracted["reports"].iter_slices(_AT_ONCE)]
    parts = parts or [_identified(extracted["reports"], resolve, counts, catalogue)]
    heads = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    frames: Frames = {
        "report_files": extracted["report_files"]
        if "report_files" in extracted
        else _one_file_each(extracted["reports"]),
        "problems": _problems(extracted, heads["nobody"], catalogue),
    }
    for name in ("sections", "cells", "claims"):
        frames[name] = extracted[name].select([column.name for column in catalogue.tables[name].columns])
    return SomeFacts(frames | fact_tables(extracted["facts"], catalogue), heads["reports"], heads["issuers"], unread)


def settle(parts: Sequence[SomeFacts]) -> Frames:
    """Return the tables ``reports`` and ``issuers`` of a year from all its parts: which report counts, every body once."""
    unread = dict(pl.concat([part.unread for part in parts]).iter_rows())
    issuers = pl.concat([part.issuers for part in parts]).sort("issuer_id", "told_by")
    return {
        "reports": _with_current(pl.concat([part.reports for part in parts]), unread),
        "issuers": issuers.unique("issuer_id", keep="last", maintain_order=True).drop("told_by"),
    }


def fact_tables(long: pl.DataFrame, catalogue: Catalogue) -> Frames:
    """Return the four fact tables of facts in long form."""
    frames = {}
    for name, (row_axis, column_axis) in axes(catalogue).items():
        own = long.filter(pl.col("fact_table") == name).rename({"row_code": row_axis, "column_code": column_axis})
        frames[name] = own.select([column.name for column in catalogue.tables[name].columns])
    return frames


def long_facts(frames: Mapping[str, pl.DataFrame], catalogue: Catalogue) -> pl.DataFrame:
    """Return the four fact tables as one in long form: fact_table, row_code, column_code, value DECIMAL(20,4), more.

    Further columns are those of the view ``facts``; a table without ``unit`` counts.
    """
    parts = []
    for name, (row_axis, column_axis) in axes(catalogue).items():
        part = frames[name].rename({row_axis: "row_code", column_axis: "column_code"})
        if "unit" not in part.columns:
            part = part.with_columns(unit=pl.lit("count"))
        parts.append(part.with_columns(pl.col("value").cast(pl.Decimal(20, 4)), fact_table=pl.lit(name)))
    columns = [column.name for column in catalogue.views["facts"].columns]
    return pl.concat([part.select(columns) for part in parts]).sort(LONG_KEY)


def axes(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """Return the names of the code columns of each fact table, e.g. ``requests`` → (``item``, ``applicant``)."""
    return {
        name: (table.row_axis, table.column_axis)
        for form in catalogue.forms.values()
        for name, table in form.tables.items()
    }


def extraction_of(tables_found: list[str], tables_missing: list[str], unread_cells: int) -> str:
    """Return how much of a report was read: ``complete``, ``partial`` or ``no_tables``."""
    if not tables_found:
        return "no_tables"
    return "partial" if tables_missing or unread_cells else "complete"


def _one_file_each(reports: pl.DataFrame) -> pl.DataFrame:
    return reports.select("report_id", "year", "file_id", pl.lit("main").alias("role"))


def _unread_cells(facts: pl.DataFrame) -> pl.DataFrame:
    return facts.filter(pl.col("status").is_in(UNREAD)).group_by("report_id").len()


def _identified(few: pl.DataFrame, resolve: ResolveIssuer, unread: Mapping[str, int], catalogue: Catalogue) -> Frames:
    """Return what telling the issuers of some reports gives: ``issuers``, ``reports``, and ``nobody``: who could not be told."""
    readings = few.to_dicts()
    for row in readings:
        row["evidence"] = json.loads(row["evidence"] or "{}")
    issuers = {str(row["report_id"]): resolve(row) for row in readings}
    nobody = [(report_id, ISSUER_NOT_IDENTIFIED, issuer.problem) for report_id, issuer in issuers.items()]
    return {
        "issuers": _issuers(issuers, catalogue),
        "reports": _reports(readings, issuers, unread, catalogue),
        "nobody": pl.DataFrame(
            [row for row in nobody if row[2]],
            schema={"report_id": pl.String, "kind": pl.String, "detail": pl.String},
            orient="row",
        ),
    }


def _problems(extracted: Mapping[str, pl.DataFrame], nobody: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return what no form knows, and behind it the issuers that could not be identified."""
    problems = extracted["problems"].select([column.name for column in catalogue.tables["problems"].columns])
    last = problems.group_by("report_id").agg(problem_no=pl.col("problem_no").max())
    nobody = nobody.join(extracted["reports"].select("report_id", "year"), on="report_id").join(
        last, on="report_id", how="left"
    )
    nobody = nobody.with_columns((pl.col("problem_no").fill_null(0) + 1).cast(problems.schema["problem_no"]))
    return pl.concat([problems, nobody], how="diagonal")


def _issuers(issuers: Mapping[str, Issuer], catalogue: Catalogue) -> pl.DataFrame:
    """Return every body once, as the last of its reports tells it."""
    columns = [column.name for column in catalogue.tables["issuers"].columns]
    last = {issuer.issuer_id: (report_id, issuer) for report_id, issuer in sorted(issuers.items())}
    rows = [
        [report_id, *(list(value) if isinstance(value, tuple) else value for value in (getattr(issuer, n) for n in columns))]
        for report_id, issuer in last.values()
    ]  # fmt: skip
    lists = {"aliases": pl.List(pl.String)}
    return pl.DataFrame(
        rows,
        schema={"told_by": pl.String}
        | {name: lists.get(name, pl.Int32 if name.startswith("valid_") else pl.String) for name in columns},
        orient="row",
    )


def _reports(
    readings: list[Row], issuers: Mapping[str, Issuer], unread: Mapping[str, int], catalogue: Catalogue
) -> pl.DataFrame:
    """Return rows of ``reports``, each as if it were the only one of its series."""
    rows = [_report(row, issuers[row["report_id"]], unread.get(row["report_id"], 0)) for row in readings]
    columns = [column.name for column in catalogue.tables["reports"].columns]
    values = [[True if name == "is_current" else row[name] for name in columns] for row in rows]
    return pl.DataFrame(values, schema={name: _REPORT_TYPES.get(name, pl.String) for name in columns}, orient="row")


def _with_current(reports: pl.DataFrame, unread: Mapping[str, int]) -> pl.DataFrame:
    """Say which report counts where a series has several."""
    rivals = reports.filter(pl.len().over("series_id") > 1)
    columns = ("report_id", "series_id", "file_id", "published_on", "signed_on")
    current = choose_current(
        SeriesMember(**row, unread_cells=unread.get(row["report_id"], 0))
        for row in rivals.select(columns).iter_rows(named=True)
    )
    beaten = pl.col("report_id").is_in(sorted(set(rivals["report_id"]) - current))
    return reports.with_columns(is_current=~beaten)


_AT_ONCE = 1000

_REPORT_TYPES: dict[str, Any] = {
    "year": pl.Int32,
    "published_on": pl.Date,
    "signed_on": pl.Date,
    "tables_found": pl.List(pl.String),
    "tables_missing": pl.List(pl.String),
    "is_current": pl.Boolean,
}


def _report(row: Row, issuer: Issuer, unread_cells: int) -> Row:
    series_id = series_identifier(
        issuer.issuer_id, row["year"], row["scope"], row["report_id"], issuer_identified=issuer.is_identified
    )
    return row | {
        "issuer_id": issuer.issuer_id,
        "issuer_kind": issuer.kind,
        "region_code": issuer.region_code,
        "province": issuer.province,
        "prefecture": issuer.prefecture,
        "county": issuer.county,
        "series_id": series_id,
        "extraction": extraction_of(row["tables_found"], row["tables_missing"], unread_cells),
    }
