"""A printed name of a public body, taken apart: the region it begins with and what the region has there.

Belongs here: the grammar of such names (words in ``catalogue/issuers.yaml``), over plain text without spaces. Does not
belong here: which of several regions of one name is meant (``clues``), the body itself (``resolve``).
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from pipeline.catalogue.words import load_words
from pipeline.issuers.model import Region
from pipeline.issuers.regions import RegionTable

BodyKind = Literal["government", "office", "zone", "township", "department", "institution", "unknown"]
LEVELS = "省市县区州旗盟"


@dataclass(frozen=True, slots=True)
class BodyName:
    """A name taken apart. ``body`` is what the region has, written out (发改局 → 发展和改革局), empty for its government.

    ``regions`` are all that may be meant: one, several of one name, or none where the name begins with none.
    ``level`` is the 市, 县, 区 … that stands for a region not named (区统计局). ``zone`` is the zone that a department or a
    township belongs to.
    """

    regions: tuple[Region, ...]
    kind: BodyKind
    body: str
    level: str = ""
    zone: str = ""


def take_apart(name: str, table: RegionTable) -> BodyName:
    """Return the parts of a body's name."""
    regions, rest = leading_regions(name, table)
    if not regions and rest[:1] in LEVELS and _body(rest[1:]).kind not in ("unknown", "township"):
        return replace(_body(rest[1:]), level=rest[0])
    return replace(_body(rest), regions=regions)


def leading_regions(name: str, table: RegionTable) -> tuple[tuple[Region, ...], str]:
    """Return the regions that a name begins with, the lowest of them (浙江省温州市文成县… is 文成县), and what follows."""
    found: tuple[Region, ...] = ()
    rest = name
    while rest:
        printed, regions = table.named_at(rest, 0)
        below = _inside(regions, found) if found else _full_enough(printed, regions)
        if not below and not found:
            printed, below = _short_beginning(rest, table)
        if not below:
            break
        found, rest = below, rest[len(printed) :]
    return found, rest


def written_out(body: str) -> str:
    """Return a department's name in its long form."""
    words = load_words("issuers")
    for wording, usual in words["wordings"].items():
        body = body.replace(wording, usual)
    for short, long in words["department_names"].items():
        if body == short or (body.endswith(short) and not body.endswith(long)):
            return body[: -len(short)] + str(long)
    return body


def _inside(regions: tuple[Region, ...], outer: tuple[Region, ...]) -> tuple[Region, ...]:
    """Return those regions that lie in (or are) one of the outer ones."""
    return tuple(region for region in regions if any(lies_in(region, above) for above in outer))


def lies_in(region: Region, above: Region) -> bool:
    """Tell whether a region lies in another, or is it, by any of their codes."""
    digits = {"province": 2, "prefecture": 4, "county": 6}[above.level]
    return any(code[:digits] == other[:digits] for code in region.codes for other in above.codes)


def _full_enough(printed: str, regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Return the regions unless their name is a common word too (城区): alone, such a name tells nothing."""
    return () if printed in load_words("issuers")["regions"]["common_words"] and len(regions) != 1 else regions


def _short_beginning(name: str, table: RegionTable) -> tuple[str, tuple[Region, ...]]:
    """Return a region named without its kind at the start (沭阳发改局), only where the rest makes sense so."""
    printed, regions = table.named_at(name, 0, short=True)
    rest = name[len(printed) :]
    if not regions or printed in table.by_name:
        return "", ()
    _, following = table.named_at(rest, 0)
    if _inside(following, regions):
        return printed, tuple(region for region in regions if _inside(following, (region,)))
    return (printed, regions) if len(rest) > 2 and _body(rest).kind in ("department", "zone") else ("", ())


def _body(rest: str) -> BodyName:
    words = load_words("issuers")
    rest = re.sub(words["inside_bureau"], "", rest)
    if rest in ("", *words["government"]):
        return BodyName((), "government", "")
    if rest in words["government_office"]:
        return BodyName((), "office", "人民政府办公厅" if rest.endswith("厅") else "人民政府办公室")
    for government in words["government"]:
        if rest.startswith(government) and _body(rest[len(government) :]).kind in (
            "department",
            "institution",
            "township",
        ):
            rest = rest[len(government) :]
    township = _township(rest)
    if township:
        return BodyName((), "township", township)
    zone = _zone().match(rest)
    if zone:
        return _in_zone(zone.group("zone"), zone.group("rest"))
    if rest.endswith(tuple(words["institution_endings"])) and not rest.endswith("管理处"):
        return BodyName((), "institution", rest)
    if len(rest) > 1 and rest.endswith(tuple(words["department_endings"])):
        return BodyName((), "department", written_out(rest))
    return BodyName((), "unknown", rest)


def _in_zone(zone: str, rest: str) -> BodyName:
    words = load_words("issuers")
    if rest in ("", *words["zone_committees"]):
        return BodyName((), "zone", zone)
    for committee in sorted(words["zone_committees"], key=len, reverse=True):
        rest = rest.removeprefix(committee)
    inner = _body(rest)
    if inner.kind in ("department", "institution", "township"):
        return replace(inner, body=f"{zone}{inner.body}", zone=zone)
    return BodyName((), "unknown", f"{zone}{rest}")


def _township(rest: str) -> str:
    """Return the canonical name of a township or street office, empty for anything else."""
    match = _township_pattern().fullmatch(rest)
    if not match:
        return ""
    name = match.group("name")
    if name.endswith("街") and not name.endswith("街道"):
        return f"{name}道办事处" if match.group("office") == "" else f"{name}{match.group('office')}"
    return f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"


@cache
def _township_pattern() -> re.Pattern[str]:
    words = load_words("issuers")
    endings = "|".join(sorted(words["township_endings"], key=len, reverse=True))
    offices = "|".join(sorted(words["township_offices"], key=len, reverse=True))
    return re.compile(rf"(?P<name>[一-龥]{{1,12}}?(?:{endings}))(?P<office>(?:{offices})?(?:(?:党政|综合)[一-龥]*)?)")


@cache
def _zone() -> re.Pattern[str]:
    words = load_words("issuers")
    endings = "|".join(sorted(words["zone_endings"], key=len, reverse=True))
    return re.compile(rf"(?P<zone>[一-龥()]{{0,14}}?(?:{endings}))(?P<rest>.*)")
