"""What became of the reports of one load, kept as a frame: a load of a country has a hundred thousand.

Belongs here: gathering it from what stands, and giving it out one report at a time. Does not belong here: the words of the
summary (``pipeline.cli.load_summary``), running the load.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import polars as pl

from pipeline.home import Home
from pipeline.load import LoadedReport
from warehouse.years import facts_years, read_columns, scan_year

_OF_REPORT = [
    "report_id", "year", "issuer", "issuer_kind", "scope", "form", "title", "extraction", "tables_missing", "is_current",
    "file_id",
]  # fmt: skip
_AT_ONCE = 500
"""Reports made out of the frame at a time."""


class LoadedReports(Sequence[LoadedReport]):
    """The reports of a load, by year and report_id; each is made when it is asked for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        """Take rows with the columns of ``LoadedReport``, ``failed`` as two lists of equal length: severity, check_id."""
        self._frame = frame

    def __len__(self) -> int:
        """Return how many reports there are."""
        return self._frame.height

    def __iter__(self) -> Iterator[LoadedReport]:
        """Yield every report."""
        for some in self._frame.iter_slices(_AT_ONCE):
            yield from map(_loaded_report, some.iter_rows(named=True))

    @overload
    def __getitem__(self, place: int) -> LoadedReport: ...
    @overload
    def __getitem__(self, place: slice) -> "LoadedReports": ...
    def __getitem__(self, place: int | slice) -> "LoadedReport | LoadedReports":
        """Return one report, or those of a slice. Raises IndexError."""
        if isinstance(place, slice):
            return LoadedReports(self._frame[place])
        return _loaded_report(self._frame.row(place, named=True))


def loaded_reports(home: Home, file_ids: pl.Series, years: set[int]) -> LoadedReports:
    """Return the reports of some years to which one of the contents belongs. Raises TornFacts."""
    found = [_of_year(home, year, file_ids) for year in sorted(years & set(facts_years(home)))]
    return LoadedReports(pl.concat(found) if found else pl.DataFrame())


def _of_year(home: Home, year: int, file_ids: pl.Series) -> pl.DataFrame:
    files = read_columns(home, "report_files", year, ["report_id", "file_id", "role"])
    met = files.filter(pl.col("file_id").is_in(file_ids.implode())).select("report_id").unique()
    own = read_columns(home, "reports", year, _OF_REPORT).join(met, on="report_id", how="semi").sort("report_id")
    attached = files.filter(pl.col("role") != "main").group_by("report_id").agg(attachments=pl.len())
    problems = read_columns(home, "problems", year, ["report_id"]).group_by("report_id").agg(problems=pl.len())
    failed = (
        scan_year(home, "check_results", year)
        .filter(pl.col("outcome") == "failed", pl.col("subject") != "all")
        .group_by("report_id")
        .agg("severity", "check_id")
        .collect()
    )
    for counted in (attached, problems, failed):
        own = own.join(counted, on="report_id", how="left", maintain_order="left")
    return own.with_columns(
        pl.col("attachments", "problems").fill_null(0), pl.col("severity", "check_id").fill_null([])
    )


def _loaded_report(row: Mapping[str, Any]) -> LoadedReport:
    told = {name: row[name] for name in _OF_REPORT if name not in ("issuer_kind", "tables_missing")}
    return LoadedReport(
        **told,
        issuer_is_identified=row["issuer_kind"] != "unknown",
        tables_missing=tuple(row["tables_missing"]),
        problems=row["problems"],
        failed=dict(Counter(row["severity"])),
        failed_checks=dict(Counter(row["check_id"])),
        attachments=row["attachments"],
    )
