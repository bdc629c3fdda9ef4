"""The published warehouse in a DuckLake: the same rows, one whole load at a time, through SQLite and PostgreSQL."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from tests.postgres_server import Server, programs, running_server
from warehouse import ducklake
from warehouse.ducklake import DuckLake, mirror, open_ducklake, parse_address
from warehouse.errors import PublicationFailed, RefusedQuery, UnknownAddress, WarehouseError
from warehouse.query import open_published, run_query

CATALOGUE = load_catalogue()

pytestmark = pytest.mark.ducklake
pytest.importorskip("duckdb_extension_ducklake", reason="the extra gongkai[ducklake] is not installed")


@pytest.fixture
def home(tmp_path: Path, loaded_samples: Path) -> Home:
    shutil.copytree(loaded_samples, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if programs() is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    with running_server() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"ducklake:sqlite:{tmp_path}/catalogue.sqlite?data={tmp_path}/lake"
    server = request.getfixturevalue("server")
    name = f"lake_{abs(hash(tmp_path.name))}"
    with contextlib.closing(duckdb.connect()) as con:
        con.execute(f"LOAD '{ducklake._extension('postgres_scanner')}'")
        con.execute(f"ATTACH '{server.conninfo()}' AS server (TYPE postgres)")
        con.execute(f"CALL postgres_execute('server', 'CREATE DATABASE {name}', use_transaction := false)")
    return f"ducklake:postgres:{server.conninfo(name)}?data={tmp_path}/lake"


def rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    return connection.execute(f'SELECT * FROM "{name}" ORDER BY ALL').fetchall()


def assert_same(home: Home, address: str) -> None:
    with contextlib.closing(open_published(home)) as file, contextlib.closing(open_ducklake(home, address)) as lake:
        for name in (*CATALOGUE.tables, *CATALOGUE.views):
            assert rows(lake, name) == rows(file, name), name
        comments = "SELECT table_name, comment FROM duckdb_tables() WHERE comment IS NOT NULL AND table_name <> '_gongkai_parts'"
        assert set(file.execute(comments).fetchall()) == set(lake.execute(comments).fetchall())


def test_a_ducklake_holds_what_the_file_holds(home, address):
    first = mirror(home, address, CATALOGUE)
    assert first.rows > 1000
    assert_same(home, address)
    assert mirror(home, address, CATALOGUE).parts == (), "nothing changed, so nothing is written"


def change(home: Home, *statements: str) -> None:
    """Change the published file as another load would."""
    home.warehouse.chmod(0o644)
    with contextlib.closing(duckdb.connect(str(home.warehouse))) as con:
        for statement in statements:
            con.execute(statement)


def test_only_what_differs_is_written_and_a_failure_leaves_it_as_it_was(home, tmp_path, monkeypatch):
    address = f"ducklake:sqlite:{tmp_path}/catalogue.sqlite"
    mirror(home, address, CATALOGUE)
    change(home, "UPDATE requests SET raw_text = 'x' WHERE year = 2019 AND row = 5", "DELETE FROM statistics")
    assert set(mirror(home, address, CATALOGUE).parts) == {("requests", 2019), ("statistics", 2018)}
    assert_same(home, address)

    change(home, "UPDATE requests SET raw_text = 'y'", "UPDATE disputes SET raw_text = 'y'")
    replace = ducklake._replace

    def fail(con, part, wanted):
        if part[0] == "disputes":
            raise duckdb.IOException("no space left")
        replace(con, part, wanted)

    with monkeypatch.context() as patched:
        patched.setattr(ducklake, "_replace", fail)
        with pytest.raises(PublicationFailed, match="cannot be brought up to date"):
            mirror(home, address, CATALOGUE)
    with contextlib.closing(open_ducklake(home, address)) as con:
        assert con.execute("SELECT count(*) FROM requests WHERE raw_text = 'y'").fetchone() == (0,)
        assert con.execute("SELECT count(*) FROM requests").fetchone()[0] > 100

    monkeypatch.setattr(ducklake, "definitions_fingerprint", lambda _: "another")
    assert ("reports", 2019) in mirror(home, address, CATALOGUE).parts, "changed definitions make everything anew"
    assert_same(home, address)

    assert run_query(home, "SELECT count(*) FROM facts", address).rows[0][0] > 500
    for statement in (
        "DELETE FROM reports",
        "SELECT * FROM read_csv('/etc/hostname')",
        "COPY reports TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "SET enable_external_access = true",
    ):
        with pytest.raises(RefusedQuery):
            run_query(home, statement, address)
    with contextlib.closing(open_ducklake(home, address)) as con, pytest.raises(duckdb.Error):
        con.execute("DELETE FROM reports")


def test_a_reader_sees_one_whole_load_while_others_are_written(home, tmp_path):
    address = f"ducklake:sqlite:{tmp_path}/catalogue.sqlite"
    change(home, "UPDATE requests SET value = 0, raw_text = '0'", "UPDATE disputes SET raw_text = '0'")
    mirror(home, address, CATALOGUE)
    seen: list[tuple] = []
    done = threading.Event()

    def read() -> None:
        with contextlib.closing(open_ducklake(home, address)) as con:
            while not done.is_set():
                seen.append(
                    con.execute(
                        "SELECT (SELECT min(raw_text) FROM requests), (SELECT max(raw_text) FROM requests), "
                        "(SELECT min(raw_text) FROM disputes), (SELECT max(raw_text) FROM disputes)"
                    ).fetchone()
                )

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 4):
        change(home, f"UPDATE requests SET raw_text = '{number}'", f"UPDATE disputes SET raw_text = '{number}'")
        mirror(home, address, CATALOGUE)
    done.set()
    reader.join(60)
    assert len(seen) > 5
    assert all(len(set(row)) == 1 for row in seen), "a mixture of two loads was seen"


def test_a_ducklake_of_somebody_else_is_left_alone(home, tmp_path):
    address = f"ducklake:sqlite:{tmp_path}/catalogue.sqlite"
    with ducklake._connected(parse_address(address, home)) as con:
        con.execute("CREATE TABLE reports (a INTEGER)")
    with pytest.raises(PublicationFailed, match="not ours"):
        mirror(home, address, CATALOGUE)


def test_none_there_is_one_line(home, tmp_path):
    with pytest.raises(WarehouseError, match="cannot be opened") as caught:
        open_ducklake(home, f"ducklake:sqlite:{tmp_path}/none.sqlite")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["", "ducklake:", "sqlite:/x", "ducklake:mysql:x", "ducklake:sqlite:/x?data=", "ducklake:sqlite:/x?data=s3://b"],
)
def test_what_is_no_address_is_refused(address, tmp_path):
    with pytest.raises(UnknownAddress):
        parse_address(address, Home(tmp_path))


def test_an_address_names_catalogue_and_data(tmp_path):
    assert parse_address("ducklake:postgres:dbname=a host=b?data=/d", Home(tmp_path)) == DuckLake(
        "postgres:dbname=a host=b", "/d"
    )
    assert parse_address("ducklake:sqlite:/x", Home(tmp_path)).data == str(tmp_path / "ducklake")
