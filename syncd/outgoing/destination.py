"""What a courier needs of whom it sends to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from syncd.model import Event

WEBHOOK = "webhook:"
NOTIFY = "notify:"
"""What stands before the name of a target in the outbox."""


class Undelivered(Exception):
    """An attempt failed; the message says why, in words and without secrets.

    `for_good`: trying again is useless. `away`: the target does not answer, so that nothing else
    should be tried either. `retry_after_seconds`: it asked to be left alone for so long.
    """

    def __init__(
        self,
        words: str,
        *,
        for_good: bool = False,
        away: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(words)
        self.for_good = for_good
        self.away = away
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class Chosen:
    """Which events a target gets: of these teams and kinds; empty: of all."""

    teams: Collection[str] = ()
    kinds: Collection[str] = ()

    def takes(self, event: Event) -> bool:
        """Whether the event is one of them. One that is about no team goes to whoever asks for its
        kind by name, and to who asks for no team.
        """
        if self.kinds and event.kind not in self.kinds:
            return False
        if not self.teams:
            return True
        return event.team in self.teams or (event.team is None and bool(self.kinds))


class Destination(Protocol):
    """Whom events are sent to. `attempts`: how often one is tried before it is given up;
    `seconds`: how long an attempt may take at most; `together`: what waits is sent as one;
    `once_an_outage`: of what a source keeps away it is told once, until the source answers again.
    """

    @property
    def name(self) -> str:
        """What it is called in the outbox."""
        ...

    @property
    def attempts(self) -> int:
        """How often a letter is tried."""
        ...

    @property
    def seconds(self) -> float:
        """The longest one attempt may take."""
        ...

    @property
    def together(self) -> bool:
        """Whether all that waits is sent as one."""
        ...

    @property
    def once_an_outage(self) -> bool:
        """Whether an outage is told once, however many key results turn stale by it."""
        ...

    def takes(self, event: Event) -> bool:
        """Whether it is to be sent at all."""
        ...

    def opens_at(self, events: Sequence[Event], now: datetime) -> datetime:
        """From when on these may be sent."""
        ...

    def send(self, events: Sequence[Event], now: datetime) -> None:
        """Sends them. Raises Undelivered."""
        ...
