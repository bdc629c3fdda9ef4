"""The schemas of the published tables: each kind of wrong frame fails, with its count and samples."""

import polars as pl
import pytest

from checks.schemas import TableSchemaError, schema_for, validate
from pipeline.catalogue.load import load_catalogue
from warehouse.schemas import empty_frame, table_schema

CATALOGUE = load_catalogue()
REQUESTS = CATALOGUE.tables["requests"]
SOUND = {
    "report_id": "r1", "year": 2019, "item": "granted", "applicant": "total", "value": 1, "status": "reported",
    "form": "2019", "raw_text": "1", "table_no": 1, "row": 1, "col": 1, "reason": None, "note": None,
}  # fmt: skip


def requests(*changes):
    return pl.DataFrame([SOUND | change for change in changes], schema=table_schema(REQUESTS))


def message(frame, table=REQUESTS):
    with pytest.raises(TableSchemaError) as caught:
        validate(frame, table, CATALOGUE)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", CATALOGUE.tables)
def test_every_declared_table_has_a_schema_that_an_empty_frame_satisfies(name):
    table = CATALOGUE.tables[name]
    assert validate(empty_frame(table), table, CATALOGUE).height == 0
    assert list(schema_for(table).columns) == [column.name for column in table.columns]


def test_a_sound_frame_passes_as_it_is():
    frame = requests(
        {}, {"item": "other"}, {"item": "processed_total", "value": None, "status": "blank", "raw_text": ""}
    )
    assert validate(frame, REQUESTS, CATALOGUE) is frame


def test_a_value_that_is_no_code_fails_with_its_key():
    told = message(requests({}, {"item": "other", "value": None, "status": "empty"}))
    assert "status is none of its codes (×1: r1/other/total holds 'empty')" in told


def test_an_axis_code_that_no_form_has_fails():
    assert "item is none of its codes" in message(requests({"item": "granted_twice"}))


def test_a_missing_column_fails():
    assert "a column is missing (×1: form)" in message(requests({}).drop("form"))


def test_a_surplus_column_fails():
    assert "a column is not declared (×1: remark)" in message(requests({}).with_columns(remark=pl.lit("x")))


def test_columns_out_of_order_fail():
    frame = requests({})
    assert "out of order" in message(frame.select(reversed(frame.columns)))


def test_a_doubled_key_fails():
    assert "a key stands several times (×2: r1/granted/total, r1/granted/total)" in message(requests({}, {"value": 7}))


def test_a_null_where_none_may_be_fails():
    assert "year is NULL (×1" in message(requests({"year": None}))


def test_another_type_fails_and_is_not_cast():
    assert "value has the wrong type (×1: Float64)" in message(requests({}).cast({"value": pl.Float64}))


@pytest.mark.parametrize(
    ("value", "status"), [(None, "reported"), (0, "blank"), (3, "unreadable"), (None, "corrected")]
)
def test_a_value_stands_exactly_where_the_status_says_so(value, status):
    assert "a value stands exactly where the status says so" in message(requests({"value": value, "status": status}))


def test_samples_are_few_and_counts_whole():
    told = message(requests(*({"report_id": f"r{n}", "status": "odd", "value": None} for n in range(40))))
    assert "status is none of its codes (×40: " in told
    assert told.count("holds 'odd'") == 5


def test_a_lazy_frame_is_refused_because_its_values_would_pass_unseen():
    bad = requests({"status": "odd"}).lazy()
    schema_for(REQUESTS).validate(
        bad, lazy=True
    )  # What pandera does: nothing is raised, even though the value is wrong.
    with pytest.raises(TypeError, match="eager"):
        validate(bad, REQUESTS)


def test_results_of_the_equations_satisfy_their_schema(sound_results):
    assert validate(sound_results, CATALOGUE.tables["check_results"]).height > 0


@pytest.fixture
def sound_results():
    from pipeline.edits.evaluate import evaluate_rules

    columns = [column.code for column in CATALOGUE.forms["2019"].tables["disputes"].columns]
    facts = pl.DataFrame({"column_code": columns, "value": [1, 0, 0, 0, 2]}).with_columns(
        pl.col("value").cast(pl.Decimal(20, 4)), report_id=pl.lit("r1"), year=pl.lit(2020),
        fact_table=pl.lit("disputes"), row_code=pl.lit("review"), status=pl.lit("reported"), form=pl.lit("2019"),
    )  # fmt: skip
    return evaluate_rules(facts, CATALOGUE)
