"""The inbox cursor: every file once, a changed one again, one that is still being copied later."""

import os
import shutil
import time
from pathlib import Path

from pipeline.inbox import Arrival, arrivals

FOREVER = 2**62


def names(inbox: Path, cursor: str | None, before: int = FOREVER) -> list[str]:
    return [arrival.path for arrival in arrivals(inbox, cursor, before)]


def test_every_file_arrives_once_oldest_first(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("1")
    time.sleep(0.02)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("2")
    first = arrivals(tmp_path, None, FOREVER)
    assert [arrival.path for arrival in first] == ["b.txt", "sub/a.txt"]
    assert names(tmp_path, first[0].cursor) == ["sub/a.txt"]
    assert names(tmp_path, first[1].cursor) == []


def test_a_file_that_changed_or_was_moved_in_arrives_again_however_old_it_claims_to_be(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.txt").write_text("1")
    cursor = arrivals(inbox, None, FOREVER)[-1].cursor
    time.sleep(0.02)
    (tmp_path / "old.txt").write_text("2")
    os.utime(tmp_path / "old.txt", (1, 1))
    shutil.move(tmp_path / "old.txt", inbox / "old.txt")
    assert names(inbox, cursor) == ["old.txt"]
    cursor = arrivals(inbox, None, FOREVER)[-1].cursor
    time.sleep(0.02)
    (inbox / "a.txt").write_text("changed")
    assert names(inbox, cursor) == ["a.txt"]


def test_a_file_that_has_not_settled_waits_and_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    now = time.time_ns()
    assert names(tmp_path, None, before=now - 5 * 10**9) == []
    assert names(tmp_path, "", before=now + 10**9) == ["a.txt"]


def test_names_with_blanks_and_characters_of_any_script_survive_the_cursor(tmp_path: Path) -> None:
    (tmp_path / "某县 2019 年报.txt").write_text("1")
    (arrival,) = arrivals(tmp_path, None, FOREVER)
    assert isinstance(arrival, Arrival)
    assert names(tmp_path, arrival.cursor) == []


def test_hidden_files_links_to_nowhere_and_an_absent_inbox_are_nothing(tmp_path: Path) -> None:
    (tmp_path / ".part").write_text("1")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("1")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert names(tmp_path, None) == []
    assert names(tmp_path / "absent", None) == []
