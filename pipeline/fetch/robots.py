"""What robots.txt of each host allows, and what its absence or failure means (RFC 9309).

Belongs here: the rules of one fetch, asked once per host. Does not belong here: asking (``client``).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from protego import Protego

from pipeline.fetch.pace import Hosts


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """What asking for a robots.txt gave: its text; "" where there is none; or why it could not be asked (``failure``)."""

    text: str = ""
    failure: str = ""


class Robots:
    """The robots.txt of every host that was met; a host is asked for it once."""

    def __init__(self, ask: Callable[[str], RobotsFile], product: str, hosts: Hosts, longest_delay: float) -> None:
        self._ask, self._product, self._hosts, self._longest = ask, product, hosts, longest_delay
        self._files: dict[str, tuple[Protego, str]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def refusal(self, url: httpx.URL) -> str | None:
        """Return why a URL must not be asked, None where it may.

        A robots.txt that cannot be had for reasons of the server or the net forbids everything; one that is not there nothing.
        """
        rules, failure = self._rules(url)
        if failure:
            return f"robots.txt of {url.host} could not be asked ({failure}), which forbids all of it for now"
        return None if rules.can_fetch(str(url), self._product) else f"robots.txt of {url.host} forbids it"

    def _rules(self, url: httpx.URL) -> tuple[Protego, str]:
        origin = str(url.copy_with(raw_path=b"/robots.txt", fragment=None))
        with self._lock:
            lock = self._locks.setdefault(origin, threading.Lock())
        with lock:
            if origin not in self._files:
                file = self._ask(origin)
                rules = Protego.parse(file.text)
                delay = rules.crawl_delay(self._product)
                if delay:
                    self._hosts.slow_down(url.host, min(float(delay), self._longest))
                self._files[origin] = (rules, file.failure)
            return self._files[origin]
