"""Several files of one report: which readings are of one report, which of them gives the facts, where they differ.

Belongs here: joining the extracted rows of a year, given which files may belong together; pure functions over frames, in which
no order matters. Does not belong here: who may belong to whom (``pipeline.companions``), facts and checks of a year.

Two readings are one report only where they agree on whose it is, of which year and scope. The reading with the fewest unread
cells is the main one: its file is the report's, its cells and facts are taken whole. Date, title and issuer come from whoever has
them, the page first; the prose from the reading that has most sections.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from pipeline.catalogue.words import load_words
from pipeline.companions import is_picture
from pipeline.file_differences import (
    Cells,
    cells_by_report,
    difference_rows,
    have_same_numbers,
    with_difference_problems,
)
from pipeline.issuers.model import Issuer
from pipeline.values import record

Frames = dict[str, pl.DataFrame]
Row = dict[str, Any]
ResolveIssuer = Callable[[Row], Issuer]

REPORT_FILES = {"report_id": pl.String, "year": pl.Int32, "file_id": pl.String, "role": pl.String}
STRONG = ("declared", "named", "name")
UNREAD = ("unreadable", "missing")


@record
class Group:
    """The readings of one report: that of the page, and those that came with it, by report_id; ``main`` gives the facts."""

    page: str
    members: tuple[str, ...]
    main: str
    prose: str


def join_files(extracted: Mapping[str, pl.DataFrame], companions: pl.DataFrame, resolve: ResolveIssuer) -> Frames:
    """Return the extracted rows of a year with the readings of one report made one, and two more tables.

    ``report_files`` (columns as ``REPORT_FILES``), ``file_differences`` (as ``file_differences.DIFFERENCES``). ``companions``:
    columns as ``warehouse.companions.COMPANIONS``.
    """
    readings = {row["report_id"]: row for row in _involved(extracted["reports"], companions)}
    cells = cells_by_report(extracted["facts"], set(readings))
    issuers = {key: resolve(row | {"evidence": json.loads(row["evidence"] or "{}")}) for key, row in readings.items()}
    pages = _pages(readings, issuers, cells, companions)
    groups = [
        group
        for group in _groups(extracted, readings, pages, cells)
        if _is_one_report([readings[i] for i in group.members], [issuers[i] for i in group.members])
    ]
    frames = _joined(extracted, groups, readings, issuers)
    frames["file_differences"] = difference_rows(((g.main, g.members) for g in groups), readings, cells)
    frames["problems"] = with_difference_problems(frames["problems"], frames["file_differences"])
    frames["report_files"] = _report_files(extracted["reports"], groups, readings, companions)
    return frames


def all_connected(file_ids: Iterable[str], companions: pl.DataFrame) -> set[str]:
    """Return these files and all that companions connect with them: what is one report is decided among those alone."""
    found: set[str] = set()
    fresh = set(file_ids)
    while fresh:
        found |= fresh
        touched = companions.filter(pl.any_horizontal(pl.col("file_id", "page_id").is_in(list(fresh))))
        fresh = {*touched["file_id"], *touched["page_id"]} - found
    return found


def _involved(reports: pl.DataFrame, companions: pl.DataFrame) -> list[Row]:
    """Return the reports of files that are somebody's companion or page, by report_id."""
    files = pl.concat([companions["file_id"], companions["page_id"]]).unique()
    return reports.filter(pl.col("file_id").is_in(files.implode())).sort("report_id").to_dicts()


def _pages(
    readings: Mapping[str, Row], issuers: Mapping[str, Issuer], cells: Mapping[str, Cells], companions: pl.DataFrame
) -> dict[str, str]:
    """Return for each reading that joins another the other's: of several the newest page, then the best read one."""
    of_file: dict[str, list[str]] = {}
    for report_id, row in readings.items():
        of_file.setdefault(row["file_id"], []).append(report_id)
    grounds: dict[tuple[str, str], set[str]] = {}
    for file_id, page_id, ground in companions.select("file_id", "page_id", "ground").iter_rows():
        for mine in of_file.get(file_id, ()):
            for page in of_file.get(page_id, ()):
                grounds.setdefault((mine, page), set()).add(ground)
    fitting: dict[str, list[str]] = {}
    for (mine, page), why in sorted(grounds.items()):
        same = have_same_numbers(cells[mine], cells[page], load_words("attachments"))
        if _fits(readings[mine], readings[page], issuers[mine], issuers[page], bool(why & set(STRONG)), same):
            fitting.setdefault(mine, []).append(page)
    return {mine: min(pages, key=lambda page: _newest(readings[page], cells[page])) for mine, pages in fitting.items()}


def _fits(mine: Row, page: Row, my_issuer: Issuer, page_issuer: Issuer, strong: bool, same_numbers: bool) -> bool:
    """Tell whether two readings are of one report: one year, one scope, one body; unnamed is settled by link or numbers."""
    if mine["year"] != page["year"] or _conflict(mine["scope"], page["scope"], "unknown"):
        return False
    if my_issuer.is_identified and page_issuer.is_identified:
        return my_issuer.issuer_id == page_issuer.issuer_id
    unnamed = not mine["issuer"] or not page["issuer"] or mine["issuer"] == page["issuer"]
    return same_numbers or (unnamed and strong)


def _conflict(first: str, second: str, unknown: str) -> bool:
    return first != second and unknown not in (first, second)


def _newest(row: Row, cells: Cells) -> tuple[int, int, str, str]:
    """Return what puts a page before another: as in ``pipeline.series``."""
    day = max((day for day in (row["published_on"], row["signed_on"]) if day), default=None)
    return (-day.toordinal() if day else 0, _unread(cells), row["file_id"], row["report_id"])


def _groups(
    extracted: Mapping[str, pl.DataFrame],
    readings: Mapping[str, Row],
    pages: Mapping[str, str],
    cells: Mapping[str, Cells],
) -> list[Group]:
    """Return the readings that are one report, page by page."""
    members: dict[str, set[str]] = {}
    for report_id in pages:
        page = _last_page(report_id, pages)
        members.setdefault(page, {page}).add(report_id)
    counts = extracted["sections"].filter(pl.col("section_no") > 0).group_by("report_id").len()
    sections: dict[str, int] = dict(counts.iter_rows())
    groups = []
    for page, ids in sorted(members.items()):
        found = {table for i in ids for table in readings[i]["tables_found"]}
        main = min(
            ids,
            key=lambda i: (
                len(found - set(readings[i]["tables_found"])),
                _unread(cells[i]),
                i != page,
                _key(i, readings),
            ),
        )
        prose = min(ids, key=lambda i: (-sections.get(i, 0), i != main, _key(i, readings)))
        groups.append(Group(page, tuple(sorted(ids, key=lambda i: _key(i, readings))), main, prose))
    return groups


def _last_page(report_id: str, pages: Mapping[str, str]) -> str:
    """Return where a chain of pages ends; of pages that belong to each other the smallest."""
    way = [report_id]
    while (following := pages.get(way[-1])) is not None:
        if following in way:
            return min(way[way.index(following) :])
        way.append(following)
    return way[-1]


def _key(report_id: str, readings: Mapping[str, Row]) -> tuple[str, str]:
    return (readings[report_id]["file_id"], report_id)


def _unread(cells: Cells) -> int:
    return sum(cell.status in UNREAD for cell in cells.values())


def _is_one_report(rows: list[Row], issuers: Iterable[Issuer]) -> bool:
    """Tell whether all readings of a group fit each other, not only the page, and no file gives two of them."""
    bodies = {issuer.issuer_id for issuer in issuers if issuer.is_identified}
    scopes = {row["scope"] for row in rows} - {"unknown"}
    return len(bodies) <= 1 and len(scopes) <= 1 and len({row["file_id"] for row in rows}) == len(rows)


def _joined(
    extracted: Mapping[str, pl.DataFrame],
    groups: list[Group],
    readings: Mapping[str, Row],
    issuers: Mapping[str, Issuer],
) -> Frames:
    if not groups:
        return dict(extracted)
    given_up = [i for group in groups for i in group.members if i != group.main]
    prose_given_up = [i for group in groups for i in group.members if i != group.prose]
    moved = {group.prose: group.main for group in groups}
    frames: Frames = {}
    for name, frame in extracted.items():
        if name in ("sections", "claims", "assertions"):
            kept = frame.filter(~pl.col("report_id").is_in(prose_given_up))
            frames[name] = kept.with_columns(pl.col("report_id").replace(moved))
        else:
            frames[name] = frame.filter(~pl.col("report_id").is_in(given_up))
    told = [_told(group, readings, issuers) for group in groups]
    others = frames["reports"].filter(~pl.col("report_id").is_in([group.main for group in groups]))
    mains = pl.DataFrame(told, schema=extracted["reports"].schema, orient="row")
    frames["reports"] = pl.concat([others, mains]).sort("report_id")
    return frames


def _told(group: Group, readings: Mapping[str, Row], issuers: Mapping[str, Issuer]) -> Row:
    """Return the main reading's row, with what only another knows of the report: the page's word before the others'."""
    row = dict(readings[group.main])
    others = [i for i in group.members if i not in (group.main, group.page)]
    main_first, page_first = [group.main, group.page, *others], [group.page, group.main, *others]
    for name, order in (
        ("title", main_first),
        ("signed_on", main_first),
        ("source", page_first),
        ("published_on", page_first),
    ):
        row[name] = next((readings[i][name] for i in order if readings[i][name]), None)
    row["scope"] = next((readings[i]["scope"] for i in main_first if readings[i]["scope"] != "unknown"), "unknown")
    named = next((i for i in main_first if issuers[i].is_identified), group.main)
    row["issuer"], row["evidence"] = readings[named]["issuer"], readings[named]["evidence"]
    return row


def _report_files(
    reports: pl.DataFrame, groups: list[Group], readings: Mapping[str, Row], companions: pl.DataFrame
) -> pl.DataFrame:
    """Return the files of every report: those that give a reading, and those that came with it and cannot be read."""
    joined = {i: group.main for group in groups for i in group.members}
    rows = {
        (joined.get(report_id, report_id), year, file_id): "main"
        if joined.get(report_id, report_id) == report_id
        else "attachment"
        for report_id, year, file_id in reports.select("report_id", "year", "file_id").iter_rows()
    }
    for file_id, media_type, report_id in _unread_companions(readings, joined, companions):
        role = "picture" if is_picture(media_type) else "attachment"
        rows.setdefault((report_id, readings[report_id]["year"], file_id), role)
    values = [(*key, role) for key, role in sorted(rows.items())]
    return pl.DataFrame(values, schema=REPORT_FILES, orient="row")


def _unread_companions(
    readings: Mapping[str, Row], joined: Mapping[str, str], companions: pl.DataFrame
) -> Iterator[tuple[str, str | None, str]]:
    """Yield the files without a reading of their own, with the report of the page that they came with.

    A file that only lies in the page's folder counts where everything read there is that page's report.
    """
    of_file: dict[str, set[str]] = {}
    for report_id, row in readings.items():
        of_file.setdefault(row["file_id"], set()).add(joined.get(report_id, report_id))
    crowded = {
        page
        for file_id, page in companions.filter("is_read", pl.col("ground") == "folder")
        .select("file_id", "page_id")
        .iter_rows()
        if of_file.get(file_id) != of_file.get(page)
    }
    best: dict[str, tuple[bool, str, str, str | None]] = {}
    for file_id, page, ground, kind, _ in companions.filter(~pl.col("is_read")).iter_rows():
        reports = of_file.get(page, set())
        if len(reports) == 1 and not (ground == "folder" and page in crowded):
            offer = (ground not in STRONG, page, min(reports), kind)
            best[file_id] = min(best.get(file_id, offer), offer, key=lambda o: o[:3])
    for file_id, (_, _, report_id, kind) in sorted(best.items()):
        yield file_id, kind, report_id
