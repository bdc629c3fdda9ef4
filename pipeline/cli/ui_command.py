"""``gongkai ui``: Dagster's web UI on this project, as a child process that ends when this one is told to.

Belongs here: ports, signals, the child's environment. Does not belong here: what the UI shows
(``pipeline.definitions``).
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

import click

from pipeline.cli.errors import DONE, CommandError, UsageError
from pipeline.cli.options import Run, home_option, require_writable_home
from pipeline.cli.terminal import tell

LOOPBACK = "127.0.0.1"
# Dagster's own parts take about three seconds to end; what has not ended by then never will.
_SECONDS_TO_END = 20
# Dagster advises its developers to use another command; that is not for our users.
_NO_ADVICE = "ignore:Function `dev_command` is superseded"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("ui", short_help="Open the web UI: assets, runs, checks.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port on this machine.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; another one lets others in.")
@click.option("--log-json", is_flag=True, envvar="GONGKAI_LOG_JSON", help="Log to stderr as JSON, one event a line.")
@home_option
@click.pass_obj
def command(run: Run, port: int, host: str, log_json: bool) -> int:
    """Run Dagster's web UI on this project, for this machine only, until Ctrl-C.

    It has no users and no passwords: whoever reaches it may start runs. Before you give --host, read "The web pages" in
    docs/operations.md.

    It shows the assets and their checks, the runs of every load, and lets you load a year again.

    \b
    Example:
      gongkai ui --port 3001
    """
    home = require_writable_home(run)
    _require_free_port(host, port)
    from pipeline.load import prepare_instance

    prepare_instance(home)
    environment = {**os.environ, "GONGKAI_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster)}
    tell(f"the UI opens at http://{host}:{port} in a few seconds; Ctrl-C ends it")
    if host not in (LOOPBACK, "localhost", "::1"):
        tell(f"it listens on {host}, without passwords: whoever reaches it may start runs")
    code, stopped = _run_until_told(dagster_dev(port, host, log_json=log_json), environment)
    if code and not stopped:
        raise CommandError(f"the UI ended by itself with code {code}; its last lines above say why")
    return DONE


def dagster_dev(port: int, host: str = LOOPBACK, *, log_json: bool = False) -> list[str]:
    """Return the command line of ``dagster dev``: on the checkout's workspace.yaml, else on the module."""
    workspace = Path(__file__).resolve().parents[2] / "workspace.yaml"
    place = ["-w", str(workspace)] if workspace.is_file() else ["-m", "pipeline.definitions"]
    logs = ["--log-format", "json"] if log_json else []
    return [sys.executable, "-W", _NO_ADVICE, "-m", "dagster", "dev", *place, "-h", host, "-p", str(port), *logs]


def _require_free_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the web server does: a port that only waits out its last connection is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"port {port} cannot be used: {reason}; name another with --port") from error


def _run_until_told(arguments: list[str], environment: dict[str, str]) -> tuple[int, bool]:
    """Run the child until it ends or until this process is told to stop; return its code and whether it was told.

    The child leads a session of its own, so Ctrl-C reaches this process alone, which then ends the child by SIGTERM:
    Dagster ends its web server, daemon and code server in order. Handlers stand before the child starts, so that it
    starts with the signals' default meaning even where a shell started us with SIGINT ignored.
    """
    told: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    def stop(number: int, _: FrameType | None) -> None:
        told.append(number)
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()

    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        child = subprocess.Popen(arguments, env=environment, start_new_session=True)
        if told:
            child.terminate()
        while not told:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(timeout=1), bool(told)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=_SECONDS_TO_END), True
        return -signal.SIGKILL, True
    finally:
        if child is not None:
            _end_group(child)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_group(child: "subprocess.Popen[bytes]") -> None:
    """End whatever is left of the child's own process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
