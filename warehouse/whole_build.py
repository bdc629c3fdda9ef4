"""The DuckDB file built whole: every part of the lake, in order.

Belongs here: filling an empty file. Does not belong here: what it has in common with building on the one that stands
(``warehouse.building``).
"""

from pathlib import Path

import duckdb

from pipeline.catalogue.model import Catalogue
from warehouse.building import count, derive, insert
from warehouse.ddl import definitions, derivations, quoted
from warehouse.durable import local_copy
from warehouse.publication import Contents


def fill_whole(con: duckdb.DuckDBPyConnection, contents: Contents, catalogue: Catalogue, folder: Path) -> None:
    """Define everything in an empty file and fill all tables but ``loads``, rows sorted by year and report."""
    con.execute("BEGIN")  # Hundreds of definitions, one by one, would each wait for the disk.
    for statement in definitions(catalogue):
        con.execute(statement)
    for table, frame in contents.frames.items():
        insert(con, table, frame)
    con.execute("COMMIT")
    for table, parts in contents.parts.items():
        for _, part in sorted(parts.items()):
            # A part was sorted when it was written, and rows are stored in the order in which they are read.
            with local_copy(part.place, folder) as local:
                con.execute(
                    f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM read_parquet(?, hive_partitioning = false)",
                    [str(local)],
                )
    _derive_all(con, catalogue)


def _derive_all(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Fill the derived tables; where all reports may be taken at once, without looking each of them up."""
    if count(con, "reports") > catalogue.limits["publishing"]["reports_at_once"]:
        derive(con, catalogue, "FROM reports")
        return
    for statement in derivations(catalogue).values():
        con.execute(statement)
