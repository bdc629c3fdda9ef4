"""`ui`: a child that ends when it is told to, whatever started us."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cli import ui_command

# Stands for Dagster: a parent with a child of its own, which end in order on SIGTERM.
CHILD = """
import subprocess, sys, time, signal, pathlib
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
def stop(*_):
    if sys.argv[2] == "orderly":
        grandchild.terminate(); grandchild.wait()
        pathlib.Path(sys.argv[1] + ".orderly").touch()
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path(sys.argv[1]).write_text(str(grandchild.pid))
time.sleep(600)
"""
PARENT = """
import sys
from pipeline.cli import ui_command
ui_command._SECONDS_TO_END = 1
print(ui_command._run_until_told([sys.executable, "-c", sys.argv[1], *sys.argv[2:]], None))
"""


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


def test_a_used_port_is_one_line_and_exit_2(gongkai, port, tmp_path):
    ended = gongkai("ui", "--port", port, "--home", tmp_path / "h")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert f"port {port} cannot be used" in ended.err


def test_the_ui_runs_on_loopback_with_the_home_and_an_instance_of_its_own(gongkai, port, tmp_path, monkeypatch):
    started = []

    def run(arguments, environment):
        started.append((arguments, environment))
        return 0, True

    monkeypatch.setattr(ui_command, "_run_until_told", run)
    monkeypatch.setattr(ui_command, "_require_free_port", lambda host, port: None)
    assert gongkai("ui", "--port", port, "--home", tmp_path / "h").code == 0
    ((arguments, environment),) = started
    line = " ".join(arguments)
    assert f"dagster dev -w {Path(ui_command.__file__).parents[2] / 'workspace.yaml'} -h 127.0.0.1 -p {port}" in line
    assert environment["GONGKAI_HOME"] == str(tmp_path / "h")
    assert environment["DAGSTER_HOME"] == str(tmp_path / "h" / "dagster")
    assert (tmp_path / "h" / "dagster" / "dagster.yaml").is_file()


def test_a_ui_that_ends_by_itself_is_a_failure(gongkai, tmp_path, monkeypatch):
    monkeypatch.setattr(
        ui_command, "dagster_dev", lambda port, host, log_json: [sys.executable, "-c", "raise SystemExit(3)"]
    )
    ended = gongkai("ui", "--port", 1024, "--home", tmp_path / "h")
    assert ended.code == 1
    assert "ended by itself with code 3" in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("child", ["orderly", "deaf"])
def test_every_process_ends_on_every_signal(tmp_path, number, child):
    """Started as a shell starts what it puts into the background: with SIGINT ignored."""
    mark = tmp_path / "started"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD, str(mark), child],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    while not mark.exists() or not mark.read_text():
        assert parent.poll() is None
        time.sleep(0.02)
    grandchild = int(mark.read_text())
    parent.send_signal(number)
    out, _ = parent.communicate(timeout=60)
    assert out.strip().endswith("True)"), "told to stop"
    assert (tmp_path / "started.orderly").exists() == (child == "orderly")
    assert ends(grandchild), "the child's own child is still there"


def ends(pid: int) -> bool:
    """Whether a process ends within ten seconds; one that nobody has waited for yet (a zombie) has ended."""
    for _ in range(500):
        try:
            os.kill(pid, 0)
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
