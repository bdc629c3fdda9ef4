"""Publication: what stands in the file, that it is whole, that nothing stale or strange gets into it."""

import json
import os
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.catalogue.model import Catalogue
from pipeline.home import Home
from tests.warehouse.made_lake import NOON, VERSION, fill
from warehouse import publish as publish_module
from warehouse.errors import PublicationFailed, StaleChecks, StaleFacts, TornFacts
from warehouse.extracted import ReadContent, write_extracted_batch
from warehouse.forget import forget
from warehouse.publish import Publication, publish
from warehouse.raw_store import take_in
from warehouse.year_writer import write_check_results, write_facts
from warehouse.years import facts_fingerprint, part_path, read_facts

Load = Callable[..., str]
Publish = Callable[..., Publication]


def rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def every_row(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_every_declared_table_and_view_stands_with_its_columns_types_and_comments(
    load: Load, publish_now: Publish, home: Home, catalogue: Catalogue
) -> None:
    load("a.txt", 2021)
    publish_now()
    columns = rows(
        home,
        "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index",
    )
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, *column in columns:
        found.setdefault(name, []).append(tuple(column))
    declared = {
        **{t.name: [(c.name, c.type, c.nullable, c.comment) for c in t.columns] for t in catalogue.tables.values()},
        # A view has no NOT NULL of its own.
        **{v.name: [(c.name, c.type, True, c.comment) for c in v.columns] for v in catalogue.views.values()},
    }
    assert found.keys() == declared.keys()
    for name, expected in declared.items():
        assert [normal(column) for column in found[name]] == [normal(column) for column in expected], name
    comments = rows(
        home,
        "SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM duckdb_views() WHERE NOT internal",
    )
    assert len(comments) == len(declared)
    assert all(comment for (comment,) in comments)


def normal(column: tuple[Any, ...]) -> tuple[Any, ...]:
    name, kind, *rest = column
    return (name, str(kind).replace('"', "").replace(" ", ""), *rest)


def test_facts_are_what_the_lake_holds_sorted_by_year_and_report(load: Load, publish_now: Publish, home: Home) -> None:
    for number, year in enumerate((2023, 2019, 2021), start=1):
        load(f"{year}.txt", year, number=number)
    publication = publish_now()
    totals = rows(home, "SELECT year, value, status FROM requests WHERE item = 'new_received'")
    assert totals == [(2019, 2, "reported"), (2021, 3, "reported"), (2023, 1, "reported")]
    assert rows(home, "SELECT value, status FROM requests WHERE item = 'granted' AND year = 2021") == [(None, "blank")]
    assert publication.changed
    assert publication.rows["reports"] == 3
    assert publication.rows["requests"] == 6
    assert rows(home, "SELECT year, text FROM sections") == [
        (2019, "全年收到申请2件。"),
        (2021, "全年收到申请3件。"),
        (2023, "全年收到申请1件。"),
    ]
    assert rows(home, "SELECT DISTINCT page, bbox, picture FROM cells") == [(2, [1.0, 2.0, 3.0, 4.5], "data:#1")]
    assert rows(home, "SELECT DISTINCT name, kind FROM issuers") == [("清河县人民政府", "county")]


def test_rows_keep_their_order_when_they_are_read_by_several_threads(
    load: Load, publish_now: Publish, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse import durable

    load("a.txt", 2021)
    frames = read_facts(home, 2021)
    many = [{"report_id": f"{n * 7919 % 20_000:05d}", "year": 2021, "section_no": 1} for n in range(20_000)]
    frames["sections"] = fill("sections", *many)
    monkeypatch.setattr(durable, "ROWS_PER_GROUP", 500)
    write_check_results(home, 2021, fill("check_results"), write_facts(home, 2021, frames))
    publish_now()
    ids = [report_id for (report_id,) in rows(home, "SELECT report_id FROM sections")]
    assert ids == sorted(ids)
    assert len(ids) == 20_000


def test_loads_are_kept_over_publications(load: Load, publish_now: Publish, home: Home, catalogue: Catalogue) -> None:
    load("a.txt", 2021)
    publish_now("0.1")
    load("b.txt", 2021, number=9)
    publish_now("0.2")
    loads = rows(home, "SELECT load_id, published_at, code_version, catalogue_version, rows_per_table FROM loads")
    assert [load[:4] for load in loads] == [
        (1, NOON.replace(tzinfo=None), "0.1", catalogue.version),
        (2, NOON.replace(tzinfo=None), "0.2", catalogue.version),
    ]
    assert [json.loads(load[4])["reports"] for load in loads] == [1, 2]


def test_publishing_the_same_lake_twice_rewrites_nothing(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    first = publish_now()
    before = home.warehouse.stat()
    again = publish_now()
    assert (again.changed, again.load_id, again.rows) == (False, first.load_id, first.rows)
    assert home.warehouse.stat() == before


def test_a_file_that_somebody_changed_is_published_again(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    publish_now()
    expected = every_row(home)
    home.warehouse.chmod(0o644)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("UPDATE requests SET value = 666")
    assert publish_now().changed
    assert every_row(home) == expected  # The same load, not one more.
    assert stat.S_IMODE(home.warehouse.stat().st_mode) == 0o444


def test_two_homes_with_the_same_files_hold_the_same_rows(
    load: Load, publish_now: Publish, home: Home, catalogue: Catalogue, tmp_path: Path
) -> None:
    for number, year in enumerate((2019, 2021, 2021), start=1):
        load(f"{number}.txt", year, number=number)
    publish_now()
    first = every_row(home)
    (home.warehouse).unlink()
    assert publish_now().changed
    assert every_row(home) == first


def test_a_year_whose_checks_are_not_of_its_facts_is_refused(
    load: Load, publish_now: Publish, home: Home, compute_year: Callable[..., None]
) -> None:
    load("a.txt", 2021)
    publish_now()
    before = every_row(home)
    frames = read_facts(home, 2021)
    frames["requests"] = frames["requests"].with_columns(pl.lit(8).cast(pl.Int64).alias("value"))
    write_facts(home, 2021, frames)
    with pytest.raises(StaleChecks, match="2021"):
        publish_now()
    assert every_row(home) == before
    compute_year(2021)
    assert not publish_now().changed


def test_facts_without_checks_are_refused(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    (home.lake / "checks" / "manifests" / "year=2021.json").unlink()
    part_path(home, "check_results", 2021).unlink()
    part_path(home, "suggestions", 2021).unlink()
    part_path(home, "compared_cells", 2021).unlink()
    with pytest.raises(StaleChecks, match="2021"):
        publish_now()


def test_facts_left_half_written_are_refused(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    (home.lake / "facts" / "manifests" / "year=2021.json").unlink()
    with pytest.raises(TornFacts, match="broke off"):
        publish_now()


def test_facts_of_a_forgotten_file_are_refused(load: Load, publish_now: Publish, home: Home) -> None:
    file_id = load("a.txt", 2021)
    load("b.txt", 2021, number=9)
    forget(home, file_id)
    with pytest.raises(StaleFacts, match="2021"):
        publish_now()


def test_files_tell_what_became_of_each_content(load: Load, publish_now: Publish, home: Home, tmp_path: Path) -> None:
    loaded = load("a.txt", 2021)
    (tmp_path / "novel.txt").write_text("很久以前", encoding="utf-8")
    (tmp_path / "later.txt").write_text("还没有读", encoding="utf-8")
    (novel,) = take_in(home, [tmp_path / "novel.txt"], now=NOON).file_ids
    write_extracted_batch(home, [ReadContent(novel, 12, "text/plain", None, "not a report")], VERSION)
    (later,) = take_in(home, [tmp_path / "later.txt"], now=NOON).file_ids
    publish_now()
    assert set(rows(home, "SELECT file_id, status, error, bytes FROM files")) == {
        (loaded, "loaded", None, 9),
        (novel, "quarantined", "not a report", 12),
        (later, "pending", None, 12),
    }
    assert {source for (source,) in rows(home, "SELECT source FROM file_sightings")} == {
        str(tmp_path / name) for name in ("a.txt", "novel.txt", "later.txt")
    }


def test_a_file_whose_report_was_replaced_is_superseded(load: Load, publish_now: Publish, home: Home) -> None:
    old, new = load("old.txt", 2021), load("new.txt", 2021, number=9)
    frames = read_facts(home, 2021)
    frames["reports"] = frames["reports"].with_columns(is_current=pl.col("file_id") == new)
    fingerprint = write_facts(home, 2021, frames)
    write_check_results(home, 2021, fill("check_results"), fingerprint)
    publish_now()
    assert set(rows(home, "SELECT file_id, status FROM files")) == {(old, "superseded"), (new, "loaded")}


def test_the_file_may_not_be_written(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    publish_now()
    assert stat.S_IMODE(home.warehouse.stat().st_mode) == 0o444
    assert sorted(path.name for path in home.root.iterdir()) == ["gongkai.duckdb", "lake", "publish.lock", "raw"]


@pytest.mark.parametrize("step", ["write_load", "write_stamp", "_put_in_place", "flush_file"])
def test_a_crash_at_any_step_leaves_the_old_file_and_the_next_run_ends_the_same(
    step: str, load: Load, publish_now: Publish, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load("a.txt", 2021)
    publish_now()
    before = every_row(home)
    load("b.txt", 2021, number=9)

    class Crash(BaseException):
        pass

    def crash(*args: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(publish_module, step, crash)
        with pytest.raises(Crash):
            publish_now()
    assert every_row(home) == before
    assert publish_now().load_id == 2
    assert len(rows(home, "SELECT * FROM loads")) == 2
    assert not list(home.root.glob(".building-*"))


def test_what_a_killed_publication_left_is_taken_away(load: Load, publish_now: Publish, home: Home) -> None:
    left = home.root / ".building-abandoned"
    left.mkdir(parents=True)
    (left / "gongkai.duckdb").write_bytes(b"half a file")
    load("a.txt", 2021)
    publish_now()
    assert not left.exists()


def test_a_full_disk_ends_with_one_line_and_the_old_file(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    publish_now()
    before = every_row(home)
    load("b.txt", 2021, number=9)
    code = """
        import resource, signal, sys
        from pathlib import Path
        from pipeline.catalogue.load import load_catalogue
        from pipeline.home import Home
        from warehouse.errors import PublicationFailed
        from warehouse.publish import publish
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))  # As a disk with no more room than that.
        try:
            publish(Home(Path(sys.argv[1])), "0.1", load_catalogue())
        except PublicationFailed as error:
            print(str(error))
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(home.root)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{home.warehouse} cannot be published: ")
    assert run.stdout.count("\n") == 1
    assert every_row(home) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_ends_with_one_line(load: Load, publish_now: Publish, home: Home) -> None:
    load("a.txt", 2021)
    home.root.chmod(0o555)
    try:
        with pytest.raises(PublicationFailed, match="no right to write"):
            publish_now()
    finally:
        home.root.chmod(0o755)


def test_a_home_that_is_a_file_ends_with_one_line(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "home").write_text("not a folder", encoding="utf-8")
    with pytest.raises(PublicationFailed, match="cannot be published"):
        publish(Home(tmp_path / "home"), "0.1", catalogue, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_an_empty_lake_publishes_empty_tables(publish_now: Publish, home: Home) -> None:
    publication = publish_now()
    assert publication.rows["reports"] == 0
    assert publication.rows["rules"] > 20
    assert rows(home, "SELECT count(*) FROM anomalies") == [(0,)]


def test_facts_rewritten_with_equal_rows_keep_their_checks(
    load: Load, publish_now: Publish, home: Home, compute_year: Callable[..., None]
) -> None:
    load("a.txt", 2021)
    before = part_path(home, "requests", 2021).stat()
    fingerprint = facts_fingerprint(home, 2021)
    compute_year(2021)
    assert facts_fingerprint(home, 2021) == fingerprint
    assert part_path(home, "requests", 2021).stat() == before
