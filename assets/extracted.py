"""Reading: every stored content that this version of the reader has not read becomes extracted rows.

Belongs here: which files to read, and that a batch of the lake is written now and then. Does not belong here: how a file is
read (``pipeline.reading``), how many processes share the work (``pipeline.reading_pool``).

Not partitioned: a file has no year until it is read. One step gives both assets, for a file is read once.
"""

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import dagster as dg

from pipeline.asset_names import EXTRACTED, EXTRACTED_ASSETS, RAW_FILES
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.home_lock import hold_home
from pipeline.partitions import YEARS
from pipeline.reading_contents import sent_contents
from pipeline.reading_place import LOCAL, reading_place
from pipeline.reading_pool import PoolSize, read_contents
from pipeline.reading_worker import FileTask, Limits, read_report
from pipeline.resources import POOL, HomeFolder, ProgressReporter, ReadingWorkers
from pipeline.versions import reader_version
from warehouse.extracted import ReadRows, write_extracted_rows
from warehouse.ledger import QUARANTINED, READ, unread_file_ids
from warehouse.raw_store import source_names


@dg.multi_asset(
    name="read_files",
    specs=[
        dg.AssetSpec(
            name,
            deps=[RAW_FILES],
            group_name=EXTRACTED,
            description=load_catalogue().tables[name].comment,
            kinds={"parquet"},
        )
        for name in EXTRACTED_ASSETS
    ],
    pool=POOL,
)
def read_files(
    context: dg.AssetExecutionContext,
    home_folder: HomeFolder,
    reading_workers: ReadingWorkers,
    progress: dg.ResourceParam[ProgressReporter],
) -> Iterator[dg.MaterializeResult[None]]:
    """Read what was not read yet; what cannot be read is quarantined with its reason and the rest goes on."""
    home = home_folder.home
    with hold_home(home):
        counts = read_unread(home, reading_workers.processes, context.log, progress, reading_workers.place)
    for name in EXTRACTED_ASSETS:
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": counts[name], **_figures(counts)})


def read_unread(
    home: Home, processes: int, log: dg.DagsterLogManager, progress: ProgressReporter, place_name: str = LOCAL
) -> Counter[str]:
    """Read every stored content that this reader version has not read, and write it to the lake batch by batch.

    Returns how many files were ``read`` and ``quarantined``, and how many ``reports``, ``sections``, ``cells`` they gave.
    """
    limits = load_catalogue().limits["reading"]
    version = reader_version()
    file_ids = unread_file_ids(home, version)
    names = source_names(home, file_ids)
    tasks = [FileTask(file_id, names[file_id]) for file_id in file_ids]
    years = [int(key) for key in YEARS.get_partition_keys()]
    read = partial(read_report, first_year=years[0], last_year=years[-1])
    per_file = Limits(limits["max_seconds"], limits["max_memory_bytes"])
    counts: Counter[str] = Counter()
    if not tasks:
        return counts
    place = reading_place(place_name, processes, per_file)
    size = PoolSize(min(place.workers, len(tasks)), limits["files_per_task"])
    batch: list[ReadRows] = []
    in_batch, began = 0, time.monotonic()
    # The bytes of a store are fetched here: that it does not answer says nothing about a file.
    contents_of = sent_contents if home.store else place.contents_of
    for outcome in read_contents(home, tasks, read, per_file, size, place.open_executor, contents_of):
        for file_id, text in outcome.tracebacks.items():
            log.warning("the reader failed on %s (%s)\n%s", file_id, names[file_id], text)
        batch.append(outcome.rows)
        in_batch += outcome.rows.outcomes.height
        counts.update(_counts(outcome.rows))
        progress.tell("reading", counts["read"] + counts["quarantined"], len(tasks))
        if in_batch >= limits["files_per_batch"] or time.monotonic() - began >= limits["seconds_per_batch"]:
            write_extracted_rows(home, batch, version)
            batch, in_batch, began = [], 0, time.monotonic()
    write_extracted_rows(home, batch, version)
    return counts


def _counts(rows: ReadRows) -> dict[str, int]:
    tables = {name: rows.tables[name].height for name in ("reports", "sections", "cells")}
    outcomes = rows.outcomes["status"]
    return {**tables, "read": int((outcomes == READ).sum()), "quarantined": int((outcomes == QUARANTINED).sum())}


def _figures(counts: Counter[str]) -> dict[str, int]:
    return {
        "files_read": counts["read"],
        "files_quarantined": counts["quarantined"],
        "reports_read": counts["reports"],
    }
