"""Numbers as printed: what they are worth, and what is refused rather than guessed."""

import random
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.numbers import CellReading, numbers_only, parse_number, read_cell

CATALOGUE = load_catalogue()


def _read(text: str, unit: str = "count", printed_unit: str | None = None, signed: bool = False) -> CellReading:
    return read_cell(
        text,
        unit=unit,
        printed_unit=printed_unit,
        signed=signed,
        money_units=CATALOGUE.money_units,
        counters=CATALOGUE.counters,
        words=CATALOGUE.cell_words,
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"), ("1474", "1474"), ("1,474", "1474"), ("1 474", "1474"), ("1\u00a0474", "1474"), ("４７", "47"),
        ("１，２３４", "1234"), ("1,234,567.89", "1234567.89"), ("-3.5", "-3.5"), ("八", "8"), ("十二", "12"), ("二十", "20"),
        ("一百二十", "120"), ("一百一十", "110"), ("两千零五", "2005"), ("壹佰贰拾", "120"), ("十二万三千", "123000"),
        ("一亿二千万零三百", "120000300"), ("1.2万", "12000"), ("3亿", "300000000"), ("零", "0"),
    ],
)  # fmt: skip
def test_reads_a_number_however_it_is_printed(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "1,47", "12,3456", "1,2345", "007", "00", "0 123", "5²", "①", "1.", ".5", "1 2", "一百二", "一万五", "二〇一九", "二五",
        "约3", "3余", "3%", "1\n474", "万", "9" * 17, "一" * 5000, "亿" * 5000,
    ],
)  # fmt: skip
def test_refuses_what_is_not_exactly_one_number(text: str) -> None:
    assert parse_number(text) is None


def test_chinese_numerals_survive_the_way_there_and_back() -> None:
    from pipeline.numbers import _spell

    rng = random.Random(1)
    for _ in range(2000):
        value = rng.randrange(10 ** rng.randrange(1, 13))
        assert parse_number(_spell(value)) == value


@pytest.mark.parametrize("text", ["1,474", " 1,474 ", "\u30001,474\n", "1474\u00a0"])
def test_a_count_in_groups_or_between_blanks_is_a_count(text: str) -> None:
    assert _read(text) == CellReading(Decimal(1474), "reported")
    assert numbers_only(CATALOGUE)(text)


@pytest.mark.parametrize("text", ["1,47", "01,474", "1,474,", "\u06617", "1,4744"])
def test_groups_that_do_not_hold_are_no_count(text: str) -> None:
    assert _read(text).status == "unreadable"


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u3000\u3000", "\n", "&nbsp;", "[bookmark: _GoBack]", "\u200b"])
def test_what_shows_nothing_is_blank_and_not_0(text: str) -> None:
    assert _read(text) == CellReading(None, "blank")


@pytest.mark.parametrize("text", ["/", "／", "—", "——", "-", "--", "----", "－", "不适用"])
def test_a_mark_for_nothing_is_not_applicable_and_not_0(text: str) -> None:
    assert _read(text) == CellReading(None, "not_applicable")


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("无", 0, None), ("22（其中修订 16 件）", 22, "其中修订 16 件"), ("8件", 8, None), ("八件", 8, None), ("**3**", 3, None),
        ("[bookmark: _GoBack]5", 5, None), ("5[image: image1.png](x.png)", 5, None), ("1.2万", 12000, None), ("5。", 5, None),
        ("-5", -5, None), ("３（件）", 3, None),
    ],
)  # fmt: skip
def test_reads_a_count_and_keeps_its_remark(text: str, value: int, note: str | None) -> None:
    assert _read(text) == CellReading(Decimal(value), "reported", None, note)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3.5", "a count with decimals"),
        ("0.0", "a count with decimals"),
        ("3.0件", "a count with decimals"),
        ("0 0", "more than one number in the cell"),
        ("5\n3", "more than one number in the cell"),
        ("22(16)", "not exactly one number in the cell"),
        ("(22)", "not exactly one number in the cell"),
        ("00", "a leading zero: cells may have run together"),
        ("1,47", "thousands groups that do not hold"),
        ("一", "一 may be a numeral or a dash"),
        ("+5", "a sign where the form has none"),
        ("减2", "a sign where the form has none"),
        ("- 5", "more than one number in the cell"),
        ("见附件", "no number in the cell"),
        ("5万元", "not exactly one number in the cell"),
        ("9" * 16, "more digits than a number of a report has"),
        ("9" * 40, "more digits than a number of a report has"),
        ("5" + " " * 600 + "x", "longer than a number with a remark"),
    ],
)
def test_a_count_that_cannot_be_read_says_why(text: str, reason: str) -> None:
    assert _read(text) == CellReading(None, "unreadable", reason)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+49", 49),
        ("-24", -24),
        ("－24", -24),
        ("减2", -2),
        ("增3", 3),
        ("减少3项", -3),
        ("- 24", -24),
        ("0", 0),
        ("-0", 0),
    ],
)
def test_a_column_of_change_has_signs(text: str, value: int) -> None:
    assert _read(text, signed=True).value == value


@pytest.mark.parametrize("text", ["减-2", "+-3", "增/减", "减", "增2减1"])
def test_two_signs_or_none_with_a_number_are_refused(text: str) -> None:
    assert _read(text, signed=True).status == "unreadable"


@pytest.mark.parametrize(
    ("text", "printed_unit", "value"),
    [
        ("4758.5075万元", None, "47585075"), ("251000元", None, "251000"), ("0", None, "0"), ("0.00", "万元", "0"),
        ("24252.311082", "万元", "242523110.82"), ("251000元", "万元", "251000"), ("￥3,000", None, "3000"), ("3亿元", None, "300000000"),
        ("2万", None, "20000"), ("4758（万元）", None, "47580000"),
    ],
)  # fmt: skip
def test_money_is_in_yuan_by_the_nearest_unit(text: str, printed_unit: str | None, value: str) -> None:
    assert _read(text, "CNY", printed_unit).value == Decimal(value)


def test_money_without_a_unit_is_not_guessed() -> None:
    assert _read("8040", "CNY") == CellReading(None, "unreadable", "unit not printed")
    assert _read("8040", "CNY", "件").status == "unreadable"


@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        ("0", True), ("", True), ("\u3000", True), ("1,474", True), ("减2", True), ("4758.5075万元", True), ("——", True), ("无", True),
        ("22（其中修订 16 件）", True), ("人次", True), ("八件", True), ("[bookmark: _GoBack]", True), ("0 0 0", True),
        ("其他", False), ("总计", False), ("个人", False), ("无正当理由", False), ("（六）其他处理", False), ("增/减", False), ("约3", False),
        ("0000000（七）总计", False), ("五、存在", False),
    ],
)  # fmt: skip
def test_cells_of_numbers_are_told_from_labels(text: str, is_number: bool) -> None:
    assert numbers_only(CATALOGUE)(text) is is_number


@pytest.mark.parametrize("piece", ["1", "1,", " ", "一", "万", "(", "减", "1(a)", "——", "<!--", "![image"])
def test_hostile_cells_cost_no_time(piece: str) -> None:
    # An exponential pattern would not come back at all.
    text = piece * 20_000
    assert _read(text).value is None
    assert parse_number(text) is None
    numbers_only(CATALOGUE)(text + "其他")
    numbers_only(CATALOGUE)(piece * 60 + "其他")
