"""Pages printed for the measurements: a browser that does not answer is asked once more, then the file is left out."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks import make_documents
from benchmarks.make_documents import NotPrinted, made_documents, print_page


def _late(times: int, calls: list[list[str]]) -> Any:
    """Return a stand-in for ``subprocess.run`` that prints after it was late so many times."""

    def run(command: list[str], **_options: object) -> None:
        calls.append(command)
        if len(calls) <= times:
            raise subprocess.TimeoutExpired(command, 120)
        target = next(part.partition("=")[2] for part in command if part.startswith("--print-to-pdf="))
        Path(target).write_bytes(b"%PDF-1.7")

    return run


def test_a_page_is_tried_again_under_another_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(make_documents.subprocess, "run", _late(1, calls))
    assert print_page(tmp_path / "p.html", tmp_path) == b"%PDF-1.7"
    assert len({part for call in calls for part in call if part.startswith("--user-data-dir=")}) == 2


def test_a_page_that_is_late_twice_is_left_out_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_documents.subprocess, "run", _late(2, []))
    with pytest.raises(NotPrinted, match=r"^Chromium did not print it within \d+ s, twice$"):
        print_page(tmp_path / "p.html", tmp_path)
    monkeypatch.setattr(make_documents.subprocess, "run", _late(2, []))
    (kept,) = made_documents("PDF-browser", 2)
    assert kept.name == "browser-001.pdf"
    assert capsys.readouterr().out.splitlines() == [
        "browser-000: left out, Chromium did not print it within 120 s, twice"
    ]
