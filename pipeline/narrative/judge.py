"""Assertions against the facts of the report's tables: which claims hold, which contradict, which cannot be judged.

Belongs here: evaluating both sides, and the sentence a person reads. Does not belong here: reading the prose. A claim fails only
where every way to read it fails and every cell that it needs is known, sound and not blank.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.catalogue.model import Catalogue, Severity
from pipeline.check_result import CheckResult
from pipeline.narrative.claims import Alternative, Assertion, PartsReading, Term
from pipeline.narrative.shares import share_fits
from pipeline.narrative.words import prose_words, reason
from pipeline.report import Status

Cell = tuple[str, str, str]
"""(fact_table, row_code, column_code)."""

_KNOWN: frozenset[Status] = frozenset({"reported", "reconstructed", "corrected"})
_TOTAL = "total"


@dataclass(frozen=True, slots=True)
class FactValue:
    """What a table says in one cell: its value, None unless the status has one."""

    value: Decimal | None
    status: Status


@dataclass(frozen=True, slots=True)
class _Sum:
    """The sum of an alternative's cells: None where it cannot be known; blanks count 0, ``has_blank`` tells of them."""

    value: Decimal | None
    has_blank: bool = False
    fails: bool = False
    exists: bool = True


def judge_prose(
    assertions: Iterable[Assertion],
    facts: Mapping[Cell, FactValue],
    failed_cells: AbstractSet[Cell],
    catalogue: Catalogue,
) -> tuple[CheckResult, ...]:
    """Return one result per check and claim; of several assertions a failed one counts before a passed one.

    ``facts`` holds every cell of the tables found, ``failed_cells`` those of equations that failed with severity error.
    """
    judge = _Judge(facts, failed_cells, catalogue)
    results: dict[tuple[str, str], CheckResult] = {}
    rank = {"failed": 0, "passed": 1, "not_assessable": 2}
    for assertion in assertions:
        result = judge.result(assertion)
        known = results.get((result.check_id, result.subject))
        if known is None or rank[result.outcome] < rank[known.outcome]:
            results[result.check_id, result.subject] = result
    return tuple(results.values())


@dataclass(frozen=True, slots=True)
class _Judge:
    facts: Mapping[Cell, FactValue]
    failed_cells: AbstractSet[Cell]
    catalogue: Catalogue

    def result(self, assertion: Assertion) -> CheckResult:
        """Judge one assertion."""
        if assertion.bar:
            return self._not_assessable(assertion, assertion.bar)
        if assertion.readings:
            return self._parts(assertion)
        if assertion.share:
            return self._share(assertion)
        return self._cells(assertion)

    def _parts(self, assertion: Assertion) -> CheckResult:
        nearest = (replace(r, wholes=r.wholes[:1]) for r in assertion.readings)
        holding = next((r for r in (*nearest, *assertion.readings) if _holds(r)), None)
        if holding:
            return self._passed(assertion, sum(holding.parts, Decimal(0)))
        natural = assertion.readings[0]
        total = sum(natural.parts, Decimal(0))
        difference = assertion.stated - total
        if assertion.step > 1 and abs(difference) <= assertion.step * (len(natural.parts) + 1) / 2:
            return self._not_assessable(assertion, "rounded_total")
        doubt = assertion.doubt or (assertion.doubt_over if difference < 0 else assertion.doubt_under)
        doubt = doubt or self._outcomes_elsewhere(assertion, total, difference)
        if doubt:
            return self._not_assessable(assertion, doubt)
        key = (
            "scope" if assertion.check_id == "narrative.scope" else "parts" if natural.relation == "=" else "parts_over"
        )
        return self._failed(assertion, total, key, sum=_number(total))

    def _outcomes_elsewhere(self, assertion: Assertion, total: Decimal, difference: Decimal) -> str | None:
        """Return why a list of outcomes that misses its whole may be sound: the table has what the sentence leaves out."""
        for rest in assertion.rest:
            if difference > 0 and self._sum(rest).value == difference:
                return "partial_list"
        sums = [self._sum(alternative) for alternative in assertion.annual]
        if any(s.value == total for s in sums):
            return "loosely_worded"
        return "unbalanced_table" if sums and all(s.value is None for s in sums) else None

    def _share(self, assertion: Assertion) -> CheckResult:
        share = assertion.share
        assert share is not None
        for whole in share.wholes:
            if whole and share_fits(assertion.stated, share.part, whole, share.decimals):
                return self._passed(assertion, assertion.stated)
        if not share.wholes or assertion.doubt:
            return self._not_assessable(assertion, assertion.doubt or "whole_unknown")
        whole = share.wholes[0]
        computed = (share.part / whole * 100).quantize(Decimal(1).scaleb(-share.decimals - 2))
        texts = {"part": _number(share.part), "whole": _number(whole), "computed": str(computed)}
        return self._failed(assertion, computed, "percent", **texts)

    def _cells(self, assertion: Assertion) -> CheckResult:
        alternatives = (*assertion.annual, *assertion.statistics)
        found = [(alternative, self._sum(alternative)) for alternative in alternatives]
        found = [(alternative, total) for alternative, total in found if total.exists]
        for _, total in found:
            if not total.fails and total.value is not None and _agrees(assertion, total.value):
                return self._passed(assertion, total.value)
        needed = [total for alternative, total in found if not alternative.redundant]
        if not needed:
            return self._not_assessable(assertion, "no_table")
        if any(total.fails for _, total in found):
            return self._not_assessable(assertion, "cell_fails")
        if any(total.value is None or total.has_blank for total in needed):
            return self._not_assessable(assertion, "cell_blank")
        if assertion.doubt:
            return self._not_assessable(assertion, assertion.doubt)
        known = [(alternative, total) for alternative, total in found if total.value is not None]
        first = known[0][1].value
        assert first is not None
        if any(abs(assertion.stated - (t.value or 0)) < assertion.step for _, t in known if assertion.step > 1):
            return self._not_assessable(assertion, "rounded_total")
        zh = "、".join(f"“{a.zh}”为 {_number(t.value)}" for a, t in known)
        en = ", ".join(f"{a.en} {_number(t.value)}" for a, t in known)
        key = "table_over" if assertion.relation == "<=" else "table"
        return self._failed(assertion, first, key, quote=assertion.subject, cells=zh, cells_en=en)

    def _sum(self, alternative: Alternative) -> _Sum:
        terms = [self._term(term) for term in alternative.terms]
        if not all(term.exists for term in terms):
            return _Sum(None, exists=False)
        blank, fails = any(term.has_blank for term in terms), any(term.fails for term in terms)
        known = [term.value is not None for term in terms]
        if not any(known) or any(
            not term.has_blank for term, is_known in zip(terms, known, strict=True) if not is_known
        ):
            return _Sum(None, blank, fails)
        values = [total.value or Decimal(0) for total in terms]
        signed = [-value if term.minus else value for term, value in zip(alternative.terms, values, strict=True)]
        return _Sum(sum(signed, Decimal(0)), blank, fails)

    def _term(self, term: Term) -> _Sum:
        rows = [self._row(term, row) for row in term.rows if (term.fact_table, row, term.column) in self.facts]
        if not rows:
            return _Sum(None, exists=False)
        if any(row.value is None and not row.has_blank for row in rows) or all(row.value is None for row in rows):
            return _Sum(None, any(row.has_blank for row in rows), any(row.fails for row in rows))
        total = sum((row.value for row in rows if row.value is not None), Decimal(0))
        return _Sum(total, any(row.has_blank for row in rows), any(row.fails for row in rows))

    def _row(self, term: Term, row: str) -> _Sum:
        """Return a cell's value; a blank total of a row whose parts are printed is what its parts add up to."""
        cell = (term.fact_table, row, term.column)
        fact = self.facts[cell]
        if fact.status in _KNOWN and fact.value is not None:
            return _Sum(fact.value, fails=cell in self.failed_cells)
        if fact.status != "blank":
            return _Sum(None)
        parts = self._parts_of_row(term.fact_table, row) if term.column == _TOTAL else []
        values = [self.facts[part].value for part in parts if self.facts[part].status in _KNOWN]
        if not values or any(self.facts[part].status not in {*_KNOWN, "blank"} for part in parts):
            return _Sum(None, has_blank=True)
        fails = any(part in self.failed_cells for part in parts)
        return _Sum(sum((v for v in values if v is not None), Decimal(0)), fails=fails)

    def _parts_of_row(self, fact_table: str, row: str) -> list[Cell]:
        columns: dict[str, None] = {}
        for form in self.catalogue.table_forms(fact_table):
            columns |= dict.fromkeys(c.code for c in form.columns if not c.is_group and c.code != _TOTAL)
        return [(fact_table, row, column) for column in columns if (fact_table, row, column) in self.facts]

    def _severity(self, assertion: Assertion) -> Severity:
        return self.catalogue.rules[assertion.check_id].severity

    def _passed(self, assertion: Assertion, right: Decimal) -> CheckResult:
        difference = assertion.stated - right
        return CheckResult(
            assertion.check_id,
            str(assertion.claim_no),
            assertion.stated,
            right,
            difference,
            "passed",
            self._severity(assertion),
        )

    def _failed(self, assertion: Assertion, right: Decimal, key: str, **texts: str) -> CheckResult:
        difference = assertion.stated - right
        texts |= {"stated": _number(assertion.stated), "unit": assertion.unit, "difference": _number(abs(difference))}
        sentence = prose_words()["messages"][key]
        return CheckResult(
            assertion.check_id, str(assertion.claim_no), assertion.stated, right, difference, "failed", self._severity(assertion),
            "unknown", sentence["zh"].format(**texts), sentence["en"].format(**texts),
        )  # fmt: skip

    def _not_assessable(self, assertion: Assertion, code: str) -> CheckResult:
        zh, en = reason(code)
        sentence = prose_words()["messages"]["not_assessable"]
        return CheckResult(
            assertion.check_id, str(assertion.claim_no), assertion.stated, None, None, "not_assessable",
            self._severity(assertion), None, sentence["zh"].format(reason=zh), sentence["en"].format(reason=en),
        )  # fmt: skip


def _holds(reading: PartsReading) -> bool:
    total = sum(reading.parts, Decimal(0))
    return any(total == whole if reading.relation == "=" else total <= whole for whole in reading.wholes)


def _agrees(assertion: Assertion, value: Decimal) -> bool:
    return assertion.stated <= value if assertion.relation == "<=" else assertion.stated == value


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
