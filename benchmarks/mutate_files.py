"""Read thousands of spoilt files: no crash, no hang, no exception but the one that quarantines a file.

    python -m benchmarks.mutate_files [COUNT] [FIRST]     COUNT files, 20,000 unless told, from number FIRST on

File N is always the same. Each is read in a worker process by ``read_file``, prose and all, within 5 seconds of processor
time; a worker that dies costs its file, is counted, and another goes on. Prints what came of the files, and by kind the
reasons why files were refused. Ends with 1 where anything but reading or refusing happened.
"""

import multiprocessing
import random
import re
import shutil
import signal
import sys
import traceback
from collections import Counter
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from reportlab import rl_config

from benchmarks.make_documents import CATALOGUE, made_documents
from pipeline.document import UnreadableFile
from pipeline.reading import read_file
from tests.documents.mutate import mutate

COUNT = 20_000
WORKERS = 2
SECONDS = 5.0
SHARES = {"HTML": 6, "DOCX": 5, "DOC": 4, "XLSX": 3, "XLS": 2, "PDF": 3, "text": 3}
"""How many of 26 files are of each kind: PDF takes ten times as long as the others."""
KEPT = Path(__file__).parents[1] / "tests/fixtures"
Seeds = dict[str, list[tuple[str, bytes]]]


def seed_files() -> Seeds:
    """Return the sound documents of each kind that are spoilt; fresh .doc only where LibreOffice is installed."""
    rl_config.pageCompression = 0  # so that what a page draws is spoilt, not only its compression
    kinds = ("HTML", "DOCX", "XLSX", "PDF", "text") + (("DOC",) if shutil.which("soffice") else ())
    seeds = {kind: [(d.name, d.content) for d in made_documents(kind, 9)] for kind in kinds}
    for kind, suffix in (("DOC", ".doc"), ("XLS", ".xls"), ("PDF", ".pdf")):
        seeds.setdefault(kind, []).extend((f.name, f.read_bytes()) for f in sorted(KEPT.glob(f"*{suffix}")))
    return seeds


def spoilt_file(number: int, seeds: Seeds) -> tuple[str, str, bytes]:
    """Return kind, name and bytes of file ``number``."""
    rng = random.Random(number)
    kinds = sorted(seeds)
    kind = rng.choices(kinds, [SHARES[kind] for kind in kinds])[0]
    name, content = rng.choice(seeds[kind])
    others = [other for files in seeds.values() for _, other in files]
    return kind, name, mutate(content, others, rng)


def read_spoilt(number: int, seeds: Seeds) -> tuple[str, str]:
    """Return the kind of a spoilt file and what came of it: ``read``, ``refused: reason`` or ``failed: exception``."""
    kind, name, content = spoilt_file(number, seeds)
    try:
        read_file(content, name, CATALOGUE)
    except UnreadableFile as error:
        return kind, f"refused: {error}"
    except Exception:  # noqa: BLE001 - this is what is looked for
        return kind, f"failed: {traceback.format_exc()}"
    return kind, "read"


def _work(first: int, last: int, step: int, seeds: Seeds, answers: Connection) -> None:
    # Without a handler the signal ends the process wherever it is, in C code too; its clock runs while we compute only.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for number in range(first, last, step):
        answers.send((number, None))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        outcome = read_spoilt(number, seeds)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.send((number, outcome))
    answers.close()


class Worker:
    """A process that reads every ``WORKERS``-th file from ``number`` on."""

    def __init__(self, number: int, last: int, seeds: Seeds) -> None:
        self.last, self.seeds = last, seeds
        self.open(number)

    def open(self, number: int) -> None:
        """Start a process at a file."""
        self.number = number
        self.answers, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("fork")
        self.process: BaseProcess = context.Process(target=_work, args=(number, self.last, WORKERS, self.seeds, theirs))
        self.process.start()
        theirs.close()

    def why_dead(self) -> str:
        """Return how the process ended, in words."""
        self.process.join()
        code = self.process.exitcode or 0
        return f"took longer than {SECONDS:g} s" if code == -signal.SIGPROF else f"worker ended with {code}"


def main(count: int, first: int) -> int:
    """Read the files and print what came of them; return 1 where something else than reading or refusing happened."""
    seeds = seed_files()
    outcomes: dict[str, Counter[str]] = {}
    bad: list[str] = []
    workers = [Worker(first + n, first + count, seeds) for n in range(WORKERS)]
    while workers:
        for ready in wait([worker.answers for worker in workers]):
            worker = next(w for w in workers if w.answers is ready)
            try:
                number, outcome = worker.answers.recv()
            except EOFError:
                if worker.process.exitcode == 0 or worker.why_dead().endswith("with 0"):
                    workers.remove(worker)
                    continue
                number, outcome = worker.number, (spoilt_file(worker.number, seeds)[0], f"failed: {worker.why_dead()}")
                worker.open(worker.number + WORKERS)
            worker.number = max(worker.number, number)
            if outcome is None:
                continue
            kind, what = outcome
            if what.startswith("failed"):
                bad.append(f"file {number} ({kind}) {what}")
                print(bad[-1], flush=True)
            outcomes.setdefault(kind, Counter())[re.sub(r"\d+", "N", what.split("\n")[0])] += 1
    report(outcomes, len(bad))
    return int(bool(bad))


def report(outcomes: dict[str, Counter[str]], failed: int) -> None:
    print("\n| kind | files | read | refused | failed |\n|---|---|---|---|---|")
    for kind, counts in sorted(outcomes.items()):
        refused = sum(n for what, n in counts.items() if what.startswith("refused"))
        total = counts.total()
        print(f"| {kind} | {total} | {counts['read']} | {refused} | {total - counts['read'] - refused} |")
    print("\nWhy files were refused:\n")
    for kind, counts in sorted(outcomes.items()):
        for what, number in counts.most_common():
            if what.startswith("refused"):
                print(f"- {kind} {number} × {what.removeprefix('refused: ')}")
    print(f"\nFailed: {failed}")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else COUNT, arguments[1] if len(arguments) > 1 else 0))
