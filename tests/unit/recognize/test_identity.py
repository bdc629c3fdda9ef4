"""What a report is, of whom, for when: one case for each way in which pages and files say it. Prose and details are invented."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Document, Paragraph, UnreadableFile
from pipeline.recognize.identity import Identity, read_identity
from pipeline.recognize.sections import split_sections

SIX = "一、总体情况\n{first}\n二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况\n六、其他需要报告的事项\n{last}"


def identify(text: str, **meta: str) -> Identity:
    document = Document("text/plain", tuple(Paragraph(line) for line in text.split("\n")), meta)
    return read_identity(document, split_sections(document, set(), load_catalogue()))


def page(head: str, first: str = "工作平稳。", last: str = "无。") -> str:
    return f"{head}\n{SIX.format(first=first, last=last)}"


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    issuer: str | None
    year: int
    published_on: date | None = None
    signed_on: date | None = None
    scope: str | None = None
    title: str | None = None
    meta: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("title on one line", page("文成县人民政府2019年政府信息公开工作年度报告"), "文成县人民政府", 2019),
    Case(
        "title on two lines, signed",
        page("文成县人民政府\n2019年政府信息公开工作年度报告", last="无。\n文成县人民政府\n    2020年2月19日"),
        "文成县人民政府",
        2019,
        signed_on=date(2020, 2, 19),
        title="文成县人民政府2019年政府信息公开工作年度报告",
    ),
    Case(
        "title broken inside a word",
        page("永安市大湖镇人民政府2023年度政府\n信息公开工作年度报告"),
        "永安市大湖镇人民政府",
        2023,
        scope="own",
    ),
    Case(
        "spaces of a layout",
        page("永安市大湖镇人民政府 2019 年政府信息公开工作 年度报告"),
        "永安市大湖镇人民政府",
        2019,
    ),
    Case("year before the name", page("2018年龙泉市政府信息公开年度报告"), "龙泉市", 2018),
    Case("year inside the topic", page("靖远县人民政府信息公开工作2019年度报告"), "靖远县人民政府", 2019),
    Case(
        "Chinese year, traditional characters",
        page("興國縣良村鎮二○二四年政府信息公開工作年度報告"),
        "興國縣良村鎮",
        2024,
        scope="own",
    ),
    Case(
        "path of headings and page keys",
        page(
            "当前位置: 首页 > 政务公开 > 政府信息公开年报\n木塔乡人民政府2024年政府信息公开工作年度报告\n"
            "来源:木塔乡人民政府 发布时间: 2025-01-20 10:00\n[字体:]"
        ),
        "木塔乡人民政府",
        2024,
        published_on=date(2025, 1, 20),
        scope="own",
    ),
    Case(
        "keys without colons, spread by the layout",
        page(
            "索 引 号 01606072-9/2021-01 发布机构 市政府办\n公开目录 年度报告 发 布 日 期 2021-02-20 09:00\n"
            "名  称 山阳县人民政府2020年政府信息公开工作年度报告\n山阳县人民政府2020年政府信息公开工作年度报告"
        ),
        "山阳县人民政府",
        2020,
        published_on=date(2021, 2, 20),
    ),
    Case(
        "a table of meta data before the text",
        page(
            "索引号 | 3212/2018-35 | 分类 | 综合政务 |\n发布机构 | 泰州市政府 | 发文日期 | 2018-02-28 |\n现公布泰州市人民政府2017年政府信息公开工作年度报告。"
        ),
        "泰州市人民政府",
        2017,
        published_on=date(2018, 2, 28),
    ),
    Case(
        "header lines of a text dump",
        "标题: 平潭综合实验区2013年政府信息公开工作年度报告\n发布时间: 2014-01-10 00:00\n发布机构: 平潭综合实验区管委会办公室\n"
        "=== 正文 ===\n当前位置： 首页政务公开政府信息公开年报 平潭综合实验区2013年政府信息公开工作年度报告 来源：管委会 "
        "[…] 三、政府信息依申请公开工作情况 2013年全区未收到申请。 二○一四年一月十日 平潭综合实验区政府信息公开情况统计表",
        "平潭综合实验区",
        2013,
        published_on=date(2014, 1, 10),
        signed_on=date(2014, 1, 10),
    ),
    Case(
        "the page's own title is a path, the text's is not",
        page("定西市公共资源交易中心2020年政府信息公开工作的年度报告"),
        "定西市公共资源交易中心",
        2020,
        meta={"title": "> 政务公开 > 部门信息公开 > 政府信息公开年报"},
    ),
    Case(
        "no title: announced",
        page("根据有关规定，现公布区统计局2023年政府信息公开工作年度报告。"),
        "区统计局",
        2023,
        scope="own",
    ),
    Case(
        "no title: announced with the year first",
        page("特向社会公布2020年开平市农业农村局政府信息公开工作年度报告。"),
        "开平市农业农村局",
        2020,
        scope="own",
    ),
    Case(
        "no title: the first sentence is about the report",
        page("资阳市同城化发展工作局2022年政府信息公开工作年度报告(以下简称年报)是根据规定编制。"),
        "资阳市同城化发展工作局",
        2022,
    ),
    Case(
        "no title: compiled by, with a note in brackets",
        page("本年报由江干区行政审批服务管理办公室(公共资源交易管理委员会办公室)编制。统计期限自2017年1月1日起。"),
        "江干区行政审批服务管理办公室",
        2017,
    ),
    Case(
        "compiled by the leading group's office of a city",
        page(
            "本报告由南平市人民政府信息公开工作领导小组办公室根据规定，汇总各县各部门情况编制而成。统计时限自2012年1月1日至2012年12月31日。"
        ),
        "南平市人民政府",
        2012,
        scope="aggregate",
    ),
    Case(
        "no title: a first line that is a body",
        page("浑南区国资局\n统计期限自2022年1月1日起至2022年12月31日止。"),
        "浑南区国资局",
        2022,
    ),
    Case(
        "no title: contact",
        page(
            "本报告所列数据的统计期限自2020年1月1日起至2020年12月31日止。如有疑问请与郎溪县统计局办公室联系(地址:某路1号)。"
        ),
        "郎溪县统计局办公室",
        2020,
    ),
    Case("damaged period, no 年", page("甲县本报告中使用数据统计期限为20241月1日至12月31日。"), None, 2024),
    Case("damaged period, digits doubled", page("本报告统计期限自2020年1月1日起至202020年12月31日止。"), None, 2020),
    Case(
        "year only in a heading", "一、2021年政府信息公开总体情况\n平稳。\n二、主动公开政府信息情况\n无。", None, 2021
    ),
    Case(
        "year only in sentences",
        page("", first="2022年，全区共收到申请3件。截至2022年12月31日，办结3件。"),
        None,
        2022,
        scope="aggregate",
    ),
    Case("year only by its date", page("发布日期：2020-02-25"), None, 2019, published_on=date(2020, 2, 25)),
    Case(
        "date alone on its line",
        page("落水镇人民政府2024年度政府信息公开工作年度报告\n• 某市人民政府门户网\n• 2025-02-10 15:59"),
        "落水镇人民政府",
        2024,
        published_on=date(2025, 2, 10),
    ),
    Case(
        "moment before the publisher",
        page("卓尼县人民政府2020年度政府信息公开工作年度报告\n2021-02-09 发布:卓尼县人民政府办公室 点击数:"),
        "卓尼县人民政府",
        2020,
        published_on=date(2021, 2, 9),
    ),
    Case(
        "two dates: the title's bracket is no second year",
        page("甲市政府办公室2008年度政府信息公开工作年度报告（2009年3月）"),
        "甲市政府办公室",
        2008,
        scope="own",
    ),
    Case(
        "an official letter before the report",
        page(
            "贺州市人民政府办公室关于公布\n贺州市2009年度政府信息公开工作年度报告的通知\n各县人民政府：\n现予公布。\n二〇一〇年一月十九日\n"
            "贺州市2009年度政府信息公开工作年度报告"
        ),
        "贺州市",
        2009,
        signed_on=date(2010, 1, 19),
    ),
    Case(
        "what the file says of itself",
        page("统计期限自2021年1月1日起"),
        "乙区教育局",
        2021,
        meta={"issuer": "乙区教育局"},
        scope="own",
    ),
    Case("a website is no issuer", page("来源：乙区政府网站\n统计期限自2021年1月1日起"), None, 2021),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_report_says_of_itself(case: Case) -> None:
    found = identify(case.text, **case.meta)
    assert (found.issuer, found.year, found.published_on, found.signed_on) == (
        case.issuer,
        case.year,
        case.published_on,
        case.signed_on,
    )
    assert case.scope is None or found.scope == case.scope
    assert case.title is None or found.title == case.title


@pytest.mark.parametrize(
    "text",
    [
        page("某局政府信息公开工作年度报告"),
        page("某局政府信息公开工作年度报告\n发布日期：2020-06-13"),
        page("本报告统计期限自2019年1月1日起至2020年12月31日止。"),
        page("某局3019年政府信息公开工作年度报告"),
    ],
    ids=["none", "published in June", "period of two years", "no year of this age"],
)
def test_a_year_that_would_be_guessed_is_none(text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^report year not found$"):
        identify(text)


def test_contradictions_are_kept_as_evidence() -> None:
    found = identify(
        page(
            "甲县人民政府2020年政府信息公开工作年度报告\n发布日期：2021-02-20\n统计期限自2019年1月1日起至2019年12月31日止。"
        )
    )
    assert found.year == 2020
    assert found.evidence["year_from"] == "title"
    assert found.evidence["year_conflict"] == "period 2019"


def test_a_period_left_standing_from_last_year_does_not_count_against_announcement_and_prose() -> None:
    text = page(
        "甲市民生局编制了2021年政府信息公开年度报告。所列数据的统计期限自2020年1月1日起至2020年12月31日止。",
        first="2021年，我局工作平稳。",
    )
    found = identify(text)
    assert (found.issuer, found.year, found.evidence["year_conflict"]) == ("甲市民生局", 2021, "period 2020")


def test_where_a_page_lists_other_reports_the_period_decides() -> None:
    listed = (
        "甲县2021年政府信息公开工作年度报告\n甲县2020年政府信息公开工作年度报告\n甲县2019年政府信息公开工作年度报告\n"
    )
    found = identify(page(f"{listed}本报告统计期限自2020年1月1日起至2020年12月31日止。"))
    assert (found.year, found.title) == (2020, "甲县2020年政府信息公开工作年度报告")
    assert found.evidence["other_titles"].count("|") == 1


def test_a_month_is_not_made_a_day() -> None:
    found = identify(page("甲县2012年政府信息公开工作年度报告", last="无。\n甲县人民政府\n二〇一三年一月"))
    assert found.signed_on is None
    assert found.evidence["signed_month"] == "二〇一三年一月"
    assert found.evidence["signature"] == "甲县人民政府"


def test_a_day_inside_a_sentence_is_no_signature() -> None:
    found = identify(
        page("甲县2020年政府信息公开工作年度报告", last="我县于2020年5月15日\n召开会议，2020年6月1日起施行。")
    )
    assert found.signed_on is None


@pytest.mark.parametrize(
    ("title", "prose", "scope"),
    [
        ("甲市人民政府", "综合各县、区人民政府和市政府各部门的工作报告和有关数据而成。", "aggregate"),
        ("甲市人民政府", "在各区人民政府和市政府各委、办、局的政府信息公开工作年度报告的基础上编制。", "aggregate"),
        ("甲市人民政府", "报告涵盖全市各县、区政府和各工作部门的政府信息公开工作情况。", "aggregate"),
        ("甲县人民政府", "全县共收到政府信息公开申请35件。", "aggregate"),
        ("甲县人民政府", "其中县直各单位主动公开政府信息1397条，占73%。各乡镇主动公开政府信息534条。", "aggregate"),
        ("甲县人民政府", "本报告由甲县政府信息公开工作领导小组编制。", "aggregate"),
        ("甲县人民政府", "我县政府信息公开单位共公布政府信息2599条。", "aggregate"),
        ("甲县人民政府", "本报告对以甲县人民政府及其办公室名义开展的工作进行报告。", "own"),
        ("甲县人民政府", "我县工作平稳，经过梳理汇总，取消85个公众号。", "unknown"),
        ("甲县人民政府", "县政府办代表县政府受理申请12件。各乡镇收到申请3件。", "unknown"),
        ("甲市人民政府办公厅", "全市共收到政府信息公开申请35件。", "own"),
        ("甲县乙镇人民政府", "汇总各村情况编制。", "own"),
        ("丙经济技术开发区管理委员会", "工作平稳。", "unknown"),
    ],
)
def test_scope(title: str, prose: str, scope: str) -> None:
    assert identify(page(f"{title}2020年政府信息公开工作年度报告", first=prose)).scope == scope


def test_an_office_that_only_publishes_the_page_tells_no_scope() -> None:
    found = identify(page("来源：甲区人民政府办公室\n统计期限自2021年1月1日起"))
    assert (found.issuer, found.scope) == ("甲区人民政府办公室", "unknown")
