"""Loads from beginning to end: additive, idempotent, the same rows whoever asks for them."""

import fcntl
import json
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
from pipeline.freshness import stale_years
from pipeline.home import Home
from pipeline.load import LoadFailed, LoadSummary, check_file, load_paths
from tests.documents.dump import render as render_dump
from tests.documents.made import make_report
from warehouse.query import run_query

ROOT = Path(__file__).parents[2]
HISTORY = {"loads", "file_sightings"}


def table_hashes(home: Home, year: int | None = None) -> dict[str, tuple[int, str | None]]:
    """Return the number of rows and a hash of each published table; of one year the tables that have one.

    Tables that only tell history are left out.
    """
    tables = [table for name, table in load_catalogue().tables.items() if name not in HISTORY]
    found = {}
    for table in tables:
        has_year = "year" in {column.name for column in table.columns}
        if year is None or has_year:
            where = f"where year = {year}" if year else ""
            (row,) = run_query(home, f"select count(*), sum(hash(t))::varchar from {table.name} t {where}").rows
            found[table.name] = row
    return found


def write_report(folder: Path, seed: int) -> Path:
    """Write a made report as a text dump; return its file."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"made_{seed}.txt"
    file.write_bytes(render_dump(make_report(rng, load_catalogue(), "2019", "plain"), "tab_rows", rng))
    return file


def test_files_of_any_year_add_to_what_is_there(home: Home, tmp_path: Path) -> None:
    """… what cannot be read is told, the rest is loaded, and the runs stand where the UI finds them."""
    before, old_runs = table_hashes(home)["reports"][0], runs_of(home)
    folder = tmp_path / "in"
    good, future = write_report(folder, 1), write_report(folder, 4)
    year = make_report(random.Random(4), load_catalogue(), "2019", "plain").year
    future.write_text(future.read_text(encoding="utf-8").replace(str(year), "2092"), encoding="utf-8")
    (folder / "novel.txt").write_text("很久很久以前，山上有座庙。" * 40, encoding="utf-8")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "noise.bin").write_bytes(random.Random(1).randbytes(5000))
    told: list[tuple[str, int, int]] = []
    summary = load_paths(home, [folder], progress=lambda *word: told.append(word), workers=2)

    assert (summary.files, summary.new_files, summary.read) == (5, 5, 5)
    reasons = {Path(file.source).name: file.reason for file in summary.quarantined}
    assert set(reasons) == {"novel.txt", "empty.pdf", "noise.bin", future.name}
    assert reasons["novel.txt"] == "not a report: no section heading found"
    assert reasons["empty.pdf"] == "empty file"
    assert reasons[future.name].startswith("report year")
    assert all("\n" not in reason for reason in reasons.values())
    (report,) = summary.reports
    assert summary.years == (report.year,)
    assert summary.published
    assert summary.rows["reports"] == before + 1
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["taking in", "reading", "judging", "publishing"]
    assert told[-1] == ("publishing", 1, 1)

    assert not good.samefile(future)
    with open_instance(home) as instance:
        assert not instance.telemetry_enabled
        runs = [run for run in instance.get_runs() if run.run_id not in old_runs]
    assert [run.job_name for run in runs] == ["publish", "judge_year", "ingest"]
    assert {run.status.value for run in runs} == {"SUCCESS"}
    assert runs[1].tags["dagster/partition"] == str(report.year)
    assert {run.tags["gongkai/started_by"] for run in runs} == {"load"}


def test_what_was_loaded_before_costs_nothing_and_changes_nothing(home: Home, samples: Path, monkeypatch) -> None:
    monkeypatch.chdir(
        samples.parent
    )  # The demo gave relative paths; other paths would be other places where they were seen.
    (home.dagster / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    before, published = table_hashes(home), home.warehouse.stat().st_mtime_ns
    summary = load_paths(home, sorted(Path("samples").glob("*.txt")), workers=1)
    assert (summary.files, summary.new_files, summary.read, summary.years) == (5, 0, 0, ())
    assert not summary.published
    assert len(summary.reports) == 5, "the reports of the files given are told all the same"
    told = list(summary.reports)
    assert [(r.year, r.report_id) for r in told] == sorted((r.year, r.report_id) for r in told)
    assert (summary.reports[1], list(summary.reports[1:3])) == (told[1], told[1:3])
    assert home.warehouse.stat().st_mtime_ns == published
    assert table_hashes(home) == before
    settings = (home.dagster / "dagster.yaml").read_text(encoding="utf-8")
    assert settings == "telemetry: {enabled: false}\n", "what a person changed stays"


def test_the_order_of_loads_does_not_matter(home: Home, samples: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    of_2019 = sorted(samples.glob("*_2019.txt"), reverse=True)
    load_paths(other, of_2019[:1], workers=1)
    load_paths(other, of_2019[1:], workers=1)
    assert table_hashes(other, 2019) == table_hashes(home, 2019)


def test_one_content_under_two_names_is_one_file_seen_twice(home: Home, samples: Path, tmp_path: Path) -> None:
    copy = tmp_path / "again.txt"
    shutil.copy(samples / "jingyuan_2019.txt", copy)
    summary = load_paths(home, [copy], workers=1)
    assert (summary.files, summary.new_files, summary.read) == (1, 0, 0)
    assert summary.published, "where it was seen is published too"
    seen = run_query(home, "select count(*) from file_sightings group by file_id order by 1 desc limit 1").rows
    assert seen == [(2,)]


def test_a_forgotten_file_is_gone_after_the_next_load(home: Home) -> None:
    from warehouse.forget import forget

    ((file_id, year),) = run_query(home, "select file_id, year from reports where issuer like '%苍南%'").rows
    assert forget(home, file_id) == [year]
    summary = load_paths(home, [])
    assert summary.rows["reports"] == 4
    assert run_query(home, f"select count(*) from files where file_id = '{file_id}'").rows == [(0,)]


def test_a_year_through_dg_launch_gives_the_same_rows(home: Home, tmp_path: Path) -> None:
    """The same store, read and computed by `dg launch` as from the UI."""
    other = Home(tmp_path / "other")
    shutil.copytree(home.raw, other.raw)
    shutil.copytree(home.lake / "sightings", other.lake / "sightings")
    shutil.copytree(home.dagster, other.dagster)
    old_runs = runs_of(other)
    environment = {**os.environ, "GONGKAI_HOME": str(other.root), "DAGSTER_HOME": str(other.dagster)}
    launch(environment, "ingest")
    launch(environment, "load_year", "--partition", "2019")
    assert table_hashes(other, 2019) == table_hashes(home, 2019)
    assert len(runs_of(other) - old_runs) == 2


def launch(environment: dict[str, str], job: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).parent / "dg"), "launch", "--job", job, *arguments]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


def runs_of(home: Home) -> set[str]:
    with open_instance(home) as instance:
        return set(instance.get_run_ids())


def test_a_failing_step_is_told_in_one_line_and_what_is_published_stays(
    home: Home, tmp_path: Path, monkeypatch
) -> None:
    from assets import facts as module

    def broken(*_):
        raise ValueError("no such\ncolumn")

    before = home.warehouse.read_bytes()
    monkeypatch.setattr(module, "facts_of_some", broken)
    with pytest.raises(LoadFailed) as failed:
        load_paths(home, [write_report(tmp_path, 6)], workers=1)
    assert "judging" in str(failed.value)
    assert "ValueError: no such column" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert home.warehouse.read_bytes() == before
    assert len(stale_years(home)) == 1, "the next load does what was left undone"


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
from pipeline.freshness import stale_years
from pipeline.home import Home
from pipeline.load import load_paths
import assets.facts
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    assets.facts.facts_of_some = die
    load_paths(Home(Path(sys.argv[1])), [Path(sys.argv[2])], workers=1)
"""


def test_a_load_that_was_killed_leaves_nothing_in_the_way(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    file = write_report(tmp_path / "in", 7)
    before, old_runs = home.warehouse.read_bytes(), runs_of(home)
    killed = subprocess.run(
        [sys.executable, str(script), str(home.root), str(file)], cwd=ROOT, check=False, timeout=300
    )
    assert killed.returncode == -9
    assert home.warehouse.read_bytes() == before
    with open_instance(home) as instance:
        (run,) = [r for r in instance.get_runs() if r.job_name == "judge_year" and r.run_id not in old_runs]
        assert run.status.value == "STARTED", "Dagster believes that it goes on"
    summary = load_paths(home, [file], workers=1)
    assert summary.published
    assert len(summary.reports) == 1
    with open_instance(home) as instance:
        assert instance.get_run_by_id(run.run_id).status.value == "FAILURE"


def test_a_draft_is_judged_as_a_load_would_without_any_home(home: Home, samples: Path) -> None:
    file = samples / "jingyuan_2019.txt"
    (checked,) = check_file(file)
    loaded = run_query(
        home, f"select * from check_results where report_id = '{checked.report['report_id']}' order by all"
    )
    across = {rule.check_id for rule in load_catalogue().rules.values() if rule.kind == "across"}
    of_one_report = [row for row in loaded.dicts() if row["check_id"] not in across]
    key = ("report_id", "check_id", "subject")
    assert sorted(checked.check_results, key=lambda row: [row[k] for k in key]) == sorted(
        of_one_report, key=lambda row: [row[k] for k in key]
    )
    facts = run_query(home, f"select * from facts where report_id = '{checked.report['report_id']}'").dicts()
    codes = ("fact_table", "row_code", "column_code")
    assert sorted(checked.facts, key=lambda row: [row[c] for c in codes]) == sorted(
        facts, key=lambda row: [row[c] for c in codes]
    )
    assert len(checked.suggestions) == 2


def test_every_event_can_be_logged_as_json(tmp_path, samples, capfd):
    load_paths(Home(tmp_path / "home"), [samples / "longquan_2018.txt"], workers=1, log_events=True)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    jobs = {line["dagster_meta"]["job_name"] for line in lines}
    assert jobs == {"ingest", "judge_year", "publish"}
    assert any("STEP_SUCCESS" in line["msg"] for line in lines)
