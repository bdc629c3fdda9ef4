"""A folder with a page and its attachments is loaded as one report, whatever of it came first."""

import random
from pathlib import Path

import pytest

from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.load import load_paths
from tests.dagster.test_load import table_hashes
from tests.documents import docx, html
from tests.documents.made import make_report
from warehouse.forget import forget
from warehouse.query import report, run_query, status


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page with a damaged number, the same report as a Word file, and a picture, as somebody saved them."""
    rng = random.Random(5)
    made = make_report(rng, load_catalogue(), "2021", "plain")
    page = html.render(made, "plain", random.Random(1))
    assert (page.count(b"<td>0</td>")) > 1
    (tmp_path / "in" / "附件").mkdir(parents=True)
    (tmp_path / "in" / "index.html").write_bytes(page.replace(b"<td>0</td>", b"<td>0.5</td>", 1))
    (tmp_path / "in" / "附件" / "年报.docx").write_bytes(docx.render(made, rng))
    (tmp_path / "in" / "附件" / "章.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return tmp_path / "in"


def test_in_any_order_it_is_one_report(tmp_path: Path, folder: Path) -> None:
    whole, home = Home(tmp_path / "whole"), Home(tmp_path / "home")
    summary = load_paths(whole, [folder])
    assert [(r.attachments, r.extraction) for r in summary.reports] == [(2, "complete")]
    load_paths(home, [folder / "附件" / "年报.docx"])
    (loaded,) = load_paths(home, [folder / "附件" / "章.png", folder / "index.html"]).reports
    assert table_hashes(home) == table_hashes(whole)

    files = "select role, media_type, status from report_files join files using (file_id) order by role"
    roles = run_query(home, files).rows
    assert [(role, status) for role, _, status in roles][:2] == [("attachment", "loaded"), ("main", "loaded")]
    assert roles[2][0] == "picture"
    shown = report(home, loaded.report_id)
    assert len(shown["report_files"].rows) == 3
    assert {row["kind"] for row in shown["problems"].dicts()} <= {"files_differ"}
    assert [year["attachments"] for year in status(home)["years"].dicts()] == [2]

    for (file_id,) in run_query(home, "select file_id from files where media_type <> 'text/html'").rows:
        forget(home, file_id)
    load_paths(home, [])
    assert run_query(home, "select media_type, extraction from reports").rows == [("text/html", "partial")]
    assert run_query(home, "select role from report_files").rows == [("main",)]
