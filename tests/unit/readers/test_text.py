"""Text dumps: decoding, where tables begin and end, how rows are cut in every layout that extractors leave."""

from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import BOUNDARIES_LOST, Document, Paragraph, Table, UnreadableFile
from pipeline.readers.text import decode, read_text
from pipeline.recognize.tables import TablesReading, recognize_tables
from pipeline.report import Fact

CATALOGUE = load_catalogue()


def _document(text: str) -> Document:
    return read_text(text.encode(), "x.txt", CATALOGUE)


def _read(text: str) -> TablesReading:
    return recognize_tables(_document(text), CATALOGUE)


def _fact(reading: TablesReading, row: str, column: str) -> Fact:
    return next(fact for fact in reading.facts if (fact.row_code, fact.column_code) == (row, column))


def _row(reading: TablesReading, row: str) -> list[Decimal | str]:
    """Return a row of facts: values, and the status where there is none."""
    facts = [fact for fact in reading.facts if fact.row_code == row]
    return [fact.value if fact.value is not None else fact.status for fact in facts]


def _rows(document: Document) -> list[list[str]]:
    rows: dict[tuple[int, int], list[str]] = {}
    for number, block in enumerate(document.blocks):
        if isinstance(block, Table):
            for cell in block.cells:
                rows.setdefault((number, cell.row), []).append(cell.text)
    return list(rows.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_reads_the_encodings_that_dumps_come_in(encoding: str) -> None:
    text = "二、主动公开政府信息情况"
    assert decode(text.encode(encoding))[0] == text


def test_a_few_damaged_characters_do_not_cost_the_file_nor_pass_for_numbers() -> None:
    text = "第二十条第（五）项\t\n信息内容\t本年处理决定数量\n行政许可\t1X4\n第二十条第（六）项\t\n信息内容\t本年处理决定数量\n行政处罚\t7\n"
    for encoding in ("utf-8", "gb18030"):
        content = text.encode(encoding).replace(b"X", b"\xff")
        document = read_text(content, "x.txt", CATALOGUE)
        reading = recognize_tables(document, CATALOGUE)
        assert document.notes == (f"read as {encoding} with 1 damaged characters",)
        assert _fact(reading, "licensing", "decisions").status == "unreadable"
        assert _fact(reading, "penalties", "decisions").value == Decimal(7)


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xff\xff\xff\xff", b"\0\1\2", b"\xfe\xff\xd8"])
def test_refuses_what_is_no_text(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_text(content, "x.txt", CATALOGUE)


def test_prose_stays_in_paragraphs_around_the_tables() -> None:
    document = _document(
        "一、总体情况\r\n本年平稳。\r\n二、主动公开\n第二十条第（五）项\n信息内容\n本年处理决定数量\n行政许可\n5\n三、申请\n无。"
    )
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == [
        "一、总体情况", "本年平稳。", "二、主动公开", "三、申请", "无。",
    ]  # fmt: skip
    assert _rows(document) == [["第二十条第（五）项"], ["信息内容", "本年处理决定数量"], ["行政许可", "5"]]


def test_form_feeds_count_pages() -> None:
    pages = [b.page for b in _document("第一页\n\f第二页\n\f第三页").blocks if isinstance(b, Paragraph)]
    assert pages == [1, 2, 3]


PROSE = [
    "全年办理行政许可30件、行政处罚12件、行政强制1件。",
    "本年新收政府信息公开申请数量5件，上年结转政府信息公开申请数量0件。其中予以公开3件，部分公开1件，不予公开1件。",
    "引发行政复议2件，结果维持1件，尚未审结1件；行政诉讼0件。",
    "主动公开政府信息数100条，其中：政府网站公开政府信息数60条。收到申请数3件，当面申请数1件，网络申请数2件。",
    "附件：政府信息公开情况统计表（略）",
]


@pytest.mark.parametrize("prose", PROSE)
def test_sentences_that_name_the_same_things_are_no_table(prose: str) -> None:
    document = _document(f"一、总体情况\n{prose}\n二、下一步打算\n继续努力。")
    assert not any(isinstance(block, Table) for block in document.blocks)


LAYOUTS = {
    "tab before each cell": "\t第二十条第（一）项\n\n\t信息内容\n\t本年新\n制作数量\n\t本年新公开数量\n\t对外公开总数量\n\n\t规章\n\t0\n\t\n\t0\n\n"
    "\t规范性文件\n\t\u3000\u300047\n\t\xa046\n\t345\n\n\t第二十条第（五）项\n\xa0\n\n\t信息内容\n\t上一年项目数量\n\t[bookmark: _GoBack]本年增/减\n"
    "\t处理决定数量\n\n\t行政许可\n\t238\n\t减2\n\t64,535\n\n\n三、申请\n",
    "line a row, tabs": "第二十条第（一）项\t\t\t\n信息内容\t本年新制作数量\t本年新公开数量\t对外公开总数量\n规章\t0\t\t0\n规范性文件\t47\t46\t345\n"
    "第二十条第（五）项\t\t\t\n信息内容\t上一年项目数量\t本年增/减\t处理决定数量\n行政许可\t238\t减2\t64,535\n\n三、申请\n",
    "pipe rows": "第二十条第(一)项 | ||||\n信息内容 | 本年新 | 本年新 | 对外公开总数量 | |\n规章 | 0 | | 0 | |\n规范性文件 | 47 | 46 | 345 | |\n"
    "第二十条第(五)项 | ||||\n信息内容 | 上一年项目数量 | 本年增/减 | 处理决定数量 | |\n行政许可 | 238 | 减2 | 64,535 |\n三、申请\n",
    "leading pipe": "| 第二十条  第(一)项 | |||\n| 信息内容 | 本年新制作数量 | 本年新公开数量 | 对外公开总数量 | \n| 规章 | 0 |  | 0 | \n"
    "| 规范性文件 | 47 | 46 | 345 | \n| 第二十条  第(五)项 | |||\n| 信息内容 | 上一年项目数量 | 本年增/减 | 处理决定数量 | \n| 行政许可 | 238 | 减2 | 64,535 | \n三、申请\n",
    "cell a line, trailing pipes": "第二十条第(一)项 | |||\n信息内容 |\n本年新制作数量 |\n本年新公开数量 |\n对外公开总数量 |\n规章 |\n0 |\n|\n0 |\n"
    "规范性文件 |\n47 |\n46 |\n345 |\n第二十条第(五)项 |\n|||\n信息内容 |\n上一年项目数量 |\n本年增/减 |\n处理决定数量 |\n行政许可 |\n238 |\n减2 |\n64,535 |\n三、申请\n",
    "lone pipes": "第二十条第(一)项\n|\n信息内容\n|\n本年新制作数量\n|\n本年新公开数量\n|\n对外公开总数量\n|\n规章\n|\n0\n|\n|\n0\n|\n规范性文件\n|\n47\n|\n46\n|\n345\n|\n"
    "第二十条第(五)项\n|\n信息内容\n|\n上一年项目数量\n|\n本年增/减\n|\n处理决定数量\n|\n行政许可\n|\n238\n|\n减2\n|\n64,535\n|\n三、申请\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_that_marks_its_cells_gives_them_all(layout: str) -> None:
    reading = _read(f"二、主动公开政府信息情况\n{LAYOUTS[layout]}收到申请0件。")
    assert _row(reading, "regulations") == [Decimal(0), "blank", Decimal(0)]
    assert _row(reading, "normative_documents") == [Decimal(47), Decimal(46), Decimal(345)]
    assert _row(reading, "licensing") == [Decimal(238), Decimal(-2), Decimal(64535)]
    assert reading.problems == ()


REQUESTS_HEAD = (
    "三、收到和处理政府信息公开申请情况\n(本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和) |\n申请人情况 |\n||||||||\n自然人 |\n法人或其他组织 |\n"
    "总计 |\n|||||||\n商业企业 |\n科研机构 |\n社会公益组织 |\n法律服务机构 |\n其他 |\n|||||\n"
)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("3 |\n0 |\n0 |\n0 |\n0 |\n1 |\n4 |\n||", [3, 0, 0, 0, 0, 1, 4]),
        ("|\n4 |\n|||||||", ["unreadable"] * 7),
        ("4 |\n||||||||", ["unreadable"] * 7),
    ],
)
def test_a_number_beside_merged_cells_stands_in_no_column_that_anybody_could_name(
    cells: str, expected: list[object]
) -> None:
    text = f"{REQUESTS_HEAD}一、本年新收政府信息公开申请数量 |\n{cells}\n二、上年结转政府信息公开申请数量 |\n0 |\n0 |\n0 |\n0 |\n0 |\n0 |\n0 |\n||\n"
    reading = _read(text)
    assert _row(reading, "new_received") == expected
    assert _row(reading, "carried_over_in") == [0] * 7


def test_the_rule_under_a_markdown_header_is_no_row() -> None:
    reading = _read(
        "二、主动公开政府信息情况\n| 信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n|---|:---:|---|---|\n| 规章 | 1 | 2 | 3 |\n"
        "| 行政规范性文件 | 4 | 5 | 6 |\n"
    )
    assert (_row(reading, "regulations"), reading.problems) == ([1, 2, 3], ())


def test_lines_with_blanks_between_lose_what_is_empty_and_say_so() -> None:
    text = "第二十条第(一)项\n\n信息内容\n\n本年新\n\n制作数量\n\n本年新\n\n公开数量\n\n对外公开总数量\n\n规章(设区的市应提供2项数据)\n\n0\n\n0\n\n规范性文件\n\n34\n\n4\n\n47\n\n"
    reading = _read(text)
    assert _row(reading, "regulations") == ["unreadable"] * 3
    assert _fact(reading, "regulations", "created").reason == BOUNDARIES_LOST
    assert _fact(reading, "regulations", "created").raw_text == "0 0"
    assert _row(reading, "normative_documents") == [Decimal(34), Decimal(4), Decimal(47)]


GLUED = (
    "统 计 指 标单位统计数\n一、主动公开情况————\n(一)主动公开政府信息数\n (不同渠道和方式公开相同信息计1条)\n249\n   其中:主动公开规范性文件数39\n"
    "制发规范性文件总数40\n1.政府公报公开政府信息数1\n2.政府网站公开政府信息数122\n其中:涉及国家秘(密)0\n危及国家安全、公共安全、经济安全和社会\n   稳定\n3\n"
    "七、依申请公开信息收取的费用万元2\n1.专职人员数(不包括政府公报及政府网站工作\n  人员数)\n6\n(三)接受培训人员数人次130\n\n机构负责人:某\n"
)


def test_numbers_behind_their_labels_and_labels_over_several_lines() -> None:
    reading = _read(GLUED)
    read = {fact.row_code: fact.value for fact in reading.facts if fact.value is not None}
    assert read == {
        "disclosed_total": 249, "normative_documents_disclosed": 39, "normative_documents_issued": 40, "channel_gazette": 1,
        "channel_website": 122, "denied_state_secret": 0, "denied_security_stability": 3, "fees_collected": 20000,
        "staff_full_time": 6, "trainees": 130,
    }  # fmt: skip


def test_a_dump_that_keeps_only_the_first_of_equal_lines_shifts_nothing() -> None:
    text = "第二十条第(一)项\n信息内容\n本年新制作数量\n本年新公开数量\n对外公开总数量\n规章\n0\n规范性文件\n第二十条第(五)项\n上一年项目数量\n本年增/减\n处理决定数量\n行政许可\n7\n其他对外管理服务事项\n"
    assert {fact.value for fact in _read(text).facts} == {None}


def test_the_numbers_of_a_statistics_table_without_its_doubled_lines_are_not_passed_to_the_row_above() -> None:
    """（二）被依法纠错数 stands twice on the form; a dump that keeps the first only leaves its second number behind 维持."""
    text = (
        "统计指标\n单位\n统计数\n四、行政复议数量\n3\n（一）维持具体行政行为数\n（二）被依法纠错数\n1\n（三）其他情形数\n2\n"
        "五、行政诉讼数量\n（一）维持具体行政行为或者驳回原告诉讼请求数\n5\n六、举报投诉数量\n七、依申请公开信息收取的费用\n"
    )
    assert {fact.value for fact in _read(text).facts} == {None}


LOCAL = "某区政府信息公开情况统计表 指标名称 计量单位 2012年度 历年累计 主动公开信息数 条 739 4359 其中：1、网站公开 条 739 4359 2、政府公报公开 条 0 受理依申请公开信息总数 条 12 30 附件下载\n"


def test_blanks_part_the_cells_of_a_local_form() -> None:
    reading = _read(LOCAL)
    assert _row(reading, "disclosed_total") == [Decimal(739), Decimal(4359)]
    assert _row(reading, "channel_website") == [Decimal(739), Decimal(4359)]
    assert _row(reading, "channel_gazette") == ["unreadable"] * 2
    assert _row(reading, "requests_received") == [Decimal(12), Decimal(30)]
    assert _row(reading, "reviews_total") == []


def test_two_numbers_run_together_are_one_nobody_can_read() -> None:
    reading = _read(
        "指标名称计量单位2016年度历年累计主动公开文件数条346085376其中：1、政府网站公开数条3460853762、政府公报公开数条00受理依申请公开信息总数条12\n"
    )
    assert _row(reading, "documents_disclosed_total") == ["unreadable"] * 2
    assert _fact(reading, "channel_website", "year").raw_text == "346085376"
    assert _row(reading, "channel_gazette") == [Decimal(0), Decimal(0)]
    assert _fact(reading, "channel_gazette", "year").status == "reconstructed"


APPLICANTS = "申请人情况\n自然人 法人或其他组织 总计\n商业企业 科研机构 社会公益组织 法律服务机构 其他\n"


def test_blanks_part_the_cells_of_section_3_unless_its_rows_have_run_together() -> None:
    sound = (
        APPLICANTS + "一、本年新收政府信息公开申请数量 8 0 0 0 0 0 9\n二、上年结转政府信息公开申请数量 0 0 0 0 0 0 0\n"
    )
    assert _row(_read(sound), "new_received")[-1] == Decimal(9)
    glued = sound + "三、本年度办理结果（一）予以公开 0000000\n（二）部分公开 1 0 0 0 0 0 1\n"
    assert set(_row(_read(glued), "new_received")) == {"unreadable"}
    assert _row(_read(glued), "partially_granted")[-1] == Decimal(1)
    assert _fact(_read(glued), "partially_granted", "total").rules_used == ("requests.applicant_sum",)


def test_a_header_in_pieces_still_says_what_the_15_numbers_are() -> None:
    header = "行政复议 行政诉讼\n未经复议直接起诉 复议后起诉\n结果 结果 其他 尚未 总\n维持 纠正 结果 审结 计 结果 结果 其他 尚未 总\n维持 纠正 结果 审结 计\n"
    reading = _read(f"四、复议诉讼情况\n{header}1 0 0 0 1 2 3 4 0 9 0 0 5 0 5\n五、存在的问题\n")
    assert _row(reading, "litigation_direct") == [Decimal(n) for n in (2, 3, 4, 0, 9)]
    short = _read(f"四、复议诉讼情况\n{header}1 0 0 0 1 2 3 4 0 9 0 0 5 0\n五、存在的问题\n")
    assert {fact.status for fact in short.facts} == {"unreadable"}


def test_an_unknown_row_is_kept_and_reported() -> None:
    text = "第二十条第(一)项\n\n信息内容\n\n本年制发件数\n\n本年废止件数\n\n现行有效件数\n\n行政规范性文件\n\n3\n\n4\n\n7\n\n其他主动公开文件(含以本单位名义签发的)\n\n1\n\n2\n\n9\n\n第二十条第(五)项\n\n信息内容\n\n本年处理决定数量\n\n行政许可\n\n5\n"
    reading = _read(text)
    assert _row(reading, "normative_documents") == [Decimal(n) for n in (3, 4, 7)]
    assert [p.kind for p in reading.problems] == ["unknown_row"]
    assert _row(reading, "licensing") == [Decimal(5)]


def test_traditional_characters_are_the_same_labels() -> None:
    reading = _read(
        "第二十條第(一)項 | |||||\n信息內容 | 本年新 製作數量 | 本年新 公開數量 | 對外公開總數量 | ||\n規章 | 0 | 0 | 0 | ||\n規範性檔案(行政機關制定2項) | 2 | 2 | 19 | ||\n"
    )
    assert _row(reading, "normative_documents") == [Decimal(2), Decimal(2), Decimal(19)]


def test_a_row_broken_in_the_middle_of_a_number_is_unreadable() -> None:
    text = "第二十条第（五）项 | ||\n信息内容 | 本年处理决定数量 | ||\n行政许可 | 10\n14 | ||\n第二十条第（六）项 | ||\n信息内容 | 本年处理决定数量 | ||\n行政处罚 | 7 | ||\n行政强制 | 0 | ||\n"
    reading = _read(text)
    assert _row(reading, "licensing") == ["unreadable"]
    assert _row(reading, "penalties") == [Decimal(7)]
