"""`check`: judged without a warehouse; its exit codes."""

import json

import pytest

from pipeline.document import UnreadableFile
from pipeline.load import CheckedReport
from tests.cli import rows

WRONG = CheckedReport(
    report=rows.REPORT,
    facts=rows.FACTS,
    cells=rows.CELLS,
    claims=[],
    problems=rows.PARTS["problems"],
    check_results=rows.PARTS["check_results"],
    suggestions=rows.PARTS["suggestions"],
)
SOUND = CheckedReport(rows.REPORT, rows.FACTS, rows.CELLS, [], [], [rows.PASSED], [])


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Fake the judging: the file's name says how it reads."""

    def judge(path, home):
        if path.stem == "photo":
            raise UnreadableFile("not a report: no section heading found")
        if path.stem == "secret":
            raise PermissionError(13, "Permission denied")
        return (WRONG,) if path.stem == "wrong" else (SOUND,)

    monkeypatch.setattr("pipeline.load.check_file", judge)
    for name in ("wrong", "sound", "photo", "secret"):
        (tmp_path / f"{name}.txt").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("names", "strict", "code"),
    [
        (["sound"], False, 0),
        (["wrong"], False, 0),
        (["sound"], True, 0),
        (["wrong"], True, 4),
        (["sound", "wrong"], True, 4),
        (["photo"], False, 3),
        (["secret"], False, 3),
        (["photo", "sound"], True, 3),
        (["photo", "wrong"], False, 3),
        (["photo", "wrong"], True, 4),
    ],
)
def test_exit_codes(gongkai, files, names, strict, code):
    arguments = ["check", *(files / f"{name}.txt" for name in names), *(["--strict"] if strict else [])]
    assert gongkai(*arguments).code == code
    assert gongkai(*arguments, "--json").code == code


def test_it_says_which_number_is_wrong_and_what_it_should_be(gongkai, files):
    out = gongkai("check", files / "wrong.txt").out
    for words in (
        "1 error",
        rows.FAILED["message_zh"],
        "‹0› → 11",
        rows.SUGGESTION["reason_zh"],
        "tables missing: proactive",
    ):
        assert words in out
    assert r"行政\x1b[2J裁决" in out
    assert "1 checks passed, 1 failed, 0 could not be judged" in out


def test_every_file_is_judged_also_after_one_that_cannot_be_read(gongkai, files):
    out = gongkai("check", files / "photo.txt", files / "secret.txt", files / "sound.txt").out
    assert "photo.txt: cannot be read: not a report: no section heading found" in out
    assert "secret.txt: cannot be read: Permission denied" in out
    assert "nothing wrong found" in out


def test_nothing_is_written(gongkai, files, monkeypatch):
    before = sorted(files.rglob("*"))
    gongkai("check", files / "wrong.txt", "--home", files / "home")
    assert sorted(files.rglob("*")) == before


@pytest.mark.parametrize(("name", "words"), [("nosuch.txt", "does not exist"), ("", "is a folder")])
def test_wrong_files_are_told_before_any_work(gongkai, files, name, words):
    ended = gongkai("check", files / "wrong.txt", files / name)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert ended.err.count("\n") == 1


def test_json_is_a_list_of_files_with_their_reports(gongkai, files):
    unread, wrong = json.loads(gongkai("check", files / "photo.txt", files / "wrong.txt", "--json").out)
    assert (unread["error"], unread["reports"]) == ("not a report: no section heading found", [])
    (report,) = wrong["reports"]
    assert wrong["error"] is None
    assert report["findings"][0]["check_id"] == "disputes.channel_sum"
    assert report["findings"][0]["suspects"][0]["suggested"] == 11
    assert set(report) == {
            "report", "findings", "suggestions", "problems", "corrections", "check_results", "facts"
        }  # fmt: skip
