"""Reports made up with known truth: numbers that hold every equation, printed in the styles that real bodies use.

Belongs here: what a made report says and prints. How a kind of file writes it is in ``html``, ``docx``, ``pdf``, ``dump``, ...
Everything follows from a ``random.Random``: the same seed makes the same report.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.catalogue.model import Catalogue, TableForm
from tests.documents.grids import Grid, table_grid

Key = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""

PLACES = ("清河", "安平", "临江", "东湖", "北山", "南陵", "长宁", "平乐", "永丰", "新和")
BODIES = ("县人民政府", "县财政局", "县教育局", "镇人民政府", "区人民政府", "市自然资源局")


@dataclass(frozen=True, slots=True)
class Truth:
    """What a reader must say of a cell: its value in 元 or units, and its status."""

    value: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A made report. ``printed`` is the text of every cell, ``truth`` what it means; ``forms`` names each table's form."""

    issuer: str
    year: int
    published_on: str
    forms: dict[str, str]
    printed: dict[Key, str]
    truth: dict[Key, Truth]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    grids: dict[str, Grid]

    @property
    def title(self) -> str:
        return f"{self.issuer}{self.year}年政府信息公开工作年度报告"


def make_report(rng: random.Random, catalogue: Catalogue, kind: str = "any", style: str = "any") -> MadeReport:
    """Return a report that holds every equation.

    ``kind``: ``2019``, ``2021``, ``hybrid`` (section 二 of 2021, section 三 of 2019), ``2014``, ``fujian`` or ``any`` of the
    first three. ``style``: ``plain`` prints every number as digits, ``any`` mixes the styles of real reports.
    """
    kind = rng.choice(("2019", "2021", "hybrid")) if kind == "any" else kind
    forms = {
        "2019": {"proactive": "2019", "requests": "2019", "disputes": "2019"},
        "2021": {"proactive": "2021", "requests": "2021", "disputes": "2019"},
        "hybrid": {"proactive": "2021", "requests": "2019", "disputes": "2019"},
        "2014": {"statistics": "2014"},
        "fujian": {"statistics": "fujian"},
    }[kind]
    years = {
        "2019": (2019, 2020),
        "2021": (2021, 2024),
        "hybrid": (2021, 2023),
        "2014": (2014, 2018),
        "fujian": (2010, 2017),
    }
    year = rng.randint(*years[kind])
    issuer = rng.choice(PLACES) + rng.choice(BODIES)
    printed: dict[Key, str] = {}
    truth: dict[Key, Truth] = {}
    for fact_table, form in forms.items():
        table = catalogue.forms[form].tables[fact_table]
        for (row, column), value in _values(rng, table).items():
            key = (fact_table, row, column)
            printed[key], truth[key] = _print(rng, table, row, column, value, style)
    report = MadeReport(
        issuer=issuer,
        year=year,
        published_on=f"{year + 1}-01-{rng.randint(5, 31):02d}",
        forms=forms,
        printed=printed,
        truth=truth,
        sections=_sections(rng, issuer, year, kind),
        grids={},
    )
    return with_grids(report, catalogue)


def with_grids(report: MadeReport, catalogue: Catalogue) -> MadeReport:
    """Return the report with its grids laid out anew from what it prints."""
    grids = {}
    for fact_table, form in report.forms.items():
        table = catalogue.forms[form].tables[fact_table]
        cells = {(row, column): text for (name, row, column), text in report.printed.items() if name == fact_table}
        grids[fact_table] = table_grid(table, cells)
    return replace(report, grids=grids)


def with_cell(report: MadeReport, key: Key, text: str, truth: Truth, catalogue: Catalogue) -> MadeReport:
    """Return the report with another text in one cell (a planted fault)."""
    changed = replace(report, printed={**report.printed, key: text}, truth={**report.truth, key: truth})
    return with_grids(changed, catalogue)


_Maker = Callable[[random.Random, TableForm], Mapping[tuple[str, str], int | Decimal]]


def _values(rng: random.Random, table: TableForm) -> dict[tuple[str, str], Decimal]:
    makers: dict[str, _Maker] = {
        "requests": _requests,
        "disputes": _disputes,
        "proactive": _proactive,
        "statistics": _statistics,
    }
    return {key: Decimal(value) for key, value in makers[table.fact_table](rng, table).items()}


def _small(rng: random.Random, share_of_zero: float = 0.6) -> int:
    if rng.random() < share_of_zero:
        return 0
    return rng.choice((rng.randint(1, 9), rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 3000)))


def _requests(rng: random.Random, table: TableForm) -> dict[tuple[str, str], int]:
    values: dict[tuple[str, str], int] = {}
    applicants = table.codes("column", "applicant")
    outcomes = table.codes("row", "outcome")
    for column in applicants:
        busy = column == "natural_person" or rng.random() < 0.3
        for item in outcomes:
            values[item, column] = _small(rng, 0.7) if busy else 0
        values["processed_total", column] = sum(values[item, column] for item in outcomes)
        values["carried_over_out", column] = rng.randint(0, 9) if busy and rng.random() < 0.3 else 0
        total = values["processed_total", column] + values["carried_over_out", column]
        values["carried_over_in", column] = rng.randint(0, min(total, 9))
        values["new_received", column] = total - values["carried_over_in", column]
    for item in (*outcomes, "processed_total", "carried_over_out", "carried_over_in", "new_received"):
        values[item, "total"] = sum(values[item, column] for column in applicants)
    return values


def _disputes(rng: random.Random, table: TableForm) -> dict[tuple[str, str], int]:
    values: dict[tuple[str, str], int] = {}
    outcomes = table.codes("column", "outcome")
    for channel in (axis.code for axis in table.rows if not axis.is_group):
        for outcome in outcomes:
            values[channel, outcome] = _small(rng, 0.7)
        values[channel, "total"] = sum(values[channel, outcome] for outcome in outcomes)
    return values


def _proactive(rng: random.Random, table: TableForm) -> dict[tuple[str, str], int | Decimal]:
    values: dict[tuple[str, str], int | Decimal] = {}
    for row, column in table.cells:
        if table.cell_unit(row, column) == "CNY":
            values[row, column] = Decimal(rng.choice((0, rng.randint(1, 9_000_000_00)))) / 100
        elif column == "change":
            values[row, column] = rng.choice((0, rng.randint(-40, 90)))
        elif column == "previous_year_items":
            values[row, column] = rng.randint(40, 900)
        else:
            values[row, column] = _small(rng, 0.3)
    for row in {row for row, _ in values}:
        if (row, "disclosed_total") in values:
            values[row, "disclosed_total"] += values[row, "disclosed"]
    return values


def _statistics(rng: random.Random, table: TableForm) -> dict[tuple[str, str], int | Decimal]:
    values: dict[tuple[str, str], int | Decimal] = {}
    for period in (axis.code for axis in table.columns):
        for axis in table.rows:
            if not axis.is_group:
                money = axis.unit == "CNY"
                values[axis.code, period] = Decimal(rng.randint(0, 900)) / 10 * 10000 if money else _small(rng)
        for total, role in (
            ("requests_received", "request_route"),
            ("requests_completed", "completion"),
            ("reply_denied", "denial"),
            ("replies_total", "reply"),
            ("reviews_total", "review_outcome"),
            ("litigation_total", "litigation_outcome"),
            ("staff_total", "staff"),
        ):
            parts = table.codes("row", role)
            if parts and (total, period) in values:
                values[total, period] = sum(values[part, period] for part in parts)
        channels = [values[code, period] for code in table.codes("row", "channel")]
        values["disclosed_total", period] = max(channels)
        for part, whole in (
            ("press_conferences_by_heads", "press_conferences"),
            ("online_interviews_by_heads", "online_interviews"),
            ("normative_documents_disclosed", "normative_documents_issued"),
            ("normative_documents_disclosed", "disclosed_total"),
        ):
            if (part, period) in values:
                values[part, period] = min(values[part, period], values[whole, period])
    return values


def _print(
    rng: random.Random, table: TableForm, row: str, column: str, value: Decimal, style: str
) -> tuple[str, Truth]:
    """Return how a cell prints a value, and what a reader must make of it."""
    unit = table.cell_unit(row, column)
    truth = Truth(value, "reported")
    if unit == "CNY":
        return _print_money(rng, table.cell_printed_unit(row, column), value), truth
    digits = str(int(value))
    if style == "plain":
        return digits, truth
    choice = rng.random()
    if value == 0 and choice < 0.06:
        return rng.choice(("", " ", "\u3000", "\xa0")), Truth(None, "blank")
    if value == 0 and choice < 0.09:
        return rng.choice(("/", "—", "-", "--")), Truth(None, "not_applicable")
    if value == 0 and choice < 0.11:
        return "无", truth
    if column == "change" and value:
        sign, size = ("减", -value) if value < 0 else ("增", value)
        return rng.choice((f"{value:+}", f"{sign}{size}", str(value))), truth
    if choice > 0.93:
        return "".join(chr(ord(digit) + 0xFEE0) for digit in digits if digit != "-") if value >= 0 else digits, truth
    if value >= 1000 and choice > 0.7:
        return f"{int(value):,}", truth
    if choice < 0.3:
        return rng.choice(("\xa0", " ", "\u3000")) + digits + rng.choice(("", " ")), truth
    return digits, truth


def _print_money(rng: random.Random, printed_unit: str | None, value: Decimal) -> str:
    if value == 0:
        return "0"
    plain = f"{value.normalize():f}"
    in_ten_thousands = f"{(value / 10000).normalize():f}"
    if printed_unit == "万元":
        return in_ten_thousands
    return rng.choice((f"{in_ten_thousands}万元", f"{plain}元"))


def _sections(rng: random.Random, issuer: str, year: int, kind: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return chapter headings with their prose; tables stand under headings whose chapter has none."""
    opening = (
        f"本报告按照政府信息公开的有关规定编制，所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
        f"{year}年，本机关围绕群众关心的事项做好公开，{rng.choice(('完善了目录', '更新了指南', '加强了解读'))}。",
    )
    if kind in ("2014", "fujian"):
        return (("一、概述", opening), ("二、存在的主要问题", ("公开的时效还需提高。",)))
    return (
        ("一、总体情况", opening),
        ("二、主动公开政府信息情况", ()),
        ("三、收到和处理政府信息公开申请情况", ()),
        ("四、政府信息公开行政复议、行政诉讼情况", ()),
        ("五、存在的主要问题及改进情况", ("有的栏目更新不够及时，下一年将加强检查。",)),
        ("六、其他需要报告的事项", ("本年度没有其他需要报告的事项。",)),
    )


def blocks(report: MadeReport) -> Iterable[str | Grid]:
    """Yield a report in reading order: lines of text, and grids where they stand."""
    yield report.title
    places = {"proactive": "二、", "requests": "三、", "disputes": "四、"}
    for heading, paragraphs in report.sections:
        yield heading
        yield from paragraphs
        for fact_table, mark in places.items():
            if heading.startswith(mark) and fact_table in report.grids:
                yield report.grids[fact_table]
    if "statistics" in report.grids:
        yield f"{report.issuer}政府信息公开情况统计表（{report.year}年度）"
        yield report.grids["statistics"]
    yield report.issuer
    yield f"{report.year + 1}年1月20日"
