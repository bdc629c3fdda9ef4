"""``gongkai status``: what is loaded, by year; what is quarantined, and why.

Belongs here: its printing. Does not belong here: the counting (``warehouse.query``).
"""

import click

from pipeline.cli.errors import DONE
from pipeline.cli.options import Run, home_option, json_option, require_warehouse
from pipeline.cli.terminal import open_console, print_json, print_rows, styled


@click.command("status", short_help="Say what is loaded, stale, quarantined, and why.")
@json_option
@home_option
@click.pass_obj
def command(run: Run, as_json: bool) -> int:
    """Say what is loaded for each report year, what is stale, and which files are quarantined for which reason.

    \b
    Example:
      gongkai status
    """
    home = require_warehouse(run)
    from warehouse.query import status

    parts = status(home)
    if as_json:
        print_json({name: result.dicts() for name, result in parts.items()})
        return DONE
    console = open_console()
    for name, result in parts.items():
        if not result.rows:
            console.print(styled(f"{name.replace('_', ' ').capitalize()}: none"))
            continue
        console.print(styled(name.replace("_", " ").capitalize(), "bold"))
        numbers = ("INT", "DECIMAL", "DOUBLE", "HUGEINT")
        headers = [
            (column.replace("_", " "), any(word in kind for word in numbers) and column != "year")
            for column, kind in zip(result.columns, result.types, strict=True)
        ]
        print_rows(console, headers, ([_cell(value) for value in row] for row in result.rows))
    return DONE


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
