"""docs/queries.sql: every query runs on the published samples as an analyst would run it, and says what it answers."""

import re
from pathlib import Path

import pytest

from pipeline.home import Home
from warehouse.query import run_query

QUERIES = (Path(__file__).parents[2] / "docs" / "queries.sql").read_text(encoding="utf-8").split("\n\n")[1:]


def test_there_are_twenty_and_each_says_what_it_answers() -> None:
    numbers = [re.match(r"-- (\d+)\. \S", query) for query in QUERIES]
    assert [number and int(number[1]) for number in numbers] == list(range(1, 21))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split(".")[0][3:])
def test_it_runs(query: str, loaded_samples: Path) -> None:
    assert run_query(Home(loaded_samples), query).columns
