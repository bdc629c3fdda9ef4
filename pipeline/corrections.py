"""What people corrected by hand, applied to the extracted rows of a year: printed text stays, the value is theirs.

Belongs here: which cell a correction means, and refusing one whose cell reads otherwise; pure functions over frames. Does not
belong here: the file that holds them (``warehouse.corrections``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

REFUSED = "correction_refused"
"""Kind of problem: a correction whose cell is not there, is several, or reads otherwise than it says."""

CORRECTED = "corrected"

Frames = dict[str, pl.DataFrame]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Correction:
    """A line of ``corrections.csv``.

    ``cell`` is ``fact_table/row_code/column_code``, "" where one number alone stands in the printed cell. ``value`` is in the
    unit of the fact: amounts in 元.
    """

    file_id: str
    table_no: int
    row: int
    col: int
    read_as: str
    value: Decimal
    reason: str
    by: str
    cell: str = ""

    @property
    def place(self) -> tuple[int, int, int]:
        """Where the printed cell stands."""
        return (self.table_no, self.row, self.col)


def apply_corrections(extracted: Mapping[str, pl.DataFrame], corrections: list[Correction]) -> Frames:
    """Return the extracted rows of a year with the corrections of its files applied; of the same cell the last line holds.

    A corrected fact has status ``corrected`` and the value given; its printed text stays. A correction that does not fit
    becomes a row of ``problems``. Lines on other files change nothing.
    """
    frames = dict(extracted)
    reports = _reports_by_file(frames["reports"])
    own = [correction for correction in corrections if correction.file_id in reports]
    if not own:
        return frames
    printed = _printed(frames, {correction.file_id for correction in own})
    applied: dict[tuple[str, ...], Correction] = {}
    refused: list[Row] = []
    for correction in own:
        found = _meant(correction, printed.get((correction.file_id, *correction.place), []))
        if isinstance(found, str):
            refused.append(_problem(correction, found, reports[correction.file_id]))
        else:
            applied[tuple(found[name] for name in _KEY)] = correction
    frames["facts"] = _with_values(frames["facts"], applied)
    frames["problems"] = _with_problems(frames["problems"], refused, frames["reports"])
    return frames


_KEY = ("report_id", "fact_table", "row_code", "column_code")


def _reports_by_file(reports: pl.DataFrame) -> dict[str, str]:
    """Return the first report of each file, which a correction that fits none of them is told of."""
    first = reports.sort("file_id", "place").unique("file_id", keep="first", maintain_order=True)
    return dict(first.select("file_id", "report_id").iter_rows())


def _printed(frames: Frames, files: set[str]) -> dict[tuple[Any, ...], list[Row]]:
    """Return the facts of some files by file_id, table_no, row, col, each with ``text``: what its whole cell holds."""
    place = ["report_id", "table_no", "row", "col"]
    facts = frames["facts"].filter(pl.col("file_id").is_in(files), pl.col("table_no").is_not_null())
    facts = facts.join(frames["cells"].select(*place, "text"), on=place, how="left")
    found: dict[tuple[Any, ...], list[Row]] = {}
    for fact in facts.select("file_id", *place, *_KEY[1:], "unit", "raw_text", "text").to_dicts():
        found.setdefault((fact["file_id"], fact["table_no"], fact["row"], fact["col"]), []).append(fact)
    return found


def _meant(correction: Correction, there: list[Row]) -> Row | str:
    """Return the one fact that a correction means, or why there is none."""
    if not there:
        return "no number of the form stands there"
    read = _folded(correction.read_as)
    same = [fact for fact in there if read in (_folded(fact["raw_text"]), _folded(fact["text"]))]
    if not same:
        return f"the cell reads “{there[0]['raw_text'] or ''}”, not “{correction.read_as}”"
    if correction.cell:
        same = [fact for fact in same if correction.cell == "/".join(fact[name] for name in _KEY[1:])]
        if not same:
            return f"{correction.cell} does not stand there"
    if len(same) > 1:
        codes = ", ".join("/".join(fact[name] for name in _KEY[1:]) for fact in same[:3])
        return f"{len(same)} numbers stand there ({codes}{', …' if len(same) > 3 else ''}): name one in the column cell"
    if same[0]["unit"] != "CNY" and correction.value != correction.value.to_integral_value():
        return f"{correction.value} is no whole number, and the cell counts"
    return same[0]


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())


def _problem(correction: Correction, why: str, report_id: str) -> Row:
    detail = f"the correction to {correction.value} by {correction.by} was not applied: {why}"
    place = dict(zip(("table_no", "row", "col"), correction.place, strict=True))
    return {"report_id": report_id, "kind": REFUSED, "detail": detail, **place}


def _with_values(facts: pl.DataFrame, applied: Mapping[tuple[str, ...], Correction]) -> pl.DataFrame:
    given = pl.DataFrame(
        [(*key, correction.value) for key, correction in applied.items()],
        schema={**dict.fromkeys(_KEY, pl.String), "given": facts.schema["value"]},
        orient="row",
    )
    joined = facts.join(given, on=list(_KEY), how="left", maintain_order="left")
    is_given = pl.col("given").is_not_null()
    return joined.with_columns(
        value=pl.when(is_given).then("given").otherwise("value"),
        status=pl.when(is_given).then(pl.lit(CORRECTED)).otherwise("status"),
        # What was said of our reading is not said of a person's.
        reason=pl.when(~is_given).then("reason"),
        confidence=pl.when(~is_given).then("confidence"),
        rules_used=pl.when(~is_given).then("rules_used").otherwise(pl.lit([], dtype=pl.List(pl.String))),
        agreement=pl.when(is_given & pl.col("agreement").is_not_null()).then(pl.lit("agree")).otherwise("agreement"),
    ).select(facts.columns)


def _with_problems(problems: pl.DataFrame, refused: list[Row], reports: pl.DataFrame) -> pl.DataFrame:
    if not refused:
        return problems
    last = dict(problems.group_by("report_id").agg(pl.col("problem_no").max()).iter_rows())
    heads = {row["report_id"]: row for row in reports.select("report_id", "file_id", "year").to_dicts()}
    for row in refused:
        last[row["report_id"]] = last.get(row["report_id"], 0) + 1
        row |= heads[row["report_id"]] | {"problem_no": last[row["report_id"]]}
    return pl.concat([problems, pl.DataFrame(refused, schema_overrides=problems.schema).select(problems.columns)])
