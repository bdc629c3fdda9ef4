"""What `load` refuses before any work, and what it says afterwards."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.load import LoadedReport, LoadFailed, LoadSummary, Quarantined
from warehouse.errors import StorageFailed
from warehouse.raw_store import Refused

WRONG = LoadedReport(
    report_id="a1b2c3d4e5f60718",
    year=2023,
    issuer="云中县水务局",
    issuer_is_identified=True,
    scope="own",
    form="2021",
    title=None,
    extraction="partial",
    tables_missing=("proactive",),
    is_current=True,
    file_id="f" * 64,
    problems=1,
    failed={"error": 2, "warning": 1},
    failed_checks={"disputes.channel_sum": 2, "narrative.parts": 1},
)
SOUND = replace(
    WRONG,
    report_id="b" * 16,
    year=2019,
    tables_missing=(),
    extraction="complete",
    failed={},
    failed_checks={},
    problems=0,
)
SUMMARY = LoadSummary(
    files=2,
    new_files=1,
    refused=(),
    skipped=(),
    read=1,
    quarantined=(),
    reports=(SOUND, WRONG),
    years=(2019, 2023),
    load_id=7,
    rows={"reports": 2},
    published=True,
)


@pytest.fixture
def loads(monkeypatch):
    """Fake the load: it records what it was asked for, and gives the summary that the test sets."""
    calls = []

    class Fake:
        summary = SUMMARY
        error: Exception | None = None

        def __call__(
            self, home, paths, *, progress=None, workers=None, executor=None, warehouse=None, log_events=False
        ):
            calls.append((home.root, list(paths), workers))
            progress("waiting", 0, 0)
            for done in range(3):
                progress("reading", done, 2)
            if self.error:
                raise self.error
            return self.summary

    fake = Fake()
    fake.calls = calls
    monkeypatch.setattr("pipeline.load.load_paths", fake)
    return fake


@pytest.fixture
def report(tmp_path) -> Path:
    file = tmp_path / "report.txt"
    file.write_text("x")
    return file


def refused(ended, words):
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert words in ended.err


def test_a_path_that_does_not_exist_is_told_before_any_work(gongkai, loads, report, tmp_path):
    refused(gongkai("load", report, tmp_path / "nosuch", "--home", tmp_path / "h"), "nosuch does not exist")
    assert not loads.calls
    assert not (tmp_path / "h").exists()


def test_a_link_that_leads_nowhere_is_told(gongkai, loads, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nosuch")
    refused(gongkai("load", tmp_path / "link"), "leads nowhere")


@pytest.mark.parametrize("holds", [(), ("sub/deeper/",), (".DS_Store",), (".git/config",)])
def test_an_empty_folder_is_told_before_any_work(gongkai, loads, tmp_path, holds):
    folder = tmp_path / "empty"
    folder.mkdir()
    for name in holds:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).mkdir() if name.endswith("/") else (folder / name).touch()
    refused(gongkai("load", folder, "--home", tmp_path / "h"), "empty folder")
    assert not (tmp_path / "h").exists()


def test_the_home_folder_itself_is_no_folder_of_reports(gongkai, loads, tmp_path):
    (tmp_path / "h").mkdir()
    (tmp_path / "h" / "reviews.csv").touch()
    refused(gongkai("load", tmp_path / "h", "--home", tmp_path / "x" / ".." / "h"), "the home folder itself")


def test_what_is_neither_file_nor_folder_is_told(gongkai, loads):
    refused(gongkai("load", "/dev/null"), "neither a file nor a folder")


@pytest.mark.parametrize("home", ["report.txt", "report.txt/below"])
def test_a_home_that_cannot_be_written_is_told_before_any_work(gongkai, loads, report, home):
    refused(gongkai("load", report, "--home", report.parent / home), "cannot be written")
    assert not loads.calls


def test_a_home_on_a_read_only_file_system_is_told(gongkai, loads, report):
    refused(gongkai("load", report, "--home", "/proc/gongkai"), "cannot be written")


def test_control_characters_of_a_path_do_not_reach_the_terminal(gongkai, loads):
    ended = gongkai("load", "a\x1b[31m\nb\u202e")
    refused(ended, r"a\x1b[31m")
    assert not {"\x1b", "\u202e"} & set(ended.err)


def test_the_load_is_given_what_was_asked_for(gongkai, loads, report, tmp_path):
    ended = gongkai("load", report, report.parent, "--workers", 3, "--home", tmp_path / "h")
    assert ended.code == 0
    assert loads.calls == [(tmp_path / "h", [report, report.parent], 3)]


def test_the_summary_tells_years_wrong_reports_and_how_to_look_further(gongkai, loads, report, tmp_path):
    ended = gongkai("load", report, "--home", tmp_path / "h")
    for words in (
        "2 files met, 1 of them new: 2 reports, 0 quarantined",
        "云中县水务局 2023: disputes.channel_sum ×2, narrative.parts   a1b2c3d4e5f60718",
        "tables missing: proactive",
        "Nothing wrong found in 1 report.",
        "load 7",
        f"gongkai show a1b2c3d4e5f60718 --home {tmp_path / 'h'}",
        "gongkai anomalies",
    ):
        assert words in ended.out
    years = [line.split() for line in ended.out.splitlines() if line.startswith(("2019", "2023"))]
    assert years == [["2019", "1", "1", "0", "0", "0"], ["2023", "1", "1", "2", "1", "0"]]


def test_waiting_for_another_load_is_one_line_and_there_is_no_bar_in_a_pipe(gongkai, loads, report):
    ended = gongkai("load", report)
    assert ended.err.count("\n") == 1
    assert "waits for it" in ended.err


def test_the_bar_is_drawn_on_stderr_of_a_terminal(gongkai, loads, report, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ended = gongkai("load", report)
    assert "reading" in ended.err
    assert "reading" not in ended.out


@pytest.mark.parametrize(
    "part",
    [
        {"quarantined": (Quarantined("e" * 64, "in/photo\x1b[2J.jpg", "not a report: no section heading found"),)},
        {"refused": (Refused("in/secret.txt", "Permission denied"),)},
    ],
)
def test_what_could_not_be_read_is_listed_with_its_reason_and_the_exit_code_is_3(gongkai, loads, report, part):
    loads.summary = replace(SUMMARY, **part)
    ended = gongkai("load", report)
    assert ended.code == 3
    (file,) = next(iter(part.values()))
    assert f": {file.reason}" in ended.out
    assert "\x1b" not in ended.out
    assert gongkai("load", report, "--json").code == 3


def test_hidden_files_passed_over_are_no_failure(gongkai, loads, report):
    loads.summary = replace(SUMMARY, skipped=(Refused("in/.hidden", "hidden file"),))
    ended = gongkai("load", report)
    assert ended.code == 0
    assert "in/.hidden: hidden file" in ended.out


def test_nothing_changed_is_said(gongkai, loads, report):
    loads.summary = replace(SUMMARY, published=False)
    assert "nothing changed since load 7" in gongkai("load", report).out


def test_json_holds_the_whole_summary(gongkai, loads, report):
    told = json.loads(gongkai("load", report, "--json").out)
    assert (told["files"], told["load_id"], told["published"]) == (2, 7, True)
    assert told["reports"][1]["failed_checks"] == {"disputes.channel_sum": 2, "narrative.parts": 1}
    assert told["home"].endswith("/data")


@pytest.mark.parametrize("kind", [LoadFailed, StorageFailed])
def test_a_load_that_fails_is_one_line_and_exit_1(gongkai, loads, report, kind):
    loads.error = kind("judging 2019: No space left on device; free some and load again")
    ended = gongkai("load", report)
    assert (ended.code, ended.out) == (1, "")
    assert "gongkai load: judging 2019: No space left on device" in ended.err
    assert "Traceback" not in ended.err


def test_a_long_list_is_cut_and_says_so(gongkai, loads, report):
    many = tuple(Quarantined(f"{n:064}", f"in/{n}.txt", "empty file") for n in range(50))
    loads.summary = replace(SUMMARY, quarantined=many)
    out = gongkai("load", report).out
    assert "Quarantined (kept, tried again when the reader has changed): 50" in out
    assert "and 30 more" in out


def test_of_many_wrong_reports_the_worst_are_told(gongkai, loads, report):
    wrong = [replace(SUMMARY.reports[1], report_id=f"{n:016}", failed={"error": n}) for n in range(1, 31)]
    loads.summary = replace(SUMMARY, reports=tuple(wrong))
    _, found, out = gongkai("load", report).out.partition("Wrong: 30")
    assert found
    assert "and 10 more" in out
    assert f"{30:016}" in out
    assert f"{11:016}" in out
    assert f"{10:016}" not in out


def test_a_backfill_takes_nothing_in_and_stands_alone(gongkai, tmp_path, loaded_samples, samples):
    shutil.copytree(loaded_samples, tmp_path / "home")
    done = gongkai("load", "--backfill", "--json", "--home", tmp_path / "home")
    assert done.code == 0
    assert json.loads(done.out)["files"] == 0
    for wrong in (("load",), ("load", "--backfill", samples)):
        refused = gongkai(*wrong, "--home", tmp_path / "home")
        assert refused.code == 2
        assert "--backfill" in refused.err
