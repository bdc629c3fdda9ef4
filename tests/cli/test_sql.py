"""How rows of a query are printed."""

import csv
import io
import json
from decimal import Decimal

import pytest
from wcwidth import wcswidth

from pipeline.cli.sql_command import ROWS_SHOWN, distinct_names
from warehouse.errors import RefusedQuery
from warehouse.query import QueryResult


@pytest.fixture
def answer(monkeypatch):
    """Make the warehouse answer every query with these rows."""

    def set_answer(columns, rows):
        result = QueryResult(tuple(columns), ("VARCHAR",) * len(columns), rows)
        monkeypatch.setattr("warehouse.query.run_query", lambda home, sql, address=None: result)

    return set_answer


def test_columns_of_chinese_text_are_aligned(gongkai, published, answer):
    answer(("机关", "数"), [("文成县人民政府", 91), ("A", 7), ("龙港市（试点）", 12345)])
    lines = gongkai("sql", "q", "--home", published).out.splitlines()
    rows = [line for line in lines if any(number in line for number in ("91", "7", "12345"))]
    assert len(rows) == 3
    assert len({wcswidth(line.rstrip()) for line in rows}) == 1, "numbers end in one column"
    for name in ("文成县人民政府", "A", "龙港市（试点）"):
        assert sum(line.startswith((name, " " + name)) for line in rows) == 1


def test_null_is_not_an_empty_text_and_decimals_lose_the_zeros_of_their_type(gongkai, published, answer):
    answer(("a", "b", "c"), [(None, "", Decimal("431380000.0000")), ("x", "y", Decimal("53.4000"))])
    out = gongkai("sql", "q", "--home", published).out
    assert "NULL" in out
    assert "431380000\n" in out.replace(" ", "")
    assert "53.4\n" in out.replace(" ", "")


def test_control_characters_of_documents_never_reach_stdout(gongkai, published, answer):
    nasty = "\x1b]0;owned\x07\x9b31m\u202eabc\u2028"
    answer((nasty,), [(nasty,)])
    for form in ((), ("--csv",), ("--json",)):
        out = gongkai("sql", "q", *form, "--home", published).out
        assert not set(nasty) & set(out) - set("0;ownedabc]31m"), form
    assert json.loads(gongkai("sql", "q", "--json", "--home", published).out) == [{nasty: nasty}]


def test_csv_writes_formulas_as_text_and_numbers_as_numbers(gongkai, published, answer):
    answer(("n", "t"), [(-5, "=1+1"), (Decimal("-2.5000"), "-24"), (None, "总,计\n二")])
    rows = list(csv.reader(io.StringIO(gongkai("sql", "q", "--csv", "--home", published).out)))
    assert rows == [["n", "t"], ["-5", "'=1+1"], ["-2.5", "'-24"], ["", "总,计\n二"]]


def test_csv_lists_are_json(gongkai, published, answer):
    answer(("l",), [(["a", "乙"],)])
    assert list(csv.reader(io.StringIO(gongkai("sql", "q", "--csv", "--home", published).out)))[1] == ['["a", "乙"]']


def test_json_keeps_numbers_exact(gongkai, published, answer):
    answer(("a", "b", "c"), [(Decimal("8.0000"), Decimal("0.1000"), Decimal("1234567890123456.7891"))])
    out = gongkai("sql", "q", "--json", "--home", published).out
    assert json.loads(out) == [{"a": 8, "b": 0.1, "c": "1234567890123456.7891"}]


def test_no_column_is_lost_from_json():
    assert distinct_names(["a", "a", "a_1", "b"]) == ["a", "a_2", "a_1", "b"]


def test_a_long_result_says_that_it_is_cut(gongkai, published, answer):
    answer(("n",), [(number,) for number in range(ROWS_SHOWN + 5)])
    ended = gongkai("sql", "q", "--home", published)
    assert f"{ROWS_SHOWN + 5:,}" in ended.err
    assert len(gongkai("sql", "q", "--csv", "--home", published).out.splitlines()) == ROWS_SHOWN + 6


def test_a_refused_statement_is_one_line_and_exit_2(gongkai, published, monkeypatch):
    def refuse(home, sql, address=None):
        raise RefusedQuery("COPY is refused: only queries run here")

    monkeypatch.setattr("warehouse.query.run_query", refuse)
    ended = gongkai("sql", "copy x to 'y'", "--home", published)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "gongkai sql: COPY is refused: only queries run here\n"
