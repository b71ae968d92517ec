"""`syncd demo`: a quarter replayed in lock-step, and its page."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from syncd.demo.quarter.days import FIRST_DAY, LAST_DAY, ZONE
from syncd.demo.stage import DemoRefused, Stage, moments, stage
from syncd.process import Assembly
from syncd.signals import obeying
from syncd.store.read import key_result_views
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from syncd.wording import duration

__all__ = ["DemoRefused", "run"]


def run(out: Console, *, listen: str, minutes: float, until: str | None, keep: Path | None) -> None:
    """Replays the quarter in `minutes`, or in what the machine needs for it, then serves its end
    until Ctrl-C or SIGTERM.

    `listen` is HOST:PORT of the page (another free port if it is taken); `until` stops the
    replay after that day; `keep` is where the store is left, else it is thrown away.
    Raises DemoRefused.
    """
    last = _day(until)
    stop = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(
            obeying({each: lambda _: stop.set() for each in (signal.SIGTERM, signal.SIGINT)})
        )
        on = stack.enter_context(stage(keep))
        host, _, port = listen.rpartition(":")
        web = WebServer(
            create_app(
                on.assembly.store,
                on.clock,
                own_metrics=on.assembly.instruments.registry,
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
        begun = time.monotonic()
        _replay(out, on, stop, last=last, minutes=minutes)
        if not stop.is_set():
            reached = on.clock.now().astimezone(ZONE)
            took = duration(round(time.monotonic() - begun))
            out.print(f"The replay has reached {reached:%d %B %Y} in {took}; still serving.")
            stop.wait()


def _replay(out: Console, on: Stage, stop: threading.Event, *, last: date, minutes: float) -> None:
    ahead = list(moments(last))
    pause = minutes * 60 / len(list(moments()))
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=out, transient=not out.is_terminal) as progress:
        task = progress.add_task("", total=len(ahead), told="")
        begun = time.monotonic()
        for number, moment in enumerate(ahead, 1):
            on.advance(moment)
            progress.update(
                task,
                advance=1,
                description=f"{moment.astimezone(ZONE):%d %b %H:%M}",
                told=_told(on.assembly),
            )
            # Steps at which nothing is measured are short, and make up for the others.
            if stop.wait(max(0.0, begun + number * pause - time.monotonic())):
                return


def _told(assembly: Assembly) -> str:
    with assembly.store.read() as connection:
        views = key_result_views(connection)
    tally = Counter(
        view.assessment.status.value.replace("_", " ") for view in views if view.assessment
    )
    return ", ".join(f"{count} {name}" for name, count in tally.most_common())


def _day(until: str | None) -> date:
    if until is None:
        return LAST_DAY
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise DemoRefused(f"--until: got {until!r}; expected a day such as 2026-02-15") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DemoRefused(f"--until: got {until}; expected a day from {FIRST_DAY} to {LAST_DAY}")
    return day
