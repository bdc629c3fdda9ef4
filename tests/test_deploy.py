"""The files of deploy/: what they start exists, and they let nobody in from outside."""

import configparser
import shlex
from pathlib import Path

import pytest
import yaml

from pipeline.cli.dispatch import COMMANDS

DEPLOY = Path(__file__).parents[1] / "deploy"
PROGRAMS = {"gongkai", "dagster-daemon", "dagster-webserver"}


def unit(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser["Service"]


def require_command(words: list[str]) -> None:
    program = Path(words[0]).name
    assert program in PROGRAMS
    assert (Path(__file__).parents[1] / ".venv/bin" / program).exists()
    if program == "gongkai":
        assert words[1] in (*COMMANDS, "--help")


@pytest.mark.parametrize("name", ["gongkai-daemon.service", "gongkai-web.service"])
def test_units_start_what_is_installed(name):
    service = unit(name)
    require_command(shlex.split(service["ExecStart"]))
    if "ExecStartPre" in service:
        require_command(shlex.split(service["ExecStartPre"]))
    assert service["ReadWritePaths"] == "/srv/gongkai"


def test_the_web_unit_listens_on_loopback():
    words = shlex.split(unit("gongkai-web.service")["ExecStart"])
    assert words[words.index("-h") + 1] == "127.0.0.1"


def test_compose_starts_what_is_installed_and_publishes_on_loopback_alone():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"postgres", "prepare", "daemon", "web"}
    for name in ("prepare", "daemon", "web"):
        require_command(services[name]["command"])
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:3000:3000"]
    assert all("PASSWORD:?" in value for value in (services["postgres"]["environment"]["POSTGRES_PASSWORD"],))
