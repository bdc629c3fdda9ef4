import csv
import re

import pytest

from pipeline.issuers.regions import SUPPLEMENT, load_regions, short_name


def codes_of(name: str) -> set[str]:
    return {code for region in load_regions().by_name.get(name, ()) for code in region.codes}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("龙港市", "330383"),
        ("洪泽区", "320813"),
        ("洪泽县", "320829"),
        ("文成县", "330328"),
        ("浦东新区", "310115"),
        ("仙桃市", "429004"),
        ("神农架林区", "429021"),
        ("海门市", "320684"),
        ("海门区", "320614"),
        ("莱芜市", "371200"),
        ("襄樊市", "420600"),
        ("澎湖县", ""),
    ],
)
def test_present_and_abolished_codes(name: str, code: str) -> None:
    assert codes_of(name) == ({code} if code else set())


def test_years_in_which_a_region_bore_its_name() -> None:
    by_name = load_regions().by_name
    assert [(r.valid_from, r.valid_to) for r in by_name["洪泽县"]] == [(None, 2015)]
    assert [(r.valid_from, r.valid_to) for r in by_name["洪泽区"]] == [(2016, None)]
    assert [(r.valid_from, r.valid_to) for r in by_name["龙港市"]] == [(2019, None)]
    assert [(r.valid_from, r.valid_to) for r in by_name["文成县"]] == [(None, None)]
    assert by_name["龙港市"][0].existed_in(2019) and not by_name["龙港市"][0].existed_in(2018)


def test_a_region_that_only_changed_its_code_or_prefecture_is_one() -> None:
    (jianyang,) = load_regions().by_name["简阳市"]
    assert (jianyang.code, jianyang.prefecture, set(jianyang.codes)) == ("510185", "成都市", {"510185", "512081"})
    assert len(load_regions().by_name["三元区"]) == 1


def test_namesakes_stay_apart() -> None:
    assert {(r.province, r.prefecture) for r in load_regions().by_name["鼓楼区"]} == {
        ("江苏省", "南京市"),
        ("江苏省", "徐州市"),
        ("福建省", "福州市"),
        ("河南省", "开封市"),
    }


def test_where_a_region_lies() -> None:
    table = load_regions()
    wencheng, pudong, xiantao = (table.by_name[name][0] for name in ("文成县", "浦东新区", "仙桃市"))
    assert (wencheng.province, wencheng.prefecture, wencheng.county) == ("浙江省", "温州市", "文成县")
    assert (pudong.province, pudong.prefecture, pudong.county) == ("上海市", None, "浦东新区")
    assert (xiantao.province, xiantao.prefecture) == ("湖北省", None)
    parents = [table.parent(region) for region in (wencheng, pudong, xiantao, table.by_name["浙江省"][0])]
    assert [parent.name if parent else None for parent in parents] == ["温州市", "上海市", "湖北省", None]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("文成县", "文成"),
        ("恩施土家族苗族自治州", "恩施"),
        ("内蒙古自治区", "内蒙古"),
        ("新疆维吾尔自治区", "新疆"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("神农架林区", "神农架"),
        ("浦东新区", "浦东"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


def test_names_are_found_the_longest_at_each_place() -> None:
    found = [name for name, _ in load_regions().mentions("江苏省淮安市洪泽区人民政府与祥云县")]
    assert found == ["江苏省", "淮安市", "洪泽区", "祥云县"]


def test_zones_lie_in_a_region() -> None:
    table = load_regions()
    assert table.zones["平潭综合实验区"] == "350128"
    assert table.zones["苏州工业园区"] == "320500"
    assert table.zone_names["威海市经济技术开发区"] == "威海经济技术开发区"
    assert set(table.zones.values()) <= set(table.by_code)


def test_every_line_of_the_supplement_is_dated_and_sourced() -> None:
    with SUPPLEMENT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100
    for row in rows:
        assert row["level"] in ("region", "zone") and re.fullmatch(r"\d{6}", row["code"]) and row["name"], row
        assert row["source"] and re.fullmatch(r"20\d\d-\d\d-\d\d", row["noted_on"]), row


def test_every_code_has_six_digits_and_one_living_name() -> None:
    living: dict[str, str] = {}
    for region in load_regions().regions:
        assert all(re.fullmatch(r"\d{6}", code) for code in region.codes)
        if region.valid_to is None:
            assert living.setdefault(region.code, region.name) == region.name
    assert 3000 < len(living) < 3400
