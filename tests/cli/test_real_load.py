"""The commands on a real home folder: the samples, and files that are no reports.

Belongs here: what only the whole flow can show. The rest of the command line is tested with fakes.
"""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended

GONGKAI = Path(sys.executable).parent / "gongkai"
Ask = Callable[..., object]


@pytest.fixture
def ask(gongkai: Callable[..., Ended]) -> Ask:
    """Run a command with --json and return what it told."""

    def call(*arguments: object, home: Path) -> object:
        ended = gongkai(*arguments, "--json", "--home", home)
        assert ended.code in (0, 3, 4), ended.err
        return json.loads(ended.out)

    return call


@pytest.fixture
def own_home(loaded_samples: Path, tmp_path: Path) -> Path:
    """A home of this test's own that holds what the samples gave: it may be written."""
    return Path(shutil.copytree(loaded_samples, tmp_path / "home"))


def findings(ask: Ask, home: Path) -> set[tuple[str, int, str]]:
    return {(f["issuer"][:3], f["year"], f["check_id"]) for f in ask("anomalies", home=home)}


def test_what_is_wrong_with_the_samples_is_listed_and_nothing_else(ask, loaded_samples):
    assert findings(ask, loaded_samples) == {
        ("靖远县", 2019, "requests.balance"),
        ("靖远县", 2019, "requests.processed_sum"),
        ("文成县", 2019, "narrative.parts"),
        ("龙泉市", 2018, "narrative.disputes"),
    }


def test_the_worst_report_is_shown_with_its_two_totals_marked(gongkai, ask, loaded_samples):
    worst = ask("anomalies", home=loaded_samples)[0]
    assert worst["issuer"].startswith("靖远县")
    out = gongkai("show", worst["report_id"][:8], "--home", loaded_samples).out
    assert out.count("‹0›✗→8") == 2
    assert {(s["row_code"], s["column_code"]) for s in worst["suspects"]} <= {
        ("processed_total", "natural_person"),
        ("processed_total", "total"),
    }


def test_status_counts_the_samples(ask, loaded_samples):
    years = {year["year"]: year for year in ask("status", home=loaded_samples)["years"]}
    assert {year: row["reports"] for year, row in years.items()} == {2018: 1, 2019: 3, 2021: 1}


@pytest.mark.parametrize(
    "statement",
    [
        "copy reports to 'out.csv'",
        "export database 'out'",
        "attach 'other.db'",
        "install httpfs",
        "load httpfs",
        "select * from read_text('/etc/passwd')",
        "from '/etc/passwd'",
        "create table x (i int)",
        "set enable_external_access = true",
        "select 1; drop table reports",
        "selec 1",
        "select nosuch from reports",
        "",
    ],
)
def test_sql_refuses_everything_but_a_query_in_one_line(gongkai, loaded_samples, statement):
    ended = gongkai("sql", statement, "--home", loaded_samples)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err


def test_sql_answers_a_query(ask, loaded_samples):
    rows = ask("sql", "select year, count(*) as n from reports group by all order by all", home=loaded_samples)
    assert rows == [{"year": 2018, "n": 1}, {"year": 2019, "n": 3}, {"year": 2021, "n": 1}]


def test_a_reader_that_leaves_early_hears_nothing(loaded_samples):
    command = f"'{GONGKAI}' sql 'select * from cells' --csv --home '{loaded_samples}' | head -n 1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.stderr, ended.stdout.count("\n")) == ("", 1)


def test_check_judges_without_any_home(gongkai, samples, tmp_path):
    wrong, sound = samples / "jingyuan_2019.txt", samples / "dahu_2019.txt"
    assert gongkai("check", wrong, "--home", tmp_path / "h").code == 0
    assert gongkai("check", sound, "--strict", "--home", tmp_path / "h").code == 0
    ended = gongkai("check", wrong, "--strict", "--home", tmp_path / "h")
    assert ended.code == 4
    assert "‹0› → 8" in ended.out
    assert "4 errors" in ended.out
    assert not (tmp_path / "h").exists()


def test_files_that_are_no_reports_are_quarantined_while_the_others_load(gongkai, ask, samples, tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(samples / "dahu_2019.txt", folder / "a.txt")
    shutil.copy(samples / "dahu_2019.txt", folder / "sub" / "b.txt")
    (folder / "empty.txt").touch()
    (folder / "novel.txt").write_text("从前有座山，山上有座庙，庙里有个老和尚在讲故事。\n" * 50)
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500))
    (folder / "\x1b[31mred.txt").write_text("x")
    os.mkfifo(folder / "pipe.txt")  # Stands for a file that may not be read: root may read every other.
    home = tmp_path / "home"
    ended = gongkai("load", folder, "--home", home)
    assert ended.code == 3
    assert "Traceback" not in ended.err + ended.out
    assert not [c for c in ended.out + ended.err if unicodedata.category(c) == "Cc" and c != "\n"]
    assert "pipe.txt: not a regular file" in ended.out
    status = ask("status", home=home)
    reasons = {Path(file["source"]).name: file["error"] for file in status["quarantined"]}
    assert set(reasons) == {"empty.txt", "novel.txt", "noise.bin", "photo.jpg", "\x1b[31mred.txt"}
    assert all(reason and "\n" not in reason and "reader failed" not in reason for reason in reasons.values()), reasons
    assert [year["reports"] for year in status["years"]] == [1], "one content under two names is one report"
    seen = ask("sql", "select count(*) as n from file_sightings s join report_files r using (file_id)", home=home)
    assert seen == [{"n": 2}]


def test_a_dismissed_finding_leaves_the_list_and_comes_back_when_confirmed(gongkai, ask, own_home):
    (wrong,) = [f for f in ask("anomalies", home=own_home) if f["check_id"] == "narrative.parts"]
    subject = (wrong["report_id"], wrong["check_id"], wrong["subject"])
    assert gongkai("review", *subject, "--dismiss", "--note", "另有一类", "--home", own_home).code == 0
    assert wrong["check_id"] not in {check for _, _, check in findings(ask, own_home)}
    assert "reviewed: dismiss" in gongkai("show", wrong["report_id"], "--home", own_home).out
    assert gongkai("review", *subject, "--confirm", "--home", own_home).code == 0
    (again,) = [f for f in ask("anomalies", home=own_home) if f["check_id"] == "narrative.parts"]
    assert again["decision"] == "confirm"
    notes = ask("sql", "select decision, note from reviews order by decided_at", home=own_home)
    assert notes == [{"decision": "dismiss", "note": "另有一类"}, {"decision": "confirm", "note": None}]


def test_a_forgotten_file_is_gone_everywhere_and_its_year_is_judged_again(gongkai, ask, own_home):
    (wrong,) = {f["file_id"] for f in ask("anomalies", home=own_home) if f["issuer"].startswith("靖远县")}
    ended = gongkai("forget", wrong, "--home", own_home)
    assert ended.code == 0, ended.err
    assert "2019" in ended.out
    assert not (own_home / "raw" / wrong).exists()
    assert "靖远县" not in {issuer for issuer, _, _ in findings(ask, own_home)}
    assert ask("sql", f"select 1 from files where file_id = '{wrong}'", home=own_home) == []
    again = gongkai("forget", wrong, "--home", own_home)
    assert (again.code, again.err.count("\n")) == (2, 1)
