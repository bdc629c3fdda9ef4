"""Which public body a printed issuer is."""

import pytest

from pipeline.issuers.model import Issuer
from pipeline.issuers.resolve import issuer_of_report, resolve_issuer

REPORT = "0123456789abcdef"


def resolve(printed: str | None, evidence: dict[str, str] | None = None, year: int | None = 2020) -> Issuer:
    return resolve_issuer(printed, evidence or {}, year=year, report_id=REPORT)


@pytest.mark.parametrize(
    "names",
    [
        (
            "文成县",
            "文成县人民政府",
            "文成县政府",
            "温州市文成县人民政府",
            "浙江省温州市文成县人民政府",
            "文成县人民政府机关",
        ),
        ("洪泽区人民政府", "淮安市洪泽区人民政府", "淮安洪泽区人民政府", "淮安市洪泽区"),
        ("平潭综合实验区", "平潭综合实验区管委会", "平潭综合实验区管委会办公室", "平潭综合实验区管理委员会"),
        (
            "永安市大湖镇人民政府",
            "永安市大湖镇",
            "三明市永安市大湖镇人民政府",
            "永安市大湖镇党政办公室",
            "永安市大湖镇人民政府党政综合办公室",
        ),
        ("沭阳县发展和改革局", "沭阳县发改局", "沭阳发改局", "沭阳县发展改革局"),
        ("興國縣良村鎮", "兴国县良村镇人民政府"),
        ("渠县渠县行政审批局", "渠县行政审批局"),
        ("郎溪县统计局办公室", "郎溪县统计局"),
        ("恩施州人民政府", "恩施土家族苗族自治州人民政府"),
        ("威海市经济技术开发区管理委员会", "威海经济技术开发区"),
        ("国家发改委", "国家发展和改革委员会", "中华人民共和国国家发展和改革委员会"),
        ("无锡市锡山区厚桥街道办事处", "无锡市锡山区人民政府厚桥街道党政办公室综合科", "无锡市锡山区厚桥街道"),
    ],
    ids=lambda names: names[0],
)
def test_all_names_of_a_body_are_one_issuer(names: tuple[str, ...]) -> None:
    issuers = {name: resolve(name) for name in names}
    assert all(issuer.is_identified for issuer in issuers.values())
    assert len(set(issuers.values())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海市人民政府", "上海市人民政府办公厅"),
        ("龙泉市人民政府", "龙泉市人民政府办公室"),
        ("平潭综合实验区", "平潭县人民政府"),
        ("南京市鼓楼区人民政府", "徐州市鼓楼区人民政府"),
        ("洪泽县人民政府", "洪泽区人民政府"),
        ("宁波市江北区人民政府", "重庆市江北区人民政府"),
    ],
)
def test_bodies_of_their_own(one: str, other: str) -> None:
    assert resolve(one).issuer_id != resolve(other).issuer_id


@pytest.mark.parametrize(
    ("printed", "name", "kind", "code"),
    [
        ("文成县人民政府", "文成县人民政府", "county", "330328"),
        ("洪泽区人民政府", "淮安市洪泽区人民政府", "county", "320813"),
        ("龙泉市", "龙泉市人民政府", "county", "331181"),
        ("上海市", "上海市人民政府", "province", "310000"),
        ("南平市人民政府", "南平市人民政府", "prefecture", "350700"),
        ("上海市人民政府办公厅", "上海市人民政府办公厅", "department", "310000"),
        ("上海市浦东新区人民政府", "上海市浦东新区人民政府", "county", "310115"),
        ("永安市大湖镇人民政府", "永安市大湖镇人民政府", "township", "350481"),
        ("平潭综合实验区管委会办公室", "平潭综合实验区", "zone", "350128"),
        ("苏州工业园区管委会", "苏州工业园区", "zone", "320500"),
        ("苏州工业园区教育局", "苏州工业园区教育局", "department", "320500"),
        ("威海市文登区信访局", "威海市文登区信访局", "department", "371003"),
        ("定西市公共资源交易中心", "定西市公共资源交易中心", "institution", "621100"),
        ("国家税务总局文成县税务局", "国家税务总局文成县税务局", "department", "330328"),
        ("财政部", "财政部", "central", None),
        ("杨凌示范区审计局", "杨凌农业高新技术产业示范区审计局", "department", "610403"),
        ("大同市城区人民政府", "大同市城区人民政府", "county", "140202"),
        ("南宁经济技术开发区管理委员会", "南宁市经济技术开发区", "zone", "450100"),
        ("中共温州市委办公室", "中共温州市委办公室", "department", "330300"),
    ],
)
def test_name_kind_and_region(printed: str, name: str, kind: str, code: str | None) -> None:
    issuer = resolve(printed)
    assert (issuer.name, issuer.kind, issuer.region_code, issuer.problem) == (name, kind, code, None)


def test_parents() -> None:
    county, prefecture, province = (resolve(name) for name in ("文成县人民政府", "温州市人民政府", "浙江省人民政府"))
    assert (county.parent_id, prefecture.parent_id, province.parent_id) == (
        prefecture.issuer_id,
        province.issuer_id,
        None,
    )
    for below in ("文成县大峃镇人民政府", "文成县教育局", "文成县人民政府办公室"):
        assert resolve(below).parent_id == county.issuer_id
    assert resolve("国家税务总局文成县税务局").parent_id == resolve("国家税务总局").issuer_id
    assert resolve("苏州工业园区教育局").parent_id == resolve("苏州工业园区").issuer_id
    assert resolve("浦东新区人民政府").parent_id == resolve("上海市人民政府").issuer_id


def test_aliases_are_names_that_lead_back() -> None:
    for printed in (
        "文成县人民政府",
        "洪泽区人民政府",
        "永安市大湖镇人民政府",
        "平潭综合实验区",
        "上海市浦东新区人民政府",
        "沭阳县发改局",
    ):
        issuer = resolve(printed)
        assert issuer.name not in issuer.aliases
        assert {resolve(alias, {"preamble": issuer.province or ""}).issuer_id for alias in issuer.aliases} <= {
            issuer.issuer_id
        }


@pytest.mark.parametrize(
    ("printed", "evidence", "name"),
    [
        ("鼓楼区人民政府", {"address": "开封市鼓楼区某街1号"}, "开封市鼓楼区人民政府"),
        ("鼓楼区人民政府", {"breadcrumb": "首页 > 江苏省 > 徐州 > 年报"}, "徐州市鼓楼区人民政府"),
        (
            "鼓楼区人民政府",
            {"host": "www.njgl.gov.cn", "contact": "南京市鼓楼区人民政府办公室"},
            "南京市鼓楼区人民政府",
        ),
        ("拖市镇", {"host": "www.tianmen.gov.cn"}, "天门市拖市镇人民政府"),
        ("螺洋街道", {"host": "www.luqiao.gov.cn"}, "台州市路桥区螺洋街道办事处"),
        ("市行政审批局", {"preamble": "认真贯彻达州市和万源市要求", "host": "wanyuan.gov.cn"}, "万源市行政审批局"),
        ("市统计局", {"address": "温州市鹿城区某路2号"}, "温州市统计局"),
        ("区政府国资局", {"first_line": "浑南区国资局"}, "沈阳市浑南区国资局"),
        ("区人民政府办公室", {"title": "福州市晋安区2016年政府信息公开工作年度报告"}, "福州市晋安区人民政府办公室"),
        ("统计局", {"host": "www.wencheng.gov.cn"}, "文成县统计局"),
        ("大峃镇人民政府", {"address": "文成县大峃镇某街"}, "文成县大峃镇人民政府"),
    ],
)
def test_evidence_decides_between_regions(printed: str, evidence: dict[str, str], name: str) -> None:
    assert resolve(printed, evidence).name == name


@pytest.mark.parametrize(
    ("printed", "evidence"),
    [
        (None, {}),
        ("", {"host": "www.wencheng.gov.cn"}),
        ("鼓楼区人民政府", {}),
        ("鼓楼区人民政府", {"host": "www.gulou.gov.cn"}),
        ("鼓楼区人民政府", {"address": "南京市某路", "host": "www.kaifeng.gov.cn"}),
        ("区统计局", {}),
        ("大五里镇", {"host": "www.qianan.gov.cn"}),
        ("拖市镇", {"host": "www.tianmen.com"}),
        ("统计局", {"address": "温州市鹿城区某路2号"}),
        ("永安镇人民政府", {}),
        ("高新区社会发展局", {}),
        ("城区人民政府", {}),
        ("结合我局", {}),
        ("2020", {}),
    ],
)
def test_what_evidence_leaves_open_is_not_identified(printed: str | None, evidence: dict[str, str]) -> None:
    issuer = resolve(printed, evidence)
    assert issuer.issuer_id == "u0123456789ab"
    assert issuer.problem and "\n" not in issuer.problem
    assert (issuer.region_code, issuer.parent_id) == (None, None)
    assert issuer.name == (printed or "未署名")


def test_the_kind_is_known_even_where_the_region_is_not() -> None:
    assert [resolve(name).kind for name in ("区统计局", "大五里镇", "鼓楼区人民政府", "某中心")] == [
        "department",
        "township",
        "county",
        "institution",
    ]


def test_two_reports_of_unidentified_bodies_share_nothing() -> None:
    ids = {resolve_issuer("区统计局", {}, year=2020, report_id=report).issuer_id for report in ("a" * 16, "b" * 16)}
    assert len(ids) == 2


def test_the_year_tells_namesakes_of_different_times_apart() -> None:
    assert resolve("江北区人民政府", year=2026).name == "宁波市江北区人民政府"
    assert not resolve("江北区人民政府", year=2020).is_identified


def test_identifiers_do_not_change() -> None:
    """These are in published data: a change needs a migration."""
    assert resolve("文成县").issuer_id == "ie18101fca081"
    assert resolve("平潭综合实验区").issuer_id == "ie49589933981"


def test_a_report_row_is_enough() -> None:
    row = {"issuer": "文成县", "evidence": {}, "year": 2019, "report_id": REPORT, "title": None}
    assert issuer_of_report(row) == resolve("文成县", year=2019)
