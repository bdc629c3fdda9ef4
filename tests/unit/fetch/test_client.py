"""The client against a server that does everything wrong: each way ends in a content, or in one line."""

import gzip
import re
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import replace

import httpcore
import httpx
import pytest

from pipeline.fetch.client import Client, NotFetched
from pipeline.fetch.settings import Settings
from tests.unit.fetch.bad_server import Asked, BadServer, answer, ok
from tests.unit.fetch.conftest import MovedClock

PAGE = "<html><body><p>政府信息公开工作年度报告</p></body></html>".encode()


def refused(client: Client, url: str) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        client.get(url)
    assert "\n" not in str(caught.value)
    return caught.value


def test_an_answer_is_bytes_headers_and_what_the_bytes_are(client: Client, bad: BadServer) -> None:
    """… whatever the server says they are; it is told who asks, and is given no cookie back."""
    bad.on("/a", ok(PAGE, "application/pdf; charset=utf-16", Set_Cookie="id=1", ETag='"x"'))

    first = client.get(bad.url("/a"))
    client.get(bad.url("/a"))

    assert (first.content, first.media_type, first.status) == (PAGE, "text/html", 200)
    assert first.header("etag") == '"x"' and first.header("set-cookie") == ""
    asked = bad.asked[-1].headers
    assert re.match(r"gongkai/\S+ \(.*annual reports.*\)", asked["user-agent"])
    assert "cookie" not in asked and "authorization" not in asked


def test_connections_are_used_again(client: Client, bad: BadServer) -> None:
    bad.on("/robots.txt", ok(b""))
    bad.on("/a", ok(PAGE))
    for _ in range(3):
        client.get(bad.url("/a"))
    assert bad.connections == 1 and len(bad.asked) == 4  # one of them for robots.txt


def test_a_connection_that_the_server_closed_is_not_missed(client: Client, bad: BadServer) -> None:
    """A kept connection may be dead when it is used again; an answer may say that it is kept and be the last."""

    def once(_asked: Asked, connection: socket.socket) -> None:
        connection.sendall(ok(PAGE, Connection="keep-alive"))

    bad.on("/a", once, once, ok(PAGE))
    assert [client.get(bad.url("/a")).content for _ in range(3)] == [PAGE] * 3


def slow_body(_asked: Asked, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.1)


def slow_headers(_asked: Asked, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: a\r\n".encode())
        time.sleep(0.1)


def endless_body(_asked: Asked, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(2000):
        connection.sendall(b"<p>" + b"x" * 65536)


@pytest.mark.parametrize(
    ("answered", "line"),
    [
        (slow_body, "took longer than 1.2 s"),
        (slow_headers, "took longer than 1.2 s"),
        (endless_body, "larger than 4000000 bytes"),
        (ok(PAGE, Content_Length="99999999"), "larger than 4000000 bytes"),
        (ok(gzip.compress(b"0" * 3_900_000), Content_Encoding="gzip"), "packed more than 200 times: taken for a bomb"),
        (ok(gzip.compress(b"0" * 30_000_000), Content_Encoding="gzip"), "(packed more than|unpacks to more than)"),
        (ok(b"\x1b\x00", Content_Encoding="br"), "packed in a way that was not asked for: br"),
        (ok(b""), "answered with nothing"),
        (answer(204), "answered with status 204"),
        (answer(403), "answered with status 403"),
        (answer(404, PAGE), "answered with status 404"),
        (answer(304), "answered with status 304"),
        (answer(302, Location="file:///etc/passwd"), "redirects to what is not fetched: .*neither http nor https"),
        (answer(302, Location="gopher://bad.example/"), "neither http nor https"),
        (answer(302, Location="http://user:pw@bad.example/"), "holds a user name"),
        (answer(302, Location="http://[::1"), "is no link"),
        (answer(302), "answered with status 302"),
    ],
)  # fmt: skip
def test_what_asking_again_does_not_change_is_asked_once(
    client: Client, bad: BadServer, answered: bytes | Callable[..., None], line: str
) -> None:
    bad.on("/a", answered)
    error = refused(client, bad.url("/a"))
    assert re.search(line, str(error)), str(error)
    assert bad.paths() == ["/a"]


def silent(_asked: Asked, connection: socket.socket) -> None:
    time.sleep(0.6)


def reset(_asked: Asked, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answered", "line"),
    [
        (silent, "bad.example does not answer"),
        (reset, "bad.example: "),
        (lambda _a, _c: None, "bad.example: "),
        (lambda _a, c: c.sendall(ok(PAGE, Content_Length="5000")), "without sending complete message body"),
        (lambda _a, c: c.sendall(CHUNKED + b"20\r\nabc"), "without sending complete message body"),
        (lambda _a, c: c.sendall(CHUNKED + b"zz\r\nabc\r\n"), "bad.example: "),
        (lambda _a, c: c.sendall(b"SSH-2.0-OpenSSH\r\n"), "bad.example: "),
        (lambda _a, c: c.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000), "bad.example: "),
        (lambda _a, c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello"), "bad.example: "),
        (ok(gzip.compress(PAGE)[:-9], Content_Encoding="gzip"), "the packed body is cut off"),
        (ok(b"\x1f\x8b" + b"\xff" * 40, Content_Encoding="gzip"), "the packed body is damaged"),
        (answer(500), "answered with status 500"),
        (answer(503, Retry_After="soon"), "answered with status 503"),
    ],
)  # fmt: skip
def test_what_may_be_gone_the_next_time_is_asked_four_times(
    client: Client, bad: BadServer, moved: MovedClock, answered: bytes | Callable[..., None], line: str
) -> None:
    bad.on("/robots.txt", ok(b""))
    bad.on("/a", answered)
    error = refused(client, bad.url("/a"))
    assert re.search(line, str(error)), str(error)
    assert str(error).endswith("(asked 4 times)")
    assert bad.paths() == ["/a"] * 4
    first, second, third = moved.slept
    assert 1 <= first <= 2 <= second * 1.01 and second <= 4 and third * 1.01 >= 4 and third <= 8


def test_a_server_that_recovers_is_heard(client: Client, bad: BadServer) -> None:
    bad.on("/a", answer(500), reset, ok(PAGE))
    found = client.get(bad.url("/a"))
    assert (found.content, found.attempts) == (PAGE, 3)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("Wed, 01 Apr 2026 12:00:50 GMT", 50.0), ("Wed, 01 Apr 2020 12:00:00 GMT", 0.0)],
)
def test_retry_after_is_waited_for(
    client: Client, bad: BadServer, moved: MovedClock, value: str, seconds: float
) -> None:
    """… as seconds or a date; a date that is past is now."""
    bad.on("/a", answer(429, Retry_After=value), ok(PAGE))
    assert client.get(bad.url("/a")).attempts == 2
    assert sum(moved.slept) == pytest.approx(seconds, abs=1.5)


def test_a_server_that_asks_for_hours_is_asked_the_next_time(client: Client, bad: BadServer) -> None:
    bad.on("/a", answer(429, Retry_After="7200"))
    error = refused(client, bad.url("/a"))
    assert str(error) == "answered with status 429; it asks to wait 7200 s"
    assert bad.paths() == ["/a"]


def test_a_host_that_never_answers_is_left_alone(client: Client, bad: BadServer) -> None:
    """… after five addresses in vain, whatever else of it was to be asked."""
    bad.on("/robots.txt", ok(b""))
    for number in range(7):
        bad.on(f"/{number}", lambda _asked, _connection: None)
        error = refused(client, bad.url(f"/{number}"))
    assert "gave no answer 5 times: left alone" in str(error)
    assert set(bad.paths()) == {f"/{number}" for number in range(5)}


def test_redirects_are_followed_one_by_one(client: Client, bad: BadServer) -> None:
    """… also to other hosts, whose robots.txt is asked, and to addresses written in GBK."""
    bad.on("/a", answer(301, Location="/b"))
    bad.on("/b", answer(302, Location=bad.url("/c", "other.example")))
    to = f"HTTP/1.1 302 Found\r\nLocation: {bad.url('/年报')}\r\nContent-Length: 0\r\n\r\n"
    bad.on("/c", to.encode("gb18030"))
    bad.on("/%E5%B9%B4%E6%8A%A5", ok(PAGE))
    found = client.get(bad.url("/a"))
    assert found.final_url == bad.url("/%E5%B9%B4%E6%8A%A5")
    assert [asked.headers["host"].split(":")[0] for asked in bad.asked if asked.path == "/robots.txt"] == [
        "bad.example",
        "other.example",
    ]


def test_redirects_end(client: Client, bad: BadServer) -> None:
    bad.on("/a", answer(302, Location="/b"))
    bad.on("/b", answer(302, Location="/a"))
    assert "redirects in a circle" in str(refused(client, bad.url("/a")))
    for number in range(9):
        bad.on(f"/{number}", answer(302, Location=f"/{number + 1}"))
    assert "redirects more than 5 times" in str(refused(client, bad.url("/0")))


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "this machine itself"), ("::1", "this machine itself"), ("::ffff:127.0.0.1", "this machine itself"),
        ("10.1.2.3", "a private address"), ("192.168.0.9", "a private address"), ("172.16.0.1", "a private address"),
        ("100.64.0.1", "a private address"), ("169.254.1.1", "a link-local address"), ("fe80::1", "a link-local address"),
        ("fd00::1", "a private address"), ("169.254.169.254", "metadata"), ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"), ("::ffff:a00:1", "a private address"), ("2002:7f00:1::", "this machine itself"),
        ("64:ff9b::a9fe:a9fe", "metadata"), ("0.0.0.0", "no address"), ("224.0.0.1", "a multicast address"),
        ("255.255.255.255", "a private address"),
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_asked(
    settings: Settings, make_client: Callable[..., Client], bad: BadServer, address: str, why: str
) -> None:
    """… however a name or a redirect leads there, and if one of a name's addresses is none."""
    names = {"inside.example": [address], "mixed.example": ["93.184.216.34", address]}
    client = make_client(replace(settings, allow_private=False), lambda host, _port: names[host])
    for host in ("inside.example", "mixed.example"):
        error = refused(client, bad.url("/a", host))
        assert error.refused and why in str(error) and host in str(error)
    assert bad.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"])
def test_this_machine_is_known_under_all_its_names(
    settings: Settings, make_client: Callable[..., Client], bad: BadServer, host: str
) -> None:
    client = make_client(replace(settings, allow_private=False))
    error = refused(client, bad.url("/a", host))
    assert error.refused or "cannot be resolved" in str(error)
    assert bad.connections == 0


def test_a_redirect_inside_is_refused(settings: Settings, make_client: Callable[..., Client], bad: BadServer) -> None:
    """The first host passes for public here; where it leads to does not."""
    client = make_client(replace(settings, allow_private=False), lambda host, _port: [PUBLIC[host]])
    bad.on("/a", answer(302, Location="http://inside.example/secret"))
    client._transport._pool._network_backend._backend = ToLoopback(bad.port)  # type: ignore[attr-defined]
    error = refused(client, "http://outside.example:8080/a")
    assert error.refused and str(error) == "inside.example leads to 10.0.0.5, a private address"


PUBLIC = {"outside.example": "93.184.216.34", "inside.example": "10.0.0.5"}


class ToLoopback(httpcore.SyncBackend):
    """Connects to the bad server whatever the address, which it remembers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connected: list[str] = []

    def connect_tcp(self, host: str, port: int, *arguments: object, **named: object) -> httpcore.NetworkStream:
        self.connected.append(host)
        return super().connect_tcp("127.0.0.1", self.port, 1)


def test_the_address_that_was_judged_is_the_one_connected_to(
    settings: Settings, make_client: Callable[..., Client], bad: BadServer
) -> None:
    """A name that leads inside a moment later (DNS rebinding) is not asked for again between judging and connecting."""
    given = iter([["93.184.216.34"], ["127.0.0.1"]])
    client = make_client(replace(settings, allow_private=False), lambda _host, _port: next(given))
    backend = ToLoopback(bad.port)
    client._transport._pool._network_backend._backend = backend  # type: ignore[attr-defined]
    bad.on("/a", ok(PAGE, Connection="close"))
    bad.on("/robots.txt", ok(b"User-agent: *\nAllow: /", Connection="keep-alive"))
    assert client.get("http://rebinding.example:8080/a").content == PAGE
    assert backend.connected == ["93.184.216.34"]
    assert "leads to 127.0.0.1" in str(refused(client, "http://rebinding.example:8080/a"))


def test_ports_of_other_services_are_not_asked(settings: Settings, make_client: Callable[..., Client]) -> None:
    client = make_client(replace(settings, allow_private=False))
    for url in ("http://a.example:25/", "https://a.example:22/x"):
        assert "is no port of a web server" in str(refused(client, url))


def test_proxies_of_the_environment_are_not_used(
    client: Client, bad: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    bad.on("/a", ok(PAGE))
    assert client.get(bad.url("/a")).content == PAGE


def test_a_proxy_that_is_named_is_used(settings: Settings, make_client: Callable[..., Client], bad: BadServer) -> None:
    bad.on("http://far.example/robots.txt", answer(404))
    bad.on("http://far.example/a", ok(PAGE))
    client = make_client(replace(settings, proxy=f"http://127.0.0.1:{bad.port}"))
    assert client.get("http://far.example/a").content == PAGE


@pytest.mark.parametrize(
    "packed",
    [
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:]), "gzip"),
        (zlib.compress(PAGE), "deflate"),
        (zlib.compress(PAGE)[2:-4], "deflate"),
        (PAGE, "gzip"),
        (PAGE, "identity"),
        (PAGE, ""),
    ],
)
def test_bodies_are_unpacked(client: Client, bad: BadServer, packed: tuple[bytes, str]) -> None:
    """… and one that only says that it is packed is taken as it is."""
    bad.on("/a", ok(packed[0], Content_Encoding=packed[1]))
    assert client.get(bad.url("/a")).content == PAGE


def test_what_has_not_changed_is_not_sent(client: Client, bad: BadServer) -> None:
    bad.on("/a", answer(304))
    found = client.get(bad.url("/a"), {"If-None-Match": '"x"', "If-Modified-Since": "Wed, 01 Apr 2020 12:00:00 GMT"})
    assert (found.status, found.content) == (304, b"")
    assert bad.asked[-1].headers["if-none-match"] == '"x"'


class TestRobots:
    @pytest.mark.parametrize(
        ("robots", "allowed"),
        [
            (ok(b"User-agent: *\nDisallow: /a\n"), False),
            (ok(b"User-agent: gongkai\nAllow: /\n\nUser-agent: *\nDisallow: /\n"), True),
            (ok(b"User-agent: gongkai\nDisallow: /*.html$\nDisallow: /a"), False),
            (ok(b"<html>not here</html>"), True),
            (ok(b""), True),
            (answer(404), True),
            (answer(401), True),
            (answer(302, Location="/moved.txt"), False),
            (answer(302, Location="/robots.txt"), True),
            (answer(503), False),
            (answer(429), False),
            (lambda _asked, _connection: None, False),
            (ok(b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /\n"), True),
        ],
    )  # fmt: skip
    def test_rules(self, client: Client, bad: BadServer, robots: bytes, allowed: bool) -> None:
        """As RFC 9309 says: absent allows everything, failing forbids everything, 500 KB are read, redirects followed."""
        bad.on("/robots.txt", robots)
        bad.on("/moved.txt", ok(b"User-agent: *\nDisallow: /"))
        bad.on("/a", ok(PAGE))
        if allowed:
            assert client.get(bad.url("/a")).content == PAGE
        else:
            error = refused(client, bad.url("/a"))
            assert error.refused and "robots.txt of bad.example" in str(error)
            assert "/a" not in bad.paths()

    def test_a_host_is_asked_once(self, client: Client, bad: BadServer) -> None:
        for path in ("/a", "/b"):
            bad.on(path, ok(PAGE))
            client.get(bad.url(path))
        assert [asked.path for asked in bad.asked].count("/robots.txt") == 1

    def test_a_delay_that_is_asked_for_is_kept(self, client: Client, bad: BadServer, moved: MovedClock) -> None:
        """… up to half a minute."""
        bad.on("/robots.txt", ok(b"User-agent: *\nCrawl-delay: 600"))
        bad.on("/a", ok(PAGE))
        for _ in range(3):
            client.get(bad.url("/a"))
        assert sum(moved.slept) == pytest.approx(60, abs=2)


def test_hosts_are_asked_one_request_a_second(
    settings: Settings, make_client: Callable[..., Client], moved: MovedClock, bad: BadServer
) -> None:
    pace = {**settings.pace, "seconds_between_requests": 1.0}
    client = make_client(replace(settings, pace=pace), lambda _host, _port: ["127.0.0.1"])
    bad.on("/a", ok(PAGE))
    for host in ("one.example", "two.example"):
        for _ in range(5):
            client.get(bad.url("/a", host))
    assert sum(moved.slept) == pytest.approx(10, abs=1.5), "robots.txt and five pages of each host"


def test_certificates_are_verified(client: Client) -> None:
    context = client._transport._pool._ssl_context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


def test_httpx_still_has_the_one_attribute_that_our_transport_sets() -> None:
    assert set(vars(httpx.HTTPTransport())) == {"_pool"}
