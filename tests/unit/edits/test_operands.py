"""Which cells a rule binds, and what a catalogue must not do."""

from dataclasses import replace

import pytest

from pipeline.catalogue.localization import SLIPS, load_localization
from pipeline.catalogue.model import CatalogueError
from pipeline.edits.operands import FORMLESS, bound_cells, rule_instances


def cells(catalogue, check_id, subject, form, fact_table):
    return bound_cells(catalogue.rules[check_id], subject, catalogue.forms[form].tables[fact_table])


def test_a_balance_binds_its_four_cells_left_side_first(catalogue):
    assert cells(catalogue, "requests.balance", "business", "2019", "requests") == (
        ("new_received", "business"),
        ("carried_over_in", "business"),
        ("processed_total", "business"),
        ("carried_over_out", "business"),
    )


def test_outcomes_are_those_of_the_form(catalogue):
    sums = {form: cells(catalogue, "requests.processed_sum", "total", form, "requests") for form in ("2019", "2021")}
    assert ("other", "total") in sums["2019"] and ("other", "total") not in sums["2021"]
    assert ("other_remaining", "total") in sums["2021"] and len(sums["2021"]) == len(sums["2019"]) + 2


def test_a_part_of_two_wholes_names_its_whole(catalogue):
    subject = "normative_documents_disclosed/year/normative_documents_issued"
    assert cells(catalogue, "statistics.subset", subject, "2014", "statistics") == (
        ("normative_documents_disclosed", "year"),
        ("normative_documents_issued", "year"),
    )


def test_a_breaking_cell_is_its_own_suspect(catalogue):
    assert cells(catalogue, "requests.nonnegative", "granted/total", "2019", "requests") == (("granted", "total"),)
    assert len(cells(catalogue, "requests.nonnegative", "all", "2019", "requests")) == 161


@pytest.mark.parametrize("subject", ["nobody", "granted/nobody", "other_remaining/total"])
def test_an_unknown_subject_is_refused(catalogue, subject):
    with pytest.raises(KeyError):
        cells(catalogue, "requests.nonnegative", subject, "2019", "requests")


def test_an_item_without_the_measure_is_no_subject(catalogue):
    subjects = [
        instance.subject
        for instance in rule_instances(catalogue)
        if instance.rule.check_id == "proactive.stock_floor" and instance.form != FORMLESS
    ]
    assert subjects == ["licensing", "other_management_services", "penalties", "coercive_measures", "fees"]


def test_a_rule_that_binds_nothing_is_an_error_of_the_catalogue(catalogue):
    rule = replace(catalogue.rules["requests.balance"], check_id="requests.nothing", left=("no_such_row",))
    with pytest.raises(CatalogueError, match=r"requests\.nothing"):
        rule_instances(replace(catalogue, rules={**catalogue.rules, rule.check_id: rule}))


def test_every_slip_has_a_weight_and_words():
    declared = load_localization()
    assert set(declared.slips) == set(declared.slip_sentences) == set(SLIPS)
    assert all(weight > 0 for weight in (*declared.slips.values(), *declared.cells.values()))
    assert set(declared.cells) == {"reported", "corrected", "reconstructed", "blank"}
