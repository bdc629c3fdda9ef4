"""The result of one rule on one subject of one report: a row of ``check_results``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pipeline.catalogue.model import Severity

Outcome = Literal["passed", "failed", "not_assessable"]
Verdict = Literal["source", "extraction", "unknown"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One rule on one subject. ``left_value`` is the printed side; ``difference`` = left − right.

    ``subject`` is a code of the axis that the rule runs over, ``row_code/column_code`` for rules on single cells (``all`` for
    their one row per report), or the claim number. ``verdict`` and the messages are None where the outcome is ``passed``.
    """

    check_id: str
    subject: str
    left_value: Decimal | None
    right_value: Decimal | None
    difference: Decimal | None
    outcome: Outcome
    severity: Severity
    verdict: Verdict | None = None
    message_zh: str | None = None
    message_en: str | None = None
