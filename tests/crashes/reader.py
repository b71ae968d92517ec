"""Somebody who reads all the time, in the store and over HTTP, whatever is killed meanwhile."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Any, Self

import httpx
import sqlalchemy as sa

from syncd.store.engine import Store
from tests.crashes.upstreams import GOOD
from tests.crashes.wholeness import Wholeness
from tests.plain import NO_TLS

_STATUS = re.compile(r'^syncd_kr_status\{kr="([^"]+)".*status="([^"]+)".*\} 1\.0$', re.MULTILINE)
_VALUE = re.compile(r'^syncd_kr_value\{kr="([^"]+)".*\} (\S+)$', re.MULTILINE)
_COUNTED = re.compile(r"^syncd_events_total (\S+)$", re.MULTILINE)


class Reader:
    """Reads in a thread of its own until it is stopped, and keeps the first thing that was wrong. A
    context manager; what was wrong is raised at its end.
    """

    def __init__(self, url: str, address: str, delivered: Callable[[], Collection[str]]) -> None:
        self.whole = Wholeness(delivered)
        self.heard: dict[int, str] = {}
        self.answers = 0
        self._url = url
        self._stopping = threading.Event()
        self._may_read = threading.Event()
        self._may_read.set()
        self._between = threading.Lock()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="reader")
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=30, verify=NO_TLS)
        self._cursor = 0
        self._counted = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._client.close()
        self.check()

    def check(self) -> None:
        """Raises what was wrong, if anything was."""
        if self._failure is not None:
            raise self._failure

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Within it nobody but the process has the store open."""
        self._may_read.clear()
        with self._between:
            pass
        try:
            yield
        finally:
            self._may_read.set()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._may_read.wait(0.05):
                    with self._between:
                        self._look_at_the_store()
                with contextlib.suppress(httpx.TransportError):
                    self._ask()
                self._stopping.wait(0.01)
        except BaseException as error:  # noqa: BLE001  it is raised where the test waits
            self._failure = error

    def _look_at_the_store(self) -> None:
        store = Store(self._url)
        try:
            with store.read() as connection:
                if sa.inspect(connection).has_table("counters"):
                    self.whole.look(connection)
        finally:
            store.close()

    def _ask(self) -> None:
        """The events that are new go on from those that came before; a list of key results and a
        scrape each tell one moment.
        """
        answer = self._client.get("/api/v1/events", params={"after": self._cursor, "limit": 500})
        if answer.status_code == 503:
            return
        answer.raise_for_status()
        for one in answer.json()["events"]:
            assert one["position"] == self._cursor + 1, "the feed has a hole"
            self._cursor = one["position"]
            self.heard[one["position"]] = one["id"]
        rows = self._client.get("/api/v1/krs").raise_for_status().json()["key_results"]
        _consistent({row["id"]: (row["value"], row["status"]) for row in rows})
        text = self._client.get("/metrics").raise_for_status().text
        _consistent(scraped(text))
        (counted,) = map(float, _COUNTED.findall(text))
        assert counted >= self._counted, "fewer events than there were"
        self._counted = counted
        self.answers += 1


def scraped(text: str) -> dict[str, tuple[float | None, str]]:
    """Value and status of each key result in an exposition."""
    values = dict(_VALUE.findall(text))
    told = dict(_STATUS.findall(text))
    assert len(told) == len(_STATUS.findall(text)), "one status holds"
    return {key: (float(values[key]) if key in values else None, told[key]) for key in told}


def _consistent(found: dict[str, tuple[Any, str]]) -> None:
    """A number well above its target is achieved, and one well below is not."""
    for key, (value, status) in found.items():
        if key.startswith("now-o2") and value is not None:
            assert (status == "achieved") is (value == GOOD), (key, value, status)
