"""All sources of one fetch: each page with what belongs to it, many hosts at once, going on where another fetch broke off.

Belongs here: what is asked for in which order, and what is said of each address afterwards. Does not belong here: asking
(``client``), keeping what came (the ``keep`` that is given).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from pipeline.fetch.addresses import AddressRefused, canonical
from pipeline.fetch.client import NOT_MODIFIED, Answer, Client, NotFetched
from pipeline.fetch.links import PICTURE, Link, links_of
from pipeline.fetch.records import CHANGED, FAILED, NEW, PAGE, PARTIAL, REFUSED, UNCHANGED, WHOLE, Fetched, Known
from pipeline.fetch.sources import Source


@dataclass(slots=True)
class Crawl:
    """One fetch. ``known`` by URL; ``stored`` returns a stored content, None where it is gone; ``digest`` gives a file_id.

    ``keep`` is told of every address, by several threads, one at a time.
    """

    client: Client
    known: Mapping[str, Known]
    stored: Callable[[str], bytes | None]
    digest: Callable[[bytes], str]
    keep: Callable[[Fetched], None]
    stop: threading.Event
    ask_all: bool = False

    def run(self, sources: Iterable[Source]) -> int:
        """Fetch the sources that are web addresses; return how many were left out because they were fetched just now.

        Raises what ``keep`` raises; then nothing more is asked.
        """
        queues: dict[str, deque[tuple[str, Source]]] = {}
        fresh = 0
        for source in sources:
            try:
                url = canonical(source.address)
            except AddressRefused as error:
                self.keep(Fetched(source, source.address, PAGE, "", REFUSED, self._now(), str(error)))
                continue
            if self._is_fresh(url):
                fresh += 1
                continue
            queue = queues.setdefault(httpx.URL(url).host, deque())
            if url not in (other for other, _ in queue):
                queue.append((url, source))
        self._drain_all(list(queues.values()))
        return fresh

    def _drain_all(self, queues: list[deque[tuple[str, Source]]]) -> None:
        pace = self.client.settings.pace
        at_once = int(pace["requests_at_once_per_host"])
        with ThreadPoolExecutor(int(pace["hosts_at_once"]) * at_once, "fetch") as pool:
            work = [pool.submit(self._drain, queue) for queue in queues for _ in range(min(at_once, len(queue)))]
            try:
                for future in work:
                    future.result()
            finally:
                self.stop.set()  # All is done, or something ended it: nobody begins another.
                pool.shutdown(cancel_futures=True)

    def _drain(self, queue: deque[tuple[str, Source]]) -> None:
        while not self.stop.is_set():
            try:
                url, source = queue.popleft()
            except IndexError:
                return
            self._visit(url, source)

    def _visit(self, url: str, source: Source) -> None:
        """Fetch a page and then what belongs to it; the page is told last, so that a fetch that breaks off begins it again."""
        page = self._fetch((url,), source, PAGE, "")
        content = page.content if page.content is not None else (self.stored(page.file_id) if page.file_id else None)
        if page.outcome not in WHOLE or content is None or (page.media_type or "text/html") != "text/html":
            self.keep(page)
            return
        links = links_of(content, page.final_url or url, self.client.settings)
        most = self.client.settings.limits["attachments_per_page"]
        failed = [link.urls[0] for link in links[:most] if not self._fetch_link(link, source, url)]
        if self.stop.is_set() and links:
            return
        self.keep(_with_links(page, len(links), failed, most))

    def _fetch_link(self, link: Link, source: Source, page: str) -> bool:
        if self.stop.is_set():
            return False
        if self._is_fresh(link.urls[0]):
            return True
        fetched = self._fetch(link.urls, source, link.role, page)
        if fetched.outcome in WHOLE and _is_a_page_instead(fetched, link):
            fetched = _failed(fetched, "a web page came instead of it")
        elif link.role == PICTURE and fetched.content is not None and not self._may_hold_a_table(fetched):
            return True
        self.keep(fetched)
        return fetched.outcome in WHOLE

    def _may_hold_a_table(self, fetched: Fetched) -> bool:
        return len(fetched.content or b"") >= self.client.settings.picture_bytes

    def _fetch(self, urls: tuple[str, ...], source: Source, role: str, page: str) -> Fetched:
        """Ask for an address, and for its other spelling where the first is not there."""
        for url in urls:
            fetched = self._ask(url, urls[0], source, role, page)
            if fetched.status not in (400, 404):
                break
        return fetched

    def _ask(self, url: str, name: str, source: Source, role: str, page: str) -> Fetched:
        known = self.known.get(name)
        had = known is not None and known.file_id and self.stored(known.file_id) is not None
        try:
            answer = self.client.get(url, _conditions(known) if known and had else {})
        except NotFetched as error:
            outcome = REFUSED if error.refused else FAILED
            return Fetched(
                source, name, role, page, outcome, self._now(), str(error), error.status, attempts=error.attempts
            )
        return self._answered(answer, known if had else None, Fetched(source, name, role, page, NEW, self._now()))

    def _answered(self, answer: Answer, known: Known | None, blank: Fetched) -> Fetched:
        if answer.status == NOT_MODIFIED and known:
            file_id, outcome, content = known.file_id, UNCHANGED, None
        else:
            file_id, content = self.digest(answer.content), answer.content
            outcome = NEW if known is None else UNCHANGED if file_id == known.file_id else CHANGED
        return replace(
            blank,
            outcome=outcome,
            status=answer.status,
            final_url=answer.final_url,
            media_type=answer.media_type,
            headers=answer.headers,
            attempts=answer.attempts,
            file_id=file_id,
            content=content,
        )

    def _is_fresh(self, url: str) -> bool:
        known = self.known.get(url)
        if self.ask_all or known is None or known.outcome not in WHOLE:
            return False
        return self._now() - known.asked_at < timedelta(
            seconds=self.client.settings.resume["seconds_until_asked_again"]
        )

    def _now(self) -> datetime:
        return self.client.clock.now()


def _conditions(known: Known) -> dict[str, str]:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _is_a_page_instead(fetched: Fetched, link: Link) -> bool:
    """Tell whether an error page came with status 200, as many systems give it."""
    return fetched.media_type == "text/html" and not link.urls[0].lower().endswith((".html", ".htm"))


def _failed(fetched: Fetched, reason: str) -> Fetched:
    return replace(fetched, outcome=FAILED, reason=reason, file_id="", content=None)


def _with_links(page: Fetched, links: int, failed: list[str], most: int) -> Fetched:
    if links > most:
        return replace(
            page, outcome=PARTIAL, reason=f"{links} attachments and pictures, of which {most} were asked for"
        )
    if failed:
        reason = f"{len(failed)} of {links} attachments and pictures failed, the first: {failed[0]}"
        return replace(page, outcome=PARTIAL, reason=reason)
    return page
