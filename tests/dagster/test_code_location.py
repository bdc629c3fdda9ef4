"""The code location: the same by every way in, and loading it touches nothing."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]

WATCHED_IMPORT = """
import json, os, sys
opened, connected = [], []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        mode, flags = arguments[1], arguments[2]
        writes = (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        opened.append([os.path.abspath(os.fsdecode(arguments[0])), bool(writes)])
    if event in ("sqlite3.connect", "socket.connect", "subprocess.Popen", "os.mkdir", "os.rename", "os.remove"):
        connected.append([event, repr(arguments)])
import dagster
before = set(sys.modules)
sys.addaudithook(watch)
import pipeline.definitions
print(json.dumps({"opened": opened, "connected": connected, "here": os.getcwd()}))
"""


def test_loading_the_definitions_reads_declared_data_and_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        "GONGKAI_HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [sys.executable, "-c", WATCHED_IMPORT], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    seen = json.loads(run.stdout)
    assert seen["connected"] == []
    assert not home.exists()
    written = [path for path, writes in seen["opened"] if writes and path != "/dev/null"]
    assert written == []
    data = {Path(path) for path, _ in seen["opened"] if not path.endswith((".py", ".pyc", ".so"))}
    ours = {path for path in data if path.is_relative_to(ROOT) and ".venv" not in path.parts}
    assert ours, "the declared data is read"
    assert all(path.is_relative_to(ROOT / "pipeline" / "catalogue") for path in ours), ours
    assert run.stderr == "", "no warning reaches whoever starts the UI"


def test_workspace_and_pyproject_name_the_same_location() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    (entry,) = workspace["load_from"]
    module = entry["python_module"]
    dg = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["dg"]["project"]
    assert module["module_name"] == dg["code_location_target_module"] == "pipeline.definitions"
    assert module["location_name"] == dg["code_location_name"] == "gongkai"
    assert module["working_directory"] == "."
    assert dg["root_module"] == "pipeline"


def test_the_instance_is_set_up_quietly_and_for_one_writer() -> None:
    settings = yaml.safe_load((ROOT / "deploy" / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False}
    assert settings["nux"] == {"enabled": False}
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert settings["concurrency"]["pools"] == {"default_limit": 1, "granularity": "run"}
