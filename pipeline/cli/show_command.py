"""``gongkai show``: one report, its tables as printed, and what is wrong in them.

Belongs here: what is shown of a report, and in which order. Does not belong here: grids (``grid``), findings
(``findings``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.errors import DONE, UsageError
from pipeline.cli.findings import cell_label, count_by_severity, finding_lines, group_by_report
from pipeline.cli.grid import Mark, draw_grid, lay_out
from pipeline.cli.options import Run, home_option, json_option, require_warehouse
from pipeline.cli.report_findings import findings_of
from pipeline.cli.safe_text import one_line
from pipeline.cli.terminal import is_coloured, open_console, plain_number, print_json, print_rows, styled

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.catalogue.model import Catalogue
    from pipeline.edits.labels import PrintedNames

OUTCOMES = ("passed", "failed", "not_assessable")

Row = Mapping[str, Any]
Report = Mapping[str, list[dict[str, Any]]]
"""The rows of one report by table: reports, cells, facts, check_results, anomalies, suggestions, problems, claims,
corrections."""


@click.command("show", short_help="Show one report, its wrong numbers marked.")
@click.argument("report_id")
@json_option
@home_option
@click.pass_obj
def command(run: Run, report_id: str, as_json: bool) -> int:
    """Show one report: its tables as printed with the failing cells marked, its checks, and suggested repairs.

    REPORT_ID stands in "gongkai anomalies" and in the table reports; a beginning of it will do if it is the only one.

    \b
    Example:
      gongkai show 3f0c9a1be27d4455
    """
    from pipeline.catalogue.load import load_catalogue

    report = find_report(run, report_id)
    if as_json:
        print_json({table: rows[0] if table == "reports" else rows for table, rows in report.items()})
        return DONE
    show_report(open_console(), report, load_catalogue())
    return DONE


def find_report(run: Run, report_id: str) -> Report:
    """Return the rows of the one report whose id begins so. Raises UsageError where there is none, or several."""
    home = require_warehouse(run)
    from warehouse.errors import WarehouseError
    from warehouse.query import report

    try:
        return {table: result.dicts() for table, result in report(home, report_id).items()}
    except WarehouseError as error:
        raise UsageError(str(error)) from error


def show_report(console: "Console", report: Report, catalogue: "Catalogue") -> None:
    """Print a report: what it is, its tables, its findings, what could not be read, and how its checks came out."""
    from pipeline.edits.labels import printed_names

    names = printed_names(catalogue)
    findings = reviewed_findings(report)
    _print_identity(console, report["reports"][0])
    _print_files(console, report.get("report_files", []))
    _print_tables(console, report, [f for f in findings if f["decision"] != "dismiss"], names)
    if findings:
        console.print(styled("What is wrong", "bold"))
        for finding in group_by_report(findings)[0]:
            for line in finding_lines(finding, names):
                console.print(line)
        console.print()
    print_suggestions(console, report.get("suggestions", []), names)
    print_corrections(console, report.get("corrections", []), report["facts"], names)
    print_problems(console, report.get("problems", []))
    _print_checks(console, report["check_results"])


def reviewed_findings(report: Report) -> list[dict[str, Any]]:
    """Return the failed checks of a report, each with the decision of a person on it (None where there is none).

    The view ``anomalies`` holds those of current reports that were not dismissed: what it lacks of them was.
    """
    row = report["reports"][0]
    listed = {(r["check_id"], r["subject"]): r["decision"] for r in report["anomalies"]}
    unlisted = "dismiss" if row["is_current"] else None
    return [{**f, "decision": listed.get((f["check_id"], f["subject"]), unlisted)} for f in findings_of(row, report)]


def _print_identity(console: "Console", row: Row) -> None:
    console.print(styled(one_line(str(row.get("title") or row.get("issuer") or row["report_id"])), "bold"))
    facts = [
        ("issuer", row.get("issuer")),
        ("year", row.get("year")),
        ("scope", row.get("scope")),
        ("form", row.get("form")),
        ("published", row.get("published_on")),
        ("signed", row.get("signed_on")),
        ("source", row.get("source")),
        ("tables missing", ", ".join(row.get("tables_missing") or ())),
        ("file", row.get("file_id")),
        ("current", None if row.get("is_current", True) else "no: another report of its series counts"),
    ]
    for name, value in facts:
        if value not in (None, ""):
            console.print(styled(f"  {name:<15}{one_line(str(value))}"))
    console.print()


def _print_files(console: "Console", files: Sequence[Row]) -> None:
    """Print the files that came with the main one, if any."""
    others = [file for file in files if file["role"] != "main"]
    for file in sorted(others, key=lambda file: (file["role"], file["file_id"])):
        console.print(styled(f"  {file['role']:<15}{file['file_id']}"))
    if others:
        console.print()


def _print_tables(console: "Console", report: Report, findings: Sequence[Row], names: "PrintedNames") -> None:
    marks = mark_cells(report, findings)
    cells = report["cells"]
    for table_no in sorted({row["table_no"] for row in cells}):
        console.print(styled(f"Table {table_no}{_table_title(report['facts'], table_no)}", "bold"))
        of_table = [row for row in cells if row["table_no"] == table_no]
        facts = [fact for fact in report["facts"] if fact["table_no"] == table_no]
        one_line_form = len({fact["row"] for fact in facts}) == 1
        layout = lay_out(of_table, facts, lambda fact: _caption(fact, names, whole=one_line_form))  # noqa: B023
        places = {(row, col): mark for (number, row, col), mark in marks.items() if number == table_no}
        numbers = {(fact["row"], fact["col"]) for fact in facts}
        coloured = is_coloured(console)
        console.print(
            draw_grid(of_table, layout, places, numbers=numbers, coloured=coloured, lines=console.is_terminal)
        )
    if not cells:
        console.print(styled("No table of a form was found in it.", "yellow"))
    placeless = [f for f in report["facts"] if f["table_no"] is None and f["status"] in ("missing", "unreadable")]
    if placeless:
        console.print(styled(f"Cells of the form that the tables do not have: {_labels(placeless, names)}", "yellow"))
    console.print()


def _caption(fact: Row, names: "PrintedNames", *, whole: bool) -> str:
    """Return what stands in a fact's column: its column's label, or row and column where the form has all in one line."""
    label = cell_label(names, fact)
    return label if whole else label.rpartition(" / ")[2]


def _table_title(facts: Iterable[Row], table_no: int) -> str:
    tables = {(fact["fact_table"], fact["form"]) for fact in facts if fact["table_no"] == table_no}
    return "".join(f" · {table}, form {form or 'unknown'}" for table, form in sorted(tables, key=str))


def mark_cells(report: Report, findings: Sequence[Row]) -> dict[tuple[int, int, int], Mark]:
    """Return the marks by (table_no, row, col): suspects of the findings, and cells that could not be read.

    The number shown beside a suspect is that of the first of several repairs.
    """
    places = {
        (fact["fact_table"], fact["row_code"], fact["column_code"]): (fact["table_no"], fact["row"], fact["col"])
        for fact in report["facts"]
        if fact["table_no"] is not None
    }
    marks = {
        (fact["table_no"], fact["row"], fact["col"]): Mark("unread")
        for fact in report["facts"]
        if fact["status"] == "unreadable" and fact["table_no"] is not None
    }
    marks |= {
        (fact["table_no"], fact["row"], fact["col"]): Mark("corrected", str(plain_number(fact["value"])))
        for fact in report["facts"]
        if fact["status"] == "corrected"
    }
    for finding in findings:
        for suspect in finding.get("suspects") or ():
            if suspect.get("report_id") not in (None, report["reports"][0]["report_id"]):
                continue  # It stands in another report.
            place = places.get((suspect["fact_table"], suspect["row_code"], suspect["column_code"]))
            if place is None or (place in marks and marks[place].suggested is not None):
                continue
            suggested = suspect.get("suggested")
            marks[place] = Mark("failing", None if suggested is None else str(plain_number(suggested)))
    return marks


def print_suggestions(console: "Console", suggestions: Sequence[Row], names: "PrintedNames") -> None:
    """Print the smallest repairs of a report, if any; equally small ones apart."""
    if not suggestions:
        return
    console.print(styled("Smallest repairs (nothing is changed by them)", "bold"))
    for solution in sorted({row["solution"] for row in suggestions}):
        if not all(row["is_unique"] for row in suggestions):
            console.print(styled(f"  repair {solution}, one of several that are equally small:"))
        for row in suggestions:
            if row["solution"] == solution:
                printed = "blank" if row["reported"] is None else plain_number(row["reported"])
                repair = f"{printed} → {plain_number(row['suggested'])}"
                console.print(styled(f"  {cell_label(names, row)}: {repair}", "green"))
                for reason in (row.get("reason_zh"), row.get("reason_en")):
                    if reason:
                        console.print(styled(f"      {one_line(reason)}"))
    console.print()


def print_corrections(
    console: "Console", corrections: Sequence[Row], facts: Sequence[Row], names: "PrintedNames"
) -> None:
    """Print what people corrected in the report's file: the printed text, the value that counts, why, by whom."""
    given = [row for row in corrections if row.get("outcome") in (None, "applied")]
    lines = []
    for row in given:
        for fact in facts:
            place = (fact["table_no"], fact["row"], fact["col"])
            if fact["status"] != "corrected" or place != (row["table_no"], row["row"], row["col"]):
                continue
            if row["cell"] in ("", f"{fact['fact_table']}/{fact['row_code']}/{fact['column_code']}"):
                what = f"{cell_label(names, fact)} ‹{one_line(str(fact['raw_text'] or ''))}› counts as"
                lines.append(f"{what} {plain_number(fact['value'])}: {one_line(row['reason'])} ({one_line(row['by'])})")
    if lines:
        console.print(styled("Corrected by a person (the printed text stays)", "bold"))
        for line in lines:
            console.print(styled(f"  {line}", "blue"))
        console.print()


def print_problems(console: "Console", problems: Sequence[Row]) -> None:
    """Print what the document holds that its form does not know, if anything."""
    if not problems:
        return
    console.print(styled("Met in the document, not fitting its form", "bold"))
    for row in problems:
        where = f" (table {row['table_no']}, row {row['row']})" if row.get("table_no") is not None else ""
        console.print(styled(f"  {row['kind']}: {one_line(str(row['detail']))}{where}"))
    console.print()


def _print_checks(console: "Console", results: Sequence[Row]) -> None:
    """Print one line a rule: how often it passed, failed, could not be judged, and why not."""
    console.print(styled("Checks", "bold"))
    rows = []
    for check_id in sorted({row["check_id"] for row in results}):
        of_check = [row for row in results if row["check_id"] == check_id]
        counts = [sum(row["outcome"] == outcome for row in of_check) for outcome in OUTCOMES]
        why = next((row["message_en"] or "" for row in of_check if row["outcome"] == "not_assessable"), "")
        rows.append([check_id, *(n or "" for n in counts), one_line(str(why))])
    numbers = [(outcome.replace("_", " "), True) for outcome in OUTCOMES]
    headers = [("check", False), *numbers, ("why not (first)", False)]
    print_rows(console, headers, rows)
    failed = [row for row in results if row["outcome"] == "failed"]
    console.print(styled(f"Failed: {count_by_severity(failed)}." if failed else "Nothing failed."))


def _labels(facts: Sequence[Row], names: "PrintedNames") -> str:
    labels = [cell_label(names, fact) for fact in facts]
    return "; ".join(labels[:8]) + (f" and {len(labels) - 8} more" if len(labels) > 8 else "")
