"""Forgetting: afterwards it is as if the file had never been loaded."""

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from pipeline.home import Home
from warehouse.errors import UnknownFile
from warehouse.extracted import extracted_years, read_extracted
from warehouse.forget import forget
from warehouse.ledger import active_ledger, unread_file_ids
from warehouse.raw_store import content_path
from warehouse.sightings import read_sightings

HISTORY = ("loads", "file_sightings")


def published_rows(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        tables = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    return {name: rows for name, rows in tables.items() if name not in HISTORY}


def test_after_forgetting_it_is_as_if_it_had_never_been_loaded(
    home: Home, load: Callable[..., str], publish_now: Callable[..., Any], compute_year: Callable[..., None]
) -> None:
    load("kept.txt", 2019, 2021)
    publish_now()
    before = published_rows(home)
    file_id = load("mistake.txt", 2021, 2022, number=13)
    publish_now()
    assert published_rows(home) != before
    assert forget(home, file_id) == [2021, 2022]
    compute_year(2021)
    publish_now()
    assert published_rows(home) == before
    assert extracted_years(home) == [2019, 2021]
    assert not content_path(home, file_id).exists()
    assert file_id not in read_sightings(home)["file_id"].to_list()
    assert file_id not in active_ledger(home)["file_id"].to_list()
    assert file_id not in unread_file_ids(home, "another reader")


def test_nothing_of_it_stays_in_the_home(
    home: Home, load: Callable[..., str], publish_now: Callable[..., Any], compute_year: Callable[..., None]
) -> None:
    import polars as pl

    load("kept.txt", 2021)
    file_id = load("mistake.txt", 2021, number=987654)
    publish_now()
    forget(home, file_id)
    compute_year(2021)
    publish_now()
    assert not [path for path in home.root.rglob("*") if file_id in path.name]
    for part in home.lake.rglob("*.parquet"):
        text = repr(pl.read_parquet(part, hive_partitioning=False).rows())
        assert file_id not in text, part
        assert "987654" not in text, part


def test_the_other_contents_of_its_batch_stay(home: Home, load: Callable[..., str], tmp_path: Any) -> None:
    from tests.warehouse.made_lake import NOON, VERSION, made_reading
    from warehouse.extracted import ReadContent, write_extracted_batch
    from warehouse.raw_store import take_in

    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(str(number), encoding="utf-8")
    ids = take_in(home, [tmp_path / f"{number}.txt" for number in range(3)], now=NOON).file_ids
    contents = [ReadContent(i, 1, "text/plain", made_reading(2021, number=n)) for n, i in enumerate(ids)]
    write_extracted_batch(home, contents, VERSION)
    forget(home, ids[1])
    assert sorted(read_extracted(home, 2021)["reports"]["file_id"]) == sorted((ids[0], ids[2]))
    assert active_ledger(home)["file_id"].to_list() == sorted((ids[0], ids[2]))


def test_forgetting_that_broke_off_can_be_repeated(
    home: Home, load: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse import forget as module

    class Crash(BaseException):
        pass

    def crash(*args: object) -> None:
        raise Crash

    file_id = load("a.txt", 2021)
    with monkeypatch.context() as patched:
        patched.setattr(module, "forget_extracted", crash)
        with pytest.raises(Crash):
            forget(home, file_id)
    assert read_extracted(home, 2021)["reports"].is_empty()
    assert forget(home, file_id) == [2021]


def test_a_file_that_comes_back_is_read_anew(home: Home, load: Callable[..., str]) -> None:
    file_id = load("a.txt", 2021)
    forget(home, file_id)
    assert load("a.txt", 2021) == file_id
    assert extracted_years(home) == [2021]


@pytest.mark.parametrize("file_id", ["0" * 64, "", "../raw", "ABC"])
def test_what_was_never_loaded_cannot_be_forgotten(file_id: str, home: Home) -> None:
    with pytest.raises(UnknownFile):
        forget(home, file_id)
