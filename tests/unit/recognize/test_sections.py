"""Where chapters begin. Texts are invented; their layouts are those of pages, Word files and text dumps."""

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Cell, Document, Paragraph, Table, UnreadableFile
from pipeline.recognize.sections import split_sections
from pipeline.report import Section


def split(*lines: str, table_blocks: set[int] | None = None) -> tuple[Section, ...]:
    document = Document("text/plain", tuple(Paragraph(line) for line in lines))
    return split_sections(document, table_blocks or set(), load_catalogue())


def outline(sections: tuple[Section, ...]) -> list[tuple[int, str]]:
    return [(section.section_no, section.heading) for section in sections]


SIX = [
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
]


def test_six_chapters_and_what_stands_before_them() -> None:
    lines = ["某县2021年政府信息公开工作年度报告", "前言。"]
    for heading in SIX:
        lines += [heading, f"{heading[2:]}正文。", "（一）小节", "一是加强领导。"]
    sections = split(*lines)
    assert outline(sections) == [(0, ""), *enumerate(SIX, start=1)]
    assert sections[0].text == "某县2021年政府信息公开工作年度报告\n前言。"
    assert sections[6].text == "其他需要报告的事项正文。\n（一）小节\n一是加强领导。"


def test_all_on_one_line() -> None:
    text = "全文包括总体情况等。 一、总体情况 2021年,我办工作平稳。 (一)主动公开 公开3条。 二、主动公开政府信息情况"
    assert outline(
        split(
            text,
            "三、收到和处理政府信息公开申请情况",
            "五、存在的主要问题及改进措施 (一)存在的问题 2021年,有差距。 六、其他需要报告的事项 无。",
        )
    ) == [
        (0, ""),
        (1, "一、总体情况"),
        (2, "二、主动公开政府信息情况"),
        (3, "三、收到和处理政府信息公开申请情况"),
        (5, "五、存在的主要问题及改进措施"),
        (6, "六、其他需要报告的事项"),
    ]


def test_headings_glued_to_their_text() -> None:
    text = "公开856条[…]二、主动公开政府信息情况 第二十条[…]三、政府信息依申请公开工作情况2013年全县共收到7条。[…]六、其他需要报告的事项无其他需要报告的事项"
    sections = split(text)
    assert outline(sections)[1:] == [
        (2, "二、主动公开政府信息情况"),
        (3, "三、政府信息依申请公开工作情况"),
        (6, "六、其他需要报告的事项"),
    ]
    assert sections[2].text == "2013年全县共收到7条。[…]"
    assert sections[3].text == "无其他需要报告的事项"


def test_rows_of_a_table_are_no_chapters() -> None:
    rows = [
        "一、本年新收政府信息公开申请数量\t0",
        "二、上年结转政府信息公开申请数量\t0",
        "三、本年度办理结果",
        "四、结转下年度继续办理\t0",
    ]
    assert outline(
        split(
            "一、总体情况",
            "平稳。",
            "三、收到和处理政府信息公开申请情况",
            *rows,
            "四、政府信息公开行政复议、行政诉讼情况",
        )
    ) == [
        (1, "一、总体情况"),
        (3, "三、收到和处理政府信息公开申请情况"),
        (4, "四、政府信息公开行政复议、行政诉讼情况"),
    ]


def test_rows_of_a_statistics_table_are_no_chapters() -> None:
    chapters = [
        "一、概述",
        "二、主动公开政府信息情况",
        "三、依申请公开政府信息和不予公开政府信息情况",
        "四、政府信息公开的收费及减免情况",
    ]
    rows = [
        "一、主动公开情况————",
        "四、行政复议数量0",
        "五、行政诉讼数量0",
        "七、依申请公开信息收取的费用万元0",
        "八、机构建设和保障经费情况————",
    ]
    assert [heading for _, heading in outline(split(*chapters, *rows))] == chapters


def test_such_a_label_is_a_chapter_where_nothing_else_is() -> None:
    assert outline(split("一、主动公开情况", "全年公开政府信息12条。", "二、依申请公开情况", "无。"))[0] == (
        1,
        "一、主动公开情况",
    )


def test_an_enumeration_inside_a_chapter_gives_way() -> None:
    lines = [
        "一、总体情况",
        "一、加强组织领导",
        "二、完善制度",
        "三、强化培训",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
    ]
    assert [heading for _, heading in outline(split(*lines))] == [lines[0], lines[4], lines[5]]


def test_a_list_of_contents_gives_way() -> None:
    sections = split(*SIX, *[line for heading in SIX for line in (heading, "正文。")])
    assert outline(sections)[1:] == list(enumerate(SIX, start=1))
    assert all(section.text == "正文。" for section in sections[1:])


def test_a_number_printed_twice_is_counted_on() -> None:
    lines = ["一、总体情况", "一、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
    assert outline(split(*lines)) == [(1, lines[0]), (2, lines[1]), (3, lines[2])]


def test_headings_that_lost_their_number() -> None:
    assert [
        n
        for n, _ in outline(
            split("总体情况", "平稳。", "主动公开政府信息情况", "收到和处理政府信息公开申请情况", "无。")
        )
    ] == [1, 2, 3]


def test_traditional_characters_stay_as_printed() -> None:
    assert outline(split("一、總體情況", "平穩。", "二、主動公開政府信息情況")) == [
        (1, "一、總體情況"),
        (2, "二、主動公開政府信息情況"),
    ]


def test_tables_are_no_prose_unless_they_only_lay_out() -> None:
    data = Table((Cell(1, 1, "规章"), Cell(1, 2, "3")))
    layout = Table((Cell(1, 1, "发布机构"), Cell(1, 2, "某局"), Cell(2, 1, "文号"), Cell(2, 2, "")))
    blocks = (layout, Paragraph("一、总体情况"), Paragraph("平稳。"), data, Paragraph("二、主动公开政府信息情况"), data)
    sections = split_sections(Document("text/html", blocks), {3, 5}, load_catalogue())
    assert [section.text for section in sections] == ["发布机构\t某局\n文号", "平稳。", ""]


@pytest.mark.parametrize(
    "lines",
    [
        ["四、政府信息公开行政复议、行政诉讼情况", "0 0 0"],
        ["某市政府信息公开情况统计表", "指标 数"],
        ["一、收到申请情况", "收到3件。"],
    ],
)
def test_a_fragment_is_a_report(lines: list[str]) -> None:
    assert split(*lines)


def test_a_recognised_table_makes_a_report() -> None:
    table = Table((Cell(1, 1, "规章"), Cell(1, 2, "3")))
    assert split_sections(Document("text/html", (table,)), {0}, load_catalogue()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "第一章\n山雨欲来，他推开了窗。\n二、三年过去了。",
        "一、总体情况\n本公司全年营业收入增长。\n二、存在问题\n成本偏高。",
        "图一 庆典现场",
        "关于做好2019年政府信息公开工作年度报告编制发布工作的通知\n各科室：\n请于月底前报送。",
        "asdf qwer 1234",
    ],
    ids=["novel", "company report", "caption", "notice about reports", "noise"],
)
def test_what_is_no_report(text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^not a report: no section heading found$"):
        split(*text.split("\n"))
