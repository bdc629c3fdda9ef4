"""Where the text of a section may be read on, and where it may not."""

import pytest

from pipeline.narrative.passages import read_passages


def texts(text: str) -> list[str]:
    return ["".join(passage.text.split()) for passage in read_passages(1, text)]


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("公开信息2条，\n\n占4%。", ["公开信息2条,占4%。"]),
        ("公开信息\n2条。\n另一段。", ["公开信息2条。", "另一段。"]),
        ("其中：\n1.政策3条；\n2.动态5条。", ["其中:1.政策3条;2.动态5条。"]),
        ("公开信息3条、\n- 12 -\n动态5条。", ["公开信息3条、动态5条。"]),
        ("前文未完[…]后文", ["前文未完", "后文"]),
        ("（一）主动公开情况\n公开信息3条。", ["公开信息3条。"]),
        ("公开信息[image: image1.png]3条<!--[if]-->。", ["公开信息3条。"]),
    ],
)
def test_broken_lines_are_joined_and_paragraphs_are_not(text: str, passages: list[str]) -> None:
    assert texts(text) == passages


def test_a_heading_names_the_topic_of_what_follows() -> None:
    (passage,) = read_passages(1, "三、依申请公开情况\n全年共收到5件。")
    assert passage.heading == "三、依申请公开情况"


def test_positions_are_those_of_the_section() -> None:
    text = "一、总体情况\n公开信息[image: a.png]\n３条。\n第二段5件。"
    for passage in read_passages(1, text):
        for place, char in enumerate(passage.text):
            assert char == " " or char in "3。" or char == text[passage.start + place]


def test_sentences_end_where_they_end() -> None:
    (passage,) = read_passages(1, "公开3.5万条.第二句！第三句")
    assert [passage.sentence_no(passage.text.index(word)) for word in ("公开", "万条", "第二", "第三")] == [0, 0, 1, 2]
