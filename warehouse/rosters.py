"""The rosters of the home folder: who the members of an aggregate are, declared complete by whoever writes them down.

Belongs here: ``rosters.csv`` → a frame. Does not belong here: what is judged with it (``pipeline.across.rollup``).
"""

import csv

import polars as pl

from pipeline.home import Home
from warehouse.errors import SchemaMismatch
from warehouse.years import read_facts

COLUMNS = ["year", "parent", "member"]


def read_rosters(home: Home, year: int) -> pl.DataFrame:
    """Return the rosters of a year: year, parent_id, member_id; no file, no rosters.

    ``parent`` and ``member`` are an issuer_id or a canonical name; a name that no loaded body has stays as it stands, so that it
    counts as a member that is not loaded. Raises SchemaMismatch with the line that does not fit, TornFacts.
    """
    rows: list[tuple[int, str, str]] = []
    if home.rosters.exists():
        with home.rosters.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            if next(lines, None) != COLUMNS:
                raise SchemaMismatch(f"{home.rosters}: its first line must be {','.join(COLUMNS)}")
            for line in filter(None, lines):
                if len(line) != len(COLUMNS) or not line[0].isascii() or not line[0].isdigit() or not all(line):
                    raise SchemaMismatch(
                        f"{home.rosters}, line {lines.line_num}: must be a year, a parent and a member"
                    )
                rows.append((int(line[0]), line[1], line[2]))
    rosters = pl.DataFrame(
        rows, schema={"year": pl.Int32, "parent_id": pl.String, "member_id": pl.String}, orient="row"
    )
    rosters = rosters.filter(pl.col("year") == year)
    if rosters.is_empty():
        return rosters
    issuers = read_facts(home, year, ("issuers",))["issuers"]
    ids = dict(issuers.filter(pl.col("kind") != "unknown").select("name", "issuer_id").iter_rows())
    return rosters.with_columns(pl.col("parent_id", "member_id").replace(ids))
