"""One report on the screen: its tables as printed, failing cells marked."""

import io
import json
import sys

import pytest
from wcwidth import wcswidth

from pipeline.cli.grid import Mark, draw_grid, lay_out
from pipeline.cli.show_command import mark_cells, reviewed_findings
from pipeline.cli.terminal import open_console
from tests.cli import rows
from warehouse.errors import WarehouseError
from warehouse.query import QueryResult


def result(records):
    columns = tuple(records[0]) if records else ()
    return QueryResult(columns, ("VARCHAR",) * len(columns), [tuple(record[c] for c in columns) for record in records])


@pytest.fixture
def in_warehouse(monkeypatch):
    """Make the warehouse hold one report with these rows."""

    def put(parts):
        answer = {name: result(records) for name, records in parts.items()}
        monkeypatch.setattr("warehouse.query.report", lambda home, report_id: answer)

    put(rows.PARTS)
    return put


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def draw(monkeypatch, marks, cells=rows.CELLS, facts=rows.FACTS, terminal=False):
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    numbers = {(fact["row"], fact["col"]) for fact in facts}
    layout = lay_out(cells, facts, lambda fact: fact["column_code"])
    open_console().print(draw_grid(cells, layout, marks, numbers=numbers, coloured=terminal, lines=terminal))
    return stream.getvalue()


def test_the_grid_is_aligned_by_width_and_not_by_number_of_characters(monkeypatch):
    lines = draw(monkeypatch, {}).splitlines()
    assert len({wcswidth(line) for line in lines}) == 1
    bars = [[wcswidth(line[:at]) for at, c in enumerate(line) if c == "│"] for line in lines if "│" in line]
    assert all(places == bars[0] for places in bars)


def test_every_printed_cell_stands_in_its_row_and_column(monkeypatch):
    lines = [line for line in draw(monkeypatch, {}).splitlines() if "│" in line]
    grid = [[text.strip() for text in line.strip("│").split("│")] for line in lines]
    assert grid == [["行政复议", "", "", "", ""], list(rows.LABELS), list(rows.PRINTED)]


def test_a_failing_cell_has_a_mark_where_there_are_no_colours(monkeypatch):
    text = draw(monkeypatch, {(3, 5): Mark("failing", "11"), (3, 1): Mark("unread")})
    assert "‹0›✗→11" in text
    assert "‹10›?" in text
    assert "\x1b" not in text


def test_a_failing_cell_is_red_on_a_terminal(monkeypatch):
    text = draw(monkeypatch, {(3, 5): Mark("failing", "11")}, terminal=True)
    assert "\x1b[1;31m0\x1b[0m\x1b[32m→11\x1b[0m" in text


def test_no_color_is_honoured_on_a_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in draw(monkeypatch, {(3, 5): Mark("failing", "11")}, terminal=True)


def test_a_column_that_only_spans_cover_is_left_out(monkeypatch):
    cells = [
        rows.cell(1, 1, "甲", col_span=2),
        rows.cell(1, 3, "乙"),
        rows.cell(2, 1, "丙", col_span=2),
        rows.cell(2, 3, ""),
    ]
    lines = [line for line in draw(monkeypatch, {}, cells).splitlines() if "│" in line]
    assert [line.count("│") for line in lines] == [3, 3]


def test_numbers_of_a_ragged_dump_stand_under_their_own_caption(monkeypatch):
    """As in the text of a Word file: a line of two labels has its numbers one column further to the right."""
    cells = [
        rows.cell(1, 1, "项目"), rows.cell(1, 2, "总计"),
        rows.cell(2, 1, "一、新收"), rows.cell(2, 2, "8"),
        rows.cell(3, 1, "三、结果"), rows.cell(3, 2, "（一）予以公开"), rows.cell(3, 3, "6"),
    ]  # fmt: skip
    facts = [{**rows.FACTS[4], "row": 2, "col": 2}, {**rows.FACTS[4], "row": 3, "col": 3}]
    lines = [
        line for line in draw(monkeypatch, {(3, 3): Mark("failing", "8")}, cells, facts).splitlines() if "│" in line
    ]
    grid = [[text.strip() for text in line.strip("│").split("│")] for line in lines]
    assert grid == [
        ["", "", "total"],
        ["项目", "总计", ""],
        ["一、新收", "", "8"],
        ["三、结果", "（一）予以公开", "‹6›✗→8"],
    ]


def test_long_labels_are_folded_and_nothing_of_them_is_lost(monkeypatch):
    label = "一、本年新收政府信息公开申请数量（含转办）"
    lines = draw(monkeypatch, {}, [rows.cell(1, 1, label), rows.cell(1, 2, "8")], []).splitlines()
    assert "".join(line.split("│")[1].strip() for line in lines if "│" in line) == label
    assert len({wcswidth(line) for line in lines}) == 1


def test_control_characters_of_a_cell_do_not_reach_the_grid(monkeypatch):
    text = draw(monkeypatch, {}, [rows.cell(1, 1, "a\x1b[31m\u202eb\rc")])
    assert not {"\x1b", "\u202e", "\r"} & set(text)


def test_marks_lie_where_the_facts_were_printed():
    unread = rows.fact("upheld", "1O", 1, "unreadable")
    parts = {**rows.PARTS, "facts": [unread, *rows.FACTS[1:]]}
    assert mark_cells(parts, reviewed_findings(parts)) == {(1, 3, 1): Mark("unread"), (1, 3, 5): Mark("failing", "11")}


def test_show_tells_the_report_its_tables_findings_repairs_and_checks(gongkai, published, in_warehouse):
    ended = gongkai("show", rows.REPORT_ID, "--home", published)
    assert (ended.code, ended.err) == (0, "")
    for words in (
        rows.REPORT["title"],
        "tables missing proactive",
        "‹0›✗→11",
        rows.FAILED["message_zh"],
        "0 → 11",
        rows.SUGGESTION["reason_en"],
        "unknown_label",
        "disputes.channel_sum",
        "Failed: 1 error.",
    ):
        assert words in ended.out
    assert "\x1b" not in ended.out


def test_a_dismissed_finding_is_shown_as_such_and_marks_nothing(gongkai, published, in_warehouse):
    in_warehouse({**rows.PARTS, "anomalies": []})
    out = gongkai("show", rows.REPORT_ID, "--home", published).out
    assert "reviewed: dismiss" in out
    assert "✗→" not in out


def test_a_report_that_is_not_current_shows_its_findings_too(gongkai, published, in_warehouse):
    in_warehouse({**rows.PARTS, "reports": [{**rows.REPORT, "is_current": False}], "anomalies": []})
    out = gongkai("show", rows.REPORT_ID, "--home", published).out
    assert "another report of its series counts" in out
    assert "‹0›✗→11" in out


def test_show_as_json_is_the_rows(gongkai, published, in_warehouse):
    shown = json.loads(gongkai("show", rows.REPORT_ID, "--json", "--home", published).out)
    assert shown["reports"]["report_id"] == rows.REPORT_ID
    assert shown["check_results"][0]["difference"] == -11
    assert shown["problems"][0]["detail"] == "行政\x1b[2J裁决"


def test_a_report_that_is_not_there_is_wrong_usage(gongkai, published, monkeypatch):
    def refuse(home, report_id):
        raise WarehouseError(f"there is no report {report_id}")

    monkeypatch.setattr("warehouse.query.report", refuse)
    ended = gongkai("show", "zzz", "--home", published)
    assert (ended.code, ended.err) == (2, "gongkai show: there is no report zzz\n")
