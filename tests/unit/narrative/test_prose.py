"""Claims and assertions as they are stored: numbering, places in the text, JSON both ways, and no text that breaks the reader."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalogue.load import load_catalogue
from pipeline.catalogue.words import load_words
from pipeline.narrative.claims import Assertion, Prose
from pipeline.narrative.judge import judge_prose
from pipeline.narrative.prose import read_prose
from pipeline.numbers import parse_number
from pipeline.report import Section

PIECES = [
    "全年", "共", "收到", "受理", "政府信息公开申请", "，", "。", "；", "：", "、", "（", "）", "其中", "包括", "分别为", "35件", "2条", "1.2万余条", "占",
    "12.3%", "予以公开", "不予公开", "行政复议", "行政诉讼", "维持", "未收到", "无", "上年结转", "其他", "等", "\n", "[…]", "- 3 -", "2019年",
    "县本级", "下属单位", "同比增长", "3", "一件", "结转下年度", "“", "”", "《", "》", "(含", ")", "网上申请", "共计", " ",
]  # fmt: skip


def read(*texts: str, scope: str = "unknown", form: str | None = "2021", year: int | None = 2023) -> Prose:
    sections = tuple(Section(number, "", text) for number, text in enumerate(texts))
    return read_prose(sections, scope=scope, form=form, catalogue=load_catalogue(), year=year)  # type: ignore[arg-type]


def test_claims_are_numbered_through_all_sections_in_text_order() -> None:
    prose = read("公开信息3条，发布解读5篇。", "未收到政府信息公开申请。收到投诉2件。")
    assert [(c.claim_no, c.section_no, c.value, c.unit) for c in prose.claims] == [
        (1, 0, 3, "条"), (2, 0, 5, "篇"), (3, 1, 0, ""), (4, 1, 2, "件"),
    ]  # fmt: skip


def test_a_claim_points_to_its_number_and_quotes_its_sentence() -> None:
    text = "前一句。全年收到政府信息公开申请\n１，２３４ 件，均已答复。后一句。"
    (claim,) = read(text).claims
    assert text[claim.char_start : claim.char_end] == "１，２３４"
    assert claim.sentence == "全年收到政府信息公开申请１，２３４ 件，均已答复。"
    assert claim.subject == "全年收到政府信息公开申请"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("其中政策文件30条。", "政策文件"),
        ("收到1份政府信息公开申请。", "政府信息公开申请"),
        ("公开3条，其中动态2条，占66.7%。", "动态占"),
    ],
)
def test_the_subject_is_what_is_counted(text: str, subject: str) -> None:
    assert read(text).claims[-1].subject == subject


def test_the_year_is_taken_from_the_prose_where_it_is_not_given() -> None:
    text = "统计期限自2020年1月1日起至2020年12月31日止。2019年收到政府信息公开申请3件，2020年收到政府信息公开申请5件。"
    assertions = [a for a in read(text, year=None).assertions if a.check_id == "narrative.requests"]
    assert [(a.stated, a.bar) for a in assertions] == [(3, "other_year"), (5, None)]


def test_every_reason_and_message_is_declared() -> None:
    reasons = set(load_words("prose")["reasons"])
    prose = read("公开1.2万条，其中网站5000条，微信8000条，其他10条。全年收到政府信息公开申请约3件。占20%。")
    used = {code for a in prose.assertions for code in (a.bar, a.doubt, a.doubt_over, a.doubt_under) if code}
    assert used and used <= reasons


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    prose = read(text)
    for number, claim in enumerate(prose.claims, start=1):
        assert claim.claim_no == number
        assert 0 <= claim.char_start < claim.char_end <= len(text)
        if claim.unit not in ("", "元", "%"):
            assert parse_number(text[claim.char_start : claim.char_end].replace("余", "")) == claim.value
    for assertion in prose.assertions:
        assert Assertion.from_json(assertion.to_json()) == assertion
        assert assertion.stated == prose.claims[assertion.claim_no - 1].value
    results = judge_prose(prose.assertions, {}, frozenset(), load_catalogue())
    assert len({(r.check_id, r.subject) for r in results}) == len(results)
    assert all((r.message_zh is None) == (r.outcome == "passed") for r in results)


def test_json_keeps_every_digit() -> None:
    prose = read("三公经费4758.5075万元，其中接待4758.5074万元，其他0.0001万元。")
    (assertion,) = (a for a in prose.assertions if a.check_id == "narrative.parts")
    assert Assertion.from_json(assertion.to_json()).readings[0].parts == (Decimal("47585074"), Decimal(1))
