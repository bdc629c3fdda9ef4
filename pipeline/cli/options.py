"""What the commands share: the home folder, and the checks that are made before any work.

Belongs here: options and checks of more than one command. Does not belong here: anything of a single command.
"""

import os
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline.cli.errors import UsageError

if TYPE_CHECKING:
    from pipeline.home import Home

HELP_OPTIONS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
DEFAULT_HOME = "./data"

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass
class Run:
    """One run of ``gongkai``: the home that was asked for, and the command, both for its messages."""

    given_home: Path | None = None
    given_lake: str | None = None
    command: str = "gongkai"

    @property
    def home_folder(self) -> Path:
        """The home folder: ``--home``, else ``GONGKAI_HOME``, else ``./data``."""
        return self.given_home or Path(os.environ.get("GONGKAI_HOME") or DEFAULT_HOME).expanduser()

    def hint(self, arguments: str) -> str:
        """Return a command line of ours for the user to copy, on the same home."""
        home = f" --home {shlex.quote(str(self.given_home))}" if self.given_home else ""
        return f"gongkai {arguments}{home}"

    @property
    def home(self) -> "Home":
        """The home as the other packages take it, absolute: a run of Dagster may stand in another folder."""
        from pipeline.home_address import LAKE_VARIABLE, AddressRefused, open_home

        try:
            return open_home(self.home_folder.absolute(), self.given_lake or os.environ.get(LAKE_VARIABLE))
        except AddressRefused as error:
            raise UsageError(str(error)) from error


def home_option(command: _Command) -> _Command:
    """Add ``--home DIR``: it may stand before or after the name of the command."""

    def remember(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            if not value:
                raise click.BadParameter("the folder's name is empty")
            ctx.ensure_object(Run).given_home = Path(value).expanduser()

    return click.option(
        "--home",
        metavar="DIR",
        expose_value=False,
        callback=remember,
        help=f"Where everything that gongkai writes lives (or set GONGKAI_HOME; otherwise {DEFAULT_HOME}).",
    )(command)


def lake_option(command: _Command) -> _Command:
    """Add ``--lake ADDRESS`` to a command that may begin a home; it is written down there for all later ones."""

    def remember(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        ctx.ensure_object(Run).given_lake = value

    return click.option(
        "--lake",
        metavar="ADDRESS",
        expose_value=False,
        callback=remember,
        help="Where the raw store and the lake of a new home stand, for instance s3://bucket/prefix; otherwise in it.",
    )(command)


def json_option(command: _Command) -> _Command:
    """Add ``--json``: the same result for a program; the keys stand in docs/command_line.md."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a program instead of text.")(command)


def warehouse_option(command: _Command) -> _Command:
    """Add ``--warehouse ADDRESS``: a DuckLake beside the published file."""
    return click.option(
        "--warehouse",
        metavar="ADDRESS",
        envvar="GONGKAI_WAREHOUSE",
        help="A DuckLake: ducklake:sqlite:FILE or ducklake:postgres:CONNECTION (or set GONGKAI_WAREHOUSE).",
    )(command)


def require_address(home: "Home", warehouse: str | None) -> None:
    """Make sure that an address is one. Raises UsageError."""
    if warehouse:
        from warehouse.ducklake import parse_address
        from warehouse.errors import UnknownAddress

        try:
            parse_address(warehouse, home)
        except UnknownAddress as error:
            raise UsageError(f"--warehouse: {error}") from error


def require_writable_home(run: Run) -> "Home":
    """Return the home after making sure that it can be written, creating it where it is absent.

    Raises UsageError with the reason.
    """
    folder = run.home_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "it is a file, not a folder" if folder.is_file() else (error.strerror or str(error))
        line = f"the home folder {folder} cannot be written: {reason}; name another with --home DIR"
        raise UsageError(line) from error
    home = run.home
    if home.store:
        _require_writable_lake(home)
    return home


def _require_writable_lake(home: "Home") -> None:
    from pipeline.home_address import remember_address
    from warehouse.errors import StorageFailed
    from warehouse.store import require_writable

    try:
        require_writable(home)
        remember_address(home)
    except StorageFailed as error:
        raise UsageError(str(error)) from error


def require_warehouse(run: Run) -> "Home":
    """Return the home after making sure that something has been published in it.

    Raises UsageError that says what to do first.
    """
    home = run.home
    try:
        there = home.warehouse.is_file()
    except OSError:
        there = False
    if not there:
        line = (
            f"no warehouse yet in {run.home_folder}: run `gongkai load PATH…` first, or name another home with --home"
        )
        raise UsageError(line)
    return home
