"""The code location: every asset, check, job, schedule and sensor, put together.

Belongs here: composition. Does not belong here: anything that could stand in a module of its own. Importing this module reads
the declared data and nothing else: no home folder, no database.
"""

from collections.abc import Callable

import dagster as dg

from assets import published
from assets.check_results import check_results
from assets.extracted import read_files
from assets.facts import facts_of_year_assets
from assets.fetched import fetched_sources
from assets.jobs import JOBS
from assets.raw import raw_files
from assets.schedules import SCHEDULES
from assets.sensors import SENSORS
from checks.check_results import check_results_hold
from checks.extraction import every_file_read, what_was_read
from checks.fact_tables import fact_tables_hold
from checks.findings import findings
from checks.published import published_file_holds, published_reading_holds
from pipeline.resources import (
    FurtherWarehouse,
    HomeFolder,
    ProgressReporter,
    ReadingWorkers,
    executor_from_environment,
    home_from_environment,
    silent,
    warehouse_from_environment,
)

ASSETS = (fetched_sources, raw_files, read_files, facts_of_year_assets, check_results, published.warehouse)
ASSET_CHECKS = (
    every_file_read,
    fact_tables_hold,
    what_was_read,
    check_results_hold,
    findings,
    published_file_holds,
    published_reading_holds,
)


def build_definitions(
    root: str | None = None,
    *,
    workers: int = 0,
    executor: str | None = None,
    warehouse: str | None = None,
    progress: Callable[[str, int, int], None] = silent,
    json_logs: bool = False,
) -> dg.Definitions:
    """Return the definitions for a home folder: ``root``, else ``GONGKAI_HOME``, else ``./data``.

    ``workers`` read files (0: one per core) where ``executor`` is ``local``; otherwise the cluster that it names, and without
    it the one that ``GONGKAI_EXECUTOR`` names. ``warehouse``, or ``GONGKAI_WAREHOUSE``, is a DuckLake that is published too.
    ``progress`` is told how far a run is. With ``json_logs`` the events of runs go to stderr as JSON, one a line.
    """
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=ASSET_CHECKS,
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources={
            "home_folder": HomeFolder(root=root or home_from_environment()),
            "reading_workers": ReadingWorkers(count=workers, place=executor or executor_from_environment()),
            "further_warehouse": FurtherWarehouse(address=warehouse or warehouse_from_environment()),
            "progress": ProgressReporter(progress),
        },
        loggers={"console": dg.json_console_logger} if json_logs else {},
        # Steps of a run wait for one another anyway, for they write one folder, and starting a process for each would cost
        # more than they take. Reading has worker processes of its own.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
