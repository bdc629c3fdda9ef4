"""A lake without readers: made readings, made facts, made rows, so that storing and publishing can be tested alone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell
from pipeline.home import Home
from pipeline.narrative.claims import Assertion, Claim, Prose
from pipeline.reading import FileReading
from pipeline.report import Fact, PlacedCell, Problem, ReportReading, Section
from warehouse.extracted import read_extracted
from warehouse.schemas import table_schema

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VERSION = "reader-1"

Row = Mapping[str, Any]


def made_fact(row_code: str, column_code: str, value: int | str | None, status: str = "reported", **more: Any) -> Fact:
    number = None if value is None else Decimal(value)
    text = None if value is None else str(value)
    fields: dict[str, Any] = {
        "fact_table": "requests",
        "unit": "count",
        "form": "2021",
        "table_no": 1,
        "row": 4,
        "col": 2,
        **more,
    }
    return Fact(row_code=row_code, column_code=column_code, value=number, status=status, raw_text=text, **fields)


def made_report(year: int | None, number: int = 7, place: int = 1, **more: Any) -> ReportReading:
    """A report of an invented county that received ``number`` requests."""
    fields: dict[str, Any] = {
        "place": place,
        "title": f"清河县{year}年政府信息公开工作年度报告",
        "issuer": "清河县人民政府",
        "year": year,
        "published_on": None,
        "signed_on": None,
        "source": None,
        "scope": "aggregate",
        "form": "2021",
        "sections": (Section(1, "一、总体情况", f"全年收到申请{number}件。"),),
        "cells": (PlacedCell(1, Cell(4, 2, str(number), page=2, bbox=(1.0, 2.0, 3.0, 4.5)), "data:#1"),),
        "facts": (made_fact("new_received", "total", number), made_fact("granted", "total", None, "blank")),
        "tables_found": ("requests",),
        "tables_missing": ("proactive", "disputes"),
        "problems": (Problem("unknown_label", "其他事项"),),
        "evidence": {"host": "example.gov.cn"},
    }
    return ReportReading(**{**fields, **more})


def made_prose(number: int = 7) -> Prose:
    sentence = f"全年收到申请{number}件。"
    claim = Claim(1, 1, "收到申请", Decimal(number), "件", False, sentence, 6, 6 + len(str(number)))
    return Prose((claim,), (Assertion("narrative.requests", 1, Decimal(number), "件", "收到申请"),))


def made_reading(*years: int | None, number: int = 7, **more: Any) -> FileReading:
    reports = tuple(made_report(year, number, place, **more) for place, year in enumerate(years, start=1))
    return FileReading("text/plain", reports, tuple(made_prose(number) for _ in years))


def fill(table: str, *rows: Row) -> pl.DataFrame:
    """A frame of a published table in which only what matters to the test was said."""
    declared = load_catalogue().tables[table]
    schema = table_schema(declared)
    defaults: dict[str, Any] = {}
    for column in declared.columns:
        if column.nullable:
            defaults[column.name] = None
        elif column.codes:
            defaults[column.name] = column.codes[0]
        else:
            kind = column.type
            defaults[column.name] = [] if kind.endswith("[]") else {"VARCHAR": "", "BOOLEAN": True}.get(kind, 0)
    return pl.DataFrame([{**defaults, **row} for row in rows], schema=schema, orient="row")


def facts_from_extracted(home: Home, year: int) -> dict[str, pl.DataFrame]:
    """The least that turns extracted rows into a year's facts: one body, every report current."""
    extracted = read_extracted(home, year)
    reports = extracted["reports"].rows(named=True)
    requests = extracted["facts"].filter(pl.col("fact_table") == "requests")
    heads = [
        {
            **{name: row[name] for name in ("report_id", "year", "file_id", "title", "issuer", "form", "scope")},
            "series_id": f"s:{row['report_id']}",
            "issuer_id": "i1",
            "issuer_kind": "county",
            "is_current": True,
            "tables_found": row["tables_found"],
            "tables_missing": row["tables_missing"],
        }
        for row in reports
    ]
    files = [{"report_id": r["report_id"], "year": year, "file_id": r["file_id"], "role": "main"} for r in reports]
    facts = [
        {**row, "item": row["row_code"], "applicant": row["column_code"], "value": row["value"] and int(row["value"])}
        for row in requests.rows(named=True)
    ]
    columns = table_schema(load_catalogue().tables["requests"])
    return {
        "report_files": fill("report_files", *files),
        "issuers": fill("issuers", {"issuer_id": "i1", "name": "清河县人民政府", "kind": "county"}),
        "reports": fill("reports", *heads),
        **{name: extracted[name].drop("file_id", "route", strict=False) for name in ("sections", "cells", "claims")},
        "problems": extracted["problems"].drop("file_id"),
        "requests": fill("requests", *({name: row[name] for name in columns} for row in facts)),
        "proactive": fill("proactive"),
        "disputes": fill("disputes"),
        "statistics": fill("statistics"),
    }
