"""What a reader made of a made document against its truth: cells right, marked, silently wrong.

Belongs here: the judgement, for tests and benchmarks alike. ``marked`` is a cell that says that it was not read (``unreadable``,
``missing``, its table reported as missing, the file refused); everything else that differs from the truth is silently wrong:
another value, a value where nothing is printed, a blank where something is, a fact where the document has no such cell.
"""

from collections import Counter
from dataclasses import dataclass, field

from pipeline.reading import FileReading
from pipeline.report import Fact, ReportReading
from tests.documents.made import Key, MadeReport

MARKS = ("unreadable", "missing")


@dataclass(slots=True)
class Score:
    """Counts over documents. ``wrong`` and ``marked_why`` say what and why; ``identity`` counts right, unknown and wrong."""

    documents: int = 0
    whole: int = 0
    cells: int = 0
    right: int = 0
    marked: int = 0
    wrong: list[str] = field(default_factory=list)
    marked_why: Counter[str] = field(default_factory=Counter)
    identity: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Score") -> None:
        self.documents += other.documents
        self.whole += other.whole
        self.cells += other.cells
        self.right += other.right
        self.marked += other.marked
        self.wrong += other.wrong
        self.marked_why += other.marked_why
        self.identity += other.identity

    @property
    def share_right(self) -> float:
        return self.right / self.cells if self.cells else 1.0


def score_reading(report: MadeReport, reading: FileReading | None, name: str) -> Score:
    """Return the score of one document; ``reading`` is None where the file was refused."""
    score = Score(documents=1, cells=len(report.truth))
    if reading is None or len(reading.reports) != 1:
        score.marked = len(report.truth)
        score.marked_why["file refused"] += len(report.truth)
        return score
    read = reading.reports[0]
    facts: dict[Key, Fact] = {(f.fact_table, f.row_code, f.column_code): f for f in read.facts}
    for key, truth in report.truth.items():
        _judge(score, f"{name} {'/'.join(key)}", key, facts.get(key), (truth.value, truth.status), read)
    for key, fact in facts.items():
        if key not in report.truth and fact.status not in MARKS:
            score.wrong.append(f"{name} {'/'.join(key)}: {fact.raw_text!r} read where the document has no such cell")
    score.whole = int(score.right == score.cells and not score.wrong)
    _judge_identity(score, report, read, name)
    return score


def _judge(
    score: Score, name: str, key: Key, fact: Fact | None, truth: tuple[object, str], read: ReportReading
) -> None:
    if fact is None:
        if key[0] in read.tables_missing:
            score.marked += 1
            score.marked_why[f"{key[0]}: table not found"] += 1
        else:
            score.wrong.append(f"{name}: no fact")
        return
    status = "reported" if fact.status == "reconstructed" else fact.status
    if (fact.value, status) == truth:
        score.right += 1
    elif status in MARKS and fact.value is None:
        score.marked += 1
        score.marked_why[f"{key[0]}: {fact.reason}"] += 1
    else:
        score.wrong.append(f"{name}: {fact.raw_text!r} read as {fact.value} {fact.status}, is {truth}")


def _judge_identity(score: Score, report: MadeReport, read: ReportReading, name: str) -> None:
    """Count issuer and year: right, not told, or wrong (which is silent too)."""
    for what, told, truth in (("issuer", read.issuer, report.issuer), ("year", read.year, report.year)):
        verdict = "right" if told == truth else "not told" if told is None else "wrong"
        score.identity[verdict] += 1
        if verdict == "wrong":
            score.wrong.append(f"{name} {what}: {told!r}, is {truth!r}")
