"""Plant anomalies in a made country and see whether the drift rules find them, and how much else they say.

200 bodies over 10 years, each report with every number of form 2021: bodies of all sizes, yearly changes with heavy tails, zeros
where small bodies have them. In each year from the fourth on are planted: jumps of one number, reports copied from the year
before, pages whose 总计 column is read one column aside, and a site whose layout we no longer read. Printed: how many of
them are told, in which place of the list a reader sees, and how many lines nobody planted. Plain command:
``python -m benchmarks.bench_drift [bodies] [years] [seed]``.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from math import exp, sqrt

import polars as pl

from pipeline.across.judge import judge_across
from pipeline.catalogue.load import load_catalogue
from pipeline.cli.findings import group_by_report

CATALOGUE = load_catalogue()
REQUESTS = CATALOGUE.forms["2021"].tables["requests"]
PROACTIVE = CATALOGUE.forms["2021"].tables["proactive"]
APPLICANTS = [axis.code for axis in REQUESTS.columns if axis.role == "applicant"]
OUTCOMES = [axis.code for axis in REQUESTS.rows if axis.role == "outcome"]
KINDS = ("county", "township", "department")
SITES = 20
FIRST_YEAR = 2012
FACT: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String, "year": pl.Int32, "fact_table": pl.String, "row_code": pl.String, "column_code": pl.String,
    "value": pl.Decimal(20, 4), "status": pl.String, "unit": pl.String, "form": pl.String, "raw_text": pl.String,
}  # fmt: skip
REPORT: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String, "issuer_id": pl.String, "issuer_kind": pl.String, "scope": pl.String, "year": pl.Int32,
    "form": pl.String, "published_on": pl.Date, "source": pl.String, "media_type": pl.String, "is_current": pl.Boolean,
}  # fmt: skip
Key = tuple[str, str, str]
Cells = dict[Key, int | None]
"""None is a cell that could not be read."""


def heavy(rng: random.Random, scale: float) -> float:
    """Draw a change with heavy tails: Student's t with three degrees of freedom."""
    return scale * rng.gauss(0, 1) / sqrt(sum(rng.gauss(0, 1) ** 2 for _ in range(3)) / 3)


def series(rng: random.Random, level: float, years: int, scale: float) -> list[int]:
    """Draw a yearly count that wanders about a level."""
    wandering = 0.0
    numbers = []
    for _ in range(years):
        wandering = 0.7 * wandering + heavy(rng, scale)
        numbers.append(max(0, round(level * exp(max(-6.0, min(6.0, wandering))))))
    return numbers


def body(rng: random.Random, years: int) -> list[Cells]:
    """Draw the reports of one body, every equation of section 三 holding."""
    received = series(rng, 10 ** rng.uniform(-0.5, 3), years, 0.3)
    levels = {cell: 10 ** rng.uniform(-1, 4) if rng.random() < 0.6 else 0.0 for cell in PROACTIVE.cells}
    printed = {cell: series(rng, level, years, 0.35) for cell, level in levels.items()}
    habits = [rng.random() ** 3 for _ in OUTCOMES]
    carried = 0
    reports = []
    for year, new in enumerate(received):
        cells: Cells = {("requests", r, c): 0 for r, c in REQUESTS.cells}
        out = rng.randint(0, max(1, new // 10))
        processed = max(0, new + carried - out)
        out = new + carried - processed
        counts = Counter(rng.choices(OUTCOMES, habits, k=processed))
        rows = {"new_received": new, "carried_over_in": carried, "processed_total": processed, "carried_over_out": out}
        for row, number in (rows | counts).items():
            cells["requests", row, "total"] = cells["requests", row, "natural_person"] = number
        cells |= {("proactive", *cell): numbers[year] for cell, numbers in printed.items()}
        reports.append(cells)
        carried = out
    return reports


def plant(country: list[list[Cells]], years: int, rng: random.Random) -> dict[tuple[int, int], str]:
    """Plant anomalies in the later years; return which by (body, year)."""
    planted: dict[tuple[int, int], str] = {}
    for year in range(3, years):
        free = [n for n in range(len(country)) if (n, year - 1) not in planted]
        for kind, number in zip(("jump", "copied", "column aside"), rng.sample(free, 3), strict=True):
            now, before = country[number][year], country[number][year - 1]
            if kind == "copied":
                now.update(before)
            elif kind == "column aside":
                for row in (axis.code for axis in REQUESTS.rows if not axis.is_group):
                    now["requests", row, "total"] = (before["requests", row, "total"] or 0) * 37 + 300
            else:
                key = rng.choice([key for key in now if "total" in key or key[0] == "proactive"])
                now[key] = max(60, now[key] or 0, before[key] or 0) * 12
            planted[number, year] = kind
        # One site, where every tenth body publishes in the later half, changes its layout in the last year.
    for number in range(0, len(country), SITES):
        last = country[number][-1]
        last.update({key: None for key in last if key[2] in ("business", "research")})
        planted.setdefault((number, years - 1), "layout unread")
    return planted


def frames(country: list[list[Cells]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    reports, facts = [], []
    for number, own in enumerate(country):
        for year, cells in enumerate(own, start=FIRST_YEAR):
            report_id = f"{number:04}-{year}"
            source = f"http://site{number % SITES}.example/{report_id}"
            kind = KINDS[number % len(KINDS)]
            reports.append((report_id, f"b{number}", kind, "own", year, "2021", None, source, "text/html", True))
            for (table, row, column), value in cells.items():
                status = "unreadable" if value is None else "reported"
                unit = "CNY" if column == "amount" else "count"
                number_ = None if value is None else Decimal(value)
                facts.append((report_id, year, table, row, column, number_, status, unit, "2021", str(value)))
    return pl.DataFrame(reports, REPORT, orient="row"), pl.DataFrame(facts, FACT, orient="row")


def places(findings: list[dict[str, object]]) -> Iterator[tuple[int, str, list[str]]]:
    """Yield what a reader of ``gongkai anomalies --kind drift`` sees: place, report, its rules."""
    for place, group in enumerate(group_by_report(findings), start=1):
        yield place, str(group[0]["report_id"]), sorted({str(finding["check_id"]) for finding in group})


def main() -> None:
    bodies, years, seed = (int(v) for v in (sys.argv[1:] + ["200", "10", "1"][len(sys.argv) - 1 :]))
    rng = random.Random(seed)
    country = [body(rng, years) for _ in range(bodies)]
    planted = plant(country, years, rng)
    reports, facts = frames(country)
    found: Counter[str] = Counter()
    first: Counter[str] = Counter()
    whole = Counter(planted.values())
    others: Counter[str] = Counter()
    told_reports = lines = 0
    start = time.perf_counter()
    for year in range(3, years):
        results = judge_across(FIRST_YEAR + year, reports, facts, CATALOGUE).check_results
        drift = results.filter(pl.col("check_id").str.starts_with("drift."), pl.col("outcome") == "failed")
        named = drift.filter(
            (pl.col("subject") != "all") | pl.col("check_id").is_in(["drift.identical", "drift.extraction"])
        )
        lines += named.height
        for place, report_id, rules in places(named.to_dicts()):
            key = (int(report_id[:4]), int(report_id[5:]) - FIRST_YEAR)
            kind = planted.get(key)
            told_reports += 1
            if kind is None:
                others.update(rules)
                continue
            found[kind] += 1
            first[kind] += place <= 10
    seconds = time.perf_counter() - start
    judged = bodies * (years - 3)
    print(f"{bodies} bodies × {years} years, {facts.height} numbers; {judged} reports judged in {seconds:.1f} s")
    for kind, number in whole.items():
        print(
            f"  {kind:14} planted {number:3}, told {found[kind]:3}, among the first ten reports of its year {first[kind]:3}"
        )
    print(
        f"  {lines} lines in {told_reports} reports ({told_reports / judged:.1%} of all); of reports with nothing planted, by rule:"
    )
    for rule, number in others.most_common():
        print(f"    {rule:18}{number:4} reports ({number / judged:.1%})")


if __name__ == "__main__":
    main()
