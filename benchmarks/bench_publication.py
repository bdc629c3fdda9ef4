"""Measure publication and the analysts' views over a made lake: ``python -m benchmarks.bench_publication [reports]``.

The reports are made in bulk (form 2021, every cell read, prose of usual length, one failed equation in fifty
reports); what is measured is the warehouse alone: no file is read and no rule is judged.
"""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import polars as pl

from pipeline.catalogue.load import load_catalogue
from pipeline.edits.operands import rule_instances
from pipeline.home import Home
from warehouse.ledger import write_ledger_part
from warehouse.publish import publish
from warehouse.query import anomalies, report, run_query
from warehouse.schemas import LEDGER, table_schema
from warehouse.sightings import Sighting, add_sightings
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import checks_years, judged_fingerprint, layer_tables, read_check_results, read_facts

YEARS = range(2021, 2026)
REPORTS = 10_000
CHANGES = 10
CATALOGUE = load_catalogue()

QUERIES = {
    "disclosure rate by province and year": """
        SELECT year, province, sum(granted + partially_granted) / sum(processed_total) AS rate
        FROM requests_wide JOIN reports USING (report_id, year) WHERE requests_wide.is_current GROUP BY ALL ORDER BY ALL""",
    "every fact of one report": "SELECT * FROM facts WHERE report_id = (SELECT min(report_id) FROM reports)",
    "requests by applicant": "SELECT year, applicant, sum(value) FROM requests WHERE item = 'new_received' GROUP BY ALL",
    "cells that could not be read": "SELECT status, count(*) FROM facts GROUP BY ALL",
    "anomalies by check": "SELECT check_id, count(*), sum(len(suspects)) FROM anomalies GROUP BY ALL",
    "findings of one year": "FROM anomalies WHERE year = 2023",
}


def filled(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a frame of a published table: what is given, and a plain value where one must stand."""
    declared = CATALOGUE.tables[table]
    schema = table_schema(declared)
    plain = {pl.String: "x", pl.Boolean: True, pl.List: []}
    missing = {
        column.name: None
        if column.nullable
        else column.codes[0]
        if column.codes
        else plain.get(type(schema[column.name]), 1)
        for column in declared.columns
        if column.name not in rows.columns
    }
    added = [pl.lit(value, dtype=schema[name]).alias(name) for name, value in missing.items()]
    return rows.with_columns(added).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def fact_rows(reports: pl.DataFrame, form: str, table: str) -> pl.DataFrame:
    """Return every cell of a form's table for every report; one row each of number, place and text."""
    spec = CATALOGUE.forms[form].tables[table]
    cells = pl.DataFrame(
        [(r, c, n % 9 + 2, n // 9 + 2) for n, (r, c) in enumerate(spec.cells)],
        schema=[spec.row_axis, spec.column_axis, "col", "row"],
        orient="row",
    )
    rows = reports.select("report_id", "year", "number").join(cells, how="cross")
    value = (pl.col("number") * 7 + pl.col("row")) % 40
    raw_text = value.cast(pl.String)
    return filled(
        table, rows.with_columns(value=value, raw_text=raw_text, form=pl.lit(form), table_no=1).drop("number")
    )


def write_year(home: Home, year: int, reports: pl.DataFrame) -> None:
    facts = {name: fact_rows(reports, "2021", name) for name in ("requests", "proactive")}
    facts["disputes"] = fact_rows(reports, "2019", "disputes")
    cells = pl.concat([facts[n].select("report_id", "year", "row", "col", "raw_text") for n in ("requests",)])
    numbered = reports.select("report_id", "year").join(pl.DataFrame({"section_no": range(1, 7)}), how="cross")
    claims = reports.select("report_id", "year").join(pl.DataFrame({"claim_no": range(1, 13)}), how="cross")
    sentence = "全年通过政府网站主动公开政府信息若干条，收到政府信息公开申请若干件，均按期答复。"
    frames = {
        "reports": filled("reports", reports.drop("number")),
        "report_files": filled("report_files", reports.select("report_id", "year", "file_id")),
        "issuers": filled("issuers", reports.select("issuer_id", "province")),
        "cells": filled("cells", cells.rename({"raw_text": "text"})),
        "sections": filled("sections", numbered.with_columns(text=pl.lit(sentence * 12))),
        "claims": filled("claims", claims.with_columns(sentence=pl.lit(sentence))),
        **facts,
    }
    empty = {
        name: filled(name, frames["reports"].select("report_id", "year").clear()) for name in ("problems", "statistics")
    }
    assert set(frames) | set(empty) == set(layer_tables("facts"))
    write_facts(home, year, {**frames, **empty})
    write_check_results(home, year, check_rows(reports), judged_fingerprint(home, year))


def check_rows(reports: pl.DataFrame) -> pl.DataFrame:
    instances = [(i.rule.check_id, i.subject, i.rule.severity) for i in rule_instances(CATALOGUE) if i.form == "2021"]
    rules = pl.DataFrame(instances, schema=["check_id", "subject", "severity"], orient="row")
    rows = reports.select("report_id", "year", "number").join(rules, how="cross")
    fails = (pl.col("number") % 50 == 0) & (pl.col("check_id") == "requests.balance")
    outcome = pl.when(fails).then(pl.lit("failed")).otherwise(pl.lit("passed"))
    return filled("check_results", rows.with_columns(outcome=outcome).drop("number"))


def make_lake(home: Home, count: int) -> None:
    numbers = pl.int_range(count, eager=True)
    hexed = numbers.hash(1).cast(pl.String).str.zfill(20)
    everything = pl.DataFrame(
        {
            "number": numbers,
            "year": numbers % len(YEARS) + YEARS[0],
            "report_id": hexed.str.slice(4),
            "file_id": hexed + "0" * 44,
            "series_id": hexed,
            "issuer_id": (numbers // len(YEARS)).cast(pl.String),
            "province": (numbers % 31).cast(pl.String),
        }
    )
    add_sightings(home, [Sighting(i, f"reports/{i}.html") for i in everything["file_id"]], datetime.now(UTC))
    ledger = everything.select("file_id", years=pl.concat_list(pl.col("year").cast(pl.Int32))).with_columns(
        reader_version=pl.lit("1"), status=pl.lit("read"), error=pl.lit(None, pl.String), media_type=pl.lit("text/html"),
        bytes=pl.lit(1, pl.Int64), batch=pl.lit("00000001-x"), links=pl.lit([], pl.List(pl.String)),
    )  # fmt: skip
    write_ledger_part(home, "00000001-x", ledger.select(list(LEDGER)))
    for (year,), reports in everything.partition_by("year", as_dict=True).items():
        write_year(home, int(str(year)), reports)


def change_one_report(home: Home, year: int) -> None:
    """Change a number, a text and a check of the year's first report, as a load of one file would."""
    facts, checks = read_facts(home, year), read_check_results(home, year)
    own = pl.col("report_id") == facts["reports"]["report_id"][0]
    facts["requests"] = facts["requests"].with_columns(
        pl.when(own).then(pl.col("value") + 1).otherwise("value").alias("value")
    )
    text = pl.when(own).then(pl.col("text") + "。").otherwise("text").alias("text")
    facts["sections"] = facts["sections"].with_columns(text)
    other = pl.when(own).then(pl.lit("failed")).otherwise("outcome").alias("outcome")
    checks["check_results"] = checks["check_results"].with_columns(other)
    write_facts(home, year, facts)
    for later in (other for other in checks_years(home) if other >= year):
        stands = checks if later == year else read_check_results(home, later)
        write_check_results(
            home, later, stands["check_results"], judged_fingerprint(home, later), stands["suggestions"],
            stands["compared_cells"],
        )  # fmt: skip


def in_own_process(action: Callable[[], object]) -> tuple[float, int]:
    """Run an action in a process forked for it; return its processor time in seconds and its peak memory in bytes."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    _, code, used = os.wait4(child, 0)
    if code:
        raise SystemExit("the process that was measured failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def measured(what: str, action: Callable[[], object]) -> None:
    seconds, memory = in_own_process(action)
    print(f"| {what} | {seconds:.2f} s of processor time, {memory / 2**20:,.0f} MiB |", flush=True)


def timed(what: str, action: Callable[[], object]) -> None:
    start = time.perf_counter()
    action()
    print(f"| {what} | {time.perf_counter() - start:.2f} s |", flush=True)


def measure_publications(home: Home) -> None:
    """Publish whole, then after each of ten changes of one report, then whole again."""
    measured("publishing whole", lambda: publish(home, "bench", CATALOGUE))
    measured("publishing again, nothing changed", lambda: publish(home, "bench", CATALOGUE))
    whole = home.warehouse.stat().st_size
    for number in range(CHANGES):
        year = YEARS[number % len(YEARS)]
        in_own_process(partial(change_one_report, home, year))
        measured(f"publishing one changed report of {year}", lambda: publish(home, "bench", CATALOGUE))
    grown = home.warehouse.stat().st_size
    print(f"| published file, whole and after {CHANGES} changes | {whole / 1e6:.0f} MB, {grown / 1e6:.0f} MB |")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REPORTS
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        print(f"| {count:,} reports of {len(YEARS)} years | |\n|---|---|")
        in_own_process(lambda: make_lake(home, count))
        measure_publications(home)
        size = home.warehouse.stat().st_size
        print(f"| published file | {size / 1e6:.0f} MB, {size / count / 1e3:.1f} kB a report |")
        (facts,) = run_query(home, "SELECT count(*) FROM facts").rows[0]
        print(f"| facts | {facts:,} |")
        for name, sql in QUERIES.items():
            timed(name, partial(run_query, home, sql))
        timed("gongkai anomalies, one year", lambda: anomalies(home, year=2023))
        first = str(run_query(home, "SELECT min(report_id) FROM reports").rows[0][0])
        timed("gongkai show", lambda: report(home, first))


if __name__ == "__main__":
    main()
