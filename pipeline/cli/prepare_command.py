"""``gongkai prepare``: make a home folder ready for the services of ``deploy/``, without loading anything.

Belongs here: the settings file of Dagster's storage. Does not belong here: runs (``load``), the web pages (``ui``).
"""

import click

from pipeline.cli.errors import DONE, CommandError
from pipeline.cli.options import Run, home_option, require_writable_home
from pipeline.cli.terminal import tell


@click.command("prepare", short_help="Make a home folder ready for services.")
@click.option(
    "--storage",
    type=click.Choice(["sqlite", "postgres"]),
    default="sqlite",
    show_default=True,
    help="Where Dagster keeps its runs; postgres: at GONGKAI_POSTGRES_URL.",
)
@home_option
@click.pass_obj
def command(run: Run, storage: str) -> int:
    """Make the home folder, its inbox and the settings of Dagster's storage; open the storage once.

    Settings that stand there are left as they are. load and ui do the same by themselves; the services of deploy/ do not.

    \b
    Example:
      gongkai prepare --home /srv/gongkai --storage postgres
    """
    home = require_writable_home(run)
    from pipeline.dagster_instance import InstanceUnavailable, open_instance

    try:
        with open_instance(home, storage):
            pass
    except InstanceUnavailable as error:
        raise CommandError(str(error)) from error
    tell(f"{home.root} is ready; the settings of Dagster's storage stand in {home.dagster / 'dagster.yaml'}")
    return DONE
