"""Files made to cost more than their size: each costs one quarantined file with its reason, and nothing else.

Only those that cost a moment: all of them, and the limits on time and memory themselves, are met in ``benchmarks.bombs``.
"""

import hashlib
from functools import partial

import pytest

from pipeline.home import Home
from pipeline.reading_pool import PoolSize, local_processes, read_contents
from pipeline.reading_worker import FileTask, Limits, read_report
from tests.documents.bombs import BOMBS

DOCTYPE = "Word file with an XML document type, which no word processor writes"
SHEET = "damaged spreadsheet: it cannot be opened"
REASONS = {
    "many cells in Word": "Word file of more than 50000 cells: not one report",
    "outer entity in Word": DOCTYPE,
    "spans in Word": "not a report: no section heading found",
    "deep Word": "damaged Word file: document.xml is not well-formed XML",
    "wide sheet": "spreadsheet whose cells spread over 1048576 rows and 16384 columns: not one report",
    "merged sheet": SHEET,
    "entities in a sheet": SHEET,
    "OLE that loops": "damaged Word file: no Word header",
    "OLE directory that loops": "damaged Word file: no Word header",
    "OLE sheet that loops": "spreadsheet with nothing in it",
    "packages in packages": "an archive inside an archive: unpack it and load its files",
}
"""Other readers learn to read a kind, or to refuse it in other words: those are held to a reason in one line only."""
ANY_REASON = ("PDF that loops", "GIF", "TIFF")
READ = ("entities in a page",)
LIMITS = Limits(seconds=50, memory_bytes=2**30)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What came of every bomb, all read by one worker; a traceback fails here."""
    home = Home(tmp_path_factory.mktemp("bombs"))
    home.raw.mkdir()
    names, tasks = {}, []
    for name in (*REASONS, *ANY_REASON, *READ):
        file, make = BOMBS[name]
        content = make()
        file_id = hashlib.sha256(content).hexdigest()
        (home.raw / file_id).write_bytes(content)
        names[file_id] = name
        tasks.append(FileTask(file_id, file))
    read = partial(read_report, first_year=2003, last_year=2026)
    found = list(read_contents(home, tasks, read, LIMITS, PoolSize(1, 4), partial(local_processes, limits=LIMITS)))
    assert not [text for outcome in found for text in outcome.tracebacks.values()]
    return {names[row["file_id"]]: row for outcome in found for row in outcome.rows.outcomes.to_dicts()}


@pytest.mark.parametrize("name", [*REASONS, *ANY_REASON, *READ])
def test_a_bomb_costs_itself(name: str, outcomes: dict[str, dict[str, object]]) -> None:
    row = outcomes[name]
    if name in READ:
        assert row["status"] == "read"
    else:
        assert row["status"] == "quarantined"
        assert "\n" not in str(row["error"])
        assert "failed" not in str(row["error"]) and "crashed" not in str(row["error"])
    if name in REASONS:
        assert row["error"] == REASONS[name]
