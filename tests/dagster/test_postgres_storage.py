"""Dagster's storage on PostgreSQL, with the settings file that the project ships."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipeline.dagster_instance import SETTINGS, open_instance
from pipeline.home import Home
from pipeline.load import load_paths
from tests.postgres_server import Server, programs, running_server

ON_POSTGRES = SETTINGS.with_name("dagster-postgres.yaml")

pytestmark = pytest.mark.postgres
pytest.importorskip("dagster_postgres", reason="the extra gongkai[postgres] is not installed")
psycopg2 = pytest.importorskip("psycopg2")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    with running_server() as running:
        yield running


@pytest.fixture
def on_postgres(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path / "home")
    home.dagster.mkdir(parents=True)
    shutil.copyfile(ON_POSTGRES, home.dagster / "dagster.yaml")
    monkeypatch.setenv("GONGKAI_POSTGRES_URL", server.url())
    return home


def test_a_load_records_its_runs_in_postgresql(on_postgres, server, samples):
    summary = load_paths(on_postgres, sorted(samples.glob("*2018.txt")), workers=1)
    assert summary.published
    with psycopg2.connect(server.conninfo()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pipeline_name, status FROM runs ORDER BY id")
        assert cursor.fetchall() == [("ingest", "SUCCESS"), ("judge_year", "SUCCESS"), ("publish", "SUCCESS")]
        cursor.execute("SELECT count(*) FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION'")
        assert cursor.fetchone()[0] >= 8
    assert not list(on_postgres.dagster.rglob("*.db")), "nothing may go to SQLite beside it"
    with open_instance(on_postgres) as instance:
        assert instance.get_latest_materialization_event(dg.AssetKey("warehouse"))


def test_both_settings_files_say_the_same_but_for_the_storage():
    with_postgres = yaml.safe_load(ON_POSTGRES.read_text(encoding="utf-8"))
    assert with_postgres.pop("storage") == {"postgres": {"postgres_url": {"env": "GONGKAI_POSTGRES_URL"}}}
    assert with_postgres == yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))


def test_prepare_puts_the_settings_there_and_opens_the_storage(tmp_path, server, monkeypatch):
    from click.testing import CliRunner

    from pipeline.cli.dispatch import cli

    monkeypatch.setenv("GONGKAI_POSTGRES_URL", server.url())
    home = Home(tmp_path / "made")
    result = CliRunner().invoke(cli, ["prepare", "--storage", "postgres", "--home", str(home.root)])
    assert (result.exit_code, home.inbox.is_dir()) == (0, True)
    assert (home.dagster / "dagster.yaml").read_bytes() == ON_POSTGRES.read_bytes()


def test_an_unreachable_server_is_one_line(on_postgres, monkeypatch, samples):
    from pipeline.load import LoadFailed

    monkeypatch.setenv("GONGKAI_POSTGRES_URL", "postgresql+psycopg2://gongkai@127.0.0.1:1/none")
    with pytest.raises(LoadFailed, match="storage"):
        load_paths(on_postgres, sorted(samples.glob("*2018.txt")), workers=1)
