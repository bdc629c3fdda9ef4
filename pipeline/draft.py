"""One file judged by itself: what an office wants to know of its report before it publishes.

Belongs here: the way of a file through reading, facts and judges without any home folder, so that its rows are those a load
would store. Does not belong here: rules across reports, for which one file is too little.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from pipeline.catalogue.load import load_catalogue
from pipeline.corrections import Correction, apply_corrections
from pipeline.issuers.resolve import issuer_of_report
from pipeline.reading import read_file
from pipeline.year_checks import judge_year
from pipeline.year_facts import facts_of_year, long_facts
from warehouse.extracted import frames_of_reading

Rows = list[dict[str, Any]]


def judge_file(content: bytes, name: str, corrections: Sequence[Correction] = ()) -> list[dict[str, Any]]:
    """Return what a load would store of each report of a file, in order: ``report`` and rows by table.

    ``corrections``: those that people gave; of this content they are applied. Raises UnreadableFile.
    """
    catalogue = load_catalogue()
    reading = read_file(content, name, catalogue)
    file_id = hashlib.sha256(content).hexdigest()
    extracted = apply_corrections(frames_of_reading(file_id, reading), list(corrections))
    facts = facts_of_year(extracted, issuer_of_report, catalogue)
    checks = judge_year(facts, extracted, catalogue)
    tables = {
        "facts": long_facts(facts, catalogue),
        "cells": facts["cells"],
        "claims": facts["claims"],
        "problems": facts["problems"],
        "check_results": checks.check_results,
        "suggestions": checks.suggestions,
    }
    reports = sorted(facts["reports"].to_dicts(), key=lambda row: _place(extracted, row["report_id"]))
    given = [asdict(correction) for correction in corrections if correction.file_id == file_id]
    return [
        {"report": row, "corrections": given, **{name: _of(table, row["report_id"]) for name, table in tables.items()}}
        for row in reports
    ]


def _of(table: pl.DataFrame, report_id: str) -> Rows:
    return table.filter(pl.col("report_id") == report_id).to_dicts()


def _place(extracted: dict[str, pl.DataFrame], report_id: str) -> int:
    places = dict(extracted["reports"].select("report_id", "place").iter_rows())
    return int(places[report_id])
