"""Whether a report covers its issuer's own work or everything below it.

Belongs here: the wording that says so (``catalogue/identity.yaml``). Does not belong here: what numbers follow from it.
"""

import re

from pipeline.catalogue.words import load_words
from pipeline.plain_text import to_plain
from pipeline.report import Scope
from pipeline.values import record


@record
class ScopeReading:
    """The scope and the words that told it."""

    scope: Scope
    told_by: str


def read_scope(issuer: str | None, preamble: str, prose: str, *, in_title: bool = True) -> ScopeReading:
    """Return own, aggregate or unknown.

    Departments, offices and townships report for themselves. A government's report is an aggregate where its text says
    that it was gathered from others or splits numbers over them; where nothing says so, or both, it is unknown.
    ``in_title`` tells whether the report itself names the issuer so, not only its page or its compiler.
    """
    name = to_plain(issuer or "").replace(" ", "")
    words = load_words("identity")
    is_own = any(name.endswith(ending) for ending in words["own_endings"]) and not re.search(words["not_own"], name)
    if is_own and (in_title or not re.search(words["government_office"], name)):
        return ScopeReading("own", f"issuer {name}")
    text = to_plain(f"{preamble}\n{prose}")
    aggregate = _first(words["aggregate_marks"], text)
    own = _first(words["own_marks"], text)
    if aggregate and own:
        return ScopeReading("unknown", f"{aggregate} / {own}")
    if aggregate:
        return ScopeReading("aggregate", aggregate)
    return ScopeReading("own", own) if own else ScopeReading("unknown", "")


def _first(marks: list[str], text: str) -> str | None:
    return next((found.group().strip() for mark in marks if (found := re.search(mark, text))), None)
