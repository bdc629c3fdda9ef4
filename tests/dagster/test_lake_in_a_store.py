"""A home whose raw store and lake stand in an object store: the same rows as from a folder, and nothing left beside them."""

import hashlib
import shutil
from pathlib import Path

import pytest
from upath import UPath

from pipeline.freshness import stale_years
from pipeline.home import Home
from pipeline.home_address import AddressRefused, open_home, remember_address
from pipeline.load import load_paths
from tests.dagster.test_load import table_hashes, write_report
from warehouse.durable import write_bytes
from warehouse.errors import DamagedContent, StorageFailed, TornFacts
from warehouse.forget import forget
from warehouse.raw_store import content_path, read_content
from warehouse.store import require_writable
from warehouse.sweep import sweep
from warehouse.years import facts_manifest, facts_years, part_path


def test_a_lake_moved_into_a_store_is_read_added_to_and_published(
    tmp_path: Path, bucket: str, loaded_samples: Path
) -> None:
    """… with the same rows as in the folder that it came from; what was moved is known to be whole by its hashes."""
    local, remote = Home(loaded_samples), Home(tmp_path / "remote", f"{bucket}/国/lake of 2019")
    for folder in ("raw", "lake"):
        for file in (path for path in (loaded_samples / folder).rglob("*") if path.is_file()):
            (UPath(remote.store) / file.relative_to(loaded_samples).as_posix()).write_bytes(file.read_bytes())
    made = write_report(tmp_path / "in", 1)

    summary = load_paths(remote, [made], workers=1)

    assert summary.published
    assert summary.rows["reports"] == table_hashes(local)["reports"][0] + 1
    for year in set(facts_years(local)) - set(summary.years):
        assert table_hashes(remote, year) == table_hashes(local, year)
    assert not (remote.root / "raw").exists() and not (remote.root / "lake").exists()
    assert stale_years(remote) == []
    assert list(remote.lake.rglob(".*.tmp")) == []

    _spoil_a_part(remote)
    file_id = hashlib.sha256(made.read_bytes()).hexdigest()
    assert read_content(remote, file_id) == made.read_bytes()
    forget(remote, file_id)
    with pytest.raises(DamagedContent, match="cannot be read"):
        read_content(remote, file_id)


def _spoil_a_part(home: Home) -> None:
    year = facts_years(home)[0]
    part = part_path(home, "reports", year)
    content = part.read_bytes()
    write_bytes(part, content[:-1] + bytes([content[-1] ^ 1]))  # As long as before, and within the same second.
    with pytest.raises(TornFacts):
        facts_manifest(home, year)


def test_what_a_killed_writer_left_is_swept(tmp_path: Path, bucket: str) -> None:
    home = Home(tmp_path / "home", f"{bucket}/lake")
    left = home.lake / "facts" / "reports" / "year=2019" / ".part.parquet.0123.tmp"
    left.write_bytes(b"half")
    assert sweep(home) == 1
    assert not left.exists()


def test_a_store_that_does_not_answer_is_one_line_and_blames_no_file(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home", f"{bucket}-of-nobody/lake")
    with pytest.raises(StorageFailed, match=r"the lake s3://.* cannot be written: The specified bucket does not exist"):
        require_writable(home)
    with pytest.raises(StorageFailed, match="the lake nosuch://x cannot be written"):
        require_writable(Home(tmp_path / "home", "nosuch://x"))

    def unreachable(*_: object, **__: object) -> None:
        raise PermissionError("Forbidden")

    home = Home(tmp_path / "home", f"{bucket}/lake")
    require_writable(home)
    path = content_path(home, "0" * 64)
    monkeypatch.setattr(type(path), "read_bytes", unreachable)
    with pytest.raises(StorageFailed, match="cannot be read: Forbidden"):
        read_content(home, "0" * 64)


def test_a_home_remembers_where_its_lake_is(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir()
    assert open_home(root) == Home(root)
    remember_address(open_home(root, "memory://a/lake/"))
    assert open_home(root) == open_home(root, "memory://a/lake") == Home(root, "memory://a/lake")
    with pytest.raises(AddressRefused, match="is at memory://a/lake, not at memory://b"):
        open_home(root, "memory://b")

    shutil.rmtree(root)
    (root / "lake").mkdir(parents=True)
    with pytest.raises(AddressRefused, match="not at memory://b"):
        open_home(root, "memory://b")
