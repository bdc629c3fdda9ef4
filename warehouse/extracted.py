"""What was read from each content: parts of the lake written batch by batch, the ledger last.

Belongs here: writing and reading extracted rows. Does not belong here: what a reading holds (``extracted_rows``), which
reading is active (``ledger``).
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from pipeline.home import Home, Place
from warehouse.durable import (
    first_line,
    put_all_in_place,
    storing,
    temporary_name,
    write_parquet,
    write_parquet_file,
)
from warehouse.extracted_rows import Rows, file_rows
from warehouse.lake import part_files, read_parts, year_folder, year_folders
from warehouse.ledger import QUARANTINED, READ, active_ledger, forget_in_ledger, next_batch_name, write_ledger_part
from warehouse.schemas import EXTRACTED, EXTRACTED_ORDER, LEDGER

if TYPE_CHECKING:
    from pipeline.reading import FileReading


Frames = dict[str, pl.DataFrame]

UNSTORABLE = (UnicodeEncodeError, TypeError, OverflowError, pl.exceptions.PolarsError)
"""What polars raises for a value that a column cannot hold."""


_OUTCOME = {name: LEDGER[name] for name in ("file_id", "status", "error", "media_type", "bytes", "years", "links")}


@dataclass(frozen=True, slots=True)
class ReadContent:
    """The outcome of reading one content: ``reading``, or the one-line ``error`` that quarantines it; never both."""

    file_id: str
    size: int
    media_type: str | None
    reading: "FileReading | None"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ReadRows:
    """What was read from some contents, as rows: small and quick to send from one process to another.

    ``outcomes``: file_id, status, error, media_type, bytes, years, links; ``tables``: rows by extracted table.
    """

    outcomes: pl.DataFrame
    tables: Frames


def rows_of_contents(contents: Sequence[ReadContent]) -> ReadRows:
    """Return what was read from contents as rows. A reading that cannot be stored quarantines its content with the reason."""
    outcomes, frames = _storable(contents)
    return ReadRows(pl.DataFrame([_outcome(content) for content in outcomes], schema=_OUTCOME, orient="row"), frames)


def write_extracted_rows(home: Home, parts: Sequence[ReadRows], reader_version: str) -> str:
    """Write what was read from a batch of contents, the ledger last; return the batch's name ("" for an empty batch).

    A crash before the ledger is written leaves a batch that does not exist. Raises StorageFailed.
    """
    outcomes = pl.concat([pl.DataFrame(schema=_OUTCOME), *(part.outcomes for part in parts)]).sort("file_id")
    if outcomes.is_empty():
        return ""
    digest = hashlib.sha256(repr([reader_version, *outcomes["file_id"]]).encode()).hexdigest()
    with storing(str(home.lake)):
        batch = next_batch_name(home, digest)
        _write_parts(home, batch, {name: pl.concat([part.tables[name] for part in parts]) for name in EXTRACTED})
        ledger = outcomes.with_columns(reader_version=pl.lit(reader_version), batch=pl.lit(batch))
        write_ledger_part(home, batch, ledger.select(pl.col(name).cast(dtype) for name, dtype in LEDGER.items()))
    return batch


def write_extracted_batch(home: Home, contents: Sequence[ReadContent], reader_version: str) -> str:
    """Write what was read from a batch of contents as ``write_extracted_rows`` does."""
    return write_extracted_rows(home, [rows_of_contents(contents)], reader_version)


def frames_of_reading(file_id: str, reading: "FileReading") -> Frames:
    """Return the rows that would be stored of one reading, by extracted table. Raises ValueError where a report has no year."""
    return _frames(file_rows(file_id, reading))


def extracted_years(home: Home) -> list[int]:
    """Return the report years of all active readings, ascending."""
    return sorted(active_ledger(home)["years"].explode().drop_nulls().unique().to_list())


def read_extracted(home: Home, year: int, file_ids: Collection[str] | None = None) -> dict[str, pl.DataFrame]:
    """Return the active rows of a report year, or of some contents in it, sorted; columns as ``schemas.EXTRACTED``.

    ``reports`` holds what ``ReportReading`` says of itself, with file_id, media_type, place and evidence (JSON); ``facts``
    is long (fact_table, row_code, column_code); ``assertions.body`` is the JSON of the assertion.
    """
    active = _active_of_year(home, year)
    if file_ids is not None:
        active = active.filter(pl.col("file_id").is_in(list(file_ids)))
    batches = {batch: frame["file_id"] for (batch,), frame in active.partition_by("batch", as_dict=True).items()}
    return {table: _read_table(home, table, year, batches) for table in EXTRACTED}


def reader_versions(home: Home, year: int) -> dict[str, str]:
    """Return the contents that have a report of a year, each with the version of the reader that read it."""
    return dict(_active_of_year(home, year).select("file_id", "reader_version").iter_rows())


def batches_of_year(home: Home, year: int) -> dict[str, str]:
    """Return the contents that have a report of a year, each with the batch in which its rows stand."""
    return dict(_active_of_year(home, year).select("file_id", "batch").iter_rows())


def extracted_fingerprint(home: Home, year: int) -> str:
    """Return a hash of the active readings of a report year: equal hashes mean equal ``read_extracted`` rows.

    Raises nothing; a year without readings has the hash of none. In which order files were loaded makes no difference.
    """
    readings = _active_of_year(home, year).select("file_id", "reader_version").rows()
    return hashlib.sha256(repr(sorted(readings)).encode()).hexdigest()


def active_files(home: Home, year: int) -> set[str]:
    """Return the contents that have a report of a year."""
    return set(_active_of_year(home, year)["file_id"])


def forget_extracted(home: Home, file_id: str) -> list[int]:
    """Remove everything that was read from a content; return the report years it had. Raises StorageFailed."""
    with storing(str(home.lake)):
        for table in EXTRACTED:
            for folder in year_folders(_dataset(home, table)).values():
                for part in part_files(folder):
                    _drop_rows(part, table, file_id)
        # Last: until then another call still finds the years that it had.
        return forget_in_ledger(home, file_id)


def unused_parts(home: Home) -> list[Place]:
    """Return the parts that no active reading uses: those of broken-off batches, and of readings by older readers."""
    used = set(active_ledger(home)["batch"].to_list())
    folders = (folder for table in EXTRACTED for folder in year_folders(_dataset(home, table)).values())
    return [part for folder in folders for part in part_files(folder) if part.stem not in used]


def _write_parts(home: Home, batch: str, frames: Frames) -> None:
    """Write a batch's rows, one part per table and year."""
    moves: dict[Place, Place] = {}
    try:
        for table, frame in frames.items():
            for (year,), rows in frame.partition_by("year", as_dict=True).items():
                part = year_folder(_dataset(home, table), int(str(year))) / f"{batch}.parquet"
                part.parent.mkdir(parents=True, exist_ok=True)
                temporary = temporary_name(part)
                moves[temporary] = part
                write_parquet_file(temporary, rows.sort(EXTRACTED_ORDER[table], maintain_order=True))
        put_all_in_place(moves)
    finally:
        for temporary in moves:
            temporary.unlink(missing_ok=True)


def _storable(contents: Sequence[ReadContent]) -> tuple[list[ReadContent], Frames]:
    """Return the contents, those quarantined whose reading cannot be stored, and the rows of the others as frames."""
    outcomes, rows = [], Rows()
    for content in contents:
        outcome, own = _rows_of(content)
        outcomes.append(outcome)
        rows.add(own)
    try:
        return outcomes, _frames(rows)
    except UNSTORABLE:
        # One of them holds what no frame can: try them one by one, so that it costs nobody else.
        checked = [_tried_alone(outcome) for outcome in outcomes]
        rows = Rows()
        for outcome in checked:
            rows.add(_rows_of(outcome)[1])
        return checked, _frames(rows)


def _rows_of(content: ReadContent) -> tuple[ReadContent, Rows]:
    if content.reading is None:
        return content, Rows()
    try:
        return content, file_rows(content.file_id, content.reading)
    except ValueError as error:
        return replace(content, reading=None, error=first_line(error)), Rows()


def _tried_alone(content: ReadContent) -> ReadContent:
    try:
        _frames(_rows_of(content)[1])
    except UnicodeEncodeError:
        return replace(content, reading=None, error="its text is not valid Unicode")
    except UNSTORABLE as error:
        return replace(content, reading=None, error=f"its reading cannot be stored: {first_line(error)}")
    return content


def _frames(rows: Rows) -> Frames:
    return {name: pl.DataFrame(rows.by_table[name], schema=schema, orient="row") for name, schema in EXTRACTED.items()}


def _outcome(content: ReadContent) -> tuple[object, ...]:
    years = sorted({report.year for report in content.reading.reports if report.year}) if content.reading else []
    status = READ if content.reading else QUARANTINED
    error = None if content.reading else (content.error or "cannot be read")
    return (content.file_id, status, error, content.media_type, content.size, years, _links(content))


def _links(content: ReadContent) -> list[str]:
    """Return the addresses of the attachments and pictures that the reports of a content name."""
    reports = content.reading.reports if content.reading else ()
    named = (report.evidence.get(key, "") for report in reports for key in ("attachments", "pictures"))
    return sorted({address for addresses in named for address in addresses.split("\n") if address})


def _active_of_year(home: Home, year: int) -> pl.DataFrame:
    return active_ledger(home).filter(pl.col("years").list.contains(year))


def _read_table(home: Home, table: str, year: int, batches: dict[object, pl.Series]) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=EXTRACTED[table])]
    for batch, file_ids in batches.items():
        part = year_folder(_dataset(home, table), year) / f"{batch}.parquet"
        if part.exists():  # A batch has no part of a table in which none of its reports has a row.
            frames.append(read_parts([part], EXTRACTED[table]).filter(pl.col("file_id").is_in(file_ids.implode())))
    return pl.concat(frames).sort(EXTRACTED_ORDER[table], maintain_order=True)


def _drop_rows(part: Place, table: str, file_id: str) -> None:
    frame = read_parts([part], EXTRACTED[table])
    kept = frame.filter(pl.col("file_id") != file_id)
    if kept.is_empty():
        part.unlink()
    elif kept.height < frame.height:
        write_parquet(part, kept)


def _dataset(home: Home, table: str) -> Place:
    return home.lake / "extracted" / table
