"""Printed labels to codes: what a label says once width, spacing, punctuation, ordinals and remarks are taken off.

Belongs here: folding one label, the index of a form's labels, and how alike two labels are. Does not belong here: where a
label stands (``pipeline.recognize.table_match`` confirms by place) or what stands beside it.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import count

from pipeline.catalogue.model import Axis, Catalogue, TableForm
from pipeline.catalogue.words import load_words
from pipeline.plain_text import to_plain
from pipeline.values import record

LONGEST = 1000
"""Longer texts are no labels, with whatever remarks."""
_NUMERALS = {numeral: number for number, numeral in enumerate("〇一二三四五六七八九十")} | {"十一": 11, "十二": 12}
_CIRCLED = {chr(0x2460 + number): number + 1 for number in range(20)}
_ORDINAL = re.compile(
    r"(?:(?P<chapter>十[一二]?|[一二三四五六七八九])(?:[、.,:]|(?=\())"
    r"|\((?P<item>十[一二]?|[一二三四五六七八九])\)[、.]?"
    r"|(?P<digit>1?\d)[、.,)](?!\d)"
    r"|\((?P<bracketed>1?\d)\)[、.]?"
    rf"|(?P<circled>[{''.join(_CIRCLED)}])[、.]?)"
)
_NUMBER_IN_BRACKETS = re.compile(r"\(([〇一二三四五六七八九十\d]{1,3})\)")
_REMARK = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\([^()]*$|\[[^\[\]]*\]|【[^】]*】")
_BLANKS = re.compile(r"\s+")
_NOT_TEXT = re.compile(r"[^0-9A-Za-z\u3400-\u9fff〇]+")


@record
class Ordinal:
    """The number before a label; ``level`` 1 is 一、, 2 is （一）, 3 is 1."""

    level: int
    number: int


@record
class PrintedLabel:
    """A label taken apart: ``core`` is its bare text, ``ordinal`` the number right before it, ``remarks`` what brackets hold."""

    core: str
    ordinal: Ordinal | None
    remarks: tuple[str, ...]


@record
class LabelIndex:
    """The labels of one axis of one form. ``exact`` gives the positions on the axis of each bare text.

    ``number`` is that of no other index.
    """

    number: int
    axes: tuple[Axis, ...]
    labels: tuple[tuple[PrintedLabel, ...], ...]
    exact: dict[str, tuple[int, ...]]

    def ordinal(self, position: int) -> Ordinal | None:
        return self.labels[position][0].ordinal


@lru_cache(maxsize=8192)
def split_label(text: str, junk: re.Pattern[str] | None = None) -> PrintedLabel:
    """Return a printed label taken apart; ``junk`` is what converters leave (``catalogue.cell_words.junk``)."""
    text = text[:LONGEST]
    text = to_plain(junk.sub("", text) if junk else text)
    rest = _BLANKS.sub("", text).strip("*|_·•")
    ordinal = None
    for _ in range(4):
        for word in _words()["prefixes"]:
            if rest.startswith(word) and len(rest) > len(word):
                rest = rest[len(word) :].lstrip(":,、.")
        match = _ORDINAL.match(rest)
        if not match or match.end() == len(rest):
            break
        ordinal = _ordinal(match)
        rest = rest[match.end() :]
    rest = _NUMBER_IN_BRACKETS.sub(r"\1", rest)
    remarks = tuple(match[0].strip("()[]【】") for match in _REMARK.finditer(rest))
    # A note that is all remark (the 勾稽关系 line) is its own text.
    return PrintedLabel(bare(_REMARK.sub("", rest)) or bare(rest), ordinal, remarks)


def bare(text: str) -> str:
    """Return what counts of a label: its characters without punctuation, quotes and blanks (width and script unified before)."""
    return _NOT_TEXT.sub("", text)


def _ordinal(match: re.Match[str]) -> Ordinal:
    kind = match.lastgroup
    printed = match[kind] if kind else ""
    if kind == "chapter":
        return Ordinal(1, _NUMERALS[printed])
    if kind == "item":
        return Ordinal(2, _NUMERALS[printed])
    return Ordinal(3, _CIRCLED[printed] if kind == "circled" else int(printed))


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = load_words("labels")
    return words


_INDEXES: dict[tuple[str, str, str, str], LabelIndex] = {}


def row_index(catalogue: Catalogue, table: TableForm) -> LabelIndex:
    """Return the index of a table's rows, its heading rows included."""
    return _index(catalogue, table, "row", table.rows)


def column_index(catalogue: Catalogue, table: TableForm) -> LabelIndex:
    """Return the index of a table's columns, its heading columns included."""
    return _index(catalogue, table, "column", table.columns)


def _index(catalogue: Catalogue, table: TableForm, axis: str, axes: tuple[Axis, ...]) -> LabelIndex:
    key = (catalogue.version, table.form, table.fact_table, axis)
    if key not in _INDEXES:
        _INDEXES[key] = make_index(axes)
    return _INDEXES[key]


_ROW_CORES: dict[str, frozenset[str]] = {}


def row_cores(catalogue: Catalogue) -> frozenset[str]:
    """Return the bare text of every row label of every form, heading rows included."""
    if catalogue.version not in _ROW_CORES:
        tables = [table for form in catalogue.forms.values() for table in form.tables.values()]
        _ROW_CORES[catalogue.version] = frozenset(
            core for table in tables for core in row_index(catalogue, table).exact
        )
    return _ROW_CORES[catalogue.version]


_INDEX_NUMBERS = count()


def make_index(axes: tuple[Axis, ...]) -> LabelIndex:
    """Return the index of some rows or columns."""
    labels = tuple(tuple(split_label(text) for text in axis.labels) for axis in axes)
    exact: dict[str, list[int]] = {}
    for position, variants in enumerate(labels):
        for label in variants:
            if position not in exact.setdefault(label.core, []):
                exact[label.core].append(position)
    return LabelIndex(next(_INDEX_NUMBERS), axes, labels, {core: tuple(positions) for core, positions in exact.items()})


UNLIKE = 0.6
"""Two texts that have less than this in common in any order are not compared in theirs: nobody takes one for the other."""


def likeness(core: str, variants: Iterable[PrintedLabel]) -> float:
    """Return how alike a bare text is to a label, 0 to 1: twice the common characters in order over both lengths.

    Below ``UNLIKE`` it may be less.
    """
    return max((_likeness(core, label.core) for label in variants), default=0.0)


@lru_cache(maxsize=65536)
def _likeness(core: str, label: str) -> float:
    # The same few strange labels come again in report after report, and each is compared with most of a form.
    most = 2.0 * sum(min(core.count(mark), label.count(mark)) for mark in set(core)) / max(len(core) + len(label), 1)
    if most < UNLIKE and core:
        return most
    return SequenceMatcher(None, core, label, autojunk=False).ratio()


_FURNITURE: dict[tuple[str, str, str], frozenset[str]] = {}


def furniture_cores(catalogue: Catalogue, table: TableForm) -> frozenset[str]:
    """Return the bare texts of what a table prints besides its rows and columns: titles of blocks, notes, stub heads."""
    key = (catalogue.version, table.form, table.fact_table)
    if key not in _FURNITURE:
        printed = (*table.furniture, *(block.title for block in table.blocks))
        _FURNITURE[key] = frozenset(split_label(text).core for text in printed)
    return _FURNITURE[key]
