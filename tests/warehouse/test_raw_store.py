"""Taking in: every content once, every place where it was seen, and what cannot be taken in costs only itself."""

import hashlib
import io
import os
import stat
import subprocess
import sys
import textwrap
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.home import Home
from tests.warehouse.made_lake import NOON
from warehouse.errors import DamagedContent, StorageFailed
from warehouse.raw_store import content_path, read_content, source_names, take_in
from warehouse.sightings import Sighting, add_sightings, read_sightings


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_content_stands_under_its_hash_and_may_not_be_written(home: Home, tmp_path: Path) -> None:
    file_id = write(tmp_path / "a.txt", "报告")
    intake = take_in(home, [tmp_path / "a.txt"], now=NOON)
    assert intake.file_ids == intake.new_file_ids == (file_id,)
    assert [path.name for path in home.raw.iterdir()] == [file_id]
    assert stat.S_IMODE(content_path(home, file_id).stat().st_mode) == 0o444
    assert read_content(home, file_id) == "报告".encode()


def test_one_content_under_two_names_is_one_file_with_two_sightings(home: Home, tmp_path: Path) -> None:
    file_id = write(tmp_path / "a.txt", "报告")
    write(tmp_path / "sub" / "b.txt", "报告")
    intake = take_in(home, [tmp_path / "a.txt", tmp_path / "sub"], now=NOON)
    assert intake.file_ids == (file_id,)
    assert intake.sightings == (
        Sighting(file_id, str(tmp_path / "a.txt")),
        Sighting(file_id, str(tmp_path / "sub" / "b.txt")),
    )
    assert read_sightings(home)["source"].to_list() == [str(tmp_path / "a.txt"), str(tmp_path / "sub" / "b.txt")]


def test_the_same_file_again_adds_nothing(home: Home, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "报告")
    take_in(home, [tmp_path / "a.txt"], now=NOON)
    again = take_in(home, [tmp_path / "a.txt"], now=NOON + timedelta(days=1))
    assert again.new_file_ids == ()
    assert len(again.file_ids) == 1
    assert read_sightings(home)["first_seen"].to_list() == [NOON.replace(tzinfo=None)]
    assert len(list((home.lake / "sightings").iterdir())) == 1


def test_folders_are_walked_and_hidden_files_told(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    seen = {write(folder / "2019" / "a.txt", "a"), write(folder / "b.pdf", "b")}
    for name in (".DS_Store", "~$draft.docx", "__MACOSX/b.pdf", ".git/c.txt", "Thumbs.db"):
        write(folder / name, name)
    (folder / "loop").symlink_to(folder)
    intake = take_in(home, [folder], now=NOON)
    assert set(intake.file_ids) == seen
    assert [Path(skipped.source).name for skipped in intake.skipped] == [
        ".DS_Store", ".git", "Thumbs.db", "__MACOSX", "loop", "~$draft.docx",
    ]  # fmt: skip
    assert intake.refused == ()


def test_a_home_below_the_folder_is_not_taken_into_itself(tmp_path: Path) -> None:
    """``gongkai load .`` in the folder of the reports, with the home ``./data`` that it gets when none is named."""
    file_id = write(tmp_path / "a.txt", "报告")
    home = Home(tmp_path / "data")
    for _ in range(2):
        intake = take_in(home, [tmp_path], now=NOON)
        assert intake.file_ids == (file_id,)
    assert [(skipped.source, skipped.reason) for skipped in intake.skipped] == [
        (str(tmp_path / "data"), "the home folder itself")
    ]


def test_a_hidden_file_that_was_named_is_taken(home: Home, tmp_path: Path) -> None:
    file_id = write(tmp_path / ".report.txt", "报告")
    assert take_in(home, [tmp_path / ".report.txt"], now=NOON).file_ids == (file_id,)


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    good = write(folder / "good.txt", "good")
    write(folder / "locked.txt", "locked")
    os.mkfifo(folder / "pipe")
    (folder / "broken").symlink_to(folder / "nowhere")
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "locked.txt":  # chmod stops nobody where the tests run as root.
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    intake = take_in(home, [folder, tmp_path / "absent.txt"], now=NOON)
    assert intake.file_ids == (good,)
    reasons = {Path(refused.source).name: refused.reason for refused in intake.refused}
    assert set(reasons) == {"locked.txt", "pipe", "broken", "absent.txt"}
    assert reasons["pipe"] == "not a regular file"
    assert "no right" not in reasons["absent.txt"]
    assert "\n" not in "".join(reasons.values())


def test_archives_are_opened_with_the_names_that_chinese_windows_writes(home: Home, tmp_path: Path) -> None:
    # zipfile writes non-ASCII names as UTF-8 with a flag; Windows writes GBK without one.
    content = zipped({"XXXX.txt": b"one", "folder/b.txt": b"two"}).replace(b"XXXX", "报告".encode("gbk"))
    (tmp_path / "报告.zip").write_bytes(content)
    intake = take_in(home, [tmp_path / "报告.zip"], now=NOON)
    assert [sighting.source for sighting in sorted(intake.sightings, key=lambda s: s.source)] == [
        f"{tmp_path}/报告.zip!/folder/b.txt",
        f"{tmp_path}/报告.zip!/报告.txt",
    ]
    assert {read_content(home, file_id) for file_id in intake.file_ids} == {b"one", b"two"}


def test_an_archive_in_an_archive_is_opened_once(home: Home, tmp_path: Path) -> None:
    innermost = zipped({"c.txt": b"c"})
    (tmp_path / "outer.zip").write_bytes(zipped({"in.zip": zipped({"b.txt": b"b", "deep.zip": innermost})}))
    intake = take_in(home, [tmp_path / "outer.zip"], now=NOON)
    contents = {read_content(home, file_id) for file_id in intake.file_ids}
    assert contents == {b"b", innermost}
    assert f"{tmp_path}/outer.zip!/in.zip!/b.txt" in {sighting.source for sighting in intake.sightings}


def test_members_that_are_not_to_be_had_cost_only_themselves(home: Home, tmp_path: Path) -> None:
    locked = zipped({"good.txt": b"good", "secret.txt": b"secret"})
    at = locked.index(b"secret.txt") - 30  # Local header, then central directory: set the encryption flag in both.
    central = locked.rindex(b"secret.txt") - 46
    raw = bytearray(locked)
    raw[at + 6] |= 1
    raw[central + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(raw))
    (tmp_path / "evil.zip").write_bytes(
        zipped({"../../evil.txt": b"x", "/etc/evil": b"x", "__MACOSX/a": b"x", "ok": b"ok"})
    )
    (tmp_path / "bomb.zip").write_bytes(zipped({"bomb.txt": b"0" * 30_000_000, "fine.txt": b"fine"}))
    damaged = bytearray(zipped({"d.txt": os.urandom(1000), "e.txt": b"e"}))
    damaged[200] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(bytes(damaged))
    intake = take_in(home, sorted(tmp_path.glob("*.zip")), now=NOON)
    assert {read_content(home, file_id) for file_id in intake.file_ids} == {b"good", b"ok", b"fine", b"e"}
    reasons = {refused.source.rpartition("!/")[2]: refused.reason for refused in intake.refused}
    assert reasons["secret.txt"] == "password-protected archive"
    assert reasons["../../evil.txt"] == reasons["/etc/evil"] == "names a path outside the archive"
    assert "archive bomb" in reasons["bomb.txt"]
    assert reasons["d.txt"].startswith("damaged in the archive")
    assert [path.name for path in tmp_path.parent.glob("*evil*")] == []


def test_an_archive_that_is_no_archive_is_kept_as_a_file(home: Home, tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(zipped({"a.txt": b"a" * 1000})[:60])
    (tmp_path / "word.docx").write_bytes(zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}))
    intake = take_in(home, [tmp_path / "cut.zip", tmp_path / "word.docx"], now=NOON)
    assert len(intake.file_ids) == 2
    assert intake.refused == ()


def test_too_many_members_are_refused_and_the_archive_kept(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.catalogue.load import load_catalogue

    monkeypatch.setitem(load_catalogue().limits["intake"], "archive_max_members", 2)
    (tmp_path / "many.zip").write_bytes(zipped({f"{n}.txt": b"%d" % n for n in range(3)}))
    intake = take_in(home, [tmp_path / "many.zip"], now=NOON)
    assert [refused.reason for refused in intake.refused] == ["archive of more than 2 files"]
    assert [sighting.source for sighting in intake.sightings] == [str(tmp_path / "many.zip")]


def test_a_file_beyond_the_limit_is_refused(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.catalogue.load import load_catalogue

    monkeypatch.setitem(load_catalogue().limits["intake"], "max_file_bytes", 10)
    write(tmp_path / "long.txt", "x" * 11)
    intake = take_in(home, [tmp_path / "long.txt"], now=NOON)
    assert [refused.reason for refused in intake.refused] == ["larger than 10 bytes"]


def test_names_that_are_not_utf8_are_read(home: Home, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/" + "年报.txt".encode("gbk")
    with Path(os.fsdecode(name)).open("wb") as file:
        file.write(b"x")
    (sighting,) = take_in(home, [tmp_path], now=NOON).sightings
    assert sighting.source == f"{tmp_path}/年报.txt"


def test_the_hint_is_the_name_of_the_smallest_source(home: Home, tmp_path: Path) -> None:
    file_id = write(tmp_path / "b.html", "x")
    write(tmp_path / "a" / "c.txt", "x")
    (tmp_path / "z.zip").write_bytes(zipped({"inner/d.doc": b"y"}))
    take_in(home, [tmp_path / "b.html"], now=NOON)
    take_in(home, [tmp_path / "a", tmp_path / "z.zip"], now=NOON)
    other = hashlib.sha256(b"y").hexdigest()
    assert source_names(home, [file_id, other]) == {file_id: "c.txt", other: "d.doc"}


def test_damage_in_the_store_is_noticed_and_mended(home: Home, tmp_path: Path) -> None:
    file_id = write(tmp_path / "a.txt", "报告")
    take_in(home, [tmp_path / "a.txt"], now=NOON)
    content_path(home, file_id).chmod(0o644)
    content_path(home, file_id).write_bytes(b"?")
    with pytest.raises(DamagedContent, match="damaged"):
        read_content(home, file_id)
    take_in(home, [tmp_path / "a.txt"], now=NOON)
    assert read_content(home, file_id) == "报告".encode()
    with pytest.raises(DamagedContent):
        read_content(home, "0" * 64)
    with pytest.raises(ValueError, match="not a file_id"):
        read_content(home, "../../etc/passwd")


def test_a_full_disk_ends_with_one_line(home: Home, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(os.urandom(200_000))
    code = """
        import resource, signal, sys
        from pathlib import Path
        from pipeline.home import Home
        from warehouse.errors import StorageFailed
        from warehouse.raw_store import take_in
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            take_in(Home(Path(sys.argv[1])), [Path(sys.argv[2])])
        except StorageFailed as error:
            print(error)
    """
    arguments = [str(home.root), str(tmp_path / "big.txt")]
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == (f"{home.raw} cannot be written: no space left on the disk\n", "")
    assert list(home.raw.iterdir()) == []


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "a")
    write(tmp_path / "home", "a file")
    with pytest.raises(StorageFailed, match="cannot be written"):
        take_in(Home(tmp_path / "home"), [tmp_path / "a.txt"], now=NOON)


def test_a_place_belongs_to_every_page_that_a_sighting_declares(home: Home) -> None:
    file_id, url = "0" * 64, "https://example.gov.cn/P0.pdf"
    for page in ("", "https://example.gov.cn/b.html", "https://example.gov.cn/a.html", ""):
        add_sightings(home, [Sighting(file_id, url, page)], NOON)
    (row,) = read_sightings(home).to_dicts()
    assert (row["source"], row["belongs_to"]) == (
        url,
        ["https://example.gov.cn/a.html", "https://example.gov.cn/b.html"],
    )
