"""``gongkai review``: a person confirms or dismisses a finding.

Belongs here: which findings are meant, and the evidence that the decision is bound to. Does not belong here: the file
(``reviews_file``), or what a decision changes (the view ``anomalies``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import DONE, CommandError, UsageError
from pipeline.cli.options import Run, home_option, require_writable_home
from pipeline.cli.reviews_file import Review, append_reviews, now_utc, read_reviews
from pipeline.cli.show_command import Report, find_report
from pipeline.cli.terminal import open_console, styled

if TYPE_CHECKING:
    from pipeline.home import Home


@click.command("review", short_help="Record your decision on a finding.")
@click.argument("report_id")
@click.argument("check_id")
@click.argument("subject", required=False)
@click.option("--confirm", "decision", flag_value="confirm", default=None, help="The finding is right.")
@click.option("--dismiss", "decision", flag_value="dismiss", help="The finding is no fault: leave it out of anomalies.")
@click.option("--note", metavar="TEXT", default="", help="Why, for the next reader.")
@home_option
@click.pass_obj
def command(run: Run, report_id: str, check_id: str, subject: str | None, decision: str | None, note: str) -> int:
    """Record a decision on the failed check CHECK_ID of a report: on its SUBJECT, or on all of them if none is named.

    The decision outlives every reload for as long as the cells that it is about read the same; when they read otherwise
    the finding comes up again. A later decision replaces an earlier one. REPORT_ID, CHECK_ID and SUBJECT stand in
    "gongkai anomalies".

    \b
    Example:
      gongkai review 3f0c9a1be27d4455 narrative.parts 12 --dismiss --note "the list is of another year"
    """
    if decision is None:
        raise UsageError("say which decision: --confirm or --dismiss")
    report = find_report(run, report_id)
    home = require_writable_home(run)
    reviews = decide(report, _past_reviews(home), check_id, subject, decision, note)
    try:
        append_reviews(home.reviews, reviews)
    except OSError as error:
        raise CommandError(f"the decision could not be written to {home.reviews}: {error.strerror}") from error
    from pipeline.load import load_paths

    load_paths(home, [])
    console = open_console()
    for review in reviews:
        console.print(styled(f"{review.check_id} / {review.subject}: {decision} recorded"))
    return DONE


def decide(
    report: Report, past: Sequence[Review], check_id: str, subject: str | None, decision: str, note: str
) -> list[Review]:
    """Return the reviews that record one decision, one for each finding meant; ``past``: earlier ones, latest first.

    A finding that was dismissed has left the view; its evidence is that of the decision which hides it.
    Raises UsageError where the report has no such finding.
    """
    row = report["reports"][0]
    evidence = {(str(r["check_id"]), str(r["subject"])): str(r["evidence"]) for r in report["anomalies"]}
    failed = {(str(r["check_id"]), str(r["subject"])) for r in report["check_results"] if r["outcome"] == "failed"}
    for review in past:
        finding = (review.check_id, review.subject)
        if review.series_id == row["series_id"] and review.decision == "dismiss" and finding in failed:
            evidence.setdefault(finding, review.evidence)
    meant = sorted(f for f in evidence if f[0] == check_id and subject in (None, f[1]))
    if not meant:
        there = "; ".join(f"{check} {of}" for check, of in sorted(evidence))
        asked = " ".join(filter(None, (check_id, subject)))
        has = f"it has {there}" if there else "gongkai anomalies lists none of it"
        raise UsageError(f"report {row['report_id']} has no finding {asked}: {has}")
    at = now_utc()
    return [Review(row["series_id"], *f, decision, note, at, evidence[f]) for f in meant]


def _past_reviews(home: "Home") -> list[Review]:
    try:
        return list(reversed(read_reviews(home.reviews)))
    except (OSError, ValueError) as error:
        raise CommandError(f"the earlier decisions cannot be read: {error}") from error
