"""Whole fetches of made pages into a home folder: what belongs to a page, what is asked again, what goes on."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.fetch.client import Client
from pipeline.fetch.links import links_of
from pipeline.fetch.settings import Settings, load_settings
from pipeline.fetching import FetchOrder, FetchStopped, FetchSummary, fetch_sources
from pipeline.home import Home
from tests.unit.fetch.bad_server import Asked, BadServer, answer, ok
from warehouse.fetches import failed_sources, known_fetches, latest_fetches, read_fetches
from warehouse.raw_store import read_content
from warehouse.sightings import read_sightings

PDF = b"%PDF-1.4 made for a test"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 9000
PAGE = """<html><head><meta charset="gb2312"></head><body>
<div class="nav"><a href="/forms.doc">表格下载</a><img src="/logo.png"></div>
<div id="zoom"><p>某县2025年政府信息公开工作年度报告</p>
<a href="files/附件 1.pdf">附件1</a> <a href='./files/2.docx?a=1'>附件2</a> <a href="javascript:go()">打印</a>
<a href="/next.html">下一篇</a> <img src="..\\pic\\table.png"> <img src="/dot.gif"> <a href="#top">top</a></div>
<p>相关附件：<a href="/download?name=%B1%A8%B8%E6.xls">报告</a></p>
<div class="footer"><a href="/map.pdf">地图</a></div></body></html>"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture
def fetch(home: Home, make_client: Callable[..., Client], settings: Settings) -> Callable[..., FetchSummary]:
    """Write the table of sources and fetch it; every name is this machine."""

    def run(
        *addresses: str, ask_all: bool = False, stop: threading.Event | None = None, year: int | None = None
    ) -> FetchSummary:
        rows = "".join(f"某县人民政府,320999,{2025 - number},{address}\n" for number, address in enumerate(addresses))
        home.sources[0].write_text("issuer,region,year,address\n" + rows, encoding="utf-8")
        client = make_client(settings, lambda _host, _port: ["127.0.0.1"])
        order = FetchOrder(ask_all=ask_all, year=year)
        return fetch_sources(home, order, lambda *_: None, client=client, stop=stop)

    return run


def serve_page(bad: BadServer, page: bytes = PAGE.encode("gb18030")) -> None:
    bad.on("/a/b/page.html", ok(page, ETag='"1"', Last_Modified="Wed, 01 Apr 2026 00:00:00 GMT"))
    bad.on("/a/b/files/%E9%99%84%E4%BB%B6%201.pdf", answer(404))
    bad.on("/a/b/files/%B8%BD%BC%FE%201.pdf", ok(PDF, "text/plain"))
    bad.on("/a/b/files/2.docx?a=1", ok(PDF + b" 2"))
    bad.on("/a/pic/table.png", ok(PICTURE))
    bad.on("/dot.gif", ok(b"GIF89a" + b"\0" * 40))
    bad.on("/download?name=%B1%A8%B8%E6.xls", ok(PDF + b" 3"))


def test_a_page_comes_with_its_attachments_and_pictures(
    fetch: Callable[..., FetchSummary], bad: BadServer, home: Home
) -> None:
    """… relative, in GBK, hidden in a query; not with those of its navigation, nor with icons. Bytes and headers are kept."""
    serve_page(bad)
    page = bad.url("/a/b/page.html")

    summary = fetch(page)

    assert summary.outcomes == {"new": 5} and not summary.refused
    seen = read_sightings(home)
    assert dict(seen.select("source", "belongs_to").rows()) == {
        page: [],
        bad.url("/a/b/files/%E9%99%84%E4%BB%B6%201.pdf"): [page],
        bad.url("/a/b/files/2.docx?a=1"): [page],
        bad.url("/a/pic/table.png"): [page],
        bad.url("/download?name=%B1%A8%B8%E6.xls"): [page],
    }
    assert {read_content(home, file_id) for file_id in seen["file_id"]} >= {PDF, PICTURE, PAGE.encode("gb18030")}
    row = latest_fetches(home).filter(pl.col("url") == page).row(0, named=True)
    assert (row["issuer"], row["year"], row["status"], row["media_type"]) == ("某县人民政府", 2025, 200, "text/html")
    assert ["etag", '"1"'] in json.loads(row["headers"]) and row["etag"] == '"1"'
    assert not any("logo" in path or "forms" in path or "map" in path or "next" in path for path in bad.paths())


def test_what_has_not_changed_costs_nothing_downstream(
    fetch: Callable[..., FetchSummary], bad: BadServer, home: Home
) -> None:
    """Not asked within the day; then 304, or the same bytes; a changed page is one new content."""
    serve_page(bad)
    page = bad.url("/a/b/page.html")
    fetch(page)
    sightings, asked = read_sightings(home), len(bad.asked)

    assert fetch(page).fresh == 1
    assert len(bad.asked) == asked

    bad.on("/a/b/page.html", answer(304))
    assert fetch(page, ask_all=True).outcomes == {"unchanged": 5}
    request = next(asked for asked in reversed(bad.asked) if asked.path == "/a/b/page.html")
    assert request.headers["if-none-match"] == '"1"' and "if-modified-since" in request.headers
    assert read_sightings(home).equals(sightings)

    serve_page(bad, PAGE.replace("某县", "另县").encode("gb18030"))
    assert fetch(page, ask_all=True).outcomes == {"changed": 1, "unchanged": 4}
    assert known_fetches(home)[page].etag == '"1"'


def test_a_fetch_that_was_ended_goes_on_where_it_was(
    fetch: Callable[..., FetchSummary], bad: BadServer, home: Home
) -> None:
    """… with what came kept, and the page whose attachments were missing begun again."""
    serve_page(bad)
    stop = threading.Event()

    def end(_asked: Asked, connection: object) -> None:
        stop.set()
        connection.sendall(ok(PDF + b" 2"))  # type: ignore[attr-defined]

    bad.on("/a/b/files/2.docx?a=1", end)
    page, other = bad.url("/a/b/page.html"), bad.url("/other.html")
    bad.on("/other.html", ok(b"<html><body>other</body></html>"))
    fetch(page, other, stop=stop)
    assert read_sightings(home).height == 2 and page not in known_fetches(home)

    bad.asked.clear()
    serve_page(bad)
    assert fetch(page, other).outcomes == {"new": 4}
    assert sorted(bad.paths()) == [
        "/a/b/page.html",
        "/a/pic/table.png",
        "/dot.gif",
        "/download?name=%B1%A8%B8%E6.xls",
        "/other.html",
    ]
    assert read_sightings(home).height == 6


def test_what_does_not_come_is_told_and_asked_again(
    fetch: Callable[..., FetchSummary], bad: BadServer, home: Home
) -> None:
    """A page without all its attachments is not done; an error page in place of a document is none."""
    serve_page(bad)
    bad.on("/a/b/files/2.docx?a=1", ok(b"<html><body><p>not here</p></body></html>"))
    page, gone = bad.url("/a/b/page.html"), bad.url("/gone.html")

    summary = fetch(page, gone, "ftp-like:/no", "https://user@x.example/")

    assert summary.outcomes["partial"] == 1 and summary.outcomes["failed"] == 3
    assert summary.unusable == ("sources.csv, line 5: address holds a user name: what needs a password is not public",)
    told = dict(failed_sources(home).select("address", "reason").rows())
    assert told[page].startswith("1 of 5 attachments and pictures failed, the first: http")
    assert told[gone] == "answered with status 404"
    assert "a web page came instead of it" in [refused.reason for refused in summary.refused]
    assert len(set(read_sightings(home)["file_id"])) == 4

    serve_page(bad)
    bad.asked.clear()
    fetch(page, gone)
    assert sorted(bad.paths()) == ["/a/b/files/2.docx?a=1", "/a/b/page.html", "/dot.gif", "/gone.html"]
    assert failed_sources(home)["address"].to_list() == [gone]


def test_a_stored_content_that_is_gone_is_fetched_whole(
    fetch: Callable[..., FetchSummary], bad: BadServer, home: Home
) -> None:
    bad.on("/p", ok(b"<html><body>p</body></html>", ETag='"1"'))
    fetch(bad.url("/p"))
    (home.raw / known_fetches(home)[bad.url("/p")].file_id).unlink()
    fetch(bad.url("/p"), ask_all=True)
    assert "if-none-match" not in bad.asked[-1].headers
    assert list(Path(str(home.raw)).iterdir())


def test_folders_are_sources_too(fetch: Callable[..., FetchSummary], home: Home, bucket: str) -> None:
    """A path begins where the table stands; any address that fsspec takes is one."""
    (home.root / "reports").mkdir()
    (home.root / "reports" / "a.txt").write_text("一", encoding="utf-8")
    import fsspec

    fsspec.filesystem("s3").pipe_file(f"{bucket}/2024/b/c.txt", "二".encode())
    assert fetch("reports", f"{bucket}/2024").outcomes == {"new": 2}
    assert read_sightings(home)["source"].sort().to_list() == [
        str(home.root / "reports" / "a.txt"),
        f"{bucket}/2024/b/c.txt",
    ]
    assert fetch("reports", f"{bucket}/2024").outcomes == {"unchanged": 2}
    assert fetch("reports", f"{bucket}/2024", year=2024).sources == 1


def test_hosts_are_asked_beside_one_another(fetch: Callable[..., FetchSummary], bad: BadServer, home: Home) -> None:
    """Two hosts answer only when both have been asked: one of them does not wait for the other."""
    both = threading.Barrier(2, timeout=5)

    def wait(_asked: Asked, connection: object) -> None:
        both.wait()
        connection.sendall(ok(b"<html><body>x</body></html>"))  # type: ignore[attr-defined]

    bad.on("/x", wait)
    assert fetch(bad.url("/x", "one.example"), bad.url("/x", "two.example")).outcomes == {"new": 2}
    assert read_fetches(home).height == 2


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<base href='/x/'><div id=zoom><a href=a.pdf>a</a></div>", ["http://h.example/x/a.pdf"]),
        ("<a href='http://o.example/a.ZIP'>all</a>", ["http://o.example/a.ZIP"]),
        ("<a href='/get?id=5' download='a.wps'>x</a>", ["http://h.example/get?id=5"]),
        ("<div id=zoom><a href='/get?id=5'>附件下载</a></div>", ["http://h.example/get?id=5"]),
        ("<a href='/get?id=5'>下载客户端</a>", []),
        ("<iframe src='v/a.pdf'></iframe>", ["http://h.example/v/a.pdf"]),
        ("<footer><a href=a.pdf>a</a></footer><a href='page.html'>b</a><a href='file:///a.pdf'>c</a>", []),
        ("<a href=a.pdf>a</a><a href='a.pdf#p2'>a</a>", ["http://h.example/a.pdf"]),
        ("<div id=zoom>文</div><img src=outside.jpg>", []),
        ("", []),
    ],
)
def test_links(html: str, found: list[str]) -> None:
    links = links_of(f"<html><body>{html}</body></html>".encode(), "http://h.example/", load_settings())
    assert [link.urls[0] for link in links] == found


def test_waiting_ends_when_a_fetch_is_ended() -> None:
    from pipeline.fetching import _sleep_until

    stop = threading.Event()
    stop.set()
    with pytest.raises(FetchStopped):
        _sleep_until(stop)(3600)
