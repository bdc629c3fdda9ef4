"""The one polite client: what is asked, and what becomes of every way in which a server can answer.

Belongs here: one address from question to answer, with redirects, attempts and robots.txt. Does not belong here: which
addresses there are (``crawl``), turns (``pace``), connections (``network``).
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import httpx

from pipeline.document import UnreadableFile
from pipeline.fetch.addresses import AddressRefused, Resolve, joined, require_port
from pipeline.fetch.bodies import BodyCut, BodyRefused, read_body
from pipeline.fetch.network import CheckedBackend, CheckedTransport, Deadline, resolve_name
from pipeline.fetch.pace import Clock, Hosts, backoff, retry_after
from pipeline.fetch.records import Headers
from pipeline.fetch.robots import Robots, RobotsFile
from pipeline.fetch.settings import Settings
from pipeline.readers.sniff import sniff

_REDIRECTS = (301, 302, 303, 307, 308)
OK, NOT_MODIFIED = 200, 304
_ACCEPT = "text/html,application/xhtml+xml,application/pdf,application/msword,*/*;q=0.8"
_NOT_KEPT = ("set-cookie", "set-cookie2")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of status 200, or 304 with no content. ``media_type`` is what the bytes are, "" where they do not tell."""

    final_url: str
    status: int
    headers: Headers
    content: bytes = b""
    media_type: str = ""
    attempts: int = 1

    def header(self, name: str) -> str:
        """Return the value of a header, "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")


class NotFetched(Exception):
    """An address that gave no content, in one line. ``refused``: it was not asked, or must not be."""

    def __init__(self, reason: str, *, refused: bool = False, status: int | None = None, attempts: int = 0) -> None:
        super().__init__(reason)
        self.refused, self.status, self.attempts = refused, status, attempts


class _Again(Exception):
    """Something that may be gone when it is asked again. ``wait`` in seconds where the server says how long."""

    def __init__(self, reason: str, host: str, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(reason)
        self.host, self.status, self.wait = host, status, wait


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    headers: Headers
    content: bytes
    location: str | None = None


@dataclass(slots=True)
class Client:
    """Asks for addresses within the declared settings; threads share one. ``resolve`` and ``clock`` are given by tests."""

    settings: Settings
    clock: Clock = field(default_factory=Clock)
    resolve: Resolve = resolve_name
    hosts: Hosts = field(init=False)
    robots: Robots = field(init=False)
    _deadline: Deadline = field(init=False, default_factory=Deadline)
    _transport: httpx.HTTPTransport = field(init=False)

    def __post_init__(self) -> None:
        pace = self.settings.pace
        at_once = int(pace["requests_at_once_per_host"])
        self.hosts = Hosts(self.clock, pace["seconds_between_requests"], at_once)
        self.robots = Robots(self._robots_file, self.settings.product, self.hosts, pace["longest_crawl_delay"])
        connections = int(pace["hosts_at_once"]) * at_once
        backend = CheckedBackend(self.settings, self.resolve, self.clock, self._deadline)
        self._transport = CheckedTransport(backend, connections)
        if self.settings.proxy:  # It resolves names and connects by itself: whoever names it trusts it with that.
            self._transport = httpx.HTTPTransport(proxy=self.settings.proxy, trust_env=False)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def get(self, url: str, known: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a URL; ``known``: conditional headers for a content that is had. Raises NotFetched."""
        return self._attempted(url, lambda: self._followed(url, known or {}))

    def _attempted(self, url: str, ask: Callable[[], Answer]) -> Answer:
        retries = self.settings.retries
        host = httpx.URL(url).host
        if self.hosts.failures(host) >= retries["failures_before_host_is_left"]:
            raise NotFetched(
                f"{host} gave no answer {retries['failures_before_host_is_left']} times: left alone for now"
            )
        for attempt in range(1, retries["attempts"] + 1):
            try:
                answer = ask()
            except _Again as again:
                wait = (
                    again.wait
                    if again.wait is not None
                    else backoff(attempt, retries["first_wait"], retries["longest_wait"])
                )
                self.hosts.postpone(again.host, min(wait, retries["longest_wait"]))
                if attempt < retries["attempts"] and wait <= retries["longest_wait"]:
                    continue
                if again.status is None:
                    self.hosts.count_failure(host)
                asked = f"; it asks to wait {wait:.0f} s" if wait > retries["longest_wait"] else ""
                reason = f"{again}{asked} (asked {attempt} times)" if attempt > 1 else f"{again}{asked}"
                raise NotFetched(reason, status=again.status, attempts=attempt) from again
            self.hosts.count_answer(host)
            return replace(answer, attempts=attempt)
        raise AssertionError("every attempt returns, raises or is followed by another")

    def _followed(self, url: str, known: Mapping[str, str]) -> Answer:
        """Ask for a URL and follow its redirects, each judged as the first one was."""
        seen = {url}
        for _ in range(self.settings.limits["redirects"] + 1):
            self._require_allowed(url)
            raw = self._asked(url, known, self.settings.limits["body_bytes"])
            if raw.location is None:
                if raw.status == NOT_MODIFIED and known:
                    return Answer(url, raw.status, raw.headers)
                if raw.status != OK:
                    raise NotFetched(f"answered with status {raw.status}", status=raw.status)
                if not raw.content.strip():
                    raise NotFetched("answered with nothing", status=raw.status)
                return Answer(url, raw.status, raw.headers, raw.content, _media_type(raw.content, url))
            url = _next(url, raw.location)
            if url in seen:
                raise NotFetched(f"redirects in a circle, to {url}", status=raw.status)
            seen.add(url)
        raise NotFetched(f"redirects more than {self.settings.limits['redirects']} times")

    def _require_allowed(self, url: str) -> None:
        parsed = httpx.URL(url)
        try:
            require_port(parsed, self.settings)
        except AddressRefused as error:
            raise NotFetched(str(error), refused=True) from error
        reason = self.robots.refusal(parsed)
        if reason:
            raise NotFetched(reason, refused=True)

    def _robots_file(self, url: str) -> RobotsFile:
        """Ask for a robots.txt as RFC 9309 says: 4xx and too many redirects are none, 5xx and no answer forbid."""
        try:
            answer = self._attempted(url, lambda: self._robots_answer(url))
        except NotFetched as error:
            if error.refused:
                raise
            none = error.status is not None and (300 <= error.status < 500) and error.status != 429
            return RobotsFile() if none else RobotsFile(failure=str(error))
        return RobotsFile(answer.content.decode("utf-8", "replace"))

    def _robots_answer(self, url: str) -> Answer:
        status = 0
        for _ in range(self.settings.limits["redirects"] + 1):
            raw = self._asked(url, {}, self.settings.limits["robots_bytes"], cut=True)
            status = raw.status
            if raw.location is None:
                if status != OK:
                    raise NotFetched(f"answered with status {status}", status=status)
                return Answer(url, status, raw.headers, raw.content)
            url = _next(url, raw.location)
        raise NotFetched("redirects too often", status=status)

    def _asked(self, url: str, known: Mapping[str, str], limit: int, *, cut: bool = False) -> _Raw:
        """Ask once. Raises _Again, NotFetched."""
        host = httpx.URL(url).host
        limits = self.settings.limits
        with self.hosts.turn(host):
            self._deadline.at = self.clock.monotonic() + limits["answer_seconds"]
            try:
                return self._exchange(url, known, limit, cut)
            except AddressRefused as error:
                raise NotFetched(str(error), refused=True) from error
            except BodyRefused as error:
                raise NotFetched(str(error)) from error
            except BodyCut as error:
                raise _Again(str(error), host) from error
            except httpx.TimeoutException as error:
                if self.clock.monotonic() >= self._deadline.at:
                    raise NotFetched(f"took longer than {limits['answer_seconds']} s") from error
                raise _Again(f"{host} does not answer", host) from error
            except (httpx.TransportError, ssl.SSLError) as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise NotFetched(f"the certificate of {host} is not valid") from error
                raise _Again(_said(error, host), host) from error
            finally:
                self._deadline.at = float("inf")

    def _exchange(self, url: str, known: Mapping[str, str], limit: int, cut: bool) -> _Raw:
        limits = self.settings.limits
        silence = limits["silence_seconds"]
        timeout = httpx.Timeout(silence, connect=limits["connect_seconds"], pool=limits["answer_seconds"])
        asked = {"User-Agent": self.settings.user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"}
        asked |= {"Accept-Language": "zh-CN,zh;q=0.9", **known}
        request = httpx.Request("GET", url, headers=asked, extensions={"timeout": timeout.as_dict()})
        response = self._transport.handle_request(request)
        try:
            status, headers = response.status_code, _kept_headers(response.headers)
            if status in self.settings.retries["statuses"]:
                wait = retry_after(response.headers.get("retry-after"), self.clock.now())
                raise _Again(f"answered with status {status}", request.url.host, status, wait)
            location = _location(response.headers) if status in _REDIRECTS else None
            if status != OK:
                return _Raw(status, headers, b"", location)
            assert isinstance(response.stream, httpx.SyncByteStream)
            body = read_body(response.stream, response.headers, limit, limits["inflated_ratio"], cut=cut)
            return _Raw(status, headers, body)
        finally:
            response.close()


def _next(url: str, location: str) -> str:
    try:
        return joined(url, location)
    except AddressRefused as error:
        raise NotFetched(f"redirects to what is not fetched: {error}", refused=True) from error


def _location(headers: httpx.Headers) -> str | None:
    """Return where a redirect leads; servers write it in whichever encoding they have."""
    for name, value in headers.raw:
        if name.lower() == b"location":
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                return value.decode("gb18030", "replace")
    return None


def _kept_headers(headers: httpx.Headers) -> Headers:
    return tuple((key.lower(), value) for key, value in headers.multi_items() if key.lower() not in _NOT_KEPT)


def _media_type(content: bytes, url: str) -> str:
    try:
        return sniff(content, httpx.URL(url).path.rpartition("/")[2])
    except UnreadableFile:
        return ""


def _said(error: Exception, host: str) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if host in text else f"{host}: {text}"
