"""The asset graph as people and other programs see it: a change here is a change of the interface."""

from pathlib import Path

import dagster as dg
import pytest

from pipeline.asset_names import CHECKS, EXTRACTED, FACTS, RAW, WAREHOUSE
from pipeline.catalogue.load import load_catalogue
from pipeline.definitions import defs
from pipeline.partitions import FIRST_YEAR, YEARS, current_year, report_years

SNAPSHOT = Path(__file__).parent / "asset_graph.txt"
BIRTH_OF_PARTITIONS = f"years {FIRST_YEAR}…"


def described_graph() -> str:
    """Return every asset with group, dependencies, partitions and checks; then jobs, schedules, sensors."""
    graph = defs.resolve_asset_graph()
    lines = []
    order = (RAW, EXTRACTED, FACTS, CHECKS, WAREHOUSE)
    nodes = sorted(graph.asset_nodes, key=lambda node: (order.index(node.group_name), node.key))
    for node in nodes:
        partitions = f" [{BIRTH_OF_PARTITIONS}]" if node.partitions_def == YEARS else ""
        parents = ", ".join(sorted(key.to_user_string() for key in node.parent_keys)) or "nothing"
        lines.append(f"{node.group_name}: {node.key.to_user_string()}{partitions} <- {parents}")
        for key in sorted(node.check_keys, key=lambda key: key.name):
            check = graph.get(key)
            per_year = " [per year]" if check.partitions_def == YEARS else ""
            lines.append(f"    check {key.name}{per_year}{' blocking' if check.blocking else ''}")
    for job in sorted(defs.jobs or (), key=lambda job: job.name):
        resolved = defs.resolve_job_def(job.name)
        keys = sorted(key.to_user_string() for key in resolved.asset_layer.selected_asset_keys)
        lines.append(f"job {job.name}: {', '.join(keys)}")
    for schedule in sorted(defs.schedules or (), key=lambda schedule: schedule.name):
        lines.append(
            f"schedule {schedule.name}: {schedule.cron_schedule} {schedule.execution_timezone} -> {schedule.job_name}"
        )
    for sensor in sorted(defs.sensors or (), key=lambda sensor: sensor.name):
        lines.append(f"sensor {sensor.name}")
    return "\n".join(lines) + "\n"


def test_the_graph_is_the_one_that_is_written_down() -> None:
    described = described_graph()
    assert described == SNAPSHOT.read_text(encoding="utf-8"), f"if this is meant, write it to {SNAPSHOT}:\n{described}"


def test_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_with_rows_shows_its_declared_columns_before_the_first_run() -> None:
    tables = load_catalogue().tables
    shown = 0
    for node in defs.resolve_asset_graph().asset_nodes:
        schema = node.metadata.get("dagster/column_schema")
        columns = getattr(schema, "schema", schema).columns if schema else ()
        if node.group_name in (FACTS, CHECKS):
            table = tables[node.key.to_user_string()]
            assert [column.name for column in columns] == [column.name for column in table.columns]
            assert [column.description for column in columns] == [column.comment for column in table.columns]
            shown += 1
    assert shown == 7


def test_partitions_are_the_report_years_up_to_this_one() -> None:
    keys = YEARS.get_partition_keys()
    assert keys[0] == "2003"
    assert keys[-1] == str(current_year())
    assert list(report_years(2005)) == [2003, 2004, 2005]
    with pytest.raises(ValueError, match="1970"):
        report_years(1970)


def test_every_step_that_writes_the_home_is_in_the_pool() -> None:
    for job in defs.jobs or ():
        for node in defs.resolve_job_def(job.name).nodes:
            # A fetch takes hours and only takes in, which needs no turn: loads go on meanwhile.
            if node.name != "fetched_sources":
                assert node.definition.pool == "warehouse", node.name
