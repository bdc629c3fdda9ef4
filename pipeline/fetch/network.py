"""Connections to addresses that were looked at first, whose reading ends in time.

Belongs here: the backend that httpcore connects with. The name is resolved here, once, and the address that was judged is the
one connected to: a name that leads elsewhere a moment later changes nothing. TLS still verifies the name.
"""

import socket
import ssl
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore
import httpx

from pipeline.fetch.addresses import Resolve, addresses_of
from pipeline.fetch.pace import Clock
from pipeline.fetch.settings import Settings

SocketOptions = Iterable[Any] | None


class Deadline(threading.local):
    """When the answer that this thread waits for must have ended, by the clock's ``monotonic``."""

    at: float = float("inf")


class _TimedStream(httpcore.NetworkStream):
    """A connection on which nobody waits beyond the deadline, however steadily the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock, deadline: Deadline) -> None:
        self._stream, self._clock, self._deadline = stream, clock, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.at - self._clock.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return self._stream.read(max_bytes, min(left, timeout) if timeout else left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._clock, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to judged addresses only. Raises AddressRefused through httpcore and httpx."""

    def __init__(self, settings: Settings, resolve: Resolve, clock: Clock, deadline: Deadline) -> None:
        self._settings, self._resolve, self._clock, self._deadline = settings, resolve, clock, deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = addresses_of(host, port, self._resolve, self._settings)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        failure: Exception = httpcore.ConnectError(f"the name {host} has no address")
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._clock, self._deadline)
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: SocketOptions = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError(f"{path}: no web server is asked through a socket of this machine")

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over a backend of ours: no cookies, no redirects, no proxies, no passwords of its own accord."""

    def __init__(self, backend: CheckedBackend, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15,
            network_backend=backend,
        )


def resolve_name(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host name, those that this machine prefers first. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
