"""The table of sources: which body publishes where.

Belongs here: its columns, and one line for each row that cannot be used. Does not belong here: fetching.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

COLUMNS = ("issuer", "region", "year", "address")
FIRST_YEAR = 2003
_SURPLUS = "surplus fields"


@dataclass(frozen=True, slots=True)
class Source:
    """A row of the table: ``address`` is the URL of a page or document, or a folder (a path, or an fsspec address).

    ``year`` is the report year, None where the address holds several or changes every year. Who published and for which
    year is in the end read from the document; what stands here only chooses and names what is fetched.
    """

    issuer: str
    region: str
    year: int | None
    address: str

    @property
    def is_web(self) -> bool:
        """Whether it is asked of a web server; otherwise it is a folder."""
        return self.address.lower().startswith(("http://", "https://"))


class UnusableTable(ValueError):
    """A table of sources that cannot be read at all, in one line."""


def read_sources(path: Path, this_year: int) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Return the sources of a CSV or Parquet file in its order, and one line for each row that is not one.

    CSV is UTF-8 (with or without a mark) or GB18030. A row that stands twice is used once. Raises UnusableTable: no such
    file, no table, a column absent.
    """
    try:
        rows = list(_parquet_rows(path) if path.suffix.lower() == ".parquet" else _csv_rows(path.read_bytes()))
    except OSError as error:
        raise UnusableTable(f"{path} cannot be read: {error.strerror or error}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnusableTable(f"{path} is not a table: {error}") from error
    sources: dict[Source, None] = {}
    complaints = []
    for number, row in rows:
        if isinstance(row, str):
            raise UnusableTable(f"{path}: {row}")
        try:
            sources.setdefault(_source(row, this_year))
        except ValueError as error:
            complaints.append(f"{path.name}, line {number}: {error}")
    return tuple(sources), tuple(complaints)


def _csv_rows(content: bytes) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey=_SURPLUS)
    yield from _header_complaint(reader.fieldnames or ())
    for row in reader:
        if any(value for value in row.values()):
            yield reader.line_num, row


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    import polars as pl

    try:
        frame = pl.read_parquet(path.read_bytes())
    except pl.exceptions.PolarsError as error:
        raise UnusableTable(f"{path} is not a Parquet file: {str(error).splitlines()[0]}") from error
    yield from _header_complaint(frame.columns)
    yield from enumerate(frame.iter_rows(named=True), 1)


def _header_complaint(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    absent = [name for name in COLUMNS if name not in set(names)]
    if absent:
        yield 1, f"the table has no column {', '.join(absent)}; its columns are {', '.join(COLUMNS)}"


def _source(row: Mapping[str, Any], this_year: int) -> Source:
    surplus = row.get(_SURPLUS)
    if surplus:
        raise ValueError(f"{len(surplus)} more fields than columns: text with a comma stands in quotes")
    issuer, region, year, address = (str(row[name] if row[name] is not None else "").strip() for name in COLUMNS)
    if not issuer:
        raise ValueError("issuer is empty")
    if region and not (region.isascii() and region.isdigit() and len(region) == 6):
        raise ValueError(f"region {region!r} is no code of six digits")
    if year and not (year.isascii() and year.isdigit() and FIRST_YEAR <= int(year) <= this_year):
        raise ValueError(f"year {year!r} is no year from {FIRST_YEAR} to {this_year}")
    return Source(issuer, region, int(year) if year else None, _address(address))


def _address(text: str) -> str:
    if not text:
        raise ValueError("address is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("address holds a control character")
    if text.lower().startswith(("http:", "https:")):
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"address {text!r} is no URL: {error}") from error
        if not host:
            raise ValueError(f"address {text!r} names no host")
        if parts.username is not None:
            raise ValueError("address holds a user name: what needs a password is not public")
    elif text.lower().startswith(("javascript:", "data:", "ftp:", "mailto:")):
        raise ValueError(f"address {text!r} cannot be fetched")
    return text
