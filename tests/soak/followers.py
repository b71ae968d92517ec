"""Who listens: a reader of the API that keeps nothing but its cursor, one of the stream, and one who
looks into the store all the while.
"""

from __future__ import annotations

import contextlib
import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from syncd.model.event import STATUS_KINDS
from syncd.store.engine import Store
from syncd.store.schema import events, key_results
from tests.plain import NO_TLS

_PATIENCE = 60.0
_LOOKS_SECONDS = 0.1


@dataclass
class Replay:
    """The feed, event by event, and the statuses that it leads to, by key."""

    ids: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def take(
        self, position: int, name: str, kind: str, key: str | None, before: Any, after: Any
    ) -> None:
        """The next event. Notes what cannot be: a gap, one that came before, a change that began
        from elsewhere than where the one before had left it.
        """
        if position != len(self.ids) + 1:
            self.faults.append(f"event {position} follows {len(self.ids)}")
        self.ids.append(name)
        status = (after or {}).get("status")
        if key is None or status is None:
            return
        left, was = self.statuses.get(key), (before or {}).get("status")
        if kind in STATUS_KINDS and (left != was or was == status):
            self.faults.append(f"event {position}: {key} from {was} to {status}, was told {left}")
        self.statuses[key] = status


def told_by(connection: sa.Connection) -> dict[str, str]:
    """The statuses that the store has as told, by key."""
    query = sa.select(key_results.c.key, key_results.c.told).where(key_results.c.told.is_not(None))
    return {row.key: row.told for row in connection.execute(query)}


@dataclass
class Follower:
    """Reads the API from wherever somebody serves it. All that it keeps is where it stands."""

    chance: random.Random
    replay: Replay = field(default_factory=Replay)
    cursor: str | None = None

    def catch_up(self, address: str) -> None:
        """Reads on to the end."""
        with httpx.Client(
            base_url=address, trust_env=False, timeout=_PATIENCE, verify=NO_TLS
        ) as client:
            while True:
                asked: dict[str, Any] = {"limit": self.chance.choice((1, 7, 100, 500))}
                if self.cursor is not None:
                    asked["after"] = self.cursor
                answer = client.get("/api/v1/events", params=asked)
                answer.raise_for_status()
                found = answer.json()
                for event in found["events"]:
                    self.replay.take(
                        event["position"],
                        event["id"],
                        event["kind"],
                        event["key_result"],
                        event["before"],
                        event["after"],
                    )
                if not found["events"]:
                    return
                self.cursor = found["next"]


def streamed(address: str, last: int, chance: random.Random) -> Replay:
    """The stream from its first event to the one at this position, left and resumed at random."""
    replay, cursor = Replay(), "0"
    with httpx.Client(
        base_url=address, trust_env=False, timeout=_PATIENCE, verify=NO_TLS
    ) as client:
        while len(replay.ids) < last:
            leaves_after = chance.randint(1, 400)
            headers = {"Last-Event-ID": cursor}
            with client.stream("GET", "/feed/stream", headers=headers) as answer:
                answer.raise_for_status()
                for line in answer.iter_lines():
                    if not line.startswith("data:"):
                        continue
                    event = json.loads(line.removeprefix("data:"))
                    replay.take(
                        event["position"],
                        event["id"],
                        event["kind"],
                        event["key_result"],
                        event["before"],
                        event["after"],
                    )
                    cursor = event["cursor"]
                    leaves_after -= 1
                    if not leaves_after or len(replay.ids) >= last:
                        break
    return replay


class Onlooker:
    """Looks into the store from outside while others write: whatever it sees, what is told must be
    what the feed leads to. A context manager.
    """

    def __init__(self, url: str) -> None:
        self._store = Store(url)
        self.replay = Replay()
        self.looks = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="soak-onlooker")

    def look(self) -> None:
        """One look, at one moment of the store."""
        with self._store.read() as connection:
            told_of = events.c.kind, events.c.key_result, events.c.before, events.c.after
            query = sa.select(events.c.position, events.c.id, *told_of)
            new = query.where(events.c.position > len(self.replay.ids)).order_by(events.c.position)
            for row in connection.execute(new):
                self.replay.take(*row)
            told = told_by(connection)
        self.looks += 1
        if told != self.replay.statuses:
            self.replay.faults.append(
                f"after event {len(self.replay.ids)} the store tells "
                f"{sorted(set(told.items()) ^ set(self.replay.statuses.items()))}"
            )

    def _go_on(self) -> None:
        while not self._stopping.wait(_LOOKS_SECONDS) and not self.replay.faults:
            # who restarts the database is a fault of the course, not of the feed
            with contextlib.suppress(sa.exc.DBAPIError):
                self.look()

    def __enter__(self) -> Onlooker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._store.close()
