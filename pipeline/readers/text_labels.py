"""Labels of the forms in a running text: where each stands, however blanks, tabs, pipes and line breaks cut it.

Belongs here: folding a text with a map back to it, finding labels, what of ordinals and remarks belongs to each.
Does not belong here: which of them make a table (``text_regions``), what stands between them (``text_cells``).
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache

from pipeline.catalogue.model import Catalogue, TableForm
from pipeline.catalogue.words import load_words
from pipeline.plain_text import to_plain
from pipeline.recognize.labels import LabelIndex, column_index, row_index, split_label
from pipeline.values import record

SHORT = 6
"""Labels of at most so many characters are words of everyday prose: they count only with a border on either side."""
NEVER_ALONE = 2
"""Labels of at most so many characters (其他, 总计) count only behind the ordinal that the form prints before them."""
LONGEST_REMARK = 300
LONGEST_PREFIX = 24

_FOLDED = re.compile(r"[0-9A-Za-z\u3400-\u9fff〇]+")
_NUMERAL = "[〇一二三四五六七八九十]"
_REMARK = re.compile(rf"\((?!{_NUMERAL}{{1,3}}\)|\d{{1,2}}\))[^()]{{0,{LONGEST_REMARK}}}(?:\([^()]*\)[^()]*){{0,3}}\)")
_CLOSING = "”’\"'》」』】:"
_BLANKS = " \t\n\r|*\u200b"


class Kind(IntEnum):
    """What a label is on its form, from the outside in."""

    TITLE = 0
    HEADER = 1
    GROUP = 2
    ROW = 3


@record
class TextLabel:
    """A label in a text: [``start``, ``end``) with its ordinals before and its remarks behind.

    ``roles`` are the fact tables that print it and what it is there; ``core`` is its bare text.
    """

    start: int
    end: int
    core: str
    roles: tuple[tuple[str, Kind], ...]

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(table for table, _ in self.roles)

    def kind(self, table: str) -> Kind:
        return max((kind for name, kind in self.roles if name == table), default=Kind.HEADER)


@record
class _Vocabulary:
    pattern: re.Pattern[str]
    roles: dict[str, tuple[tuple[str, Kind], ...]]
    ordinals: dict[str, frozenset[tuple[int, int | None]]]
    channels: frozenset[str]


_VOCABULARIES: dict[str, _Vocabulary] = {}


def find_labels(text: str, catalogue: Catalogue) -> list[TextLabel]:
    """Return every label of any form in a text, in order and without overlap, the longest first where several fit.

    Labels inside remarks in brackets are none. ``text`` may be of any size; the work is linear in it.
    """
    vocabulary = _vocabulary(catalogue)
    plain = to_plain(text)
    hidden = _hidden(plain, catalogue)
    kept: list[int] = []
    runs: list[str] = []
    for match in _FOLDED.finditer(plain):
        if hidden.find(1, match.start(), match.end()) == -1:
            kept.extend(range(match.start(), match.end()))
            runs.append(match[0])
        else:
            seen = [at for at in range(match.start(), match.end()) if not hidden[at]]
            kept.extend(seen)
            runs.extend(plain[at] for at in seen)
    found = [
        (kept[match.start()], kept[match.end() - 1] + 1, match[0])
        for match in vocabulary.pattern.finditer("".join(runs))
    ]
    return list(_settled(plain, found, vocabulary, hidden))


def _hidden(plain: str, catalogue: Catalogue) -> bytearray:
    """Mark the positions that no label may use: converter junk, and remarks but for the printed note (勾稽关系)."""
    hidden = bytearray(len(plain))
    furniture = {core for core, roles in _vocabulary(catalogue).roles.items() if roles[0][1] == Kind.HEADER}
    for match in _REMARK.finditer(plain):
        inner = split_label(match[0][1:-1]).core
        if not any(core in inner for core in furniture if len(core) > SHORT):
            hidden[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in catalogue.cell_words.junk.finditer(plain):
        hidden[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    return hidden


def _settled(
    plain: str, found: list[tuple[int, int, str]], vocabulary: _Vocabulary, hidden: bytearray
) -> Iterator[TextLabel]:
    """Yield the labels that stand on their own, with ordinals and remarks joined."""
    starts = {start for start, _, _ in found}
    before = 0
    for start, end, core in found:
        floor = max(before, start - LONGEST_PREFIX)
        first, has_ordinal = _with_ordinals(plain, start, floor, vocabulary.ordinals[core])
        last = _with_remarks(plain, end, hidden)
        is_numbered = any(number is not None for _, number in vocabulary.ordinals[core])
        if len(core) <= NEVER_ALONE and is_numbered and not has_ordinal:
            continue
        alone = has_ordinal or first == before or _border_before(plain, first)
        if _wants_borders(core, vocabulary) and not (alone and _border_behind(plain, last, starts)):
            continue
        yield TextLabel(first, last, core, vocabulary.roles[core])
        before = last


def _wants_borders(core: str, vocabulary: _Vocabulary) -> bool:
    """Tell whether a label is a word of everyday prose; of names of columns only those of channels are."""
    if len(core) > SHORT:
        return False
    return len(core) <= NEVER_ALONE or core in vocabulary.channels or vocabulary.roles[core][-1][1] != Kind.HEADER


def _border_before(plain: str, start: int) -> bool:
    return start == 0 or not re.match(r"[A-Za-z\u3400-\u9fff,;]", plain[start - 1])


def _border_behind(plain: str, end: int, starts: set[int]) -> bool:
    if end >= len(plain) or end in starts or not re.match(r"[A-Za-z\u3400-\u9fff,;]", plain[end]):
        return True
    return _is_ordinal_at(plain, end) or _unit_pattern().match(plain, end) is not None


def _is_ordinal_at(plain: str, at: int) -> bool:
    return re.compile(rf"{_NUMERAL}{{1,2}}[、.]|其中").match(plain, at) is not None


@cache
def _unit_pattern() -> re.Pattern[str]:
    units = load_words("units")
    named = "|".join(map(re.escape, sorted((*units["money"], *units["counters"]), key=len, reverse=True)))
    return re.compile(rf"(?:{named})(?=[\s\d|/\-—])|[无减增](?=[\s\d|])")


def _with_ordinals(plain: str, start: int, floor: int, expected: frozenset[tuple[int, int | None]]) -> tuple[int, bool]:
    """Return where a label starts with its ordinals and 其中, not before ``floor``; whether the form's ordinal is there."""
    at, own = start, False
    levels = {level for level, _ in expected} or {1, 2, 3}
    if 3 in levels:
        digits = {number for level, number in expected if level == 3}
        at, own = _digit_ordinal(plain, at, floor, digits)
    for level in (2, 1):
        text = plain[floor:at]
        pattern = rf"\({_NUMERAL}{{1,2}}\)[、.]?\s*\Z" if level == 2 else rf"{_NUMERAL}{{1,2}}[、.,:]?\s*\Z"
        match = re.search(pattern, text)
        if match and (level == 2 or match[0].strip()[-1] in "、.,:" or plain[at : at + 1] == "("):
            at = floor + match.start()
            own = own or any(number is not None for lv, number in expected if lv == level)
    if plain[start : start + 1] == "年":
        year = re.search(r"(?:19|20)\d\d\s*\Z", plain[floor:at])
        at = floor + year.start() if year else at
    match = re.search(r"(?:其中包括|其中|包括)[\s:,]*\Z", plain[floor:at])
    return (floor + match.start() if match else at), own


def _digit_ordinal(plain: str, start: int, floor: int, digits: set[int | None]) -> tuple[int, bool]:
    """Return where 1. or （1） before a label starts. A digit of the number before it is never taken for the ordinal's."""
    text = plain[floor:start]
    known = digits - {None}
    # Where the form's numbers vary from year to year any single digit is one.
    names = (
        r"\d"
        if None in digits or not known
        else "|".join(str(digit) for digit in sorted(map(int, filter(None, known))))
    )
    match = re.search(rf"\((?:{names}|\d{{1,2}})\)[、.]?\s*\Z", text) or re.search(rf"(?:{names})[.、,)]\s*\Z", text)
    if not match and names != r"\d":
        match = re.search(rf"(?<![\d.,])(?:{names})\Z", text)
    if not match:
        match = re.search(r"(?<!\d)\d{1,2}[.、]\s*\Z", text)
        return (floor + match.start() if match else start), False
    return floor + match.start(), names != r"\d"


def _with_remarks(plain: str, end: int, hidden: bytearray) -> int:
    """Return where a label ends with the remarks in brackets that follow it, over blanks and line breaks."""
    while True:
        while end < len(plain) and plain[end] in _CLOSING:
            end += 1
        at = end
        while at < len(plain) and plain[at] in _BLANKS:
            at += 1
        match = _REMARK.match(plain, at) if at < len(plain) and plain[at] == "(" and hidden[at] else None
        if not match:
            return end
        end = match.end()


def _vocabulary(catalogue: Catalogue) -> _Vocabulary:
    if catalogue.version not in _VOCABULARIES:
        _VOCABULARIES[catalogue.version] = _make_vocabulary(catalogue)
    return _VOCABULARIES[catalogue.version]


def _make_vocabulary(catalogue: Catalogue) -> _Vocabulary:
    roles: dict[str, list[tuple[str, Kind]]] = {}
    ordinals: dict[str, set[tuple[int, int | None]]] = {}
    tables = [table for form in catalogue.forms.values() for table in form.tables.values()]
    sideways = [table for table in tables if table.layout == "one_row"]
    for table in tables:
        for core, kind, ordinal in _entries(catalogue, table):
            role = (str(table.fact_table), kind)
            if role not in roles.setdefault(core, []):
                roles[core].append(role)
            ordinals.setdefault(core, set()).update({ordinal} if ordinal else ())
    cores = sorted(roles, key=len, reverse=True)
    return _Vocabulary(
        pattern=re.compile("|".join(map(re.escape, cores))),
        roles={core: tuple(sorted(found, key=lambda role: role[1])) for core, found in roles.items()},
        ordinals={core: frozenset(found) for core, found in ordinals.items()},
        channels=frozenset(core for table in sideways for core in row_index(catalogue, table).exact),
    )


def _entries(catalogue: Catalogue, table: TableForm) -> Iterator[tuple[str, Kind, tuple[int, int | None] | None]]:
    """Yield every bare text that a table prints, what it is, and the ordinal before it (None in it: any number)."""
    is_sideways = table.layout == "one_row"
    for block in table.blocks:
        yield split_label(block.title).core, Kind.TITLE, None
    for text in table.furniture:
        yield split_label(text).core, Kind.HEADER, None
    yield from _axis_entries(column_index(catalogue, table), Kind.HEADER, Kind.HEADER, False)
    kinds = (Kind.HEADER, Kind.HEADER) if is_sideways else (Kind.ROW, Kind.GROUP)
    yield from _axis_entries(row_index(catalogue, table), *kinds, table.rows_vary)


def _axis_entries(
    index: LabelIndex, kind: Kind, group_kind: Kind, ordinals_vary: bool
) -> Iterator[tuple[str, Kind, tuple[int, int | None] | None]]:
    for axis, labels in zip(index.axes, index.labels, strict=True):
        for label in labels:
            if len(label.core) >= NEVER_ALONE:
                ordinal = label.ordinal or labels[0].ordinal
                number = None if ordinals_vary or ordinal is None else ordinal.number
                yield label.core, group_kind if axis.is_group else kind, (ordinal.level, number) if ordinal else None
