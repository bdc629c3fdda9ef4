"""Queries read and do nothing else: every way out that DuckDB offers is refused in one line."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.home import Home
from warehouse.errors import NothingPublished, RefusedQuery, WarehouseError
from warehouse.query import run_query

ATTACKS = [
    "COPY requests TO 'out.csv'",
    "COPY (SELECT 1) TO 'out.csv'",
    "COPY requests FROM '/etc/passwd'",
    "EXPORT DATABASE 'out'",
    "IMPORT DATABASE 'out'",
    "ATTACH 'other.duckdb'",
    "ATTACH ':memory:' AS other",
    "DETACH gongkai",
    "USE memory",
    "INSTALL httpfs",
    "FORCE INSTALL httpfs",
    "LOAD httpfs",
    "UPDATE EXTENSIONS",
    "SET memory_limit = '1GB'",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET VARIABLE x = 1",
    "PRAGMA enable_profiling",
    "PRAGMA database_list",
    "PRAGMA import_database('out')",
    "PRAGMA enable_external_access = true",
    "CALL pragma_version()",
    "CALL enable_logging(storage = 'file')",
    "CREATE TABLE x (i INTEGER)",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW facts AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO requests SELECT * FROM requests",
    "WITH x AS (SELECT 1) INSERT INTO requests SELECT * FROM requests",
    "UPDATE requests SET value = 0",
    "WITH x AS (SELECT 1) UPDATE requests SET value = 0",
    "DELETE FROM requests",
    "TRUNCATE requests",
    "DROP TABLE requests",
    "ALTER TABLE requests DROP value",
    "COMMENT ON TABLE requests IS 'mine'",
    "MERGE INTO requests USING requests AS r ON false WHEN NOT MATCHED THEN INSERT *",
    "BEGIN",
    "COMMIT",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT 1; SELECT 2",
    "SELECT 1; ATTACH 'other.duckdb'",
    "SELECT 1;\n-- harmless\nCOPY requests TO 'out.csv';",
    "PIVOT requests ON item USING count(*); COPY requests TO 'out.csv'",
    "CREATE TEMP TYPE t AS ENUM ('a'); SELECT 1",
    "EXPLAIN COPY requests TO 'out.csv'",
    "EXPLAIN ANALYZE COPY requests TO 'out.csv'",
    "EXPLAIN (ANALYZE) CREATE TEMP TABLE x AS SELECT 1",
    "EXPLAIN (FORMAT json) CREATE TEMP TABLE x AS SELECT 1",
    "EXPLAIN ANALYZE EXPLAIN ANALYZE DELETE FROM requests",
    "/* a */ EXPLAIN -- b\n ANALYZE /* c */ CREATE TEMP TABLE x AS SELECT 1",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM main.read_csv('/etc/passwd')",
    "SELECT * FROM \"read_csv\"('/etc/passwd')",
    "SELECT * FROM READ_CSV/* */ ('/etc/passwd')",
    "FROM read_text('/etc/passwd')",
    "FROM read_blob('/etc/passwd')",
    "FROM read_json('/etc/passwd')",
    "FROM read_ndjson_objects('/etc/passwd')",
    "FROM read_parquet('out.parquet')",
    "FROM parquet_metadata('out.parquet')",
    "FROM read_duckdb('other.duckdb')",
    "FROM sqlite_scan('a', 'b')",
    "FROM glob('/*')",
    "FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'out.csv'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH x AS (FROM read_text('/etc/passwd')) FROM x",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
    "SUMMARIZE SELECT * FROM read_csv('/etc/passwd')",
    "SUMMARIZE '/etc/passwd'",
    "DESCRIBE '/etc/passwd'",
    "PIVOT '/etc/passwd' ON column0 USING count(*)",
    "PIVOT (FROM read_csv('/etc/passwd')) ON column0 USING count(*)",
    "FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
    "FROM query_table('/etc/passwd')",
    "SELECT json_execute_serialized_sql('{}')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "FROM enable_logging(storage = 'file', storage_path = 'log')",
    "FROM U&\"enable_loggin\\0067\"(storage = 'file', storage_path = 'log')",
    "FROM enable_profiling()",
    "FROM force_checkpoint()",
    "FROM duckdb_secrets()",
    "FROM pandas_scan(1)",
    "FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM frame_of_the_caller",
    "SELECT getenv('HOME')",
    "SELECT ?",
    "SELECT $1",
    "SELEC 1",
    "SELECT 1 WHERE",
    "SELECT",
    "EXPLAIN",
    "",
    "   ",
    ";",
    "-- nothing",
    "/* nothing */",
    "'; DROP TABLE requests",
]


@pytest.fixture
def published(load: Callable[..., str], publish_now: Callable[..., object], home: Home) -> Home:
    load("a.txt", 2021)
    publish_now()
    return home


@pytest.mark.parametrize("sql", ATTACKS)
def test_what_is_no_query_is_refused_in_one_line(
    sql: str, module_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame_of_the_caller = pl.DataFrame({"x": [1]})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    before = module_home.warehouse.stat()
    with pytest.raises(RefusedQuery) as refusal:
        run_query(module_home, sql)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).strip()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert module_home.warehouse.stat().st_mtime_ns == before.st_mtime_ns
    assert frame_of_the_caller.height == 1


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT value FROM requests WHERE item = 'new_received'", [(7,)]),
        ("select 1;", [(1,)]),
        ("  -- a remark; with a semicolon\n SELECT ';' ;; ", [(";",)]),
        ("FROM requests SELECT count(*)", [(2,)]),
        ("WITH x AS (SELECT 1 AS i) FROM x", [(1,)]),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT max(i) FROM n", [(3,)]),
        ("VALUES (1, 'a')", [(1, "a")]),
        ("TABLE issuers LIMIT 0", []),
        ("(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1", [(1,), (2,)]),
        ("SELECT sum(i) FROM range(4) AS t(i)", [(6,)]),
        ("SELECT unnest([1, 2])", [(1,), (2,)]),
        ("PIVOT (SELECT item, value FROM requests) ON item USING count(*)", [(None, 1, 0), (7, 0, 1)]),
        ("PIVOT requests ON item IN ('granted') USING max(value) GROUP BY year", [(2021, None)]),
        ("WITH p AS (PIVOT requests ON status USING count(*) GROUP BY year) FROM p", [(2021, 1, 1)]),
        ("SELECT '清河县' || issuer FROM reports", [("清河县清河县人民政府",)]),
        ("SELECT \"row\" FROM requests WHERE item = 'granted'", [(4,)]),
        ("SELECT 'read_csv(' AS text", [("read_csv(",)]),
    ],
)
def test_queries_are_answered(sql: str, rows: list[tuple[object, ...]], module_home: Home) -> None:
    assert run_query(module_home, sql).rows == rows


@pytest.mark.parametrize(
    "sql",
    [
        "DESCRIBE requests",
        "DESC requests",
        "DESCRIBE",
        "SHOW TABLES",
        "SHOW ALL TABLES",
        "SUMMARIZE requests",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE FROM requests",
        "EXPLAIN (FORMAT json) FROM requests",
        "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
        "FROM duckdb_columns() WHERE NOT internal",
        "FROM pragma_table_info('requests')",
    ],
)
def test_descriptions_are_answered(sql: str, module_home: Home) -> None:
    assert run_query(module_home, sql).rows


def test_columns_come_with_their_types(module_home: Home) -> None:
    result = run_query(module_home, "SELECT 1 AS a, 'x' AS a, CAST(1.5 AS DECIMAL(20, 4)) AS v, [1] AS l")
    assert result.columns == ("a", "a", "v", "l")
    assert result.types == ("INTEGER", "VARCHAR", "DECIMAL(20,4)", "INTEGER[]")


def test_before_any_load_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="load reports first"):
        run_query(Home(tmp_path), "SELECT 1")


def test_a_strangers_wal_is_not_read(published: Home) -> None:
    wal = published.root / "gongkai.duckdb.wal"
    wal.write_bytes(b"anything")
    with pytest.raises(WarehouseError, match="left by another program"):
        run_query(published, "SELECT 1")


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "gongkai.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError) as told:
        run_query(Home(tmp_path), "SELECT 1")
    assert "\n" not in str(told.value)
    assert "cannot be opened" in str(told.value)
