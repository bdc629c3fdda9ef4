"""``gongkai forget``: take one content out of everything, the only way to remove something.

Belongs here: the telling. Does not belong here: the removing (``warehouse.forget``).
"""

import re

import click

from pipeline.cli.errors import DONE, UsageError
from pipeline.cli.options import Run, home_option, require_writable_home
from pipeline.cli.terminal import open_console, styled, tell

_FILE_ID = re.compile(r"[0-9a-f]{64}")


@click.command("forget", short_help="Remove a file and all that was read from it.")
@click.argument("file_id")
@home_option
@click.pass_obj
def command(run: Run, file_id: str) -> int:
    """Remove a file: its bytes, where it was seen, and every row that was read from it; then publish what is left.

    FILE_ID is the 64 digits of its SHA-256; "gongkai status" and the table files tell it. The file comes back
    only when it is loaded again.

    \b
    Example:
      gongkai forget 13bef6623b3fdcd8aa9274b47c8a9e4f3f0a94af791356542937ff554e661f6e
    """
    if not _FILE_ID.fullmatch(file_id.lower()):
        raise UsageError(f"{file_id} is no FILE_ID: it must be the 64 hexadecimal digits that the table files tells")
    if not run.home_folder.is_dir():
        raise UsageError(f"nothing is loaded in {run.home_folder}: name another home with --home DIR")
    home = require_writable_home(run)
    from pipeline.home_lock import hold_home
    from pipeline.load import load_paths
    from warehouse.forget import forget

    with hold_home(home, lambda: tell(f"{run.command}: a load runs on {run.home_folder}; waiting for it to end")):
        years = forget(home, file_id.lower())
        load_paths(home, [])
    told = f"; published again without it: {', '.join(map(str, years))}" if years else ""
    open_console().print(styled(f"{file_id.lower()} is forgotten{told}"))
    return DONE
