"""The four sandboxes, each behind a server that breaks what it is told to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self

from syncd.clock import ManualClock
from syncd.demo.jira import Seed
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.serving import Sandbox
from tests.contract.face_sandboxes import Jira, NetBox, answering
from tests.contract.faultserver import FaultServer, Reply, Request, Wire
from tests.soak.breaking import Breaking, Weather
from tests.soak.organisation import TOKEN, USER, Worlds


class Upstreams:
    """All four, listening; a context manager. Their clock stands where it was set last."""

    def __init__(self, worlds: Worlds, at: datetime) -> None:
        self.clock = ManualClock(at)
        now = self.clock.now
        self._cloud = Jira(Seed.model_validate(worlds.jira.seed), now, token=TOKEN, user=USER)
        self._tracker = Jira(
            Seed.model_validate(worlds.tracker.seed), now, token=TOKEN, flavour="datacenter"
        )
        self._sandboxes: dict[str, Sandbox] = {
            "jira": self._cloud,
            "tracker": self._tracker,
            "netbox": NetBox(worlds.netbox.seed, now, token=TOKEN, max_page_size=20),
            "prometheus": PrometheusSandbox(worlds.prometheus.seed, now),
        }
        self._fronts = {name: Front(answering(one)) for name, one in self._sandboxes.items()}
        self._stack = ExitStack()

    @property
    def urls(self) -> dict[str, str]:
        """Where they listen, by source."""
        return {name: front.url for name, front in self._fronts.items()}

    def show(self, at: datetime, weather: Weather) -> None:
        """From now on it is this moment, in this weather."""
        self.clock.move_to(at)
        for jira in (self._cloud, self._tracker):
            jira.lag_index(weather.index_lag)
        self._cloud.shorten_pages(*weather.page_lengths)
        for name, front in self._fronts.items():
            front.breaks(next((one for one in weather.breaking if one.source == name), None))
            # who takes a server's clock for late asks for much that has not changed
            front.date = format_datetime(at.astimezone(UTC), usegmt=True)
            self._sandboxes[name].forget_requests()

    @property
    def broken(self) -> int:
        """How many answers were broken so far."""
        return sum(front.broken for front in self._fronts.values())

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for front in self._fronts.values():
                stack.enter_context(front)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *what: object) -> None:
        self._stack.close()


class Front(FaultServer):
    """The contract's server, which breaks requests of a turn by their number."""

    def __init__(self, healthy: Callable[[Request], Reply]) -> None:
        super().__init__(healthy)
        self.broken = 0

    def breaks(self, breaking: Breaking | None) -> None:
        """What this breaks it does from now on, counting requests anew; None: nothing."""
        with self._lock:
            self.requests.clear()
            self._faults.clear()
        if breaking is None:
            return

        def counted(wire: Wire, request: Request, reply: Reply) -> None:
            self.broken += 1
            breaking.fault(wire, request, reply)

        self.fail(counted, breaking.first, breaking.last)

    def __enter__(self) -> Self:
        super().__enter__()
        return self
