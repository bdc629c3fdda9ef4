"""The sensors: files put into the inbox are taken in and read, the years found in them judged, and all published once.

Belongs here: what asks for which run. Does not belong here: listing the inbox (``pipeline.inbox``), the runs themselves.
"""

import time
from collections.abc import Iterator

import dagster as dg

from assets.jobs import FETCH, INGEST, JUDGE_YEAR, PUBLISH
from pipeline.catalogue.load import load_catalogue
from pipeline.dead_runs import end_dead_runs
from pipeline.freshness import stale_years
from pipeline.inbox import arrivals
from pipeline.partitions import YEARS
from pipeline.resources import HomeFolder
from pipeline.versions import reader_version
from warehouse.ledger import unread_file_ids
from warehouse.raw_store import take_in

STARTED_BY = "gongkai/started_by"
"""Tag of a run. Runs of a load on the command line ask for nothing: the load itself does what follows."""
BY_INBOX, BY_LOAD, BY_FETCH = "inbox", "load", "fetch"
BACKFILL = "dagster/backfill"
"""Tag that Dagster gives the runs of a backfill: they lead to one publication together too."""
INGEST_RUN = "gongkai/ingest_run"
"""Tag of the runs that follow an ingest: they lead to one publication together."""


@dg.sensor(
    job=INGEST,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes in what is put into the inbox folder, and reads it.",
)
def inbox(context: dg.SensorEvaluationContext, home_folder: HomeFolder) -> dg.SensorResult | dg.SkipReason:
    """Take in new and changed files of the inbox, a batch per tick, and ask for a run that reads them."""
    end_dead_runs(context.instance)
    home, limits = home_folder.home, load_catalogue().limits["inbox"]
    settled_before = time.time_ns() - limits["settle_seconds"] * 10**9
    batch = arrivals(home.inbox, context.cursor, settled_before)[: limits["files_per_tick"]]
    if not batch:
        return dg.SkipReason(f"nothing new in {home.inbox}")
    intake = take_in(home, [home.inbox / arrival.path for arrival in batch])
    for refused in intake.refused:
        context.log.warning("%s was not taken in: %s", refused.source, refused.reason)
    cursor = batch[-1].cursor
    request = dg.RunRequest(run_key=cursor, tags={STARTED_BY: BY_INBOX, "gongkai/files": str(len(batch))})
    return dg.SensorResult(run_requests=[request], cursor=cursor)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[FETCH],
    request_job=INGEST,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After a fetch: asks for a run that reads what came.",
)
def sources_fetched(context: dg.RunStatusSensorContext, home_folder: HomeFolder) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run that reads what a fetch brought, where it brought anything that was not read."""
    run = context.dagster_run
    if run.tags.get(STARTED_BY) == BY_LOAD:
        return dg.SkipReason("this fetch is part of a load, which reads what came itself")
    if not unread_file_ids(home_folder.home, reader_version()):
        return dg.SkipReason("nothing came that was not read before")
    return dg.RunRequest(run_key=run.run_id, tags={STARTED_BY: BY_FETCH})


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[INGEST],
    request_job=JUDGE_YEAR,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="After an ingest: asks for exactly the years that the new files touch.",
)
def years_found(context: dg.RunStatusSensorContext, home_folder: HomeFolder) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for a run of every year that is not what the stored readings say."""
    run = context.dagster_run
    if run.tags.get(STARTED_BY) == BY_LOAD:
        yield dg.SkipReason("this ingest is part of a load, which judges its years itself")
        return
    years = [str(year) for year in stale_years(home_folder.home)]
    for year in years:
        if year in YEARS.get_partition_keys():
            tags = {STARTED_BY: BY_INBOX, INGEST_RUN: run.run_id, "gongkai/report_year": year}
            yield dg.RunRequest(run_key=f"{run.run_id}-{year}", partition_key=year, tags=tags)
    if not years:
        yield dg.SkipReason("no year has changed")


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[JUDGE_YEAR],
    request_job=PUBLISH,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="When the last of the years that an ingest touched is judged: asks for one publication.",
)
def all_years_judged(context: dg.RunStatusSensorContext, home_folder: HomeFolder) -> dg.RunRequest | dg.SkipReason:
    """Ask for one publication once no year is left to judge."""
    run = context.dagster_run
    if run.tags.get(STARTED_BY) == BY_LOAD:
        return dg.SkipReason("this year was judged by a load, which publishes by itself")
    left = stale_years(home_folder.home)
    if left:
        return dg.SkipReason(f"still to be judged: {', '.join(map(str, left))}")
    # Years that end between two ticks are told one by one, when all of them are judged: one key, one publication.
    together = run.tags.get(INGEST_RUN) or run.tags.get(BACKFILL) or run.run_id
    return dg.RunRequest(run_key=together, tags={STARTED_BY: BY_INBOX})


SENSORS = (inbox, sources_fetched, years_found, all_years_judged)
