"""Files at fsspec addresses: taken in as those of a folder are, each under the address that was given."""

import io
import zipfile
from collections.abc import Iterator

import fsspec
import pytest

from pipeline.home import Home
from warehouse.raw_store import Intake, read_content, take_in
from warehouse.remote_files import is_address


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """fsspec's file system in memory, empty before and after."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def sources(intake: Intake) -> list[str]:
    return [sighting.source for sighting in sorted(intake.sightings, key=lambda sighting: sighting.source)]


def test_a_folder_is_taken_in_with_all_below_it(home: Home, memory: fsspec.AbstractFileSystem) -> None:
    """… but hidden files; archives by their members; too large ones refused unread."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("甲.txt", "二")
    memory.pipe(
        {"/in/a.txt": "一".encode(), "/in/b/年报.txt": b"2", "/in/.git/x": b"3", "/in/c.zip": packed.getvalue()}
    )

    intake = take_in(home, ["memory://in"])

    assert sources(intake) == ["memory://in/a.txt", "memory://in/b/年报.txt", "memory://in/c.zip!/甲.txt"]
    assert [skipped.source for skipped in intake.skipped] == ["memory://in/.git/x"]
    assert {read_content(home, file_id) for file_id in intake.file_ids} == {"一".encode(), b"2", "二".encode()}
    assert take_in(home, ["memory://in/"]).new_file_ids == ()


def test_one_file_is_its_own_address(home: Home, memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe_file("/in/a.txt", b"1")
    assert sources(take_in(home, ["memory://in/a.txt"])) == ["memory://in/a.txt"]


def test_a_chain_is_longer_in_its_first_link(home: Home, memory: fsspec.AbstractFileSystem) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2019/a.txt", "1")
        archive.writestr("2020/b.txt", "2")
    memory.pipe_file("/all.zip", packed.getvalue())
    assert sources(take_in(home, ["zip://2019::memory://all.zip"])) == ["zip://2019/a.txt::memory://all.zip"]
    assert sources(take_in(home, ["zip::memory://all.zip"])) == [
        "zip://2019/a.txt::memory://all.zip",
        "zip://2020/b.txt::memory://all.zip",
    ]


def test_objects_of_a_bucket(home: Home, bucket: str) -> None:
    system = fsspec.filesystem("s3")
    for name in ("2019/a b.txt", "2019/c/年.txt", "2020/d.txt"):
        system.pipe_file(f"{bucket}/{name}", name.encode())
    assert sources(take_in(home, [f"{bucket}/2019"])) == [f"{bucket}/2019/a b.txt", f"{bucket}/2019/c/年.txt"]
    (refused,) = take_in(home, [f"{bucket}/2018"]).refused
    assert refused.reason == "there is no file at this address, nor below it"


def test_what_cannot_be_reached_is_one_line(home: Home, memory: fsspec.AbstractFileSystem) -> None:
    """… and the rest goes on."""
    memory.pipe_file("/in/a.txt", b"1")
    intake = take_in(home, ["nosuch://x/y", "memory://absent", "memory://in"])
    assert [refused.source for refused in intake.refused] == ["memory://absent", "nosuch://x/y"]
    assert all("\n" not in refused.reason for refused in intake.refused)
    assert "Protocol not known: nosuch" in intake.refused[1].reason
    assert sources(intake) == ["memory://in/a.txt"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("s3://b/x", True),
        ("zip::s3://b/x.zip", True),
        ("hf+x://y", True),
        ("reports/2019", False),
        ("/a/b://c", False),
        ("年报", False),
    ],
)
def test_addresses_are_told_from_paths(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one
