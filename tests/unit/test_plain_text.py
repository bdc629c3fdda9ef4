from pipeline.plain_text import replacements_by_character, to_plain


def test_every_character_keeps_its_place() -> None:
    printed = "武漢市２０２０年　政府資訊（公開）：二○一九\t—"
    plain = to_plain(printed)
    assert len(plain) == len(printed)
    assert plain == "武汉市2020年 政府资讯(公开):二〇一九 -"


def test_simplified_place_names_stay() -> None:
    assert to_plain("乾县、乾安县、余杭区、亳州市") == "乾县、乾安县、余杭区、亳州市"


def test_lines_stay_lines() -> None:
    assert to_plain("甲\n乙\r\n丙") == "甲\n乙\r\n丙"


def test_one_character_becomes_one_and_stays_it() -> None:
    replacements = replacements_by_character()
    assert all(len(character) == len(becomes) == 1 for character, becomes in replacements.items())
    assert not set(replacements.values()) & replacements.keys()
