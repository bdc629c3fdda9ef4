"""Declared data as rows of the published file: dictionary, rules, the cells that they bind, and a person's decisions.

Belongs here: catalogue → rows, the home folder's CSV files → frames. Does not belong here: what any of it means.
"""

from datetime import UTC, datetime

import polars as pl

from pipeline.catalogue.model import Axis, Catalogue, PublishedTable, TableForm
from pipeline.edits.operands import rule_instances
from pipeline.home import Home
from warehouse.corrections import published_corrections
from warehouse.errors import SchemaMismatch
from warehouse.home_csv import read_lines
from warehouse.schemas import conform, empty_frame, table_schema
from warehouse.terms import indicator_rows, panel_rows

DECISIONS = ("confirm", "dismiss")


def declared_frames(home: Home, catalogue: Catalogue) -> dict[str, pl.DataFrame]:
    """Return the tables of layer ``declared``. Raises SchemaMismatch where a CSV file of the home folder does not fit."""
    tables = catalogue.tables
    rows = {
        "dictionary": _dictionary(catalogue),
        "rules": _rules(catalogue),
        "rule_cells": _rule_cells(catalogue),
        "indicator_terms": indicator_rows(catalogue),
        "panel_terms": panel_rows(catalogue),
    }
    frames = {n: pl.DataFrame(r, schema=table_schema(tables[n]), orient="row") for n, r in rows.items()}
    frames["reviews"] = _reviews(home, tables["reviews"])
    frames["corrections"] = published_corrections(home, catalogue)
    return {name: conform(frame, tables[name]) if name == "reviews" else frame for name, frame in frames.items()}


def _dictionary(catalogue: Catalogue) -> list[tuple[object, ...]]:
    return [
        (form.code, table.fact_table, axis_name, *_code(axis, table), axis.position, axis.is_group)
        for form in catalogue.forms.values()
        for table in form.tables.values()
        for axis_name, axes in ((table.row_axis, table.rows), (table.column_axis, table.columns))
        for axis in axes
    ]


def _code(axis: Axis, table: TableForm) -> tuple[object, ...]:
    unit = None if axis.is_group else axis.unit or table.unit
    return (axis.code, axis.label, axis.definition, axis.parent, unit)


def _rules(catalogue: Catalogue) -> list[tuple[object, ...]]:
    return [
        (r.check_id, r.formula, r.meaning_zh, r.meaning_en, r.severity, list(r.forms), r.source)
        for r in sorted(catalogue.rules.values(), key=lambda rule: rule.check_id)
    ]


def _rule_cells(catalogue: Catalogue) -> list[tuple[object, ...]]:
    """Return what each rule binds per subject; of a rule on single cells each cell is a subject of its own."""
    rows: set[tuple[str, ...]] = set()
    for instance in rule_instances(catalogue):
        head = (instance.rule.check_id, instance.form, str(instance.rule.fact_table))
        for row_code, column_code in instance.cells:
            subject = f"{row_code}/{column_code}" if instance.rule.kind == "cell" else instance.subject
            rows.add((*head, subject, row_code, column_code))
    return sorted(rows)


def _reviews(home: Home, table: PublishedTable) -> pl.DataFrame:
    """Return the decisions of ``reviews.csv`` by series, check, subject and time; no file, no decisions.

    Raises SchemaMismatch with the line that does not fit.
    """
    if not home.reviews.exists():
        return empty_frame(table)
    names = [column.name for column in table.columns]
    rows = [_review(line, where) for where, line in read_lines(home.reviews, names)]
    return pl.DataFrame(rows, schema=table_schema(table), orient="row").unique(
        table.key, keep="last", maintain_order=True
    )


def _review(line: dict[str, str], where: str) -> tuple[object, ...]:
    row: dict[str, object] = dict(line)
    if row["decision"] not in DECISIONS:
        raise SchemaMismatch(f"{where}: decision must be {' or '.join(DECISIONS)}, not {row['decision'] or 'empty'}")
    try:
        decided_at = datetime.fromisoformat(str(row["decided_at"]))
    except ValueError as error:
        raise SchemaMismatch(f"{where}: decided_at is no date and time: {row['decided_at']}") from error
    # Times are UTC; one with an offset is converted.
    row["decided_at"] = decided_at.astimezone(UTC).replace(tzinfo=None) if decided_at.tzinfo else decided_at
    row["note"] = row["note"] or None
    return tuple(row.values())
