"""What becomes of every way in which a command can end, and what starting imports."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import dispatch

START = [sys.executable, "-c", "from pipeline.cli.main import main; main()"]


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith("\n")


def test_help_names_every_command_with_its_purpose(gongkai):
    for arguments in ((), ("--help",), ("-h",)):
        ended = gongkai(*arguments)
        assert ended.code == 0
        assert ended.err == ""
        for name in dispatch.COMMANDS:
            assert f"\n  {name} " in ended.out


@pytest.mark.parametrize("name", dispatch.COMMANDS)
def test_every_command_explains_itself_with_an_example(gongkai, name):
    ended = gongkai(name, "--help")
    assert ended.code == 0
    assert "Example:" in ended.out
    assert f"gongkai {name}" in ended.out.partition("Example:")[2]
    assert "--home DIR" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuch",),
        ("--nosuch",),
        ("load",),
        ("load", "--nosuch", "x"),
        ("check",),
        ("anomalies", "--year", "MMXIX"),
        ("anomalies", "surplus"),
        ("show",),
        ("review", "r", "c"),
        ("review", "r", "c", "--note"),
        ("sql",),
        ("sql", "select 1", "--csv", "--json"),
        ("forget", "../../etc/passwd"),
        ("ui", "--port", "0"),
        ("status", "--home", ""),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(gongkai, arguments):
    ended = gongkai(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert one_line(ended.err)
    assert not (Path.cwd() / "data").exists()


@pytest.mark.parametrize("command", ["anomalies", "status", "show x", "sql select", "review a b --confirm"])
def test_before_any_load_the_line_says_what_to_do(gongkai, tmp_path, command):
    home = tmp_path / "nothing"
    ended = gongkai(*command.split(), "--home", home)
    assert ended.code == 2
    assert one_line(ended.err)
    assert "gongkai load" in ended.err
    assert not home.exists()


def test_home_may_stand_before_or_after_the_command_or_in_the_environment(gongkai, tmp_path, monkeypatch):
    assert str(tmp_path / "a") in gongkai("--home", tmp_path / "a", "status").err
    assert str(tmp_path / "b") in gongkai("--home", tmp_path / "a", "status", "--home", tmp_path / "b").err
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "c"))
    assert str(tmp_path / "c") in gongkai("status").err
    assert str(tmp_path / "a") in gongkai("--home", tmp_path / "a", "status").err
    monkeypatch.setenv("GONGKAI_HOME", "")
    assert " data:" in gongkai("status").err


def test_an_unforeseen_error_is_one_line_and_its_traceback_stands_in_the_logs(gongkai, published, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("\x1b[31mnobody\nforesaw this")

    monkeypatch.setattr("warehouse.query.run_query", fail)
    ended = gongkai("sql", "select 1", "--home", published)
    assert ended.code == 1
    assert one_line(ended.err)
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.err
    (log,) = (published / "logs").iterdir()
    assert str(log) in ended.err
    assert "ZeroDivisionError" in log.read_text()


def test_a_full_disk_is_told_in_the_words_of_the_system(gongkai, published, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "/somewhere/part.parquet")

    monkeypatch.setattr("warehouse.query.run_query", fail)
    ended = gongkai("sql", "select 1", "--home", published)
    assert ended.code == 1
    assert one_line(ended.err)
    assert "No space left on device: /somewhere/part.parquet" in ended.err


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "DagsterExecutionInterruptedError"])
def test_ctrl_c_is_one_line_and_exit_130(gongkai, published, monkeypatch, name):
    error = KeyboardInterrupt if name == "KeyboardInterrupt" else type(name, (BaseException,), {})

    def interrupt(*_: object) -> None:
        raise error

    monkeypatch.setattr("warehouse.query.run_query", interrupt)
    ended = gongkai("sql", "select 1", "--home", published)
    assert (ended.code, ended.out) == (130, "")
    assert ended.err == "gongkai sql: interrupted\n"


def test_ctrl_c_while_starting_is_one_line_too():
    code = (
        "import sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'pipeline.cli.dispatch': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from pipeline.cli.main import main; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "gongkai: interrupted\n")


def test_the_interrupts_of_dagster_still_have_these_names():
    from dagster._core.errors import DagsterExecutionInterruptedError

    assert DagsterExecutionInterruptedError.__name__ in dispatch.INTERRUPTS


def test_a_reader_that_leaves_is_no_error():
    command = f"{shlex.join(START)} --help | true"
    for _ in range(3):
        ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert ended.stderr == ""


def test_names_that_the_terminal_cannot_encode_do_not_break_the_message(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [*START, "load", str(tmp_path / "文成县")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert ended.returncode == 2
    assert one_line(ended.stderr)


@pytest.mark.parametrize("arguments", [["--help"], ["load", "--help"], ["load", "no/such/file"], ["status"]])
def test_starting_imports_none_of_the_heavy_libraries(tmp_path, arguments):
    heavy = "('dagster', 'polars', 'duckdb', 'pandera', 'pyarrow', 'pdfplumber', 'rich', 'lxml')"
    code = (
        "import sys; from pipeline.cli.dispatch import run; run(sys.argv[1:]); "
        f"sys.exit(sum(name in sys.modules for name in {heavy}))"
    )
    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False, cwd=tmp_path)
    assert ended.returncode == 0
