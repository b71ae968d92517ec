"""The demo's stage: upstreams, a store and a worker on one clock that moves in steps.

The clock moves only when everything of the step before has been done, so nothing is ever measured
late, however slow the machine is.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from syncd.clock import ManualClock
from syncd.demo.people import said_between
from syncd.demo.quarter.days import FIRST_DAY, LAST_DAY, at, days
from syncd.demo.upstreams import JIRA_USER, Upstreams, upstreams
from syncd.loading import load_mappings
from syncd.measuring import RunReport
from syncd.process import Assembly, MappingKeeper, assemble
from syncd.settings import Every, Installation, LimitsSetting, Secret, Settings, SourceSetting

_MEASURED_AT = 18
"""The hour of each day at which everything is measured."""

# a folder is made in it that only we can read
_MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108


class DemoRefused(Exception):
    """The demo cannot run; the message says what to do."""


@dataclass(frozen=True)
class Stage:
    """The parts of a demo that is under way."""

    assembly: Assembly
    clock: ManualClock
    _upstreams: Upstreams

    def advance(self, moment: datetime) -> Sequence[RunReport]:
        """Moves to a moment and does all that is due then: people speak, the worker measures and
        assesses. Returns the worker's runs.
        """
        before = self.clock.now()
        self._upstreams.move_to(moment)
        self.clock.move_to(moment)
        for saying in said_between(before, moment):
            saying(self.assembly.store, moment)
        return self.assembly.worker.cycle()


def moments(
    last: date = LAST_DAY, *, on_days: Collection[date] | None = None
) -> Iterator[datetime]:
    """The moments of a replay, UTC: the first midnight, then each day at six in the evening, when
    everything is measured, and at the midnight that ends it, when only time has passed: what was
    due that day is decided.

    `on_days`: only these days, for who has no time for all of them.
    """
    yield at(FIRST_DAY)
    for day in days(FIRST_DAY, last):
        if on_days is not None and day not in on_days:
            continue
        yield at(day, _MEASURED_AT)
        # what is due at the end of the last day is measured once more
        yield at(day + timedelta(days=1), 1 if day == last else 0)


@contextmanager
def stage(keep: Path | None = None) -> Iterator[Stage]:
    """A stage at the first moment of the quarter; nothing has been measured yet.

    `keep` is where the store is left, else it is thrown away. Raises DemoRefused.
    """
    if keep is not None and keep.exists():
        raise DemoRefused(f"--keep: {keep} exists already; name a new file")
    with ExitStack() as stack:
        start = at(FIRST_DAY)
        clock = ManualClock(start)
        running = stack.enter_context(upstreams(start))
        if keep is None:
            keep = Path(stack.enter_context(_thrown_away())) / "demo.db"
        assembly = assemble(_installation(running, keep), clock)
        stack.callback(assembly.close)
        if MappingKeeper(assembly).refresh() is None:
            faults = "\n".join(str(fault) for fault in load_mappings(assembly.installation).faults)
            raise DemoRefused(f"the mapping files were refused:\n{faults}")
        yield Stage(assembly, clock, running)


def _thrown_away() -> tempfile.TemporaryDirectory[str]:
    """A folder for what nobody keeps: in memory where the system has such a place, so that no
    commit waits for a disk.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="syncd-demo-", dir=place)


def _installation(running: Upstreams, keep: Path) -> Installation:
    for name, value in (
        ("JIRA_USER", JIRA_USER),
        ("JIRA", running.tokens.jira),
        ("NETBOX", running.tokens.netbox),
    ):
        os.environ[f"SYNCD_DEMO_{name}"] = value
    # an upstream that is down should not hold the quarter up for long
    limits = LimitsSetting(attempts=2, connect="2 s", read="30 s")
    return Installation(
        settings=Settings(
            mappings=shipped_mappings(),
            database_url=f"sqlite:///{keep}",  # type: ignore[arg-type]
            full_every="120 d",
        ),
        sources={
            "jira": SourceSetting(
                kind="jira",
                url=running.jira,
                user=Secret(env="SYNCD_DEMO_JIRA_USER"),
                token=Secret(env="SYNCD_DEMO_JIRA"),
                limits=limits,
            ),
            "netbox": SourceSetting(
                kind="netbox",
                url=running.netbox,
                token=Secret(env="SYNCD_DEMO_NETBOX"),
                limits=limits,
            ),
            "prometheus": SourceSetting(kind="prometheus", url=running.prometheus, limits=limits),
        },
        # Half of what passes between two measurements, so that two days without one are stale.
        every=Every(default="12 h"),
    )


def shipped_mappings() -> Path:
    """The mapping files that come with syncd. Raises DemoRefused when they are not there."""
    places = (
        Path(__file__).parents[2] / "mappings" / "q1-2026",
        Path(sys.prefix) / "share" / "syncd" / "mappings" / "q1-2026",
    )
    for place in places:
        if place.is_dir():
            return place
    raise DemoRefused(f"the shipped mapping files are missing; looked in {places[0]}, {places[1]}")
