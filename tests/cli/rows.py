"""Rows of the published tables for one made report whose （七）总计 of section 四 is printed wrong.

Belongs here: values. The body and the figures are invented.
"""

from decimal import Decimal
from typing import Any

REPORT_ID = "a1b2c3d4e5f60718"

REPORT: dict[str, Any] = {
    "report_id": REPORT_ID,
    "series_id": "i1:2023:own",
    "issuer_id": "i1",
    "issuer": "云中县水务局",
    "issuer_kind": "department",
    "scope": "own",
    "year": 2023,
    "form": "2021",
    "title": "云中县水务局2023年政府信息公开工作年度报告",
    "published_on": None,
    "signed_on": None,
    "source": None,
    "file_id": "f" * 64,
    "tables_found": ["disputes"],
    "tables_missing": ["proactive"],
    "extraction": "partial",
    "is_current": True,
}

OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
LABELS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
PRINTED = ("10", "1", "0", "0", "0")


def fact(outcome: str, raw_text: str, col: int, status: str = "reported") -> dict[str, Any]:
    return {
        "report_id": REPORT_ID,
        "year": 2023,
        "fact_table": "disputes",
        "row_code": "review",
        "column_code": outcome,
        "value": Decimal(raw_text) if status == "reported" else None,
        "unit": "count",
        "status": status,
        "form": "2019",
        "raw_text": raw_text,
        "table_no": 1,
        "row": 3,
        "col": col,
        "reason": None,
        "note": None,
    }


FACTS = [fact(outcome, text, col) for col, (outcome, text) in enumerate(zip(OUTCOMES, PRINTED, strict=True), start=1)]


def cell(row: int, col: int, text: str, row_span: int = 1, col_span: int = 1) -> dict[str, Any]:
    return {"table_no": 1, "row": row, "col": col, "row_span": row_span, "col_span": col_span, "text": text}


CELLS = [
    cell(1, 1, "行政\n复议", col_span=5),
    *(cell(2, col, label) for col, label in enumerate(LABELS, start=1)),
    *(cell(3, col, text) for col, text in enumerate(PRINTED, start=1)),
]

FAILED: dict[str, Any] = {
    "report_id": REPORT_ID,
    "year": 2023,
    "check_id": "disputes.channel_sum",
    "subject": "review",
    "left_value": Decimal("0.0000"),
    "right_value": Decimal("11.0000"),
    "difference": Decimal("-11.0000"),
    "outcome": "failed",
    "severity": "error",
    "verdict": "source",
    "message_zh": "行政复议 / 总计：印作 0，各项之和为 11，相差 -11",
    "message_en": "行政复议 / 总计 is printed as 0; its items add up to 11; difference -11",
}
PASSED = {**FAILED, "check_id": "disputes.nonnegative", "subject": "all", "outcome": "passed", "verdict": None}

SUSPECT: dict[str, Any] = {
    **{key: FACTS[4][key] for key in ("fact_table", "row_code", "column_code", "value", "status", "raw_text")},
    "suggested": Decimal("11.0000"),
}
SUGGESTION: dict[str, Any] = {
    "report_id": REPORT_ID,
    "year": 2023,
    "fact_table": "disputes",
    "row_code": "review",
    "column_code": "total",
    "reported": Decimal("0.0000"),
    "suggested": Decimal("11.0000"),
    "solution": 1,
    "is_unique": True,
    "reason_zh": "各项之和为 11：应为 11",
    "reason_en": "the items add up to 11: should be 11",
}
ANOMALY: dict[str, Any] = {
    **{key: value for key, value in FAILED.items() if key != "outcome"},
    **{
        key: REPORT[key]
        for key in ("series_id", "issuer_id", "issuer", "title", "scope", "issuer_kind", "source", "file_id")
    },
    "suspects": [SUSPECT],
    "evidence": "0123456789abcdef",
    "decision": None,
    "section_no": None,
    "sentence": None,
}

PARTS: dict[str, list[dict[str, Any]]] = {
    "reports": [REPORT],
    "cells": CELLS,
    "facts": FACTS,
    "claims": [],
    "problems": [{"kind": "unknown_label", "detail": "行政\x1b[2J裁决", "table_no": 1, "row": 4, "col": 1}],
    "check_results": [FAILED, PASSED],
    "suggestions": [SUGGESTION],
    "anomalies": [ANOMALY],
}
