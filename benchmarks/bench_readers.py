"""Measure the readers: made documents of every kind with known truth, and the speed of each beside the usual library.

    python -m benchmarks.bench_readers [COUNT[@FIRST]] [KIND ...]     COUNT documents a kind (120 unless told), from seed FIRST
                                                                      on; scans beside other kinds: a twelfth

Accuracy counts cells right, marked (said to be unread) and silently wrong (``tests.documents.scoring``). Speed is processor
time on one core, medians over the same documents in the same run, the two taking turns: ours from the bytes of a file to the
facts of its report (reading, recognition, identity, the second reading where the first is in doubt; prose apart), theirs
parsing alone, to tables without meaning. A library that is not installed is left out, and the line says so.
"""

import io
import itertools
import multiprocessing
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.make_documents import CATALOGUE, KINDS, MAKERS, MadeDocument, convert, made_documents
from benchmarks.scan_baseline import read_with_rapidocr
from pipeline.cycles import look_for_cycles_seldom
from pipeline.document import UnreadableFile
from pipeline.narrative.claims import Prose
from pipeline.narrative.prose import read_prose
from pipeline.reading import FileReading, read_facts
from pipeline.report import ReportReading
from tests.documents.scoring import Score, score_reading

_Result = TypeVar("_Result")
COUNT = 120
WANTED_RIGHT = 0.9995
WARM_UP = 5
PARTS = ("read", "prose")


@dataclass(slots=True)
class Measured:
    """What was seen of one kind: scores by style, seconds by what was timed."""

    scores: dict[str, Score] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    doubted: int = 0

    @property
    def whole(self) -> Score:
        total = Score()
        for score in self.scores.values():
            total.add(score)
        return total


@dataclass(frozen=True, slots=True)
class Library:
    """A library to stand beside: how it reads one file, how many times faster we ought to be, on how many files it is timed."""

    name: str
    read: Callable[[bytes], object]
    wanted: float
    files: int


def read_with_pandas(content: bytes) -> object:
    import pandas as pd

    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return pd.read_html(io.StringIO(text))


def read_with_python_docx(content: bytes) -> object:
    import docx

    return [
        [cell.text for cell in row.cells] for table in docx.Document(io.BytesIO(content)).tables for row in table.rows
    ]


def read_with_pdfplumber(content: bytes) -> object:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as document:
        return [page.extract_tables() for page in document.pages]


LIBRARIES = {
    "HTML": Library("pandas.read_html", read_with_pandas, 3, COUNT),
    "DOCX": Library("python-docx row.cells", read_with_python_docx, 6, COUNT),
    "PDF": Library("pdfplumber, all pages", read_with_pdfplumber, 10, 24),
    "SCAN": Library("OpenCV rulings + rapidocr over the tables", read_with_rapidocr, 3, 10),
}
SCANS = 12
"""Scans are slow: beside other kinds only COUNT / SCANS of them are read."""
WANTED_SCANS = 0.99
OFFICE_FILES = 20


def timed(act: Callable[..., _Result], *arguments: object) -> tuple[float, _Result]:
    start = time.process_time()
    result = act(*arguments)
    return time.process_time() - start, result


def measure(documents: list[MadeDocument], library: Library | None) -> Measured:
    """Read every document, ours and theirs by turns, and judge ours."""
    measured = Measured(seconds={"read": [], "prose": [], "library": []})
    for document in documents[:WARM_UP]:
        _read(document)
    every = max(len(documents) // library.files, 1) if library else 0
    for number, document in enumerate(documents):
        seconds, report = timed(_read, document)
        measured.seconds["read"].append(seconds)
        reading = None
        if isinstance(report, ReportReading):
            seconds, prose = timed(_prose, report)
            measured.seconds["prose"].append(seconds)
            reading = FileReading("", (report,), (prose,))
            measured.doubted += bool(report.agreement)
        score = measured.scores.setdefault(document.style, Score())
        score.add(score_reading(document.report, reading, document.name))
        if library and number % every == 0:
            measured.seconds["library"].append(timed(library.read, document.content)[0])
    return measured


def _read(document: MadeDocument) -> ReportReading | None:
    try:
        return read_facts(document.content, document.name, CATALOGUE)[1][0]
    except UnreadableFile:
        return None


def _prose(report: ReportReading) -> Prose:
    return read_prose(report.sections, scope=report.scope, form=report.form, catalogue=CATALOGUE, year=report.year)


def office_seconds(documents: Iterable[MadeDocument], target: str) -> tuple[float, float]:
    """Return LibreOffice's processor seconds a file: one call a file (3 files), and all files in one call."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / document.name for document in documents]
        for path, document in zip(paths, documents, strict=True):
            path.write_bytes(document.content)
        convert(paths[:1], target, folder)  # the first start makes a profile
        alone = [_children(partial(convert, [path], target, folder)) for path in paths[:3]]
        return statistics.median(alone), _children(lambda: convert(paths, target, folder)) / len(paths)


def _children(act: Callable[[], None]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_memory(documents: list[MadeDocument]) -> int:
    """Return the greatest resident memory, in MiB, of a process that reads these documents one after the other."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(_memory_of_reading, documents).result()


def _memory_of_reading(documents: list[MadeDocument]) -> int:
    for document in documents:
        _read(document)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(count: int, kinds: Sequence[str], first: int = 0) -> int:
    """Print the table; return how many targets were missed."""
    look_for_cycles_seldom()  # As workers do; the libraries have it too.
    measured: dict[str, Measured] = {}
    lines: list[str] = []
    missed: list[str] = []
    for kind in kinds:
        maker = MAKERS.get(kind)
        if maker and not shutil.which(maker):
            print(f"{kind}: left out, no {maker} to make the files with")
            continue
        wanted = max(count // SCANS, 1) if kind == "SCAN" and len(kinds) > 1 else count
        documents = list(made_documents(kind, wanted, first))
        measured[kind] = measure(documents, _installed(_library(kind)))
        lines += _speed_lines(kind, measured[kind], documents, missed)
    print_accuracy(measured, missed)
    print("\nSpeed, one core, processor time, medians; ours from bytes to facts, theirs parsing alone.\n")
    print("| kind | ms a file | mean | prose | read twice | MiB | beside | ms a file | times | wanted |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    print("\n".join(lines))
    print("\nMissed: " + ("; ".join(missed) or "nothing"))
    return len(missed)


def _library(kind: str) -> Library | None:
    return LIBRARIES.get(kind.partition("-")[0])


def _installed(library: Library | None) -> Library | None:
    if library is None:
        return None
    try:
        library.read(b"")
    except ImportError:
        return None
    except Exception:  # noqa: BLE001 - it is there; an empty file is no document to it
        return library
    return library


def print_accuracy(measured: dict[str, Measured], missed: list[str]) -> None:
    print("\n| kind | style | files | wholly right | cells | right | marked | silently wrong | issuer and year right |")
    print("|---|---|---|---|---|---|---|---|---|")
    why: Counter[str] = Counter()
    for kind, one in measured.items():
        styles = one.scores if len(one.scores) > 1 else {}
        for style, score in (*styles.items(), ("all", one.whole)):
            identity = f"{score.identity['right']} of {score.identity.total()}"
            print(
                f"| {kind} | {style} | {score.documents} | {score.whole} | {score.cells} | {score.share_right:.5f} | "
                f"{score.marked} | {len(score.wrong)} | {identity} |"
            )
        why.update({f"{kind}: {reason}": n for reason, n in one.whole.marked_why.items()})
        if one.whole.wrong:
            missed.append(f"{kind}: {len(one.whole.wrong)} silently wrong")
        if (
            kind.partition("-")[0] in ("HTML", "DOCX", "DOC", "PDF", "XLSX", "XLS")
            and one.whole.share_right < WANTED_RIGHT
        ):
            missed.append(f"{kind}: {one.whole.share_right:.5f} right, wanted {WANTED_RIGHT}")
        if kind == "SCAN" and one.whole.share_right < WANTED_SCANS:
            missed.append(f"{kind}: {one.whole.share_right:.5f} right, wanted {WANTED_SCANS}")
    print("\nMarked cells, by reason:", "; ".join(f"{reason} {n}" for reason, n in why.most_common(12)) or "none")
    for line in itertools.islice((line for one in measured.values() for line in one.whole.wrong), 20):
        print("silently wrong:", line)


def _speed_lines(kind: str, one: Measured, documents: list[MadeDocument], missed: list[str]) -> list[str]:
    ours = statistics.median(one.seconds["read"])
    mean, prose = statistics.mean(one.seconds["read"]), statistics.median(one.seconds["prose"] or [0.0])
    start = (
        f"| {kind} | {ours * 1000:.1f} | {mean * 1000:.1f} | {prose * 1000:.1f} | "
        f"{one.doubted} of {len(documents)} | {peak_memory(documents)} |"
    )
    beside: list[tuple[str, float, float | None]] = []
    library = _library(kind)
    if library and one.seconds["library"]:
        beside.append((library.name, statistics.median(one.seconds["library"]), library.wanted))
    elif library:
        beside.append((f"{library.name}: not installed", 0.0, None))
    if kind == "DOC":
        alone, together = office_seconds(documents[:OFFICE_FILES], "docx")
        beside.append(("LibreOffice to docx, a call a file", alone, 50))
        beside.append((f"LibreOffice to docx, {OFFICE_FILES} files a call", together, None))
        beside.append(
            (
                f"LibreOffice to html, {OFFICE_FILES} files a call",
                office_seconds(documents[:OFFICE_FILES], "html")[1],
                None,
            )
        )
    lines = []
    for name, theirs, wanted in beside or [("–", 0.0, None)]:
        times = theirs / ours
        if wanted and times < wanted:
            missed.append(f"{kind}: {times:.1f} times {name}, wanted {wanted}")
        shown = f"{theirs * 1000:.1f} | {times:.1f} | {wanted or '–'}" if theirs else "– | – | –"
        lines.append(f"{start} {name} | {shown} |")
    return lines


if __name__ == "__main__":
    arguments = sys.argv[1:]
    count, _, first = (
        arguments.pop(0).partition("@") if arguments and arguments[0][0].isdigit() else (str(COUNT), "", "")
    )
    sys.exit(min(main(int(count), arguments or KINDS, int(first or 0)), 1))
