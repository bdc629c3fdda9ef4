"""What prose states and what is to be judged about it: plain values, JSON both ways.

Belongs here: claims (numbers stated) and assertions (what a careful reader would check). Does not belong here: how they are
found (the modules beside this one) or judged (``pipeline.narrative.judge``).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any, Literal

Relation = Literal["=", "<="]


@dataclass(frozen=True, slots=True)
class Claim:
    """A number stated in prose with a counter, 元 or %; or a statement of nothing (``未收到…申请``), whose value is 0.

    ``claim_no`` counts from 1 over all sections in text order. ``value`` is in 元 where ``unit`` is 元; ``unit`` is the counter
    as printed, empty for a statement of nothing. ``char_start`` and ``char_end`` bound the number (or the words that state
    nothing) in ``Section.text``.
    """

    claim_no: int
    section_no: int
    subject: str
    value: Decimal
    unit: str
    is_approximate: bool
    sentence: str
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Cells of one fact table that are added up (or taken off): those of ``rows`` that the report's form has, in one column."""

    fact_table: str
    rows: tuple[str, ...]
    column: str
    minus: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """One sum of cells that the stated number may equal. ``redundant``: its failure need not be known, the form implies it."""

    zh: str
    en: str
    terms: tuple[Term, ...]
    redundant: bool = False


@dataclass(frozen=True, slots=True)
class PartsReading:
    """One way to read a list: these parts make up (``=``) or do not exceed (``<=``) one of the wholes."""

    wholes: tuple[Decimal, ...]
    parts: tuple[Decimal, ...]
    relation: Relation


@dataclass(frozen=True, slots=True)
class Share:
    """A stated percentage of a part: ``decimals`` as printed, ``wholes`` every number that it may be a share of."""

    part: Decimal
    wholes: tuple[Decimal, ...]
    decimals: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is to be judged about one claim, by one check.

    Exactly one right side is filled: ``readings`` (the first is the natural one; any that holds will do), ``share``, or
    ``alternatives`` (cells; ``family`` says of which form family). ``bar`` is a reason never to judge; ``doubt`` one that makes
    a mismatch no proof, ``doubt_over`` and ``doubt_under`` the same where the right side is larger or smaller (codes of
    ``reasons`` in prose.yaml). ``rest`` are cells that an outcome list may leave out. ``step`` is the size of the last digit
    printed, more than 1 where the number is given in 万.
    """

    check_id: str
    claim_no: int
    stated: Decimal
    unit: str
    subject: str
    relation: Relation = "="
    bar: str | None = None
    doubt: str | None = None
    doubt_over: str | None = None
    doubt_under: str | None = None
    step: Decimal = Decimal(1)
    readings: tuple[PartsReading, ...] = ()
    share: Share | None = None
    annual: tuple[Alternative, ...] = ()
    statistics: tuple[Alternative, ...] = ()
    rest: tuple[Alternative, ...] = ()

    def to_json(self) -> str:
        """Return the assertion as one line of JSON: numbers as strings, so that none loses a digit; nothing empty."""
        empty = {field.name: field.default for field in fields(self)}
        said = {name: value for name, value in asdict(self).items() if value != empty[name]}
        return json.dumps(said, default=str, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Assertion":
        """Return the assertion that ``to_json`` wrote."""
        data: dict[str, Any] = json.loads(text)
        readings = [
            PartsReading(_decimals(r["wholes"]), _decimals(r["parts"]), r["relation"]) for r in data.get("readings", ())
        ]
        share = data.get("share")
        return cls(
            **data
            | {name: _alternatives(data.get(name, ())) for name in ("annual", "statistics", "rest")}
            | {
                "stated": Decimal(data["stated"]),
                "step": Decimal(data.get("step", 1)),
                "readings": tuple(readings),
                "share": share and Share(Decimal(share["part"]), _decimals(share["wholes"]), share["decimals"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Prose:
    """All that the prose of a report states, and what can be checked of it."""

    claims: tuple[Claim, ...]
    assertions: tuple[Assertion, ...]


def _decimals(values: list[str]) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, values))


def _alternatives(entries: Iterable[dict[str, Any]]) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(
            entry["zh"],
            entry["en"],
            tuple(Term(t["fact_table"], tuple(t["rows"]), t["column"], t["minus"]) for t in entry["terms"]),
            entry["redundant"],
        )
        for entry in entries
    )
