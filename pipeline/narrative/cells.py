"""Which cells a meaning stands for: the declared alternatives of ``prose.yaml`` with their groups written out.

Belongs here: turning ``requests:denied*/total`` into terms over row codes. Does not belong here: reading or judging.
"""

from typing import Any

from pipeline.catalogue.model import Catalogue
from pipeline.narrative.claims import Alternative, Term
from pipeline.narrative.words import prose_words

Family = str
"""``annual`` (sections 三 and 四 of the forms from 2019 on) or ``statistics`` (forms 2014 and local)."""


def check_of(meaning: str) -> str:
    """Return the check that judges a meaning."""
    return str(prose_words()["meanings"][meaning]["check_id"])


def alternatives_of(meaning: str, family: Family, catalogue: Catalogue) -> tuple[Alternative, ...]:
    """Return what a number with this meaning may equal in one form family; empty where the family has no such cells."""
    asked = (catalogue.version, meaning, family)
    if asked not in _ALTERNATIVES:
        _ALTERNATIVES[asked] = _written_out(meaning, family, catalogue)
    return _ALTERNATIVES[asked]


_ALTERNATIVES: dict[tuple[str, str, Family], tuple[Alternative, ...]] = {}
"""Written out once for each catalogue: a long report asks some fifty times."""


def _written_out(meaning: str, family: Family, catalogue: Catalogue) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(
            entry["zh"],
            entry["en"],
            (
                *(term_of(key, catalogue) for key in entry["plus"]),
                *(term_of(key, catalogue, minus=True) for key in entry.get("minus", ())),
            ),
            bool(entry.get("redundant", False)),
        )
        for entry in _entries(meaning, family)
    )


def term_of(key: str, catalogue: Catalogue, *, minus: bool = False) -> Term:
    """Return the term of a key ``table:row/column``; ``row*`` stands for every row whose code begins so, in any form."""
    fact_table, _, cell = key.partition(":")
    row, _, column = cell.partition("/")
    rows = _row_codes(fact_table, row[:-1], catalogue) if row.endswith("*") else (row,)
    return Term(fact_table, rows, column, minus)


def _entries(meaning: str, family: Family) -> list[dict[str, Any]]:
    return list(prose_words()["meanings"][meaning].get(family, ()))


def _row_codes(fact_table: str, prefix: str, catalogue: Catalogue) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    for form in catalogue.table_forms(fact_table):
        codes |= dict.fromkeys(row.code for row in form.rows if not row.is_group and row.code.startswith(prefix))
    if not codes:
        raise ValueError(f"prose.yaml: no form has rows {fact_table}:{prefix}*")
    return tuple(codes)
