"""`syncd events`: the feed in a terminal."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from syncd.cli.call import out, stop, stored

if TYPE_CHECKING:
    import sqlalchemy as sa

    from syncd.model import Event
    from syncd.store.engine import Store
    from syncd.store.feed import Wanted

POLL_SECONDS = 1.0
BATCH = 200


def events(
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as they are told, until Ctrl-C.")
    ] = False,
    kind: Annotated[list[str] | None, typer.Option(help="Of this kind; may be repeated.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="Of this team; may be repeated.")] = None,
    kr: Annotated[list[str] | None, typer.Option(help="Of this key result.")] = None,
    last: Annotated[int, typer.Option(min=0, max=10_000, help="How many of the past.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document a line.")] = False,
) -> None:
    """Prints what was told last, the newest at the end.

    Examples: [bold]syncd events --follow --team dcim[/bold],
    [bold]syncd events --last 500 --kind missed --json | jq -r .title[/bold]
    """
    from syncd.store.feed import newest, preceding

    with stored() as store:
        with store.read() as connection:
            wanted = _wanted(store, connection, kind or (), team or (), kr or ())
            position = newest(connection)
            found = preceding(connection, wanted, before=None, limit=last) if last else []
        _print(list(reversed(found)), as_json=as_json)
        if follow:
            try:
                _follow(store, wanted, position, as_json=as_json)
            except (KeyboardInterrupt, BrokenPipeError):
                return


def _follow(store: Store, wanted: Wanted, position: int, *, as_json: bool) -> None:
    import sqlalchemy as sa

    from syncd.store.feed import following, newest

    idle = threading.Event()
    while True:
        try:
            with store.read() as connection:
                found = following(connection, wanted, after=position, limit=BATCH)
                end = newest(connection)
        except sa.exc.DBAPIError:
            found, end = [], position  # it comes back, and nothing is missed
        _print(found, as_json=as_json)
        if len(found) == BATCH:
            position = found[-1].position or end
            continue
        position = end
        idle.wait(POLL_SECONDS)


def _wanted(
    store: Store,
    connection: sa.Connection,
    kinds: Sequence[str],
    teams: Sequence[str],
    key_results: Sequence[str],
) -> Wanted:
    from syncd.model import EventKind
    from syncd.store.clock import clock_of
    from syncd.store.feed import Wanted
    from syncd.store.naming import key_meant, words
    from syncd.wording import did_you_mean, nearest

    every = [one.value for one in EventKind]
    for kind in kinds:
        if kind not in every:
            near = nearest(kind, every)
            stop(f"--kind: got {kind!r}; expected " + (near or f"one of {', '.join(every)}"))
    keys = []
    now = clock_of(store).now()
    for named in key_results:
        key = key_meant(connection, named, now)
        if key is None:
            hint = did_you_mean(named, words(connection))
            stop(f"--kr: there is no key result {named!r}{hint}")
        keys.append(key)
    return Wanted(teams=tuple(teams), key_results=tuple(keys), kinds=tuple(kinds))


def _print(found: Sequence[Event], *, as_json: bool) -> None:
    from syncd.surfaces.event_documents import clipped, event_document

    for event in found:
        if as_json:
            sys.stdout.write(f"{json.dumps(event_document(event, ''), ensure_ascii=False)}\n")
            sys.stdout.flush()
            continue
        line = Text(f"{event.at:%Y-%m-%d %H:%M} ", style="dim")
        line.append(f"{event.kind.value:<18} ", style="bold")
        line.append(clipped(event.title, 160))
        out.print(line, soft_wrap=True)
        text = Text(f"{'':17}{clipped(event.text, 300)}", style="dim")
        out.print(text, soft_wrap=True)
