"""The group of commands, and what becomes of every way in which one can end.

Belongs here: dispatch and last resort. Does not belong here: what a command does (one module each, named after it).
Importing this module must stay cheap: no dagster, polars, duckdb, rich; commands import them when they run.
"""

import contextlib
import importlib
import os
import sys
import time
import traceback
from collections.abc import Sequence

import click

from pipeline.cli.errors import BROKEN_PIPE, DONE, FAILED, INTERRUPTED, WRONG_USAGE, CommandError
from pipeline.cli.options import HELP_OPTIONS, Run, home_option
from pipeline.cli.terminal import tell

COMMANDS = (
    "load",
    "fetch",
    "check",
    "anomalies",
    "show",
    "review",
    "correct",
    "status",
    "sql",
    "forget",
    "ui",
    "prepare",
)
# What the runner of a job raises on Ctrl-C; named here because importing it would import dagster.
INTERRUPTS = ("DagsterExecutionInterruptedError",)

# Errors whose text is a line for the user, and the exit code of each; the first that fits counts.
FORESEEN = (
    ("warehouse.errors", "NothingPublished", WRONG_USAGE),
    ("warehouse.errors", "RefusedQuery", WRONG_USAGE),
    ("warehouse.errors", "UnknownFile", WRONG_USAGE),
    ("warehouse.errors", "WarehouseError", FAILED),
    ("pipeline.load", "LoadFailed", FAILED),
)


class Commands(click.Group):
    """The commands in the order in which a newcomer meets them; each is imported when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pipeline.cli.{cmd_name}_command")
        command = module.command
        assert isinstance(command, click.Command)
        return command


@click.group(
    name="gongkai",
    cls=Commands,
    invoke_without_command=True,
    context_settings=HELP_OPTIONS,
    epilog="\b\nA first run:\n  gongkai load reports/        read a folder of reports\n"
    "  gongkai anomalies            what is wrong in them\n"
    '  gongkai sql "from requests_wide"',
)
@home_option
@click.version_option(package_name="gongkai", prog_name="gongkai")
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Turn government-information-disclosure annual reports (政府信息公开工作年度报告) into a checked DuckDB warehouse.

    Reports go in as files, folders or .zip; out come tables, and for every number that cannot be right which one it is.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    else:
        ctx.ensure_object(Run).command = f"gongkai {ctx.invoked_subcommand}"
    return DONE


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every failure becomes one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # A file name or a document may hold what the terminal's encoding has not.
            stream.reconfigure(errors="backslashreplace")
    this_run = Run()
    try:
        code = _dispatch(list(arguments), this_run)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return BROKEN_PIPE
    except BaseException as error:
        if isinstance(error, SystemExit | GeneratorExit):
            raise
        if isinstance(error, KeyboardInterrupt) or type(error).__name__ in INTERRUPTS:
            return _end(this_run, "interrupted", INTERRUPTED)
        return _end(this_run, _unexpected(error, this_run), FAILED)
    return code


def _dispatch(arguments: list[str], this_run: Run) -> int:
    try:
        with cli.make_context("gongkai", arguments, obj=this_run) as ctx:
            code = cli.invoke(ctx)
    except click.exceptions.Exit as error:
        return int(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "gongkai"
        return _end(this_run, f"{error.format_message().rstrip('.')} ({command} --help tells more)", WRONG_USAGE)
    except click.ClickException as error:
        return _end(this_run, error.format_message(), int(error.exit_code))
    except CommandError as error:
        return _end(this_run, str(error), error.exit_code)
    except Exception as error:
        foreseen = _foreseen_code(error)
        if foreseen is None:
            raise
        return _end(this_run, str(error), foreseen)
    assert isinstance(code, int), "a command returns its exit code"
    return code


def _foreseen_code(error: Exception) -> int | None:
    """Return the exit code of an error that the packages below raise with a line for the user; None for any other.

    Looked up among what is imported already: an error of a module that was never imported cannot have been raised.
    """
    for module, name, code in FORESEEN:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return code
    return None


def _end(this_run: Run, message: str, code: int) -> int:
    with contextlib.suppress(OSError, ValueError):  # Where stderr is gone too, the exit code must do.
        tell(f"{this_run.command}: {message}")
    return code


def _unexpected(error: BaseException, this_run: Run) -> str:
    """Return the line about an error that nobody foresaw, after writing its traceback into the home's logs."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, OSError) and error.strerror:  # A full disk, a lost mount: the system's own words say it.
        what = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    logs = this_run.home_folder / "logs"
    file = logs / f"gongkai-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return f"failed: {what} (no log: {logs} cannot be written)"
    return f"failed: {what} (details in {file})"


def _drop_stdout() -> None:
    """Let the interpreter's last flush of stdout go nowhere: its reader has left."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
