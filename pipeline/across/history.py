"""What the rules across reports look at: the current reports of several years, and the report before each.

Belongs here: the frames, the report of the year before, rows of results. Does not belong here: any rule.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words
from pipeline.edits.frames import RESULT_SCHEMA, STATUSES_WITH_VALUE
from pipeline.edits.labels import cell_name, printed_names
from pipeline.edits.operands import FORMLESS

RESULT = [*RESULT_SCHEMA]


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a history beside the facts of the judged year and the one before, gathered when they were stored.

    ``watched``: report_id, CELL, unit, value, as of ``past.watched_cells``; ``shares``: as of ``past.unread_shares``; both of all
    years up to the judged one. ``peers``: as of ``drift.peer_levels``. ``judged``: the reports to judge where these are not all
    of their year: the others are there to be compared with.
    """

    watched: pl.DataFrame
    shares: pl.DataFrame
    peers: pl.DataFrame
    judged: pl.DataFrame


@dataclass(frozen=True, slots=True)
class History:
    """Current reports and their facts up to and with ``year``, the year that is judged.

    ``reports``: columns of the table ``reports``, one row per current report, with ``previous_id``: the current report of the
    same body and scope one year before, None where there is none. ``facts``: long facts of these reports; of those older than the
    year before maybe none. ``background``: what is known of all.
    """

    year: int
    reports: pl.DataFrame
    facts: pl.DataFrame
    background: Background

    @property
    def judged(self) -> pl.DataFrame:
        """Return the reports to judge."""
        return self.of_year.join(self.background.judged, on="report_id", how="semi", maintain_order="left")

    @property
    def of_year(self) -> pl.DataFrame:
        """Return all reports of the judged year."""
        return self.reports.filter(pl.col("year") == self.year)


def make_history(year: int, reports: pl.DataFrame, facts: pl.DataFrame, background: Background) -> History:
    """Return the history of a year from ``reports`` and long facts of any years; later years and old versions drop out.

    A report whose body or scope is unknown has no report before it: nothing says that it is of the same body.
    """
    current = current_reports(year, reports)
    own = current.select("report_id")
    known = Background(
        background.watched.join(own, on="report_id", how="semi"),
        background.shares.join(own, on="report_id", how="semi"),
        background.peers,
        background.judged,
    )
    return History(year, current, facts.join(own, on="report_id", how="semi"), known)


def current_reports(year: int, reports: pl.DataFrame) -> pl.DataFrame:
    """Return the current reports up to a year with ``previous_id``, by year and report."""
    current = reports.filter(pl.col("is_current") & (pl.col("year") <= year)).sort("year", "report_id")
    known = current.filter((pl.col("issuer_kind") != "unknown") & (pl.col("scope") != "unknown"))
    before = known.select("issuer_id", "scope", pl.col("year") + 1, previous_id="report_id")
    before = before.unique(["issuer_id", "scope", "year"], keep="first", maintain_order=True)
    linked = known.select("report_id", "issuer_id", "scope", "year").join(before, on=["issuer_id", "scope", "year"])
    return current.join(linked.select("report_id", "previous_id"), on="report_id", how="left")


def operand(facts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return facts as one operand: ``<name>`` its value with blank as 0 for the test, ``<name>_is``: value, blank or none."""
    has_value, is_blank = pl.col("status").is_in(STATUSES_WITH_VALUE), pl.col("status") == "blank"
    kind = pl.when(has_value).then(pl.lit("value")).when(is_blank).then(pl.lit("blank")).otherwise(pl.lit("none"))
    amount = pl.when(is_blank).then(0).otherwise(pl.col("value")).cast(pl.Decimal(38, 4))
    return facts.with_columns(amount.alias(name), kind.alias(f"{name}_is"))


def with_labels(cells: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Add ``label``: the printed name of each cell in the form in hand. Columns fact_table, form, row_code, column_code."""
    key = ["fact_table", "form", "row_code", "column_code"]
    known = cells.with_columns(pl.col("form").fill_null(FORMLESS))
    labelled = known.join(_cell_labels(catalogue), on=key, how="left", maintain_order="left")
    codes = pl.concat_str("row_code", pl.lit(" / "), "column_code")
    return cells.with_columns(label=labelled.select(pl.coalesce("label", codes).alias("label"))["label"])


def _cell_labels(catalogue: Catalogue) -> pl.DataFrame:
    names = printed_names(catalogue)
    cells = {
        (name, form, *cell)
        for table_form in catalogue.forms.values()
        for name, table in table_form.tables.items()
        for cell in table.cells
        for form in (table_form.code, FORMLESS)
    }
    rows = [(*cell, cell_name(names, cell[0], cell[1], cell[2:])) for cell in sorted(cells)]
    return pl.DataFrame(rows, schema=["fact_table", "form", "row_code", "column_code", "label"], orient="row")


def result_frame(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return rows of ``check_results`` from report_id, year, check_id, subject, sides, outcome, message_zh, message_en."""
    severity = {rule.check_id: rule.severity for rule in catalogue.rules.values()}
    passed, failed = pl.col("outcome") == "passed", pl.col("outcome") == "failed"
    rows = rows.with_columns(
        pl.col("left_value").cast(pl.Decimal(20, 4)),
        pl.col("right_value").cast(pl.Decimal(20, 4)),
        severity=pl.col("check_id").replace_strict(severity, return_dtype=pl.String),
        verdict=pl.when(failed).then(pl.lit("unknown")),
        message_zh=pl.when(~passed).then("message_zh"),
        message_en=pl.when(~passed).then("message_en"),
    )
    rows = rows.with_columns(difference=pl.col("left_value") - pl.col("right_value"))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in RESULT_SCHEMA.items())


def no_results() -> pl.DataFrame:
    """Return a frame of results without rows."""
    return pl.DataFrame(schema=RESULT_SCHEMA)


def sentence(name: str, language: str, **values: pl.Expr) -> pl.Expr:
    """Return a declared sentence with its placeholders filled by expressions."""
    text = str(load_words("across")["sentences"][name][language])
    parts: list[pl.Expr] = []
    for number, piece in enumerate(text.replace("}", "{").split("{")):
        parts.append(values[piece] if number % 2 else pl.lit(piece))
    return pl.concat_str([part.cast(pl.String) for part in parts], ignore_nulls=True)


def plain(number: pl.Expr) -> pl.Expr:
    """Return a number as people write it: no zeros behind the point."""
    return number.cast(pl.Decimal(38, 4)).cast(pl.String).str.replace(r"\.?0+$", "")
