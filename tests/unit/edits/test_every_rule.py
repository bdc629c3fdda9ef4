"""Each declared rule, on each of its subjects: a sound table passes, one that violates it fails, and only then."""

import polars as pl
import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.edits.enforce import breaks, cell_schema, equation_schema, failing_rows
from pipeline.edits.evaluate import evaluate_rules
from pipeline.edits.frames import RESULT_SCHEMA, Sum, Value
from pipeline.edits.operands import FORMLESS, RuleInstance, rule_instances, single_report_rules

CATALOGUE = load_catalogue()
INSTANCES = [instance for instance in rule_instances(CATALOGUE) if instance.form != FORMLESS]
NAMES = [f"{i.rule.check_id}-{i.form}-{i.subject}" for i in INSTANCES]
RULES = single_report_rules(CATALOGUE)


def violation(instance: RuleInstance) -> dict[tuple[str, str], object]:
    """Return cells that break the rule in a table whose other cells are all 0."""
    is_floor = instance.rule.relation == ">=" or instance.rule.kind == "cell"
    return {instance.left[0]: -1 if is_floor else 1}


@pytest.fixture(scope="module")
def judged(make_facts):
    """Judge, in one frame, a sound and a violating report for each instance; report_id names instance and kind."""
    frames = []
    for number, instance in enumerate(INSTANCES):
        table = str(instance.rule.fact_table)
        frames.append(make_facts(table, instance.form, report_id=f"sound-{number}"))
        frames.append(make_facts(table, instance.form, violation(instance), report_id=f"broken-{number}"))
    return evaluate_rules(pl.concat(frames), CATALOGUE)


def outcome_of(judged: pl.DataFrame, report_id: str, instance: RuleInstance) -> dict[str, object]:
    rows = judged.filter(
        (pl.col("report_id") == report_id)
        & (pl.col("check_id") == instance.rule.check_id)
        & (pl.col("subject") == instance.subject)
    )
    assert rows.height == 1
    return rows.row(0, named=True)


@pytest.mark.parametrize("number", range(len(INSTANCES)), ids=NAMES)
def test_a_sound_table_passes(judged, number):
    result = outcome_of(judged, f"sound-{number}", INSTANCES[number])
    assert (result["outcome"], result["message_zh"], result["verdict"]) == ("passed", None, None)


@pytest.mark.parametrize("number", range(len(INSTANCES)), ids=NAMES)
def test_a_violating_table_fails(judged, number):
    instance = INSTANCES[number]
    result = outcome_of(judged, f"broken-{number}", instance)
    assert (result["outcome"], result["verdict"], result["severity"]) == ("failed", "unknown", instance.rule.severity)
    assert result["difference"] == result["left_value"] - result["right_value"] != 0
    assert result["message_zh"] and result["message_en"]
    assert not {"{", "}"} & set(result["message_zh"] + result["message_en"])


def test_sound_tables_fail_nothing(judged):
    sound = judged.filter(pl.col("report_id").str.starts_with("sound"))
    assert set(sound["outcome"]) == {"passed"}


def test_every_rule_over_facts_is_judged(judged):
    assert set(judged["check_id"]) == {rule.check_id for rule in RULES}


def test_results_have_the_declared_columns_and_order(judged):
    assert judged.schema == pl.Schema(RESULT_SCHEMA)
    assert judged.equals(judged.sort("report_id", "check_id", "subject"))
    assert not judged.select("report_id", "check_id", "subject").is_duplicated().any()


EQUATION_RULES = [rule for rule in RULES if rule.kind != "cell"]


@pytest.mark.parametrize("rule", EQUATION_RULES, ids=lambda rule: rule.check_id)
def test_pandera_itself_fails_a_broken_equation(rule):
    wrong = {"=": (3, 4), "<=": (5, 4), ">=": (-1, 0)}["<=" if rule.kind in ("subset", "bound") else rule.relation]
    right = {"=": (4, 4), "<=": (4, 4), ">=": (0, 0)}["<=" if rule.kind in ("subset", "bound") else rule.relation]
    low = 0 if rule.kind == "bound" else None
    rows = [(rule.check_id, *right, low, True), (rule.check_id, *wrong, low, True), (rule.check_id, *wrong, low, False)]
    schema = {"check_id": pl.String, "left": Sum, "right": Sum, "low": Sum, "is_assessable": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    assert failing_rows(equation_schema(rule), frame, rule) == [1]
    assert breaks(frame, CATALOGUE).to_list() == [False, True, False]


def test_pandera_fails_a_bound_below_its_greatest_part():
    rule = CATALOGUE.rules["statistics.channel_bound"]
    schema = {"check_id": pl.String, "left": Sum, "right": Sum, "low": Sum, "is_assessable": pl.Boolean}
    frame = pl.DataFrame([(rule.check_id, 2, 9, 3, True), (rule.check_id, 3, 9, 3, True)], schema=schema, orient="row")
    assert failing_rows(equation_schema(rule), frame, rule) == [0]


def test_an_assessable_row_without_a_number_does_not_pass():
    rule = CATALOGUE.rules["requests.balance"]
    schema = {"check_id": pl.String, "left": Sum, "right": Sum, "low": Sum, "is_assessable": pl.Boolean}
    frame = pl.DataFrame([(rule.check_id, None, 3, None, True)], schema=schema, orient="row")
    assert failing_rows(equation_schema(rule), frame, rule) == [0]


def test_single_cells_are_integers_of_at_least_0():
    rule = CATALOGUE.rules["requests.nonnegative"]
    frame = pl.DataFrame({"value": ["0", "-1", "2.5", "7"]}).cast(Value)
    assert failing_rows(cell_schema(rule), frame, rule) == [1, 2]


def test_a_frame_that_is_not_an_equation_frame_is_a_fault_not_a_finding():
    rule = CATALOGUE.rules["requests.balance"]
    frame = pl.DataFrame(
        {"check_id": [rule.check_id], "left": [1.0], "right": [2.0], "low": [None], "is_assessable": [True]}
    )
    with pytest.raises(Exception, match="dtype"):
        failing_rows(equation_schema(rule), frame, rule)
