"""The page about a load that stands beside the published warehouse in the UI."""

import dagster as dg

from assets.load_summary import load_summary
from pipeline.home import Home
from tests.dagster.conftest import RunJob, evaluations


def test_a_page_says_what_was_loaded_and_what_is_wrong(home: Home, run_job: RunJob) -> None:
    page = load_summary(home)
    assert "### Loaded" in page and "| 2019 | 3 | +3 | 3 | 0 | 0 |" in page
    assert "（七）总计 / 总计 is printed as 0; its items add up to 8" in page
    assert "| requests.processed_sum | 2 |" in page
    assert "No file is quarantined." in page and "Read worse" not in page
    result = run_job("publish")
    assert result.success
    (made,) = result.get_asset_materialization_events()
    summary = made.step_materialization_data.materialization.metadata["summary"]
    assert isinstance(summary, dg.MarkdownMetadataValue) and summary.value == load_summary(home)
    check = evaluations(result)["warehouse", "read_no_worse_than_before"]
    assert check.passed and check.severity is dg.AssetCheckSeverity.WARN
