"""`syncd demo`: a quarter replayed in lock-step.

The sandboxes, the worker and the page share one clock. It moves by a step only when the cycle
of the step before has ended, so nothing is ever measured late, however slow the machine is.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed as jira_quarter
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.netbox.quarter import quarter_seed as netbox_quarter
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.quarter import quarter_seed as prometheus_quarter
from syncd.process import Assembly, MappingKeeper, assemble, load_mappings
from syncd.settings import Every, Installation, LimitsSetting, Secret, Settings, SourceSetting
from syncd.store.read import key_result_views
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer

ZONE = ZoneInfo("America/Los_Angeles")
FIRST = date(2026, 1, 1)
LAST = date(2026, 3, 31)
STEPS_A_DAY = 4
JIRA_USER = "reader@example.org"


class DemoRefused(Exception):
    """The demo cannot run; the message says what to do."""


def run(out: Console, *, listen: str, minutes: float, until: str | None, keep: Path | None) -> None:
    """Replays the quarter in about `minutes`, then serves its end until Ctrl-C or SIGTERM.

    `listen` is HOST:PORT of the page (another free port if it is taken); `until` stops the
    replay after that day; `keep` is where the store is left, else it is thrown away.
    Raises DemoRefused.
    """
    last = _day(until)
    stop = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(_stopped_by_signals(stop))
        clock = ManualClock(_midnight(FIRST))
        assembly = stack.enter_context(_assembled(clock, stack, keep))
        host, _, port = listen.rpartition(":")
        web = WebServer(
            create_app(
                assembly.store,
                clock,
                own_metrics=assembly.instruments.registry,
                instance=InstanceInfo(version=version("syncd"), external_url=None, demo=True),
            ),
            host,
            int(port),
            fallback=True,
        )
        address = web.start()
        stack.callback(web.stop)
        out.print(f"[bold]syncd demo[/bold]  page and metrics: [link={address}]{address}[/link]")
        out.print(f"  {address}/metrics  {address}/feed.json  {address}/api/v1/krs", style="dim")
        out.print("  Ctrl-C ends it", style="dim")
        if MappingKeeper(assembly).refresh() is None:
            faults = "\n".join(str(fault) for fault in load_mappings(assembly.installation).faults)
            raise DemoRefused(f"the mapping files were refused:\n{faults}")
        _replay(out, assembly, clock, stop, last=last, minutes=minutes)
        if not stop.is_set():
            out.print(
                f"The replay has reached {clock.now().astimezone(ZONE):%d %B %Y}; still serving."
            )
            stop.wait()


def _replay(
    out: Console,
    assembly: Assembly,
    clock: ManualClock,
    stop: threading.Event,
    *,
    last: date,
    minutes: float,
) -> None:
    moments = list(_moments(last))
    pause = minutes * 60 / len(list(_moments(LAST)))
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=out, transient=not out.is_terminal) as progress:
        task = progress.add_task("", total=len(moments), told="")
        for moment in moments:
            began = time.monotonic()
            clock.move_to(moment)
            assembly.worker.cycle()
            progress.update(
                task,
                advance=1,
                description=f"{moment.astimezone(ZONE):%d %b %H:%M}",
                told=_told(assembly),
            )
            if stop.wait(max(0.0, pause - (time.monotonic() - began))):
                return


def _told(assembly: Assembly) -> str:
    with assembly.store.read() as connection:
        views = key_result_views(connection)
    tally = Counter(
        view.assessment.status.value.replace("_", " ") for view in views if view.assessment
    )
    return ", ".join(f"{count} {name}" for name, count in tally.most_common())


def _moments(last: date) -> Iterator[datetime]:
    """The moments of the replay: `STEPS_A_DAY` a day, in the organisation's wall-clock time."""
    day = FIRST
    while day <= last:
        for step in range(STEPS_A_DAY):
            yield _midnight(day) + timedelta(hours=24 / STEPS_A_DAY * step)
        day += timedelta(days=1)
    # the end of the last day is when what was due on it is decided
    yield _midnight(day) + timedelta(hours=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _day(until: str | None) -> date:
    if until is None:
        return LAST
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise DemoRefused(f"--until: got {until!r}; expected a day such as 2026-02-15") from error
    if not FIRST <= day <= LAST:
        raise DemoRefused(f"--until: got {until}; expected a day from {FIRST} to {LAST}")
    return day


@contextmanager
def _assembled(clock: ManualClock, stack: ExitStack, keep: Path | None) -> Iterator[Assembly]:
    token = secrets.token_hex(20)
    netbox_token = f"nbt_{secrets.token_hex(6)}.{secrets.token_hex(20)}"
    jira = stack.enter_context(JiraSandbox(jira_quarter(), clock.now, token=token, user=JIRA_USER))
    netbox = stack.enter_context(NetBoxSandbox(netbox_quarter(), clock.now, token=netbox_token))
    prometheus = stack.enter_context(PrometheusSandbox(prometheus_quarter(), clock.now))
    if keep is None:
        keep = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "demo.db"
    elif keep.exists():
        raise DemoRefused(f"--keep: {keep} exists already; name a new file")
    for name, value in (("JIRA_USER", JIRA_USER), ("JIRA", token), ("NETBOX", netbox_token)):
        os.environ[f"SYNCD_DEMO_{name}"] = value
    # a sandbox that is down should not hold the quarter up for long
    limits = LimitsSetting(attempts=2, connect="2 s", read="30 s")
    installation = Installation(
        settings=Settings(
            mappings=shipped_mappings(),
            database_url=f"sqlite:///{keep}",  # type: ignore[arg-type]
            full_every="14 d",
        ),
        sources={
            "jira": SourceSetting(
                kind="jira",
                url=jira.url,
                user=Secret(env="SYNCD_DEMO_JIRA_USER"),
                token=Secret(env="SYNCD_DEMO_JIRA"),
                limits=limits,
            ),
            "netbox": SourceSetting(
                kind="netbox",
                url=netbox.url,
                token=Secret(env="SYNCD_DEMO_NETBOX"),
                limits=limits,
            ),
            "prometheus": SourceSetting(kind="prometheus", url=prometheus.url, limits=limits),
        },
        every=Every(default="6 h"),
    )
    assembly = assemble(installation, clock)
    try:
        yield assembly
    finally:
        assembly.close()


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


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    def told_to_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        stop.set()

    before = {
        number: signal.signal(number, told_to_stop) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
