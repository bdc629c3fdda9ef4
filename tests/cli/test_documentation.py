"""docs/command_line.md tells the exit codes and the JSON keys that there are."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from pipeline.cli import errors
from pipeline.load import LoadedReport, LoadSummary, Quarantined
from warehouse.raw_store import Refused

PAGE = (Path(__file__).parents[2] / "docs" / "command_line.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_exit_code_is_told():
    codes = {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)} == codes


@pytest.mark.parametrize("kind", [LoadSummary, LoadedReport, Quarantined, Refused])
def test_every_key_of_a_load_is_told(kind):
    told = set(re.findall(r"`(\w+)`", section("`load --json`")))
    assert {field.name for field in fields(kind)} <= told


def test_the_keys_that_are_told_are_there(gongkai, loaded_samples, samples):
    import json

    def ask(*arguments):
        return json.loads(gongkai(*arguments, "--json", "--home", loaded_samples).out)

    finding = ask("anomalies")[0]
    for key in ("title", "scope", "issuer_kind", "source", "file_id", "section_no", "sentence", "suspects", "evidence"):
        assert key in finding
    assert set(finding["suspects"][0]) == set(
        re.findall(r"`(\w+)`", section("`anomalies --json`").split("list of")[-1])
    )
    assert set(ask("show", finding["report_id"])) == set(re.findall(r"`(\w+)`", section("`show --json`")))
    status = ask("status")
    told = set(re.findall(r"`(\w+)`", section("`status --json`")))
    assert set(status) | set(status["years"][0]) | set(status["last_load"][0]) <= told
    (checked,) = ask("check", samples / "jingyuan_2019.txt")
    assert set(checked) == {"file", "error", "reports"}
    (report,) = checked["reports"]
    told = set(re.findall(r"`(\w+)`", section("`check --json`")))
    assert set(report) <= told
    assert set(finding) - set(report["findings"][0]) >= {"evidence", "decision"}
