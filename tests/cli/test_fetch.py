"""``gongkai fetch`` from the table of sources to the published warehouse, and loads of addresses."""

import json
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from tests.cli.conftest import Ended
from tests.unit.fetch.bad_server import answer, ok, serve

Gongkai = Callable[..., Ended]


def test_what_is_fetched_is_published(gongkai: Gongkai, tmp_path: Path, samples: Path) -> None:
    """… with what did not come in the list of the status, by the run of Dagster's job."""
    home, table = tmp_path / "home", tmp_path / "sources.csv"
    with serve() as server:
        report = (samples / "dahu_2019.txt").read_bytes()
        server.on("/report.txt", ok(report, "text/plain"))
        server.on("/gone.html", answer(404))
        pages = [f"http://127.0.0.1:{server.port}/{name}" for name in ("report.txt", "gone.html")]
        rows = [f"某县,,2019,{pages[0]}", f"乙县,,2019,{pages[1]}", "丙县,,99,http://c.example"]
        table.write_text("\n".join(["issuer,region,year,address", *rows]), encoding="utf-8")

        inside = gongkai("fetch", "--sources", table, "--home", tmp_path / "other", "--no-load", "--json")
        assert inside.code == 3 and json.loads(inside.out)["outcomes"] == {"refused": 2}
        assert server.connections == 0

        done = gongkai("fetch", "--sources", table, "--home", home, "--allow-private", "--json")
    assert done.code == 3, done.err
    told = json.loads(done.out)
    assert (told["sources"], told["new_files"], told["outcomes"]) == (2, 1, {"failed": 1, "new": 1})
    assert told["unusable_rows"] == ["sources.csv, line 4: year '99' is no year from 2003 to 2026"]
    assert told["load"]["rows"]["reports"] == 1
    status = gongkai("status", "--home", home)
    assert f"failed: 乙县 {pages[1]}: answered with status 404" in status.out
    seen = gongkai("sql", "from file_sightings", "--json", "--home", home)
    assert [row["source"] for row in json.loads(seen.out)] == [pages[0]]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["fetch"], "there is no table of sources"),
        (["fetch", "--sources", "absent.csv"], "absent.csv cannot be read"),
        (["load", "https://a.example/x.pdf"], "is a web address: write it into sources.csv and run gongkai fetch"),
        (["load", "memory://nothing/here"], "there is no file at this address"),
        (["load", "nosuch://x"], "Protocol not known: nosuch"),
        (["load", "--lake", "nosuch://x", "."], "the lake nosuch://x cannot be written"),
    ],
)
def test_wrong_usage_is_told_before_any_work(gongkai: Gongkai, tmp_path: Path, arguments: list[str], line: str) -> None:
    (tmp_path / "here" / "a.txt").write_text("x", encoding="utf-8")
    ended = gongkai(*arguments, "--home", tmp_path / "home")
    assert ended.code == 2
    assert line in ended.err and ended.err.count("\n") == 1
    assert not (tmp_path / "home" / "dagster").exists()


def test_the_example_table_can_be_used(samples: Path) -> None:
    from pipeline.fetch.sources import read_sources

    sources, complaints = read_sources(samples / "sources.csv", 2026)
    assert len(sources) == 4 and complaints == ()


def test_an_address_is_loaded(gongkai: Gongkai, tmp_path: Path, samples: Path) -> None:
    fsspec.filesystem("memory").pipe_file("/reports/a.txt", (samples / "dahu_2019.txt").read_bytes())
    done = gongkai("load", "memory://reports", "--home", tmp_path / "home", "--json")
    assert done.code == 0, done.err
    seen = gongkai("sql", "from file_sightings", "--json", "--home", tmp_path / "home")
    assert [row["source"] for row in json.loads(seen.out)] == ["memory://reports/a.txt"]
