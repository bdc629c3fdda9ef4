"""Reading: every stored content that this version of the reader has not read becomes extracted rows.

Belongs here: which files to read, and that a batch of the lake is written now and then. Does not belong here: how a file is
read (``pipeline.reading``), how many processes share the work (``pipeline.reading_pool``).

Not partitioned: a file has no year until it is read. One step gives both assets, for a file is read once.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import dagster as dg

from pipeline.asset_names import EXTRACTED, EXTRACTED_ASSETS, RAW_FILES
from pipeline.catalogue.load import load_catalogue
from pipeline.home import Home
from pipeline.home_lock import hold_home
from pipeline.partitions import YEARS
from pipeline.plausible_year import require_plausible_year
from pipeline.reading_pool import PoolSize, local_processes, read_contents
from pipeline.reading_worker import FileTask, Limits, read_with_catalogue
from pipeline.resources import POOL, HomeFolder, ProgressReporter, ReadingWorkers
from pipeline.versions import reader_version
from warehouse.extracted import ReadContent, write_extracted_batch
from warehouse.ledger import unread_file_ids
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
        counts = read_unread(home, reading_workers.processes, context.log, progress)
    for name in EXTRACTED_ASSETS:
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": counts[name], **_figures(counts)})


def read_unread(home: Home, workers: int, log: dg.DagsterLogManager, progress: ProgressReporter) -> Counter[str]:
    """Read every stored content that this reader version has not read, and write it to the lake batch by batch.

    Returns how many files were ``read`` and ``quarantined``, and how many ``reports``, ``sections``, ``cells`` they gave.
    """
    limits = load_catalogue().limits["reading"]
    version = reader_version()
    file_ids = unread_file_ids(home, version)
    names = source_names(home, file_ids)
    tasks = [FileTask(file_id, names[file_id]) for file_id in file_ids]
    per_file = Limits(limits["max_seconds"], limits["max_memory_bytes"])
    size = PoolSize(min(workers, max(1, len(tasks))), limits["files_per_task"])
    open_executor = partial(local_processes, limits=per_file)
    counts: Counter[str] = Counter()
    batch: list[ReadContent] = []
    for outcome in read_contents(home, tasks, read_with_catalogue, per_file, size, open_executor):
        for file_id, text in outcome.tracebacks.items():
            log.warning("the reader failed on %s (%s)\n%s", file_id, names[file_id], text)
        contents = [require_plausible_year(content, YEARS.get_partition_keys()) for content in outcome.contents]
        batch += contents
        counts.update(_counts(contents))
        progress.tell("reading", counts["read"] + counts["quarantined"], len(tasks))
        if len(batch) >= limits["files_per_batch"]:
            write_extracted_batch(home, batch, version)
            batch = []
    write_extracted_batch(home, batch, version)
    return counts


def _counts(contents: list[ReadContent]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for content in contents:
        if content.reading is None:
            counts["quarantined"] += 1
            continue
        counts["read"] += 1
        for report in content.reading.reports:
            counts.update(reports=1, sections=len(report.sections), cells=len(report.cells))
    return counts


def _figures(counts: Counter[str]) -> dict[str, int]:
    return {"files_read": counts["read"], "files_quarantined": counts["quarantined"], "reports_read": counts["reports"]}
