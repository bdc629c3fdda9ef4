"""The web UI as a person meets it: five groups, asset checks with their results, a year loaded from it.

One server for all tests, on a copy of the loaded samples. What pages show is read from the rendered text; a status code proves
nothing, for every address answers with the same shell.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.asset_names import CHECKS, EXTRACTED, FACTS, RAW, WAREHOUSE
from pipeline.home import Home
from pipeline.load import prepare_instance
from warehouse.years import drop_year, facts_years

ROOT = Path(__file__).parents[2]
GROUPS = {RAW, EXTRACTED, FACTS, CHECKS, WAREHOUSE}
PICTURES = ROOT / "build" / "e2e"
SECONDS_TO_START = 240
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Ui:
    """A running web UI."""

    address: str
    home: Home

    def ask(self, query: str, **variables: Any) -> Any:
        """Ask the GraphQL API; an error in the answer is an error."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            data = json.load(answer)
        assert "errors" not in data, data["errors"]
        return data["data"]


@pytest.fixture(scope="module")
def ui(loaded_samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    home = Home(tmp_path_factory.mktemp("ui") / "home")
    shutil.copytree(loaded_samples, home.root)
    prepare_instance(home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (home.root / "ui.log").open("wb")
    command = [str(Path(sys.executable).parent / "gongkai"), "ui", "--port", str(port), "--home", str(home.root)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    running = Ui(f"http://127.0.0.1:{port}", home)
    try:
        _wait_until_loaded(running, server, home.root / "ui.log")
        yield running
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        log.close()


def _wait_until_loaded(ui: Ui, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    query = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the UI ended by itself:\n{log.read_text(errors='replace')[-3000:]}"
        try:
            entries = ui.ask(query)["workspaceOrError"]["locationEntries"]
        except OSError:
            entries = []
        if entries and all(entry["loadStatus"] == "LOADED" for entry in entries):
            return
        time.sleep(0.5)
    pytest.fail(f"the UI did not start in {SECONDS_TO_START} s:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.mark.slow
def test_the_location_holds_the_graph_in_its_five_groups(ui: Ui) -> None:
    query = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
        location { name } jobs { name } schedules { name } sensors { name } assetNodes { groupName assetKey { path } }
    } } } }"""
    (repository,) = ui.ask(query)["repositoriesOrError"]["nodes"]
    assert repository["location"]["name"] == "gongkai"
    assert {node["groupName"] for node in repository["assetNodes"]} == GROUPS
    assert {job["name"] for job in repository["jobs"]} >= {"ingest", "load_year", "judge_year", "publish"}
    deadlines = ("departments", "counties", "prefectures", "provinces")
    wanted = {f"{verb}_after_{who}_deadline" for verb in ("fetch", "load") for who in deadlines}
    assert {schedule["name"] for schedule in repository["schedules"]} == wanted
    sensors = {sensor["name"] for sensor in repository["sensors"]}
    assert sensors == {"inbox", "sources_fetched", "years_found", "all_years_judged"}


CHECKS_OF_REQUESTS = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
    assetChecksOrError { ... on AssetChecks { checks { name blocking canExecuteIndividually
        executionForLatestMaterialization { status evaluation { severity partition success
            metadataEntries { label ... on IntMetadataEntry { intValue } } } } } } } } } }"""


@pytest.mark.slow
def test_asset_checks_stand_on_their_assets_with_results(ui: Ui) -> None:
    node = ui.ask(CHECKS_OF_REQUESTS, key={"path": ["requests"]})["assetNodeOrError"]
    checks = {check["name"]: check for check in node["assetChecksOrError"]["checks"]}
    assert set(checks) == {"schema", "rows_as_tables_found", "equations_hold"}
    assert checks["schema"]["blocking"]
    assert {check["canExecuteIndividually"] for check in checks.values()} == {"CAN_EXECUTE"}
    query = """query($key: AssetKeyInput!, $name: String!) { assetCheckExecutions(assetKey: $key, checkName: $name, limit: 10) {
        status evaluation { severity partition success metadataEntries { label ... on IntMetadataEntry { intValue } } } } }"""
    executions = ui.ask(query, key={"path": ["requests"]}, name="equations_hold")["assetCheckExecutions"]
    found = {execution["evaluation"]["partition"]: execution["evaluation"] for execution in executions}
    assert {year: evaluation["success"] for year, evaluation in found.items()} == {
        "2018": True,
        "2019": False,
        "2021": True,
    }
    assert found["2019"]["severity"] == "WARN"
    figures = {entry["label"]: entry.get("intValue") for entry in found["2019"]["metadataEntries"]}
    assert figures["failed"] == 4


@pytest.mark.slow
@pytest.mark.chromium
def test_pages_show_groups_checks_and_columns_and_ask_nobody_else(ui: Ui) -> None:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on PATH (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(parents=True, exist_ok=True)
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1700, "height": 1000})
        page.set_default_timeout(90_000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{ui.address}/asset-groups")
        for group in GROUPS:
            page.get_by_text(group, exact=True).first.wait_for()
        page.screenshot(path=PICTURES / "groups.png")
        page.goto(f"{ui.address}/assets/requests?view=checks&checkDetail=equations_hold")
        page.get_by_text("rows_as_tables_found").first.wait_for()
        page.get_by_text("equations_hold").first.wait_for()
        page.screenshot(path=PICTURES / "checks.png")
        page.goto(f"{ui.address}/assets/requests?view=overview")
        page.get_by_text("applicant").first.wait_for()
        page.screenshot(path=PICTURES / "columns.png")
        browser.close()
    assert [url for url in asked if not url.startswith((ui.address, "data:", "blob:", f"ws{ui.address[4:]}"))] == []


LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""


@pytest.mark.slow
def test_a_year_that_is_loaded_from_the_ui_stands_in_the_lake_again(ui: Ui) -> None:
    """… by a process of its own, which the daemon takes from the queue and which starts reading workers."""
    run_job(ui, "ingest")
    drop_year(ui.home, 2018)
    assert 2018 not in facts_years(ui.home)
    run_job(ui, "load_year", year_tags(2018))
    assert 2018 in facts_years(ui.home)


@pytest.mark.slow
def test_one_check_of_one_year_can_be_executed_by_itself(ui: Ui) -> None:
    key = {"path": ["disputes"]}
    query = """query($key: AssetKeyInput!, $name: String!) { assetCheckExecutions(assetKey: $key, checkName: $name, limit: 1) {
        evaluation { partition success } } }"""
    checks = [{"assetKey": key, "name": "equations_hold"}]
    run_job(ui, "__ASSET_JOB", year_tags(2019), assetSelection=[], assetCheckSelection=checks)
    (latest,) = ui.ask(query, key=key, name="equations_hold")["assetCheckExecutions"]
    assert latest["evaluation"] == {"partition": "2019", "success": True}


def year_tags(year: int) -> list[dict[str, str]]:
    return [{"key": "dagster/partition", "value": str(year)}]


def run_job(ui: Ui, job: str, tags: list[dict[str, str]] | None = None, **selection: Any) -> None:
    selector = {"repositoryLocationName": "gongkai", "repositoryName": "__repository__", "jobName": job, **selection}
    params = {"selector": selector, "mode": "default", "runConfigData": {}, "executionMetadata": {"tags": tags or []}}
    launched = ui.ask(LAUNCH, params=params)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    deadline = time.monotonic() + SECONDS_TO_START
    status = ""
    while time.monotonic() < deadline:
        run = ui.ask("query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)
        status = run["runOrError"]["status"]
        if status in ("SUCCESS", "FAILURE", "CANCELED"):
            break
        time.sleep(0.5)
    assert status == "SUCCESS"
