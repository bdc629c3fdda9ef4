"""The sample reports: what is printed in them, and what reading and judging them must give (samples/truth.json)."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.catalogue.load import load_catalogue

ROOT = Path(__file__).parents[1]
TRUTH: dict[str, dict[str, Any]] = json.loads((ROOT / "samples/truth.json").read_text(encoding="utf-8"))
NAMES = sorted(TRUTH)
FACT_COLUMNS = {
    "requests": ("item", "applicant"),
    "proactive": ("item", "measure"),
    "disputes": ("channel", "outcome"),
    "statistics": ("item", "period"),
}
# Where a real report of the same body, year and layout lies; only its tables are compared.
REAL = {
    "wencheng_2019.txt": ("000_", "二、主动公开政府信息情况", "五、存在的主要问题"),
    "jingyuan_2019.txt": ("001_", "二、主动公开政府信息情况", "五、存在的主要问题"),
    "dahu_2019.txt": ("002_", "二、主动公开政府信息情况", "五、存在的主要问题"),
    "longquan_2018.txt": ("004_", "统 计 指 标", "     \n"),
}


def table_region(text: str, start: str, end: str) -> str:
    begin = text.rindex(start)
    return text[begin : text.index(end, begin)]


def test_every_sample_has_its_truth(samples: Path) -> None:
    assert sorted(file.name for file in samples.glob("*.txt")) == NAMES
    told = (samples / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in told for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_names_no_person_and_no_number_to_call(name: str, samples: Path) -> None:
    text = (samples / name).read_text(encoding="utf-8")
    assert not re.search(r"\d{3,4}[-－]\d{7,8}|1[3-9]\d{9}|@|(电话|传真|邮箱)[:：]|https?:|www\.", text)
    assert not re.search(r"(局长|主任|书记|县长|镇长|市长|科长|干事)[\u4e00-\u9fff]{2,3}(?=负责|任|为|[，。、])", text)


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_names_every_cell_of_the_form(name: str) -> None:
    truth = TRUTH[name]
    for fact_table, rows in truth["facts"].items():
        form = "2019" if fact_table == "disputes" else truth["form"]
        table = load_catalogue().forms[form].tables[fact_table]
        if fact_table == "statistics":
            assert set(rows) == {row for row, _ in table.cells}
        else:
            assert {(row, column) for row, cells in rows.items() for column in cells} == set(table.cells)


@pytest.mark.real_reports
@pytest.mark.parametrize("name", sorted(REAL))
def test_the_tables_are_laid_out_as_the_printed_ones(name: str, samples: Path, real_reports: Path) -> None:
    prefix, start, end = REAL[name]
    (real,) = real_reports.glob(f"{prefix}*.txt")
    ours = table_region((samples / name).read_text(encoding="utf-8"), start, end)
    assert ours == table_region(real.read_text(encoding="utf-8"), start, end)


def query(home: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "gongkai.duckdb"), read_only=True) as connection:
        return connection.execute(sql, values).fetchall()


def report_of(home: Path, name: str) -> str:
    truth = TRUTH[name]
    rows = query(
        home,
        "SELECT report_id FROM reports JOIN issuers USING (issuer_id) WHERE name = ? AND year = ?",
        truth["issuer"],
        truth["year"],
    )
    assert len(rows) == 1, f"{name}: {len(rows)} reports"
    return str(rows[0][0])


def test_five_samples_are_five_reports(loaded_samples: Path) -> None:
    assert query(loaded_samples, "SELECT count(*), count(DISTINCT series_id) FROM reports WHERE is_current") == [(5, 5)]
    assert query(loaded_samples, "SELECT DISTINCT status FROM files") == [("loaded",)]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_known_for_what_it_is(name: str, loaded_samples: Path) -> None:
    truth = TRUTH[name]
    columns = ("form", "region_code", "published_on", "signed_on", "tables_missing", "scope")
    report = report_of(loaded_samples, name)
    row = query(loaded_samples, f"SELECT {', '.join(columns)} FROM reports WHERE report_id = ?", report)[0]
    found = dict(zip(columns, row, strict=True))
    assert found["form"] == truth["form"]
    assert found["region_code"] == truth["region_code"]
    assert [str(found[day]) if found[day] else None for day in ("published_on", "signed_on")] == [
        truth["published_on"],
        truth["signed_on"],
    ]
    assert sorted(found["tables_missing"]) == sorted(truth["tables_missing"])
    if "scope" in truth:
        assert found["scope"] == truth["scope"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fact_table", sorted(FACT_COLUMNS))
def test_every_cell_reads_as_printed(fact_table: str, name: str, loaded_samples: Path) -> None:
    rows = TRUTH[name]["facts"].get(fact_table, {})
    expected = {
        (row, column): Decimal(str(value))
        for row, cells in rows.items()
        for column, value in (cells if isinstance(cells, dict) else {"year": cells}).items()
    }
    row_name, column_name = FACT_COLUMNS[fact_table]
    found = query(
        loaded_samples,
        f"SELECT {row_name}, {column_name}, value, status FROM {fact_table} WHERE report_id = ?",
        report_of(loaded_samples, name),
    )
    assert {(row, column): Decimal(str(value)) for row, column, value, _ in found} == expected
    assert {status for *_, status in found} <= {"reported"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_found_and_nothing_else(name: str, loaded_samples: Path) -> None:
    found = query(
        loaded_samples,
        """SELECT check_id, subject, left_value, right_value, difference FROM check_results
        WHERE outcome = 'failed' AND severity IN ('error', 'warning') AND report_id = ? ORDER BY check_id, subject""",
        report_of(loaded_samples, name),
    )
    expected = sorted(TRUTH[name]["failed"], key=lambda failure: (failure["check_id"], failure["subject"] or ""))
    assert [row[0] for row in found] == [failure["check_id"] for failure in expected]
    for (_, subject, left, right, difference), failure in zip(found, expected, strict=True):
        assert failure["subject"] in (None, subject)
        assert failure["left_value"] in (None, left)
        assert failure["right_value"] in (None, right)
        assert difference == left - right
