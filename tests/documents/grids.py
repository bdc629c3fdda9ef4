"""Tables of the forms as grids of printed cells, laid out from the catalogue as the forms print them.

Belongs here: (row, column, spans, text) of every cell of a table. How a kind of file writes a grid is in its own module.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.catalogue.model import Axis, TableForm

Printed = Mapping[tuple[str, str], str]
"""(row_code, column_code) → the text printed in that cell."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A printed cell; rows and columns count from 1. ``is_label`` tells labels from values."""

    row: int
    col: int
    text: str
    row_span: int = 1
    col_span: int = 1
    is_label: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """A printed table under its chapter heading."""

    heading: str
    cells: tuple[GridCell, ...]

    @property
    def rows(self) -> list[list[GridCell]]:
        """Return the cells by the row that they start in."""
        count = max(cell.row + cell.row_span - 1 for cell in self.cells)
        return [[cell for cell in self.cells if cell.row == number] for number in range(1, count + 1)]

    @property
    def width(self) -> int:
        return max(cell.col + cell.col_span - 1 for cell in self.cells)


def table_grid(table: TableForm, printed: Printed) -> Grid:
    """Return one table of a form as its grid."""
    layouts = {"proactive": _proactive, "requests": _requests, "disputes": _disputes, "statistics": _statistics}
    return Grid(table.heading, tuple(layouts[table.fact_table](table, printed)))


def _proactive(table: TableForm, printed: Printed) -> list[GridCell]:
    width = 1 + max(len(block.columns) for block in table.blocks)
    cells: list[GridCell] = []
    row = 0
    for block in table.blocks:
        row += 1
        cells.append(GridCell(row, 1, block.title, 1, width))
        row += 1
        cells.append(GridCell(row, 1, "信息内容"))
        labels = [_column_label(table.column(code)) for code in block.columns]
        cells += _spread(row, labels, width, True)
        for code in block.rows:
            row += 1
            cells.append(GridCell(row, 1, table.row(code).label))
            cells += _spread(row, [printed.get((code, column), "") for column in block.columns], width, False)
    return cells


def _column_label(axis: Axis) -> str:
    return f"{axis.label}（单位：{axis.printed_unit}）" if axis.printed_unit else axis.label


def _spread(row: int, texts: list[str], width: int, is_label: bool) -> list[GridCell]:
    """Lay texts over the columns after the label; the last one takes what is left."""
    cells = []
    for index, text in enumerate(texts):
        last = index == len(texts) - 1
        cells.append(GridCell(row, 2 + index, text, 1, width - 1 - index if last else 1, is_label))
    return cells


def _requests(table: TableForm, printed: Printed) -> list[GridCell]:
    note = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    columns = [axis for axis in table.columns if not axis.is_group]
    organizations = [axis for axis in columns if axis.parent]
    cells = [
        GridCell(1, 1, note, 3, 3),
        GridCell(1, 4, "申请人情况", 1, len(columns)),
        GridCell(2, 4, columns[0].label, 2),
        GridCell(2, 5, "法人或其他组织", 1, len(organizations)),
        GridCell(2, 5 + len(organizations), columns[-1].label, 2),
    ]
    cells += [GridCell(3, 5 + index, axis.label) for index, axis in enumerate(organizations)]
    depth = {axis.code: _depth(table.rows, axis) for axis in table.rows}
    row = 3
    for axis in table.rows:
        if axis.is_group:
            height = sum(1 for other in table.rows if not other.is_group and _is_under(table.rows, other, axis.code))
            cells.append(GridCell(row + 1, depth[axis.code], axis.label, height))
            continue
        row += 1
        cells.append(GridCell(row, depth[axis.code], axis.label, 1, 4 - depth[axis.code]))
        cells += [
            GridCell(row, 4 + index, printed.get((axis.code, column.code), ""), is_label=False)
            for index, column in enumerate(columns)
        ]
    return cells


def _depth(rows: tuple[Axis, ...], axis: Axis) -> int:
    depth = 1
    while axis.parent is not None:
        axis = next(other for other in rows if other.code == axis.parent)
        depth += 1
    return depth


def _is_under(rows: tuple[Axis, ...], axis: Axis, code: str) -> bool:
    while axis.parent is not None:
        if axis.parent == code:
            return True
        axis = next(other for other in rows if other.code == axis.parent)
    return False


def _disputes(table: TableForm, printed: Printed) -> list[GridCell]:
    outcomes = list(table.columns)
    count = len(outcomes)
    channels = [axis.code for axis in table.rows if not axis.is_group]
    cells = [GridCell(1, 1, "行政复议", 1, count), GridCell(1, count + 1, "行政诉讼", 1, 2 * count)]
    cells += [GridCell(2, 1 + index, axis.label, 2) for index, axis in enumerate(outcomes)]
    cells += [GridCell(2, count + 1, "未经复议直接起诉", 1, count), GridCell(2, 2 * count + 1, "复议后起诉", 1, count)]
    cells += [GridCell(3, count + 1 + index, outcomes[index % count].label) for index in range(2 * count)]
    values = [(channel, axis.code) for channel in channels for axis in outcomes]
    cells += [GridCell(4, 1 + index, printed.get(key, ""), is_label=False) for index, key in enumerate(values)]
    return cells


UNIT_NAMES = {"count": "件", "persons": "人", "CNY": "万元"}


def _statistics(table: TableForm, printed: Printed) -> list[GridCell]:
    columns = [axis for axis in table.columns if not axis.is_group]
    cells = [GridCell(1, 1, "统 计 指 标"), GridCell(1, 2, "单位")]
    cells += [GridCell(1, 3 + index, axis.label) for index, axis in enumerate(columns)]
    row = 1
    for axis in table.rows:
        if table.rows_vary and not any((axis.code, column.code) in printed for column in columns):
            continue
        row += 1
        cells.append(GridCell(row, 1, axis.label))
        unit = "——" if axis.is_group else axis.printed_unit or UNIT_NAMES[axis.unit or "count"]
        cells.append(GridCell(row, 2, unit))
        for index, column in enumerate(columns):
            text = "——" if axis.is_group else printed.get((axis.code, column.code), "")
            cells.append(GridCell(row, 3 + index, text, is_label=axis.is_group))
    return cells
