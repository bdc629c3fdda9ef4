"""One schedule per reporting deadline: on the day after it, the report year before is loaded.

Belongs here: the deadlines (条例 art. 49, 国办公开办函〔2019〕60号). Does not belong here: what is loaded.
"""

from dataclasses import dataclass

import dagster as dg

from assets.jobs import FETCH, LOAD_YEAR
from pipeline.asset_names import FETCHED_SOURCES
from pipeline.partitions import TIMEZONE


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day by which some bodies must have published; ``next_day`` is when we look, as cron's day and month."""

    name: str
    due: str
    next_day: str
    who: str


DEADLINES = (
    Deadline("departments", "31 January", "1 2", "departments, townships, and government offices"),
    Deadline("counties", "20 February", "21 2", "county governments, aggregated"),
    Deadline("prefectures", "10 March", "11 3", "prefecture governments, aggregated"),
    Deadline("provinces", "31 March", "1 4", "province governments, aggregated"),
)
HOUR = 6
"""Early enough to be read in the morning, late enough for what was put online at midnight."""
FETCH_HOUR = 1
"""At night, when the sites have nothing else to do; what has come by HOUR is loaded then, the rest when it has come."""


def _schedule(deadline: Deadline) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"load_after_{deadline.name}_deadline",
        cron_schedule=f"0 {HOUR} {deadline.next_day} *",
        execution_timezone=TIMEZONE,
        job=LOAD_YEAR,
        description=f"The day after {deadline.due}, when {deadline.who} must have published: load the report year before.",
    )
    def load_after_deadline(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        year = context.scheduled_execution_time.year - 1
        tags = {"gongkai/report_year": str(year), "gongkai/deadline": deadline.name}
        return dg.RunRequest(run_key=f"{deadline.name}-{year}", partition_key=str(year), tags=tags)

    return load_after_deadline


def _fetch_schedule(deadline: Deadline) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"fetch_after_{deadline.name}_deadline",
        cron_schedule=f"0 {FETCH_HOUR} {deadline.next_day} *",
        execution_timezone=TIMEZONE,
        job=FETCH,
        description=f"The night after {deadline.due}: fetch the sources of the report year before, ahead of its load.",
    )
    def fetch_after_deadline(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        year = context.scheduled_execution_time.year - 1
        tags = {"gongkai/report_year": str(year), "gongkai/deadline": deadline.name}
        config = {"ops": {FETCHED_SOURCES: {"config": {"year": year}}}}
        return dg.RunRequest(run_key=f"fetch-{deadline.name}-{year}", run_config=config, tags=tags)

    return fetch_after_deadline


SCHEDULES = (*(_schedule(deadline) for deadline in DEADLINES), *(_fetch_schedule(deadline) for deadline in DEADLINES))
