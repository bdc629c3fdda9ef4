"""A person's decisions: which finding they are bound to, and how they are kept."""

import csv

import polars as pl
import pytest

from pipeline.cli.reviews_file import COLUMNS, Review, append_reviews, read_reviews
from pipeline.home import Home
from tests.cli import rows
from tests.cli.test_show import result


@pytest.fixture
def report(monkeypatch):
    """Make the warehouse hold one report; record what was published again."""
    published_again = []

    def put(parts):
        answer = {name: result(records) for name, records in parts.items()}
        monkeypatch.setattr("warehouse.query.report", lambda home, report_id: answer)

    put(rows.PARTS)
    monkeypatch.setattr("pipeline.load.load_paths", lambda home, paths, **_: published_again.append(list(paths)))
    put.published_again = published_again
    return put


def test_a_decision_is_bound_to_the_evidence_of_its_finding(gongkai, published, report):
    note = '旧表, "误"\n=1'
    ended = gongkai(
        "review", "a1b2", "disputes.channel_sum", "review", "--dismiss", "--note", note, "--home", published
    )
    assert (ended.code, ended.err) == (0, "")
    assert "disputes.channel_sum / review: dismiss recorded" in ended.out
    (review,) = read_reviews(published / "reviews.csv")
    assert (review.series_id, review.check_id, review.subject) == (
        rows.REPORT["series_id"],
        "disputes.channel_sum",
        "review",
    )
    assert (review.decision, review.note, review.evidence) == ("dismiss", note, rows.ANOMALY["evidence"])
    assert report.published_again == [[]], "published again at once"


def test_without_a_subject_every_finding_of_the_check_is_meant(gongkai, published, report):
    second = {"subject": "litigation_direct"}
    report(
        {
            **rows.PARTS,
            "check_results": [rows.FAILED, {**rows.FAILED, **second}],
            "anomalies": [rows.ANOMALY, {**rows.ANOMALY, **second, "evidence": "ffff"}],
        }
    )
    assert gongkai("review", "a1b2", "disputes.channel_sum", "--confirm", "--home", published).code == 0
    reviews = read_reviews(published / "reviews.csv")
    assert [(r.subject, r.evidence, r.decision) for r in reviews] == [
        ("litigation_direct", "ffff", "confirm"),
        ("review", rows.ANOMALY["evidence"], "confirm"),
    ]


def test_a_dismissed_finding_can_be_taken_up_again(gongkai, published, report):
    gongkai("review", "a1b2", "disputes.channel_sum", "--dismiss", "--home", published)
    report({**rows.PARTS, "anomalies": []})
    assert gongkai("review", "a1b2", "disputes.channel_sum", "--confirm", "--home", published).code == 0
    assert [(r.decision, r.evidence) for r in read_reviews(published / "reviews.csv")] == [
        ("dismiss", rows.ANOMALY["evidence"]),
        ("confirm", rows.ANOMALY["evidence"]),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("a1b2", "disputes.channel_sum"),
        ("a1b2", "nosuch.check", "--confirm"),
        ("a1b2", "disputes.channel_sum", "nosuch", "--confirm"),
        ("a1b2", "disputes.nonnegative", "--confirm"),
    ],
)
def test_a_decision_on_nothing_is_wrong_usage(gongkai, published, report, arguments):
    ended = gongkai("review", *arguments, "--home", published)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert not (published / "reviews.csv").exists()
    assert not report.published_again


REVIEW = Review("s", "c", "x", "confirm", "", "2026-01-02T03:04:05.000006+00:00", "e")


def test_decisions_are_appended_also_where_an_editor_left_the_last_line_open(tmp_path):
    file = tmp_path / "reviews.csv"
    append_reviews(file, [REVIEW])
    file.write_text(file.read_text().rstrip("\n"))
    append_reviews(file, [REVIEW, REVIEW])
    assert read_reviews(file) == [REVIEW] * 3
    assert file.read_text().splitlines()[0] == ",".join(COLUMNS)


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", ",".join(COLUMNS) + "\n1,2\n", ",".join(COLUMNS) + "\n1,2,3,4,5,6,7,8\n"]
)
def test_a_file_that_somebody_broke_is_told_and_not_appended_to(gongkai, published, report, text):
    (published / "reviews.csv").write_text(text)
    ended = gongkai("review", "a1b2", "disputes.channel_sum", "--confirm", "--home", published)
    assert ended.code == 1
    assert "reviews.csv" in ended.err
    assert ended.err.count("\n") == 1
    assert (published / "reviews.csv").read_text() == text


def test_the_warehouse_reads_what_is_written_here(tmp_path):
    from pipeline.catalogue.load import load_catalogue
    from warehouse.declared import declared_frames

    home = Home(tmp_path)
    note = '总计, "误"\n第二行'
    append_reviews(home.reviews, [REVIEW, Review("s", "c", "x", "dismiss", note, "2026-01-02T03:04:06+00:00", "e")])
    frame = declared_frames(home, load_catalogue())["reviews"]
    assert frame.columns == list(COLUMNS)
    assert frame["note"].to_list() == [None, note]
    assert frame["decided_at"].dtype == pl.Datetime("us")
    with home.reviews.open(newline="") as file:
        assert len(list(csv.reader(file))) == 3
