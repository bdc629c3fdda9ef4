"""A printed issuer becomes a public body: one identifier for all its names, in its region, under its parent.

Belongs here: canonical names, aliases, identifiers, parents. Does not belong here: taking names apart (``names``),
choosing between regions (``clues``), the regions themselves (``regions``). Pure: the same report gives the same body,
whatever was loaded before.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from pipeline.catalogue.words import load_words
from pipeline.issuers.clues import context_region, only_supported
from pipeline.issuers.model import Issuer, IssuerKind, Region
from pipeline.issuers.names import BodyName, leading_regions, take_apart, written_out
from pipeline.issuers.regions import RegionTable, load_regions
from pipeline.plain_text import to_plain

UNNAMED = "未署名"
KINDS: dict[str, IssuerKind] = {
    "office": "department",
    "zone": "zone",
    "township": "township",
    "department": "department",
    "institution": "institution",
}
LEVELS_BY_NAME: dict[str, IssuerKind] = {
    "省": "province",
    "州": "prefecture",
    "县": "county",
    "区": "county",
    "旗": "county",
}


def issuer_of_report(report: Mapping[str, Any]) -> Issuer:
    """Return the body that issued a report, given as a row with issuer, year, report_id and ``evidence`` as a mapping."""
    return resolve_issuer(report["issuer"], report["evidence"], year=report["year"], report_id=report["report_id"])


def resolve_issuer(printed: str | None, evidence: Mapping[str, str], *, year: int | None, report_id: str) -> Issuer:
    """Return the public body that a printed issuer names.

    ``evidence`` is what recognition kept (``recognize.identity.Identity.evidence``); it only decides between regions, never
    names a body. A body that cannot be identified is one of its own, made from ``report_id``, and says why in ``problem``.
    """
    name = "".join(to_plain(printed or "").split())
    if not name:
        return _unidentified(UNNAMED, "unknown", report_id, "the report names no issuer")
    declared = declared_bodies().get(name) or _central(name)
    if declared is not None:
        return declared
    table = load_regions()
    branch = _branch(name, table, evidence, year) or _party_body(name, table, evidence, year)
    if branch is not None:
        return branch
    zone, rest = _named_zone(name, table)
    if zone:
        return _body_of_zone(zone, rest, table)
    parts = take_apart(name, table)
    if parts.kind == "unknown":
        return _unidentified(name, "unknown", report_id, f"not a name of a public body that we can read: {name}")
    if len(parts.regions) > 1:
        region = only_supported(parts.regions, evidence, year)
        problem = f"several regions are called {parts.regions[0].name} and nothing tells which is meant"
    else:
        region = parts.regions[0] if parts.regions else context_region(evidence, table, year, parts)
        problem = f"nothing tells in which region it lies: {name}"
    return body_in(region, parts) if region else _unidentified(name, _kind_without_region(parts), report_id, problem)


def _kind_without_region(parts: BodyName) -> IssuerKind:
    levels: set[IssuerKind] = {region.level for region in parts.regions} or {LEVELS_BY_NAME.get(parts.level, "unknown")}
    return KINDS.get(parts.kind) or (levels.pop() if len(levels) == 1 else "unknown")


def government_of(region: Region) -> Issuer:
    """Return the government of a region."""
    table = load_regions()
    above = table.parent(region)
    name = f"{region.full_name}人民政府"
    stems = [region.name, region.full_name]
    if region.level == "county" and region.prefecture:
        stems += [f"{region.prefecture}{region.name}", f"{region.province}{region.prefecture}{region.name}"]
    if region.level != "province":
        stems += [f"{region.province}{region.name}"]
    aliases = {f"{stem}{ending}" for stem in stems for ending in ("", "政府", "人民政府")} - {name}
    return _issuer(name, region, region.level, government_of(above).issuer_id if above else None, aliases)


def body_in(region: Region, parts: BodyName) -> Issuer:
    """Return the body of a region that a name taken apart means."""
    if parts.kind == "government":
        return government_of(region)
    government = government_of(region)
    parent = government
    if parts.zone:
        zone = f"{region.full_name}{parts.zone}"
        parent = _issuer(zone, region, "zone", government.issuer_id, _zone_aliases(region, parts.zone))
    name = f"{region.full_name}{parts.body}"
    aliases = {f"{region.name}{parts.body}"} | (_zone_aliases(region, parts.body) if parts.kind == "zone" else set())
    if parts.kind == "township":
        aliases |= {stem.removesuffix("人民政府").removesuffix("办事处") for stem in (name, *aliases)}
    return _issuer(name, region, KINDS[parts.kind], parent.issuer_id, aliases - {name})


@cache
def declared_bodies() -> dict[str, Issuer]:
    """Return the bodies of ``catalogue/issuers.yaml`` by every name that is declared for them."""
    table = load_regions()
    bodies: dict[str, Issuer] = {}
    for entry in load_words("issuers")["bodies"]:
        region = table.by_code[entry["region_code"]]
        above = table.parent(region)
        parent = government_of(above).issuer_id if above else None
        body = _issuer(entry["name"], region, entry["kind"], parent, set(entry["aliases"]))
        bodies.update(dict.fromkeys((entry["name"], *entry["aliases"]), body))
    return bodies


def _central(name: str) -> Issuer | None:
    """Return a body of the State Council, None for any other name."""
    words = load_words("issuers")
    bare = name.removeprefix("中华人民共和国")
    bare = words["central_aliases"].get(bare, bare)
    if bare not in words["central"]:
        return None
    aliases = {alias for alias, long in words["central_aliases"].items() if long == bare} | {f"中华人民共和国{bare}"}
    return _issuer(bare, None, "central", None, aliases)


def _branch(name: str, table: RegionTable, evidence: Mapping[str, str], year: int | None) -> Issuer | None:
    """Return a branch of a central body in a region (国家税务总局文成县税务局); its parent is the central body."""
    for central in load_words("issuers")["branches"]:
        rest = name.removeprefix(central)
        regions, office = leading_regions(rest, table) if rest not in (name, "") else ((), "")
        if not regions:
            continue
        region = regions[0] if len(regions) == 1 else only_supported(regions, evidence, year)
        parent = _central(central)
        if region and parent and office:
            aliases = {f"{central}{region.name}{office}"}
            return _issuer(f"{central}{region.full_name}{office}", region, "department", parent.issuer_id, aliases)
    return None


def _party_body(name: str, table: RegionTable, evidence: Mapping[str, str], year: int | None) -> Issuer | None:
    """Return an office of the party in a region that reports like a department (中共文成县委办公室)."""
    regions, office = leading_regions(name.removeprefix("中共"), table) if name.startswith("中共") else ((), "")
    region = regions[0] if len(regions) == 1 else only_supported(regions, evidence, year) if regions else None
    if region is None or not office:
        return None
    parent = government_of(region).issuer_id
    return _issuer(f"中共{region.full_name}{office}", region, "department", parent, {f"中共{region.name}{office}"})


def _named_zone(name: str, table: RegionTable) -> tuple[str, str]:
    """Return the zone of the lists that a name begins with, by the longest of its names, and what follows."""
    beginnings = (name[:length] for length in range(len(name), 0, -1))
    printed = next((beginning for beginning in beginnings if beginning in table.zone_names), "")
    return table.zone_names.get(printed, ""), name[len(printed) :]


def _body_of_zone(zone: str, rest: str, table: RegionTable) -> Issuer:
    words = load_words("issuers")
    declared = declared_bodies().get(zone)
    region = table.by_code[declared.region_code if declared and declared.region_code else table.zones[zone]]
    committee = declared or _issuer(zone, region, "zone", government_of(region).issuer_id, _zone_aliases(None, zone))
    for ending in sorted(words["zone_committees"], key=len, reverse=True):
        rest = rest.removeprefix(ending)
    if not rest:
        return committee
    kind = KINDS.get(take_apart(rest, table).kind, "department")
    return _issuer(f"{committee.name}{written_out(rest)}", region, kind, committee.issuer_id, {f"{zone}{rest}"})


def _zone_aliases(region: Region | None, zone: str) -> set[str]:
    stems = {zone} if region is None else {f"{region.full_name}{zone}", f"{region.name}{zone}"}
    return {f"{stem}{ending}" for stem in stems for ending in ("", *load_words("issuers")["zone_committees"])}


def _issuer(name: str, region: Region | None, kind: IssuerKind, parent_id: str | None, aliases: set[str]) -> Issuer:
    """Return a body; its identifier hashes the canonical name and the province, for a county's code changes while it goes on."""
    province = region.province if region else ""
    digest = hashlib.sha256(f"{province}/{name}".encode()).hexdigest()[:12]
    return Issuer(
        issuer_id=f"i{digest}",
        name=name,
        aliases=tuple(sorted(aliases - {name})),
        kind=kind,
        region_code=region.code if region else None,
        province=region.province if region else None,
        prefecture=region.prefecture if region else None,
        county=region.county if region else None,
        parent_id=parent_id,
        valid_from=region.valid_from if region else None,
        valid_to=region.valid_to if region else None,
    )


def _unidentified(name: str, kind: IssuerKind, report_id: str, problem: str) -> Issuer:
    return Issuer(f"u{report_id[:12]}", name, (), kind, None, None, None, None, None, None, None, problem)
