"""The rosters of the home folder: who the members of an aggregate are, declared complete by whoever writes them down.

Belongs here: ``rosters.csv`` → a frame. Does not belong here: what is judged with it (``pipeline.across.rollup``).
"""

import polars as pl

from pipeline.home import Home
from warehouse.errors import SchemaMismatch
from warehouse.home_csv import read_lines
from warehouse.years import read_facts

COLUMNS = ["year", "parent", "member"]


def read_rosters(home: Home, year: int) -> pl.DataFrame:
    """Return the rosters of a year: year, parent_id, member_id; no file, no rosters.

    ``parent`` and ``member`` are an issuer_id or a canonical name; a name that no loaded body has stays as it stands, so that it
    counts as a member that is not loaded. Raises SchemaMismatch with the line that does not fit, TornFacts.
    """
    rows = roster_lines(home, year)
    rosters = pl.DataFrame(
        rows, schema={"year": pl.Int32, "parent_id": pl.String, "member_id": pl.String}, orient="row"
    )
    if rosters.is_empty():
        return rosters
    issuers = read_facts(home, year, ("issuers",))["issuers"]
    ids = dict(issuers.filter(pl.col("kind") != "unknown").select("name", "issuer_id").iter_rows())
    return rosters.with_columns(pl.col("parent_id", "member_id").replace(ids))


def roster_lines(home: Home, year: int) -> list[tuple[int, str, str]]:
    """Return the lines of a year as they stand: year, parent, member. Raises SchemaMismatch with the line that does not fit."""
    rows: list[tuple[int, str, str]] = []
    for where, line in read_lines(home.rosters, COLUMNS):
        if not (line["year"].isascii() and line["year"].isdigit() and all(line.values())):
            raise SchemaMismatch(f"{where}: must be a year, a parent and a member")
        if int(line["year"]) == year:
            rows.append((year, line["parent"], line["member"]))
    return rows
