"""The table of sources: one clear line for each row that cannot be used."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.fetch.sources import Source, UnusableTable, read_sources

HEAD = "issuer,region,year,address\n"


def read(tmp_path: Path, text: str | bytes) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    file = tmp_path / "sources.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_sources(file, 2026)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rows_become_sources(tmp_path: Path, encoding: str) -> None:
    text = (
        HEAD
        + '某县人民政府,320999,2025,http://某县.example/a.html\n"甲局, 乙处",,,reports/2019\n\n某县人民政府,320999,2025,http://某县.example/a.html\n'
    )
    sources, complaints = read(tmp_path, text.encode(encoding))
    assert sources == (
        Source("某县人民政府", "320999", 2025, "http://某县.example/a.html"),
        Source("甲局, 乙处", "", None, "reports/2019"),
    )
    assert complaints == () and [source.is_web for source in sources] == [True, False]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (",320999,2025,http://a.example", "issuer is empty"),
        ("甲,32099,2025,http://a.example", "region '32099' is no code of six digits"),
        ("甲,,1999,http://a.example", "year '1999' is no year from 2003 to 2026"),
        ("甲,,2027,http://a.example", "year '2027' is no year from 2003 to 2026"),
        ("甲,,２０２５,http://a.example", "is no year"),
        ("甲,,2025,", "address is empty"),
        ("甲,,2025", "address is empty"),
        ("甲,,2025,http://", "names no host"),
        ("甲,,2025,http://a.example:99999/", "is no URL"),
        ("甲,,2025,http://u:p@a.example/", "address holds a user name"),
        ("甲,,2025,javascript:alert(1)", "cannot be fetched"),
        ("甲,,2025,http://a.example/?a=1,2", "1 more fields than columns"),
        ('甲,,2025,"http://a.example/\n"', None),
        ("甲,,2025,http://a.example/\x01", "address holds a control character"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_source_is_one_line(tmp_path: Path, row: str, complaint: str | None) -> None:
    sources, complaints = read(tmp_path, f"{HEAD}{row}\n乙,,2025,http://b.example\n")
    assert sources[-1].address == "http://b.example"
    if complaint is None:
        assert not complaints
    else:
        (line,) = complaints
        assert line.startswith("sources.csv, line 2: ") and complaint in line and "\n" not in line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "issuer,address\n甲,x\n",
            "the table has no column region, year; its columns are issuer, region, year, address",
        ),
        ("", "the table has no column"),
        (b"\xff\xfe\x00\x01\xff", "is not a table"),
        (HEAD + '"甲,,2025,x\n', "is not a table"),
    ],
)
def test_a_file_that_is_no_table_is_one_line(tmp_path: Path, text: str | bytes, line: str) -> None:
    with pytest.raises(UnusableTable, match=line):
        read(tmp_path, text)


def test_parquet(tmp_path: Path) -> None:
    rows = {"issuer": ["甲", None], "region": [None, None], "year": [2025, 2025], "address": ["s3://b/x", "s3://b/y"]}
    file = tmp_path / "sources.parquet"
    pl.DataFrame(rows, schema_overrides={"region": pl.String}).write_parquet(file)
    sources, complaints = read_sources(file, 2026)
    assert sources == (Source("甲", "", 2025, "s3://b/x"),)
    assert complaints == ("sources.parquet, line 2: issuer is empty",)
    file.write_bytes(b"no parquet")
    with pytest.raises(UnusableTable, match="is not a Parquet file"):
        read_sources(file, 2026)
    with pytest.raises(UnusableTable, match="cannot be read"):
        read_sources(tmp_path / "absent.csv", 2026)
