"""Made dumps whose cells have run together, with wrong numbers planted: how many cells come back, and is any of them wrong.

``python -m benchmarks.glued_dumps [files] [first]``. Exits 1 where a cell is silently wrong. Belongs here: planting, counting.
Does not belong here: how rows are cut (``pipeline.recognize.reconstruct``).
"""

import random
import sys
from collections import Counter
from decimal import Decimal

from pipeline.catalogue.load import load_catalogue
from pipeline.readers.text import read_text
from pipeline.recognize.tables import recognize_tables
from tests.documents import dump
from tests.documents.made import MadeReport, Truth, make_report, with_cell

CATALOGUE = load_catalogue()
COUNT = 2000
TABLES = ("requests", "requests", "requests", "disputes")


def planted(number: int) -> tuple[str, MadeReport]:
    """Return what was planted into made report ``number``, and the report: the number of wrong cells, 0 to 3."""
    rng = random.Random(f"glued {number}")
    report = make_report(rng, CATALOGUE, rng.choice(("2019", "2021")), "plain")
    faults = rng.choice((0, 1, 1, 1, 2, 3))
    for _ in range(faults):
        table = rng.choice(TABLES)
        keys = [key for key, truth in report.truth.items() if key[0] == table and (truth.value or rng.random() < 0.05)]
        if keys:
            key = rng.choice(keys)
            value = _spoilt(int(report.truth[key].value or 0), rng)
            report = with_cell(report, key, str(value), Truth(Decimal(value), "reported"), CATALOGUE)
    return str(faults), report


def _spoilt(value: int, rng: random.Random) -> int:
    """Return the number as a hand may have it wrong: near it, a digit lost, doubled or two of them swapped."""
    digits = str(value)
    at = rng.randrange(len(digits))
    ways = (
        str(value + rng.randint(1, 9)),
        str(max(value - rng.randint(1, 9), 0)),
        digits[:at] + digits[at + 1 :] or "0",
        digits[:at] + digits[at] + digits[at:],
        digits[:at][::-1] + digits[at:],
    )
    return int(rng.choice(ways))


def main(count: int, first: int) -> int:
    """Read the dumps, print the table; return 1 where a cell is silently wrong."""
    counts: dict[str, Counter[str]] = {}
    wrong_files = 0
    for number in range(first, first + count):
        faults, report = planted(number)
        text = dump.render(report, "glued", random.Random(number))
        counted = counts.setdefault(faults, Counter())
        counted["files"] += 1
        wrong = []
        for fact in recognize_tables(read_text(text, "x.txt", CATALOGUE), CATALOGUE).facts:
            truth = report.truth[fact.fact_table, fact.row_code, fact.column_code]
            if fact.fact_table in ("requests", "disputes"):
                outcome = "marked" if fact.value is None else "right" if fact.value == truth.value else "wrong"
                counted[outcome] += 1
                if outcome == "wrong":
                    wrong.append(f"{fact.row_code}/{fact.column_code} {fact.value} for {truth.value}")
        if wrong:
            wrong_files += 1
            print(f"file {number}: {'; '.join(wrong[:8])}", flush=True)
    print("\n| wrong numbers planted | files | cells of sections 三, 四 | right | marked | silently wrong |")
    print("|---|---|---|---|---|---|")
    for faults, counted in sorted(counts.items()):
        cells = counted["right"] + counted["marked"] + counted["wrong"]
        print(
            f"| {faults} | {counted['files']} | {cells} | {counted['right']} | {counted['marked']} | {counted['wrong']} |"
        )
    return int(wrong_files > 0)


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else COUNT, arguments[1] if len(arguments) > 1 else 0))
