"""Numbers in running text: what is found, what it is worth, what is left out."""

from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.narrative.numerals import Mention, find_mentions
from pipeline.plain_text import to_plain


def found(text: str) -> list[Mention]:
    return [m for m in find_mentions(to_plain(text), load_catalogue()) if m.kind != "bare"]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("收到申请２５件", "25", "件"),
        ("公开信息1,474条", "1474", "条"),
        ("公开信息 1，474 条", "1474", "条"),
        ("公开信息1.2万条", "12000", "条"),
        ("访问50万人次", "500000", "人次"),
        ("办理135件(次)", "135", "件(次)"),
        ("采购4758.5075万元", "47585075", "元"),
        ("成交127.33亿元", "12733000000", "元"),
        ("占53.4%", "53.4", "%"),
        ("占５３．４％", "53.4", "%"),
        ("百分之九十五点五", "95.5", "%"),
        ("召开十二次会议", "12", "次"),
        ("发生一件行政复议案件", "1", "件"),
        ("引发一起行政诉讼", "1", "起"),
        ("APP1个", "1", "个"),
        ("受理0件", "0", "件"),
        ("公開信息175條", "175", "条"),
    ],
)
def test_a_number_has_its_value_and_counter(text: str, value: str, unit: str) -> None:
    (mention,) = found(text)
    assert (mention.value, mention.unit) == (Decimal(value), unit)
    assert not mention.is_approximate


@pytest.mark.parametrize(
    "text",
    [
        "约50条",
        "近50条",
        "50余条",
        "50多条",
        "1.2万余条",
        "50条以上",
        "50条左右",
        "超过50条",
        "3至5件",
        "10-20条",
        "至少50条",
        "约百分之五",
    ],
)
def test_wording_makes_a_number_approximate(text: str) -> None:
    assert found(text)[-1].is_approximate


@pytest.mark.parametrize(
    "text",
    [
        "2019年1月1日", "〔2019〕60号", "第711号", "第20条", "第二十条", "电话0577-59016220", "邮编325300", "007号3楼", "20个工作日",
        "12个百分点", "最多跑一次", "一件事", "每一件", "统一", "一起参加", "数十件", "上百条", "几十次", "F2V", "V2.0", "12345热线",
        "2019条例", "2022本级", "采购39项目", "三类内部事务信息", "十九届四中全会", "3.5件", "“两微一端”", "《第2批目录12条》", "一一答复",
    ],
)  # fmt: skip
def test_what_is_no_count_is_no_mention(text: str) -> None:
    assert found(text) == []


def test_a_number_given_in_ten_thousands_keeps_the_size_of_its_last_digit() -> None:
    assert [m.step for m in found("公开1.2万条，办理3万件，收到12条")] == [1000, 10000, 1]


def test_a_number_without_a_counter_is_kept_for_lists_only() -> None:
    (bare,) = (m for m in find_mentions("意见征集3、预算栏1条", load_catalogue()) if m.kind == "bare")
    assert bare.value == 3
