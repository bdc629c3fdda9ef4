"""The recogniser on grids: every cell of a form in its place, and nothing silently wrong where a document is damaged."""

import random
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.document import Block, Cell, Document, Paragraph, Table
from pipeline.recognize.tables import TablesReading, missing_tables, number_tables, recognize_tables
from pipeline.report import Fact
from tests.documents.grids import Grid
from tests.documents.made import Key, MadeReport, make_report

CATALOGUE = load_catalogue()
KINDS = ("2019", "2021", "hybrid", "2014", "fujian")


def _made(kind: str = "2021", seed: int = 1, style: str = "plain") -> MadeReport:
    return make_report(random.Random(seed), CATALOGUE, kind, style)


def _cells(grid: Grid) -> list[Cell]:
    return [
        Cell(c.row, c.col, c.text, c.row_span, c.col_span) for c in sorted(grid.cells, key=lambda c: (c.row, c.col))
    ]


def _document(tables: Iterable[Iterable[Cell]]) -> Document:
    blocks: list[Block] = [Paragraph("一、总体情况"), Paragraph("本年度工作平稳。")]
    for cells in tables:
        blocks += [Paragraph("二、情况"), Table(tuple(cells))]
    blocks.append(Paragraph("六、其他需要报告的事项"))
    return Document("text/html", tuple(blocks))


def _read(
    report: MadeReport, change: Callable[[list[Cell]], list[Cell]] | None = None, table: str = "requests"
) -> TablesReading:
    """Recognise a made report; ``change`` damages the grid of one table first."""
    grids = {name: _cells(grid) for name, grid in report.grids.items()}
    if change:
        grids[table] = change(grids[table])
    return recognize_tables(_document(grids.values()), CATALOGUE)


def _facts(reading: TablesReading) -> dict[Key, Fact]:
    return {(fact.fact_table, fact.row_code, fact.column_code): fact for fact in reading.facts}


def _wrong(reading: TablesReading, report: MadeReport) -> list[Fact]:
    """Return what was read otherwise than printed; what is marked is not wrong."""
    return [
        fact
        for key, fact in _facts(reading).items()
        if fact.status not in ("unreadable", "missing")
        and (
            key not in report.truth or (fact.value, fact.status) != (report.truth[key].value, report.truth[key].status)
        )
    ]


def _kinds(reading: TablesReading) -> set[str]:
    return {problem.kind for problem in reading.problems}


def _shift(cells: Iterable[Cell], rows: int) -> list[Cell]:
    return [cell._replace(row=cell.row + rows) for cell in cells]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_every_cell_of_every_form_is_read_in_its_place(kind: str, seed: int) -> None:
    report = _made(kind, seed, "any")
    reading = _read(report)
    facts = _facts(reading)
    assert {key: (fact.value, fact.status) for key, fact in facts.items()} == {
        key: (truth.value, truth.status) for key, truth in report.truth.items()
    }
    assert reading.forms == report.forms
    assert reading.problems == ()


def test_a_fact_points_to_the_cell_that_prints_it() -> None:
    report = _made()
    reading = _read(report)
    printed = {(p.table_no, p.cell.row, p.cell.col): p.cell.text for p in reading.cells}
    for key, fact in _facts(reading).items():
        assert printed[(fact.table_no or 0, fact.row or 0, fact.col or 0)] == report.printed[key] == fact.raw_text


def test_tables_are_counted_between_the_headings_and_not_before() -> None:
    other = Table((Cell(1, 1, "索引号"), Cell(1, 2, "000014")))
    blocks = (other, Paragraph("一、总体情况"), other, Paragraph("二、情况"), Table((Cell(1, 1, "x"),)), other)
    assert number_tables(Document("text/html", blocks), {4}) == {2: 1, 4: 2}


def test_colspans_that_are_off_by_one_are_bridged_by_the_count() -> None:
    """A header of 1 + 2 columns over cells of 2 + 1: as many cells as columns, each touching its own."""
    cells = [
        Cell(1, 1, "第二十条第（五）项", 1, 5),
        Cell(2, 1, "信息内容"), Cell(2, 2, "上一年项目数量"), Cell(2, 3, "本年增/减", 1, 2), Cell(2, 5, "处理决定数量"),
        Cell(3, 1, "行政许可"), Cell(3, 2, "30", 1, 2), Cell(3, 4, "-2"), Cell(3, 5, "7"),
    ]  # fmt: skip
    facts = _facts(recognize_tables(_document([cells]), CATALOGUE))
    read = [facts["proactive", "licensing", c].value for c in ("previous_year_items", "change", "decisions")]
    assert read == [Decimal(30), Decimal(-2), Decimal(7)]


def test_a_row_that_geometry_and_count_place_differently_is_unreadable() -> None:
    report = _made()

    def slip(cells: list[Cell]) -> list[Cell]:
        """Move the values of one row a column to the left, as a label without its colspan does."""
        row = next(cell.row for cell in cells if cell.text.startswith("（七）总计"))
        return [
            c._replace(col=c.col - 1) if c.row == row and c.col > 3 else c._replace(col_span=1) if c.row == row else c
            for c in cells
        ]

    reading = _read(report, slip)
    facts = _facts(reading)
    assert {facts["requests", "processed_total", c.code].status for c in _applicants()} == {"unreadable"}
    assert "header_mismatch" in _kinds(reading)
    assert _wrong(reading, report) == []


def _applicants() -> list:  # type: ignore[type-arg]
    return [axis for axis in CATALOGUE.forms["2021"].tables["requests"].columns if not axis.is_group]


def test_a_row_with_a_cell_too_few_is_unreadable() -> None:
    report = _made()

    def lose(cells: list[Cell]) -> list[Cell]:
        row = next(cell.row for cell in cells if cell.text == "2.重复申请")
        lost = [c for c in cells if c.row == row and c.col == 5]
        kept = [c for c in cells if c not in lost]
        return [c._replace(col=c.col - 1) if c.row == row and c.col > 5 else c for c in kept]

    reading = _read(report, lose)
    facts = _facts(reading)
    assert {facts["requests", "rejected_repeat", c.code].status for c in _applicants()} == {"unreadable"}
    assert facts["requests", "rejected_repeat", "total"].raw_text
    assert _wrong(reading, report) == []


def test_one_cell_over_two_columns_leaves_only_these_unread() -> None:
    report = _made()

    def merge(cells: list[Cell]) -> list[Cell]:
        row = next(cell.row for cell in cells if cell.text == "2.重复申请")
        merged = [c._replace(text="3", col_span=2) if c.row == row and c.col == 5 else c for c in cells]
        return [c for c in merged if not (c.row == row and c.col == 6)]

    facts = _facts(_read(report, merge))
    statuses = {c.code: facts["requests", "rejected_repeat", c.code].status for c in _applicants()}
    assert statuses.pop("business") == statuses.pop("research") == "unreadable"
    assert set(statuses.values()) == {"reported"}


def _broken(cells: list[Cell], at: int) -> tuple[list[Cell], list[Cell]]:
    """Cut a grid behind a row as a page break does: what runs over the break goes on in a blank cell."""
    upper = [c._replace(row_span=min(c.row_span, at - c.row + 1)) for c in cells if c.row <= at]
    lower = [c for c in cells if c.row > at]
    lower += [
        c._replace(row=at + 1, row_span=c.row + c.row_span - 1 - at, text="")
        for c in cells
        if c.row <= at < c.row + c.row_span - 1
    ]
    return upper, _shift(sorted(lower, key=lambda c: (c.row, c.col)), -at)


def test_a_table_broken_over_pages_is_read_on_without_its_header() -> None:
    report = _made()
    wanted = {key: truth.value for key, truth in report.truth.items() if key[0] == "requests"}
    for at in range(4, 28):
        facts = _facts(recognize_tables(_document(_broken(_cells(report.grids["requests"]), at)), CATALOGUE))
        assert {key: fact.value for key, fact in facts.items()} == wanted, at


def test_a_row_whose_label_a_page_break_cuts_in_two_is_joined() -> None:
    report = _made()
    wanted = {key: truth.value for key, truth in report.truth.items() if key[0] == "requests"}
    cells = _cells(report.grids["requests"])
    row = next(cell.row for cell in cells if cell.text.startswith("5.要求行政机关确认"))
    upper, lower = _broken(cells, row)
    rest = [c._replace(row=1, text=c.text[12:] if c.col == 3 else "") for c in cells if c.row == row]
    upper = [c._replace(text=c.text[:12]) if c.row == row and c.col == 3 else c for c in upper]
    facts = _facts(recognize_tables(_document([upper, [*rest, *_shift(lower, 1)]]), CATALOGUE))
    assert {key: fact.value for key, fact in facts.items()} == wanted


def test_a_damaged_label_is_told_by_its_place_and_reported() -> None:
    report = _made("2019")
    reading = _read(report, lambda cells: _relabel(cells, "2.其他法律行政法规禁止公开", "2.其他法律行政止公开"))
    assert _wrong(reading, report) == []
    assert _facts(reading)["requests", "denied_prohibited_by_law", "total"].status == "reported"
    assert _kinds(reading) == {"damaged_label"}


def _relabel(cells: list[Cell], old: str, new: str) -> list[Cell]:
    assert any(cell.text == old for cell in cells)
    return [cell._replace(text=new) if cell.text == old else cell for cell in cells]


@pytest.mark.parametrize("new", ["3.其他法律行政止公开", "2.国家秘密以外", "2."])
def test_a_label_that_its_number_or_text_contradicts_stays_unknown(new: str) -> None:
    report = _made("2019")
    reading = _read(report, lambda cells: _relabel(cells, "2.其他法律行政法规禁止公开", new))
    assert _facts(reading)["requests", "denied_prohibited_by_law", "total"].status == "missing"
    assert _kinds(reading) == {"unknown_row"}
    assert _wrong(reading, report) == []


def test_an_extra_row_is_kept_as_cells_and_attributed_to_nothing() -> None:
    report = _made("2019")

    def add(cells: list[Cell]) -> list[Cell]:
        row = next(cell.row for cell in cells if cell.text == "规范性文件")
        extra = [Cell(row + 1, 1, "其他主动公开文件"), *(Cell(row + 1, col, "9") for col in (2, 3, 4))]
        return [c for c in cells if c.row <= row] + extra + _shift([c for c in cells if c.row > row], 1)

    reading = _read(report, add, "proactive")
    assert _wrong(reading, report) == []
    assert all(fact.status == "reported" for fact in reading.facts)
    assert [p.detail for p in reading.problems if p.kind == "unknown_row"] == ["其他主动公开文件 | 9 | 9 | 9"]
    assert any(placed.cell.text == "其他主动公开文件" for placed in reading.cells)


def test_a_doubled_row_with_other_numbers_is_unreadable() -> None:
    report = _made("2019")

    def double(cells: list[Cell]) -> list[Cell]:
        row = next(cell.row for cell in cells if cell.text == "行政处罚")
        again = [c._replace(text=str(int(c.text) + 1) if c.col == 2 else c.text) for c in cells if c.row == row]
        return [c for c in cells if c.row <= row] + _shift(again, 1) + _shift([c for c in cells if c.row > row], 1)

    reading = _read(report, double, "proactive")
    facts = _facts(reading)
    assert facts["proactive", "penalties", "previous_year_items"].reason == "printed twice with different values"
    assert facts["proactive", "penalties", "decisions"].status == "reported"
    assert "doubled_row" in _kinds(reading)


def test_a_table_that_stands_twice_is_read_once_and_where_the_copies_differ_not_at_all() -> None:
    report = _made("2019")
    grids = [_cells(grid) for grid in report.grids.values()]
    other = [
        c._replace(text="77")
        if c.text == report.printed["requests", "granted", "total"] and c.col == 10 and c.row == 6
        else c
        for c in grids[1]
    ]
    reading = recognize_tables(_document([*grids, other]), CATALOGUE)
    assert len(reading.facts) == len(report.truth)
    assert _kinds(reading) == {"doubled_table"}
    assert [f.row_code for f in reading.facts if f.status == "unreadable"] == ["granted"]


def test_a_section_3_cut_off_before_the_form_shows_has_no_form() -> None:
    report = _made("2021")
    reading = _read(
        report, lambda cells: [c._replace(row_span=min(c.row_span, 20 - c.row)) for c in cells if c.row < 20]
    )
    assert reading.forms["requests"] is None
    missing = {fact.row_code for fact in reading.facts if fact.status == "missing"}
    assert {"other", "other_overdue_correction", "other_fee_unpaid", "other_remaining"} <= missing
    assert _wrong(reading, report) == []


def test_a_header_says_the_unit_of_an_amount() -> None:
    report = _made("2019")
    key = ("proactive", "procurement", "amount")

    def price(header: str, text: str) -> Fact:
        def change(cells: list[Cell]) -> list[Cell]:
            row = next(c.row for c in cells if c.text == "政府集中采购")
            cells = _relabel(cells, "采购总金额", header)
            return [
                c._replace(text=text) if c.row == row and c.col > 2 and c.col + c.col_span > 4 else c for c in cells
            ]

        return _facts(_read(report, change, "proactive"))[key]

    assert price("采购总金额（元）", "8040").value == Decimal(8040)
    assert price("采购总金额（单位：万元）", "8040").value == Decimal(80_400_000)
    assert price("采购总金额（元）", "3万元").value == Decimal(30000)
    assert price("采购总金额", "8040").reason == "unit not printed"


def test_a_cell_that_a_reader_does_not_trust_is_unreadable() -> None:
    report = _made()

    def doubt(cells: list[Cell]) -> list[Cell]:
        row = next(cell.row for cell in cells if cell.text == "2.重复申请")
        return [c._replace(route="no unicode map") if c.row == row and c.col == 4 else c for c in cells]

    fact = _facts(_read(report, doubt))["requests", "rejected_repeat", "natural_person"]
    assert (fact.status, fact.value, fact.reason) == ("unreadable", None, "no unicode map")


def test_two_numbers_in_a_cell_are_a_problem() -> None:
    def crowd(cells: list[Cell]) -> list[Cell]:
        row = next(cell.row for cell in cells if cell.text == "2.重复申请")
        return [c._replace(text="3\n4") if c.row == row and c.col == 4 else c for c in cells]

    reading = _read(_made(), crowd)
    assert [p.detail for p in reading.problems if p.kind == "two_numbers"] == ["rejected_repeat/natural_person: 3\n4"]


def test_a_statistics_table_with_strange_columns_is_no_known_form() -> None:
    cells = _cells(_made("2014").grids["statistics"])
    reading = recognize_tables(_document([_relabel(cells, "统计数", "区直单位统计数")]), CATALOGUE)
    assert reading.facts == ()
    assert reading.tables_found == ()
    assert _kinds(reading) == {"unknown_form"}


def test_tables_of_other_things_are_none_of_ours() -> None:
    powers = [
        Cell(1, 1, "类别"),
        Cell(1, 2, "数量"),
        Cell(2, 1, "行政许可"),
        Cell(2, 2, "30"),
        Cell(3, 1, "行政处罚"),
        Cell(3, 2, "12"),
    ]
    reading = recognize_tables(_document([powers]), CATALOGUE)
    assert (reading.facts, reading.tables_found, reading.table_blocks) == ((), (), frozenset())
    assert len(reading.cells) == len(powers)


def test_every_kind_of_problem_is_explained() -> None:
    from pathlib import Path

    import pipeline.recognize

    folder = Path(pipeline.recognize.__file__).parent
    named = {
        kind
        for file in folder.glob("*.py")
        for kind in CATALOGUE.problems
        if f'"{kind}"' in file.read_text(encoding="utf-8")
    }
    tables = {
        k for k in CATALOGUE.problems if k.split("_")[0] in ("unknown", "surplus", "damaged", "doubled", "misplaced")
    }
    assert tables <= named


@pytest.mark.parametrize(
    ("found", "year", "sections", "missing"),
    [
        ((), 2021, {1, 2, 3, 4, 5, 6}, ("proactive", "requests", "disputes")),
        ((), 2021, set(), ("proactive", "requests", "disputes")),
        (("proactive", "requests"), 2023, set(), ("disputes",)),
        (("proactive", "requests", "disputes"), 2019, set(), ()),
        (("statistics",), 2018, set(), ()),
        (("statistics",), 2019, {1, 2, 3, 4}, ()),
        ((), 2019, {1, 2, 3, 4, 5, 6}, ("proactive", "requests", "disputes")),
        ((), 2019, {1, 2}, ()),
        ((), 2016, {1, 2, 3, 4, 5, 6, 7}, ("statistics",)),
        ((), None, {2, 3, 4}, ("proactive", "requests", "disputes")),
        ((), None, set(), ()),
    ],
)
def test_which_tables_a_report_ought_to_have(
    found: tuple[str, ...], year: int | None, sections: set[int], missing: tuple[str, ...]
) -> None:
    assert missing_tables(found, year, sections) == missing  # type: ignore[arg-type]


def test_a_header_that_names_a_column_twice_binds_nothing() -> None:
    report = _made("2019")
    reading = _read(report, lambda cells: _relabel(cells, "本年新公开数量", "本年新制作数量"), "proactive")
    assert {fact.status for fact in reading.facts if fact.row_code == "regulations"} == {"unreadable"}
    assert _wrong(reading, report) == []


def test_an_unknown_column_is_reported_and_shifts_nothing() -> None:
    report = _made("2019")

    def widen(cells: list[Cell]) -> list[Cell]:
        """Add a column 备注 to the first block, between its columns."""
        rows = {c.row for c in cells if c.text in ("信息内容", "规章", "规范性文件") and c.row <= 4}
        moved = [c._replace(col=c.col + 1) if c.row in rows and c.col > 2 else c for c in cells]
        texts = {2: "备注", 3: "5", 4: ""}
        return sorted([*moved, *(Cell(row, 3, texts[row]) for row in rows)], key=lambda c: (c.row, c.col))

    reading = _read(report, widen, "proactive")
    assert _wrong(reading, report) == []
    assert {f.status for f in reading.facts if f.row_code == "normative_documents"} == {"reported"}
    assert [p.detail for p in reading.problems if p.kind == "surplus_cell"] == ["5"]
