"""A person's corrections from the command line to the published rows, and what is told when they no longer fit."""

import csv
import hashlib
import shutil
from pathlib import Path

import pytest

from pipeline.home import Home
from tests.cli import rows
from tests.cli.test_show import result


def test_a_correction_is_applied_shown_and_refused_when_the_cell_reads_otherwise(
    gongkai, loaded_samples: Path, samples: Path, tmp_path: Path
):
    shutil.copytree(loaded_samples, tmp_path / "home")
    home = Home(tmp_path / "home")
    (report,) = ask(home, "select * from reports where year = 2019 and issuer like '靖远%'")
    cell = "requests/processed_total/total"
    ended = gongkai("correct", report["report_id"], cell, 8, "--reason", "见原表", "--by", "Li", "--home", home.root)
    assert (ended.code, ended.err) == (0, "")
    assert "（七）总计 / 总计 ‹0› counts as 8" in ended.out
    (fact,) = ask(home, f"select * from requests where report_id = '{report['report_id']}' and item = 'processed_total' "
                        "and applicant = 'total'")  # fmt: skip
    assert (fact["value"], fact["status"], fact["raw_text"]) == (8, "corrected", "0")
    (line,) = ask(home, "select * from corrections")
    assert (line["outcome"], line["reason"], line["by"], line["file_id"]) == (
        "applied",
        "见原表",
        "Li",
        report["file_id"],
    )
    shown = gongkai("show", report["report_id"], "--home", home.root).out
    assert "‹0›=8" in shown and "counts as 8: 见原表 (Li)" in shown
    file = next(p for p in samples.iterdir() if hashlib.sha256(p.read_bytes()).hexdigest() == report["file_id"])
    assert "counts as 8: 见原表 (Li)" in gongkai("check", file, "--home", home.root).out

    # Somebody changes the line: what the cell reads is no longer what it says.
    text = home.corrections.read_text(encoding="utf-8")
    home.corrections.write_text(text.replace(",0,8,", ",1,8,"), encoding="utf-8")
    stale = gongkai("status", "--home", home.root).out.splitlines()
    assert [line.split()[0] for line in stale if line.endswith("stale")] == ["2019"]
    gongkai("load", samples, "--home", home.root)
    assert "the cell reads “0”, not “1”" in gongkai("status", "--home", home.root).out
    assert ask(home, "select kind from problems where kind = 'correction_refused'")
    assert not ask(home, "select * from requests where status = 'corrected'")


def ask(home: Home, sql: str) -> list[dict]:
    from warehouse.query import run_query

    return run_query(home, sql).dicts()


@pytest.fixture
def report(monkeypatch):
    """Make the warehouse hold one report; nothing is loaded again."""
    answer = {name: result(records) for name, records in rows.PARTS.items()}
    monkeypatch.setattr("warehouse.query.report", lambda home, report_id: answer)
    monkeypatch.setattr("pipeline.load.load_paths", lambda home, paths, **_: None)


GIVEN = ("--reason", "page 4", "--by", "Li")


@pytest.mark.parametrize(
    "arguments",
    [("a1b2", "disputes/review/total", "eight", *GIVEN), ("a1b2", "disputes/review/total", "2.5", *GIVEN),
     ("a1b2", "disputes/review/nosuch", "8", *GIVEN), ("a1b2", "disputes/review/total", "8", "--reason", "x"),
     ("a1b2", "disputes/review/total", "8", "--reason", " ", "--by", "Li")],
)  # fmt: skip
def test_what_cannot_be_meant_is_wrong_usage(gongkai, published, report, arguments):
    ended = gongkai("correct", *arguments, "--home", published)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert not (published / "corrections.csv").exists()


def test_lines_that_stand_keep_their_place(gongkai, published, report):
    for value in ("8", "9"):
        assert gongkai("correct", "a1b2", "disputes/review/total", value, *GIVEN, "--home", published).code == 0
    with (published / "corrections.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["value"], line["by"]) for line in lines] == [("8", "Li"), ("9", "Li")]


def test_a_file_that_somebody_broke_is_told_and_not_written(gongkai, published, report):
    (published / "corrections.csv").write_text("a,b\n")
    ended = gongkai("correct", "a1b2", "disputes/review/total", "8", *GIVEN, "--home", published)
    assert ended.code == 1
    assert "corrections.csv" in ended.err and ended.err.count("\n") == 1
    assert (published / "corrections.csv").read_text() == "a,b\n"
