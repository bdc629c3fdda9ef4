"""Labels as printed, taken apart: the bare text, the ordinal before it, the remarks behind it."""

import random
from difflib import SequenceMatcher

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.recognize.labels import UNLIKE, Ordinal, PrintedLabel, column_index, likeness, row_index, split_label

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("printed", "core", "ordinal"),
    [
        ("一、本年新收政府信息公开申请数量", "本年新收政府信息公开申请数量", Ordinal(1, 1)),
        ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "部分公开", Ordinal(2, 2)),
        ("三（七）总计", "总计", Ordinal(2, 7)),
        ("其中：1、网站公开", "网站公开", Ordinal(3, 1)),
        ("其中:(1)“信息不存在”数", "信息不存在数", Ordinal(3, 1)),
        ("１． 属于国家秘密", "属于国家秘密", Ordinal(3, 1)),
        ("②传真申请数", "传真申请数", Ordinal(3, 2)),
        ("第二十条  第（一）项", "第二十条第一项", None),
        ("本年新\n制作数量", "本年新制作数量", None),
        ("統 計 指 標", "统计指标", None),
        ("規章(設區的市、自治州人民政府應提供相關數據)", "规章", None),
        ("本年收费金额（单位：万元）", "本年收费金额", None),
        ("（本列数据的勾稽关系为：第一项加第二项之和）", "本列数据的勾稽关系为第一项加第二项之和", None),
        ("**一是**", "一是", None),
    ],
)
def test_takes_a_label_apart(printed: str, core: str, ordinal: Ordinal | None) -> None:
    label = split_label(printed)
    assert (label.core, label.ordinal) == (core, ordinal)


def test_keeps_remarks_as_evidence() -> None:
    assert split_label("采购总金额（单位：元）").remarks == ("单位:元",)


def test_every_declared_label_finds_its_own_row_or_column() -> None:
    for form in CATALOGUE.forms.values():
        for table in form.tables.values():
            for index in (row_index(CATALOGUE, table), column_index(CATALOGUE, table)):
                for position, axis in enumerate(index.axes):
                    for label in axis.labels:
                        assert position in index.exact[split_label(label).core], (form.code, table.fact_table, label)


def test_a_damaged_label_is_likest_to_its_own_row() -> None:
    index = row_index(CATALOGUE, CATALOGUE.forms["2019"].tables["requests"])
    damaged = split_label("2.其他法律行政止公开").core
    alike = sorted(
        ((likeness(damaged, index.labels[at]), axis.code) for at, axis in enumerate(index.axes)), reverse=True
    )
    assert alike[0][1] == "denied_prohibited_by_law"
    assert alike[0][0] - alike[1][0] > 0.2


def test_likeness_is_exact_where_it_may_decide() -> None:
    rng = random.Random(5)
    exact = 0
    for _ in range(3000):
        core, label = ("".join(rng.choices("公开信息件数", k=rng.randint(0, 8))) for _ in range(2))
        said = likeness(core, [PrintedLabel(label, None, ())])
        true = SequenceMatcher(None, core, label, autojunk=False).ratio()
        assert said == true or true <= said < UNLIKE
        exact += said == true >= UNLIKE
    assert exact > 100
