"""Plant faults in made reports and see what error localization says of them.

Draws sound reports of every form, plants one fault (or two) in each, uniformly over all cells and kinds of slip,
judges and localizes them, and prints shares per form. Plain command: ``python benchmarks/bench_localization.py
[reports] [seed]``; 10,000 by default.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from unittest.mock import patch

import polars as pl

from benchmarks.independent_faults import plant_fault
from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.localization import Localization
from pipeline.catalogue.model import TableForm
from pipeline.edits import localize as localization
from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.localize import localize
from pipeline.edits.operands import RuleInstance, table_instances
from pipeline.edits.repair import Repair
from pipeline.edits.repair_problem import RepairProblem
from pipeline.edits.slips import Slip, print_neighbours
from pipeline.edits.smallest_repair import smallest_repairs

CATALOGUE = load_catalogue()
FORMS: dict[str, tuple[TableForm, ...]] = {
    "2019": tuple(CATALOGUE.forms["2019"].tables[name] for name in ("proactive", "requests", "disputes")),
    "2021": (
        CATALOGUE.forms["2021"].tables["proactive"],
        CATALOGUE.forms["2021"].tables["requests"],
        CATALOGUE.forms["2019"].tables["disputes"],
    ),
    "2014": (CATALOGUE.forms["2014"].tables["statistics"],),
    "fujian": (CATALOGUE.forms["fujian"].tables["statistics"],),
}
ONE_CELL = ("digit_dropped", "digit_doubled", "digits_transposed", "digit_mistaken", "left_zero", "any_number")
TWO_CELLS = ("neighbours_swapped", "value_moved", "cells_merged")
Key = tuple[str, str, str]
Cells = dict[Key, int]


def instances_of(tables: tuple[TableForm, ...]) -> list[RuleInstance]:
    return [
        instance
        for table in tables
        for rule in CATALOGUE.rules.values()
        if rule.fact_table == table.fact_table and table.form in rule.forms
        for instance in table_instances(rule, table)
    ]


def a_number(rng: random.Random, often_zero: float) -> int:
    """Draw a count as reports have them: mostly 0, mostly small, now and then large."""
    return 0 if rng.random() < often_zero else int(10 ** rng.uniform(0, rng.choice((1, 2, 3))))


def sound_report(form: str, rng: random.Random) -> Cells:
    """Draw the cells of a report in which every rule holds."""
    cells: Cells = {}
    for table in FORMS[form]:
        busy = rng.uniform(0.3, 0.9)
        for row, column in table.cells:
            is_main = column in ("natural_person", "year", "cumulative") or table.fact_table == "proactive"
            cells[table.fact_table, row, column] = a_number(rng, busy if is_main else 0.9)
    order = {"statistics.denied_sum": 0, "requests.processed_sum": 0, "requests.balance": 1}
    for instance in sorted(instances_of(FORMS[form]), key=lambda i: order.get(i.rule.check_id, 2)):
        settle(instance, cells, rng)
    return cells


def settle(instance: RuleInstance, cells: Cells, rng: random.Random) -> None:
    """Make one rule hold by its printed side."""
    table = str(instance.rule.fact_table)
    left, right = ([(table, *cell) for cell in side] for side in (instance.left, instance.right))
    if instance.rule.check_id == "requests.balance":
        total = cells[right[0]] + cells[right[1]]
        cells[left[1]] = min(cells[left[1]], total)
        cells[left[0]] = total - cells[left[1]]
    elif instance.rule.kind == "bound":
        parts = [cells[key] for key in right]
        cells[left[0]] = rng.randint(max(parts), sum(parts))
    elif instance.rule.kind == "subset" or instance.rule.relation == "<=":
        cells[left[0]] = min(cells[left[0]], cells[right[0]])
    elif instance.rule.kind == "linear" and instance.rule.relation == "=":
        cells[left[0]] = sum(cells[key] for key in right)


@dataclass(frozen=True)
class Fault:
    kind: str
    keys: tuple[Key, ...]


def plant(form: str, cells: Cells, rng: random.Random) -> Fault:
    """Change a cell (or two neighbours) drawn uniformly, by a kind of slip drawn uniformly among all; say which."""
    totals = {
        (str(i.rule.fact_table), *i.left[0])
        for i in instances_of(FORMS[form])
        if i.rule.relation == "=" and len(i.left) == 1
    }
    while True:
        table = rng.choices(FORMS[form], [len(table.cells) for table in FORMS[form]])[0]
        cell = rng.choice(table.cells)
        kind = rng.choice((*ONE_CELL, *TWO_CELLS))
        key: Key = (table.fact_table, *cell)
        if kind in ONE_CELL:
            number = one_cell_slip(kind, cells[key], key in totals, rng)
            if number is not None and number != cells[key]:
                cells[key] = number
                return Fault(kind, (key,))
            continue
        pairs = [
            pair
            for pair in print_neighbours(table, list(table.cells))
            if cell in (table.cells[pair[0]], table.cells[pair[1]])
        ]
        if not pairs:
            continue
        one, two = ((table.fact_table, *table.cells[place]) for place in rng.choice(pairs))
        a, b = cells[one], cells[two]
        if a == b or (kind == "value_moved" and 0 not in (a, b)) or (kind == "neighbours_swapped" and 0 in (a, b)):
            continue
        if kind == "cells_merged":
            cells[one], cells[two] = rng.choice(((int(f"{a}{b}"), 0), (0, int(f"{a}{b}"))))
        else:
            cells[one], cells[two] = b, a
        changed = tuple(k for k, was in ((one, a), (two, b)) if cells[k] != was)
        if changed:
            return Fault(kind, changed)


def one_cell_slip(kind: str, number: int, is_total: bool, rng: random.Random) -> int | None:
    digits = str(number)
    place = rng.randrange(len(digits))
    if kind == "digit_dropped" and len(digits) > 1:
        return int(digits[:place] + digits[place + 1 :])
    if kind == "digit_doubled" and number:
        return int(digits[: place + 1] + digits[place] + digits[place + 1 :])
    if kind == "digits_transposed" and place + 1 < len(digits):
        return int(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :])
    if kind == "digit_mistaken" and number:
        return int(digits[:place] + str(rng.randint(0, 9)) + digits[place + 1 :])
    if kind == "left_zero" and is_total:
        return 0
    return rng.randint(0, 10 ** rng.randint(1, 3)) if kind == "any_number" else None


def is_broken(form: str, cells: Cells) -> bool:
    """Say by plain arithmetic, without the code under test, whether a rule of severity error is broken."""
    for instance in instances_of(FORMS[form]):
        rule, table = instance.rule, str(instance.rule.fact_table)
        if rule.kind == "cell" and any(cells[table, *cell] < 0 for cell in instance.left):
            return True
        left, right = (sum(cells[table, *cell] for cell in side) for side in (instance.left, instance.right))
        holds = left <= right if rule.kind == "subset" else left == right
        if rule.severity == "error" and rule.kind != "cell" and not holds:
            return True
    return False


def frame_of(reports: list[tuple[str, Cells]]) -> pl.DataFrame:
    rows = []
    for number, (form, cells) in enumerate(reports):
        forms: dict[str, str] = {table.fact_table: table.form for table in FORMS[form]}
        rows += [
            (f"{number:06}", 2018, *key, Decimal(value), "reported", forms[key[0]]) for key, value in cells.items()
        ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "report_id": pl.String, "year": pl.Int32, "fact_table": pl.String, "row_code": pl.String,
        "column_code": pl.String, "value": pl.Decimal(20, 4), "status": pl.String, "form": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def share(part: int, whole: int) -> str:
    return f"{part:6} of {whole:6} {100 * part / whole:6.2f} %" if whole else "     none"


def bound_cells_of(form: str) -> set[Key]:
    """Return the cells of a form that some equation of severity error binds."""
    return {
        (str(i.rule.fact_table), *cell)
        for i in instances_of(FORMS[form])
        if i.rule.severity == "error" and i.rule.kind != "cell"
        for cell in i.cells
    }


def print_unbound() -> None:
    print("Cells that no rule of severity error binds, per form:")
    for form, tables in FORMS.items():
        every = {(table.fact_table, *cell) for table in tables for cell in table.cells}
        print(f"  {form:8}{share(len(every - bound_cells_of(form)), len(every))}")


@contextmanager
def each_group_timed(seconds: list[float]) -> Iterator[None]:
    """Add to ``seconds`` how long each group of equations takes to repair."""

    def timed(problem: RepairProblem, slips: Sequence[Slip], declared: Localization) -> tuple[list[Repair], bool]:
        start = time.perf_counter()
        answer = smallest_repairs(problem, slips, declared)
        seconds.append(time.perf_counter() - start)
        return answer

    with patch.object(localization, "smallest_repairs", timed):
        yield


def plant_independently(form: str, cells: Cells, rng: random.Random) -> Fault:
    """Plant a fault by the planter that does not know how slips are recognised."""
    return Fault(*plant_fault(FORMS[form], cells, rng))


PLANTERS = {"of the kinds of slip that are recognised": plant, "drawn independently": plant_independently}


def experiment(count: int, faults: int, planter: str, rng: random.Random) -> None:
    """Plant ``faults`` faults in each of ``count`` reports and print what became of them."""
    plant_one = PLANTERS[planter]
    made: list[tuple[str, Cells, Cells, list[Fault]]] = []
    forms = list(FORMS)
    while len(made) < count:
        form = forms[len(made) % len(forms)]
        truth = sound_report(form, rng)
        cells = dict(truth)
        planted = [plant_one(form, cells, rng) for _ in range(faults)]
        # Of two faults each must be one that breaks a rule by itself: nothing can be said of the other ones.
        if faults == 1 or all(is_broken(form, truth | {key: cells[key] for key in f.keys}) for f in planted):
            made.append((form, truth, cells, planted))
    facts = frame_of([(form, cells) for form, _, cells, _ in made])
    failed = set(
        evaluate_rules(facts, CATALOGUE).filter((pl.col("outcome") == "failed") & (pl.col("severity") == "error"))[
            "report_id"
        ]
    )
    groups: list[float] = []
    with each_group_timed(groups):
        start = time.perf_counter()
        suggestions = localize(facts, CATALOGUE)
        seconds = time.perf_counter() - start
    by_report = suggestions.rows_by_key("report_id", named=True)
    totals: dict[str, Counter[str]] = {form: Counter() for form in (*forms, "all")}
    misses: Counter[str] = Counter()
    bound = {form: bound_cells_of(form) for form in forms}
    for number, (form, truth, cells, planted) in enumerate(made):
        report = f"{number:06}"
        told = judge(by_report.get(report, []), truth, cells, bound[form], is_broken(form, cells), report in failed)
        if told["unique"] and not told["unique, planted cells"]:
            misses["+".join(fault.kind for fault in planted)] += 1
        for name in (form, "all"):
            totals[name].update(told)
    print(f"\n{faults} fault(s) {planter}, in each of {count} reports; localized in {seconds:.0f} s,")
    print(f"  {1000 * seconds / max(1, len(failed)):.0f} ms a failing report, judging included;")
    print(f"  a group of equations: median {1000 * median(groups):.0f} ms, worst {1000 * max(groups):.0f} ms")
    for name, told in totals.items():
        print(f"  {name}:")
        broken, unique = told["broken"], told["unique"]
        print(f"    break a rule                      {share(broken, told['reports'])}")
        print(f"    of these found                    {share(told['found'], broken)}")
        print(f"    of these with suggestions         {share(told['suggested'], broken)}")
        print(f"    of these with a unique repair     {share(unique, broken)}")
        print(f"      which is the planted cells      {share(told['unique, planted cells'], unique)}")
        print(f"      and gives the true numbers      {share(told['unique, true numbers'], unique)}")
        print(f"      which is none of them           {share(told['unique, other cells'], unique)}")
        print(f"    all planted cells named somewhere {share(told['all named'], broken)}")
        print(f"    found without being broken        {told['false alarm']}")
    print(f"  unique but other cells, by kind planted: {dict(misses.most_common())}")


def judge(
    rows: list[dict[str, object]], truth: Cells, cells: Cells, bound: set[Key], broken: bool, found: bool
) -> Counter[str]:
    """Count what was said of one report. A planted cell that no error rule binds cannot be a culprit of a broken
    one."""
    told = Counter({"reports": 1, "broken": broken, "found": broken and found, "false alarm": found and not broken})
    if not broken:
        return told
    culprits = {key for key in truth if truth[key] != cells[key]} & bound
    named = {(row["fact_table"], row["row_code"], row["column_code"]): row for row in rows}
    told["suggested"] = bool(rows)
    told["all named"] = culprits <= set(named)
    if rows and all(row["is_unique"] for row in rows):
        told["unique"] = 1
        told["unique, planted cells"] = set(named) <= culprits
        told["unique, true numbers"] = all(row["suggested"] == truth[key] for key, row in named.items())  # type: ignore[index]
        told["unique, other cells"] = not set(named) & culprits
    return told


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print_unbound()
    forms = list(FORMS)
    sound = frame_of([(form, sound_report(form, rng)) for form in forms for _ in range(count // 40)])
    failures = evaluate_rules(sound, CATALOGUE).filter(pl.col("outcome") == "failed").height
    start = time.perf_counter()
    suggestions = localize(sound, CATALOGUE).height
    seconds = time.perf_counter() - start
    reports = sound["report_id"].n_unique()
    print(
        f"\n{reports} sound reports: {failures} failures, {suggestions} suggestions, {1000 * seconds / reports:.2f} ms a report"
    )
    for planter in PLANTERS:
        experiment(count, 1, planter, rng)
        experiment(count // 5, 2, planter, rng)


if __name__ == "__main__":
    main()
