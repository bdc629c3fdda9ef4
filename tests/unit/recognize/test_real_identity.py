"""Issuer and year of the 35 page beginnings whose issuer and year were filled in by hand, and of the real reports.

What the project carries of them are facts: which body, which year. Where a page does not name its body, or names none that can be
placed, the reading must say so and not guess.
"""

import json
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Paragraph, UnreadableFile
from pipeline.issuers.resolve import resolve_issuer
from pipeline.recognize.identity import Identity, read_identity
from pipeline.recognize.sections import split_sections

# Line of the file → the body that it resolves to; None: the page does not tell enough, and is not identified.
BODIES: dict[int, str | None] = {
    0: "渠县行政审批局",
    1: None,  # named only in the address of a mirror
    2: None,
    3: None,  # 我局 throughout
    4: None,  # a bureau of an unnamed zone
    5: None,
    6: None,  # 区统计局, on a bare IP address
    7: None,
    8: None,  # 两城镇 on a host that 微山 and 巍山 share
    9: None,  # 大五里镇 on a host that 迁安 and 乾安 share
    10: "天门市拖市镇人民政府",
    11: "抚松县东岗镇人民政府",
    12: None,
    13: "宁陕县梅子镇人民政府",
    15: "南平市人民政府",
    16: "桦南县人民政府",
    17: "上海市人民政府",
    18: None,  # compiled by an unnamed city's office
    19: "泰州市人民政府",
    21: None,
    22: "台州市路桥区螺洋街道办事处",
    23: None,  # 东城街街道, on a host that abbreviates its county
    24: "万源市行政审批局",
    25: None,  # 区行政审批局, on a host of initials
    26: "福州市晋安区人民政府",
    27: "定西市公共资源交易中心",
    28: "兴国县良村镇人民政府",
    29: "宣威市落水镇人民政府",
    30: "东至县木塔乡人民政府",
    31: "瑞安市塘下镇人民政府",
}
NO_REPORT = {
    14: "report year not found",
    20: "report year not found",
    32: "not a report",
    33: "report year not found",
    34: "not a report",
}

REPORTS = {
    "000_13bef6623b3fdcd8.txt": ("文成县人民政府", 2019, "aggregate"),
    "001_94af791356542937.txt": ("靖远县人民政府", 2019, "aggregate"),
    "002_ff554e661f6eb7ef.txt": ("永安市大湖镇人民政府", 2019, "own"),
    "003_01ab33d891669608.txt": ("苍南县人民政府", 2021, "aggregate"),
    "004_76fa68a0bf83e9c6.txt": ("龙泉市人民政府", 2018, "aggregate"),
    "text/pingtan_2012.txt": ("平潭综合实验区", 2012, "aggregate"),
    "text/pingtan_2013.txt": ("平潭综合实验区", 2013, "aggregate"),
    "text/pingtan_2016.txt": ("平潭综合实验区", 2016, "aggregate"),
    "text/pingtan_2018.txt": ("平潭综合实验区", 2018, "aggregate"),
    "text/pingtan_2019.txt": ("平潭综合实验区", 2019, "aggregate"),
    "text/pingtan_2020.txt": ("平潭综合实验区", 2020, "aggregate"),
    "text/pingtan_2021.txt": ("平潭综合实验区", 2021, "aggregate"),
    "text/pingtan_xian_2013.txt": ("平潭县人民政府", 2013, "aggregate"),
}


def identify(text: str, meta: dict[str, str]) -> Identity:
    document = Document("text/plain", tuple(Paragraph(line) for line in text.split("\n")), meta)
    return read_identity(document, split_sections(document, set(), load_catalogue()))


def test_page_beginnings(real_reports: Path) -> None:
    lines = (real_reports / "page_beginnings.jsonl").read_text(encoding="utf-8").splitlines()
    wrong: list[tuple[object, ...]] = []
    for number, line in enumerate(lines):
        page = json.loads(line)
        meta = {"source": page["url"]} | ({"title": page["title"]} if page["title"] else {})
        try:
            found = identify(page["excerpt"], meta)
        except UnreadableFile as refusal:
            if not str(refusal).startswith(NO_REPORT.get(number, "-")):
                wrong.append((number, str(refusal)))
            continue
        issuer = resolve_issuer(found.issuer, found.evidence, year=found.year, report_id=f"{number:016x}")
        body = issuer.name if issuer.is_identified else None
        if number in NO_REPORT or (str(found.year), body) != (page["year"], BODIES[number]):
            wrong.append((number, found.issuer, found.year, body, page["issuer"], page["year"]))
    assert not wrong


@pytest.mark.parametrize("name", REPORTS)
def test_real_reports(real_reports: Path, name: str) -> None:
    found = identify((real_reports / name).read_text(encoding="utf-8"), {})
    issuer = resolve_issuer(found.issuer, found.evidence, year=found.year, report_id="0" * 16)
    assert (issuer.name, found.year, found.scope) == REPORTS[name]
