"""Loads from beginning to end: additive, idempotent, the same rows whoever asks for them."""

import contextlib
import fcntl
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.dagster_instance import open_instance
from pipeline.home import Home
from pipeline.load import LoadFailed, LoadSummary, check_file, load_paths
from tests.documents.dump import render as render_dump
from tests.documents.made import make_report
from warehouse.query import run_query

ROOT = Path(__file__).parents[2]
ROWS = "select '{0}', count(*), sum(hash(t))::varchar from {0} t"
HISTORY = {"loads", "file_sightings"}


def table_hashes(home: Home) -> dict[str, tuple[int, str | None]]:
    """Return the number of rows and a hash of each published table, apart from what only tells history."""
    names = [name for name, table in load_catalogue().tables.items() if name not in HISTORY]
    found = {}
    for name in names:
        (row,) = run_query(home, ROWS.format(name)).rows
        found[name] = (row[1], row[2])
    return found


def write_report(folder: Path, seed: int) -> Path:
    """Write a made report as a text dump; return its file."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"made_{seed}.txt"
    file.write_bytes(render_dump(make_report(rng, load_catalogue(), "2019", "plain"), "tab_rows", rng))
    return file


def test_files_of_any_year_add_to_what_is_there(home: Home, tmp_path: Path) -> None:
    before = table_hashes(home)["reports"][0]
    files = [write_report(tmp_path / "in", seed) for seed in (1, 2)]
    told: list[tuple[str, int, int]] = []
    summary = load_paths(home, [tmp_path / "in"], progress=lambda *word: told.append(word), workers=1)
    assert (summary.files, summary.new_files, summary.read) == (2, 2, 2)
    assert summary.quarantined == ()
    assert summary.published
    assert {report.year for report in summary.reports} == set(summary.years)
    assert summary.rows["reports"] == before + len(files)
    assert [word for word in dict.fromkeys(stage for stage, _, _ in told)] == [
        "taking in",
        "reading",
        "judging",
        "publishing",
    ]
    assert told[-1] == ("publishing", 1, 1)


def test_what_was_loaded_before_costs_nothing_and_changes_nothing(home: Home, samples: Path) -> None:
    before, published = table_hashes(home), home.warehouse.stat().st_mtime_ns
    summary = load_paths(home, sorted(samples.glob("*.txt")), workers=1)
    assert (summary.files, summary.new_files, summary.read, summary.years) == (5, 0, 0, ())
    assert not summary.published
    assert len(summary.reports) == 5, "the reports of the files given are told all the same"
    assert home.warehouse.stat().st_mtime_ns == published
    assert table_hashes(home) == before


def test_the_order_of_loads_does_not_matter(home: Home, samples: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    for file in sorted(samples.glob("*.txt"), reverse=True)[:2]:
        load_paths(other, [file], workers=1)
    load_paths(other, [samples], workers=1)
    given, expected = table_hashes(other), table_hashes(home)
    different = {name for name in expected if given[name] != expected[name]}
    # The folder also holds its README and truth.json: files that are no reports.
    assert different <= {"files"}


def test_one_content_under_two_names_is_one_file_seen_twice(home: Home, samples: Path, tmp_path: Path) -> None:
    copy = tmp_path / "again.txt"
    shutil.copy(samples / "jingyuan_2019.txt", copy)
    summary = load_paths(home, [copy], workers=1)
    assert (summary.files, summary.new_files, summary.read) == (1, 0, 0)
    assert summary.published, "where it was seen is published too"
    seen = run_query(home, "select count(*) from file_sightings group by file_id order by 1 desc limit 1").rows
    assert seen == [(2,)]


def test_what_cannot_be_read_is_told_and_the_rest_is_loaded(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_report(folder, 3)
    (folder / "novel.txt").write_text("很久很久以前，山上有座庙。" * 40, encoding="utf-8")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "noise.bin").write_bytes(random.Random(1).randbytes(5000))
    summary = load_paths(home, [folder], workers=2)
    reasons = {Path(file.source).name: file.reason for file in summary.quarantined}
    assert set(reasons) == {"novel.txt", "empty.pdf", "noise.bin"}
    assert reasons["novel.txt"] == "not a report: no section heading found"
    assert reasons["empty.pdf"] == "empty file"
    assert all("\n" not in reason for reason in reasons.values())
    assert len(summary.reports) == 1
    again = load_paths(home, [folder], workers=1)
    assert again.read == 0, "a quarantined file is tried again only when the reader has changed"
    assert len(again.quarantined) == 3


def test_a_year_that_cannot_be_quarantines_its_file(home: Home, tmp_path: Path) -> None:
    file = write_report(tmp_path, 4)
    year = make_report(random.Random(4), load_catalogue(), "2019", "plain").year
    file.write_text(file.read_text(encoding="utf-8").replace(str(year), "2092"), encoding="utf-8")
    (quarantined,) = load_paths(home, [file], workers=1).quarantined
    assert quarantined.reason.startswith("report year")


def test_a_forgotten_file_is_gone_after_the_next_load(home: Home) -> None:
    from warehouse.forget import forget

    ((file_id, year),) = run_query(home, "select file_id, year from reports where issuer like '%苍南%'").rows
    assert forget(home, file_id) == [year]
    summary = load_paths(home, [])
    assert summary.rows["reports"] == 4
    assert run_query(home, f"select count(*) from files where file_id = '{file_id}'").rows == [(0,)]


def test_a_year_through_dg_launch_gives_the_same_rows(home: Home, samples: Path, tmp_path: Path) -> None:
    """The same store, computed by `dg launch` as the UI would, year by year, from an empty lake of facts."""
    expected = table_hashes(home)
    other = Home(tmp_path / "other")
    shutil.copytree(home.raw, other.raw)
    shutil.copytree(home.lake / "sightings", other.lake / "sightings")
    with open_instance(other):
        pass
    environment = {**os.environ, "GONGKAI_HOME": str(other.root), "DAGSTER_HOME": str(other.dagster)}
    launch(environment, "ingest")
    for year in ("2018", "2019"):
        launch(environment, "judge_year", "--partition", year)
    launch(environment, "load_year", "--partition", "2021")
    given = table_hashes(other)
    assert given == expected
    with open_instance(other) as instance:
        assert len(instance.get_run_ids()) == 4


def launch(environment: dict[str, str], job: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).parent / "dg"), "launch", "--job", job, *arguments]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


def test_runs_of_a_load_stand_in_the_homes_own_instance(home: Home, tmp_path: Path) -> None:
    load_paths(home, [write_report(tmp_path, 5)], workers=1)
    assert "telemetry:\n  enabled: false" in (home.dagster / "dagster.yaml").read_text(encoding="utf-8")
    with open_instance(home) as instance:
        assert not instance.telemetry_enabled
        runs = instance.get_runs()
        assert [run.job_name for run in runs] == ["publish", "judge_year", "ingest"]
        assert {run.status.value for run in runs} == {"SUCCESS"}
        year = runs[1].tags["dagster/partition"]
        assert runs[1].tags["gongkai/started_by"] == "load"
        assert str(home.root) not in str(runs[1].tags)
    assert year.isdigit()


def test_settings_that_a_person_changed_stay(home: Home, samples: Path) -> None:
    home.dagster.mkdir(parents=True)
    (home.dagster / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    load_paths(home, [samples / "dahu_2019.txt"], workers=1)
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


def test_a_failing_step_is_told_in_one_line_and_what_is_published_stays(
    home: Home, tmp_path: Path, monkeypatch
) -> None:
    from assets import facts as module

    def broken(*_):
        raise ValueError("no such\ncolumn")

    before = home.warehouse.read_bytes()
    monkeypatch.setattr(module, "facts_of_year", broken)
    with pytest.raises(LoadFailed) as failed:
        load_paths(home, [write_report(tmp_path, 6)], workers=1)
    assert "judging" in str(failed.value)
    assert "ValueError: no such column" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert home.warehouse.read_bytes() == before
    monkeypatch.undo()
    assert load_paths(home, []).published, "the next load does what was left undone"


def test_two_loads_at_once_queue_and_say_so(home: Home) -> None:
    told: list[str] = []
    done: list[LoadSummary] = []
    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # Another process, for all that the load can tell.
    waiting = threading.Event()

    def tell(stage: str, _done: int, _total: int) -> None:
        told.append(stage)
        waiting.set()

    load = threading.Thread(target=lambda: done.append(load_paths(home, [], progress=tell, workers=1)))
    load.start()
    assert waiting.wait(60)
    assert told == ["waiting"]
    assert done == []
    os.close(descriptor)
    load.join(120)
    assert len(done) == 1
    assert told.count("waiting") == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline import year_facts
from pipeline.home import Home
from pipeline.load import load_paths
import assets.facts
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    assets.facts.facts_of_year = die
    load_paths(Home(Path(sys.argv[1])), [Path(sys.argv[2])], workers=1)
"""


def test_a_load_that_was_killed_leaves_nothing_in_the_way(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    file = write_report(tmp_path / "in", 7)
    before = home.warehouse.read_bytes()
    run = subprocess.run([sys.executable, str(script), str(home.root), str(file)], cwd=ROOT, check=False, timeout=300)
    assert run.returncode == -9
    assert home.warehouse.read_bytes() == before
    with open_instance(home) as instance:
        (record,) = [r for r in instance.get_run_records() if r.dagster_run.job_name == "judge_year"]
        assert record.dagster_run.status.value == "STARTED", "Dagster believes that it goes on"
    summary = load_paths(home, [file], workers=1)
    assert summary.published
    assert len(summary.reports) == 1
    with open_instance(home) as instance:
        assert instance.get_run_by_id(record.dagster_run.run_id).status.value == "FAILURE"


def test_a_draft_is_judged_as_a_load_would_without_any_home(home: Home, samples: Path) -> None:
    file = samples / "jingyuan_2019.txt"
    (checked,) = check_file(file)
    loaded = run_query(
        home, f"select * from check_results where report_id = '{checked.report['report_id']}' order by all"
    )
    key = ("report_id", "check_id", "subject")
    assert sorted(checked.check_results, key=lambda row: [row[k] for k in key]) == sorted(
        loaded.dicts(), key=lambda row: [row[k] for k in key]
    )
    facts = run_query(home, f"select * from facts where report_id = '{checked.report['report_id']}'").dicts()
    codes = ("fact_table", "row_code", "column_code")
    assert sorted(checked.facts, key=lambda row: [row[c] for c in codes]) == sorted(
        facts, key=lambda row: [row[c] for c in codes]
    )
    assert len(checked.suggestions) == 2
    with contextlib.suppress(KeyError):
        del os.environ["GONGKAI_HOME"]
