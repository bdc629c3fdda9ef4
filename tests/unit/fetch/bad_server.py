"""A web server on loopback that answers byte by byte as a test tells it, wrong in every way there is.

Each path has an answer: raw bytes, or a function that writes to the connection itself. Every connection is bounded in time.
"""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """A request: its path as sent, and its headers by lower-case name."""

    path: str
    headers: dict[str, str]


Writer = Callable[[Asked, socket.socket], None]


@dataclass
class BadServer:
    """``routes``: by path, an answer or several, one after the other (the last one stays)."""

    port: int
    routes: dict[str, list[bytes | Writer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def on(self, path: str, *answers: bytes | Writer) -> None:
        self.routes[path] = list(answers)

    def url(self, path: str, host: str = "bad.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self, but: str = "/robots.txt") -> list[str]:
        return [asked.path for asked in self.asked if asked.path != but]


def ok(body: bytes, media_type: str = "text/html", **headers: str) -> bytes:
    return answer(200, body, **{"Content-Type": media_type, **headers})


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return an answer with its true Content-Length, unless the headers say another."""
    named = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


@contextlib.contextmanager
def serve() -> Iterator[BadServer]:
    state = BadServer(0)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            state.connections += 1
            self.request.settimeout(5)
            with contextlib.suppress(OSError):
                while (asked := _read_request(self.request)) is not None:
                    state.asked.append(asked)
                    answers = state.routes.get(asked.path, [answer(404)])
                    given = answers.pop(0) if len(answers) > 1 else answers[0]
                    if isinstance(given, bytes):
                        self.request.sendall(given)
                        if b"Content-Length" not in given.split(b"\r\n\r\n")[0] and b"chunked" not in given:
                            return
                    else:
                        given(asked, self.request)
                        return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield state
        server.shutdown()


def _read_request(connection: socket.socket) -> Asked | None:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return None
        head += piece
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return Asked(lines[0].split(" ")[1], {name.lower(): value for name, value in headers.items()})
