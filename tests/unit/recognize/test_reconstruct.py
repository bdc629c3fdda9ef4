"""Rows whose cells have run together: cut apart where one reading is left, and only there."""

import random
from decimal import Decimal

from pipeline.catalogue.load import load_catalogue
from pipeline.readers.text import read_text
from pipeline.recognize.cuts import cuts_of
from pipeline.recognize.tables import recognize_tables
from pipeline.report import Fact
from tests.documents import dump
from tests.documents.made import Truth, make_report, with_cell

CATALOGUE = load_catalogue()
HEAD = "三、收到和处理（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）申请人情况自然人法人或其他组织总计商业企业科研机构社会公益组织法律服务机构其他"
ZEROS = "（三）不予公开1.属于国家秘密00000002.其他法律行政法规禁止公开00000003.危及“三安全一稳定”0000000"
SUM = ("requests.applicant_sum",)


def _facts(text: str) -> dict[tuple[str, str], Fact]:
    reading = recognize_tables(read_text(text.encode(), "x.txt", CATALOGUE), CATALOGUE)
    return {(fact.row_code, fact.column_code): fact for fact in reading.facts}


def _row(text: str, row: str) -> list[Decimal | None]:
    return [fact.value for (code, _), fact in _facts(text).items() if code == row]


def test_a_blank_always_parts_and_a_number_never_begins_with_0() -> None:
    assert set(cuts_of("120", 2)) == {(1, 20), (12, 0)}
    assert set(cuts_of("1 20", 2)) == {(1, 20)}
    assert set(cuts_of("100", 3)) == {(1, 0, 0)}
    assert set(cuts_of("00", 1)) == set()


def test_the_sum_of_a_row_leaves_one_cut() -> None:
    text = f"{HEAD}一、本年新收政府信息公开申请数量640020470{ZEROS}"
    assert _row(text, "new_received") == [Decimal(n) for n in (64, 0, 0, 2, 0, 4, 70)]
    fact = _facts(text)["new_received", "total"]
    assert (fact.status, fact.raw_text, fact.rules_used) == ("reconstructed", "640020470", SUM)


def test_rows_of_zeros_need_no_rule() -> None:
    fact = _facts(f"{HEAD}一、本年新收政府信息公开申请数量640020470{ZEROS}")["denied_state_secret", "total"]
    assert (fact.status, fact.value, fact.rules_used) == ("reconstructed", 0, ())


def test_a_row_that_no_cut_adds_up_for_stays_unread() -> None:
    text = f"{HEAD}一、本年新收政府信息公开申请数量5000006二、上年结转政府信息公开申请数量640020471{ZEROS}"
    assert _row(text, "new_received") == [None] * 7
    assert _row(text, "carried_over_in") == [None] * 7


def test_where_zeros_are_not_printed_a_blank_cell_is_lost_and_nothing_is_cut() -> None:
    """12 with six blank cells and 12 runs together as 1212; whoever leaves cells blank may have left any blank."""
    few = ZEROS.replace("禁止公开0000000", "禁止公开00")
    assert _row(f"{HEAD}一、本年新收政府信息公开申请数量640020470{few}", "new_received") == [None] * 7
    none = f"{HEAD}一、本年新收政府信息公开申请数量640020470二、上年结转政府信息公开申请数量5000005"
    assert _row(none, "new_received") == [None] * 7


def test_section_4_is_cut_by_its_three_sums() -> None:
    head = (
        "四、行政复议、行政诉讼情况行政复议行政诉讼结果维持结果纠正其他结果尚未审结总计未经复议直接起诉复议后起诉"
        + "结果维持结果纠正其他结果尚未审结总计" * 2
    )
    assert _row(f"{head}10203120001200000五、存在的问题", "litigation_direct") == [
        Decimal(n) for n in (12, 0, 0, 0, 12)
    ]
    assert _facts(f"{head}10203120001200000五、存在")["review", "total"].rules_used == ("disputes.channel_sum",)
    assert _row(f"{head}10204120001200000五、存在的问题", "review") == [None] * 5
    assert _row(f"{head}111113111113111113五、存在的问题", "review") == [None] * 5


def test_section_2_is_not_guessed() -> None:
    text = "第二十条第（一）项信息内容本年制发件数本年废止件数现行有效件数规章 000行政规范性文件693665第二十条第（五）项信息内容本年处理决定数量行政许可2293"
    assert _row(text, "normative_documents") == [None] * 3
    assert _row(text, "regulations") == [Decimal(0)] * 3
    assert _row(text, "licensing") == [Decimal(2293)]


def test_made_dumps_come_back_and_planted_faults_seldom_pass_for_something_else() -> None:
    """A fault may leave one wrong cut that adds up by chance; how seldom is held here, not that it never happens."""
    wrong = cells = 0
    for seed in range(30):
        rng = random.Random(f"glued {seed}")
        report = make_report(rng, CATALOGUE, rng.choice(("2019", "2021")), "plain")
        if seed % 2:
            key = rng.choice([key for key, truth in report.truth.items() if key[0] == "requests" and truth.value])
            value = (report.truth[key].value or Decimal(0)) + rng.randint(1, 9)
            report = with_cell(report, key, str(value), Truth(value, "reported"), CATALOGUE)
        text = dump.render(report, "glued", rng)
        for fact in recognize_tables(read_text(text, "x.txt", CATALOGUE), CATALOGUE).facts:
            if fact.value is not None:
                cells += 1
                wrong += fact.value != report.truth[fact.fact_table, fact.row_code, fact.column_code].value
    assert cells > 4500
    assert wrong <= 2


def _local(rows: str) -> dict[tuple[str, str], Fact]:
    text = (
        "青禾县2013年政府信息公开工作年度报告 附件：青禾县2013年政府信息公开情况统计表 指标名称计量单位2013年度历年累计"
        f"主动公开信息数条4125395其中：1.网站公开条390501受理依申请公开信息总数条728其中：{rows}对申请的答复总数条324"
        "其中：1.同意公开答复数条2192.同意部分公开答复数条133.否决公开答复数条02行政复议数条00行政诉讼数条00行政申诉数条00"
    )
    return _facts(text)


def test_a_row_of_statistics_with_as_many_digits_as_cells_has_one_cut_where_zeros_are_printed() -> None:
    facts = _local(
        "1.当面申请数条0182.传真申请数条003.电子邮件申请数条364.网上申请数条445.信函申请数条006.其它形式申请数条00"
    )
    assert [facts["requests_online", c].value for c in ("year", "cumulative")] == [4, 4]
    assert [facts["requests_by_email", c].value for c in ("year", "cumulative")] == [3, 6]
    assert facts["requests_online", "year"].status == "reconstructed"
    assert facts["requests_received", "year"].status == "unreadable"


def test_a_short_row_shows_that_cells_are_left_blank_and_proves_nothing() -> None:
    facts = _local(
        "1.当面申请数条0182.传真申请数条003.电子邮件申请数条364.网上申请数条445.信函申请数条06.其它形式申请数条00"
    )
    assert facts["requests_online", "year"].value is None
