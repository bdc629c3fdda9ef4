"""Numbers that moved or stand where a careful reader would look twice: against last year, the past and the peers.

Belongs here: ``drift.ratio``, ``drift.level``, ``drift.identical``, each robust for series of three years; ``drift.yaml`` holds
every threshold with its reason. Does not belong here: drift of our own reading (``pipeline.across.extraction_drift``).
"""

from typing import Any

import polars as pl

from pipeline.across.history import History, plain, result_frame, sentence, with_labels
from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.words import load_words

CELL = ["fact_table", "row_code", "column_code"]


def judge_drift(history: History, catalogue: Catalogue) -> pl.DataFrame:
    """Judge the three drift rules over the reports of the judged year; return rows of ``check_results``.

    One row ``all`` a report and rule; of ratio and level also one for each of its worst cells (``most_cells_told``).
    """
    return pl.concat(
        [_judge_ratio(history, catalogue), _judge_level(history, catalogue), _judge_identical(history, catalogue)]
    )


def peer_levels(watched: pl.DataFrame, reports: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return the usual level of every watched cell among all current reports of a year: PEERS, median, mad.

    Of kinds of bodies with enough members alone. A cell is among its own peers: with the least number of them its pull on the
    median is small.
    """
    current = reports.filter(pl.col("is_current"), pl.col("year") == year)
    return _levels(_placed(watched, current), PEERS, load_words("drift")["level"]["least_peers"] + 1)


PEERS = ["issuer_kind", "scope", *CELL, "unit"]
_OWN = ["issuer_id", "scope", *CELL, "unit"]


def _numbers(history: History) -> pl.DataFrame:
    """Return the watched cells of all reports: report_id, CELL, unit, number DOUBLE."""
    return history.background.watched.with_columns(number=pl.col("value").cast(pl.Float64)).drop("value")


def _placed(watched: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Return the watched cells of bodies that are known, with who reports them and ``log``, their level."""
    known = reports.filter((pl.col("issuer_kind") != "unknown") & (pl.col("scope") != "unknown"))
    facts = watched.with_columns(number=pl.col("value").cast(pl.Float64)).drop("value")
    facts = facts.filter(pl.col("number") >= 0).with_columns(log=pl.col("number").log1p())
    return facts.join(known.select("report_id", "year", "issuer_id", "issuer_kind", "scope"), on="report_id")


def _pairs(history: History) -> pl.DataFrame:
    """Return the watched cells of judged reports beside the same cell of the year before: number, before."""
    facts = _numbers(history)
    judged = history.judged.select("report_id", "year", "previous_id")
    now = facts.join(judged, on="report_id").join(_forms(history), on=["report_id", *CELL])
    before = facts.select(*CELL, "unit", previous_id="report_id", before="number")
    return now.join(before, on=[*CELL, "unit", "previous_id"])


def _forms(history: History) -> pl.DataFrame:
    """Return the form of each cell, by which it is named."""
    return history.facts.select("report_id", *CELL, "form")


def _moves_enough(now: str, then: str) -> pl.Expr:
    """Return whether two numbers differ by more than what is chance for their unit."""
    floors: dict[str, float] = load_words("drift")["ratio"]["least_change"]
    floor = pl.col("unit").replace_strict(floors, default=floors["count"], return_dtype=pl.Float64)
    return (pl.col(now) - pl.col(then)).abs() >= floor


def _judge_ratio(history: History, catalogue: Catalogue) -> pl.DataFrame:
    limits: dict[str, Any] = load_words("drift")["ratio"]
    pairs = _pairs(history)
    grown = pl.col("number") > limits["most"] * pl.col("before")
    shrunk = pl.col("number") < limits["least"] * pl.col("before")
    is_out = (pl.col("number") >= 0) & (pl.col("before") >= 0) & (grown | shrunk) & _moves_enough("number", "before")
    score = (pl.col("number").clip(0).log1p() - pl.col("before").clip(0).log1p()).abs()
    cells = pairs.with_columns(is_out=is_out, score=score, usual="before")
    bounds = {name: pl.lit(str(limits[name])) for name in ("least", "most")}
    return _cells_and_all(cells, "drift.ratio", "ratio", bounds, history, catalogue)


def _judge_level(history: History, catalogue: Catalogue) -> pl.DataFrame:
    limits: dict[str, Any] = load_words("drift")["level"]
    facts = _placed(history.background.watched, history.reports)
    now = facts.join(history.judged.select("report_id"), on="report_id", how="semi")
    now = now.join(_forms(history), on=["report_id", *CELL])
    past = facts.filter(pl.col("year") < history.year)
    cells = _against(now, _levels(past, _OWN, limits["least_past"]), _OWN, "own", limits)
    cells = _against(cells, history.background.peers, PEERS, "peers", limits)
    own, peers = (pl.col(f"z_{name}").abs() for name in ("own", "peers"))
    # Far from peers alone is no news of a body whose own past is known; far from its own past is, whatever its peers.
    is_own = own.fill_null(0) > limits["z"]
    is_far = pl.when(own.is_not_null()).then(is_own).otherwise(peers.fill_null(0) > limits["z"])
    usual = pl.coalesce("usual_own", "usual_peers")
    cells = cells.filter(pl.coalesce("z_own", "z_peers").is_not_null()).with_columns(usual=usual)
    cells = cells.with_columns(is_out=is_far & _moves_enough("number", "usual"), score=pl.coalesce(own, peers))
    basis = (
        pl.when(own.is_null()).then(pl.lit("peers"))
        .when(peers.fill_null(0) > limits["z"]).then(pl.lit("own_and_peers")).otherwise(pl.lit("own"))
    )  # fmt: skip
    return _cells_and_all(cells.with_columns(basis=basis), "drift.level", "level", {}, history, catalogue)


def _levels(cells: pl.DataFrame, key: list[str], least: int) -> pl.DataFrame:
    """Return the robust level of each group of at least ``least`` cells: key, median, mad."""
    median = cells.with_columns(median=pl.col("log").median().over(key), members=pl.len().over(key))
    return median.filter(pl.col("members") >= least).group_by(key).agg(
        median=pl.col("median").first(), mad=(pl.col("log") - pl.col("median")).abs().median()
    )  # fmt: skip


def _against(
    now: pl.DataFrame, levels: pl.DataFrame, key: list[str], name: str, limits: dict[str, Any]
) -> pl.DataFrame:
    """Add ``z_<name>`` and ``usual_<name>``: the robust distance of each cell from the level of its group."""
    scale = pl.max_horizontal(pl.col("mad") * limits["mad_to_sigma"], pl.lit(limits[f"least_scale_{name}"]))
    z = (pl.col("log") - pl.col("median")) / scale
    # Cut to what a published number holds, so that the same frame gives the same row wherever it is computed.
    usual = (pl.col("median").exp() - 1).round(0)
    joined = now.join(levels, on=key, how="left").with_columns(z.alias(f"z_{name}"), usual.alias(f"usual_{name}"))
    return joined.drop("median", "mad")


def _cells_and_all(
    cells: pl.DataFrame, check_id: str, name: str, words: dict[str, pl.Expr], history: History, catalogue: Catalogue
) -> pl.DataFrame:
    """Return a row ``all`` for every judged report and rows for its worst cells: is_out, score, number, usual."""
    subject = pl.concat_str("row_code", pl.lit("/"), "column_code")
    cells = cells.with_columns(subject=subject)
    # The score is rounded before it ranks: the last bits of a float are no order.
    out = cells.filter("is_out").with_columns(pl.col("score").round(6)).sort(
        "report_id", "score", "subject", descending=[False, True, False]
    )  # fmt: skip
    told = out.group_by("report_id", maintain_order=True).head(load_words("drift")["most_cells_told"])
    told = with_labels(told, catalogue)
    shown = words | {
        "subject": pl.col("label"),
        "left": plain(pl.col("number").cast(pl.Decimal(20, 4))),
        "right": plain(pl.col("usual").cast(pl.Decimal(20, 4))),
    }
    bases: dict[str, dict[str, str]] = load_words("across")["basis"]
    if "basis" not in told.columns:
        told = told.with_columns(basis=pl.lit("own"))
    rows = told.with_columns(
        sentence(name, language, **shown, basis=pl.col("basis").replace({k: v[language] for k, v in bases.items()}))
        .alias(f"message_{language}")
        for language in ("zh", "en")
    ).select("report_id", "year", "subject", "message_zh", "message_en", left_value="number", right_value="usual")  # fmt: skip
    rows = rows.with_columns(outcome=pl.lit("failed"), check_id=pl.lit(check_id))
    counts = cells.group_by("report_id").agg(out=pl.col("is_out").sum())
    return pl.concat([
        result_frame(rows, catalogue),
        result_frame(_summary(counts, check_id, name, history), catalogue),
    ])  # fmt: skip


def _summary(counts: pl.DataFrame, check_id: str, name: str, history: History) -> pl.DataFrame:
    rows = history.judged.select("report_id", "year").join(counts, on="report_id", how="left")
    outcome = (
        pl.when(pl.col("out").is_null()).then(pl.lit("not_assessable"))
        .when(pl.col("out") > 0).then(pl.lit("failed")).otherwise(pl.lit("passed"))
    )  # fmt: skip
    return rows.with_columns(
        pl.when(pl.col("out").is_null())
        .then(sentence("too_few", language))
        .otherwise(sentence(f"{name}_all", language, left=pl.col("out")))
        .alias(f"message_{language}")
        for language in ("zh", "en")
    ).with_columns(
        outcome=outcome, left_value="out", right_value=pl.lit(None), check_id=pl.lit(check_id), subject=pl.lit("all")
    )  # fmt: skip


def _judge_identical(history: History, catalogue: Catalogue) -> pl.DataFrame:
    """Judge every number of a report, splits too, against the same cell of the year before."""
    valued = history.facts.filter(pl.col("value").is_not_null())
    now = valued.join(history.judged.select("report_id", "previous_id"), on="report_id")
    before = valued.select(*CELL, previous_id="report_id", before="value")
    pairs = now.join(before, on=[*CELL, "previous_id"])
    same = pl.col("value") == pl.col("before")
    counts = pairs.group_by("report_id").agg(
        same=same.sum(), compared=pl.len(), nonzero=(same & (pl.col("value") != 0)).sum()
    )
    rows = history.judged.select("report_id", "year").join(counts, on="report_id", how="left")
    is_repeated = (pl.col("same") == pl.col("compared")) & (
        pl.col("nonzero") >= load_words("drift")["identical"]["least_nonzero"]
    )
    outcome = (
        pl.when(pl.col("compared").is_null()).then(pl.lit("not_assessable"))
        .when(is_repeated).then(pl.lit("failed")).otherwise(pl.lit("passed"))
    )  # fmt: skip
    rows = rows.with_columns(
        pl.when(pl.col("compared").is_null())
        .then(sentence("too_few", language))
        .otherwise(sentence("identical", language, right=pl.col("compared"), nonzero=pl.col("nonzero")))
        .alias(f"message_{language}")
        for language in ("zh", "en")
    )
    rows = rows.with_columns(outcome=outcome, left_value="same", right_value="compared")
    return result_frame(rows.with_columns(check_id=pl.lit("drift.identical"), subject=pl.lit("all")), catalogue)
