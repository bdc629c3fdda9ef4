"""Which region a report means that does not say it in its issuer's name, or says it in a name that several regions bear.

Belongs here: weighing the evidence that recognition kept (page issuer, address, path of headings, hosts). A region is taken only
where the clues leave exactly one. Does not belong here: taking names apart (``names``).
"""

from collections.abc import Iterable, Mapping
from functools import cache

from pipeline.catalogue.words import load_words
from pipeline.issuers.model import Region
from pipeline.issuers.names import BodyName, lies_in
from pipeline.issuers.regions import RegionTable, load_regions, short_name
from pipeline.plain_text import to_plain

# Evidence that names the body's own surroundings; the text itself may praise other regions.
OWN_WORDS = (
    "title",
    "announced_issuer",
    "first_line",
    "page_issuer",
    "signature",
    "compiler",
    "contact",
    "address",
    "breadcrumb",
    "preamble",
)
HOSTS = ("host", "sites")
PUBLIC_SUFFIX = ".gov.cn"


def only_supported(candidates: tuple[Region, ...], evidence: Mapping[str, str], year: int | None) -> Region | None:
    """Return the one of several regions of one name that the evidence speaks for, None where it leaves more or none.

    A region is spoken for by its prefecture or province in the report's own words, or by the host of its address; where words and
    hosts speak for different ones, there is none.
    """
    living = tuple(region for region in candidates if existed_about(region, year)) or candidates
    if len(living) == 1:
        return living[0]
    words = " ".join(to_plain(evidence.get(key, "")) for key in OWN_WORDS)
    by_words = _narrowest(living, words)
    by_hosts = {region for region in living if any(_host_speaks_for(host, region) for host in _hosts(evidence))}
    spoken_for = by_words & by_hosts if by_words and by_hosts else by_words or by_hosts
    return spoken_for.pop() if len(spoken_for) == 1 else None


def context_region(evidence: Mapping[str, str], table: RegionTable, year: int | None, part: BodyName) -> Region | None:
    """Return the region in which a body named without one (区统计局, 某某镇) must lie, None where the clues leave more or none.

    A body with a level before its name (市, 县, 区) lies in a region of that kind, any other in a county. A department without
    one is placed by the host alone: the address of a city's department names the district that it stands in.
    """
    hosted = {region for host in _hosts(evidence) for region in _regions_of_host(host, table, year)}
    fitting_hosted = {region for region in hosted if _fits_level(region, part.level)}
    if not part.level and part.kind != "township":
        return fitting_hosted.pop() if len(fitting_hosted) == 1 else None
    named = _settled(_named_regions(evidence, table), year)
    fitting = {region for region in named if _fits_level(region, part.level)} or fitting_hosted
    if hosted and named:
        fitting = {r for r in fitting if any(lies_in(r, other) or lies_in(other, r) for other in hosted)}
        fitting = (fitting & fitting_hosted) or fitting
    if fitting_hosted and any(not _agrees(region, named) for region in fitting):
        return None
    return fitting.pop() if len(fitting) == 1 else None


def _agrees(region: Region, named: set[Region]) -> bool:
    """Tell whether the words name a region, what it lies in or what lies in it, or name no region at all."""
    return not named or any(lies_in(region, other) or lies_in(other, region) for other in named)


def existed_about(region: Region, year: int | None) -> bool:
    """Tell whether a region bore its name in a year or the one after, when the report of that year appears."""
    return region.existed_in(year) or (year is not None and region.existed_in(year + 1))


def _fits_level(region: Region, level: str) -> bool:
    if not level:
        return region.level == "county"
    return region.name.endswith(level) or (level == "区" and region.name.endswith("自治区"))


def _narrowest(candidates: tuple[Region, ...], words: str) -> set[Region]:
    """Return the candidates whose prefecture the words name; where they name none of them, those whose province they name."""
    by_prefecture = {region for region in candidates if _is_named(region.prefecture, words)}
    return by_prefecture or {region for region in candidates if _is_named(region.province, words)}


def _is_named(name: str | None, words: str) -> bool:
    if not name:
        return False
    short = short_name(name)
    return name in words or (len(short) > 1 and short in words)


def _named_regions(evidence: Mapping[str, str], table: RegionTable) -> list[frozenset[Region]]:
    """Return, for each region name in the report's own words, the regions that bear it."""
    words = load_words("issuers")["regions"]["common_words"]
    return [
        frozenset(regions)
        for key in OWN_WORDS
        for name, regions in table.mentions(to_plain(evidence.get(key, "")))
        if name not in words
    ]


def _settled(named: Iterable[frozenset[Region]], year: int | None) -> set[Region]:
    """Return the regions named; of namesakes, the one that lies in a region that is named too, or all of them."""
    groups = [frozenset(region for region in group if existed_about(region, year)) or group for group in named]
    settled = {region for group in groups if len(group) == 1 for region in group}
    for group in groups:
        inside = {region for region in group if any(lies_in(region, above) and region != above for above in settled)}
        settled |= inside if len(inside) == 1 else group
    return settled


def _hosts(evidence: Mapping[str, str]) -> list[str]:
    return [host for key in HOSTS for host in evidence.get(key, "").split() if host.endswith(PUBLIC_SUFFIX)]


def _labels(host: str) -> list[str]:
    return [
        label for part in host.removesuffix(PUBLIC_SUFFIX).split(".") for label in part.split("-") if label != "www"
    ]


def _regions_of_host(host: str, table: RegionTable, year: int | None) -> set[Region]:
    """Return the regions whose name in pinyin is a label of a government host (www.wencheng.gov.cn)."""
    index = _pinyin_index()
    found = {region for label in _labels(host) for region in index.get(label, ())}
    return {region for region in found if existed_about(region, year)}


def _host_speaks_for(host: str, region: Region) -> bool:
    """Tell whether a host names a region or its prefecture in pinyin, or both by initials (njqxq for 南京栖霞区)."""
    prefecture = region.prefecture or region.province
    names = {
        *_spellings(region.name),
        *_spellings(prefecture),
        initials(short_name(prefecture)) + initials(region.name),
    }
    return any(label in names for label in _labels(host))


@cache
def _pinyin_index() -> dict[str, tuple[Region, ...]]:
    index: dict[str, list[Region]] = {}
    for region in load_regions().regions:
        for spelling in _spellings(region.name):
            index.setdefault(spelling, []).append(region)
    return {spelling: tuple(dict.fromkeys(regions)) for spelling, regions in index.items()}


@cache
def _spellings(name: str) -> tuple[str, ...]:
    """Return a region's name in pinyin, with its kind and without it."""
    from pypinyin import lazy_pinyin

    short = short_name(name)
    full = "".join(lazy_pinyin(name))
    kind = "".join(lazy_pinyin(name[len(short) :])) if name.startswith(short) else ""
    bare = full.removesuffix(kind) if len(short) > 1 and kind else "".join(lazy_pinyin(short))
    return tuple(dict.fromkeys(spelling for spelling in (full, bare) if len(spelling) > 2))


@cache
def initials(name: str) -> str:
    """Return the initials of a name in pinyin (南京 → nj)."""
    from pypinyin import lazy_pinyin

    return "".join(syllable[:1] for syllable in lazy_pinyin(name))
