"""The failed checks of one report from its own rows, with the same keys as the view ``anomalies``.

Belongs here: suspects and sentences, for reports that the view does not hold: those in no warehouse, those that are not
current, findings that a person dismissed. Does not belong here: judging, printing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Cell = tuple[str, str, str]
"""(fact_table, row_code, column_code)"""


def findings_of(report: Mapping[str, Any], parts: Mapping[str, Rows]) -> list[dict[str, Any]]:
    """Return the failed checks of a report with their suspects.

    ``report``: its row of ``reports``; ``parts``: its rows of facts, claims, suggestions, check_results and, where it is
    loaded, compared_cells.

    Suspects are the cells of a smallest repair that the rule binds, or all that it binds where there is no such repair. The
    summary line of a rule over single cells is left out: each failing cell has a finding of its own.
    """
    failed = [result for result in parts["check_results"] if result["outcome"] == "failed"]
    return [_finding(report, parts, result) for result in failed if not _is_summary(result, failed)]


def _is_summary(result: Mapping[str, Any], failed: Rows) -> bool:
    of_cells = {r["check_id"] for r in failed if r["subject"] != "all"}
    return result["subject"] == "all" and result["check_id"] in of_cells


def _finding(report: Mapping[str, Any], parts: Mapping[str, Rows], result: Mapping[str, Any]) -> dict[str, Any]:
    facts = {(f["fact_table"], f["row_code"], f["column_code"]): f for f in parts["facts"]}
    repairs: dict[Cell, Any] = {}
    for row in parts["suggestions"]:
        repairs.setdefault((row["fact_table"], row["row_code"], row["column_code"]), row["suggested"])
    bound = _bound_cells(result, facts)
    suspected = [cell for cell in bound if cell in repairs] or bound
    suspects = [_suspect(cell, facts[cell], repairs) for cell in suspected]
    suspects += _compared(result, parts.get("compared_cells", []))
    claim = next((c for c in parts["claims"] if str(c["claim_no"]) == str(result["subject"])), None)
    is_prose = str(result["check_id"]).startswith("narrative.")
    return {
        **{key: report.get(key) for key in ("report_id", "issuer", "year", "title", "scope")},
        **result,
        "suspects": suspects,
        "section_no": claim["section_no"] if claim and is_prose else None,
        "sentence": claim["sentence"] if claim and is_prose else None,
    }


def _suspect(cell: Cell, fact: Mapping[str, Any], repairs: dict[Cell, Any]) -> dict[str, Any]:
    names = dict(zip(("fact_table", "row_code", "column_code"), cell, strict=True))
    return {**names, **{key: fact[key] for key in ("value", "status", "raw_text")}, "suggested": repairs.get(cell)}


def _compared(result: Mapping[str, Any], cells: Rows) -> list[dict[str, Any]]:
    """Return the suspects of a rule across reports, those of this report first."""
    finding = ("report_id", "check_id", "subject")
    own = [c for c in cells if c["is_suspect"] and all(c[name] == result[name] for name in finding)]
    own.sort(
        key=lambda c: (c["cell_report_id"] != c["report_id"], c["cell_report_id"], c["row_code"], c["column_code"])
    )
    kept = ("fact_table", "row_code", "column_code", "value", "status", "raw_text")
    return [{"report_id": c["cell_report_id"], **{name: c[name] for name in kept}, "suggested": None} for c in own]


def _bound_cells(result: Mapping[str, Any], facts: Mapping[Cell, Mapping[str, Any]]) -> list[Cell]:
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
