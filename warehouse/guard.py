"""What may be asked of the published warehouse: one statement that reads, and nothing that reaches past the tables.

Belongs here: telling a query from everything else. Does not belong here: running it (``warehouse.query``).

DuckDB itself refuses files, extensions and settings once external access is off and the configuration locked. This comes
before it, because some statements act while they are parsed (IMPORT DATABASE), some functions act though they are called
in a SELECT (enable_logging), and a refusal ought to say what to do.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import duckdb

from warehouse.errors import RefusedQuery

HOW_TO = "give one query: SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN of one"

_BEGINNINGS = frozenset(
    (
        "select",
        "with",
        "from",
        "values",
        "table",
        "pivot",
        "unpivot",
        "describe",
        "desc",
        "show",
        "summarize",
        "explain",
        "(",
    )
)

READING_FUNCTIONS = frozenset(
    (
        *("generate_series", "range", "unnest", "repeat", "repeat_row", "json_each", "json_tree"),
        *("histogram", "histogram_values", "summary", "test_all_types"),
        *("duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords", "duckdb_schemas"),
        *("duckdb_settings", "duckdb_tables", "duckdb_types", "duckdb_views"),
        *("pragma_table_info", "pragma_version", "pragma_database_size", "pragma_storage_info", "pragma_show"),
        *("icu_calendar_names", "pg_timezone_names"),
    )
)
"""Table functions that compute or describe. Every other one that DuckDB knows is refused, whatever it will be called."""


def require_query(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise RefusedQuery, in one line, unless ``sql`` is a single statement that only reads."""
    tokens = list(_tokens(sql))
    if not tokens:
        _require_select(connection, sql)  # Raises: a quote that is never closed leaves no token either.
        raise RefusedQuery(f"nothing was asked; {HOW_TO}")
    first = tokens[0][1]
    if first not in _BEGINNINGS:
        raise RefusedQuery(f"{first.upper()} is no query; {HOW_TO}")
    texts = [text for _, text in tokens]
    if ";" in texts and set(texts[texts.index(";") :]) != {";"}:
        raise RefusedQuery(f"several statements at once; {HOW_TO}")
    _require_reading_functions(tokens)
    if first == "explain":
        require_query(connection, _explained(sql, tokens))
    _require_select(connection, sql)


def _tokens(sql: str) -> Iterator[tuple[int, str]]:
    """Yield (byte offset, text in lower case without quotes) of every token; comments are none."""
    raw = sql.encode()
    starts = [start for start, _ in duckdb.tokenize(sql)]
    for start, end in pairwise([*starts, len(raw)]):
        text = raw[start:end].decode(errors="replace")
        if text.startswith('"'):
            yield start, text[1 : text.find('"', 1)].lower()
        elif text.startswith("'"):
            yield start, "''"
        else:
            word = text.split("--")[0].split("/*")[0].strip()
            yield start, word.lower()


def _require_reading_functions(tokens: list[tuple[int, str]]) -> None:
    named = {text for (_, text), (_, following) in pairwise(tokens) if following.startswith("(")}
    refused = sorted(named & _acting_functions()) if named else []
    if refused:
        raise RefusedQuery(f"{refused[0]}() reads files or changes settings; only the warehouse's tables can be read")


@cache
def _acting_functions() -> frozenset[str]:
    """Return every table function that this DuckDB knows and that is not known to read only; listing them takes a while."""
    sql = (
        "SELECT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro', 'pragma')"
    )
    with duckdb.connect() as connection:
        return frozenset(str(name) for (name,) in connection.execute(sql).fetchall()) - READING_FUNCTIONS


def _explained(sql: str, tokens: list[tuple[int, str]]) -> str:
    """Return the statement that an EXPLAIN is about: what follows EXPLAIN, ANALYZE and options in brackets."""
    at = 1
    if at < len(tokens) and tokens[at][1] == "analyze":
        at += 1
    if at + 1 < len(tokens) and tokens[at][1] == "(" and tokens[at + 1][1] in ("format", "analyze"):
        at = next((n + 1 for n, (_, text) in enumerate(tokens) if n > at and text.startswith(")")), len(tokens))
    return sql.encode()[tokens[at][0] :].decode() if at < len(tokens) else ""


def _require_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Let DuckDB's own parser say what it is; PIVOT without IN becomes a type that is created and a SELECT."""
    try:
        kinds = [statement.type for statement in connection.extract_statements(sql)]
    except duckdb.Error as error:
        raise RefusedQuery(one_line(error)) from error
    if not kinds:
        raise RefusedQuery(f"nothing was asked; {HOW_TO}")
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if kinds[-1] not in allowed or any(kind != duckdb.StatementType.CREATE for kind in kinds[:-1]):
        raise RefusedQuery(f"that is no query; {HOW_TO}")


def one_line(error: duckdb.Error) -> str:
    """Return what DuckDB says, on one line, without the excerpt of the statement that it prints below."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines[: lines.index("") if "" in lines else len(lines)] if line]
    return " ".join(said) or type(error).__name__
