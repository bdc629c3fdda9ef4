"""Rows whose cells have run together, cut apart again where exactly one cut is possible.

``640020470`` in section 三 is 64 0 0 2 0 4 70: the only cut into seven numbers whose parts add up to the total. Belongs here: the
cuts of a row, the equations that choose between them. Does not belong here: rows whose cells can be counted (``table_sequence``).
What a rule chose it does not prove: every cell names the rules without which it could not be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

from pipeline.catalogue.load import operand_codes
from pipeline.catalogue.model import Catalogue, Rule, TableForm
from pipeline.document import BOUNDARIES_LOST, SPLIT_AT_BLANKS
from pipeline.numbers import fold_width, parse_number
from pipeline.recognize.cut_proof import Equation, is_likelier_slip, is_proven
from pipeline.recognize.cuts import MOST_DIGITS, Cut, borders_of, cuts_of, digit_cuts
from pipeline.recognize.table_facts import BoundTable, CellKey
from pipeline.recognize.table_grid import Bound

ROW_RULES = {"requests": "requests.applicant_sum", "disputes": "disputes.channel_sum"}
COLUMN_RULES = ("requests.processed_sum", "requests.balance")
MOST_CUTS = 2_000
"""A row with more cuts than this that satisfy its own equation says nothing."""
MOST_COMBINATIONS = 20_000
ZERO_ROWS = 3
"""So many rows of nothing but zeros show that the body prints a 0 where there is nothing, and leaves no cell blank."""
ZEROS = 5
MOST_STRETCH = 9
"""Section 四 with so many digits more than cells has too many cuts for three sums to prove one: nothing else binds it."""


def reconstruct(bound: BoundTable, catalogue: Catalogue) -> BoundTable:
    """Return the table with every row cut apart of which the equations leave one reading; the others stay as they are.

    A row of zeros needs no equation. For any other the body must be seen to leave no cell blank, for a blank cell is lost
    without a trace. Section 三 has a sum for every row, so all of its rows are tried; of statistics only the rows with as many
    digits as cells, which have one cut.
    """
    table = bound.table
    lost = {row: text for row, text in _lost_rows(bound).items() if set(text) <= set("0123456789 ")}
    if not lost:
        return bound
    columns = {row: tuple(code for r, code in table.cells if r == row) for row in lost}
    found: dict[str, tuple[Cut, tuple[str, ...]]] = {}
    for row, text in lost.items():
        if set(text) <= {"0", " "} and text.count("0") == len(columns[row]):
            found[row] = ((0,) * len(columns[row]), ())
    open_rows = {row: text for row, text in lost.items() if row not in found}
    if open_rows and _prints_zeros(bound, lost, columns, len(found)):
        if table.fact_table == "requests":
            found |= _by_sums(bound, open_rows, catalogue)
        elif table.fact_table == "statistics":
            found |= {
                row: (tuple(map(int, text)), ()) for row, text in open_rows.items() if len(text) == len(columns[row])
            }
    return _with_cuts(bound, found, columns)


def reconstruct_disputes(bound: BoundTable, catalogue: Catalogue) -> BoundTable:
    """Return section 四 with its one row of 15 numbers cut apart where the three sums leave one reading."""
    texts = {fold_width(cell.printed or "") for cell in bound.cells.values() if _is_lost(cell)}
    text = texts.pop() if len(texts) == 1 and len(bound.cells) == len(bound.table.cells) else ""
    if not text or not set(text) <= set("0123456789 "):
        return bound
    rows = list(dict.fromkeys(row for row, _ in bound.table.cells))
    codes = [code for row, code in bound.table.cells if row == rows[0]]
    if set(text) <= {"0", " "}:
        cuts = [(0,) * len(bound.table.cells)] if text.count("0") == len(bound.table.cells) else []
        rules: tuple[str, ...] = ()
    else:
        rule = catalogue.rules[ROW_RULES["disputes"]]
        stretched = sum(map(str.isdigit, text)) >= len(bound.table.cells) + MOST_STRETCH
        tried = text.count("0") >= ZEROS and not stretched
        cuts = _channel_cuts(text, len(rows), codes, rule, bound.table) if tried else []
        rules = (rule.check_id,)
    if len(cuts) != 1 or _has_a_likelier_channel(text, cuts[0], len(codes), catalogue, bound.table):
        return bound
    cells = {
        key: replace(bound.cells[key], reason=None, rebuilt=value, rules_used=rules)
        for key, value in zip(bound.table.cells, cuts[0], strict=True)
    }
    return replace(bound, cells=cells)


def _has_a_likelier_channel(text: str, cut: Cut, parts: int, catalogue: Catalogue, table: TableForm) -> bool:
    """Tell whether the digits of a channel are as likely another row with a slip in it: no second equation settles that."""
    rule = catalogue.rules[ROW_RULES["disputes"]]
    codes = [code for _, code in table.cells[:parts]]
    total = [codes.index(code) for code in operand_codes(rule, rule.left, table)]
    digits, borders, at = text.replace(" ", ""), frozenset(borders_of(text)), 0
    for start in range(0, len(cut), parts):
        channel = cut[start : start + parts]
        end = at + sum(len(str(number)) for number in channel)
        if any(is_likelier_slip(other, channel, total) for other in digit_cuts(digits, at, end, parts, borders)):
            return True
        at = end
    return False


def _lost_rows(bound: BoundTable) -> dict[str, str]:
    """Return the text of every row whose cells could not be counted, by the code of the row."""
    return {row: fold_width(cell.printed or "") for (row, _), cell in bound.cells.items() if _is_lost(cell)}


def _is_lost(cell: Bound) -> bool:
    return cell.reason == BOUNDARIES_LOST and cell.cell is not None and cell.cell.route == SPLIT_AT_BLANKS


def _prints_zeros(
    bound: BoundTable, lost: Mapping[str, str], columns: Mapping[str, Sequence[str]], zero_rows: int
) -> bool:
    """Tell whether the body is seen to leave no cell blank: rows of zeros, and no row too short for its columns."""
    short = any(sum(map(str.isdigit, text)) < len(columns[row]) for row, text in lost.items())
    counted = sum(all(parse_number(c.printed or "") == 0 for c in cells) for cells in _counted_rows(bound).values())
    return not short and zero_rows + counted >= ZERO_ROWS


def _counted_rows(bound: BoundTable) -> dict[str, list[Bound]]:
    rows: dict[str, list[Bound]] = {}
    for (row, _), cell in bound.cells.items():
        if not cell.reason:
            rows.setdefault(row, []).append(cell)
    return rows


def _by_sums(
    bound: BoundTable, lost: Mapping[str, str], catalogue: Catalogue
) -> dict[str, tuple[Cut, tuple[str, ...]]]:
    """Return the cuts that the row's own sum leaves alone, and those that the table's other equations choose."""
    rule = catalogue.rules[ROW_RULES["requests"]]
    codes = tuple(axis.code for axis in bound.table.columns if not axis.is_group)
    cuts = {row: _row_cuts(text, codes, rule, bound.table) for row, text in lost.items()}
    found: dict[str, tuple[Cut, tuple[str, ...]]] = {
        row: (ways[0], (rule.check_id,)) for row, ways in cuts.items() if len(ways) == 1
    }
    open_rows = {row: ways for row, ways in cuts.items() if 1 < len(ways) <= MOST_CUTS}
    known = {row: cut for row, (cut, _) in found.items()}
    known |= {row: (0,) * len(codes) for row, text in _lost_rows(bound).items() if row not in lost and text}
    known |= _known_rows(bound, codes)
    for row, cut in _by_columns(open_rows, known, bound.table, catalogue).items():
        found[row] = (cut, (rule.check_id, *COLUMN_RULES))
    known |= {row: cut for row, (cut, _) in found.items()}
    total = [codes.index(code) for code in operand_codes(rule, rule.left, bound.table)]
    return {
        row: cut
        for row, cut in found.items()
        if is_proven(row, known, lost, _equations(bound.table, catalogue), len(codes), total)
    }


def _equations(table: TableForm, catalogue: Catalogue) -> list[Equation]:
    return [
        (operand_codes(rule, rule.left, table), operand_codes(rule, rule.right, table))
        for rule in (catalogue.rules[name] for name in COLUMN_RULES)
        if table.form in rule.forms
    ]


def _known_rows(bound: BoundTable, codes: Sequence[str]) -> dict[str, Cut]:
    """Return the values of the rows whose cells could be counted, where all of them are numbers."""
    known = {}
    for row, cells in _counted_rows(bound).items():
        values = [parse_number(cell.printed or "") for cell in cells]
        whole = [int(value) for value in values if value is not None and value == value.to_integral_value()]
        if len(whole) == len(codes):
            known[row] = tuple(whole)
    return known


def _row_cuts(text: str, codes: Sequence[str], rule: Rule, table: TableForm) -> list[Cut]:
    """Return every cut of a row into its columns for which the row's equation holds."""
    left = [codes.index(code) for code in operand_codes(rule, rule.left, table)]
    right = [codes.index(code) for code in operand_codes(rule, rule.right, table)]
    cuts = []
    for cut in cuts_of(text, len(codes)):
        if sum(cut[at] for at in left) == sum(cut[at] for at in right):
            cuts.append(cut)
            if len(cuts) > MOST_CUTS:
                break
    return cuts


def _channel_cuts(text: str, channels: int, codes: Sequence[str], rule: Rule, table: TableForm) -> list[Cut]:
    """Return the cuts of a row into channels, each of which adds up; blanks part numbers, never a number."""
    left = [codes.index(code) for code in operand_codes(rule, rule.left, table)]
    right = [codes.index(code) for code in operand_codes(rule, rule.right, table)]
    digits = text.replace(" ", "")
    if len(digits) > MOST_DIGITS:
        return []
    borders = frozenset(borders_of(text))

    @cache
    def ways(start: int, channel: int) -> tuple[Cut, ...]:
        if channel == channels:
            return ((),) if start == len(digits) else ()
        found: list[Cut] = []
        for end in range(start + len(codes), len(digits) - len(codes) * (channels - channel - 1) + 1):
            for cut in digit_cuts(digits, start, end, len(codes), borders):
                if sum(cut[at] for at in left) == sum(cut[at] for at in right):
                    found += [(*cut, *rest) for rest in ways(end, channel + 1)]
            if len(found) > MOST_CUTS:
                break
        return tuple(found)

    return list(ways(0, 0))


def _by_columns(
    open_rows: Mapping[str, Sequence[Cut]], known: Mapping[str, Cut], table: TableForm, catalogue: Catalogue
) -> dict[str, Cut]:
    """Return the rows of which every combination that satisfies the equations of the columns has the same cut."""
    combinations = 1
    for ways in open_rows.values():
        combinations *= len(ways)
    readable = [e for e in _equations(table, catalogue) if set(e[0]) | set(e[1]) <= set(known) | set(open_rows)]
    bound = {row for left, right in readable for row in (*left, *right)} & set(open_rows)
    if not bound or combinations > MOST_COMBINATIONS:
        return {}
    names = list(open_rows)
    fitting = []
    for choice in product(*open_rows.values()):
        values = {**known, **dict(zip(names, choice, strict=True))}
        if all(_columns(values, left) == _columns(values, right) for left, right in readable):
            fitting.append(choice)
    settled = {}
    for at, row in enumerate(names):
        left_over = {choice[at] for choice in fitting}
        if row in bound and len(left_over) == 1:
            settled[row] = left_over.pop()
    return settled


def _columns(values: Mapping[str, Cut], rows: Sequence[str]) -> Cut:
    return tuple(sum(column) for column in zip(*(values[row] for row in rows), strict=True))


def _with_cuts(
    bound: BoundTable, found: Mapping[str, tuple[Cut, tuple[str, ...]]], columns: Mapping[str, Sequence[str]]
) -> BoundTable:
    cells: dict[CellKey, Bound] = dict(bound.cells)
    for row, (cut, rules) in found.items():
        for code, value in zip(columns[row], cut, strict=True):
            if (row, code) in cells:
                cells[row, code] = replace(cells[row, code], reason=None, rebuilt=value, rules_used=rules)
    return replace(bound, cells=cells)
