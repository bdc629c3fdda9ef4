"""Where in a running text the tables stand.

Belongs here: runs of labels with little but numbers between them, and what makes such a run a table and not a sentence.
Does not belong here: finding the labels (``text_labels``), cutting a table into cells (``text_cells``).
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.plain_text import to_plain
from pipeline.readers.text_labels import Kind, TextLabel
from pipeline.values import record

FAR = 45
"""More letters than this between two labels, remarks not counted, and they are not of one table."""
HEADED_ROWS = {"proactive": 1, "requests": 1, "statistics": 3, "disputes": 0}
LONG = 8
"""A label of so many characters is no word of everyday prose: two of them need no header."""
HEADING_END = "情况"
"""四、行政复议、行政诉讼情况: what follows the word is no heading any more."""
_LETTERS = re.compile(r"[A-Za-z\u3400-\u9fff]")
_REMARK = re.compile(r"\([^()]*\)")
_COMMA = re.compile(r",(?!\d{3})")
_CUT = re.compile(r"[。;；!?]|(?<![第(])[一二三四五六七八九十]{1,2}、\s*[\u3400-\u9fff]{3}")


@record
class Region:
    """The labels of one table in a text, in order; ``table`` is the fact table."""

    table: str
    labels: tuple[TextLabel, ...]

    @property
    def start(self) -> int:
        return self.labels[0].start


def find_regions(text: str, labels: Sequence[TextLabel]) -> list[Region]:
    """Return the tables of a text by their labels, in order. Labels that stand in prose are left out."""
    plain = to_plain(text)
    regions = []
    for run in _runs(plain, labels):
        table = _table_of(run)
        trimmed = _trim(plain, run, table)
        if trimmed and _is_table(plain, trimmed, table):
            regions.append(Region(table, tuple(trimmed)))
    return regions


def _runs(plain: str, labels: Sequence[TextLabel]) -> list[list[TextLabel]]:
    runs: list[list[TextLabel]] = []
    shared: frozenset[str] = frozenset()
    for label in labels:
        if runs and shared & label.tables and _is_near(plain[runs[-1][-1].end : label.start]):
            runs[-1].append(label)
            shared &= label.tables
        else:
            runs.append([label])
            shared = label.tables
    return runs


def _is_near(gap: str) -> bool:
    gap = _REMARK.sub("", gap)
    return not _CUT.search(gap) and len(_LETTERS.findall(gap)) <= FAR


def _table_of(run: Sequence[TextLabel]) -> str:
    shared = frozenset.intersection(*(label.tables for label in run))
    return max(sorted(shared), key=lambda table: sum(label.kind(table) for label in run))


def _trim(plain: str, run: list[TextLabel], table: str) -> list[TextLabel]:
    """Drop what leads up to the table: a heading that names the channels itself, rows before the first title or header."""
    ends = [at for at, (label, after) in enumerate(pairwise(run)) if HEADING_END in plain[label.end : after.start]]
    run = run[ends[-1] + 1 :] if ends and table == "disputes" else run
    heads = [at for at, label in enumerate(run) if label.kind(table) in (Kind.TITLE, Kind.HEADER)]
    return run[heads[0] :] if heads else run


def _is_table(plain: str, run: Sequence[TextLabel], table: str) -> bool:
    kinds = [label.kind(table) for label in run]
    rows = {label.core for label, kind in zip(run, kinds, strict=True) if kind == Kind.ROW}
    if table == "disputes":
        return len({label.core for label in run}) >= 3
    if any(kind in (Kind.TITLE, Kind.HEADER) for kind in kinds):
        return len(rows) >= HEADED_ROWS[table]
    gaps = (plain[label.end : after.start] for label, after in pairwise(run))
    is_prose = any(_COMMA.search(_REMARK.sub("", gap)) for gap in gaps)
    return table == "requests" and not is_prose and sum(len(core) >= LONG for core in rows) >= 2
