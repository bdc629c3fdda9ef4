"""The failed checks of a report that is in no warehouse, with the same keys as the view ``anomalies``.

Belongs here: suspects and sentences from the report's own rows. Does not belong here: judging, printing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.load import CheckedReport

Cell = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""


def findings_of(report: "CheckedReport") -> list[dict[str, Any]]:
    """Return the failed checks with their suspects.

    Suspects are the cells of a smallest repair that the rule binds, or all that it binds where there is no such repair. The
    summary line of a rule over single cells is left out: each failing cell has a finding of its own.
    """
    failed = [result for result in report.check_results if result["outcome"] == "failed"]
    return [_finding(report, result) for result in failed if not _is_summary(result, failed)]


def _is_summary(result: dict[str, Any], failed: list[dict[str, Any]]) -> bool:
    of_cells = {r["check_id"] for r in failed if r["subject"] != "all"}
    return result["subject"] == "all" and result["check_id"] in of_cells


def _finding(report: "CheckedReport", result: dict[str, Any]) -> dict[str, Any]:
    facts = {(f["fact_table"], f["row_code"], f["column_code"]): f for f in report.facts}
    repairs: dict[Cell, Any] = {}
    for row in report.suggestions:
        repairs.setdefault((row["fact_table"], row["row_code"], row["column_code"]), row["suggested"])
    bound = _bound_cells(result, facts)
    suspected = [cell for cell in bound if cell in repairs] or bound
    claim = next((c for c in report.claims if str(c["claim_no"]) == str(result["subject"])), None)
    is_prose = str(result["check_id"]).startswith("narrative.")
    return {
        **{key: report.report.get(key) for key in ("report_id", "issuer", "year", "title", "scope")},
        **result,
        "suspects": [_suspect(cell, facts[cell], repairs) for cell in suspected],
        "section_no": claim["section_no"] if claim and is_prose else None,
        "sentence": claim["sentence"] if claim and is_prose else None,
    }


def _suspect(cell: Cell, fact: dict[str, Any], repairs: dict[Cell, Any]) -> dict[str, Any]:
    names = dict(zip(("fact_table", "row_code", "column_code"), cell, strict=True))
    return {**names, **{key: fact[key] for key in ("value", "status", "raw_text")}, "suggested": repairs.get(cell)}


def _bound_cells(result: dict[str, Any], facts: dict[Cell, dict[str, Any]]) -> list[Cell]:
    """Return the cells of this report that the rule binds for this subject; none for a rule about prose."""
    from pipeline.catalogue.load import load_catalogue
    from pipeline.edits.operands import bound_cells

    rule = load_catalogue().rules[result["check_id"]]
    if rule.fact_table is None or rule.kind in ("narrative", "across"):
        return []
    form = next((fact["form"] for cell, fact in facts.items() if cell[0] == rule.fact_table), None)
    cells: list[Cell] = []
    for table in load_catalogue().table_forms(rule.fact_table):
        if form in (None, table.form):
            try:
                of_form = bound_cells(rule, str(result["subject"]), table)
            except KeyError:  # This form has no such subject; another one may.
                continue
            cells += [(str(rule.fact_table), *codes) for codes in of_form]
    return [cell for cell in dict.fromkeys(cells) if cell in facts]
