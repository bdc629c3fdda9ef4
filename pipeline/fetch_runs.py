"""The run of job ``fetch`` in this process, and the load of what came: what ``gongkai fetch`` does.

Belongs here: the order of the two, and what is said afterwards. Does not belong here: fetching (``pipeline.fetching``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dagster as dg

from assets.sensors import BY_LOAD, STARTED_BY
from pipeline.asset_names import FETCHED_SOURCES
from pipeline.dagster_instance import open_instance
from pipeline.definitions import build_definitions
from pipeline.fetching import FetchOrder, sources_of
from pipeline.home import Home
from pipeline.home_address import remember_address
from pipeline.load import LoadFailed, LoadSummary, load_paths
from warehouse.fetches import failed_sources

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FetchedSources:
    """What a fetch did: ``outcomes`` by kind, rows of the table that cannot be used, sources that did not give all.

    ``load`` is what the load of it did, None where none was asked for.
    """

    sources: int
    left_out_as_fresh: int
    new_files: int
    outcomes: dict[str, int]
    unusable_rows: tuple[str, ...]
    failed: tuple[dict[str, object], ...]
    load: LoadSummary | None


def fetch_and_load(home: Home, order: FetchOrder, tell: Tell, *, load: bool = True) -> FetchedSources:
    """Run job ``fetch``, then load what it brought. Raises LoadFailed, UnusableTable, StorageFailed, KeyboardInterrupt."""
    _, unusable = sources_of(home, order)
    remember_address(home)
    config = {
        "sources": str(order.table.absolute()) if order.table else "",
        "year": order.year or 0,
        "allow_private": order.allow_private,
        "ask_all": order.ask_all,
        "proxy": order.proxy,
    }
    with open_instance(home) as instance:
        result = (
            build_definitions(str(home.root), progress=tell)
            .resolve_job_def("fetch")
            .execute_in_process(
                run_config={
                    "ops": {FETCHED_SOURCES: {"config": config}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
                raise_on_error=False,
                tags={STARTED_BY: BY_LOAD},
            )
        )
    if not result.success:
        raise LoadFailed(f"fetching failed: {_reason(result)} (run {result.run_id[:8]} in the UI tells more)")
    figures = _figures(result)
    return FetchedSources(
        sources=figures["sources"],
        left_out_as_fresh=figures["left_out_as_fresh"],
        new_files=figures["new_files"],
        outcomes={name[8:]: count for name, count in figures.items() if name.startswith("outcome_")},
        unusable_rows=unusable,
        failed=tuple(failed_sources(home).to_dicts()),
        load=load_paths(home, [], progress=tell) if load else None,
    )


def _figures(result: dg.ExecuteInProcessResult) -> dict[str, int]:
    (event,) = result.get_asset_materialization_events()
    metadata: Mapping[str, dg.MetadataValue] = event.step_materialization_data.materialization.metadata
    return {name: int(value.value) for name, value in metadata.items() if isinstance(value.value, int)}


def _reason(result: dg.ExecuteInProcessResult) -> str:
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            return " ".join(error.message.split())
    return "no step says why"
